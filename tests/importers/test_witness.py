"""Who says what the original does."""

from __future__ import annotations

import re

from lrdsl.comparison import Row
from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import Column, Importer, Setting, Translation
from lrdsl.importers.proof import original, witness
from lrdsl.importers.trial import Trial


def _broken(setting: Setting, translation: Translation, steps: int) -> list[Row]:
    raise ModuleNotFoundError("No module named 'torchvision'")


def test_a_package_that_cannot_be_imported_leaves_its_formula() -> None:
    importer = Importer(
        "click",  # one that is installed wherever this runs
        versions=(),
        keys=(),
        find=lambda document: (),
        translate=lambda setting: Translation("const"),
        formula=lambda setting, translation, column: lambda t: column.base - t,
        compared=("1.0",),
        run=_broken,
    )
    setting = Setting("const", Fields({}, Trial()))
    values, by = original(importer, setting, Translation("const", columns=(Column("lr", 5),)), 3)
    assert values == [[5, 4, 3]]
    assert str(by) == "the formula of click 1.0"
    assert by.counts
    assert not by.ran


def test_a_package_of_another_name_is_told_with_what_is_written_out() -> None:
    importer = Importer(
        "a-trainer",
        versions=(),
        keys=(),
        find=lambda document: (),
        translate=lambda setting: Translation("const"),
        formula=lambda setting, translation, column: lambda t: 1.0,
        compared=("1.0",),
        run=_broken,
        by="click",
    )
    said = r"click \S+, with the part of a-trainer 1\.0 written out"
    for version in ("", "1.0"):
        assert re.fullmatch(said, str(witness(importer, version)))
    assert str(witness(importer, "2.0")) == "formula, not run"

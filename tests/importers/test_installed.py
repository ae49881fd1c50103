"""Definitions of installed packages, run by themselves; `make oracles` runs those of trainers."""

from __future__ import annotations

import pytest

from lrdsl.importers.fields import Fields, Unknown
from lrdsl.importers.installed import definitions, settings, stepped
from lrdsl.importers.trial import Trial


def test_what_a_definition_uses_of_its_file_is_run_with_it() -> None:
    found = definitions("PyYAML", "yaml/tokens.py", ["DirectiveToken"])
    token = found["DirectiveToken"]("YAML", (1, 2), None, None)
    assert isinstance(token, found["Token"])
    assert (token.name, token.value) == ("YAML", (1, 2))
    assert "DocumentStartToken" not in found


def test_what_it_imports_is_given() -> None:
    given = {"MarkedYAMLError": ValueError}
    found = definitions("PyYAML", "yaml/composer.py", ["ComposerError"], given)
    assert issubclass(found["ComposerError"], ValueError)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("yaml/tokens.py", "Missing"),
        ("yaml/missing.py", "Token"),
        ("yaml/composer.py", "ComposerError"),  # what it inherits from is in another file
    ],
)
def test_another_version_of_a_package_is_not_run(file: str, name: str) -> None:
    with pytest.raises(ImportError):
        definitions("PyYAML", file, [name])


def test_light_imports_are_made() -> None:
    given = {"BaseConstructor": object, "ConstructorError": ValueError}
    found = definitions("PyYAML", "yaml/constructor.py", ["SafeConstructor"], given)
    assert found["SafeConstructor"].timestamp_regexp.match("2024-01-01")  # by `re`


def test_settings_are_plain() -> None:
    values = {
        "eps": "1e-5", "warmup": Unknown("args.warmup"), "kind": "linear", "cycle": "true",
        "steps": [30, "80"], "left": 1, "nothing": None, "inner": Fields({}, Trial()),
    }  # fmt: skip
    assert settings(Fields(values, Trial()), ("left",)) == {
        "eps": 1e-5, "warmup": 10, "kind": "linear", "cycle": True, "steps": [30, 80],
    }  # fmt: skip


def test_a_scheduler_that_raises_ends_there() -> None:
    class Owner:
        param_groups = [{"lr": 1.0, "betas": (0.9, 0.99)}]  # noqa: RUF012

        def step(self) -> None:
            """Changes nothing."""

    left = iter([0.5, 0.25])

    def step() -> None:
        if (rate := next(left, None)) is None:
            raise ValueError("it is over")
        Owner.param_groups[0]["lr"] = rate

    rows = stepped(Owner(), step, 9, ["lr", "beta1", "beta2"])
    assert rows == [[1.0, 0.9, 0.99], [0.5, 0.9, 0.99], [0.25, 0.9, 0.99]]

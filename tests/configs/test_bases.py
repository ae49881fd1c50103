"""``_BASE_`` and ``_base_``: what fvcore and mmengine made of them (tests/oracles/bases)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.configs.test_composing import composition, plain
from tests.oracles.bases.cases import CASES, REFUSED, STORE, put

WANTED = json.loads(STORE.read_text("utf-8"))


def test_every_case_was_asked() -> None:
    assert WANTED.keys() == CASES.keys()


@pytest.mark.parametrize("name", CASES)
def test_a_config_is_what_its_program_makes_of_it(tmp_path: Path, name: str) -> None:
    path = put(CASES[name], tmp_path)
    # References stay in the folder of the config unless the current one is further up.
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        found = composition(path.relative_to(tmp_path))
    (root,) = found.roots
    assert found.notes == ()
    assert [fault.slug for fault in found.faults] == ["bad-reference"] * (WANTED[name] == REFUSED)
    if not found.faults:
        assert plain(root) == WANTED[name]

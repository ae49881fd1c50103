"""The scripts of examples/ that train with Lightning and transformers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scripts import TRAINERS, last_line


@pytest.mark.parametrize("script", TRAINERS)
def test_a_script_works_without_a_warning(script: str, tmp_path: Path) -> None:
    assert last_line(script, tmp_path) == TRAINERS[script]

"""Configs with many schedules: the work is in proportion to their number, counted in calls."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from lrdsl.cli import main

# What one schedule of a config looks like; `{}` is its number.
ITEMS = {
    "fine.yaml": "a{}:\n  schedule: warmup({}) >> cosine(20, 0.3, 0.1) >> const\n",
    "wrong.yaml": "a{}:\n  schedule: warmup({}) >> cosin(20)\n",
    "block.yaml": "a{}:\n  schedule: |\n    warmup({})  # x\n    >> cosine(20, 0.3)\n",
    "swallowed.yaml": "a{}:\n  schedule: >\n    warmup({})  # x\n    >> cosine(20, 0.3)\n",
    "split.yaml": "a{}: {{schedule: points([0, {}], [1, 0])}}\n",
    "table.yaml": "a{}:\n  schedule: {{x: {}}}\n",
    "call.yaml": "a{}:\n  _target_: lrdsl.compile\n  source: linear({})\n  totl: 3\n",
    "fine.toml": "[a{}]\nschedule = 'warmup({}) >> cosine(20, 0.3, 0.1) >> const'\n",
}


def calls(path: Path, item: str, n: int) -> int:
    """How many functions are called to check a config with so many schedules."""
    path.write_text("".join(item.format(i, i) for i in range(1000, 1000 + n)))
    count = 0

    def counted(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    typed = ["check", str(path), "--key", "*.schedule"]
    outer = sys.getprofile()
    sys.setprofile(counted)
    try:
        done = CliRunner().invoke(main, typed)
    finally:
        sys.setprofile(outer)
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return count


@pytest.mark.parametrize("name", ITEMS)
def test_twice_as_many_are_twice_the_work(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    calls(path, ITEMS[name], 2)  # which imports, and builds the parser
    few, many = calls(path, ITEMS[name], 40), calls(path, ITEMS[name], 80)
    assert few > 4_000
    assert many <= 2.1 * few

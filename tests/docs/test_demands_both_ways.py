"""Every text of docs/explanation/demands.md, as a string in Python and as a file for commands."""

from __future__ import annotations

import re

import pytest
from torch.optim import AdamW

import lrdsl
from lrdsl.resolve.run_arguments import RunArguments
from tests.cli.conftest import Run, Write, run, write
from tests.docs.demands import TEXTS, group

__all__ = ["run", "write"]

ALL = [(number, *each) for number, texts in TEXTS.items() for each in texts]
# The groups that selectors name, and a number for `own`.
NAMES = ["muon", "norm", "embed.a", "layers.0.a", "layers.11.a", "head"]
each_text = pytest.mark.parametrize(
    ("number", "text", "arguments"),
    ALL,
    ids=[f"{number}-{i}" for i, (number, _, _) in enumerate(ALL)],
)


@each_text
def test_a_string_is_compiled(number: int, text: str, arguments: RunArguments) -> None:
    optimizer = AdamW([group(name, lr_scale=0.5) for name in NAMES], lr=0.001)
    scheduler = lrdsl.compile(text, optimizer, lint="off", **arguments)
    program = lrdsl.parse(text).for_groups(NAMES)
    schedules = program.resolve_all(**arguments)
    for _ in range(20):
        optimizer.step()
        scheduler.step()
    assert dict(scheduler.scalars) == {name: s(20) for name, s in schedules.scalars.items()}
    if set(schedules) == {"lr"} and "own" not in text:
        assert set(scheduler.get_last_lr()) == {schedules["lr"](20, base=0.001)}


@each_text
def test_the_commands_take_a_file(
    number: int, text: str, arguments: RunArguments, run: Run, write: Write
) -> None:
    file = write("schedule.lrs", text)
    options = [
        f"--{name.replace('_', '-')}={value}"
        for name, values in arguments.items()
        for value in (
            [f"{k}={v}" for k, v in values.items()] if isinstance(values, dict) else [values]
        )
    ]
    checked = run("check", "--strict", file, *options)
    assert (checked.output, checked.exit_code) == ("", 0)
    assert run("fmt", "--check", file).exit_code == 0
    drawn = run("preview", file, *options, COLUMNS="80")
    assert drawn.exit_code == 0
    assert [line for line in drawn.stderr.splitlines() if not line.startswith("note: ")] == []
    assert [line for line in drawn.stdout.splitlines() if len(line) > 80] == []
    explained = run("explain", file, *options)
    assert explained.exit_code == 0
    assert re.search(r"(?m)[a-z]+ .*\.$", explained.stdout)
    assert run("diff", file, write("same.lrs", text), *options).exit_code == 0
    other = write("other.lrs", "lr: const(value = 0.123)\n")
    assert run("diff", file, other, *options).exit_code == 1

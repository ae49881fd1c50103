"""Everything else that comes from outside: options, recorded metrics, names of groups, numbers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from torch.optim import SGD

import lrdsl
from lrdsl import limits
from lrdsl.cli import main

pytestmark = pytest.mark.timeout(60)

NINES = "9" * 5000
CONST = ("-e", "param a = 1 const(5tok, a)", "--per-step", "tok=0.5")
# What is typed, and a piece of what is said then.
OPTIONS = {
    "set of many digits": ((*CONST, "--param", f"a={NINES}"), "LRS310"),
    "set of NUL": ((*CONST, "--param", "a=\0"), "LRS310"),
    "set of a lone surrogate": ((*CONST, "--param", "a=\udcff"), "LRS310"),
    "set of code": ((*CONST, "--param", "a=__import__('os')"), "LRS310"),
    "set of a large exponent": ((*CONST, "--param", "a=1e400"), "LRS310"),
    "set of a name that is none": ((*CONST, "--param", "\udcff=1"), "LRS212"),
    "unit of many digits": ((*CONST[:2], "--per-step", f"tok={NINES}"), "LRS310"),
    "unit that is no number": ((*CONST[:2], "--per-step", "tok=nan"), "LRS310"),
    "unit without end": ((*CONST[:2], "--per-step", "tok=inf"), "LRS310"),
    "unit that is large": ((*CONST[:2], "--per-step", "tok=1e-308"), "LRS308"),
    "unit with a name that is none": ((*CONST, "--per-step", "\x1b[31m=1"), "LRS310"),
    "total of many digits": ((*CONST, "--total", NINES), "LRS310"),
    "total below 0": ((*CONST, "--total", "-5"), "LRS310"),
    "total that is large": (
        (*CONST, "--total", "1e308ep", "--steps-per-epoch", "1e308"), "LRS308"
    ),
    "epoch that is no number": ((*CONST, "--steps-per-epoch", "nan"), "LRS310"),
    "expression with NUL": (("-e", "const(\0)"), "LRS103"),
    "expression with a lone surrogate": (("-e", "const(\udcff)"), "LRS103"),
    "expression of nothing": (("-e", ""), "LRS111"),
}  # fmt: skip


@pytest.mark.parametrize("case", OPTIONS)
def test_what_is_said_of_an_option(case: str) -> None:
    typed, said = OPTIONS[case]
    found = CliRunner().invoke(main, ["check", *typed])
    assert (type(found.exception), found.exit_code) == (SystemExit, 1)
    assert said in found.output
    assert len(found.output) < 2000
    assert "\x1b" not in found.output


def test_the_name_of_a_file_may_be_no_text(tmp_path: Path) -> None:
    path = tmp_path / "x\udcff.lrs"
    try:
        path.write_text("const(", "utf-8")
    except OSError:
        pytest.skip("this system has no such names")
    found = CliRunner().invoke(main, ["check", str(path), str(path) + "?"])
    assert found.exit_code == 2
    assert "LRS102" in found.output


PLATEAU = "const(5) * plateau() >> const * plateau(0.5)"
# A recorded metric, and a piece of what is said then; nothing where it is drawn.
METRICS = {
    "a large field": (b"1," + b"9" * 200_000, "it is no CSV"),
    # Python 3.10 does not read such a line.
    "NUL": (b"1,2\0\n", "is no"),
    "invalid UTF-8": (b"1,\xff\n", "decode"),
    "a step of many digits": (NINES.encode() + b",1\n", "is no step and metric"),
    "a step beyond counting": (b"9" * 400 + b",1\n", "no step from 0 to 2^53"),
    "a step below 0": (b"step,loss\n-5,1\n", "no step from 0 to 2^53"),
    "steps that descend": (b"5,1\n4,1\n", "do not ascend"),
    "a long row": (b"1," * 50_000, "is no step and metric"),
    "metrics that are no numbers": (b"step,loss\n5,nan\n10,inf\n15,-inf\n", ""),
    "the last step": (b"%d,1\n" % limits.STEPS, ""),
    "nothing": (b"", ""),
}


@pytest.mark.parametrize("case", METRICS)
def test_what_is_said_of_a_recorded_metric(case: str, tmp_path: Path) -> None:
    data, said = METRICS[case]
    path = tmp_path / "metric.csv"
    path.write_bytes(data)
    found = CliRunner().invoke(main, ["preview", "-e", PLATEAU, "--metric", str(path)])
    assert found.exception is None or isinstance(found.exception, SystemExit)
    assert found.exit_code == (2 if said else 0)
    assert said in found.output
    assert len(found.output) < 20_000


PATTERNS = [
    "*a" * 90 + "b",
    "*[a]" * 49 + "b",
    "?" * 190,
    "*" * 190 + "b",
    "[!a-" * 40,
    "*a?" * 60 + "b",
]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_of_groups_is_quick_to_fail(pattern: str) -> None:
    parameter = torch.nn.Parameter(torch.zeros(1))
    optimizer = SGD([{"params": [parameter], "name": "a" * 100_000}], lr=0.1)
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.compile(f'lr["{pattern}"]: const', optimizer)
    assert "unknown-group" in {d.slug for d in caught.value.diagnostics}


def circular() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


ARGUMENTS: dict[str, dict[str, Any]] = {
    "a huge total": {"total": 10**5000},
    "a total of many digits": {"total": NINES},
    "a total that is no number": {"total": math.nan},
    "a total that is a list in itself": {"total": circular()},
    "a huge epoch": {"steps_per_epoch": 10**5000},
    "a unit that is a list in itself": {"per_step": {"tok": circular()}},
    "a huge unit": {"per_step": {"tok": 10**400}},
    "a unit whose name is no text": {"per_step": {7: 1}},
    "units that are none": {"per_step": 7},
    "a param beyond floats": {"params": {"a": "1e308M"}},
    "a total beyond floats": {"total": "1e308M"},
    "a total of epochs beyond floats": {"total": "1e308Mep", "steps_per_epoch": "1e308M"},
    "a huge param": {"params": {"a": 10**5000}},
    "a param that is text": {"params": {"a": "x" * 10**6}},
    "a param whose name is no text": {"params": {None: 1}},
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_what_is_said_of_an_argument(case: str) -> None:
    program = lrdsl.parse("param a = 1 const(5, a)")
    with pytest.raises(lrdsl.LrsError) as caught:
        program.resolve(**ARGUMENTS[case])
    assert {d.code for d in caught.value.diagnostics} <= {"LRS310", "LRS308", "LRS212"}
    assert len(str(caught.value)) < 2000


def test_warnings_are_counted_up_to_a_limit() -> None:
    text = "".join(f"let a{i} = 1\n" for i in range(200)) + "const(5)"
    found = CliRunner().invoke(main, ["check", "-e", text])
    assert found.output.count("LRS610 unused-name") == limits.ERRORS
    assert found.output.count("LRS113 too-many-errors") == 1

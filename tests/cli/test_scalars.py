"""Scalars on the command line: checked, drawn, compared and explained like any other target."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run, Write

TEXT = """\
scalar kl_weight: warmup(4, end = 1) >> const
scalar bias: linear(10, -10, 0) >> const
lr: cosine(20)
"""


def test_values_below_0_are_written_to_files(run: Run, write: Write, tmp_path: Path) -> None:
    name, path = write("a.lrs", TEXT), tmp_path / "a.csv"
    assert run("preview", name, "--base", "0.1", "-o", str(path)).exit_code == 0
    head, *rows = csv.reader(path.read_text(encoding="utf-8").splitlines())
    assert head == ["step", "kl_weight", "bias", "lr"]
    assert [float(row[1]) for row in rows[:6]] == [0, 0.25, 0.5, 0.75, 1, 1]
    assert [float(row[2]) for row in rows[:11]] == [float(t - 10) for t in range(11)]
    path = tmp_path / "a.json"
    assert run("preview", name, "-o", str(path)).exit_code == 0
    found = json.loads(path.read_text(encoding="utf-8"))["curves"]
    assert [curve["target"] for curve in found] == ["kl_weight", "bias", "lr"]
    assert found[1]["values"][:3] == [-10, -9, -8]


@pytest.mark.parametrize("options", [(), ("--log",)], ids=["fitting axis", "logarithmic axis"])
def test_each_is_drawn_in_a_chart_of_its_own(run: Run, write: Write, options: tuple[str]) -> None:
    done = run("preview", write("a.lrs", TEXT), *options)
    assert done.exit_code == 0
    assert re.findall(r"^(\w+):$", done.stdout, re.MULTILINE) == ["kl_weight", "bias", "lr"]
    assert re.search(r"^linear +0 +10 +-10 +0$", done.stdout, re.MULTILINE)
    assert "bias, base" not in done.stdout


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_pictures(run: Run, write: Write, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.{suffix}"
    assert run("preview", write("a.lrs", TEXT), "-o", str(path)).exit_code == 0
    found = path.read_bytes()
    assert found.startswith(b"\x89PNG") if suffix == "png" else b">kl_weight</text>" in found


def test_what_differs(run: Run, write: Write) -> None:
    new = TEXT.replace("-10, 0", "-10, -2").replace("kl_weight", "beta")
    done = run("diff", write("old.lrs", TEXT), write("new.lrs", new))
    assert done.exit_code == 1
    assert done.output.partition("\n\n")[0].splitlines()[2:] == [
        "kl_weight: no scalar any more",
        "bias: the same before step 1, where -9 becomes -9.2",
        "lr: the same at every step, for a base of 1",
        "beta: a new scalar",
    ]
    same = run("diff", write("old.lrs", TEXT), write("new.lrs", TEXT + "# again"))
    assert same.exit_code == 0


def test_in_words(run: Run, write: Write) -> None:
    assert run("explain", write("a.lrs", TEXT)).stdout.splitlines()[:4] == [
        "kl_weight: warms up from 0 to 1 over 4 steps,",
        "    then holds 1 forever.",
        "bias: goes in a straight line from -10 to 0 over 10 steps,",
        "    then holds 0 forever.",
    ]


def test_a_scalar_has_no_base_to_be_given(run: Run, write: Write) -> None:
    done = run("explain", write("a.lrs", TEXT), "--base", "bias=3")
    assert done.exit_code == 2
    assert "nothing here drives `bias`; it drives `lr`" in done.output
    done = run("explain", "-e", "scalar x: linear(5, 1, 0)", "--base", "x=3")
    assert "nothing here drives `x`; a `scalar` has no base" in done.output


@pytest.mark.parametrize(
    "text",
    [
        "scalar kl: warmup(5ep) >> const",
        "scalar kl: linear(10%)",
        "scalar kl: linear(2Btok, base, 0)",
    ],
)
def test_a_missing_base_is_found_without_a_run(run: Run, text: str) -> None:
    done = run("check", "-e", text)
    assert re.findall(r"^error\[LRS\d+ ([a-z-]+)\]", done.stdout, re.MULTILINE) == [
        "base-in-scalar"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "scalar temperature: const(10%, 1000) >> linear(20%, prev, 1) >> const",
        "scalar kl: repeat(over(25%, linear(50%, 0, 1) >> const), 4)",
        "scalar kl: warmup(80%, 1, 0) >> const",
        "scalar batch: stairs([400, 600], [256, 512, 1024])",
        "scalar epsilon: exponential(1.01, start = 1e-3)",
        "scalar wd: const(10%, 0) >> linear(10%, 1, 2) >> const(value = -5)",
        "scalar learning_rate: linear(rest, 0, -1) + linear(rest, 0, 5)",
        "eps: linear(rest, -1, 1)  lr: const",
    ],
)
def test_what_is_odd_for_a_rate_is_no_finding_in_a_scalar(run: Run, text: str) -> None:
    done = run("check", "-e", text, "--total", "1000", "--strict")
    assert (done.output, done.exit_code) == ("", 0)


def test_a_run_that_is_longer_than_a_scalar_is_found(run: Run) -> None:
    done = run("check", "-e", "scalar kl: linear(100, 0, 1)", "--total", "1000")
    assert "LRS603" in done.stdout and "a kl of 1 is held for 900" in done.stdout

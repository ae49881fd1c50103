"""`lrdsl diff` as a gate: its status, its JSON, its tolerance, and what it is given."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import lrdsl
from lrdsl.cli.commands.diff import VERSION
from tests.cli.conftest import OLD, Endpoints, Run, Write

SCHEMA = Path(lrdsl.__file__).parents[1] / "docs" / "reference" / "diff.schema.json"


def schema() -> Any:
    return json.loads(SCHEMA.read_text("utf-8"))


Gate = Callable[..., tuple[dict[str, Any], int]]


@pytest.fixture
def gate(run: Run, write: Write) -> Gate:
    """What is written of two texts as JSON, which its schema describes, and the status."""

    def written(old: str, new: str, *options: str) -> tuple[dict[str, Any], int]:
        names = write("old.lrs", old), write("new.lrs", new)
        done = run("diff", *names, "--format", "json", *options)
        document: dict[str, Any] = json.loads(done.stdout)
        Draft202012Validator(schema()).validate(document)
        words = run("diff", *names, *options)
        assert words.exit_code == done.exit_code
        return document, done.exit_code

    return written


def test_the_schema_is_of_this_version_and_complete(gate: Gate) -> None:
    Draft202012Validator.check_schema(schema())
    assert schema()["properties"]["version"]["const"] == VERSION
    assert schema()["$id"] == f"urn:lrdsl:diff:{VERSION}"
    document, _ = gate(OLD, OLD, "--at", "5")
    assert set(document) == set(schema()["properties"])
    target = schema()["$defs"]["target"]["properties"]
    assert set(document["targets"][0]) == set(target)


@pytest.mark.parametrize("broken", [{"version": 2}, {"targets": [{}]}, {"more": 1}, {"at": -1}])
def test_the_schema_refuses_other_documents(gate: Gate, broken: dict[str, Any]) -> None:
    good, _ = gate(OLD, OLD)
    validator = Draft202012Validator(schema())
    assert validator.is_valid(good)
    assert not validator.is_valid(good | broken)


def test_the_difference_as_json(gate: Gate) -> None:
    document, code = gate("linear(10, 0.2)", "linear(10, 0.2) * const(value = 0.5)")
    assert code == 1
    assert document == {
        "version": 1,
        "lrdsl": lrdsl.__version__,
        "old": "old.lrs",
        "new": "new.lrs",
        "tolerance": 1e-12,
        "at": None,
        "same": False,
        "past_unchanged": None,
        "targets": [
            {
                "target": "lr",
                "base": None,
                "only_in": None,
                "same": False,
                "old_length": 10,
                "new_length": 10,
                "first": {"step": 0, "old": 0.2, "new": 0.1},
                "after_events": None,
                "same_metric_rules": True,
                "sampled": False,
            }
        ],
    }


@pytest.mark.parametrize(
    ("old", "new", "at", "past"),
    [
        ("linear(10, 0.2)", "linear(10, 0.2)", 5, (True, None, None)),
        # Line by line: another end, another start, and no past at all.
        ("linear(10, 0.2)", "linear(8, 0.2, 0.04) >> const", 9, (True, None, None)),
        ("linear(10, 0.2)", "linear(8, 0.2, 0.04) >> const", 10, (False, 9, None)),
        ("linear(10, 0.2)", "linear(9, 0.2)", 0, (True, None, None)),
        ("linear(10, 0.2)", "linear(9, 0.2)", 1, (True, None, None)),
        ("linear(10, 0.2)", "linear(9, 0.2)", 2, (False, 1, None)),
        # A base of 1 is one of many.
        ("linear(9)", "linear(9, 1)", 3, (False, 0, None)),
        # What a metric did is not known.
        ("const * plateau()", "const * plateau(patience = 3)", 1, (False, None, None)),
        ("const(10) >> const * plateau()", "const(10) >> const", 10, (True, None, None)),
        ("const(10) >> const * plateau()", "const(10) >> const", 11, (False, None, None)),
        # Nor when an event was.
        (
            'until(signal("x"), const) >> linear(4)',
            'until(signal("x"), const) >> linear(5)',
            4,
            (False, 1, {"x": 0}),
        ),
        (
            'const(10) >> until(signal("x"), const) >> linear(4)',
            'const(10) >> until(signal("x"), const) >> linear(5)',
            10,
            (True, None, None),
        ),
        ("lr: const", "lr: const  scalar kl: linear(4, 0, 1)", 0, (True, None, None)),
        ("lr: const", "lr: const  scalar kl: linear(4, 0, 1)", 1, (False, 0, None)),
    ],
)
def test_the_past_decides_the_status(
    gate: Gate, old: str, new: str, at: int, past: tuple[Any, ...]
) -> None:
    document, code = gate(old, new, "--at", str(at))
    found = document["targets"][-1]["past"]
    assert (found["unchanged"], found["first"], found["after_events"]) == past
    assert (document["past_unchanged"], code) == (past[0], 0 if past[0] else 1)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            "const * plateau()",
            "const * plateau(patience = 3)",
            "  the past may have changed: a metric that was measured changes it by other rules",
        ),
        (
            'until(signal("x"), const) >> linear(4, 1)',
            'until(signal("x"), const) >> linear(5, 1)',
            "  the past may have changed: updates from step 1 on used other values after `x` at"
            " step 0",
        ),
        (
            "lr: const",
            "lr: const  scalar kl: linear(4, 0, 1)",
            "  the past has changed: updates before step 4 had no such scalar",
        ),
        (
            "lr: const  scalar kl: linear(4, 0, 1)",
            "lr: const",
            "  the past has changed: updates before step 4 had this scalar",
        ),
    ],
)
def test_a_past_that_is_not_certain_is_said(
    words: Endpoints, old: str, new: str, line: str
) -> None:
    lines, code = words(old, new, "--at", "4")
    assert line in lines
    assert code == 1


def test_one_target_with_another_past_is_enough(gate: Gate) -> None:
    text = "lr: linear(10, 0.2)  momentum: linear(10, 0.9, {})"
    document, code = gate(text.format(0.8), text.format(0.7), "--at", "5")
    assert [target["past"]["unchanged"] for target in document["targets"]] == [True, False]
    assert (document["past_unchanged"], code) == (False, 1)


def test_the_takeover_as_json(gate: Gate) -> None:
    document, code = gate(
        "const(5, 0.2) >> const", "const(5, 0.2) >> const(value = 0.1)", "--at", "5"
    )
    (target,) = document["targets"]
    assert target["takeover"] == {"step": 5, "old": 0.2, "new": 0.1}
    assert (target["same"], code) == (False, 0)
    assert (target["old_length"], target["new_length"]) == (None, None)


def test_what_differs_after_events_as_json(gate: Gate) -> None:
    old, new = (f'until(signal("x"), const) >> linear({n})' for n in (4, 5))
    document, code = gate(old, new)
    (target,) = document["targets"]
    assert (target["same"], target["first"], code) == (False, None, 1)
    assert target["after_events"] == {"events": {"x": 0}, "first": 1}


def test_the_tolerance_is_a_share_of_the_peak(gate: Gate, words: Endpoints) -> None:
    old, new = "linear(10, 0.5) >> const(value = 0)", "linear(10, 0.5) >> const(value = 0.001)"
    assert gate(old, new)[1] == 1
    assert gate(old, new, "--tolerance", "0.0019")[1] == 1
    document, code = gate(old, new, "--tolerance", "0.0021")
    assert (document["tolerance"], document["same"], code) == (0.0021, True, 0)
    assert words(old, new, "--tolerance", "0.0021") == (["lr: the same at every step"], 0)
    lines, code = words(old, new, "--tolerance", "0.0021", "--at", "12")
    assert (lines[1:], code) == (
        [
            "  the past is unchanged: every update before step 12 used the same value",
            "  at step 12 nothing jumps: it is 0.001 in both",
        ],
        0,
    )


def test_a_schedule_that_is_new_as_json(run: Run, write: Write) -> None:
    name = write("new.lrs", "linear(10, 0.2)")
    document = json.loads(run("diff", os.devnull, name, "--format", "json").stdout)
    Draft202012Validator(schema()).validate(document)
    (target,) = document["targets"]
    assert (document["same"], target["only_in"], target["old_length"]) == (False, "new", None)
    assert run("diff", os.devnull, name, "--at", "0").exit_code == 0
    assert run("diff", os.devnull, name, "--at", "1").exit_code == 1


def test_the_past_on_a_clock(gate: Gate) -> None:
    run, old = "run clock = tok, 1st = 10tok  ", "linear(100tok, 0.2)"
    new = "until(50tok, linear(100tok, 0.2)) >> const"
    assert gate(run + old, run + new, "--at", "6")[1] == 0
    assert gate(run + old, run + new, "--at", "7")[1] == 1


@pytest.mark.parametrize("share", ["-1", "nan", "inf", "x"])
def test_a_tolerance_that_is_no_share(run: Run, write: Write, share: str) -> None:
    name = write("old.lrs", OLD)
    assert run("diff", name, name, "--tolerance", share).exit_code == 2


def test_errors_are_not_part_of_the_json(run: Run, write: Write) -> None:
    done = run("diff", write("old.lrs", OLD), write("new.lrs", "cosin(5)"), "--format", "json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "error[LRS201" in done.stderr


def test_a_schedule_on_the_command_line(run: Run, write: Write) -> None:
    name = write("old.lrs", OLD)
    done = run("diff", name, "-e", OLD)
    assert done.output == f"--- old.lrs\n+++ {OLD}lr: the same at every step\n"
    assert run("diff", "-e", "linear(5)", "-e", "linear(6)").exit_code == 1
    assert run("diff", "-e", "linear(5)", "-e", "poly(5, power = 1)").exit_code == 0
    document = json.loads(run("diff", name, "-e", "linear(5)", "--format", "json").stdout)
    assert (document["old"], document["new"]) == ("old.lrs", "linear(5)")
    for arguments in (["-e", OLD], [name, name, "-e", OLD], [name, "-e", OLD, "-e", OLD]):
        done = run("diff", *arguments)
        assert done.exit_code == 2
        assert "Give two schedules, OLD and NEW" in done.output

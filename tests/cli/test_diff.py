"""`lrdsl diff`: what it says of two files, its status, and how git calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import lrdsl
from lrdsl.cli.commands.diff import VERSION
from tests.cli.conftest import Run, Write
from tests.cli.process import environment

OLD = "warmup(5) >> cosine(20, 0.3, 0.01) >> const\n"


Endpoints = Callable[..., tuple[list[str], int]]


@pytest.fixture
def words(run: Run, write: Write) -> Endpoints:
    """What is said of two texts, without the chart, and the status."""

    def said(old: str, new: str, *options: str) -> tuple[list[str], int]:
        done = run("diff", write("old.lrs", old), write("new.lrs", new), *options)
        lines = done.output.partition("\n\n")[0].splitlines()
        assert lines[:2] == ["--- old.lrs", "+++ new.lrs"], done.output
        return lines[2:], done.exit_code

    return said


def test_the_same_curve_spelled_in_another_way(words: Endpoints) -> None:
    new = "let peak = 0.3\n# a comment\nwarmup(5, 0, peak) >> (cosine(20, peak, 0.01)) >> const"
    assert words(OLD, new) == (["lr: the same at every step"], 0)


def test_the_first_step_that_differs(words: Endpoints) -> None:
    assert words(OLD, "warmup(5) >> cosine(20, 0.3, 0.02) >> const") == (
        ["lr: the same before step 6, where 0.298215 becomes 0.298276"],
        1,
    )
    assert words(OLD, "warmup(5, 0.1) >> cosine(20, 0.3, 0.01) >> const") == (
        ["lr: not the same from the first update on, where 0 becomes 0.1"],
        1,
    )


def test_a_past_that_is_unchanged_and_the_jump(words: Endpoints) -> None:
    new = "warmup(5) >> cosine(20, 0.3, 0.01) >> const(5) >> const(value = 0.005)"
    assert words(OLD, new, "--at", "30") == (
        [
            "lr: the same before step 30, where 0.01 becomes 0.005",
            "  the past is unchanged: every update before step 30 used the same value",
            "  at step 30 it jumps from 0.01 to 0.005, by a factor of 0.5",
        ],
        0,
    )


def test_a_past_that_has_changed(words: Endpoints) -> None:
    lines, code = words(OLD, "warmup(4) >> cosine(20, 0.3, 0.01) >> const", "--at", "100")
    assert lines[1:] == [
        "  the past has changed: updates from step 1 on used other values",
        "  at step 100 nothing jumps: it is 0.01 in both",
    ]
    assert code == 1


def test_the_step_of_the_change_is_no_past(words: Endpoints) -> None:
    new = "warmup(5) >> cosine(20, 0.3, 0.01) >> const(5) >> const(value = 0.005)"
    for at, unchanged in ((0, True), (30, True), (31, False)):
        lines, _ = words(OLD, new, "--at", str(at))
        assert ("unchanged" in lines[1]) == unchanged


def test_a_past_is_proved_on_parts_and_not_sampled(words: Endpoints) -> None:
    old = "cosine(1000B, 0.1) >> const"
    new = "cosine(1000B, 0.1) >> const(1) >> linear(9, 0.1) >> const"
    assert words(old, new, "--at", "1000000000000")[0] == [
        "lr: the same before step 1,000,000,000,001, where 0 becomes 0.1",
        "  the past is unchanged: every update before step 1,000,000,000,000 used the same value",
        "  at step 1,000,000,000,000 nothing jumps: it is 0 in both",
    ]


def test_what_was_compared_in_places_only_is_said_to_be(words: Endpoints) -> None:
    lines, code = words("linear(11M, 0.2)", "0.2 * poly(11M, 1)")
    assert (lines[0], code) == ("lr: the same at every step", 0)
    assert lines[1].endswith("longer than 1,000,000 steps were compared in some places only")


def test_lengths_that_differ(words: Endpoints) -> None:
    lines, _ = words("linear(9, 0.2)", "linear(9, 0.2) >> const")
    assert lines == ["lr: the same at every step", "  it lasted 9 steps, and lasts forever now"]


def test_every_target_is_compared(words: Endpoints) -> None:
    old = f"lr: {OLD}momentum: linear(9, 0.9, 0.8)\nweight_decay: linear(9, 0.1)"
    lines, code = words(old, old.replace("0.8", "0.7"))
    assert lines == [
        "lr: the same at every step",
        "momentum: the same before step 1, where 0.888889 becomes 0.877778",
        "weight_decay: the same at every step",
    ]
    assert code == 1


def test_what_is_the_same_for_one_base_by_chance_is_not_the_same(words: Endpoints) -> None:
    assert words("linear(9)", "linear(9, 1)") == (
        ["lr: not the same from the first update on, where 0.37 becomes 1, for a base of 0.37"],
        1,
    )
    assert words("linear(9)", "linear(9, 1)", "--base", "1") == (
        ["lr: the same at every step, for a base of 1"],
        0,
    )
    assert words("linear(9)", "linear(9, base, 0)")[1] == 0


def test_a_past_that_is_the_same_for_one_base_by_chance_has_changed(words: Endpoints) -> None:
    new = "linear(9, 1) >> const(value = 0.5)"
    lines, _ = words("linear(9)", new, "--at", "9")
    assert lines[0] == "lr: the same before step 9, where 0 becomes 0.5, for a base of 1"
    assert "  the past has changed: updates from step 0 on used other values" in lines
    lines, _ = words("linear(9)", new, "--at", "9", "--base", "1")
    assert "  the past is unchanged: every update before step 9 used the same value" in lines


def test_a_target_that_was_left_alone(words: Endpoints) -> None:
    lines, code = words("lr: const", "lr: const  momentum: const(value = 0.9)")
    assert lines[1:] == [
        "momentum: not the same from the first update on, where 0.333 becomes 0.9, for a base of"
        " 0.333",
        "  it was left alone before",
    ]
    assert code == 1
    assert words("lr: const", "lr: const  momentum: const")[1] == 0


def test_other_rules_of_a_metric_are_a_difference(words: Endpoints) -> None:
    old, new = (f"const * plateau(patience = {n})" for n in (5, 6))
    lines, code = words(old, new)
    assert lines[:2] == [
        "lr: the same at every step, for a base of 1",
        "  a metric changes it by other rules: a `plateau` is not the same in both",
    ]
    assert code == 1
    assert words(old, old)[1] == 0


def test_the_run_is_described(words: Endpoints) -> None:
    old, new = "warmup(5ep) >> cosine", "warmup(5ep) >> cosine(85ep)"
    options = ["--total", "90ep", "--steps-per-epoch", "10"]
    assert words(old, new, *options)[1] == 0


def test_both_are_drawn_where_they_differ(run: Run, write: Write) -> None:
    old, new = write("old.lrs", OLD), write("new.lrs", "linear(25, 0.3)")
    done = run("diff", old, new)
    legend, *chart = done.stdout.partition("\n\n")[2].splitlines()
    assert ("old.lrs" in legend, "new.lrs" in legend) == (True, True)
    assert len(chart) > 10
    assert "\n\n" not in run("diff", old, old).stdout


@pytest.mark.parametrize("text", ["cosin(5)", "linear(5, 1, -1)", "warmup(5ep) >> const"])
def test_a_file_with_errors_cannot_be_compared(run: Run, write: Write, text: str) -> None:
    done = run("diff", write("old.lrs", OLD), write("new.lrs", text))
    assert done.exit_code == 2
    assert done.stdout.startswith("error[LRS")
    assert "--> new.lrs:1:" in done.stdout


def test_misuse(run: Run, write: Write) -> None:
    name = write("old.lrs", OLD)
    assert run("diff", name, "none.lrs").exit_code == 2
    assert run("diff", name, name, name).exit_code == 2
    assert run("diff").exit_code == 2
    assert run("diff", name, name, "--at", "-1").exit_code == 2


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


@pytest.mark.parametrize("share", ["-1", "nan", "x"])
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


# Most of it stays, so that git takes a new name for a new name.
TRACKED = f"# Five steps of warm-up.\n# Twenty of half a cosine.\n{OLD}"


class Git:
    """A repository with one schedule that was changed.

    Args:
        folder: where it is made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = f"{sys.executable} -m lrdsl diff"
        self("init", "--quiet")
        self.write("a b.lrs", TRACKED)
        self.write(".gitattributes", "*.lrs diff=lrdsl\n")
        self("add", "--all")
        self("commit", "--quiet", "--message", "First")
        self.write("a b.lrs", TRACKED.replace("0.01", "0.02"))

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def __call__(self, *arguments: str, code: int = 0, **variables: str) -> str:
        who = {f"GIT_{role}_{what}": "tests@example.org"
               for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}  # fmt: skip
        own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_PAGER": "cat"}
        done = subprocess.run(
            ["git", *arguments],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=environment(**who, **own, **variables),
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return Git(tmp_path)


SAID = "lr: the same before step 6, where 0.298215 becomes 0.298276\n"


def test_git_diff_by_a_variable(git: Git) -> None:
    printed = git("diff", GIT_EXTERNAL_DIFF=git.program)
    assert printed.startswith(f"--- a/a b.lrs\n+++ b/a b.lrs\n{SAID}")


def test_git_diff_as_the_help_says(git: Git) -> None:
    git("config", "diff.lrdsl.command", f"{git.program} --at 3")
    git.write("other.txt", "text\n")
    git("add", "--all")
    printed = git("diff", "--staged")
    assert f"--- a/a b.lrs\n+++ b/a b.lrs\n{SAID}  the past is unchanged" in printed
    assert "+text" in printed


def test_git_gets_no_status_and_json_too(git: Git) -> None:
    git("config", "diff.lrdsl.command", f"{git.program} --at 10 --format json")
    document = json.loads(git("diff"))
    assert (document["old"], document["past_unchanged"]) == ("a/a b.lrs", False)


def test_git_diff_of_files_that_come_go_and_move(git: Git) -> None:
    git("config", "diff.lrdsl.command", git.program)
    git("checkout", "--quiet", "--", ".")
    git.write("new.lrs", "linear(9, 0.1)\n")
    git("mv", "a b.lrs", "c.lrs")
    git.write("c.lrs", TRACKED.replace("0.01", "0.02"))
    git("add", "--all")
    printed = git("diff", "--staged", "--find-renames=10%")
    assert f"--- a/a b.lrs\n+++ b/c.lrs\n{SAID}" in printed
    assert "--- a/new.lrs\n+++ b/new.lrs\na new schedule\n" in printed
    git("commit", "--quiet", "--message", "Second")
    git("rm", "--quiet", "new.lrs")
    assert "--- a/new.lrs\n+++ b/new.lrs\nno schedule any more\n" in git("diff", "--staged")


def test_git_goes_on_after_a_file_with_errors(git: Git) -> None:
    git("config", "diff.lrdsl.command", git.program)
    git.write("a b.lrs", "cosin(5)\n")
    git.write(".gitattributes", "*.lrs diff=lrdsl\n# more\n")
    git.write("z.txt", "")
    git("add", "--all")
    printed = git("diff", "--staged")
    assert "error[LRS201 unknown-name]" in printed
    assert "diff --git a/z.txt b/z.txt" in printed


def test_git_diff_of_a_file_that_is_not_merged(git: Git) -> None:
    git("config", "diff.lrdsl.command", git.program)
    git("checkout", "--quiet", "-b", "other")
    git("commit", "--quiet", "--all", "--message", "Other")
    git("checkout", "--quiet", "-b", "another", "HEAD~")
    git.write("a b.lrs", TRACKED.replace("0.01", "0.03"))
    git("commit", "--quiet", "--all", "--message", "Another")
    git("merge", "other", code=1)
    assert "a b.lrs is not merged yet\n" in git("diff", "--staged")


def test_git_difftool(git: Git) -> None:
    assert SAID in git("difftool", "--no-prompt", "--extcmd", git.program)

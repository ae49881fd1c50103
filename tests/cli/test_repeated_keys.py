"""A key that stands twice in a mapping is reported wherever it decides about a schedule."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.cli.conftest import Run, Write
from tests.cli.test_check import heads
from tests.cli.test_config_files import CALL, shown

# Texts, the places of the keys that are reported, and what the carets stand under.
REPEATED = [
    ("a.yaml", "schedule: const\nschedule: linear(5)\n", ["2:1"], ["schedule"]),
    ("a.yaml", "schedule: const\nschedule: null\n", ["2:1"], ["schedule"]),
    ("a.yaml", "schedule: const\n'schedule': const\n", ["2:1"], ["'schedule'"]),
    ("a.yaml", "o: {schedule: const}\nx: 1\no: {lr: 1}\n", ["3:1"], ["o"]),
    ("a.yaml", "o: {lr: 1}\no: {schedule: const}\no: {}\n", ["2:1", "3:1"], ["o", "o"]),
    ("a.yaml", "- {schedule: const, schedule: const}\n", ["1:21"], ["schedule"]),
    ("a.yaml", "a: !lrs const\na: 1\n", ["2:1"], ["a"]),
    ("a.yaml", "epochs: 5\nschedule: linear(5ep)\nepochs: 6\n", ["3:1"], ["epochs"]),
    ("a.yaml", f"{CALL}source: linear(9)\ntotal: 5\ntotal: 9\n", ["5:1"], ["total"]),
    (
        "a.yaml",
        f"{CALL}source: param a = 1 linear(9, a)\nparams: {{a: 1, a: 2}}\n",
        ["4:16"],
        ["a"],
    ),
    ("a.json", '{"schedule": "const", "schedule": "linear(5)"}', ["1:23"], ['"schedule"']),
    ("a.json", '{"o": {"schedule": "const"}, "\\u006f": 1}', ["1:30"], ['"\\u006f"']),
]


@pytest.mark.parametrize(("name", "text", "places", "under"), REPEATED)
def test_a_repeated_key_that_decides(
    run: Run, write: Write, name: str, text: str, places: list[str], under: list[str]
) -> None:
    read = json.loads if name == "a.json" else lambda text: yaml.load(text, yaml.BaseLoader)
    if "!lrs" not in text:
        read(text)  # the parsers of the language itself say nothing
    options = ("--key", "**.schedule", "--total-from", "epochs=ep", "--ignore", "LRS603")
    done = run("check", write(name, text), *options)
    found = [head for head in heads(done.stdout) if head.startswith("LRS707")]
    assert found == [f"LRS707 {name}:{place}" for place in places]
    assert [one for one in shown(done.stdout) if one in under] == under
    assert done.exit_code == 1


@pytest.mark.parametrize(
    "text",
    [
        "lr: 1\nlr: 2\nschedule: const\n",  # it has nothing to do with the schedule
        "a: {schedule: const}\nb: {schedule: const}\n",
        "schedule: const\n---\nschedule: const\n",
        "b: &b {schedule: const}\na: {<<: *b, schedule: linear(5)}\n",
        "b: &b {x: 1}\nc: &c {y: 1}\na: {<<: *b, <<: *c, schedule: const}\n",
        "schedules: {1: const, '1': const}\n",
        "a: &a {schedule: const}\nb: *a\nc: *a\n",
    ],
)
def test_a_key_that_is_not_repeated(run: Run, write: Write, text: str) -> None:
    done = run("check", write("a.yaml", text), "--key", "**.schedule", "--key", "schedules.*")
    assert (done.output, done.exit_code) == ("", 0)


def test_where_the_first_one_stands(run: Run, write: Write) -> None:
    done = run("check", write("a.yaml", "\no:\n  s: const\n\no:\n  s: const\n"), "--key", "o.s")
    said = "error[LRS707 repeated-key]: this mapping has the key `o` already, on line 2\n"
    assert done.stdout.startswith(f"{said} --> a.yaml:5:1\n")


def test_toml_refuses_them_by_itself(run: Run, write: Write) -> None:
    done = run("check", write("a.toml", "s = 'const'\ns = 'const'\n"), "--key", "s")
    assert heads(done.stdout) == ["LRS701 a.toml:2:12"]

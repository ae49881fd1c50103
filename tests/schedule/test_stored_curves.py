"""The files of stored curves, and that a change in them or in a package does not pass unnoticed."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.oracles import stored
from tests.oracles.peers import __main__ as peers

PINS = Path(__file__).parents[2] / "constraints-peers.txt"


def test_there_is_a_file_for_every_system() -> None:
    assert [path.stem for path in stored.paths()] == sorted(peers.NAMES)


@pytest.mark.parametrize("system", peers.NAMES)
def test_what_is_stored_was_asked(system: str) -> None:
    """All but the values, which take the packages: ``make oracles`` compares them."""
    found = [
        {name: value for name, value in entry.items() if name not in {"values", "restarts"}}
        for entry in stored.read(system)["curves"]
    ]
    assert found == [entry for _, entry in peers.described(peers.system(system))]


@pytest.mark.parametrize("system", peers.NAMES)
def test_the_version_is_the_pinned_one(system: str) -> None:
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)$", PINS.read_text("utf-8"), re.MULTILINE))
    assert stored.read(system)["version"] == pins[system]


@pytest.mark.parametrize("system", peers.NAMES)
def test_a_file_is_written_as_it_was_read(system: str) -> None:
    assert stored.dump(stored.read(system)) == stored.path(system).read_text("utf-8")


OLD: dict[str, Any] = {
    "system": "other",
    "version": "1.0",
    "curves": [
        {"name": "a:0", "program": "const", "steps": [0, 1], "values": [0.3, 0.1]},
        {"name": "b:1", "program": "linear(5)", "steps": [0], "values": [0.3]},
    ],
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The file above with one thing changed: ``curves.0.values.1``."""
    new = deepcopy(OLD)
    *way, last = [int(word) if word.isdecimal() else word for word in path.split(".")]
    place: Any = new
    for word in way:
        place = place[word]
    place[last] = value
    return new


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("version", "1.1", "other: version is 1.1, and 1.0 is stored"),
        ("curves.0.values.1", 0.125, "other a:0: step 1 gives 0.125, and 0.1 is stored"),
        ("curves.0.values.1", float("nan"), "other a:0: step 1 gives nan, and 0.1 is stored"),
        ("curves.0.program", "const(5)", "other a:0: program is const(5), and const is stored"),
        ("curves.0.restarts", {"1": 0.3}, "other a:0: restarts is {'1': 0.3}, and None is stored"),
        ("curves.1.steps", [1], "other b:1: steps is [1], and [0] is stored"),
    ],
)
def test_a_difference_is_listed(path: str, value: Any, said: str) -> None:
    assert stored.differences(OLD, changed(path, value))[0].startswith(said)


def test_missing_and_further_curves_are_listed() -> None:
    new = changed("curves.1.name", "c:1")
    wanted = ["other b:1: stored, and no longer made", "other c:1: not stored"]
    assert stored.differences(OLD, new) == wanted


def test_the_last_digit_is_no_difference() -> None:
    """Another machine may round a cosine the other way; a thousand times that is a difference."""
    assert stored.differences(OLD, changed("curves.0.values.1", 0.1 + 1e-13)) != []
    assert stored.differences(OLD, changed("curves.0.values.1", 0.1 + 1e-16)) == []
    assert stored.differences(OLD, json.loads(stored.dump(OLD))) == []

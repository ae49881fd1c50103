"""``Resolved.as_dict``: what schedules are made from, kept in JSON and YAML and read again."""

from __future__ import annotations

import enum
import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
import yaml

import lrdsl
from lrdsl.check import library
from tests.blocks import blocks
from tests.test_conformance import FOLDER
from tools.pages.recipes import FOLDER as RECIPES
from tools.pages.recipes import read, run

KEYS = ["text", "params", "run", "fingerprint", "lrdsl"]
FORMATS: dict[str, Callable[[Any], Any]] = {
    "JSON": lambda kept: json.loads(json.dumps(kept)),
    "YAML": lambda kept: yaml.safe_load(yaml.safe_dump(kept)),
}


def again(kept: dict[str, Any]) -> lrdsl.Resolved:
    """The schedules, made again from what was kept."""
    program = lrdsl.parse(kept["text"])
    if "groups" in kept:
        program = program.for_groups(kept["groups"])
    return program.resolve_all(**kept["run"]).after(kept.get("events", {}))


def programs() -> Iterator[tuple[str, lrdsl.Resolved]]:
    """Recipes, examples, schedules of the docs, those of the library and the conformance cases."""
    for path in sorted(RECIPES.rglob("*.lrs")):
        recipe = read(path)
        yield recipe.name, recipe.program.resolve_all(**run(recipe.words))
    for path in sorted(RECIPES.parent.glob("*.lrs")):
        yield path.name, lrdsl.load(path).resolve_all(total="100ep", steps_per_epoch=8)
    for block in blocks("lrs"):
        mark, _, words = block.mark.partition(":")
        if mark == "run":
            yield block.place, lrdsl.parse(block.text).resolve_all(**run(words))
    for name, notes in library.all_notes().items():
        if notes.example:
            yield name, lrdsl.parse(notes.example).resolve_all(total=100, steps_per_epoch=2.5)
    for path in sorted(FOLDER.glob("*.json")):
        for case in json.loads(path.read_text("utf-8")):
            if "errors" not in case:
                resolved = lrdsl.parse(case["text"]).resolve_all(**case.get("run", {}))
                yield f"{path.stem} {case['name']}", resolved.after(case.get("events", {}))


def test_it_survives_and_makes_equal_schedules() -> None:
    count = 0
    for name, resolved in programs():
        kept = resolved.as_dict()
        for survive in FORMATS.values():
            assert survive(kept) == kept, name
            made = again(survive(kept))
            assert (made, hash(made)) == (resolved, hash(resolved)), name
            assert made.as_dict() == kept, name
        lengths = [schedule.length for schedule in made.values()]
        assert lengths == [schedule.length for schedule in resolved.values()], name
        count += 1
    assert count > 300


def test_what_it_holds() -> None:
    text = "# from a paper\nparam peak = 0.3  param warm = 5ep\nwarmup(warm) >> cosine(rest, peak)"
    run: dict[str, Any] = {
        "total": "90ep",
        "steps_per_epoch": 8,
        "per_step": {"tok": 4096},
        "params": {"peak": 1},
    }
    kept = lrdsl.parse(text).resolve_all(**run).as_dict()
    assert list(kept) == KEYS
    assert kept["text"] == text
    assert kept["params"] == {"peak": 1.0, "warm": "5ep"}
    assert kept["run"] == run
    assert kept["lrdsl"] == lrdsl.__version__


def test_nothing_of_a_caller_is_shared() -> None:
    params = {"peak": 0.5}
    resolved = lrdsl.parse("param peak = 0.3  const(5, peak)").resolve_all(params=params)
    params["peak"] = 1
    resolved.as_dict()["run"]["params"]["peak"] = 2
    assert resolved.as_dict()["run"] == {"params": {"peak": 0.5}}


class Named(str, enum.Enum):
    """Texts that are members of an enumeration."""

    WARM = "5%"
    TOKENS = "tok"


ODD: dict[str, dict[str, Any]] = {
    "numpy": {"total": np.int64(100), "params": {np.str_("peak"): np.float32(0.5)}},
    "torch": {"total": torch.tensor(100), "per_step": {"tok": torch.tensor(2.5)}},
    "a fraction": {"steps_per_epoch": Fraction(5, 2), "total": 100},
    "texts of other kinds": {"total": np.str_("100"), "params": {"warm": Named.WARM}},
    "names of other kinds": {"total": 100, "per_step": {Named.TOKENS: 4}},
    "texts with a suffix": {"total": "2Mtok", "per_step": {"tok": "20k"}},
}


@pytest.mark.parametrize("run", ODD.values(), ids=ODD)
def test_numbers_and_texts_of_other_kinds_become_plain(run: dict[str, Any]) -> None:
    program = lrdsl.parse("param peak = 0.3  param warm = 5%  warmup(warm) >> cosine(rest, peak)")
    resolved = program.resolve_all(**run)
    kept = resolved.as_dict()
    assert {type(x) for x in walked(kept)} <= {str, int, float}
    for survive in FORMATS.values():
        assert again(survive(kept)) == resolved


def walked(thing: Any) -> Iterator[Any]:
    """Everything in a mapping of mappings: the names and what they name."""
    if isinstance(thing, dict):
        for name, value in thing.items():
            yield name
            yield from walked(value)
    else:
        yield thing


def test_the_fingerprint_is_that_of_a_state() -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1)
    scheduler = lrdsl.compile("warmup( 5% )>>cosine", optimizer, total=100)
    kept = scheduler.schedules.as_dict()
    assert kept["fingerprint"] == scheduler.state_dict()["fingerprint"]
    spelled = lrdsl.parse("warmup(5%) >> cosine  # the same").resolve_all(total="100").as_dict()
    assert spelled["fingerprint"] == kept["fingerprint"]
    other = lrdsl.parse("warmup(5%) >> cosine").resolve_all(total=101).as_dict()
    assert other["fingerprint"] != kept["fingerprint"]


def test_names_that_were_captured() -> None:
    program = lrdsl.parse('lr["layer.{i}"]: const(value = i + 1)  lr: const')
    bound = program.for_groups(["layer.3", "layer.7", "head"]).resolve_all()
    kept = json.loads(json.dumps(bound.as_dict()))
    assert kept["groups"] == ["layer.3", "layer.7"]
    assert again(kept) == bound
    assert again(kept)['lr["layer.{i=7}"]'](0) == 8
    # Without groups it stands for samples.
    assert again(program.resolve_all().as_dict()) == program.resolve_all() != bound


def test_events_that_have_happened() -> None:
    resolved = lrdsl.parse('until(signal("end"), const) >> linear(4)').resolve_all()
    assert "events" not in resolved.as_dict()
    after = resolved.after({"end": 7})
    assert after.as_dict()["events"] == {"end": 7}
    assert again(after.as_dict()) == after


@pytest.mark.parametrize("text", ["const  # \x85 \u2028 \u00e9 \U0001f600", "const\r\n# two\r\n"])
def test_texts_with_odd_characters(text: str) -> None:
    resolved = lrdsl.parse(text).resolve_all()
    for survive in FORMATS.values():
        assert survive(resolved.as_dict())["text"] == lrdsl.parse(text).source
        assert again(survive(resolved.as_dict())) == resolved

"""States of a scheduler that mean harm: refused with `ValueError`, and nothing has changed."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

import lrdsl
from lrdsl.resolve.fingerprint import digest
from tests.fuzz.targets import PROGRAM, load, scheduler
from tests.hostile.corpus import CASES

FOUND = sorted((Path(__file__).parent / "found").glob("*.json"))
pytestmark = pytest.mark.timeout(60)


def deep() -> Any:
    found: Any = []
    for _ in range(100_000):
        found = [found]
    return found


def of(source: str, context: str = "{}", /, **fields: Any) -> dict[str, Any]:
    """A state whose fingerprint is right, whatever else it says."""
    own = {"source": source, "context": context, "fingerprint": digest(source, context)}
    return {**scheduler().state_dict(), **own, **fields}


HUGE = 10**5000
KINDS: dict[str, Callable[[], Any]] = {
    "nothing": lambda: None,
    "truth": lambda: True,
    "text": lambda: "7",
    "bytes": lambda: b"7",
    "fraction": lambda: 7.5,
    "not a number": lambda: float("nan"),
    "list": lambda: [7],
    "deep list": deep,
    "negative": lambda: -1,
    "huge": lambda: HUGE,
    "huge and negative": lambda: -HUGE,
    "tensor": lambda: torch.ones(3),
}
FIELDS = list(scheduler().state_dict())
FITS = {("source", "text"), ("context", "text"), ("fingerprint", "text")}


def first_format(**fields: Any) -> dict[str, Any]:
    """A state as the first format had it, whose measurements have keys of their own."""
    state = scheduler().state_dict()
    measured = json.loads(state.pop("measured"))
    del state["bases"], state["groups"], state["events"], state["at"]
    return {**state, "format": 1, **measured, **fields}


def with_reductions(count: int) -> dict[str, Any]:
    """A state whose plateau has reduced so many times."""
    state = scheduler().state_dict()
    measured = {**json.loads(state["measured"]), "plateau@1.reductions": count}
    return {**state, "measured": json.dumps(measured)}


def check_refused(given: Any) -> None:
    driven = scheduler()
    before = driven.state_dict(), driven.get_last_lr()
    with pytest.raises(ValueError) as caught:
        driven.load_state_dict(given)
    assert 0 < len(str(caught.value)) < 20_000
    assert (driven.state_dict(), driven.get_last_lr()) == before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("field", FIELDS)
def test_a_field_of_a_wrong_kind(field: str, kind: str) -> None:
    check_refused({**scheduler().state_dict(), field: KINDS[kind]()})


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in {"fraction", "not a number"}])
def test_a_best_metric_of_a_wrong_kind(kind: str) -> None:
    check_refused(first_format(**{"plateau@1.best": KINDS[kind]()}))


def test_the_first_format_is_taken() -> None:
    driven = scheduler()
    driven.load_state_dict(first_format(step=9))
    assert driven.last_epoch == 9


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_that_is_none(kind: str) -> None:
    check_refused(KINDS[kind]())


STATES: dict[str, Callable[[], dict[Any, Any]]] = {
    "no source": lambda: of(""),
    "a source of another language": lambda: of("__import__('os')"),
    "a lone surrogate": lambda: of("const # \ud800 const"),
    "a nested context": lambda: of(PROGRAM, "[" * 200_000),
    "a nested context that closes": lambda: of(PROGRAM, "[" * 900 + "]" * 900),
    "a context of huge numbers": lambda: of(PROGRAM, '{"steps_per_epoch": 1e400}'),
    "a context of many digits": lambda: of(PROGRAM, f'{{"total": "{"9" * 100_000}"}}'),
    "a context of unknown names": lambda: of(PROGRAM, '{"__class__": 1}'),
    "a context that is no JSON": lambda: of(PROGRAM, "__import__('os')"),
    "a field besides": lambda: of(PROGRAM, __class__="ScheduleLR"),
    "a field whose name is no text": lambda: {**of(PROGRAM), 7: 7},
    "a field whose name is a tuple": lambda: {**of(PROGRAM), ((),): 7},
    "reductions beyond counting": lambda: with_reductions(2**60),
    "measurements in depth": lambda: of(PROGRAM, measured='{"a": ' * 100_000),
    "bases in depth": lambda: of(PROGRAM, bases='{"lr": ' + "[" * 100_000),
    "bases of huge numbers": lambda: of(PROGRAM, bases=f'{{"lr": [{"9" * 5000}]}}'),
    "a step beyond counting": lambda: of(PROGRAM, step=2**53 + 1),
    "a later format": lambda: of(PROGRAM, format=4),
    "a format without end": lambda: of(PROGRAM, format=HUGE),
}


@pytest.mark.parametrize("case", STATES)
def test_a_state_that_means_harm(case: str) -> None:
    check_refused(STATES[case]())


def test_a_long_program_is_shown_in_brief() -> None:
    with pytest.raises(ValueError, match="another schedule") as caught:
        scheduler().load_state_dict(of(CASES["size: parts that fit"].text()))
    assert len(str(caught.value)) < 2000


def test_the_past_is_compared_however_long_it_is() -> None:
    """Most of its 2^53 steps are in a part that is not made alike, in cycles of three steps."""
    program = "warmup(5) >> cosine(20) * plateau(0.5, 2) >> const"
    source = program + "(9e14) >> repeat(cosine(3), decay = 0.999)"
    driven = lrdsl.compile(program, scheduler().optimizer, rebase=False)
    driven.load_state_dict(of(source, step=2**53))
    assert driven.last_epoch == 2**53


# `test_texts.py` has all of them. What takes long is refused where any other text is: of that, one
# that is refused while it is read, one for its digits, and one while it is laid out.
HOSTILE = [
    name
    for name, case in CASES.items()
    if case.outcome != "ok" and not name.startswith(("size", "multiply"))
]
HOSTILE += [
    f"multiply: {name}" for name in ("macro", "exact lengths", "stretched cycles in each other")
]


@pytest.mark.parametrize("case", HOSTILE)
def test_a_state_whose_source_is_hostile(case: str) -> None:
    check_refused(of(CASES[case].text()))


def test_as_many_reductions_as_can_be_counted_are_taken() -> None:
    driven = scheduler()
    driven.load_state_dict(with_reductions(2**53))
    assert driven.schedules["lr"].meters
    driven.set_step(7)
    assert driven.get_last_lr() == [0.0, 0.0]  # half of it, 2^53 times over


def test_a_state_survives_weights_only_loading() -> None:
    file = io.BytesIO()
    torch.save(scheduler().state_dict(), file)
    file.seek(0)
    driven = scheduler()
    driven.load_state_dict(torch.load(file, weights_only=True))
    assert driven.last_epoch == 7


def test_what_the_fuzzer_found_is_answered() -> None:
    for path in FOUND:
        load(path.read_bytes())


def test_a_pickle_of_a_program_is_its_text_and_its_name() -> None:
    program = lrdsl.parse("warmup(5) >> const", name="x.lrs")
    assert program.__reduce__() == (lrdsl.Program, (program.source, "x.lrs"))

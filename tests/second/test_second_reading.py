"""lrdsl and the second reading agree on random programs.

The reading was written from docs/reference/language.md alone. More programs are compared by
``python -m tests.second.compare COUNT SEED``.
"""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from tests.second.compare import compared, draw
from tests.second.ends import is_exactly
from tests.second.programs import KINDS, Drawn, drawn
from tests.second.reading import PLACES, curves
from tests.second.syntax import Refused, Statements
from tests.second.values import Names, library

# Which shapes start at exactly their `start`, and end at exactly their `end`: language.md.
BOTH = {"warmup", "cooldown", "linear", "cosine", "cosine_power", "kdecay_cosine"} | {
    "cosine_restarts", "poly", "geometric", "rex",
}  # fmt: skip
STARTS = BOTH | {"cosine_waves", "exponential", "natural_exponential", "inverse_time"} | {
    "inverse_sqrt", "power_law",
}  # fmt: skip
ENDS = BOTH | {"tanh_decay"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_random_programs_agree(kind: str) -> None:
    random, places = Random(kind), Random(0)
    outcomes: Counter[str] = Counter()
    for _ in range(30):
        program = drawn(random, kind)
        outcome, why = compared(program, places)
        assert outcome in ("agreed", "both refuse"), (outcome, why, program)
        outcomes[outcome] += 1
    assert outcomes["agreed"] >= 10


def test_programs_of_the_other_tests_agree() -> None:
    random = Random(0)
    for program in draw(200, 0):
        if program.kind == "strategies":
            assert compared(program, random) == ("agreed", ""), program


def test_a_difference_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reading that rounds down, and not to the nearest step, differs."""
    program = Drawn("", "const(0.5ep, 0.5) >> linear(10.5ep, 1, 0.1)", {"steps_per_epoch": 1}, 1)
    assert compared(program, Random(0)) == ("agreed", "")
    monkeypatch.setattr("tests.second.reading.nearest", int)
    assert compared(program, Random(0))[0] == "differ"


def test_the_table_of_what_shapes_mention_follows_from_their_formulas() -> None:
    names = Names(Statements({}, {}, {}, [], []), {})
    words = ("t", "length", "u", "v")
    start, end = (dict(zip(words, PLACES[at], strict=True)) for at in ("start", "end"))
    shapes = [definition for definition in library().values() if definition.shape]
    assert {s.name for s in shapes if is_exactly(names, s, "start", start)} == STARTS
    assert {s.name for s in shapes if is_exactly(names, s, "end", end)} == ENDS
    assert [s.name for s in shapes if is_exactly(names, s, "value", start)] == ["const"]


def test_the_reading_refuses_what_the_page_refuses() -> None:
    for text in (
        "const >> const",
        "const(2.5)",
        "warmup(5ep)",
        "over(5, const(6))",
        "warmup(3) >> 4",
    ):
        with pytest.raises(Refused):
            curves(text, total=10)

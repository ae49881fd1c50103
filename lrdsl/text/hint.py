"""Guesses at the intent of a text that does not parse, and the view of the text they use."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import takewhile

from lark import Token

from lrdsl.record import record
from lrdsl.text.numbers import SPELLED

OPENERS = {"(": ")", "[": "]"}
# The numbers of an optimizer that are driven most.
HYPERPARAMETERS = frozenset(["lr", "momentum", "weight_decay"])
# What the ends of a part are called in a sentence.
ENDS = {"from": "start", "to": "end"}
# Units and suffixes as they are torn from their numbers, and as they are written.
_UNITS = {**SPELLED, "k": "k", "M": "M", "B": "B"}


OWN_SHAPE = "`shape f(length: steps = rest) = base * 0.95 ^ t`"
OWN_CURVE = f"a curve of your own is a `shape`, whose formula knows the step `t`: {OWN_SHAPE}"
# What the statements of Python that choose, come first and repeat are here.
CHOICE = "a choice is a function: `if(condition, a, b)`"
IN_ORDER = "put what comes first before `>>`, as in `const(5, 0.1) >> const(value = 0.01)`"
AGAIN = "`repeat(…)` starts a part again and again, as in `repeat(cosine(10), 3)`"


def of_range(start: str, end: str) -> str:
    """What to do about a range, such as ``0.3..0.01``.

    Args:
        start: where it starts.
        end: where it ends.
    """
    return f"a range is the start and the end of a part: `linear(…, {start}, {end})`"


def unquoted(word: str) -> str:
    """A word in quotes as a program has it: the "cos" of other systems is an ease, no function."""
    return "half_cosine" if word in {"cos", "cosine_anneal"} else word


# The names of an optimizer, which other systems take as the first argument.
OPTIMIZERS = ("optimizer", "optim", "opt")
# What other systems are told with the schedule, and a program is not; and where it is said here.
OUTSIDE = {
    **dict.fromkeys(OPTIMIZERS, "the optimizer is given to `lrdsl.compile`: leave it out"),
    **dict.fromkeys(
        ("monitor", "metric", "metrics", "quantity"),
        "the metric is given to `scheduler.step(metric)`: leave it out",
    ),
    **dict.fromkeys(
        ("last_epoch", "last_step"),
        "where a run resumes is for the scheduler's state, or for `start_step` of `lrdsl.compile`:"
        " leave it out",
    ),
    **dict.fromkeys(
        ("verbose", "name", "by_epoch", "t_in_epochs", "staircase"),
        "there is nothing to set here: leave it out",
    ),
}


@record
class Hint:
    """A guess at what was meant.

    Attributes:
        help: it in words.
        start: where the edit that does it starts, in the stretch.
        end: where that ends.
        text: its replacement; None if no edit is known.
        title: the effect of the edit; by default ``help``.
        safe: True if nothing else can have been meant.
        message: what is wrong, where the sentence about a token does not say it.
        slug: of what it is reported as, where that is not an unexpected token.
        span: what it is reported about, in the stretch, where that is not the token.
    """

    help: str
    start: int = 0
    end: int = 0
    text: str | None = None
    title: str = ""
    safe: bool = False
    message: str = ""
    slug: str = "unexpected-token"
    span: tuple[int, int] | None = None


# Knows what was meant by a token, from the text, the tokens before it, and itself.
Rule = Callable[[str, list[Token], Token], Hint | None]


def unit_of(word: str) -> str | None:
    """The unit, or the suffix, that a word after a number is.

    >>> unit_of("epochs"), unit_of("Steps"), unit_of("K"), unit_of("m"), unit_of("tok")
    ('ep', 'st', 'k', None, None)
    """
    # A `b` or an `m` by itself is too many things.
    return _UNITS.get(word) or _UNITS.get(word.lower() if len(word) > 1 or word == "K" else "")


def place_of(token: Token) -> tuple[int, int]:
    """The start and end of a token in its stretch."""
    start = token.start_pos or 0
    return start, start + len(token)


def with_comma(text: str, start: int, end: int) -> tuple[int, int]:
    """The place of an argument with the comma that goes when it is left out.

    >>> with_comma("f(a, b)", 5, 6), with_comma("f(a, b)", 2, 3), with_comma("f(a)", 2, 3)
    ((3, 6), (2, 5), (2, 3))
    """
    before = text[:start].rstrip()
    if before.endswith(","):
        return len(before) - 1, end
    after = re.match(r"[ \t\n]*,[ \t]*", text[end:])
    return start, end + (after.end() if after else 0)


def open_brackets(before: list[Token]) -> list[int]:
    """The places of the brackets that are still open."""
    opened: list[int] = []
    for place, token in enumerate(before):
        if token in OPENERS:
            opened.append(place)
        elif opened and token == OPENERS[before[opened[-1]]]:
            opened.pop()
    return opened


def first_of(rules: Iterable[Rule], text: str, before: list[Token], token: Token) -> Hint | None:
    """The guess of the first rule that has one.

    Args:
        rules: the rules, in order.
        text: the part of a source that was parsed.
        before: the tokens before the one that does not belong.
        token: that one.
    """
    return next((hint for rule in rules if (hint := rule(text, before, token))), None)


def closing(before: list[Token]) -> str:
    """The closing brackets of all that are still open."""
    return "".join(OPENERS[before[place]] for place in reversed(open_brackets(before)))


def until(text: str, place: int, tokens: list[Token]) -> list[Token]:
    """The tokens that end at a place or before it."""
    return list(takewhile(lambda token: (token.end_pos or 0) <= place, tokens))

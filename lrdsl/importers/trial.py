"""What a source does not say: values to try a translation with, three of them for each name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from lrdsl.check import library
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.formula.functions import FUNCTIONS
from lrdsl.importers.symbols import EPOCH, Number, Real, Whole
from lrdsl.program import parse

TRIALS = 3
# The arguments of a run that a source may leave open.
TOTAL, STEPS_PER_EPOCH = "total", "steps_per_epoch"
# A round number, a prime and another: equal curves at all three are no accident.
_WARMUPS, _EPOCHS, _OTHERS = (10, 7, 23), (30, 17, 90), (1_000, 997, 4_321)
_STEPS_PER_EPOCH, _PARTS = (100, 37, 251), (0.5, 0.97, 0.125)
# A run is this much longer where a schedule does not fit the one before.
SCALES = (1, 10, 100)
# What a name ends with that is no count.
_SHARES = {
    "decay", "factor", "gamma", "lr", "min", "momentum", "pct", "power", "rate", "ratio", "start",
}  # fmt: skip
_NO_NAME = re.compile(r"\W+")
_DOTTED = re.compile(r"([^\W\d]\w*(?:\.[^\W\d]\w*)+)")


class Trial:
    """One of the trials: a value for everything that is not known.

    Args:
        index: which of the `TRIALS`.
        given: what the caller says of the run, by the name of the argument.
        scale: how many times longer the run is than the shortest, one of `SCALES`.

    Attributes:
        params: the names that were asked for, with their value in this trial.
        run: the arguments of the run that were asked for, likewise.
        used: what the caller said of the run and was asked for, by the name of the argument.
        defaults: the values that the source gives to names, such as the default of an option of
            its command line; by the last word of the name.
        own: the names of `params` that have such a value.
    """

    def __init__(
        self, index: int = 0, given: Mapping[str, int] | None = None, scale: int = 1
    ) -> None:
        self.index = index
        self.scale = scale
        self.given = dict(given or {})
        self.params: dict[str, Number] = {}
        self.run: dict[str, Whole] = {}
        self.used: set[str] = set()
        self.defaults: dict[str, float] = {}
        self.own: set[str] = set()
        self._words: dict[str, str] = {}

    def param(self, name: str) -> Number:
        """The value of a name: a ``param`` of the text. One such as ``gamma`` is below 1.

        Args:
            name: an expression of the source, such as ``args.epochs``.
        """
        taken = {word for other, word in self._words.items() if other != name}
        word = self._words[name] = next(word for word in _words(name) if word not in taken)
        default = self.defaults.get(name.rpartition(".")[2])
        if default is not None:
            self.own.add(word)
        is_part = default is not None and default != int(default)
        if word.rpartition("_")[2] in _SHARES or is_part:
            share = _PARTS[self.index] if default is None or self.index else default
            return self.params.setdefault(word, Real(share, word))
        values = _WARMUPS if "warm" in word else _EPOCHS if "epoch" in word else _OTHERS
        length = values[self.index] if default is None or self.index else int(default)
        return self.params.setdefault(word, Whole(length, word))

    def total(self) -> Whole:
        """The length of the run in updates, which whoever trains passes as ``total``."""
        return self._argument(TOTAL, _OTHERS, TOTAL)

    def steps_per_epoch(self) -> Whole:
        """The updates of an epoch, which a text writes `1ep`."""
        return self._argument(STEPS_PER_EPOCH, _STEPS_PER_EPOCH, EPOCH)

    def known_total(self) -> Whole:
        """The length of the run, if the caller said it; 0 otherwise."""
        return self.total() if TOTAL in self.given else Whole(0)

    def _argument(self, name: str, values: Sequence[int], text: str) -> Whole:
        if name in self.given:
            self.used.add(name)
            return Whole(self.given[name])
        return self.run.setdefault(name, Whole(values[self.index] * self.scale, text))


def _words(name: str) -> Iterator[str]:
    """Names for a ``param``: ``epochs`` for ``args.train.epochs``, or with more of it, or numbered.

    Args:
        name: an expression of the source.
    """
    pieces = _DOTTED.split(name)
    for kept in range(1, max(piece.count(".") for piece in pieces) + 2):
        yield _word("".join(".".join(piece.split(".")[-kept:]) for piece in pieces))
    yield from (f"{_word(name)}_{i}" for i in count(2))


def _word(name: str) -> str:
    word = _NO_NAME.sub("_", name).strip("_").lower() or "unnamed"
    return f"n_{word}" if word[0].isdigit() or _is_taken(word) else word


def _is_taken(word: str) -> bool:
    """True for a word that means something in every program, and would be hidden."""
    if word in library.names() or word in FUNCTIONS:
        return True
    try:
        parse(f"param {word} = 1  const")
    except LrsError:
        return True
    return False

"""Infers from written numbers how exactly they were written."""

from __future__ import annotations

import math
import re
import struct
from collections import Counter
from collections.abc import Iterable

from lrdsl.logs.precision import FLOAT32, FLOAT64, Precision

# So many texts are looked at.
_MOST = 1 << 11
# More digits than float32 ever needs, and as many as only float64 does.
_FLOAT32, _FLOAT64 = 9, 15
_DECIMAL = re.compile(r"\s*[+-]?(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?\s*")
_single = struct.Struct("f")


class Texts:
    """What the texts of a number tell of its precision.

    The rules, in this order. Each text counts once, however often it is written:

    1. A text with more than 9 digits is a float: float32 if every value is one, widened to float64;
       float64 if there are 15 digits or more.
    2. Zeros at the end are written by a fixed format only. Without exponents, and with as many
       places in each text, they are ``%.6f``; else digits, as of ``%.3e``.
    3. Texts of 8 or 9 digits in which no digit can be left out without changing the float32 are
       float32.
    4. If at least half of the texts have as many digits as the longest one, they were rounded to
       these; the same for places. At least 3 texts must have them, and at least 30 if they are
       only one or two digits: 0.1, 0.01, 0.001 are what a schedule of round numbers writes.
    5. Anything else is float64.
    """

    __slots__ = (
        "_digits", "_fixed", "_longest", "_places", "_plain", "_seen", "_shortest", "_single",
    )  # fmt: skip

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._longest = 0
        # How many texts have so many significant digits, and so many places as a plain decimal.
        self._digits: Counter[int] = Counter()
        self._places: Counter[int] = Counter()
        # Whether every value is a float32, and every text the shortest of one.
        self._single = self._shortest = True
        # Whether a text has zeros at its end that only a fixed format writes, and none an exponent.
        self._fixed, self._plain = False, True

    def add(self, texts: Iterable[str]) -> None:
        """Looks at texts of the number; after many of them, at longer ones only."""
        if len(self._seen) > _MOST:
            texts = [text for text in texts if len(text) > self._longest]
        for text in set(texts) - self._seen:
            self._seen.add(text)
            self._longest = max(self._longest, len(text))
            if found := _DECIMAL.fullmatch(text):
                self._count(text, found[1], found[2] or "", found[3])

    def _count(self, text: str, before: str, after: str, power: str | None) -> None:
        ends_in_zero = after.endswith("0") and (after != "0" or power is not None)
        written = (before + after).lstrip("0")
        if ends_in_zero:
            self._fixed = True
        else:
            after = after.rstrip("0")
            written = (before + after).lstrip("0").rstrip("0")
            if not written:  # zero looks the same in most formats
                return
        self._plain &= power is None
        self._digits[len(written)] += 1
        self._places[max(len(after) - int(power or 0), 0)] += 1
        single = _as_single(float(text))
        self._single &= single == float(text)
        if len(written) > 1:
            shorter = float(f"{float(text):.{len(written) - 2}e}")
            self._shortest &= _as_single(shorter) != single

    @property
    def precision(self) -> Precision:
        """What the texts so far tell."""
        if not self._digits:
            return FLOAT64
        digits, places = max(self._digits), max(self._places)
        if digits > _FLOAT32 and self._single:
            return FLOAT32
        if digits >= _FLOAT64:
            return FLOAT64
        if self._fixed and self._plain and len(self._places) == 1:
            return Precision("decimals", places)
        if self._fixed:
            return Precision("digits", digits)
        if digits in (_FLOAT32 - 1, _FLOAT32) and self._shortest:
            return FLOAT32
        return self._rounded(digits, places)

    def _rounded(self, digits: int, places: int) -> Precision:
        of_digits, of_places = self._digits[digits], self._places[places]
        most = max(of_digits, of_places)
        if most < (3 if digits > 2 else 30) or 2 * most < self._digits.total():
            return FLOAT64
        if of_places >= of_digits:
            return Precision("decimals", places)
        return Precision("digits", digits)


def precision_of(values: Iterable[float]) -> Precision:
    """How exactly numbers are known, by the shortest text of each.

    >>> str(precision_of([round(3e-4 * t / 70, 7) for t in range(1, 70)]))
    '7 decimals'
    >>> str(precision_of([3e-4, 1.5e-4, 3e-5]))
    'float64'
    """
    texts = Texts()
    texts.add(map(repr, values))
    return texts.precision


def _as_single(value: float) -> float:
    """The float32 nearest to a value."""
    try:
        found: float = _single.unpack(_single.pack(value))[0]
    except OverflowError:
        return math.inf
    return found

"""The spelling of numbers: ``1_000``, ``10k``, ``1e-5``, ``5ep``, ``10%``, ``2Btok``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

SUFFIXES = {"k": 10**3, "M": 10**6, "B": 10**9}
MAX_DIGITS = 40
MAX_EXPONENT = 308

SPELLING = re.compile(
    r"(?P<digits>[0-9_]*\.?[0-9_]+)(?:[eE](?P<exponent>[+-]?[0-9]+))?"
    r"(?P<suffix>[kMB])?(?P<unit>%|[A-Za-z_]\w*)?"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """An exact number and its unit, ``""`` where it has none."""

    amount: Fraction
    unit: str


def read(spelling: str) -> Quantity:
    """The quantity a number token spells.

    Raises:
        ValueError: it has more digits, or a larger exponent, than is allowed; or is no number.
    """
    match = SPELLING.fullmatch(spelling)
    if not match:
        raise ValueError("this is not a number")
    digits, exponent = match["digits"].replace("_", ""), match["exponent"] or "0"
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number has at most {MAX_DIGITS} digits")
    if len(exponent) > len(str(MAX_EXPONENT)) + 1 or abs(int(exponent)) > MAX_EXPONENT:
        raise ValueError(f"an exponent is at most {MAX_EXPONENT}")
    amount = Fraction(f"{digits}e{exponent}") * SUFFIXES.get(match["suffix"] or "", 1)
    return Quantity(amount, match["unit"] or "")


def exact(number: float) -> Fraction:
    """The number that was written, not its nearest binary fraction: 0.1 is one tenth."""
    return Fraction(repr(float(number)))

"""The spelling of numbers (``1_000``, ``10k``, ``1e-5``, ``5ep``, ``2Btok``), and exact ones.

Lengths are exact: whole numbers where they can be, fractions where they must. ``fractions`` is
imported only then: it takes 2 ms, and most programs need none.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from lrdsl.limits import DIGITS, EXPONENT
from lrdsl.record import record

if TYPE_CHECKING:
    from fractions import Fraction

    Rational = int | Fraction

SUFFIXES = {"k": 10**3, "M": 10**6, "B": 10**9}
# Units and suffixes as people spell them, and as they are spelled here.
SPELLED = {
    "ep": "ep", "epoch": "ep", "epochs": "ep", "st": "st", "step": "st", "steps": "st",
    "percent": "%", "pct": "%", "thousand": "k", "million": "M", "billion": "B",
}  # fmt: skip

_DIGITS = frozenset("0123456789")


@record
class Quantity:
    """A number as it was spelled, and its unit.

    Attributes:
        decimal: the number without its suffix, as ``float`` reads it.
        scale: the factor of its suffix.
        unit: its unit, ``""`` where it has none.
    """

    decimal: str
    scale: int
    unit: str

    @property
    def exact(self) -> Rational:
        """The number itself."""
        if self.decimal.isdecimal():
            return int(self.decimal) * self.scale
        from fractions import Fraction

        return Fraction(self.decimal) * self.scale

    @property
    def nearest(self) -> float:
        """The nearest float.

        Raises:
            OverflowError: it is larger than any.
        """
        return float(self.decimal) if self.scale == 1 else float(self.exact)


@lru_cache(maxsize=1024)
def read(spelling: str) -> Quantity:
    """The quantity a number token spells. It is kept: a program repeats its numbers.

    Raises:
        ValueError: it has more digits, or a larger exponent, than is allowed; or is no number.
    """
    end = _run(spelling, 0, "._")
    if not end:
        raise ValueError("this is not a number")
    if not all(spelling[:end].split("_")):
        raise ValueError("`_` stands between two digits")
    digits = spelling[:end].replace("_", "")
    exponent, after = "", end
    if spelling[end : end + 1] in {"e", "E"}:
        signed = end + 1 + (spelling[end + 1 : end + 2] in {"+", "-"})
        after = _run(spelling, signed, "")
        # `5ep` has a unit, not an exponent.
        exponent, after = (spelling[end + 1 : after], after) if after > signed else ("", end)
    unit = spelling[after:]
    scale = SUFFIXES.get(unit[:1], 1)
    if scale != 1:
        unit = unit[1:]
    if len(digits) > DIGITS:
        raise ValueError(f"a number has at most {DIGITS} digits")
    if len(exponent) > len(str(EXPONENT)) + 1 or abs(int(exponent or 0)) > EXPONENT:
        raise ValueError(f"an exponent is at most {EXPONENT}")
    if digits == "0" and unit[:1] in {"x", "b", "o"} and unit[1:2].isdigit():
        raise ValueError("numbers are decimal")
    if digits.count(".") > 1:
        raise ValueError("this is not a number: it has more than one point")
    if unit[:1].isspace() and unit.strip().isidentifier():
        raise ValueError(
            f"a unit is written against its number, as in `{spelling[:after]}{unit.strip()}`"
        )
    known = unit in {"", "%"} or (unit.isidentifier() and unit.isascii())
    if digits[-1:] in {"", "."} or not known:
        raise ValueError("this is not a number")
    return Quantity(f"{digits}e{exponent}" if exponent else digits, scale, unit)


def _run(text: str, start: int, also: str) -> int:
    """Where the run of digits, and of some other characters, from a place on ends."""
    while start < len(text) and (text[start] in _DIGITS or text[start] in also):
        start += 1
    return start


def exact(number: float) -> Rational:
    """The number that was written, not its nearest binary fraction: 0.1 is one tenth."""
    if float(number).is_integer():
        return int(number)
    from fractions import Fraction

    return Fraction(repr(float(number)))


def whole(number: float) -> int | None:
    """The whole number that a count comes to in 15 digits, as ``100 * 1.1`` comes to 110."""
    found = number if float(number).is_integer() else float(f"{number:.15g}")
    return int(found) if float(found).is_integer() else None


def divide(a: Rational, b: Rational) -> Rational:
    """The exact quotient."""
    if isinstance(a, int) and isinstance(b, int) and a % b == 0:
        return a // b
    from fractions import Fraction

    return Fraction(a) / b

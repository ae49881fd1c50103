"""The spelling of numbers: ``1_000``, ``10k``, ``1e-5``, ``5ep``, ``10%``, ``2Btok``."""

from __future__ import annotations

from fractions import Fraction

from lrdsl.record import record

SUFFIXES = {"k": 10**3, "M": 10**6, "B": 10**9}
MAX_DIGITS = 40
MAX_EXPONENT = 308
_DIGITS = frozenset("0123456789")


@record
class Quantity:
    """An exact number and its unit, ``""`` where it has none."""

    amount: Fraction
    unit: str


def read(spelling: str) -> Quantity:
    """The quantity a number token spells.

    Raises:
        ValueError: it has more digits, or a larger exponent, than is allowed; or is no number.
    """
    end = _run(spelling, 0, "._")
    digits = spelling[:end].replace("_", "")
    if not all(spelling[:end].split("_")):
        raise ValueError("`_` stands between two digits")
    exponent, after = "0", end
    if spelling[end : end + 1] in {"e", "E"}:
        signed = end + 1 + (spelling[end + 1 : end + 2] in {"+", "-"})
        after = _run(spelling, signed, "")
        # `5ep` has a unit, not an exponent.
        exponent, after = (spelling[end + 1 : after], after) if after > signed else ("0", end)
    unit = spelling[after:]
    scale = SUFFIXES.get(unit[:1], 1)
    if scale != 1:
        unit = unit[1:]
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number has at most {MAX_DIGITS} digits")
    if len(exponent) > len(str(MAX_EXPONENT)) + 1 or abs(int(exponent)) > MAX_EXPONENT:
        raise ValueError(f"an exponent is at most {MAX_EXPONENT}")
    if digits in {"", "."} or not (unit in {"", "%"} or unit.isidentifier()):
        raise ValueError("this is not a number")
    return Quantity(Fraction(f"{digits}e{exponent}") * scale, unit)


def _run(text: str, start: int, also: str) -> int:
    """Where the run of digits, and of some other characters, from a place on ends."""
    while start < len(text) and (text[start] in _DIGITS or text[start] in also):
        start += 1
    return start


def exact(number: float) -> Fraction:
    """The number that was written, not its nearest binary fraction: 0.1 is one tenth."""
    return Fraction(repr(float(number)))

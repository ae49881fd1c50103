"""The spelling of numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest

import lrdsl
from lrdsl.text import numbers

SPELLINGS: dict[str, tuple[int | str | Fraction, str]] = {
    "5": (5, ""),
    "0": (0, ""),
    "00005": (5, ""),
    "0.3": ("3/10", ""),
    ".5": ("1/2", ""),
    "1e-5": ("1/100000", ""),
    "1e+3": (1000, ""),
    "1E3": (1000, ""),
    "1.5e3": (1500, ""),
    "1_000": (1000, ""),
    "1_000.2_5": ("4001/4", ""),
    "10k": (10_000, ""),
    "2M": (2_000_000, ""),
    "3B": (3_000_000_000, ""),
    "1.5k": (1500, ""),
    "5ep": (5, "ep"),
    "0.5ep": ("1/2", "ep"),
    "1e3ep": (1000, "ep"),
    "10kep": (10_000, "ep"),
    "500st": (500, "st"),
    "10%": (10, "%"),
    ".1%": ("1/10", "%"),
    "1e-1%": ("1/10", "%"),
    "2Btok": (2_000_000_000, "tok"),
    "4Msample": (4_000_000, "sample"),
    "5e": (5, "e"),
    "3epochs": (3, "epochs"),
    "7_0sample": (70, "sample"),
    "1e308": (10**308, ""),
    "1e-308": (Fraction(1, 10**308), ""),
    "9" * 40: (10**40 - 1, ""),
}
REFUSED = {
    "1__0": "stands between two digits",
    "1_": "stands between two digits",
    "1_ep": "stands between two digits",
    "9" * 41: "at most 40 digits",
    "0." + "1" * 60: "at most 40 digits",
    "1e309": "at most 308",
    "1e-309": "at most 308",
    "1e999999999999999999": "at most 308",
    "5.": "not a number",
    "5.ep": "not a number",
    "1.2.3": "not a number",
    "1..2": "not a number",
    "5-ep": "not a number",
    "5 ep": "a unit is written against its number, as in `5ep`",
    "5%%": "not a number",
    "5\u00e9": "not a number",
}
# Texts that are no number token at all, but may come from a run's parameters.
STRANGE = ["", "ep", ".", "-5", "+5", "abc", "nan", "inf", "\uff15", " 5", "5 ", "_5", "e5", "%"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_what_a_spelling_means(spelling: str) -> None:
    amount, unit = SPELLINGS[spelling]
    found = numbers.read(spelling)
    assert (found.exact, found.unit) == (Fraction(amount), unit)


@pytest.mark.parametrize("spelling", REFUSED)
def test_what_is_no_number(spelling: str) -> None:
    with pytest.raises(ValueError, match=REFUSED[spelling]):
        numbers.read(spelling)


@pytest.mark.parametrize("spelling", STRANGE)
def test_what_is_no_number_at_all(spelling: str) -> None:
    with pytest.raises(ValueError):
        numbers.read(spelling)


@pytest.mark.parametrize("spelling", [s for s, (_, unit) in SPELLINGS.items() if not unit])
def test_a_number_in_a_program_is_the_nearest_float(spelling: str) -> None:
    amount = Fraction(SPELLINGS[spelling][0])
    assert lrdsl.parse(f"const(value = {spelling})").resolve()(0) == float(amount)


@pytest.mark.parametrize(
    "spelling", ["5.", "1.2.3", "1__0", "1_", "9" * 41, "1e309", "1e-309", "9e307k"]
)
def test_a_number_that_cannot_be_read_is_reported_as_a_whole(spelling: str) -> None:
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(f"const(10, {spelling})")
    (found,) = caught.value.diagnostics
    assert (found.code, found.span.text) == ("LRS104", spelling)


@pytest.mark.parametrize("written", [0.1, 0.3, 1e-05, 2.5, 1e22, 5e-324, 100])
def test_exact_is_the_number_as_written(written: float) -> None:
    assert numbers.exact(written) == Fraction(str(written))


def test_exact_is_not_the_binary_fraction() -> None:
    assert numbers.exact(0.1) == Fraction(1, 10) != Fraction(0.1)

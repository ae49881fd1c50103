"""The one way in which messages, charts and pages write numbers, counts, lists and suggestions."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

# Significant digits of a number in a message.
DIGITS = 6
# More names than this take too long to compare with a misspelled one.
_MANY_NAMES = 300
# The larger ones first.
SUFFIXES = ((10**9, "B"), (10**6, "M"), (10**3, "k"))
# The way out wherever two parts meet without it.
SEQUENCE = "to put one part after another, write `>>`"


def number(value: float, digits: int = DIGITS) -> str:
    """Writes a value with so many significant digits at most, as the language spells it.

    >>> number(0.30000000000000004), number(0.00003), number(-0.0), number(1e20), number(True)
    ('0.3', '3e-5', '0', '1e20', 'true')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if value == 0:
        return "0"
    # Small rates are written, and compared, by their power of ten: 3e-4.
    small = abs(value) < 1e-3
    text = f"{value:.{digits - 1}e}" if small else f"{value:.{digits}g}"
    mantissa, mark, exponent = text.partition("e")
    if not mark:
        return text
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"


def apart(a: float, b: float) -> tuple[str, str]:
    """Writes two values with six digits, or with as many as it takes to tell them apart.

    >>> apart(0.1, 0.2), apart(0.1, 0.1000000012345), apart(0.1, 0.1)
    (('0.1', '0.2'), ('0.1', '0.100000001'), ('0.1', '0.1'))
    """
    enough = (n for n in range(DIGITS, 18) if number(a, n) != number(b, n))
    digits = next(enough, DIGITS)
    return number(a, digits), number(b, digits)


def count(amount: int | Fraction | float) -> str:
    """Writes how many there are, with commas between thousands.

    >>> count(112590), count(2.5), count(math.inf)
    ('112,590', '2.5', 'inf')
    """
    if isinstance(amount, float) and not math.isfinite(amount):
        return str(amount)
    if amount == int(amount):
        return f"{int(amount):,}"
    return f"{float(amount):,.1f}"


def short_count(amount: int, decimals: int = 2) -> str:
    """Writes a large count in the language's k, M or B where so few decimals say all of it.

    >>> short_count(2000), short_count(35190), short_count(125_000), short_count(2_000_000_000)
    ('2,000', '35,190', '125k', '2B')
    """
    for size, letter in SUFFIXES if amount >= 10_000 else ():
        if amount >= size:
            short = f"{number(amount / size, 15)}{letter}"
            is_exact = amount * 10**decimals % size == 0 and len(short) < len(str(amount))
            return short if is_exact else count(amount)
    return count(amount)


def rounded_count(amount: float) -> str:
    """Writes an amount in six digits at most, a large one in the language's k, M or B.

    >>> rounded_count(1.15), rounded_count(4.9e10), rounded_count(1234567.8)
    ('1.15', '49B', '1.23457M')
    """
    for size, letter in SUFFIXES if amount >= 10_000 else ():
        if amount >= size:
            return f"{number(amount / size, 6)}{letter}"
    return number(amount, 6)


def plural(amount: int | Fraction | float, noun: str) -> str:
    """Writes a count with its noun.

    >>> plural(1, "step"), plural(106335, "step")
    ('1 step', '106,335 steps')
    """
    return f"{count(amount)} {noun}{'s' * (amount != 1)}"


def listed(words: Iterable[str], last: str = "and") -> str:
    """Writes words as a list in a sentence.

    >>> listed(["a", "b", "c"]), listed(["a", "b"], "or"), listed([])
    ('a, b and c', 'a or b', '')
    """
    *most, final = [*words] or [""]
    return f"{', '.join(most)} {last} {final}" if most else final


def option_of(argument: str) -> str:
    """The option of the command line that is an argument in Python.

    >>> option_of("steps_per_epoch")
    '--steps-per-epoch'
    """
    return f"--{argument.replace('_', '-')}"


def installing(extra: str) -> str:
    """Says how an extra is installed: lrdsl is in no package index, but in its repository.

    >>> installing("torch")
    "run `pip install '.[torch]'` in a checkout of lrdsl"
    """
    return f"run `pip install '.[{extra}]'` in a checkout of lrdsl"


def visible(text: str) -> str:
    r"""Writes what a terminal obeys or does not show as escapes: the name of a file may hold it.

    >>> visible("é.lrs"), visible("\x1b[1m\n.lrs") == r"\x1b[1m\n.lrs"
    ('é.lrs', True)
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def shortened(text: str) -> str:
    r"""Writes a text on one line, its end left out where it is long.

    >>> shortened("warmup(5)\n  >> const")
    'warmup(5) >> const'
    """
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:36].rstrip() + " …"


def on_one_line(text: str) -> str:
    r"""Writes a text on one line, all of it but comments: what is proposed can be pasted.

    >>> on_one_line("warmup(5)  # up\n  >> const")
    'warmup(5) >> const'
    """
    return " ".join(re.sub(r'("[^"\n]*")|#[^\n]*', r"\1", text).split())


def did_you_mean(word: str, names: Iterable[str], otherwise: str = "") -> str:
    """Proposes the name most like a word.

    Args:
        word: the written word.
        names: the candidates.
        otherwise: the text to use if no name is near.

    >>> did_you_mean("cosin", ["cosine", "const"])
    'did you mean `cosine`?'
    """
    nearest = closest(word, names)
    return f"did you mean `{nearest}`?" if nearest else otherwise


def closest(word: str, names: Iterable[str]) -> str | None:
    """Finds the name most like a word, whatever its case; None if none is near."""
    near = nearest(word, names, 1)
    return near[0] if near else None


def nearest(word: str, names: Iterable[str], most: int) -> list[str]:
    """Finds the names most like a word, whatever its case; the nearest first.

    Of hundreds of names, only those are compared that start alike and are about as long.

    Args:
        word: the written word.
        names: the candidates.
        most: the maximum number to find.

    >>> nearest("cosin", ["const", "cosine", "coin"], 2)
    ['cosine', 'coin']
    """
    candidates: Sequence[str] = list(names)
    if len(candidates) > _MANY_NAMES:
        same = (name for name in candidates if name[:1] == word[:1])
        candidates = [name for name in same if abs(len(name) - len(word)) < 2][:_MANY_NAMES]
    by_lower = {name.lower(): name for name in sorted(candidates)}
    from difflib import get_close_matches

    word = word.lower()
    alike = get_close_matches(word, by_lower, n=len(by_lower) or 1)
    return [by_lower[name] for name in islice(filter(partial(_may_be_slip, word), alike), most)]


def _may_be_slip(word: str, name: str) -> bool:
    """True if few letters are wrong for a word of its length, or one word starts the other.

    Half the letters in common are not enough: `foo` and `floor` have nothing to do with each other.
    """
    short, long = sorted((word, name), key=len)
    if len(short) > 1 and long.startswith(short):
        return True
    most = 1 + len(short) // 6
    return len(long) - len(short) <= most and _slips(word, name) <= most


def _slips(word: str, name: str) -> int:
    """How many letters are wrong, missing, too many, or swapped with their neighbors."""
    before: list[int] = []
    row = list(range(len(name) + 1))
    for i, letter in enumerate(word):
        earlier, before, row = before, row, [i + 1]
        for j, other in enumerate(name):
            row.append(min(before[j] + (letter != other), before[j + 1] + 1, row[j] + 1))
            if i and j and (letter, other) == (name[j - 1], word[i - 1]):
                row[-1] = min(row[-1], earlier[j - 1] + 1)
    return row[-1]


def unknown_event(name: str, names: Iterable[str]) -> str:
    """Says that there is no event of a name.

    Args:
        name: the name.
        names: the events that there are.
    """
    known = list(names)
    near = closest(str(name), known)
    if near is not None:
        return f"no part of this schedule waits for {name!r}; did you mean {near!r}?"
    if not known:
        return f"no part of this schedule waits for {name!r}, or for any other event"
    return f"no part of this schedule waits for {name!r}, but for {', '.join(map(repr, known))}"

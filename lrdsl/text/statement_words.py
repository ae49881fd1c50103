"""Statements in nearly the words of the language: ``run total: 90ep``, ``scalar kl weight: …``.

What such a line means is one statement, which is written anew as a whole. Loaded only where a text
has one.
"""

from __future__ import annotations

import re

from lrdsl.record import record
from lrdsl.text.numbers import SPELLED
from lrdsl.text.settings import BATCHES, EPOCHS, TOTALS

_NAME = r"[A-Za-z_]\w*"
_ITEM = re.compile(
    rf"({_NAME}|[0-9.][\w.]*)[ \t]*(?:[:=][ \t]*)?=?[ \t]*([0-9.][\w.]*)(?:[ \t]+({_NAME}))?"
)
_UNITS = {
    **{word: unit for word, unit in SPELLED.items() if unit in {"ep", "st"}},
    "tok": "tok",
    "token": "tok",
    "tokens": "tok",
    "seq": "seq",
    "h": "h",
    "hours": "h",
    **dict.fromkeys(("sample", "samples"), "sample"),
}
_GROUPS = rf'({_NAME})\[[ \t]*("[^"\n]*"|[0-9]+)'
# What is written, and what is meant; what follows the colon stays.
_HEADS: tuple[tuple[str, str], ...] = (
    (rf"scalar[ \t]*[(\"'\[][ \t]*({_NAME})[ \t]*[)\"'\]][ \t]*(?::|=)?", r"scalar \1:"),
    (rf"scalar[ \t]*:[ \t]*({_NAME})[ \t]+(?={_NAME}\()", r"scalar \1: "),
    (rf"scalar[ \t]+({_NAME})[ \t]+(?={_NAME}\(|[0-9])", r"scalar \1: "),
    (rf"optional[ \t]+{_GROUPS}[ \t]*\][ \t]*:", r"\1[\2, optional]:"),
    (rf"{_GROUPS}[ \t]*\][ \t]*,?[ \t]*(?:\(?optional\)?|\?)[ \t]*:", r"\1[\2, optional]:"),
    (
        rf"{_GROUPS}[ \t]*,[ \t]*(?:\"optional\"|optional[ \t]*[=:?][^\]\n]*)\][ \t]*:",
        r"\1[\2, optional]:",
    ),
    (rf"({_NAME})\[([A-Za-z_*][\w.*]*[.{{*][\w.*{{}}]*)\][ \t]*:", r'\1["\2"]:'),
)
_WORDS = re.compile(rf"scalar[ \t]+({_NAME}(?:[ \t]+{_NAME})+)[ \t]*[:=]")
_STARTS = re.compile(rf"run\b|scalar\b|optional\b|{_NAME}\[")


@record
class Meant:
    """A line, or its start, and what is meant by it.

    Attributes:
        start: where it starts in the text.
        end: where it ends.
        text: what to write instead.
    """

    start: int
    end: int
    text: str

    @property
    def message(self) -> str:
        """What is wrong."""
        word = self.text.split()[0]
        what = f"`{word}`" if word in {"run", "scalar"} else "selector"
        return f"this is not how a {what} is written"

    @property
    def help(self) -> str:
        """What to write, in words."""
        return f"write `{self.text.strip()}{' …' if self.text.rstrip().endswith(':') else ''}`"


def meant(text: str, place: int) -> Meant | None:
    """What is meant by the line at a place; None for any other line.

    Args:
        text: a text.
        place: somewhere in the line.
    """
    start = text.rfind("\n", 0, place) + 1
    line = text[start:].partition("\n")[0]
    start += len(line) - len(line.lstrip())
    line = line.strip().partition("#")[0].rstrip()
    start_word = _STARTS.match(line)
    if not start_word or _is_defined(text, start_word[0]):
        return None
    if line.startswith("run"):
        new = _run(text, line)
        return None if new in {None, line} else Meant(start, start + len(line), new or "")
    if named := _WORDS.match(line):
        name = "_".join(named[1].split())
        return Meant(start, start + named.end(), f"scalar {name}:")
    for pattern, head in _HEADS:
        if found := re.match(pattern, line):
            return Meant(start, start + found.end(), found.expand(head))
    return None


def _is_defined(text: str, word: str) -> bool:
    return bool(re.search(rf"\b(?:let|param|def|shape)[ \t]+{re.escape(word)}\b", text))


def _run(text: str, line: str) -> str | None:
    """``run(total = 90ep; ep: 1251)`` as a statement."""
    body = re.sub(r"\Arun[ \t]*[:=]?[ \t]*", "", line)
    body = re.sub(r"\A\(([^()]*)\)\Z", r"\1", body).strip().rstrip(",;")
    if re.fullmatch(r"[0-9.][\w.]*", body):
        body = f"total = {body}"
    parts = re.split(
        rf"[ \t]*[,;][ \t]*|(?<=[\w.])[ \t]+(?={_NAME}[ \t]*[:=]|[0-9]\w*[ \t]*=)", body
    )
    items: list[str] = []
    for found in map(_ITEM.fullmatch, parts):
        unit = found[3] if found else None
        if found is None or (unit and (unit not in _UNITS or _is_defined(text, unit))):
            return None
        if (said := item(found[1], found[2], unit or "")) is None:
            return None
        items.append(said)
    return f"run {', '.join(items)}"


def item(name: str, value: str, unit: str = "") -> str | None:
    """An item of a ``run`` as it is written here; None if it is not known what it means.

    >>> item("steps_per_epoch", "1251"), item("epochs", "90"), item("total", "90", "epochs")
    ('1ep = 1251st', 'total = 90ep', 'total = 90ep')

    Args:
        name: what it sets.
        value: the number.
        unit: a word after the number.
    """
    value += _UNITS.get(unit, unit)
    bare = value.replace("_", "").rstrip("kMB").replace(".", "").isdecimal()
    if name in TOTALS.split():
        return f"total = {value}ep" if "epoch" in name and bare else f"total = {value}"
    if name in EPOCHS.split():
        return f"1ep = {value}st" if bare else f"1ep = {value}"
    if name in BATCHES:
        return f"1st = {value}{BATCHES[name]}" if bare else f"1st = {value}"
    if name in _UNITS:
        return f"1{_UNITS[name]} = {value}"
    return f"{name} = {value}" if name == "clock" or not name[0].isalpha() else None

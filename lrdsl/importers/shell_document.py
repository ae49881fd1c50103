"""Commands in a shell script: their options as fields, and the variables of the script in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl.importers.fields import Fields, Unknown
from lrdsl.importers.shell_words import Word, computed, words
from lrdsl.importers.sources import text_of
from lrdsl.record import entity

if TYPE_CHECKING:
    from lrdsl.importers.documents import Call
    from lrdsl.importers.trial import Trial

_ASSIGNED = re.compile(r"([A-Za-z_]\w*)\+?=(.*)", re.DOTALL)
# `$((A * B))`, `${NAME:-default}` and `$NAME`.
_COMPUTED = re.compile(r"\$\(\(([^()]*(?:\([^()]*\)[^()]*)*)\)\)")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*|\d)(?::?[-=]([^{}]*))?\}|([A-Za-z_]\w*|\d))")
# `$NAME`, `${NAME}` and `${NAME[@]}`.
_REFERENCE = re.compile(r"\$\{?([A-Za-z_]\w*)")
# Where the name of a variable begins that has no `$`.
_NAME = re.compile(r"(?<![\w$])(?<!\$\{)(?=[A-Za-z_])")
# An option that is a number: `--lr-period-updates -1`.
_NUMBER = re.compile(r"-\.?\d.*")
# Commands whose words may be assignments.
_DECLARATIONS = {"export", "local", "declare", "readonly", "typeset"}
# Name, value and line.
Option = tuple[str, object, int]


def read(path: str, root: Path, trial: Trial) -> tuple[Fields, list[Call]]:
    """The options of all commands of a script, under their names with ``_`` for ``-``.

    Options may be in arrays and in variables, as they are where a script puts a long command
    together. A variable or an option with two values is not known: which of them counts takes a run
    to know. Where commands share an option, each of them is a table of its own.

    Args:
        path: the file.
        root: not needed: a script's own files are not followed.
        trial: the values for what it does not say.

    Raises:
        Refused: it cannot be read.
    """
    script = _Script()
    script.walk(words(text_of(Path(path))))
    found = script.options()
    if len(found) == 1:
        return _fields(found[0], trial, ""), []
    names = [f"command {i}" for i in range(1, len(found) + 1)]
    tables = {n: _fields(own, trial, n) for n, own in zip(names, found, strict=True)}
    return Fields(tables, trial), []


def _fields(options: Iterable[Option], trial: Trial, name: str) -> Fields:
    values: dict[str, object] = {}
    lines: dict[str, int] = {}
    for key, option, line in options:
        same = key not in values or values[key] == option
        values[key], lines[key] = option if same else Unknown(key), line
    return Fields(values, trial, lines, name)


@entity
class _Group:
    """Words that belong together.

    Attributes:
        name: the array or the variable that they are in; empty for those of a command.
        words: the words.
    """

    name: str
    words: list[Word]


class _Script:
    """A script as it is read: its variables, and the words of its commands."""

    def __init__(self) -> None:
        self._variables: dict[str, str] = {}
        self._unknown: set[str] = set()
        self._groups: list[_Group] = []

    def walk(self, found: list[Word]) -> None:
        """Reads words.

        Args:
            found: the words of the script.
        """
        is_first, array, group = True, "", self._begun("")
        for word in found:
            assigned = _ASSIGNED.fullmatch(word.text) if is_first else None
            if word.is_operator and word.text == "(" and array:
                group = self._begun(array)
            elif word.is_operator and (word.text == ")" or not group.name):
                group = self._begun("")
            elif assigned and "--" not in word.text:
                self._assign(assigned[1], self.filled(assigned[2]))
            elif assigned:
                # A text of several options is as good as its words.
                self._begun(assigned[1]).words.extend(self._split(word, assigned[2]))
            else:
                group.words.extend(self._split(word, word.text))
            array = assigned[1] if assigned and not assigned[2] else ""
            is_declared = word.text in _DECLARATIONS
            is_first = word.is_operator or is_declared or (is_first and assigned is not None)

    def _begun(self, name: str) -> _Group:
        self._groups.append(_Group(name, []))
        return self._groups[-1]

    def _split(self, word: Word, text: str) -> Iterator[Word]:
        """The words of a text with the values of its variables."""
        for line, row in enumerate(self.filled(text).split("\n"), word.line):
            yield from (Word(part, line, word.is_operator) for part in row.split())

    def _assign(self, name: str, value: str) -> None:
        if self._variables.get(name, value) != value:
            self._unknown.add(name)
        self._variables[name] = value

    def filled(self, text: str) -> str:
        """A text with the values of the variables in it; those that are not known stay.

        Args:
            text: the text.
        """

        def value(match: re.Match[str]) -> str:
            name = match[1] or match[3]
            if name in self._unknown:
                return match[0]
            return self._variables.get(name, (match[2] or match[0]).strip("\"'"))

        # Arithmetic may name a variable without its `$`.
        named = _COMPUTED.sub(lambda m: f"$(({_NAME.sub('$', m[1])}))", text)
        return _COMPUTED.sub(lambda m: computed(m[1]) or m[0], _VARIABLE.sub(value, named))

    def options(self) -> list[list[Option]]:
        """The options of each command that has some; all in one where none is in two of them."""
        groups = self._groups
        found = [list(_options(self._whole(g.words, ()))) for g in groups if not g.name]
        found = [own for own in found if own]
        names = Counter(name for own in found for name in {name for name, _, _ in own})
        if max(names.values(), default=0) < 2:
            return [[option for group in groups for option in _options(group.words)]]
        used = {n for group in groups if not group.name for n in self._named(group.words, ())}
        rest = [group for group in groups if group.name and group.name not in used]
        others = [option for group in rest for option in _options(group.words)]
        return [[*others, *own] for own in found]

    def _named(self, words: list[Word], above: tuple[str, ...]) -> Iterator[str]:
        """The arrays and variables among words, and those in them."""
        for name in (name for word in words for name in _REFERENCE.findall(word.text)):
            if name not in above:
                yield name
                for group in (group for group in self._groups if group.name == name):
                    yield from self._named(group.words, (*above, name))

    def _whole(self, words: list[Word], above: tuple[str, ...]) -> list[Word]:
        """Words with those of the arrays and variables among them."""
        found = []
        for word in words:
            names = _REFERENCE.findall(word.text)
            groups = [group for group in self._groups if group.name and group.name in names]
            found += [] if groups else [word]
            for group in (group for group in groups if group.name not in above):
                found += self._whole(group.words, (*above, group.name))
                found.append(Word("", word.line, is_operator=True))
        return found


def _options(words: list[Word]) -> Iterator[Option]:
    """Name, value and line of each option; the value of one that stands alone is True."""
    for i, (word, line) in enumerate((w.text, w.line) for w in words):
        if word.startswith("--") and word != "--":
            name, has_value, value = word.removeprefix("--").partition("=")
            if not has_value:
                value = " ".join(_following(words[i + 1 :]))
            yield name.replace("-", "_"), value or True, line


def _following(words: list[Word]) -> Iterator[str]:
    """The words after an option that belong to it."""
    for word in words:
        is_option = word.text.startswith("-") and not _NUMBER.fullmatch(word.text)
        if word.is_operator or is_option:
            return
        yield word.text

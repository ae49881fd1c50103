"""Commands in a shell script: their options as fields, and the variables of the script in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl.importers.fields import Fields, Unknown
from lrdsl.importers.shell_words import Word, computed, words
from lrdsl.importers.sources import text_of

if TYPE_CHECKING:
    from lrdsl.importers.documents import Call
    from lrdsl.importers.trial import Trial

_ASSIGNED = re.compile(r"([A-Za-z_]\w*)\+?=(.*)", re.DOTALL)
# `$((A * B))`, `${NAME:-default}` and `$NAME`.
_COMPUTED = re.compile(r"\$\(\(([^()]*(?:\([^()]*\)[^()]*)*)\)\)")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*|\d)(?::?[-=]([^{}]*))?\}|([A-Za-z_]\w*|\d))")
# Where the name of a variable begins that has no `$`.
_NAME = re.compile(r"(?<![\w$])(?<!\$\{)(?=[A-Za-z_])")
# An option that is a number: `--lr-period-updates -1`.
_NUMBER = re.compile(r"-\.?\d.*")
# Commands whose words may be assignments.
_DECLARATIONS = {"export", "local", "declare", "readonly", "typeset"}


def read(path: str, root: Path, trial: Trial) -> tuple[Fields, list[Call]]:
    """The options of all commands of a script, under their names with ``_`` for ``-``.

    Options may be in arrays and in variables, as they are where a script puts a long command
    together. A variable or an option with two values is not known: which of them counts takes a run
    to know.

    Args:
        path: the file.
        root: not needed: a script's own files are not followed.
        trial: the values for what it does not say.

    Raises:
        Refused: it cannot be read.
    """
    script = _Script()
    script.walk(words(text_of(Path(path))))
    values: dict[str, object] = {}
    lines: dict[str, int] = {}
    for name, option, line in script.options():
        if name in values and values[name] != option:
            option = Unknown(name)
        values[name], lines[name] = option, line
    return Fields(values, trial, lines), []


class _Script:
    """A script as it is read: its variables, and the words of its commands."""

    def __init__(self) -> None:
        self._variables: dict[str, str] = {}
        self._unknown: set[str] = set()
        self._words: list[Word] = []

    def walk(self, found: list[Word]) -> None:
        """Reads words.

        Args:
            found: the words of the script.
        """
        is_first = True
        for word in found:
            assigned = _ASSIGNED.fullmatch(word.text) if is_first else None
            if assigned and "--" not in word.text:
                self._assign(assigned[1], self.filled(assigned[2]))
            else:
                # A text of several options is as good as its words.
                text = assigned[2] if assigned else word.text
                line = word.line
                for row in self.filled(text).split("\n"):
                    self._words += [Word(part, line, word.is_operator) for part in row.split()]
                    line += 1
                if assigned:
                    self._words.append(Word("", line, is_operator=True))
            is_declared = word.text in _DECLARATIONS
            is_first = word.is_operator or is_declared or (is_first and assigned is not None)

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
            return self._variables.get(name, match[2] or match[0])

        # Arithmetic may name a variable without its `$`.
        named = _COMPUTED.sub(lambda m: f"$(({_NAME.sub('$', m[1])}))", text)
        return _COMPUTED.sub(lambda m: computed(m[1]) or m[0], _VARIABLE.sub(value, named))

    def options(self) -> Iterator[tuple[str, object, int]]:
        """Name, value and line of each option; the value of one that stands alone is True."""
        for i, (word, line) in enumerate((w.text, w.line) for w in self._words):
            if word.startswith("--") and word != "--":
                name, has_value, value = word.removeprefix("--").partition("=")
                if not has_value:
                    value = " ".join(self._following(i))
                yield name.replace("-", "_"), value or True, line

    def _following(self, i: int) -> Iterator[str]:
        """The words after an option that belong to it."""
        for word in self._words[i + 1 :]:
            is_option = word.text.startswith("-") and not _NUMBER.fullmatch(word.text)
            if word.is_operator or is_option:
                return
            yield word.text

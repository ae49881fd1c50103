"""Patterns for the keys of a config: words between dots, and how far they match on the way down."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from lrdsl import files
from lrdsl.configs.marks import PACKAGE, RESOLVER, TAG, TARGET

ANY = "**"

# How far each pattern has come: its number, and the word of it that is next.
State = frozenset[tuple[int, int]]


class Keys:
    """Patterns for keys: words between dots, where ``*`` and ``?`` match letters, ``**`` words.

    Args:
        patterns: such as ``optimizer.schedule``, ``*.schedule``, ``**.lr``.

    Attributes:
        unmatched: the patterns that nothing has matched so far.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = [pattern.split(".") for pattern in patterns]
        self.unmatched = dict.fromkeys(patterns)
        self.start: State = self._closed({(i, 0) for i in range(len(self._patterns))})

    def with_path(self, path: str) -> Keys:
        """The same patterns, and one for a path of keys, whose letters stand for themselves.

        Args:
            path: keys between dots.
        """
        keys = Keys([".".join(words) for words in self._patterns])
        keys._patterns.append(re.sub(r"([*?[])", r"[\1]", path).split("."))
        keys.start = keys._closed({(i, 0) for i in range(len(keys._patterns))})
        keys.unmatched = self.unmatched
        return keys

    def step(self, state: State, key: str) -> State:
        """Where the patterns are after a key.

        Args:
            state: where they are before it.
            key: the key.
        """
        places = set()
        for i, at in state:
            if at < len(self._patterns[i]):
                word = self._patterns[i][at]
                if word == ANY:
                    places.add((i, at))
                elif fnmatchcase(key, word):
                    places.add((i, at + 1))
        return self._closed(places)

    def _closed(self, places: set[tuple[int, int]]) -> State:
        pending = list(places)
        while pending:
            i, at = pending.pop()
            words = self._patterns[i]
            if at < len(words) and words[at] == ANY and (i, at + 1) not in places:
                places.add((i, at + 1))
                pending.append((i, at + 1))
        return frozenset(places)

    def matched(self, state: State) -> bool:
        """True if some pattern has come to its end.

        Args:
            state: where they are.
        """
        ends = [self._patterns[i] for i, at in state if at == len(self._patterns[i])]
        for words in ends:
            self.unmatched.pop(".".join(words), None)
        return bool(ends)

    def match(self, path: str) -> bool:
        """True if some pattern matches keys between dots.

        Args:
            path: the keys.
        """
        state = self.start
        for key in path.split("."):
            state = self.step(state, key)
        return any(at == len(self._patterns[i]) for i, at in state)

    def named(self, state: State) -> bool:
        """True if some pattern has come to its end with a word that stands for itself.

        Args:
            state: where they are.
        """
        words = [self._patterns[i][-1] for i, at in state if at == len(self._patterns[i])]
        return any(_longest(word) == word for word in words)

    def worth_reading(self, text: str) -> bool:
        """True if a config file can hold a schedule, as far as a glance tells.

        Most files of a folder hold none. They are not parsed, and need not be well formed.

        Args:
            text: the file.
        """
        # Keys that are written with escapes, and text that is no UTF-8, cannot be glanced at.
        if any(sign in text for sign in (files.SUFFIX, TAG, RESOLVER, "\\u", "\\x", "\0")):
            return True
        if TARGET in text and PACKAGE in text:
            return True
        literal = (_longest(pattern[-1]) for pattern in self._patterns)
        return any(word in text for word in literal)


def _longest(word: str) -> str:
    """The longest stretch of a pattern that stands for itself."""
    return max(re.split(r"[*?]|\[[^]]*\]", word), key=len)

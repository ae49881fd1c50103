"""Schedules in the tree of a config file: by their key, by their tag, or as the path of a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from lrdsl import _HOMES as HOMES
from lrdsl import files, pydantic_field
from lrdsl.configs.config_file import Node, Scalar, Table
from lrdsl.record import record
from lrdsl.text.source import Embedded

TAG = "!lrs"
ANY = "**"
# Where Hydra is told what to call, and what lrdsl has there: the argument that is a schedule.
TARGET, COMPILE, LOAD = "_target_", "lrdsl.compile", "lrdsl.load"
# Those that make a scheduler, whose arguments describe the run.
MAKING = (COMPILE, "lrdsl.ScheduleLR")
CALLS = {
    **dict.fromkeys(MAKING, "source"),
    LOAD: "path",
    "lrdsl.parse": "text",
    "lrdsl.Program": "text",
}
PACKAGE = "lrdsl."
# Or the first of the arguments without names.
ARGUMENTS = "_args_"
# What OmegaConf takes for a value that has to be given elsewhere.
MISSING = "???"
# OmegaConf's resolver for schedules, around a text or a path without interpolations of its own.
RESOLVER = "${lrs:"
_RESOLVED = re.compile(r"""\$\{lrs:\s*(?:'([^'$\\]*)'|"([^"$\\]*)"|([^'"$\\{}]*?))\s*\}""")

# What YAML, TOML and JSON have besides texts and numbers. Null says that there is no schedule: that
# is fine unless a call needs one.
_TRUTHS = frozenset({"true", "false", "yes", "no", "on", "off"})
_NULLS = frozenset({"", "null", "~"})

# How far each pattern has come: its number, and the word of it that is next.
_State = frozenset[tuple[int, int]]


@record
class Call:
    """A call of Hydra's that takes a schedule.

    Attributes:
        name: what is called, one of ``CALLS``.
        table: its arguments.
        run: the arguments of the call around it that makes a scheduler, or of itself, which
            describe the run; or None.
    """

    name: str
    table: Table
    run: Table | None

    @property
    def argument(self) -> str:
        """The name of the argument that is a schedule."""
        return CALLS[self.name]


@record
class Entry:
    """A schedule in a config file.

    Attributes:
        scalar: its text, or its path.
        table: the mapping or list it stands in; None for a document that is nothing else.
        index: its place in the table.
        start: where in the scalar's text it starts, after what calls a resolver.
        end: where in the scalar's text it ends.
        call: the call that it is an argument of; mostly None.
        address: the keys that lead to it, between dots.
    """

    scalar: Scalar
    table: Table | None
    index: int
    start: int
    end: int
    call: Call | None
    address: str

    @property
    def text(self) -> str:
        """Its text, or its path."""
        return self.scalar.text[self.start : self.end]

    @property
    def is_path(self) -> bool:
        """True if it is the path of a file; its suffix tells, unless a call does."""
        if self.call is not None and self.call.name not in MAKING:
            return self.call.name == LOAD
        return self.scalar.kind == "text" and _is_reference(self.text)

    def embedded(self) -> Embedded:
        """Its text, whose places are those of the file."""
        whole, start, end = self.scalar.embedded(), self.start, self.end
        places = whole.starts[start : end + 1], whole.stops[start:end]
        return Embedded(whole.name, whole.text[start:end], whole.host, *places)


@record
class Misfit:
    """A table, a truth value or nothing, in the place of a schedule.

    Attributes:
        node: the value there.
        call: the call that it is an argument of, or None if a key names it.
    """

    node: Node
    call: Call | None


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
        self.start: _State = self._closed({(i, 0) for i in range(len(self._patterns))})

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

    def step(self, state: _State, key: str) -> _State:
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

    def _closed(self, places: set[tuple[int, int]]) -> _State:
        pending = list(places)
        while pending:
            i, at = pending.pop()
            words = self._patterns[i]
            if at < len(words) and words[at] == ANY and (i, at + 1) not in places:
                places.add((i, at + 1))
                pending.append((i, at + 1))
        return frozenset(places)

    def matched(self, state: _State) -> bool:
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

    def named(self, state: _State) -> bool:
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


def find(roots: Sequence[Node], keys: Keys) -> tuple[list[Entry], list[Misfit]]:
    """Every schedule of a config file, in the order of the file, and what stands in place of one.

    A schedule that stands in several places is found once, unless calls take it for other runs.

    Args:
        roots: its documents.
        keys: which keys have schedules.
    """
    entries: dict[tuple[str, int, str], dict[int, Entry]] = {}
    misfits: list[Misfit] = []
    seen: set[tuple[int, _State]] = set()
    for root in roots:
        for found in _walk(root, None, 0, keys, keys.start, seen):
            if isinstance(found, Misfit):
                misfits.append(found)
            else:
                scalar, run = found.scalar, found.call.run if found.call is not None else None
                of_text = entries.setdefault((scalar.source.name, scalar.start, scalar.text), {})
                of_text.setdefault(id(run) if run is not None else 0, found)
    files = [*dict.fromkeys(file for file, _, _ in entries)]
    places = sorted(entries, key=lambda place: (files.index(place[0]), *place[1:]))
    return [entry for place in places for entry in _with_runs(entries[place])], misfits


def _with_runs(of_text: dict[int, Entry]) -> list[Entry]:
    """What takes a text, by the run; what has none says nothing that the others do not."""
    return [entry for run, entry in of_text.items() if run or len(of_text) == 1]


def _walk(
    node: Node,
    table: Table | None,
    index: int,
    keys: Keys,
    state: _State,
    seen: set[tuple[int, _State]],
    path: tuple[str, ...] = (),
    *,
    call: Call | None = None,
) -> Iterator[Entry | Misfit]:
    is_called = call is not None
    named = keys.matched(state) or is_called
    if isinstance(node, Scalar):
        start, end = _resolved(node)
        entry = Entry(node, table, index, start, end, call, ".".join(path))
        misfits = _TRUTHS | _NULLS if is_called else _TRUTHS
        if named and node.kind == "other" and node.text.lower() in misfits:
            yield Misfit(node, call)
        named = named and node.kind in {"text", "number"}
        if node.text != MISSING and (named or node.tag == TAG or start or entry.is_path):
            yield entry
        return
    # Aliases make the tree a graph; what was seen under the same keys holds nothing new.
    if (id(node), state) in seen:
        return
    seen.add((id(node), state))
    if node.tag == TAG:
        yield Misfit(node, None)
        return
    is_empty = named and (is_called or keys.named(state)) and not _calls_another(node)
    called = call_of(node)
    run = node if called in MAKING else call.run if call is not None else None
    own = Call(called, node, run) if called else None
    for i, (key, value) in enumerate(node.items):
        inner = state if key is None else keys.step(state, key)
        place = path if key is None else (*path, key)
        if key is None and isinstance(value, Table) and value.is_list:
            for _, merged in value.items:
                yield from _walk(merged, value, i, keys, inner, seen, path)
        else:
            if own is not None and key == ARGUMENTS and isinstance(value, Table) and value.items:
                (first, source), *_ = value.items
                after = inner if first is None else keys.step(inner, first)
                there = place if first is None else (*place, first)
                yield from _walk(source, value, 0, keys, after, seen, there, call=own)
            taken = own if own is not None and key == own.argument else None
            for found in _walk(value, node, i, keys, inner, seen, place, call=taken):
                is_empty = False
                yield found
    if is_empty:
        yield Misfit(node, call)


def is_truth(scalar: Scalar) -> bool:
    """True if a value is a truth value.

    Args:
        scalar: the value.
    """
    return scalar.kind == "other" and scalar.text.lower() in _TRUTHS


def _calls_another(table: Table) -> bool:
    """True if a table is a call of another name: a config may choose between schedulers."""
    return any(key == TARGET for key, _ in table.items) and not call_of(table)


def call_of(table: Table) -> str:
    """What a table of Hydra's calls, out of ``CALLS``; empty where it calls none of them.

    Args:
        table: the table.
    """
    for key, value in table.items:
        if key == TARGET and isinstance(value, Scalar):
            # The module that a name lives in may be written out.
            module, _, name = value.text.rpartition(".")
            public = f"{PACKAGE}{name}"
            if public in CALLS and module in {"lrdsl", HOMES.get(name)}:
                return public
    return ""


def _resolved(scalar: Scalar) -> tuple[int, int]:
    """The place of the resolver's argument in a string; the whole string if there is none."""
    match = _RESOLVED.fullmatch(scalar.text) if scalar.kind == "text" else None
    return match.span(match.lastindex or 0) if match else (0, len(scalar.text))


def _is_reference(text: str) -> bool:
    """True if a string is the path of a schedule, and no pattern for such paths."""
    return (
        pydantic_field.is_path(text)
        and len(text) > len(files.SUFFIX)
        and not set(text) & set("*?|\\^")
    )


def paths(roots: Sequence[Node]) -> Iterator[tuple[str, Scalar]]:
    """Every scalar of a config file after its keys, between dots.

    Args:
        roots: its documents.
    """
    pending: list[tuple[Node, tuple[str, ...]]] = [(root, ()) for root in roots[::-1]]
    seen: set[int] = set()
    while pending:
        node, path = pending.pop()
        if isinstance(node, Scalar):
            yield ".".join(path), node
        elif id(node) not in seen:
            seen.add(id(node))
            pending += [
                (value, path if key is None else (*path, key)) for key, value in node.items[::-1]
            ]


def lookup(roots: Sequence[Node], path: str) -> Scalar | None:
    """The scalar at a path of keys, in the first document that has one.

    Args:
        roots: the documents of a config file.
        path: keys between dots.
    """
    return next((node for node in at(roots, path) if isinstance(node, Scalar)), None)


def at(roots: Sequence[Node], path: str) -> Iterator[Node]:
    """The values at a path of keys, document by document; those that are merged in come last.

    Args:
        roots: the documents of a config file.
        path: keys between dots.
    """
    for root in roots:
        nodes: list[Node] = [root]
        for word in path.split("."):
            nodes = [value for node in nodes for value in values(node, word)]
        yield from nodes


def values(node: Node, word: str) -> Iterator[Node]:
    """The values of a table under a key: its own first, then those it merges in.

    Args:
        node: the table; any other value has none.
        word: the key.
    """
    if isinstance(node, Table):
        yield from (value for key, value in node.items if key == word)
        for table in merged(node):
            yield from values(table, word)


def merged(table: Table) -> Iterator[Node]:
    """The tables that a table merges, in their order.

    Args:
        table: the table.
    """
    for key, value in table.items:
        if key is None and isinstance(value, Table) and value.is_list:
            yield from (item for _, item in value.items)
        elif key is None:
            yield value

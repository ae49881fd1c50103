"""Schedules in the tree of a config file: by their key, by their tag, or as the path of a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrdsl import files, pydantic_field
from lrdsl.configs.config_file import Node, Scalar, Table
from lrdsl.configs.keys import Keys, State
from lrdsl.configs.marks import (
    ARGUMENTS,
    LOAD,
    MAKING,
    MISSING,
    TAG,
    Call,
    call_of,
    calls_another,
    resolved,
)
from lrdsl.record import record
from lrdsl.text.source import Embedded

# What YAML, TOML and JSON have besides texts and numbers. Null says that there is no schedule: that
# is fine unless a call needs one.
_TRUTHS = frozenset({"true", "false", "yes", "no", "on", "off"})
_NULLS = frozenset({"", "null", "~"})


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


def find(roots: Sequence[Node], keys: Keys) -> tuple[list[Entry], list[Misfit]]:
    """Every schedule of a config file, in the order of the file, and what stands in place of one.

    A schedule that stands in several places is found once, unless calls take it for other runs.

    Args:
        roots: its documents.
        keys: which keys have schedules.
    """
    entries: dict[tuple[str, int, str], dict[int, Entry]] = {}
    misfits: list[Misfit] = []
    seen: set[tuple[int, State]] = set()
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
    state: State,
    seen: set[tuple[int, State]],
    path: tuple[str, ...] = (),
    *,
    call: Call | None = None,
) -> Iterator[Entry | Misfit]:
    is_called = call is not None
    named = keys.matched(state) or is_called
    if isinstance(node, Scalar):
        start, end = resolved(node)
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
    is_empty = named and (is_called or keys.named(state)) and not calls_another(node)
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


def _is_reference(text: str) -> bool:
    """True if a string is the path of a schedule, and no pattern for such paths."""
    return (
        pydantic_field.is_path(text)
        and len(text) > len(files.SUFFIX)
        and not set(text) & set("*?|\\^")
    )

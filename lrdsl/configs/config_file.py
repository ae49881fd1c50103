"""Config files: YAML, TOML and JSON as one kind of tree whose strings know where they stand."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path

from lrdsl.configs import scalars
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.record import entity, record
from lrdsl.text.source import Embedded, Source, Span

# The standard library's since Python 3.11.
TOMLLIB = () if sys.version_info >= (3, 11) else ("tomli",)
# What a file is read by, and the modules that takes, which the extra `configs` brings.
_FORMATS = {
    ".yaml": ("yaml", ("yaml",)),
    ".yml": ("yaml", ("yaml",)),
    ".toml": ("toml", ("tree_sitter", "tree_sitter_toml", *TOMLLIB)),
    ".json": ("json", ("tree_sitter", "tree_sitter_json")),
}


@record
class Scalar:
    """A value of a config file that is no mapping and no list.

    Attributes:
        source: the file.
        start: where it starts, its quote included.
        end: where it ends.
        kind: ``text``, ``number``, or ``other`` for what is neither.
        text: a string's text; the spelling of anything else.
        style: YAML's: ``'``, ``"``, ``|``, ``>``, or empty where it is written plainly.
        tag: YAML's own tag, such as ``!lrs``, or empty.
        trace: finds where the characters of a string are written.
    """

    source: Source
    start: int
    end: int
    kind: str
    text: str
    style: str
    tag: str
    trace: Callable[[], scalars.Traced]

    @property
    def span(self) -> Span:
        """Where it stands in the file."""
        return Span(self.source, self.start, self.end)

    def embedded(self) -> Embedded:
        """The string, as a text whose places are those of the file."""
        traced = self.trace()
        return Embedded(self.source.name, traced.text, self.source, traced.starts, traced.stops)


@entity
class Table:
    """A mapping or a list of a config file; it may contain itself, through an alias of YAML.

    Attributes:
        items: keys and values, in their order; those of a list are its indices. A key of None
            stands for the ``<<`` of YAML: the items of the value belong to this table.
        is_flow: True if it is written in braces or brackets in YAML.
        is_list: True if it is a list.
        span: its first line, where it has a place of its own.
        repeated: the keys that it has already: each with where it stands first, and where again.
        tag: YAML's own tag, such as ``!lrs``, or empty.
    """

    items: list[tuple[str | None, Scalar | Table]]
    is_flow: bool = False
    is_list: bool = False
    span: Span | None = None
    repeated: Sequence[tuple[str, Span, Span]] = ()
    tag: str = ""


Node = Scalar | Table


def tables(roots: Sequence[Node]) -> Iterator[Table]:
    """Every table of a config file, once each; an alias makes it no other one.

    Args:
        roots: the documents, or any values to start from.
    """
    pending, seen = list(roots), set[int]()
    while pending:
        node = pending.pop()
        if isinstance(node, Table) and id(node) not in seen:
            seen.add(id(node))
            yield node
            pending += [value for _, value in node.items]


def first_line(source: Source, start: int, end: int) -> Span:
    """The place of a table, which may be long: its first line.

    Args:
        source: the file.
        start: where it starts.
        end: where it ends.
    """
    stop = source.text.find("\n", start, end)
    line = source.text[start : end if stop < 0 else stop].rstrip()
    return Span(source, start, start + len(line))


def place_of(node: Node) -> Span | None:
    """Where a value stands; a table that only has headings is where its first value is.

    Args:
        node: the value.
    """
    if isinstance(node, Scalar) or node.span is not None:
        return node.span
    inside = (value for _, value in node.items if value is not node)
    return next(filter(None, map(place_of, inside)), None)


def _format(path: str) -> tuple[str, tuple[str, ...]]:
    return _FORMATS[Path(path).suffix.lower()]


def modules(path: str) -> tuple[str, ...]:
    """The modules that a file is read with."""
    return _format(path)[1]


def read(source: Source) -> list[Node]:
    """The documents of a config file; the suffix of its name says of which format.

    Args:
        source: the file.

    Raises:
        LrsError: it is not well formed.
    """
    name = _format(source.name)[0]
    try:
        roots: list[Node] = import_module(f"lrdsl.configs.{name}_file").read(source)
    except RecursionError:
        raise broken(source, 0, "it is nested too deeply", "use fewer levels") from None
    return roots


def broken(source: Source, offset: int, problem: str, help: str) -> LrsError:
    """What is raised where a file is not well formed.

    Args:
        source: the file.
        offset: where that was noticed.
        problem: what is wrong.
        help: what to do about it.
    """
    kind = _format(source.name)[0].upper()
    at = min(offset, len(source.text))
    message = f"this is not {kind}: {problem}"
    return LrsError([Diagnostic("host-syntax", message, help, Span(source, at, at))])

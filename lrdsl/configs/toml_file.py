"""TOML with positions, by tree-sitter; the standard library says what is well formed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lrdsl.configs import scalars
from lrdsl.configs.config_file import Node, Table, broken
from lrdsl.configs.tables import loads
from lrdsl.configs.trees import Places
from lrdsl.text.source import Source

if TYPE_CHECKING:
    import tree_sitter

_NUMBERS = {"integer", "float"}
_KEYS = {"bare_key", "quoted_key", "dotted_key"}
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read(source: Source) -> list[Node]:
    """The document of a TOML file.

    Args:
        source: the file.

    Raises:
        LrsError: it is not well formed.
    """
    import tree_sitter
    import tree_sitter_toml

    try:
        loads(source.text)
    except ValueError as error:
        place = _PLACE.search(str(error))
        message = _PLACE.sub("", str(error))
        offset = _offset(source, place)
        raise broken(source, offset, message[0].lower() + message[1:], "") from None
    places = Places(source)
    language = tree_sitter.Language(tree_sitter_toml.language())
    root = Table([])
    _fill(places, root, tree_sitter.Parser(language).parse(places.data).root_node)
    return [root]


def _offset(source: Source, place: re.Match[str] | None) -> int:
    if place is None or place[1] is None:
        return len(source.text)
    lines = source.text.splitlines(keepends=True)[: int(place[1]) - 1]
    return sum(map(len, lines)) + int(place[2]) - 1


def _fill(places: Places, table: Table, node: tree_sitter.Node) -> None:
    for child in _children(node):
        if child.type == "pair":
            key, value = _children(child)
            *path, name = _path(places, key)
            _inside(table, path).items.append((name, _node(places, value)))
        elif child.type in {"table", "table_array_element"}:
            path = _path(places, child.named_children[0])
            is_list = child.type == "table_array_element"
            inner = _inside(table, path, is_list=is_list)
            if is_list:
                inner.items.append((str(len(inner.items)), Table([])))
            _fill(places, _last(inner), child)


def _children(node: tree_sitter.Node) -> list[tree_sitter.Node]:
    """The children of a node, without comments."""
    return [child for child in node.named_children if child.type != "comment"]


def _inside(table: Table, path: list[str], *, is_list: bool = False) -> Table:
    """The table at a path, or the list of tables; it is made where it is not there."""
    for i, name in enumerate(path):
        table = _last(table)
        inner = [value for key, value in table.items if key == name and isinstance(value, Table)]
        if not inner:
            inner = [Table([], is_list=is_list and i == len(path) - 1)]
            table.items.append((name, inner[0]))
        table = inner[0]
    return table


def _last(table: Table) -> Table:
    """A table, or the last one of a list of them, which is what a path means by it."""
    last = table.items[-1][1] if table.is_list and table.items else table
    return last if isinstance(last, Table) else table


def _path(places: Places, node: tree_sitter.Node) -> list[str]:
    if node.type == "dotted_key":
        parts = [child for child in node.named_children if child.type in _KEYS]
        return [name for part in parts for name in _path(places, part)]
    text = places.text(node)
    return list(loads(f"{text} = 0")) if node.type == "quoted_key" else [text]


def _node(places: Places, node: tree_sitter.Node) -> Node:
    if node.type == "inline_table":
        table = Table([], span=places.first_line(node))
        _fill(places, table, node)
        return table
    if node.type == "array":
        table = Table([], is_list=True, span=places.first_line(node))
        table.items.extend((str(i), _node(places, c)) for i, c in enumerate(_children(node)))
        return table
    if node.type == "string":
        value = str(loads(f"x = {places.text(node)}")["x"])
        return places.string(node, value, scalars.toml)
    return places.scalar(node, "number" if node.type in _NUMBERS else "other")

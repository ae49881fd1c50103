"""JSON with positions, by tree-sitter; the standard library says what is well formed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from lrdsl.configs import scalars
from lrdsl.configs.config_file import Node, Table, broken
from lrdsl.configs.trees import Places
from lrdsl.text.source import Source, Span

if TYPE_CHECKING:
    import tree_sitter

# Numbers that Python reads and the grammar does not, looked for outside strings.
_UNKNOWN = re.compile(rb'"(?:[^"\\]|\\.)*"|[eE]\+|NaN|Infinity')


def read(source: Source) -> list[Node]:
    """The document of a JSON file.

    Args:
        source: the file.

    Raises:
        LrsError: it is not well formed.
    """
    import tree_sitter
    import tree_sitter_json

    try:
        # Python refuses to make numbers of thousands of digits, of which none is made here.
        json.loads(source.text, parse_int=str)
    except json.JSONDecodeError as error:
        problem = error.msg[0].lower() + error.msg[1:]
        raise broken(source, error.pos, problem, _help(source.text, error.pos)) from None
    places = Places(source)
    language = tree_sitter.Language(tree_sitter_json.language())
    tree = tree_sitter.Parser(language).parse(_UNKNOWN.sub(_as_number, places.data))
    return [_node(places, child) for child in tree.root_node.named_children]


_EXTRA = re.compile(r"//|/\*|#")
_TRAILING = re.compile(r",\s*[}\]]")


def _help(text: str, offset: int) -> str:
    """What to do where something stands that only other kinds of JSON have."""
    if _EXTRA.match(text, offset):
        return "JSON has no comments: take it out, or write the config in YAML or TOML"
    # Python says of a comma that nothing may follow it, or that something has to.
    comma = text.rfind(",", 0, offset + 1)
    trailing = _TRAILING.match(text, comma) if comma >= 0 else None
    if trailing is not None and offset <= trailing.end():
        return "JSON has no comma after the last item: take it out"
    return ""


def _as_number(match: re.Match[bytes]) -> bytes:
    """A string as it is; what the grammar knows nothing of, as a number of the same length."""
    written = match[0]
    if written.startswith(b'"'):
        return written
    return b"e0" if written[1:] == b"+" else b"1" * len(written)


def _node(places: Places, node: tree_sitter.Node) -> Node:
    if node.type == "array":
        children = enumerate(node.named_children)
        items: list[tuple[str | None, Node]] = [(str(i), _node(places, c)) for i, c in children]
        return Table(items, is_list=True, span=places.first_line(node))
    if node.type == "string":
        return places.string(node, _text(places, node), scalars.json)
    if node.type != "object":
        return places.scalar(node, "number" if node.type == "number" else "other")
    repeated: list[tuple[str, Span, Span]] = []
    seen: dict[str, tree_sitter.Node] = {}
    table = Table([], span=places.first_line(node), repeated=repeated)
    for pair in node.named_children:
        key, value = pair.child_by_field_name("key"), pair.child_by_field_name("value")
        if key is not None and value is not None:
            name = _text(places, key)
            table.items.append((name, _node(places, value)))
            first = seen.setdefault(name, key)
            if first is not key:
                repeated.append((name, places.span(first), places.span(key)))
    return table


def _text(places: Places, node: tree_sitter.Node) -> str:
    """What a string means."""
    return str(json.loads(places.text(node), strict=False))

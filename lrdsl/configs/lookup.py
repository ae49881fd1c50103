"""Values of a config by their keys, those among them that a table merges in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrdsl.configs.config_file import Node, Scalar, Table


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

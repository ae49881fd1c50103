"""Repeated keys of a config, on the way to a schedule or to what is said of its run."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence

from lrdsl.configs.config_file import Node, tables
from lrdsl.diagnostics.diagnostic import Diagnostic


def repeated(roots: Sequence[Node], holders: Iterable[Node]) -> Iterator[Diagnostic]:
    """What is wrong with keys that stand twice in a mapping.

    Most parsers keep the last of them, and a reader may look at the first. Elsewhere in a config
    that is for other tools to say.

    Args:
        roots: the documents of the config; keys of TOML are never repeated in them.
        holders: the schedules, the calls that take them, and what is said of their run.
    """
    found = [table for table in tables(roots) if table.repeated]
    if not found:
        return
    held = {id(node) for node in holders}
    for table in found:
        for key, first, again in table.repeated:
            values = [value for name, value in table.items if name == key]
            if id(table) in held or _reaches(values, held):
                message = f"this mapping has the key `{key}` already, on line {first.place[0]}"
                help = (
                    "keep one of them: most programs read the last one, and others refuse the file"
                )
                yield Diagnostic("repeated-key", message, help, again)


def _reaches(values: Sequence[Node], held: Container[int]) -> bool:
    """True if a value, or a value inside one, is held."""
    inside = (value for table in tables(values) for _, value in table.items)
    return any(id(value) in held for value in (*values, *inside))

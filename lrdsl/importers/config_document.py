"""YAML, TOML and JSON as tables of plain values that know their lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrdsl.configs import config_file
from lrdsl.configs.config_file import Node, Scalar, Table
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.importers import inherited
from lrdsl.importers.fields import Fields
from lrdsl.importers.refusal import Refused
from lrdsl.importers.sources import referred, text_of
from lrdsl.text.source import Source, Span

if TYPE_CHECKING:
    from lrdsl.importers.documents import Call
    from lrdsl.importers.trial import Trial

# YAML 1.1, TOML and JSON.
_WORDS = {
    "true": True, "yes": True, "on": True, "false": False, "no": False, "off": False,
    "null": None, "~": None, "": None,
}  # fmt: skip
# YAML 1.1.
_OCTAL = re.compile(r"[-+]?0[0-7]+")
# The key by which detectron2's configs name the one that they change.
_PARENT = "_BASE_"


def read(path: str, root: Path, trial: Trial) -> tuple[Fields, list[Call]]:
    """A config; one that names another by ``_BASE_`` has what that one says too.

    Args:
        path: the file.
        root: the folder that files it refers to are in.
        trial: the values for what it does not say.

    Raises:
        Refused: it cannot be read, or refers to a file outside of ``root`` or to itself.
    """
    return _read(Path(path), root, trial, ()), []


def _read(path: Path, root: Path, trial: Trial, above: tuple[Path, ...]) -> Fields:
    fields = _plain(_nodes(path), trial)
    above = (*above, path)
    if inherited.PARENTS in fields:
        return _of_parents(fields, path, root, above)
    named = fields.plain().get(_PARENT)
    parents = [] if named is None else named if isinstance(named, list) else [named]
    base = Fields({}, trial)
    for parent in parents:
        if not isinstance(parent, str):
            raise Refused(f"`{_PARENT}` of {path.name} is no file and no list of files")
        base = merged(base, _read(referred(path, parent, root, above), root, trial, above))
    fields.ignore(_PARENT)
    return merged(base, fields)


def _of_parents(fields: Fields, path: Path, root: Path, above: tuple[Path, ...]) -> Fields:
    """A config over those that its ``_base_`` names, by mmengine's rules."""

    def read(file: Path, above: tuple[Path, ...]) -> dict[str, Any]:
        return values(file, root, fields.trial, above)

    own = fields.plain()
    files = inherited.parents(own.pop(inherited.PARENTS), path, root, above)
    parents = inherited.read_parents(files, above, read)
    return Fields(inherited.merged(parents, own, fields.trial), fields.trial, fields.lines)


def values(path: Path, root: Path, trial: Trial, above: tuple[Path, ...]) -> dict[str, Any]:
    """The values of a config that another one is made of.

    Args:
        path: the file.
        root: the folder that files it refers to are in.
        trial: the values for what it does not say.
        above: the files that led here.

    Raises:
        Refused: it is in a format of its own, or cannot be read.
    """
    if path.suffix.lower() not in {".yaml", ".yml", ".json"}:
        raise Refused(f"{path.name} is no config in YAML or JSON")
    return _read(path, root, trial, above).plain()


def _nodes(path: Path) -> Sequence[Node]:
    try:
        return config_file.read(Source(str(path), text_of(path)))
    except LrsError as error:
        first = error.diagnostics[0]
        raise Refused(f"{first.message}, in line {line_of(first.span)}") from None


def line_of(span: Span | None) -> int:
    """The line of a place; 0 if there is none."""
    return span.source.position(span.start)[0] if span is not None else 0


def _plain(roots: Sequence[Node], trial: Trial) -> Fields:
    """The documents of a file: one table, or one for each where they share a key."""
    tables = [root for root in roots if isinstance(root, Table)]
    keys = Counter(key for table in tables for key in {key for key, _ in table.items})
    if max(keys.values(), default=0) > 1:
        names = [f"document {i}" for i in range(1, len(tables) + 1)]
        pairs = zip(names, tables, strict=True)
        return Fields({name: _table(table, trial, name, ()) for name, table in pairs}, trial)
    whole = Fields({}, trial)
    for table in tables:
        value = _table(table, trial, "", ())
        whole = merged(whole, value if isinstance(value, Fields) else _named(value, trial))
    return whole


def _named(values: list[object], trial: Trial) -> Fields:
    return Fields({str(i): value for i, value in enumerate(values)}, trial)


def _table(
    table: Table, trial: Trial, name: str, above: tuple[Table, ...]
) -> Fields | list[object]:
    if any(table is outer for outer in above):
        raise Refused(f"`{name}` contains itself")
    values: dict[str, object] = {}
    lines: dict[str, int] = {}
    for key, node in table.items:
        path = f"{name}.{key}" if name else str(key)
        value = node_value(node, trial, path, (*above, table))
        if key is None:  # YAML's `<<`, which gives way to the keys beside it
            for merge in value if isinstance(value, list) else [value]:
                if isinstance(merge, Fields):
                    values = merge.plain() | values
            continue
        values[key] = value
        lines[key] = line_of(config_file.place_of(node))
    return list(values.values()) if table.is_list else Fields(values, trial, lines, name)


def node_value(node: Node, trial: Trial, path: str, above: tuple[Table, ...]) -> object:
    """A value of a config as a plain one.

    Args:
        node: the value.
        trial: the values for what is not known.
        path: the names that lead to it.
        above: the tables that it is in.
    """
    if isinstance(node, Table):
        return _table(node, trial, path, above)
    return _scalar(node)


def _scalar(node: Scalar) -> object:
    if node.kind == "number":
        text = node.text.replace("_", "")
        if _OCTAL.fullmatch(text):
            return int(text, 8)
        for kind in (int, float, _in_another_base):
            try:
                return kind(text)
            except ValueError:
                continue
        return node.text
    if node.kind == "text" or node.tag:
        return node.text
    return _WORDS.get(node.text.lower(), node.text)


def _in_another_base(text: str) -> int:
    return int(text, 0)


def merged(base: Fields, own: Fields) -> Fields:
    """A table with the values of another where it has none of its own; tables in it likewise.

    Args:
        base: the other table.
        own: what wins.
    """
    values: dict[str, Any] = base.plain()
    lines = base.lines | own.lines
    for key, value in own.plain().items():
        old = values.get(key)
        if isinstance(old, Fields) and isinstance(value, Fields):
            value = merged(old, value)
        values[key] = value
    return Fields(values, own.trial, lines, own.name)

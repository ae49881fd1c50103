"""YAML, TOML and JSON as tables of plain values that know their lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrdsl.configs import bases, config_file, interpolations
from lrdsl.configs.config_file import Node, Scalar, Table
from lrdsl.configs.referred import Findings, Loaded
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.importers.fields import Fields
from lrdsl.importers.refusal import Refused
from lrdsl.importers.sources import text_of
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


def read(path: str, root: Path, trial: Trial) -> tuple[Fields, list[Call]]:
    """A config; one that changes others, by ``_BASE_`` or ``_base_``, has what those say too.

    Args:
        path: the file.
        root: the folder that files it refers to are in.
        trial: the values for what it does not say.

    Raises:
        Refused: it cannot be read, or refers to a file outside of ``root`` or to itself.
    """
    return _resolved(_nodes(Path(path), root), trial), []


def values(path: Path, root: Path, trial: Trial) -> dict[str, Any]:
    """The values of a config that another one is made of.

    Args:
        path: the file.
        root: the folder that files it refers to are in.
        trial: the values for what it does not say.

    Raises:
        Refused: it is in a format of its own, or cannot be read.
    """
    if path.suffix.lower() not in {".yaml", ".yml", ".json"}:
        raise Refused(f"{path.name} is no config in YAML or JSON")
    return _resolved(_nodes(path, root), trial).plain()


def _nodes(path: Path, root: Path) -> Sequence[Node]:
    source = Source(str(path), text_of(path))
    try:
        roots = config_file.read(source)
    except LrsError as error:
        raise Refused(_said(error.diagnostics[0])) from None
    tops = [top for top in roots if isinstance(top, Table)]
    if not any(key in bases.KEYS for top in tops for key, _ in top.items):
        return roots
    if len(roots) > 1:
        raise Refused(f"{path.name} has several documents, and is made of other files")
    findings = Findings(str(root), {})
    whole = bases.composed(Loaded(path, source, tops[0]), findings)
    for reason in (*map(_said, findings.faults), *findings.notes):
        raise Refused(reason)
    return [whole]


def _said(error: Diagnostic) -> str:
    return f"{error.message}, in line {line_of(error.span)}"


def line_of(span: Span | None) -> int:
    """The line of a place; 0 if there is none."""
    return span.source.position(span.start)[0] if span is not None else 0


def _resolved(roots: Sequence[Node], trial: Trial) -> Fields:
    """The documents of a file, with the values that OmegaConf's interpolations name.

    Each keeps the line of the interpolation: a schedule is where its own table is.
    """
    lines = {id(table): _lines(table) for table in config_file.tables(roots)}
    interpolations.resolve(roots)
    return _plain(roots, trial, lines)


def _lines(table: Table) -> list[int]:
    return [line_of(config_file.place_of(node)) for _, node in table.items]


def _plain(roots: Sequence[Node], trial: Trial, lines: Mapping[int, list[int]]) -> Fields:
    """The documents of a file: one table, or one for each where they share a key."""
    tables = [root for root in roots if isinstance(root, Table)]
    keys = Counter(key for table in tables for key in {key for key, _ in table.items})
    if max(keys.values(), default=0) > 1:
        names = [f"document {i}" for i in range(1, len(tables) + 1)]
        pairs = zip(names, tables, strict=True)
        return Fields({name: _table(table, trial, name, (), lines) for name, table in pairs}, trial)
    whole = Fields({}, trial)
    for table in tables:
        value = _table(table, trial, "", (), lines)
        whole = merged(whole, value if isinstance(value, Fields) else _named(value, trial))
    return whole


def _named(values: list[object], trial: Trial) -> Fields:
    return Fields({str(i): value for i, value in enumerate(values)}, trial)


def _table(
    table: Table,
    trial: Trial,
    name: str,
    above: tuple[Table, ...],
    places: Mapping[int, list[int]],
) -> Fields | list[object]:
    if any(table is outer for outer in above):
        raise Refused(f"`{name}` contains itself")
    values: dict[str, object] = {}
    lines: dict[str, int] = {}
    for (key, node), line in zip(table.items, places[id(table)], strict=True):
        path = f"{name}.{key}" if name else str(key)
        value = (
            _table(node, trial, path, (*above, table), places)
            if isinstance(node, Table)
            else _scalar(node)
        )
        if key is None:  # YAML's `<<`, which gives way to the keys beside it
            for merge in value if isinstance(value, list) else [value]:
                if isinstance(merge, Fields):
                    values = merge.plain() | values
            continue
        values[key] = value
        lines[key] = line
    return list(values.values()) if table.is_list else Fields(values, trial, lines, name)


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

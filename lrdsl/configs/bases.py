"""Configs that change others: ``_BASE_`` of detectron2, ``_base_`` of mmengine and mmcv.

Read in fvcore 0.1.5, ``common/config.py``: ``CfgNode.load_yaml_with_base``; and in mmengine 0.10.7,
``config/config.py``: ``Config._file2dict``.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from lrdsl import files
from lrdsl.configs.config_file import Node, Scalar, Table, place_of, tables
from lrdsl.configs.merging import Fvcore, Merging, Mmengine, flattened
from lrdsl.configs.references import FVCORE, MMENGINE
from lrdsl.configs.referred import Findings, Loaded, Unfollowed
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.record import replace
from lrdsl.wording import visible

# How a config goes over what the keys name.
_RULES: dict[str, type[Merging]] = {FVCORE: Fvcore, MMENGINE: Mmengine}
KEYS = tuple(_RULES)
# A value of the files below, as mmengine writes it: all of a value, and without quotes.
_VALUE = re.compile(r"\{\{\s*_base_\.([\w.]+)\s*\}\}")
_REMOTE = ("::", "://")


def composed(main: Loaded, findings: Findings) -> Table:
    """A config over those that it changes.

    Args:
        main: the config.
        findings: takes what cannot be followed.
    """
    return _composed(main, findings, (main.path,))


def _composed(loaded: Loaded, findings: Findings, above: tuple[Path, ...]) -> Table:
    own = flattened(loaded.table)
    for key, rules in _RULES.items():
        named = [value for name, value in own.items if name == key]
        if not named:
            continue
        own.items[:] = [(name, value) for name, value in own.items if name != key]
        below: Table | None = None
        for scalar in _names(named[-1], key, findings):
            table = _base(scalar, loaded, findings, above)
            if table is None:
                continue
            if below is not None and key == MMENGINE:
                _same_keys(below, table, scalar, findings)
            below = table if below is None else _over(rules(), below, table, findings)
        if below is None:
            continue
        if key == MMENGINE:
            _take_values(own, below, findings)
        own = _over(rules(), below, own, findings)
    return own


def _take_values(own: Table, below: Table, findings: Findings) -> None:
    """Puts what ``{{_base_.x}}`` names in its place; YAML reads it as a table inside a table."""
    for table in [*tables([own])]:
        items = [(key, _value(value, below, findings)) for key, value in table.items]
        table.items[:] = [(key, value) for key, value in items if value is not None]


def _value(node: Node, below: Table, findings: Findings) -> Node | None:
    """A value, or what it names in the files below; None if they lack that."""
    span = node.span if isinstance(node, Table) else None
    match = _VALUE.fullmatch(span.text) if span is not None else None
    if match is None or span is None:
        return node
    found: Node | None = below
    for word in match[1].split("."):
        found = dict(found.items).get(word) if isinstance(found, Table) else None
    if found is None:
        message = f"no file of `{MMENGINE}` has the key `{match[1]}`"
        findings.fault(span, message, "name a key that one of them has")
        return None
    return flattened(found) if isinstance(found, Table) else replace(found)


def _over(rules: Merging, below: Table, above: Table, findings: Findings) -> Table:
    """A table over another; where they cannot be merged, the one above alone."""
    try:
        return rules.over(below, above)
    except LrsError as error:
        findings.faults |= dict.fromkeys(error.diagnostics)
        return above


def _names(node: Node, key: str, findings: Findings) -> list[Scalar]:
    """The files that a config names."""
    values = [node] if isinstance(node, Scalar) else [value for _, value in node.items]
    names = [one for one in values if isinstance(one, Scalar) and one.kind == "text"]
    is_mapping = isinstance(node, Table) and not node.is_list
    if is_mapping or len(names) < len(values):
        span = place_of(node)
        assert span is not None
        findings.fault(span, f"`{key}` names a file, or a list of files", "write their paths")
        return []
    return names


def _base(
    scalar: Scalar, loaded: Loaded, findings: Findings, above: tuple[Path, ...]
) -> Table | None:
    """What a config says that another one changes; None where it is not followed."""
    named = scalar.text
    unknown = "so what it says is not known here"
    if any(sign in named for sign in _REMOTE):
        findings.note(scalar.span, f"names `{named}`, which is no file here, {unknown}")
        return None
    if not named.lower().endswith(files.CONFIGS):
        findings.note(scalar.span, f"names `{named}`, which is not YAML, TOML or JSON, {unknown}")
        return None
    path = Path(named).expanduser() if named.startswith("~") else loaded.path.parent / named
    if not files.is_inside(str(path), findings.root):
        outside = f"which is outside of `{visible(findings.root)}`"
        findings.note(scalar.span, f"names `{named}`, {outside}, {unknown}")
        return None
    if os.path.realpath(path) in map(os.path.realpath, above):
        circle = " > ".join(file.name for file in (*above, path))
        message = f"these files are made of each other: {circle}"
        findings.fault(scalar.span, message, "take one of the references out")
        return None
    try:
        found = findings.load(path)
    except Unfollowed as error:
        folder = visible(str(loaded.path.parent))
        message = f"there is no config to read at `{visible(files.plain(path))}`: {error}"
        help = f"the path is relative to the folder of this file, `{folder}`"
        findings.fault(scalar.span, message, help)
        return None
    return None if found is None else _composed(found, findings, (*above, path))


def _same_keys(below: Table, table: Table, scalar: Scalar, findings: Findings) -> None:
    """Refuses keys that two files of ``_base_`` have, as mmengine does."""
    if twice := [key for key, _ in table.items if key in dict(below.items)]:
        message = f"an earlier file of `{MMENGINE}` has the key `{twice[0]}` too"
        findings.fault(scalar.span, message, "mmengine refuses that: keep the key in one of them")

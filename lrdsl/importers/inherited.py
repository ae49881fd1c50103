"""Configs that are made of others by ``_base_``, as mmengine and mmcv make them.

Read in mmengine 0.10.7, ``config/config.py``: ``Config._file2dict`` and ``_merge_a_into_b``.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrdsl.configs.references import MMENGINE
from lrdsl.importers.fields import Fields
from lrdsl.importers.python_names import reads_base
from lrdsl.importers.refusal import Refused
from lrdsl.importers.sources import referred
from lrdsl.wording import listed

if TYPE_CHECKING:
    from lrdsl.importers.trial import Trial

PARENTS = MMENGINE
_DELETE = "_delete_"
# What a file is read by, once it is found: with the files that led to it.
Reader = Callable[[Path, tuple[Path, ...]], Mapping[str, Any]]


def parents(named: object, path: Path, root: Path, above: tuple[Path, ...]) -> list[Path]:
    """The files that a config is made of.

    Args:
        named: what its ``_base_`` says: a name, or several.
        path: the config.
        root: the folder that they have to be in.
        above: the files that led here, ``path`` the last.

    Raises:
        Refused: it is no name, or one of a file that may not be read.
    """
    given = named if isinstance(named, list) else [named]
    names = [name for name in given if isinstance(name, str)]
    if len(names) != len(given):
        raise Refused(f"`{PARENTS}` of {path.name} is not a list of files")
    if remote := [name for name in names if "::" in name or "://" in name]:
        raise Refused(f"{path.name} is made of {remote[0]}, which is a file of another package")
    return [referred(path, name, root, above) for name in names]


def read_parents(files: list[Path], above: tuple[Path, ...], read: Reader) -> dict[str, Any]:
    """What the files that a config is made of say together.

    Args:
        files: the files.
        above: the files that led here.
        read: what reads one of them.

    Raises:
        Refused: two of them have the same name, which mmengine does not allow.
    """
    together: dict[str, Any] = {}
    for file in files:
        values = read(file, above)
        if twice := sorted(together.keys() & values.keys()):
            raise Refused(f"more than one file of `{PARENTS}` has {listed(map(repr, twice))}")
        together |= values
    return together


def merged(parent: Mapping[str, Any], own: Mapping[str, Any], trial: Trial) -> dict[str, Any]:
    """The values of a config over those that it is made of: tables merge, all else replaces.

    Args:
        parent: the values that it is made of.
        own: its own.
        trial: the values for what is not known.

    Raises:
        Refused: a table would have to merge with something else.
    """
    together = dict(parent)
    for key, value in own.items():
        old = parent.get(key)
        if not isinstance(value, Fields) or key not in parent:
            together[key] = value
            continue
        values = value.plain()
        if values.pop(_DELETE, False):
            together[key] = Fields(values, trial, value.lines, value.name)
        elif isinstance(old, Fields):
            values = merged(old.plain(), values, trial)
            together[key] = Fields(values, trial, value.lines, value.name)
        else:
            raise Refused(f"`{key}` is a table here and something else in a file of `{PARENTS}`")
    return together


def imported(node: ast.With, path: Path, root: Path, above: tuple[Path, ...]) -> list[Path]:
    """The files whose names a config imports below ``with read_base():``.

    Args:
        node: the statement.
        path: the config.
        root: the folder that they have to be in.
        above: the files that led here, ``path`` the last.

    Raises:
        Refused: one of them may not be read.
    """
    if not reads_base(node):
        return []
    found = []
    for statement in node.body:
        if isinstance(statement, ast.ImportFrom) and statement.level and statement.module:
            up = "../" * (statement.level - 1)
            name = f"{up}{statement.module.replace('.', '/')}.py"
            found.append(referred(path, name, root, above))
        else:
            raise Refused(f"`{ast.unparse(statement)}` in {path.name} is not followed")
    return found

"""Definitions of a package, run without what their file imports.

The packages of large trainers import what takes an accelerator. Their schedules are plain Python.
"""

from __future__ import annotations

import ast
from importlib import metadata
from pathlib import Path
from typing import Any


def defined(
    package: str, file: str, names: set[str], given: dict[str, Any], folder: Path | None = None
) -> dict[str, Any]:
    """Runs the definitions of a file of an installed package, and returns them by name.

    Args:
        package: the name of its distribution.
        file: the file, as the package has it.
        names: the functions, classes and constants to run, in the order of the file.
        given: what they use that the file imports.
        folder: where the package is installed, if that is not the environment.
    """
    if folder is None:
        path = Path(str(metadata.distribution(package).locate_file(file)))
    else:
        path = folder / file
    module = ast.parse(path.read_text(encoding="utf-8"))
    module.body = [node for node in module.body if _names(node) & names]
    missing = names - {name for node in module.body for name in _names(node)}
    assert not missing, f"{path} has no {missing}"
    # As if the file began with `from __future__ import annotations`: they are not evaluated.
    flags = annotations.compiler_flag
    found = {"__name__": __name__, **given}
    exec(compile(module, str(path), "exec", flags=flags, dont_inherit=True), found)
    return found


def _names(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {target.id for target in node.targets if isinstance(target, ast.Name)}
    return set()

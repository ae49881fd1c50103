"""Build hook: what a wheel holds beyond the files of the package.

A process that reads saved parsing tables starts sooner than one that has lark make them, so they
are made once, here. ``lrdsl/text/grammar.py`` knows how. It is loaded by its path: importing
``lrdsl`` would need the run-time dependencies, which an isolated build environment lacks.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

GRAMMAR_MODULE = "lrdsl/text/grammar.py"
SAVED_TABLES = "lrdsl/text/lrs.tables"


class SavedTablesHook(BuildHookInterface[Any]):
    """Writes the saved tables for wheels and editable installs; an sdist needs none."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Save the tables in the source tree and add them to the wheel.

        Args:
            version: ``"standard"`` for a wheel, ``"editable"`` for an editable install.
            build_data: Hatchling's record of the build, changed in place.
        """
        root = Path(self.root)
        load_by_path(root / GRAMMAR_MODULE).save(root / SAVED_TABLES)
        # An editable install reads both files from the source tree. A copy of the grammar among
        # the installed packages would only go stale there.
        if version == "standard":
            build_data["artifacts"].append(f"/{SAVED_TABLES}")
            build_data["force_include"]["grammar"] = "lrdsl/grammar"

    def clean(self, versions: list[str]) -> None:
        """Remove what `initialize` wrote.

        Args:
            versions: The kinds of wheel to clean up after; they share one file of tables.
        """
        Path(self.root, SAVED_TABLES).unlink(missing_ok=True)


def load_by_path(path: Path) -> ModuleType:
    """Import one file on its own, without the package around it.

    Args:
        path: The file.

    Returns:
        The module, which no other import can find.

    Raises:
        ImportError: The file is no Python source.
    """
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot import {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

"""Build hook: what a wheel holds beyond the files of the package.

A process that loads a saved parser starts sooner than one that builds its own, so the parser is
built once, here. ``lrdsl/text/grammar.py`` knows how. It is loaded by its path: importing
``lrdsl`` would need the run-time dependencies, which an isolated build environment lacks.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

GRAMMAR_MODULE = "lrdsl/text/grammar.py"
SAVED_PARSER = "lrdsl/text/lrs.parser"


class SavedParserHook(BuildHookInterface[Any]):
    """Writes the saved parser for wheels and editable installs; an sdist needs none."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Save the parser in the source tree and add it to the wheel.

        Args:
            version: ``"standard"`` for a wheel, ``"editable"`` for an editable install.
            build_data: Hatchling's record of the build, changed in place.
        """
        root = Path(self.root)
        load_by_path(root / GRAMMAR_MODULE).save(root / SAVED_PARSER)
        # An editable install reads both files from the source tree. A copy of the grammar among
        # the installed packages would only go stale there.
        if version == "standard":
            build_data["artifacts"].append(f"/{SAVED_PARSER}")
            build_data["force_include"]["grammar"] = "lrdsl/grammar"

    def clean(self, versions: list[str]) -> None:
        """Remove what `initialize` wrote.

        Args:
            versions: The kinds of wheel to clean up after; they share one saved parser.
        """
        Path(self.root, SAVED_PARSER).unlink(missing_ok=True)


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

"""Build hook: what a wheel holds beyond the files of the package.

Restoring a saved parser is faster than having Lark build one from the grammar in every process, so
it is saved once, here. The modules that do it need nothing but Lark, which the build requires.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SAVED_PARSER = "lrdsl/text/lrs.parser"


class SavedParserHook(BuildHookInterface[Any]):
    """Writes the saved parser for wheels and editable installs; an sdist needs none."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Save the parser in the source tree and add it to the wheel.

        Args:
            version: ``"standard"`` for a wheel, ``"editable"`` for an editable install.
            build_data: Hatchling's record of the build, changed in place.
        """
        # Replaced at once, as another environment of the same tree may be reading it.
        parser = Path(self.root, SAVED_PARSER)
        fresh = parser.with_name(f"{parser.name}.{os.getpid()}")
        fresh.write_bytes(saved_parser(self.root))
        fresh.replace(parser)
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


def saved_parser(root: str) -> bytes:
    """The parser of the source tree.

    Args:
        root: The folder of the source tree, whose package no other may stand in for.
    """
    sys.path.insert(0, root)
    try:
        from lrdsl.text.grammar import dumped

        return dumped()
    finally:
        sys.path.remove(root)

"""Build hooks: what a wheel holds and says beyond the files of the package and pyproject.toml.

Restoring a saved parser is faster than having Lark build one from the grammar in every process, so
it is saved once, here. The modules that do it need nothing but Lark, which the build requires.

The sources do not name the place where they are published, as a fork has another one. The
environment variable ``LRDSL_ADDRESS`` tells a build the address of the repository.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

# A fenced block or code in a line, which stay; or the target of a link that leads to a file.
LINK = re.compile(r"```.*?```|`[^`]*`|\]\((?!#|\w+:)([^)\s]+)\)", re.DOTALL)
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


class AddressHook(MetadataHookInterface):
    """Adds the long description, and the links to the repository where its address is given.

    A wheel that is built from an sdist says what the sdist says.
    """

    def update(self, metadata: dict[str, Any]) -> None:
        """Add what is not there yet.

        Args:
            metadata: The table ``project``, changed in place.

        Raises:
            ValueError: ``LRDSL_ADDRESS`` is no address of a page.
        """
        address = os.environ.get("LRDSL_ADDRESS", "").rstrip("/")
        if address and not re.fullmatch(r"https?://\S+", address):
            raise ValueError(f"LRDSL_ADDRESS must start with https://, and is {address!r}")
        tag = f"v{metadata['version']}"
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        shown = with_address(text, address, tag) if address else text
        metadata.setdefault("readme", {"content-type": "text/markdown", "text": shown})
        metadata.setdefault("urls", urls(address, tag) if address else {})


def urls(address: str, tag: str) -> dict[str, str]:
    """The links of a release, by their labels.

    Args:
        address: The address of the repository.
        tag: The tag of the release.
    """
    return {
        "Source": address,
        "Documentation": f"{address}/blob/{tag}/README.md#documentation",
        "Changelog": f"{address}/blob/{tag}/CHANGELOG.md",
        "Issues": f"{address}/issues",
    }


def with_address(text: str, address: str, tag: str) -> str:
    """A page whose links and pictures lead to the repository from anywhere.

    Args:
        text: Markdown, whose relative links start at the root of the repository.
        address: The address of the repository.
        tag: The tag of the release.
    """

    def absolute(match: re.Match[str]) -> str:
        if (target := match[1]) is None:
            return match[0]
        kind = "raw" if target.endswith((".svg", ".png")) else "blob"
        return f"]({address}/{kind}/{tag}/{target})"

    return LINK.sub(absolute, text)


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

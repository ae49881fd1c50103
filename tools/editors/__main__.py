"""``python -m tools.editors`` builds the extension for VS Code, as ``make vscode`` does."""

from __future__ import annotations

import sys

from tools.editors.extension import ExtensionError, build
from tools.npm import NpmError


def main() -> int:
    """Builds the extension, and returns the exit status."""
    try:
        made = build()
    except (ExtensionError, NpmError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 1
    print(f"{made}: {made.stat().st_size / 1024:.0f} kB")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())

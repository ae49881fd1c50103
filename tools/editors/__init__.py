"""What the editors' extensions are made of: highlighting from the grammar, and packages from npm.

``python -m tools.pages`` writes the files that are derived, and ``make vscode`` builds the
extension for VS Code.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
VSCODE = ROOT / "editors" / "vscode"

"""``python -m tools.pages`` writes the derived pages."""

from __future__ import annotations

from tools.pages import write

write()

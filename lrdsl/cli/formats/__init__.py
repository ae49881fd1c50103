"""What `lrdsl check --format` writes: one file a format, each with ``written``."""

from __future__ import annotations

FORMATS = ("github", "json", "sarif", "text")

"""The output formats of `lrdsl check --format`: one file each, with a function ``written``."""

from __future__ import annotations

FORMATS = ("github", "json", "sarif", "text")

"""Lints that look at the text alone; one a file, each with a ``find``."""

from __future__ import annotations

"""Schedules as code and data that need no lrdsl: one file for each format."""

from __future__ import annotations

# Each is `written` in the file of its name.
FORMATS = ("python", "torch", "optax", "keras", "json", "csv")

"""Lints that look at schedules and the parameter groups they drive; one a file, with a ``find``."""

from __future__ import annotations

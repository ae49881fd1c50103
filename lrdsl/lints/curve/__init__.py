"""Lints that look at a schedule, however long the run; one a file, each with a ``find``."""

from __future__ import annotations

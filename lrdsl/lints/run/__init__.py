"""Lints that look at a schedule and the length of its run; one a file, each with a ``find``."""

from __future__ import annotations

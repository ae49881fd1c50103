"""Fuzzing guided by coverage: ``python -m tests.fuzz text 60`` and ``… state 60``."""

from __future__ import annotations

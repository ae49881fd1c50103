"""Formulas: a closed tree, its simplification, and the Python functions made of it."""

from __future__ import annotations

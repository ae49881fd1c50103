"""Syntax tree to program tree: names, arguments, kinds."""

from __future__ import annotations

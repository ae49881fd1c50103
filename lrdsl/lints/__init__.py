"""Lints: probable mistakes in valid programs. One file each, in the folder of its input."""

from __future__ import annotations

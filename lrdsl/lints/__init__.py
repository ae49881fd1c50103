"""Lints: what is allowed, and probably not meant. One file each, in the folder of what it needs."""

from __future__ import annotations

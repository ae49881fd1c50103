"""Text to syntax tree and back."""

from __future__ import annotations

"""What is reported about a text, and how it is shown."""

from __future__ import annotations

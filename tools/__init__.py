"""What is run while developing, and never installed."""

from __future__ import annotations

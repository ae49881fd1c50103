"""Schedules laid out in steps: blocks, and the function from a step to a value."""

from __future__ import annotations

"""Schedules as torch schedulers: the only folder that makes torch objects."""

from __future__ import annotations

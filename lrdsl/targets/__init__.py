"""Schedules bound to optimizers: one file a target."""

from __future__ import annotations

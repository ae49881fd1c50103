"""Schedules bound to what trains: a folder or a file for each framework."""

from __future__ import annotations

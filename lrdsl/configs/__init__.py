"""Schedules inside experiment configs: found in host files, and handed to config libraries."""

from __future__ import annotations

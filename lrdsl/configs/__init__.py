"""Schedules inside experiment configs: found in YAML, TOML and JSON files."""

from __future__ import annotations

"""Support for schedules in other libraries: one file each."""

from __future__ import annotations

"""What makes other libraries understand a schedule: one file each."""

from __future__ import annotations

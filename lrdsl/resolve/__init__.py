"""Program tree and run to schedule: units, what is left over, boundaries."""

from __future__ import annotations

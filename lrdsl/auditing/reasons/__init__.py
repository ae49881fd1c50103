"""Why a run left its schedule: the mistakes that are known, each in a file of its own.

Each module has a ``REASON``. They come in the order of how often they are met, which is the order
in which explanations of one log are given.
"""

from __future__ import annotations

REASONS = ("constant", "faster")

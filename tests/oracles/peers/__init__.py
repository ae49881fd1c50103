"""Schedules of other systems: what is asked of their packages, and how the answers are stored.

A module for each system says which of its schedules are compared, with which arguments, and how
lrdsl writes the same curve. ``python -m tests.oracles.peers``, which ``make oracles`` runs, asks
the installed packages again. Nothing else imports them, and no value is worked out here.
"""

from __future__ import annotations

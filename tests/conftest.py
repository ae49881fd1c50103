"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# Timing decides no test: hypothesis must not fail one that was slow once.
settings.register_profile("lrdsl", deadline=None)
settings.load_profile("lrdsl")

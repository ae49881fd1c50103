"""What holds for every test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from hypothesis import settings

# Timing decides no test: hypothesis must not fail one that was slow once.
settings.register_profile("lrdsl", deadline=None)
settings.load_profile("lrdsl")


def pytest_sessionstart() -> None:
    """Forgets what an earlier session in this process kept: mutmut runs thousands of them."""
    _forget("lrdsl")


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """No test is about what another one made: programs and kernels are made anew for each."""
    _forget("lrdsl.program", "lrdsl.formula", "lrdsl.frameworks.torch", "lrdsl.check.specialize")
    yield


def _forget(*packages: str) -> None:
    for name, module in list(sys.modules.items()):
        if isinstance(module, ModuleType) and name.startswith(packages):
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()
    if shapes := sys.modules.get("lrdsl.check.specialize"):
        shapes._OF_THE_LIBRARY.clear()

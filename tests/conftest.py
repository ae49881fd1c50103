"""What holds for every test."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from functools import _lru_cache_wrapper, lru_cache
from types import ModuleType
from typing import Any

import pytest
from hypothesis import settings

# A second thread of torch only waits in networks as small as those of tests, with a core of its own
# that another test could use. Processes that tests start inherit this.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Timing decides no test: hypothesis must not fail one that was slow once.
settings.register_profile("lrdsl", deadline=None)
settings.load_profile("lrdsl")


def pytest_sessionstart() -> None:
    """Forgets what an earlier session in this process kept: mutmut runs thousands of them."""
    _forget("lrdsl")


def pytest_collection_finish() -> None:
    """Leaves what the tests import out of garbage collections, which tests ask for by the dozen."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    """No test is about what another one made: programs and kernels are made anew for each."""
    _forget("lrdsl.program", "lrdsl.formula", "lrdsl.frameworks.torch", "lrdsl.check.specialize")
    yield


def _forget(*packages: str) -> None:
    for name, kept in _caches(len(sys.modules)):
        if name.startswith(packages):
            kept.cache_clear()
    if shapes := sys.modules.get("lrdsl.check.specialize"):
        shapes._OF_THE_LIBRARY.clear()


@lru_cache(maxsize=1)
def _caches(modules: int) -> list[tuple[str, _lru_cache_wrapper[Any]]]:
    """The cached functions of lrdsl by module, looked for again when there are other modules.

    Looking through thousands of modules before each test takes longer than many tests do.
    """
    return [
        (name, value)
        for name, module in list(sys.modules.items())
        if name.startswith("lrdsl") and isinstance(module, ModuleType)
        for value in vars(module).values()
        if hasattr(value, "cache_clear")
    ]

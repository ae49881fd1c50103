"""What holds for every test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

# Timing decides no test: hypothesis must not fail one that was slow once.
settings.register_profile("lrdsl", deadline=None)
settings.load_profile("lrdsl")

# What runs the same lines for many numbers or for huge texts: following each of these lines takes
# longer than running it, and other tests take the same branches.
ROOT = Path(__file__).parents[1]
NOT_MEASURED = (
    "tests/hostile", "tests/importers/test_mutations.py", "tests/resolve/test_boundaries.py",
    "tests/resolve/test_clock.py", "tests/resolve/test_repeat.py",
    "tests/resolve/test_stated_runs.py", "tests/schedule/test_all_forms.py",
    "tests/schedule/test_library.py", "tests/schedule/test_nests.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measures no branches in the tests that repeat them."""
    folders = [ROOT / name for name in NOT_MEASURED]
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in folders):
            item.add_marker("no_cover")


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

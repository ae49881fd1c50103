"""What holds for the tests of frameworks."""

from __future__ import annotations

import pytest

from lrdsl.diagnostics import warn


@pytest.fixture(autouse=True)
def _nothing_is_linted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most of these tests drive short, odd programs, in which lints find something by right.

    They are about what a scheduler does with a program, not about what the program may have meant;
    that is in ``test_findings.py``, which takes the variable away again.
    """
    monkeypatch.setenv("LRDSL_LINT", "off")


@pytest.fixture
def linted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lints as users have them, in a process that has warned of nothing yet."""
    for variable in ("LRDSL_LINT", "RANK", "LOCAL_RANK"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(warn, "_given", set())

"""What ``lrdsl export`` writes for every shape: files to read, which linters and mypy accept."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import lrdsl
from tests.exporting.programs import RANDOM, examples, random_texts, recipe_programs, resolved
from tests.exporting.test_python import lines_of

GOLDENS = Path(__file__).parent / "goldens"
UPDATE = bool(os.environ.get("LRDSL_UPDATE_GOLDENS"))
# Formats that are Python, and what their types are checked with: torch and jax are not read, which
# would take a minute.
LANGUAGES = ("python", "torch", "optax", "keras")


@pytest.mark.parametrize("to", LANGUAGES)
def test_the_golden_of_every_shape(to: str) -> None:
    written = "".join(
        f"# === {name}\n{lrdsl.export(one, to)}\n" for name, one in examples().items()
    )
    path = GOLDENS / f"{to}.txt"
    if UPDATE:
        path.write_text(written, encoding="utf-8")
    assert written == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("to", "more"), [("python", 0), ("torch", 6), ("optax", 3), ("keras", 11)])
def test_shapes_and_recipes_are_short(to: str, more: int) -> None:
    """3 lines a part and 20, and what a framework needs around them."""
    many = {**examples(), **recipe_programs()}
    lengths = {name: lines_of(one, lrdsl.export(one, to)) for name, one in many.items()}
    assert {name: x for name, x in lengths.items() if x[0] > x[1] + more} == {}


def test_ruff_and_mypy_accept_all_of_it(tmp_path: Path) -> None:
    shapes = {f"shape_{name}": one for name, one in examples().items()}
    known = {f"recipe_{n}": one for n, one in enumerate(recipe_programs().values())}
    drawn = {f"drawn_{n}": resolved(t) for n, t in enumerate(random_texts()[: RANDOM // 10])}
    for to in LANGUAGES:
        for name, one in {**shapes, **known, **drawn}.items():
            path = tmp_path / f"{name}_{to}.py"
            path.write_text(lrdsl.export(one, to), encoding="utf-8")
    for command in (
        [
            "ruff",
            "check",
            "--isolated",
            "--no-cache",
            "--select=E,F,W,I,B,C4,PIE,RUF,SIM,UP,D2,D4",
            "--ignore=D203,D213,E501",
        ],
        ["ruff", "format", "--isolated", "--no-cache", "--diff"],
        [
            "mypy",
            "--strict",
            "--config-file=",
            "--no-incremental",
            "--follow-imports=skip",
            "--ignore-missing-imports",
            "--allow-subclassing-any",
            "--allow-untyped-decorators",
        ],
    ):
        done = subprocess.run(
            [sys.executable, "-m", *command, "."], capture_output=True, text=True, cwd=tmp_path,
            timeout=200,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

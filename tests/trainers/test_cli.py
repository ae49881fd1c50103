"""LightningCLI: the script of the docs, its config, and its command lines."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import lrdsl
from tests.blocks import blocks

FILES = [
    block
    for language in ("yaml", "python")
    for block in blocks(language)
    if block.mark.startswith("lightning: ")
]
COMMANDS = [
    line
    for block in blocks("console")
    if block.mark == "lightning"
    for line in block.text.splitlines()
]
# The schedule and the updates of each of the command lines, in their order.
RUNS = [("warmup(4) >> cosine(rest, 0.08, 0.008)", 20), ("linear(rest, 0.1, 0.02)", 40)]
NOTED = """
from pathlib import Path
rate = cli.trainer.optimizers[0].param_groups[0]["lr"]
Path("noted.txt").write_text(f"{cli.trainer.global_step} {rate!r} {cli.model.schedule}")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The script, which notes what it did, and its config."""
    for block in FILES:
        path = tmp_path / block.mark.removeprefix("lightning: ")
        path.write_text(block.text + (NOTED if block.language == "python" else ""), "utf-8")
    return tmp_path


def python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, timeout=200
    )


def test_the_docs_have_what_is_run() -> None:
    assert len(FILES) == len(COMMANDS) == len(RUNS) == 2


@pytest.mark.parametrize(("line", "run"), list(zip(COMMANDS, RUNS, strict=True)), ids=COMMANDS)
def test_a_command_line(folder: Path, line: str, run: tuple[str, int]) -> None:
    text, updates = run
    program, *arguments = shlex.split(line)
    assert program == "python"
    done = python(folder, *arguments)
    assert done.returncode == 0, done.stderr
    last = lrdsl.parse(text).resolve(total=updates)(updates)
    assert (folder / "noted.txt").read_text("utf-8") == f"{updates} {last!r} {text}"
    # What Lightning saved beside the run is the text, and a config for the same run again.
    saved = folder / "config.yaml"
    assert f"schedule: {text}\n" in saved.read_text("utf-8")
    again = saved.rename(folder / "again.yaml")
    (folder / "noted.txt").unlink()
    assert python(folder, "train.py", "fit", "--config", again.name).returncode == 0
    assert (folder / "noted.txt").read_text("utf-8") == f"{updates} {last!r} {text}"


def test_what_is_wrong_ends_the_command_with_the_whole_diagnostic(folder: Path) -> None:
    done = python(folder, "train.py", "fit", "--model.schedule", "warmup(5) >> cosin(20)")
    assert done.returncode == 2
    lines = [line.strip() for line in done.stderr.splitlines()]
    for line in (
        "1 | warmup(5) >> cosin(20)",
        "|              ^^^^^",
        "help: did you mean `cosine`?",
    ):
        assert line in lines

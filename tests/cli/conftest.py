from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lrdsl.cli import main

Run = Callable[..., Result]
Write = Callable[..., str]
Endpoints = Callable[..., tuple[list[str], int]]
# What `lrdsl diff` compares others with.
OLD = "warmup(5) >> cosine(20, 0.3, 0.01) >> const\n"


@pytest.fixture
def run() -> Run:
    """Runs the command line in this process; keywords are environment variables."""

    def invoke(*arguments: str, input: str | bytes | None = None, **env: str) -> Result:
        found = {"COLUMNS": "100", "NO_COLOR": None, **env}
        return CliRunner().invoke(main, arguments, input=input, env=found, prog_name="lrdsl")

    return invoke


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a file into a folder of its own, which is then the current one."""
    monkeypatch.chdir(tmp_path)

    def made(name: str, content: str | bytes) -> str:
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / name).write_bytes(data)
        return name

    return made


@pytest.fixture
def words(run: Run, write: Write) -> Endpoints:
    """What is said of two texts, without the chart, and the status."""

    def said(old: str, new: str, *options: str) -> tuple[list[str], int]:
        done = run("diff", write("old.lrs", old), write("new.lrs", new), *options)
        lines = done.output.partition("\n\n")[0].splitlines()
        assert lines[:2] == ["--- old.lrs", "+++ new.lrs"], done.output
        return lines[2:], done.exit_code

    return said

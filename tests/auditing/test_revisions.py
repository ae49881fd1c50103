"""Earlier revisions of a schedule's file, in a repository of its own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

import lrdsl
from lrdsl.auditing.revisions import NoHistoryError, revisions
from tests.auditing.runs import TEXT, log_of, rows, torchs


def git(folder: Path, *arguments: str) -> None:
    who = {"NAME": "A", "EMAIL": "a@example.org", "DATE": "2026-01-02T03:04:05Z"}
    env = {f"GIT_{role}_{k}": v for role in ("AUTHOR", "COMMITTER") for k, v in who.items()}
    own = ["git", "-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main", *arguments]
    subprocess.run(own, cwd=folder, env={**os.environ, **env}, check=True, capture_output=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file that was renamed and changed twice; its second revision was no program."""
    folder = tmp_path / "configs"
    folder.mkdir()
    git(tmp_path, "init")
    old, new = folder / "old.lrs", folder / "run.lrs"
    for text in (TEXT, "warmup(", TEXT.replace("180", "280")):
        old.write_text(f"# The schedule of the run, with a comment that git knows it by\n{text}\n")
        git(tmp_path, "add", "-A")
        git(tmp_path, "commit", "-m", "A revision")
    git(tmp_path, "mv", "configs/old.lrs", "configs/run.lrs")
    git(tmp_path, "commit", "-m", "Another name")
    return new


def test_each_revision_is_found_once_the_latest_first(file: Path) -> None:
    found = revisions(file)
    assert [one.source.splitlines()[1] for one in found.values()] == [TEXT]
    assert all(name.endswith(" of 2026-01-02") for name in found)
    file.write_text("const")
    texts = [one.source.splitlines()[1] for one in revisions(file).values()]
    assert texts == [TEXT.replace("180", "280"), TEXT]


def test_a_file_without_a_history(tmp_path: Path) -> None:
    path = tmp_path / "run.lrs"
    path.write_text(TEXT)
    with pytest.raises(NoHistoryError, match="git does not tell its history"):
        revisions(path)


def test_a_log_is_compared_with_them(file: Path) -> None:
    log = log_of(rows(torchs(200)))
    (found,) = lrdsl.audit(log, file, git=True).verdicts
    assert found.status == "leaves"
    (revision,) = [one for one in found.explanations if one.reason == "revision"]
    assert " of 2026-01-02" in revision.sentence
    (without,) = lrdsl.audit(log, file).verdicts
    assert "revision" not in [one.reason for one in without.explanations]
    with pytest.raises(ValueError, match="takes the path of a schedule"):
        lrdsl.audit(log, TEXT, git=True)

"""`lrdsl diff` as git calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import OLD
from tests.cli.process import environment

# Most of it stays, so that git takes a new name for a new name.
TRACKED = f"# Five steps of warm-up.\n# Twenty of half a cosine.\n{OLD}"


class Git:
    """A repository with one schedule that was changed.

    Args:
        folder: where it is made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.program = f"{sys.executable} -m lrdsl diff"
        self("init", "--quiet")
        self.write("a b.lrs", TRACKED)
        self.write(".gitattributes", "*.lrs diff=lrdsl\n")
        self("add", "--all")
        self("commit", "--quiet", "--message", "First")
        self.write("a b.lrs", TRACKED.replace("0.01", "0.02"))

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, encoding="utf-8")

    def __call__(self, *arguments: str, code: int = 0, **variables: str) -> str:
        who = {f"GIT_{role}_{what}": "tests@example.org"
               for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}  # fmt: skip
        own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_PAGER": "cat"}
        done = subprocess.run(
            ["git", *arguments],
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=environment(**who, **own, **variables),
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def git(tmp_path: Path) -> Git:
    return Git(tmp_path)


SAID = "lr: the same before step 6, where 0.298215 becomes 0.298276\n"


def test_git_diff_by_a_variable(git: Git) -> None:
    printed = git("diff", GIT_EXTERNAL_DIFF=git.program)
    assert printed.startswith(f"--- a/a b.lrs\n+++ b/a b.lrs\n{SAID}")


def test_git_diff_as_the_help_says(git: Git) -> None:
    git("config", "diff.lrdsl.command", f"{git.program} --at 3")
    git.write("other.txt", "text\n")
    git("add", "--all")
    printed = git("diff", "--staged")
    assert f"--- a/a b.lrs\n+++ b/a b.lrs\n{SAID}  the past is unchanged" in printed
    assert "+text" in printed


def test_git_gets_no_status_and_json_too(git: Git) -> None:
    git("config", "diff.lrdsl.command", f"{git.program} --at 10 --format json")
    document = json.loads(git("diff"))
    assert (document["old"], document["past_unchanged"]) == ("a/a b.lrs", False)


def test_git_diff_of_files_that_come_go_and_move(git: Git) -> None:
    git("config", "diff.lrdsl.command", git.program)
    git("checkout", "--quiet", "--", ".")
    git.write("new.lrs", "linear(9, 0.1)\n")
    git("mv", "a b.lrs", "c.lrs")
    git.write("c.lrs", TRACKED.replace("0.01", "0.02"))
    git("add", "--all")
    printed = git("diff", "--staged", "--find-renames=10%")
    assert f"--- a/a b.lrs\n+++ b/c.lrs\n{SAID}" in printed
    assert "--- a/new.lrs\n+++ b/new.lrs\na new schedule\n" in printed
    git("commit", "--quiet", "--message", "Second")
    git("rm", "--quiet", "new.lrs")
    assert "--- a/new.lrs\n+++ b/new.lrs\nno schedule any more\n" in git("diff", "--staged")


def test_git_goes_on_after_a_file_with_errors(git: Git) -> None:
    git("config", "diff.lrdsl.command", git.program)
    git.write("a b.lrs", "cosin(5)\n")
    git.write(".gitattributes", "*.lrs diff=lrdsl\n# more\n")
    git.write("z.txt", "")
    git("add", "--all")
    printed = git("diff", "--staged")
    assert "error[LRS201 unknown-name]" in printed
    assert "diff --git a/z.txt b/z.txt" in printed


def test_git_diff_of_a_file_that_is_not_merged(git: Git) -> None:
    git("config", "diff.lrdsl.command", git.program)
    git("checkout", "--quiet", "-b", "other")
    git("commit", "--quiet", "--all", "--message", "Other")
    git("checkout", "--quiet", "-b", "another", "HEAD~")
    git.write("a b.lrs", TRACKED.replace("0.01", "0.03"))
    git("commit", "--quiet", "--all", "--message", "Another")
    git("merge", "other", code=1)
    assert "a b.lrs is not merged yet\n" in git("diff", "--staged")


def test_git_difftool(git: Git) -> None:
    assert SAID in git("difftool", "--no-prompt", "--extcmd", git.program)

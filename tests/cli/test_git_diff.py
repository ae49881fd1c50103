"""`lrdsl diff` as git calls it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.conftest import OLD, Run, Write
from tests.cli.process import environment
from tests.cli.test_check import heads
from tests.cli.test_diff_import import ARGUMENTS

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


# What git gives: the path, and for each side a file, its hash and its mode.
def changed(run: Run, write: Write, old: str, new: str, *options: str) -> Result:
    for name, text in (("old.yaml", old), ("new.yaml", new)):
        write(name, text)
    sides = ("old.yaml", "0", "100644", "new.yaml", "0", "100644")
    return run("diff", *options, "conf/t.yaml", *sides)


KNOWN, UNKNOWN = "s: !lrs linear(5, 0.1)\n", "s: !lrs linear(${oc.env:N}, 0.1)\n"
BROKEN = "s: !lrs linear(5, 0.1)\n b: [\n"


@pytest.mark.parametrize("is_old", [True, False])
def test_git_form_of_a_schedule_that_is_not_known(run: Run, write: Write, is_old: bool) -> None:
    pair = (UNKNOWN, KNOWN) if is_old else (KNOWN, UNKNOWN)
    done = changed(run, write, *pair)
    side = "ab"[not is_old]
    said = f"not compared: {side}/conf/t.yaml:s holds an interpolation, and is not known here\n"
    assert done.stdout == f"--- a/conf/t.yaml:s\n+++ b/conf/t.yaml:s\n{said}"
    assert (done.stderr, done.exit_code) == ("", 0)
    # What else a config has is compared.
    done = changed(run, write, *(f"{text}t: !lrs const({i})\n" for i, text in enumerate(pair)))
    assert "+++ b/conf/t.yaml:t\nlr: " in done.stdout and said in done.stdout
    done = changed(run, write, *pair, "--format", "json")
    assert (done.stdout, done.stderr) == ("", said)
    done = changed(run, write, UNKNOWN, UNKNOWN)
    assert done.output.count("not compared") == 1


@pytest.mark.parametrize("is_old", [True, False])
def test_git_form_of_a_config_that_cannot_be_read(run: Run, write: Write, is_old: bool) -> None:
    done = changed(run, write, *((BROKEN, KNOWN) if is_old else (KNOWN, BROKEN)))
    side = "ab"[not is_old]
    assert "new schedule" not in done.output and "any more" not in done.output
    head = "--- a/conf/t.yaml\n+++ b/conf/t.yaml\n"
    assert done.stdout.startswith(f"{head}not compared: {side}/conf/t.yaml has errors\n")
    assert heads(done.stdout) == ["LRS701 conf/t.yaml:2:3"]
    assert (done.stderr, done.exit_code) == ("", 0)


def test_git_form_of_a_config_with_errors_beside_schedules(run: Run, write: Write) -> None:
    old = f"{KNOWN}t: !lrs const(3)\n"
    done = changed(run, write, old, f"{KNOWN}t: !lrs {{a: 1}}\n")
    assert "+++ b/conf/t.yaml:s\nlr: the same at every step\n" in done.stdout
    assert "not compared: b/conf/t.yaml:t has errors\n" in done.stdout
    assert heads(done.stdout) == ["LRS706 conf/t.yaml:2:4"]


def test_git_form_of_files_that_cannot_be_read(run: Run, write: Write) -> None:
    write("old.yaml", KNOWN)
    done = run("diff", "t.yaml", "old.yaml", "0", "0", "none.yaml", "0", "0")
    assert "any more" not in done.output
    assert "not compared: b/t.yaml cannot be read: No such file or directory\n" in done.stdout


def test_git_diff_of_a_config_that_names_a_file_beside_it(git: Git) -> None:
    git("config", "diff.lrdsl.command", git.program)
    (git.folder / "conf").mkdir()
    git.write("conf/warm.lrs", "linear(7, 0.1)\n")
    git.write("conf/t.yaml", "schedule: warm.lrs\n")
    git.write(".gitattributes", "*.yaml diff=lrdsl\n")
    git("add", "--all")
    git("commit", "--quiet", "--message", "Second")
    git.write("conf/t.yaml", "other: 1\nschedule: ./warm.lrs\n")
    head = "--- a/conf/t.yaml:schedule\n+++ b/conf/t.yaml:schedule\n"
    assert git("diff") == f"{head}lr: the same at every step\n"
    git.write("conf/t.yaml", "schedule: none.lrs\n")
    assert "no schedule to read at `conf/none.lrs`" in git("diff")


@pytest.mark.parametrize("options", [(), ("--key", "s"), ("--total-from", "n=ep")])
def test_git_form_of_files_without_schedules_is_silent(
    run: Run, write: Write, options: tuple[str, ...]
) -> None:
    assert changed(run, write, "x: {n: 1}\n", "x: {n: 2}\n", *options).output == ""
    for name in ("old.py", "new.py"):
        write(name, "import os\n")
    sides = ("old.py", "0", "0", "new.py", "0", "0")
    assert run("diff", *options, "x.py", *sides).output == ""
    for name in ("old.lrs", "new.lrs"):
        write(name, "linear(3, 1)\n")
    done = run("diff", *options, "x.lrs", *(side.replace(".py", ".lrs") for side in sides))
    assert (done.stderr, done.stdout.count("the same")) == ("", 1)


def test_git_diff_of_a_config_of_several_files(git: Git) -> None:
    """Both versions are put together with the other files as they are now."""
    git.write("base.yaml", "run: {total: 10}\n")
    git.write("config.yaml", "_BASE_: base.yaml\nlrs_schedule: linear(5)\n")
    git.write(".gitattributes", "*.yaml diff=lrdsl\n")
    git("add", "--all")
    git("config", "diff.lrdsl.command", f"{git.program} --key lrs_schedule 2>&1")
    git("commit", "--quiet", "--message", "Second")
    git.write("config.yaml", "_BASE_: base.yaml\nlrs_schedule: linear(6)\n")
    printed = git("diff")
    note = (
        "note: config.yaml names other files, which git does not pass: they are read as they are"
        " now, for both versions\n"
    )
    assert printed.count(note) == 1
    assert "--- a/config.yaml:lrs_schedule\n+++ b/config.yaml:lrs_schedule\n" in printed


def test_git_form_says_once_what_is_not_known_of_both(run: Run, write: Write) -> None:
    call = "_target_: lrdsl.ScheduleLR\nsource: cosine(20, 0.4, 0.1)\ntotal: ${n}ep\n"
    done = changed(run, write, call, f"{call}# x\n")
    note = "note: conf/t.yaml:3:8 is not known here: `total` is `${n}ep`; give --total\n"
    assert (done.stderr, done.exit_code) == (note, 0)
    assert "the same at every step" in done.stdout


def test_git_form_of_a_schedule_of_another_system_that_is_new(run: Run, write: Write) -> None:
    write("new.yaml", ARGUMENTS)
    done = run("diff", "t.yaml", "/dev/null", "0", "0", "new.yaml", "0", "0")
    assert "--- a/t.yaml\n+++ b/t.yaml\na new schedule\n" in done.stdout
    assert done.stderr.startswith("new.yaml:2, transformers: cosine: proven")

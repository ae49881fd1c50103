"""The hooks, run by pre-commit on a repository of their user.

pre-commit installs the package into an environment of its own, for which it asks the package
registry; without a registry that answers these tests are skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.packaging.tree import ROOT

HOOKS = ROOT / ".pre-commit-hooks.yaml"
LOOSE, TIGHT = "warmup( 5 )>>const\n", "warmup(5) >> const\n"


class Repository:
    """A git repository in a folder of its own.

    Args:
        folder: where it is made.
        home: where pre-commit keeps what it installs.
    """

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder = folder
        self._environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            "PRE_COMMIT_HOME": str(home),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{who}_{what}": "tests@example.org"
               for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        }  # fmt: skip
        folder.mkdir(exist_ok=True)
        self.run("git", "init", "--quiet")

    def run(self, *command: str, code: int = 0) -> str:
        """What a command prints, which has to end with a status."""
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=self.folder, env=self._environment
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def commit(self) -> str:
        """Commits everything, and gives the commit's name."""
        self.run("git", "add", "--all")
        self.run("git", "commit", "--quiet", "--message", "All of it")
        return self.run("git", "rev-parse", "HEAD").strip()

    def hook(self, name: str, *, code: int) -> str:
        """What pre-commit prints when it runs a hook on all files."""
        self.run("git", "add", "--all")
        program = [sys.executable, "-m", "pre_commit", "run", "--all-files", name]
        return self.run(*program, code=code)


@pytest.fixture(scope="module")
def scratch(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository that uses the hooks of a clone."""
    home = tmp_path_factory.mktemp("home")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "hatchling"]
    done = subprocess.run([*command, "--dest", str(home / "reached")], capture_output=True)
    if done.returncode:
        pytest.skip("no package registry answers")
    revision = Repository(checkout, home).commit()
    used = Repository(tmp_path_factory.mktemp("scratch"), home)
    config = {"repos": [documented() | {"repo": str(checkout), "rev": revision}]}
    path = used.folder / ".pre-commit-config.yaml"
    path.write_text(yaml.safe_dump(config), encoding="utf-8")
    return used


def documented() -> Any:
    """The entry that the docs propose."""
    text = (ROOT / "docs" / "how-to" / "checking.md").read_text("utf-8")
    _, _, rest = text.partition("<!-- pre-commit -->\n```yaml\n")
    (entry,) = yaml.safe_load(rest.partition("```")[0])
    return entry


@pytest.fixture
def files(scratch: Repository) -> Repository:
    """The repository with three schedules in it: a good one, a loose one and a broken one."""
    for name, text in (("good", TIGHT), ("loose", LOOSE), ("broken", "cosin(5)\n")):
        (scratch.folder / f"{name}.lrs").write_text(text, encoding="utf-8")
    (scratch.folder / "notes.txt").write_text("cosin( 5 )\n", encoding="utf-8")
    return scratch


def test_the_list_of_hooks_is_one() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(HOOKS)]
    subprocess.run(command, check=True)
    listed = [hook["id"] for hook in yaml.safe_load(HOOKS.read_text("utf-8"))]
    assert [hook["id"] for hook in documented()["hooks"]] == listed
    assert set(documented()) == {"repo", "rev", "hooks"}


def test_check_refuses_what_is_broken(files: Repository) -> None:
    printed = files.hook("lrdsl-check", code=1)
    assert "error[LRS201 unknown-name]" in printed
    assert "broken.lrs:1:1" in printed
    assert "notes.txt" not in printed
    (files.folder / "broken.lrs").unlink()
    assert files.hook("lrdsl-check", code=0).rstrip().endswith("Passed")


def test_fmt_lays_out_what_is_loose(files: Repository) -> None:
    printed = files.hook("lrdsl-fmt", code=1)
    assert "files were modified by this hook" in printed
    assert (files.folder / "loose.lrs").read_text("utf-8") == TIGHT
    assert (files.folder / "notes.txt").read_text("utf-8") == "cosin( 5 )\n"
    assert files.hook("lrdsl-fmt", code=0).rstrip().endswith("Passed")


def test_neither_installs_torch(files: Repository, tmp_path: Path) -> None:
    files.hook("lrdsl-fmt", code=1)
    home = Path(files._environment["PRE_COMMIT_HOME"])
    (python,) = home.glob("repo*/py_env-*/bin/python")
    listed = files.run(str(python), "-m", "pip", "list", "--format", "freeze")
    packages = {line.partition("==")[0].lower() for line in listed.splitlines()}
    assert packages >= {"lrdsl", "click", "lark", "pydantic"}
    assert packages & {"torch", "numpy", "matplotlib", "plotext"} == set()

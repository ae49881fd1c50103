"""The hooks, run by pre-commit on a repository of their user.

pre-commit installs the package into an environment of its own, for which it asks the package
registry; without a registry that answers these tests are skipped.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from lrdsl import files as disk
from lrdsl.configs.config_file import modules as modules_of
from tests.packaging.test_repository import PROJECT
from tests.packaging.tree import ROOT

HOOKS = ROOT / ".pre-commit-hooks.yaml"
# One with a schedule, and others that have nothing to do with schedules, nor with their formats.
CONFIGS = {
    "train.yaml": "schedule: !lrs cosin(5)\n",
    "chart.yaml": "a: {{ .Values.a }}\n- b: [\n",
    "editor.json": '// comments\n{"a": 1,}\n',
    "lock.json": "[" + "1, " * 2_000_000 + "1]\n",
    "old.toml": "a = \n",
}
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
    for name, text in CONFIGS.items():
        (scratch.folder / name).write_text(text, encoding="utf-8")
    return scratch


def test_the_list_of_hooks_is_one() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(HOOKS)]
    subprocess.run(command, check=True)
    listed = [hook["id"] for hook in yaml.safe_load(HOOKS.read_text("utf-8"))]
    assert [hook["id"] for hook in documented()["hooks"]] == listed
    assert set(documented()) == {"repo", "rev", "hooks"}


def test_the_hook_brings_what_reads_configs() -> None:
    hook, _ = yaml.safe_load(HOOKS.read_text("utf-8"))
    # pip installs this from the clone of this repository.
    assert hook["additional_dependencies"] == [".[configs]"]
    extras = PROJECT["optional-dependencies"]["configs"]
    names = {re.split(r"[<>=; ]", extra)[0].lower().replace("-", "_") for extra in extras}
    modules = {"pyyaml" if m == "yaml" else m for c in disk.CONFIGS for m in modules_of(f"a{c}")}
    assert modules <= names


def test_the_entry_of_the_hook_looks_into_the_files_of_the_hook(tmp_path: Path) -> None:
    hook, _ = yaml.safe_load(HOOKS.read_text("utf-8"))
    for name, text in {**CONFIGS, "good.lrs": TIGHT, "notes.txt": "cosin(5)"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    names = [path.name for path in tmp_path.iterdir()]
    given = sorted(name for name in names if re.search(hook["files"], name))
    assert given == sorted({*CONFIGS, "good.lrs"})
    program, *words = shlex.split(hook["entry"])
    assert program == "lrdsl"
    command = [sys.executable, "-m", "lrdsl", *words]
    for passed, code in ((given, 1), ([name for name in given if name != "train.yaml"], 0)):
        done = subprocess.run(
            [*command, *passed], capture_output=True, text=True, cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (code, ""), done.stdout + done.stderr
        assert done.stdout.count("LRS201 unknown-name") == code


def test_check_refuses_what_is_broken(files: Repository) -> None:
    printed = files.hook("lrdsl-check", code=1)
    assert "error[LRS201 unknown-name]" in printed
    assert "broken.lrs:1:1" in printed
    assert "notes.txt" not in printed
    assert " --> train.yaml:1:16\n" in printed
    (files.folder / "train.yaml").unlink()
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
    pythons = [*home.glob("repo*/py_env-*/bin/python")]
    assert pythons
    for python in pythons:  # one a hook
        listed = files.run(str(python), "-m", "pip", "list", "--format", "freeze")
        packages = {line.partition("==")[0].lower() for line in listed.splitlines()}
        assert packages >= {"lrdsl", "click", "lark", "pydantic"}
        assert packages & {"torch", "numpy", "matplotlib", "plotext"} == set()

"""The GitHub Action: its commands, run in a shell on a repository with a change."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from tests.packaging.test_repository import PROJECT
from tests.packaging.tree import ROOT

ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
INSTALL, BASE, SUMMARY, DRAW, CHECK = [step for step in STEPS if "run" in step]
TWO = "a: {{schedule: 'cosine({})'}}\nb: {{schedule: cosine(20)}}\n"
OPTIONS = "--key **.schedule --total 30"


class Job:
    """A repository with a commit, the next one, and what GitHub gives to a step."""

    def __init__(self, folder: Path) -> None:
        self.repository, self.temp = folder / "repository", folder / "temp"
        for path in (self.repository / "conf", self.temp, folder / "bin"):
            path.mkdir(parents=True)
        for name, module in (("lrdsl", "-m lrdsl"), ("python", "")):
            program = folder / "bin" / name
            program.write_text(f'#!/bin/sh\nexec {sys.executable} {module} "$@"\n', "utf-8")
            program.chmod(0o755)
        self.env = {
            **os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT), "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_OUTPUT": str(folder / "output"), "RUNNER_TEMP": str(self.temp),
            "GITHUB_STEP_SUMMARY": str(folder / "summary"), "GIT_CONFIG_GLOBAL": os.devnull,
            **{f"GIT_{who}_{what}": "tests@example.org"
               for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        }  # fmt: skip
        self.folder = folder
        self.run("git init --quiet")

    def run(self, command: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Runs a command as GitHub runs one for `shell: bash`."""
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command],
            cwd=self.repository, env={**self.env, **env}, capture_output=True, text=True,
        )  # fmt: skip

    def step(self, step: dict[str, Any], **env: str) -> subprocess.CompletedProcess[str]:
        assert step["shell"] == "bash"
        # What a workflow says is never part of a command.
        assert "${{" not in step["run"]
        assert env.keys() == step.get("env", {}).keys()
        return self.run(step["run"], **env)

    def commit(self, **texts: str) -> str:
        for name, text in texts.items():
            path = self.repository / name.replace("__", "/").replace("_", ".")
            path.write_text(text, encoding="utf-8")
        done = self.run("git add -A; git commit --quiet -m 'All of it'; git rev-parse HEAD")
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @property
    def summary(self) -> str:
        path = self.folder / "summary"
        return path.read_text("utf-8") if path.exists() else ""


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


def test_the_action_is_installed_at_its_ref(job: Job) -> None:
    (extras,) = re.findall(r"\[(.+)\]", INSTALL["run"])
    assert set(extras.split(",")) <= PROJECT["optional-dependencies"].keys()
    quietly = {"PIP_DRY_RUN": "1", "PIP_NO_DEPS": "1", "PIP_NO_BUILD_ISOLATION": "0"}
    done = job.run(INSTALL["run"], **quietly)
    assert done.returncode == 0, done.stderr


def test_what_is_compared_with(job: Job) -> None:
    first = job.commit(a_lrs="cosine(20)\n")
    job.commit(a_lrs="cosine(25)\n")
    empty = job.run("git hash-object -t tree /dev/null").stdout.strip()
    for base, wanted in ((first, first), ("0" * 40, empty), ("", empty)):
        assert job.step(BASE, BASE=base).returncode == 0
        assert (job.folder / "output").read_text("utf-8").splitlines()[-1] == f"sha={wanted}"


def test_a_change_is_said_drawn_and_checked(job: Job) -> None:
    base = job.commit(
        a_lrs="cosine(20)\n", same_lrs="const\n", conf__t_yaml=TWO.format(20), x_json="{"
    )
    job.commit(a_lrs="cosine(25)\n", conf__t_yaml=TWO.format(25), x_json="{{", new_lrs="cosin(5)\n")
    done = job.step(SUMMARY, BASE=base, OPTIONS=OPTIONS)
    assert done.returncode == 0, done.stderr
    assert "--- a/a.lrs\n+++ b/a.lrs\nlr: the same before step 1, where" in job.summary
    assert "--- a/conf/t.yaml:a.schedule\n+++ b/conf/t.yaml:a.schedule\n" in job.summary
    assert "+++ b/conf/t.yaml:b.schedule\nlr: the same at every step" in job.summary
    assert "same.lrs" not in job.summary and "x.json" not in job.summary
    done = job.step(DRAW, BASE=base, OPTIONS=OPTIONS)
    assert done.returncode == 0, done.stderr
    charts = [path for path in (job.temp / "charts").rglob("*") if path.is_file()]
    names = sorted(str(path.relative_to(job.temp / "charts")) for path in charts)
    assert names == ["a.lrs.svg", "conf/t.yaml.svg"]
    for chart in charts:
        assert ElementTree.parse(chart).getroot().tag.endswith("svg")
    done = job.step(CHECK, BASE=base, OPTIONS=OPTIONS)
    assert done.returncode != 0
    assert ",file=new.lrs,line=1," in done.stdout
    assert ",file=conf/t.yaml,line=1," in done.stdout
    assert "x.json" not in done.stdout and done.stderr == ""


def test_a_change_without_schedules_is_silent(job: Job) -> None:
    base = job.commit(a_lrs="cosine(20)\n", x_txt="a\n")
    job.commit(x_txt="b\n")
    for step in (SUMMARY, DRAW, CHECK):
        done = job.step(step, BASE=base, OPTIONS="")
        assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert job.summary == ""


def test_what_a_workflow_may_say_is_documented() -> None:
    page = (ROOT / "docs" / "how-to" / "checking.md").read_text("utf-8")
    (block,) = re.findall(r"```yaml\n(- uses: actions/checkout.+?)```", page, re.DOTALL)
    (_, used) = yaml.safe_load(block)
    assert used["with"].keys() == ACTION["inputs"].keys()
    assert all(step["uses"].count("@v") == 1 for step in STEPS if "uses" in step)

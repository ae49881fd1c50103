"""The repository as a stranger picks it up: targets, workflows, and the files about it."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

import lrdsl
from lrdsl.cli import main
from tests.packaging.tree import ROOT
from tests.test_docs import leads

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = re.findall(r"^([a-z-]+):.*##", MAKEFILE, re.MULTILINE)
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CI, RELEASE = WORKFLOWS
PAGES = [ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def jobs(workflow: Path = CI) -> list[dict[str, Any]]:
    """The jobs of a workflow."""
    return [*yaml.safe_load(workflow.read_text("utf-8"))["jobs"].values()]


def commands(workflow: Path = CI) -> list[str]:
    """What a workflow runs."""
    return [step["run"] for job in jobs(workflow) for step in job["steps"] if "run" in step]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs make as a shell would, also where make has started the tests."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, capture_output=True, text=True, env=environment
    )


def test_every_phony_target_says_what_it_does() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert phony and sorted(phony[1].split()) == sorted(TARGETS)
    assert [line.split()[1] for line in make("help").stdout.splitlines()] == TARGETS


@pytest.mark.parametrize("target", TARGETS)
def test_make_knows_what_to_do_for_a_target(target: str) -> None:
    done = make("-n", target)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_the_workflow_runs_the_commands_of_the_local_check() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    local = re.findall(r"^(?:exec )?make (?:-\S+ )*([\w./ -]+)", script, re.MULTILINE)
    # Environments, and the lint of `test`, which their targets make where they are not made ahead.
    named = [target for targets in local for target in targets.split()]
    run = [target for target in named if target[0] != "." and target != "lint"]
    assert sorted(commands()) == sorted(f"make {target}" for target in run)
    assert set(run) <= set(TARGETS)


def test_the_tests_run_on_every_python_that_is_claimed() -> None:
    prefix = "Programming Language :: Python :: "
    claimed = [line.removeprefix(prefix) for line in PROJECT["classifiers"] if prefix in line]
    (matrix,) = [job["strategy"]["matrix"] for job in jobs() if "strategy" in job]
    assert matrix["python"] == [version for version in claimed if re.fullmatch(r"3\.\d+", version)]
    assert PROJECT["requires-python"] == f">={matrix['python'][0]}"
    # The pins are for later ones than the oldest.
    assert matrix["include"] == [{"python": matrix["python"][0], "constraints": "/dev/null"}]


def test_a_release_is_tried_on_every_python_that_is_claimed() -> None:
    (job,) = jobs(RELEASE)
    (python,) = [step["with"] for step in job["steps"] if "setup-python" in step.get("uses", "")]
    (matrix,) = [job["strategy"]["matrix"] for job in jobs() if "strategy" in job]
    assert sorted(python["python-version"].split()) == sorted(matrix["python"])
    # A tag is a name that someone has chosen: it is never part of the text of a command.
    (command,) = commands(RELEASE)
    assert command.startswith("make release ") and "${{" not in command
    done = make("-n", "release", "TAG=v1", "ADDRESS=https://example.org/o", "WITHOUT=site torch")
    wanted = "tools.release 'v1' --address 'https://example.org/o' --without site --without torch"
    assert done.stdout.splitlines()[-1].endswith(wanted)


def test_the_workflows_may_only_read() -> None:
    for path in WORKFLOWS:
        assert yaml.safe_load(path.read_text("utf-8"))["permissions"] == {"contents": "read"}


def test_the_hooks_for_contributors_are_targets() -> None:
    path = ROOT / ".pre-commit-config.yaml"
    command = [sys.executable, "-m", "pre_commit", "validate-config", str(path)]
    subprocess.run(command, check=True)
    (repository,) = yaml.safe_load(path.read_text("utf-8"))["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        program, target = hook["entry"].split()
        assert (program, hook["language"]) == ("make", "system") and target in TARGETS


def test_the_citation_is_of_this_version() -> None:
    found = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= found.keys()
    assert (found["version"], found["license"]) == (lrdsl.__version__, PROJECT["license"])
    assert found["authors"] == PROJECT["authors"]
    assert set(found["keywords"]) <= {*PROJECT["keywords"]}
    # Of the same day, once there is one.
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    title = re.search(r"^## (.+)$", changelog, re.MULTILINE)
    day = found.get("date-released", "unreleased")
    assert title and title[1] == f"{lrdsl.__version__} ({day})"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere_and_commands_exist(page: Path) -> None:
    text = page.read_text("utf-8")
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert links and [link for link in links if not leads(page, link)] == []
    for named in re.findall(r"`make ([a-z-]+)", text) + re.findall(r"^make (.+)$", text, re.M):
        assert named in TARGETS
    for named in re.findall(r"`((?:tests|lrdsl|docs|\.github|\.ci)/[\w./]*)`", text):
        assert (ROOT / named).exists(), named


def test_no_module_reaches_the_network_but_the_server_and_one_starts_a_process() -> None:
    """As SECURITY.md says."""
    # One asks git, and one listens.
    exceptions = {
        ("auditing/revisions.py", ("subprocess",)),
        (
            "page/server.py",
            (
                "http.server",
                "http.server.BaseHTTPRequestHandler",
                "http.server.ThreadingHTTPServer",
            ),
        ),
    }
    far = {"socket", "ssl", "http", "ftplib", "smtplib", "subprocess", "urllib.request", "requests"}
    for path in (ROOT / "lrdsl").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module:
                names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            if (path.relative_to(ROOT / "lrdsl").as_posix(), tuple(names)) in exceptions:
                continue
            assert not {n for n in names if n in far or n.partition(".")[0] in far}, path


@pytest.mark.parametrize("command", ["check", "explain", "preview"])
@pytest.mark.parametrize(
    "text", ["const(\x1b[31m)", "let \x1b]0;x\x07 = 1", "cosin(5) # \x9b2J\x1b[2J"]
)
def test_the_text_of_a_schedule_cannot_drive_a_terminal(command: str, text: str) -> None:
    """As SECURITY.md says."""
    done = CliRunner().invoke(main, [command, "-e", text], color=True)
    assert not set(done.output) & {"\x1b", "\x07", "\x9b"}
    assert done.exit_code == 1

"""Runs the tests on the built wheel, in an environment with the oldest supported libraries.

    python -m tools.wheel [PYTEST ARGUMENTS]

The wheel is installed under ``build/wheel`` with the lowest versions of its dependencies that it
says it runs with; what only the tests need comes from the environment this runs in. The tests run
in a copy of the checkout in which ``lrdsl`` is what was installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
# What an installation, or an older lark, click or pydantic, can make a difference to.
TESTS = (
    # Lark reads the language with the grammar or the saved parser in the wheel. What is laid out
    # and printed of a tree is lrdsl's own work, and in the docs and the catalogue.
    "tests/text/test_grammar.py", "tests/text/test_numbers.py", "tests/text/test_parse.py",
    "tests/text/test_spans.py", "tests/diagnostics/test_cases.py",
    "tests/diagnostics/test_catalogue.py", "tests/diagnostics/test_fixes.py",
    "tests/test_conformance.py",
    # The commands are click's. `test_help.py` runs the examples in the help of every command.
    "tests/cli",
    # What pydantic validates.
    "tests/test_context.py", "tests/test_pydantic_field.py",
    # The files of the page, the names that are public, and the code blocks of the docs, which use
    # everything once.
    "tests/serve/test_server.py", "tests/test_public.py", "tests/test_docs.py",
)  # fmt: skip
# How files of configs, logs and revisions are read: by lrdsl itself, with packages that `.venv` has
# in the same versions.
OF_FILES = tuple(
    f"tests/cli/test_{name}.py"
    for name in (
        "addresses", "audit", "config_files", "config_parts", "config_runs", "diff_gate",
        "diff_import", "foreign_files", "git_diff", "hydra_calls", "ignored", "import",
        "interpolations", "repeated_keys", "scalars", "shapes", "stated_runs",
    )
)  # fmt: skip
FOLDER = ROOT / "build" / "wheel"


def oldest(wheel: Path, pins: str) -> Iterator[str]:
    """Constraints: the lowest versions of the dependencies, the given pins for all else.

    Args:
        wheel: what has the dependencies.
        pins: the text of a constraints file.
    """
    (built,) = distributions(path=[str(wheel)])
    required = [Requirement(line) for line in built.requires or ()]
    lowest = {
        requirement.name: specifier.version
        for requirement in required
        if requirement.marker is None  # else it belongs to an extra
        for specifier in requirement.specifier
        if specifier.operator == ">="
    }
    yield from (f"{name}=={version}" for name, version in lowest.items())
    for line in pins.splitlines():
        # pydantic names the one version of pydantic_core that fits it.
        if line and not line.startswith(("#", *(f"{name}==" for name in lowest), "pydantic_core")):
            yield line


def run(*command: str | Path, cwd: Path = ROOT) -> None:
    """Runs a command, and stops with its status where it fails."""
    environment = {n: v for n, v in os.environ.items() if n != "PYTHONPATH"}
    done = subprocess.run([*map(str, command)], cwd=cwd, env=environment)
    if done.returncode:
        sys.exit(done.returncode)


def install() -> Path:
    """Builds the wheel and installs it; the environment's Python."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    run(sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", FOLDER)
    (wheel,) = FOLDER.glob("*.whl")
    constraints = FOLDER / "constraints.txt"
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    constraints.write_text("\n".join(oldest(wheel, pins)) + "\n", encoding="utf-8")
    venv.create(FOLDER / "venv", with_pip=True)
    python = FOLDER / "venv" / "bin" / "python"
    quiet = ("--quiet", "--disable-pip-version-check")
    run(python, "-m", "pip", "install", *quiet, "-c", constraints, wheel)
    # What the tests need beside it is there already: Python looks for it here last. The editable
    # install is not found so, which a path file of that environment's own points at.
    (packages,) = (FOLDER / "venv").glob("lib/python*/site-packages")
    (packages / "tests.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return python


def copy(python: Path) -> Path:
    """A copy of the checkout in which the package is the installed one."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    checkout = FOLDER / "checkout"
    for name in filter(None, listed.split("\0")):
        if not name.startswith("lrdsl/") and (ROOT / name).exists():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, checkout / name)
    (packages,) = python.parents[1].glob("lib/python*/site-packages")
    (checkout / "lrdsl").symlink_to(packages / "lrdsl")
    return checkout


def main() -> None:
    """Builds, installs and tests."""
    python = install()
    checkout = copy(python)
    chosen = [*TESTS, *(f"--ignore={name}" for name in OF_FILES)]
    arguments = sys.argv[1:] or ["-n", "auto", "--durations=20", "--durations-min=1", *chosen]
    run(python, "-m", "pytest", *arguments, cwd=checkout)


if __name__ == "__main__":
    main()

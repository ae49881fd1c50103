"""Runs the tests on the built wheel, in an environment with the oldest supported libraries.

    python -m tools.wheel [PYTEST ARGUMENTS]

The wheel is installed under ``build/wheel`` with the lowest versions of its dependencies that it
says it runs with; what only the tests need comes from the environment this runs in. The tests run
in a copy of the checkout in which ``lrdsl`` is what was installed, those that could tell the
difference: of the language, which lark reads with the grammar or the saved parser in the wheel
(``text``, ``diagnostics``, ``test_conformance.py``); of the command line, which is click's
(``cli``); of what pydantic validates (``test_context.py``, ``test_pydantic_field.py``,
``integrations``); and the code blocks of the docs, which use everything once.
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
# What is about the sources, and no other in the wheel, is tested once, where the sources are.
OF_SOURCES = (
    "tests/packaging", "tests/tools", "tests/check/test_typed.py", "tests/test_additions.py",
    "tests/test_import_boundary.py", "tests/test_import_circles.py", "tests/test_late_imports.py",
    "tests/test_typing.py",
)  # fmt: skip
# What computes the same however the package was installed, with any lark, click and pydantic.
OF_NUMBERS = (
    "tests/arrays", "tests/auditing", "tests/check", "tests/docs", "tests/exporting",
    "tests/fitting", "tests/formula", "tests/frameworks", "tests/hostile", "tests/importers",
    "tests/lints", "tests/logs", "tests/preview", "tests/resolve", "tests/schedule",
    "tests/test_comparison.py", "tests/test_equivalent.py", "tests/test_examples.py",
    "tests/test_outside.py",
)  # fmt: skip
# How files of configs, logs and revisions are read: by lrdsl itself, with packages that `.venv` has
# in the same versions. The commands that read them are tested in the rest of tests/cli, most of all
# by `test_help.py`, which runs the examples in the help of every command.
OF_FILES = (
    "tests/configs", "tests/cli/test_addresses.py", "tests/cli/test_audit.py",
    "tests/cli/test_config_parts.py", "tests/cli/test_diff_gate.py",
    "tests/cli/test_diff_import.py", "tests/cli/test_foreign_files.py",
    "tests/cli/test_git_diff.py", "tests/cli/test_hydra_calls.py", "tests/cli/test_ignored.py",
    "tests/cli/test_import.py", "tests/cli/test_interpolations.py",
    "tests/cli/test_repeated_keys.py", "tests/cli/test_scalars.py", "tests/cli/test_shapes.py",
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
    left_out = [f"--ignore={name}" for name in OF_SOURCES + OF_NUMBERS + OF_FILES]
    arguments = sys.argv[1:] or ["-n", "auto", "--durations=20", "--durations-min=1", *left_out]
    run(python, "-m", "pytest", *arguments, cwd=checkout)


if __name__ == "__main__":
    main()

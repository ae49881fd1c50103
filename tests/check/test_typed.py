"""What a slip in the core comes to: mypy reports it, before a test has to."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import lrdsl

ROOT = Path(lrdsl.__file__).parents[1]
# Slips by file: what is written, as a pattern whose first match is taken, and the slip.
SLIPS: dict[str, list[tuple[str, str]]] = {
    "check/values.py": [
        # An attribute of another name.
        (r"self\.amounts ==", "self.amount =="),
        (r"in other\.amounts", "in other.ammounts"),
        # A field that is none.
        (r"replace\(value, span=span\)", "value.replaced(span)"),
    ],
    "check/operators.py": [
        (r"\.is_rest\b", ".is_resst"),
        # A class that is none, in a match.
        (r"case TruthValue\(\):", "case TruthValu():"),
        # A field that the class in a match does not have.
        (r"LengthValue\(length=length\), NumberValue", "LengthValue(lenght=length), NumberValue"),
        # A slug that is none.
        (r'refuse\("rest-arithmetic"', 'refuse("rest-aritmetic"'),
        # The payload of one kind, taken from another.
        (r"sides\.append\(operand\.tree\)", "sides.append(operand.length)"),
    ],
    "check/expander.py": [
        # A kind that is none.
        (r'kind == "any"', 'kind == "ani"'),
        (r"case Operation\(\):", "case Operaton():"),
        (r"definition\.guards", "definition.gards"),
        (r'Problem\("not-callable"', 'Problem("not-calable"'),
    ],
    "check/conversions.py": [
        # A kind that is none, in a match: the one that was meant has no answer then.
        (r'case "function":', 'case "funktion":'),
    ],
    "resolve/boundaries.py": [
        (r"\.is_rest\b", ".is_resst"),
        (r"tree\.length\b", "tree.lenght"),
        (r'report\("second-rest"', 'report("second-rset"'),
    ],
    "schedule/shape.py": [
        (r"self\.kernel\b", "self.kernle"),
        (r"guards: tuple\[Guard,", "guards: tuple[Gaurd,"),
    ],
    "frameworks/torch/plan.py": [
        (r"job\.driven\b", "job.drivne"),
        (r"job\.slot\b", "job.slto"),
    ],
}
# What these files import is read for its types alone, and libraries, which take half a minute, not
# at all.
CONFIG = """
[mypy]
strict = true
explicit_package_bases = true
[mypy-lrdsl.*]
follow_imports = silent
[mypy-torch.*,pydantic.*,numpy.*,click.*,lark.*]
follow_imports = skip
"""


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], str]:
    """What mypy says of a copy of the package with every slip in it, by file and line."""
    folder = tmp_path_factory.mktemp("typed")
    package = folder / "lrdsl"
    shutil.copytree(ROOT / "lrdsl", package, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "mypy.ini").write_text(CONFIG, encoding="utf-8")
    for file, slips in SLIPS.items():
        path = package / file
        text = path.read_text(encoding="utf-8")
        for pattern, slip in slips:
            text = re.sub(pattern, lambda _, slip=slip: slip, text, count=1)  # type: ignore[misc]
        path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "--cache-dir", "cache"]
    done = subprocess.run(
        [*command, *(f"lrdsl/{file}" for file in SLIPS)],
        cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    found = re.findall(r"^lrdsl/([\w/]+\.py):(\d+): error: (.*)", done.stdout, re.MULTILINE)
    return {(file, int(line)): message for file, line, message in found}


def line_of(file: str, pattern: str) -> int:
    text = (ROOT / "lrdsl" / file).read_text(encoding="utf-8")
    found = re.search(pattern, text)
    assert found, f"{file} has no {pattern}: choose another slip"
    return text.count("\n", 0, found.start()) + 1


@pytest.mark.parametrize(
    ("file", "pattern", "slip"),
    [(file, *slip) for file, slips in SLIPS.items() for slip in slips],
)
def test_a_slip_is_reported(
    reported: dict[tuple[str, int], str], file: str, pattern: str, slip: str
) -> None:
    line = line_of(file, pattern)
    near = {number: said for (name, number), said in reported.items() if name == file}
    # What has no answer for one of its kinds is reported where it starts.
    wanted = line_of(file, r"def as_kind\(") if "funktion" in slip else line
    assert wanted in near, f"{slip} on line {line} is not reported: {near}"

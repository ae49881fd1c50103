"""What docs/explanation/architecture.md says a new thing takes is all it takes.

Each is added to a copy of the tree, by editing as many files as the page says, and then used.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import lrdsl

ROOT = Path(lrdsl.__file__).parents[1]
PAGE = ROOT / "docs" / "explanation" / "architecture.md"
Edit = Callable[[str], str]


def appended(text: str) -> Edit:
    return lambda old: old + text


def line_after(marker: str, text: str) -> Edit:
    def edit(old: str) -> str:
        assert old.count(marker) == 1, marker
        return old.replace(marker, marker + text)

    return edit


def entry(name: str, notes: dict[str, str]) -> Edit:
    return lambda old: json.dumps({**json.loads(old), name: notes})


SHAPE: dict[str, Edit] = {
    "lrdsl/prelude.lrs": line_after(
        "# ---------------------------------------------- combinators, written in Python\n",
        "\n## A cubic that is flat at both ends.\n"
        "shape smoothstep(length: steps = rest, start = prev, end = 0) =\n"
        "  start * v ^ 2 * (1 + 2 * u) + end * u ^ 2 * (1 + 2 * v)\n",
    ),
    "lrdsl/prelude.json": entry(
        "smoothstep", {"verb": "follows a cubic", "example": "smoothstep(100, 0.3, 0.01)"}
    ),
    "tests/oracles/textbook.py": line_after(
        "SHAPES: dict[str, Reference] = {\n",
        '    "smoothstep": Reference("smoothstep(N, START, END)",'
        " lambda at: at.rise(3 * at.u**2 - 2 * at.u**3)),\n",
    ),
}
FRAMEWORK: dict[str, Edit] = {
    "lrdsl/arrays/masked_arrays.py": appended(
        "from lrdsl.arrays.numpy_arrays import NumpyArrays\n\n\n"
        "class MaskedArrays(NumpyArrays):\n"
        '    packages = ("masked",)\n'
    ),
    "lrdsl/arrays/__init__.py": lambda old: line_after(
        "from lrdsl.arrays.jax_arrays import JaxArrays\n",
        "from lrdsl.arrays.masked_arrays import MaskedArrays\n",
    )(line_after("ADAPTERS: tuple[type[ArrayModule], ...] = (", "MaskedArrays, ")(old)),
}
UNIT: dict[str, Edit] = {
    "lrdsl/resolve/run_arguments.py": lambda old: line_after(
        "    steps_per_epoch: float | None\n", "    steps_per_hour: float | None\n"
    )(line_after("UNITS = {", '"h": ("steps_per_hour", "an hour"), ')(old)),
    "lrdsl/context.py": line_after(
        "    steps_per_epoch: _Amount | None = None\n",
        "    steps_per_hour: _Amount | None = None\n",
    ),
    "lrdsl/cli/run_options.py": line_after(
        "_RUN = {\n",
        '    "steps_per_hour": option(RUN, "--steps-per-hour", type=float),\n',
    ),
}
LINT: dict[str, Edit] = {
    "lrdsl/lints/curve/flat_start.py": appended(
        "from lrdsl.lints.lint import warning\n\n\n"
        "def find(line):\n"
        "    if line.curve(0) == line.curve(1):\n"
        '        yield warning("flat-start", "flat", "", line.part(0).span)\n'
    ),
    "lrdsl/diagnostics/pages/LRS{code}-flat-start.md": appended(
        "# LRS{code} flat-start\n\nA warning: the rate does not move at first.\n"
    ),
    "lrdsl/diagnostics/catalogue.py": lambda old: re.sub(
        r"(Lints = Literal\[\n(?:    .*\n)+)", r'\1    "flat-start",\n', old
    ),
    "lrdsl/lints/engine.py": line_after('    "curve": (', '"flat-start", '),
}
COMMAND: dict[str, Edit] = {
    "lrdsl/cli/commands/length.py": appended(
        "import click\n\nimport lrdsl\n\n\n"
        '@click.command()\n@click.argument("text")\n'
        'def command(text: str) -> None:\n    """Print a length."""\n'
        "    click.echo(f'{lrdsl.parse(text).resolve().length:g}')\n"
    ),
    "lrdsl/cli/__init__.py": line_after("COMMANDS = (", '"length", '),
}
IMPORTER: dict[str, Edit] = {
    "lrdsl/importers/fastai.py": appended(
        "from lrdsl.importers.importer import Importer, Setting, Translation\n\n\n"
        "def find(document):\n"
        "    for call in document.calls:\n"
        "        if call.function == 'SchedLin':\n"
        "            yield Setting('SchedLin', call.bound('start', 'end'), call.line)\n\n\n"
        "def translate(setting):\n"
        "    start, end = (setting.fields.number(key) for key in ('start', 'end'))\n"
        "    return Translation(f'linear(100, {start}, {end})', total=100)\n\n\n"
        "def formula(setting, translation, column):\n"
        "    start, end = (float(setting.fields[key]) for key in ('start', 'end'))\n"
        "    return lambda t: start + t / 100 * (end - start)\n\n\n"
        "IMPORTER = Importer('fastai', ('2.8',), ('SchedLin(…)',), find, translate, formula)\n"
    ),
    "lrdsl/importers/__init__.py": line_after("IMPORTERS = (", '"fastai", '),
}
FORMAT: dict[str, Edit] = {
    "lrdsl/exporting/outline.py": appended(
        "from lrdsl.exporting.lowering import lowered\n"
        "from lrdsl.exporting.syntax import Syntax\n\n\n"
        "def written(order):\n"
        "    (driven,) = order.resolved.driven\n"
        "    links = lowered(driven.schedule, order.bases.get('lr')).links\n"
        "    lines = [f'{one.first} {Syntax().text(one.curve.formula)}' for one in links]\n"
        "    return '\\n'.join([*lines, ''])\n"
    ),
    "lrdsl/exporting/__init__.py": line_after("FORMATS = (", '"outline", '),
}


def page_says(row: str) -> int:
    """How many files are edited by hand, by the table of the page."""
    found = re.search(rf"^\| {row} \|.*\| (\d) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert found, f"no row {row} with a count"
    return int(found[1])


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    # With what Python has compiled: it compiles again what is edited.
    left_out = shutil.ignore_patterns("goldens", "found", "lrs.parser")
    for folder in ("lrdsl", "tests", "grammar"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=left_out)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def added(copy: Path, row: str, edits: dict[str, Edit], **names: str) -> None:
    """Adds a thing to the copy, with as many files as the page says."""
    assert len(edits) == page_says(row)
    for name, edit in edits.items():
        path = copy / name.format(**names)
        old = path.read_text("utf-8") if path.exists() else ""
        new = edit(old)
        assert new != old, name
        path.write_text(new if old or not names else new.format(**names), encoding="utf-8")


def run(copy: Path, *words: str) -> str:
    """What Python prints in the copy; it has to end well."""
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    done = subprocess.run(
        [sys.executable, *words], cwd=copy, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_shape(copy: Path) -> None:
    added(copy, "shape or ease", SHAPE)
    told = run(copy, "-m", "lrdsl", "explain", "-e", "smoothstep(100, 0.3, 0.01)")
    assert told.startswith("lr: follows a cubic from 0.3 to 0.01 over 100 steps")
    assert "A cubic that is flat at both ends." in run(copy, "-m", "lrdsl", "shapes", "smoothstep")
    accuracy = ("tests/schedule/test_accuracy.py", "-k", "lacks or (independent and smoothstep)")
    assert "11 passed" in run(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", *accuracy)


def test_a_framework(copy: Path) -> None:
    added(copy, "framework, for its arrays", FRAMEWORK)
    program = (
        "import sys, types, numpy, lrdsl\n"
        "masked = types.ModuleType('masked')\n"
        "curve = lrdsl.parse('linear(4, 1, 0)').resolve().bind()\n"
        "print(curve(numpy.arange(5)).tolist())"
    )
    assert run(copy, "-c", program) == "[1.0, 0.75, 0.5, 0.25, 0.0]\n"


def test_a_unit(copy: Path) -> None:
    added(copy, "unit with an argument of its own", UNIT)
    program = (
        "import lrdsl\n"
        "program = lrdsl.parse('linear(2h, 1, 0)')\n"
        "print(program.resolve(steps_per_hour=50).length)\n"
        "print(program.resolve(**lrdsl.RunContext(steps_per_hour=50).model_dump()).length)\n"
        "try: program.resolve()\n"
        "except lrdsl.LrsError as error: print(error.diagnostics[0].help)\n"
        "import torch\n"
        "optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 1.0)\n"
        "scheduler = lrdsl.compile('linear(2h, 1, 0)', optimizer, steps_per_hour=50)\n"
        "scheduler.load_state_dict(scheduler.state_dict())"
    )
    assert run(copy, "-c", program) == (
        "100\n100\npass `steps_per_hour=` (on the command line `--steps-per-hour`),"
        " or write `run 1h = …st`\n"
    )
    run(copy, "-m", "lrdsl", "check", "-e", "linear(2h, 1, 0)", "--steps-per-hour", "50")


def test_a_lint(copy: Path) -> None:
    from lrdsl.diagnostics import catalogue

    added(copy, "lint", LINT, code=f"6{len(catalogue.lints()) + 1:02}")
    assert "flat-start" in run(copy, "-m", "lrdsl", "check", "-e", "const(9, 0.1)")
    assert "does not move" in run(copy, "-m", "lrdsl", "explain", "flat-start")


def test_a_command(copy: Path) -> None:
    added(copy, "command", COMMAND)
    assert run(copy, "-m", "lrdsl", "length", "warmup(5) >> cosine(20)") == "25\n"
    assert "Print a length." in run(copy, "-m", "lrdsl", "--help")


def test_an_importer(copy: Path) -> None:
    added(copy, "importer", IMPORTER)
    (copy / "train.py").write_text("from fastai.callback.schedule import *\ns = SchedLin(1, 0.1)\n")
    told = run(copy, "-m", "lrdsl", "import", "train.py", "--trust-formula")
    assert "linear(100, 1, 0.1)\n" in told
    assert "train.py:2, fastai: SchedLin: proven: 100 steps equal" in told


def test_a_format_of_export(copy: Path) -> None:
    added(copy, "format of `export`", FORMAT)
    text = "warmup(5) >> linear(20)"
    command = ("-m", "lrdsl", "export", "--to", "outline", "--base", "0.5")
    outline = "0 0.5 * (t / 5)\n5 0.5 * ((20 - t) / 20)\n25 0\n"
    assert run(copy, *command, "-e", text) == outline
    program = f"import lrdsl; print(lrdsl.export({text!r}, 'outline', base=0.5), end='')"
    assert run(copy, "-c", program) == outline
    assert "outline" in run(copy, "-m", "lrdsl", "export", "--help")


def test_a_count_that_is_wrong_is_noticed(copy: Path) -> None:
    with pytest.raises(AssertionError):
        added(copy, "command", dict(list(COMMAND.items())[:1]))

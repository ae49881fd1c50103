"""The imports inside functions, all of them, each with what runs without it.

A heavy package is imported where it is needed (``HOMES`` in test_import_boundary.py). One of our
own modules, or of the standard library, is imported late only where a start that people wait for
does without it; the starts are measured in docs/explanation/benchmarks.md, under "Starts".
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.test_import_boundary import EXAMPLE, HOMES, ROOT, statements

START = "import sys; sys.argv = ['lrdsl', {words}]\nfrom lrdsl.cli import main\n"
CHECK = START.format(words=f"'check', {EXAMPLE!r}") + (
    "try: main()\nexcept SystemExit as end: assert not end.code"
)
EXPLAIN = CHECK.replace(f"'check', {EXAMPLE!r}", "'explain', 'LRS201'")
STEP = (
    "import lrdsl, torch\n"
    "optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.1)\n"
    "lrdsl.compile('warmup(5) >> cosine(20, 0.3, 0.01) >> const', optimizer).step()"
)

# What is run, and the imports that it does without: file, then modules.
LATE: dict[str, dict[str, str]] = {
    # A right file, checked without a run: the start of every commit hook.
    CHECK: {
        "analysis/findings.py": "lrdsl.resolve.without_run lrdsl.lints.epochs",
        "check/arguments.py": "lrdsl.check.argument_words lrdsl.check.elsewhere lrdsl.text.hint",
        "check/check.py": "lrdsl.check.expansions lrdsl.check.misread lrdsl.check.rows"
        " lrdsl.check.run_statement lrdsl.check.events",
        "check/combinators.py": "lrdsl.check.events",
        "check/run_statement.py": "lrdsl.text.statement_words",
        "check/conversions.py": "lrdsl.check.misspelled",
        "check/expander.py": "lrdsl.check.arrangement lrdsl.check.own lrdsl.check.unknown_names",
        "check/library.py": "json",
        "check/problems.py": "lrdsl.text.hint",
        "check/reading.py": "lrdsl.check.params lrdsl.text.comments_elsewhere lrdsl.text.revealed",
        "check/targets.py": "lrdsl.check.captures lrdsl.check.rows",
        "cli/commands/audit.py": "lrdsl.cli.auditing",
        "cli/commands/check.py": "lrdsl.cli.fixing",
        "cli/commands/diff.py": "lrdsl.cli.config_files lrdsl.preview.compare lrdsl.preview.curve"
        " lrdsl.preview.chart",
        "cli/commands/export.py": "lrdsl.exporting.export",
        "cli/commands/fit.py": "lrdsl.fitting.fit lrdsl.logs.reader",
        "analysis/layout.py": "lrdsl.text.comments_elsewhere",
        "cli/commands/lsp.py": "lrdsl.lsp.server",
        "cli/commands/import.py": "lrdsl.importers.documents lrdsl.importers.imports",
        "cli/importing.py": "lrdsl.importers.imports",
        "cli/commands/preview.py": "lrdsl.cli.drawing lrdsl.preview.curve"
        " lrdsl.preview.metric lrdsl.preview.inset lrdsl.preview.export lrdsl.preview.chart"
        " lrdsl.preview.table",
        "cli/commands/serve.py": "lrdsl.configs.config_file lrdsl.page.documents lrdsl.page.server",
        "cli/commands/shapes.py": "lrdsl.check.foreign_words"
        " lrdsl.preview.chart lrdsl.preview.curve lrdsl.preview.metric",
        "cli/formats/sarif.py": "pathlib",
        "cli/config_options.py": "lrdsl.cli.config_files",
        "cli/config_parts.py": "lrdsl.configs.hydra_defaults",
        "cli/help.py": "textwrap",
        "cli/lint_options.py": "lrdsl.lints.ignores",
        "cli/output.py": "difflib json lrdsl.diagnostics.render",
        "cli/stated_runs.py": "lrdsl.configs.project_runs",
        "configs/schedules.py": "lrdsl.configs.composing",
        "configs/settings.py": "lrdsl.configs.tables",
        "diagnostics/diagnostic.py": "lrdsl.diagnostics.render",
        "formula/kernel.py": "lrdsl.formula.stretch lrdsl.formula.vector",
        "lints/engine.py": "lrdsl.lints.ignores lrdsl.lints.events",
        "preview/export.py": "lrdsl.preview.figure",
        "preview/figure.py": "lrdsl.preview.inset",
        "preview/svg.py": "lrdsl.preview.inset",
        "program.py": "lrdsl.check.captures lrdsl.check.params lrdsl.pydantic_field"
        " lrdsl.text.canonical lrdsl.resolve.stated",
        "resolve/boundaries.py": "lrdsl.resolve.repeat lrdsl.resolve.timed lrdsl.resolve.remedies"
        " lrdsl.resolve.ended lrdsl.resolve.events",
        "resolve/outlook.py": "lrdsl.resolve.events",
        "resolve/resolve.py": "lrdsl.resolve.events lrdsl.resolve.placing"
        " lrdsl.resolve.without_base lrdsl.schedule.events lrdsl.resolve.clock",
        "resolve/resolved.py": "lrdsl.check.params lrdsl.resolve.fingerprint",
        "resolve/repeat.py": "lrdsl.resolve.nest",
        "schedule/reading.py": "lrdsl.schedule.stretches",
        "schedule/schedule.py": "lrdsl.schedule.stretches lrdsl.arrays lrdsl.schedule.bound"
        " lrdsl.schedule.factor lrdsl.schedule.parts",
        "text/numbers.py": "fractions",
        "text/parse.py": "lrdsl.text.recover",
        "text/precheck.py": "lrdsl.text.syntax_errors",
        "text/characters.py": "lrdsl.text.confusables",
        "wording.py": "difflib",
    },
    # A code looked up, without the parser.
    EXPLAIN: {
        "cli/importing.py": "lrdsl.resolve.measure lrdsl.resolve.run",
        "analysis/findings.py": "lrdsl.lints.engine",
        "cli/completion.py": "lrdsl.check.library",
        "cli/commands/explain.py": "lrdsl.analysis.picture lrdsl.analysis.analyze"
        " lrdsl.cli.resolving lrdsl.cli.stated_runs lrdsl.preview.describe",
    },
    # A text compiled for an optimizer, and stepped.
    STEP: {
        "frameworks/torch/assign.py": "lrdsl.check.captures lrdsl.frameworks.torch.owns",
        "frameworks/torch/lambda_lr.py": "lrdsl.frameworks.torch.rehearsal",
        "frameworks/torch/planned.py": "lrdsl.frameworks.torch.buffers",
        "frameworks/torch/state.py": "lrdsl.context",
        "integrations/lightning.py": "lrdsl.integrations.metric_observer",
    },
    # A program parsed, and not laid out.
    "import lrdsl; lrdsl.parse('const')": {
        "program.py": "lrdsl.resolve.resolve lrdsl.resolve.resolved",
    },
    # A text looked at by whoever draws it elsewhere.
    "import lrdsl; lrdsl.analyze('const').diagnostics": {
        "analysis/analysis.py": "lrdsl.analysis.picture",
        "analysis/picture.py": "lrdsl.preview.svg",
        "analysis/analyze.py": "lrdsl.configs.keys lrdsl.configs.schedules lrdsl.configs.settings",
    },
    # Two texts compared, where torch is not installed.
    "import lrdsl; lrdsl.equivalent('linear(4)', 'linear(4)', steps=4)": {
        "equivalent.py": "lrdsl.frameworks.torch.on_groups lrdsl.frameworks.torch.replica",
    },
    # A function of a scheduler that is known.
    "import lrdsl.importers.torch_lambdas": {
        "importers/torch_lambdas.py": "lrdsl.fitting.fit",
    },
    # A curve looked at that is refused before it is fitted.
    "import lrdsl; lrdsl.fit": {
        "fitting/fit.py": "lrdsl.fitting.search",
        "fitting/sources.py": "lrdsl.fitting.readings lrdsl.frameworks.torch.replica"
        " lrdsl.logs.read",
    },
    # What only who has Keras can import.
    "import lrdsl; lrdsl.keras": {"integrations/keras.py": "lrdsl.keras_schedule"},
    # The package, where click is not installed.
    "import lrdsl.__main__": {"__main__.py": "lrdsl.cli"},
}


def late() -> Iterator[tuple[str, str]]:
    """Every import inside a function of what is no package with a home: file and module."""
    for path in sorted((ROOT / "lrdsl").rglob("*.py")):
        file = path.relative_to(ROOT / "lrdsl").as_posix()
        for node, early in statements(path.read_text("utf-8")):
            for name in () if early else modules(node):
                first = name.partition(".")[0]
                # An importer runs the package of its own name.
                if first not in HOMES and f"importers/{first}.py" != file:
                    yield file, name


def modules(node: ast.AST) -> list[str]:
    """The modules that an import means; of ``from lrdsl import arrays``, the one it names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    assert isinstance(node, ast.ImportFrom) and node.module is not None
    inner = [f"{node.module}.{alias.name}" for alias in node.names]
    paths = [ROOT / name.replace(".", "/") for name in inner]
    found = [
        name
        for name, path in zip(inner, paths, strict=True)
        if path.is_dir() or path.with_suffix(".py").exists()
    ]
    return found if node.module.startswith("lrdsl") and found else [node.module]


def test_each_is_listed() -> None:
    listed = {
        (file, name)
        for files in LATE.values()
        for file, names in files.items()
        for name in names.split()
    }
    assert set(late()) == listed


IDS = [
    "check",
    "explain",
    "step",
    "parse",
    "analyze",
    "compare",
    "lambda",
    "fit",
    "keras",
    "import",
]


@pytest.mark.parametrize("program", LATE, ids=IDS)
def test_each_is_done_without(program: str) -> None:
    names = sorted({name for names in LATE[program].values() for name in names.split()})
    # A package that loads one of them for itself is no reason against it.
    own = [name for name in names if name.startswith("lrdsl")]
    code = f"{program}\nimport sys\nprint(*(n for n in {own} if n in sys.modules), sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    loaded = [line for line in done.stdout.splitlines() if line in own]
    assert loaded == []

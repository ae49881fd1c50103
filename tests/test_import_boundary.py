"""Who imports what: layers import downwards only, and heavy packages stay where they are needed.

Every rule is a function of a folder, so that a copy of the package with a violation in it can show
that the rule would be noticed.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

import lrdsl

ROOT = Path(lrdsl.__file__).parents[1]

# From the bottom up. A layer imports those above it in this list, and nothing that shares its line.
LAYERS = (
    {"display", "limits", "wording"},
    {"files", "outside", "record"},
    {"arrays"},
    {"formula"},
    {"diagnostics"},
    {"text"},
    {"check"},
    {"schedule"},
    {"resolve"},
    {"context", "pydantic_field"},
    {"program"},
    {"comparison", "sources"},
    {"lints"},
    {"frameworks", "preview"},
    {"configs", "equivalent", "logs"},
    {"analysis"},
    {"highlight", "page"},
    {"fitting"},
    {"exporting", "keras_schedule"},
    {"integrations", "importers", "auditing", "transformers"},
    {"lsp"},
    {"axolotl", "cli", "lightning_callback"},
    {"__main__"},
)
HEIGHTS = {name: height for height, names in enumerate(LAYERS) for name in names}

# Where a package may be imported as soon as a module is, and where at all.
HOMES = {
    "torch": (
        [
            "frameworks/torch/*_lr.py",
            *(
                f"frameworks/torch/{n}.py"
                for n in (
                    "buffers",
                    "hyperparameters",
                    "planned",
                    "replica",
                    "separate",
                    "several",
                    "step_order",
                )
            ),
            "importers/torch_live.py",
            "integrations/metric_observer.py",
        ],
        [
            "frameworks/torch/*.py",
            "integrations/metric_observer.py",
            "integrations/torch_checkpoint.py",
            "arrays/torch_arrays.py",
            "importers/*.py",
        ],
    ),
    "jax": ([], ["arrays/jax_arrays.py", "importers/optax.py"]),
    "transformers": (
        ["axolotl.py"],
        ["axolotl.py", "importers/axolotl.py", "importers/transformers.py", "transformers.py"],
    ),
    "axolotl": (["axolotl.py"], ["axolotl.py"]),
    "lightning": (["lightning_callback.py"], ["lightning_callback.py"]),
    "pytorch_lightning": (["lightning_callback.py"], ["lightning_callback.py"]),
    "keras": (["keras_schedule.py"], ["keras_schedule.py", "importers/keras.py"]),
    "pydantic": (["axolotl.py", "context.py"], ["axolotl.py", "context.py"]),
    "pydantic_core": ([], ["pydantic_field.py"]),
    "yaml": ([], ["configs/yaml_file.py", "integrations/yaml_tag.py"]),
    "omegaconf": ([], ["integrations/omegaconf_resolver.py"]),
    "jsonargparse": ([], ["integrations/jsonargparse_type.py"]),
    "tree_sitter": ([], ["configs/*_file.py"]),
    "tree_sitter_json": ([], ["configs/json_file.py"]),
    "tree_sitter_toml": ([], ["configs/toml_file.py"]),
    "click": (["cli/*.py"], ["cli/*.py"]),
    "pygls": (["lsp/*.py"], ["lsp/*.py"]),
    "lsprotocol": (["lsp/*.py"], ["lsp/*.py"]),
    "lark": (["analysis/unfinished.py", "text/*.py"], ["analysis/unfinished.py", "text/*.py"]),
    "pygments": (["highlight.py"], ["highlight.py"]),
    "numpy": (
        ["preview/*.py", "fitting/*.py"],
        [
            "preview/*.py",
            "arrays/numpy_arrays.py",
            "schedule/difference.py",
            "auditing/*.py",
            "auditing/reasons/*.py",
            "fitting/*.py",
            "logs/*.py",
        ],
    ),
    "tensorboard": ([], ["logs/tensorboard.py"]),
    "wandb": ([], ["logs/wandb_offline.py"]),
    "google": ([], ["logs/wandb_offline.py"]),
    "plotext": (["preview/*.py"], ["preview/*.py"]),
    "matplotlib": (["preview/*.py"], ["analysis/notebook.py", "preview/*.py"]),
    # Not a package: what only a type checker has to have.
    "typing_extensions": ([], []),
}
PROGRAM = "lrdsl.parse('warmup(5) >> cosine(20, 0.3, 0.01) >> const')"
CHECK = (
    "import sys; sys.argv = ['lrdsl', 'check', {path!r}]\n"
    "from lrdsl.cli import main\n"
    "try: main()\n"
    "except SystemExit as end: assert not end.code"
)
EXAMPLE = str(ROOT / "examples" / "d2l_cosine.lrs")
# What is run, what it must not load, and what it does load.
PROGRAMS = {
    "import": ("import lrdsl", "lark click pydantic torch numpy matplotlib plotext", "lrdsl"),
    "parse": (
        f"import lrdsl; {PROGRAM}",
        "click pydantic torch numpy matplotlib",
        "lark lrdsl.text.parse",
    ),
    # What an isolated build has is lark.
    "saving the parser": (
        "from lrdsl.text.grammar import dumped; dumped()",
        "click pydantic torch numpy lrdsl.check lrdsl.program",
        "lark",
    ),
    "resolve": (
        f"import lrdsl; {PROGRAM}.resolve()(3)",
        "click pydantic torch numpy matplotlib",
        "lrdsl.schedule.schedule",
    ),
    "described run": (
        f"import lrdsl; {PROGRAM}.resolve(total=100, per_step={{'tok': 0.5}})",
        "click pydantic torch numpy matplotlib lrdsl.context",
        "lrdsl.resolve.run",
    ),
    "model of a run": ("import lrdsl; lrdsl.RunContext", "click torch numpy", "pydantic"),
    "check": (
        CHECK.format(path=EXAMPLE),
        "pydantic torch numpy matplotlib plotext yaml json lrdsl.context lrdsl.configs"
        " lrdsl.pydantic_field",
        "click lark lrdsl.resolve.resolve",
    ),
    "check in a run": (
        CHECK.format(path=EXAMPLE).replace(
            "]", ", '--total', '90ep', '--steps-per-epoch', '100', '--per-step', 'tok=4M']", 1
        ),
        "pydantic torch numpy matplotlib plotext yaml json lrdsl.context lrdsl.configs"
        " lrdsl.pydantic_field",
        "click lark lrdsl.resolve.resolve",
    ),
    "explain": (
        CHECK.format(path=EXAMPLE).replace(f"'check', {EXAMPLE!r}", "'explain', 'LRS201'"),
        "lark pydantic torch numpy lrdsl.text lrdsl.program",
        "click",
    ),
    "looking at compile": (
        "import lrdsl; lrdsl.compile",
        "torch numpy",
        "lrdsl.frameworks.torch.compile",
    ),
}


class Import:
    """One import of a module.

    Attributes:
        file: where it stands, from the package's folder.
        name: the module it names.
        early: whether it happens as soon as the module is imported.
    """

    def __init__(self, file: str, name: str, early: bool) -> None:
        self.file, self.name, self.early = file, name, early

    def __repr__(self) -> str:
        return f"{self.file} imports {self.name}" + (" at once" if self.early else "")


def imports(package: Path) -> Iterator[Import]:
    """Every import of a package that happens at run time."""
    for path in sorted(package.rglob("*.py")):
        file = path.relative_to(package).as_posix()
        for node, early in statements(path.read_text(encoding="utf-8")):
            for name in _names(node, package):
                yield Import(file, name, early)


@cache  # the copies that are broken below differ in one file
def statements(text: str) -> list[tuple[ast.AST, bool]]:
    found = _running(ast.parse(text), early=True)
    return [(node, early) for node, early in found if isinstance(node, ast.Import | ast.ImportFrom)]


def _running(node: ast.AST, *, early: bool) -> Iterator[tuple[ast.AST, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            for other in child.orelse:
                yield from _running(ast.Module([other], []), early=early)
            continue
        inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield child, early
        yield from _running(child, early=early and not inside)


def _names(node: ast.AST, package: Path) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    assert node.module is not None and node.level == 0, "imports are absolute"
    if node.module != "lrdsl":
        return [node.module]
    names = [alias.name for alias in node.names]
    return [f"lrdsl.{name}" for name in names if _is_module(package / name)]


def _is_module(path: Path) -> bool:
    return path.is_dir() or path.with_suffix(".py").exists()


def layer(module_or_file: str) -> str:
    """The layer of ``lrdsl.text.parse``, or of ``text/parse.py``."""
    return module_or_file.removeprefix("lrdsl.").replace("/", ".").removesuffix(".py").split(".")[0]


def upward(package: Path) -> list[str]:
    """The imports that do not go downwards."""
    found = [i for i in imports(package) if i.name.startswith("lrdsl.")]
    return [str(i) for i in found if not _allowed(layer(i.file), layer(i.name))]


def _allowed(importer: str, imported: str) -> bool:
    return importer == imported or HEIGHTS[imported] < HEIGHTS.get(importer, -1)


def misplaced(package: Path) -> list[str]:
    """The imports of heavy packages outside their homes."""
    return [str(i) for i in imports(package) if _is_misplaced(i)]


def _is_misplaced(i: Import) -> bool:
    early, at_all = HOMES.get(i.name.split(".")[0], (["*"], ["*"]))
    return not any(fnmatch(i.file, home) for home in (early if i.early else at_all))


def modules(program: str, root: Path = ROOT) -> set[str]:
    """The modules that a process has loaded when a program has run."""
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys; print(*sys.modules, file=sys.stderr)"],
        capture_output=True,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        timeout=200,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


def unwanted(name: str, root: Path = ROOT) -> set[str]:
    """What one of the programs loads and must not."""
    program, refused, _ = PROGRAMS[name]
    return modules(program, root) & set(refused.split())


def test_layers_import_downwards_only() -> None:
    assert upward(ROOT / "lrdsl") == []


def test_the_folders_are_in_the_order_that_the_architecture_says() -> None:
    page = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
    places = {name: i for i, name in enumerate(re.findall(r"^\| `lrdsl/(\w+)/` \|", page, re.M))}
    folders = {p.parent.name for p in (ROOT / "lrdsl").glob("*/__init__.py")}
    assert set(places) == folders
    found = {(layer(i.file), layer(i.name)) for i in imports(ROOT / "lrdsl")}
    between = {(a, b) for a, b in found if a in places and b in places and a != b}
    assert {(a, b) for a, b in between if places[a] < places[b]} == set()


def test_every_module_is_in_a_layer() -> None:
    files = [p.relative_to(ROOT / "lrdsl") for p in (ROOT / "lrdsl").rglob("*.py")]
    assert {layer(file.as_posix()) for file in files} - {"__init__"} == set(HEIGHTS)


def test_the_package_itself_imports_none_of_its_modules() -> None:
    own = [i for i in imports(ROOT / "lrdsl") if i.file == "__init__.py"]
    assert [str(i) for i in own if i.name.startswith("lrdsl")] == []


def test_heavy_packages_are_imported_where_they_are_needed_only() -> None:
    assert misplaced(ROOT / "lrdsl") == []


def test_the_rules_are_about_what_is_there() -> None:
    found = list(imports(ROOT / "lrdsl"))
    assert {i.name.split(".")[0] for i in found} >= set(HOMES) - {"typing_extensions"}
    # Python starts the first, the package itself loads the second, Pygments the third, and users
    # name the others.
    entries = {"__main__", "equivalent", "highlight", "axolotl", "lightning_callback"}
    imported = {layer(i.name) for i in found if i.name.startswith("lrdsl.")}
    assert imported == set(HEIGHTS) - entries


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_loaded(name: str) -> None:
    program, refused, wanted = PROGRAMS[name]
    loaded = modules(program)
    assert loaded & set(refused.split()) == set()
    assert loaded >= set(wanted.split())


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout to break."""
    ignored = shutil.ignore_patterns("__pycache__", "pages")
    shutil.copytree(ROOT / "lrdsl", tmp_path / "lrdsl", ignore=ignored)
    shutil.copytree(ROOT / "grammar", tmp_path / "grammar")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "line", "found"),
    [
        ("text/bad.py", "import lrdsl.check.tree", "text/bad.py imports lrdsl.check.tree at once"),
        ("check/bad.py", "from lrdsl.cli import output", "check/bad.py imports lrdsl.cli at once"),
        ("formula/bad.py", "from lrdsl import text", "formula/bad.py imports lrdsl.text at once"),
        (
            "schedule/bad.py",
            "def f():\n    from lrdsl.program import parse",
            "schedule/bad.py imports lrdsl.program",
        ),
        (
            "preview/bad.py",
            "if True:\n    from lrdsl.frameworks.torch import plan",
            "preview/bad.py imports lrdsl.frameworks.torch at once",
        ),
        ("files.py", "import lrdsl.record", "files.py imports lrdsl.record at once"),
    ],
)  # fmt: skip
def test_an_upward_import_is_noticed(copy: Path, file: str, line: str, found: str) -> None:
    (copy / "lrdsl" / file).write_text(line, encoding="utf-8")
    assert upward(copy / "lrdsl") == [found]


@pytest.mark.parametrize(
    ("file", "line", "noticed"),
    [
        ("frameworks/torch/bad.py", "import torch", True),
        ("frameworks/torch/bad.py", "def f():\n    import torch", False),
        ("frameworks/torch/bad_lr.py", "from torch import nn", False),
        ("schedule/bad.py", "class A:\n    import torch.nn", True),
        ("schedule/bad.py", "def f():\n    import torch", True),
        ("schedule/bad.py", "import numpy", True),
        ("schedule/bad.py", "def f():\n    import numpy", True),
        ("arrays/numpy_arrays.py", "def f():\n    import numpy", False),
        ("arrays/numpy_arrays.py", "import numpy", True),
        ("arrays/bad.py", "def f():\n    import jax", True),
        ("program.py", "try:\n    from pydantic import BaseModel\nexcept ImportError: ...", True),
        ("program.py", "if TYPE_CHECKING:\n    import pydantic\nelse:\n    import torch", True),
        ("program.py", "if TYPE_CHECKING:\n    import pydantic", False),
        ("pydantic_field.py", "import pydantic_core", True),
        ("program.py", "def f():\n    import pydantic_core", True),
        ("cli/commands/bad.py", "import matplotlib.pyplot", True),
    ],
)
def test_a_heavy_import_is_noticed(copy: Path, file: str, line: str, noticed: bool) -> None:
    (copy / "lrdsl" / file).write_text(line, encoding="utf-8")
    assert len(misplaced(copy / "lrdsl")) == noticed


@pytest.mark.parametrize(
    ("file", "line", "name", "found"),
    [
        ("__init__.py", "import lark", "import", {"lark"}),
        ("text/parse.py", "import pydantic", "resolve", {"pydantic"}),
        ("cli/output.py", "import lrdsl.context", "check", {"pydantic", "lrdsl.context"}),
    ],
)
def test_a_module_that_is_loaded_is_noticed(
    copy: Path, file: str, line: str, name: str, found: set[str]
) -> None:
    path = copy / "lrdsl" / file
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    assert unwanted(name, copy) >= found

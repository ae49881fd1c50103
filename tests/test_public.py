"""The public names: complete, documented, and true to the changelog."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import lrdsl
from lrdsl.resolve.run_arguments import NAMES as RUN

PACKAGE = Path(lrdsl.__file__).parent
ROOT = PACKAGE.parent
NAMES = [name for name in lrdsl.__all__ if name != "__version__"]
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in sorted(PACKAGE.rglob("*.py"))
    # Made of classes of their trainers, with which tests/trainers runs them.
    if path.stem not in ("axolotl", "keras_schedule", "lightning_callback")
    or path.parent != PACKAGE
]


def typed_imports() -> dict[str, str]:
    """What a type checker sees in the package, and where it comes from."""
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    (block,) = [
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    return {
        alias.asname or alias.name: str(node.module)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_all_is_sorted_and_the_namespace() -> None:
    assert lrdsl.__all__ == sorted(lrdsl.__all__)
    assert dir(lrdsl) == lrdsl.__all__
    assert typed_imports() == lrdsl._HOMES
    assert sorted([*lrdsl._HOMES, "__version__"]) == lrdsl.__all__


def test_every_name_is_the_object_of_its_home() -> None:
    for name in NAMES:
        found = getattr(lrdsl, name)
        assert found is getattr(import_module(lrdsl._HOMES[name]), name)
        assert found.__module__ == lrdsl._HOMES[name]
        assert found.__name__ == name


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"^module 'lrdsl' has no attribute 'cosine'$"):
        lrdsl.cosine  # type: ignore[attr-defined]  # noqa: B018


def test_the_version_is_the_changelogs() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\S+)", changelog, re.MULTILINE)
    assert versions[0] == lrdsl.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", lrdsl.__version__)


def documented() -> Iterator[tuple[str, Any]]:
    """Every public class and function, and the public methods of the classes."""
    for name in NAMES:
        thing = getattr(lrdsl, name)
        yield name, thing
        if inspect.isclass(thing):
            own = vars(thing).items()
            for method, value in own:
                if not method.startswith("_") and (
                    inspect.isfunction(value) or isinstance(value, property)
                ):
                    yield f"{name}.{method}", value


DOCUMENTED = dict(documented())


def parameters(thing: Any) -> list[str]:
    found = inspect.signature(thing).parameters
    return [name for name in found if name not in {"self", "cls"}]


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_docstring_says_it_all(name: str) -> None:
    thing = DOCUMENTED[name]
    doc = inspect.getdoc(thing) or ""
    summary, _, _ = doc.partition("\n\n")
    assert summary.endswith(".")
    assert len(summary.splitlines()) <= 2
    if inspect.isfunction(thing) and parameters(thing):
        arguments = section(doc, "Args")
        missing = [
            p for p in parameters(thing) if not re.search(rf"^    [*]{{0,2}}{p}: ", arguments, re.M)
        ]
        assert missing == []


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_docstring_is_markdown(name: str) -> None:
    doc = inspect.getdoc(DOCUMENTED[name]) or ""
    assert re.findall(r":[a-z]+:`", doc) == []  # roles of Sphinx
    examples = section(doc, "Examples")
    assert ">>>" not in doc.replace(examples, "")


@pytest.mark.parametrize("name", ["compile", "load", "parse", "Program.resolve", "Schedule.bind"])
def test_what_is_raised_is_said(name: str) -> None:
    assert "    LrsError: " in section(inspect.getdoc(DOCUMENTED[name]) or "", "Raises")


@pytest.mark.parametrize(
    "name", ["Comparison", "Diagnostic", "LrsError", "RunContext", "Schedule", "Part", "Resolved"]
)
def test_attributes_are_documented(name: str) -> None:
    thing = getattr(lrdsl, name)
    attributes = section(inspect.getdoc(thing) or "", "Attributes")
    assert attributes
    fields: list[str] = [*getattr(thing, "model_fields", ()), *getattr(thing, "__match_args__", ())]
    assert [
        f for f in fields if f[0] != "_" and not re.search(rf"^    {f}: ", attributes, re.M)
    ] == []


def section(doc: str, title: str) -> str:
    """The lines of one section of a docstring in Google's form."""
    found = re.search(rf"^{title}:\n((?:    .*\n?|\n)+)", doc, re.MULTILINE)
    return found[1] if found else ""


@pytest.mark.parametrize("name", MODULES)
def test_every_module_has_a_docstring_and_its_examples_are_true(name: str) -> None:
    module: ModuleType = import_module(name)
    assert (module.__doc__ or "").strip()
    failed, _ = doctest.testmod(module, raise_on_error=False)
    assert failed == 0


def test_there_are_examples_to_be_true() -> None:
    finder = doctest.DocTestFinder()
    public = [getattr(lrdsl, name) for name in ("Program", "parse")]
    assert all(any(test.examples for test in finder.find(thing)) for thing in public)


def test_the_package_says_that_it_is_typed() -> None:
    assert (PACKAGE / "py.typed").read_bytes() == b""


# Where the names of `lrdsl` live, and what their types are made of.
TYPED = [
    "comparison.py",
    "context.py",
    "diagnostics/diagnostic.py",
    "frameworks/torch/lambda_lr.py",
    "program.py",
    "resolve/resolved.py",
    "schedule/endpoints.py",
    "schedule/parts.py",
    "schedule/schedule.py",
]


def untyped(text: str) -> set[str]:
    """The public attributes that a class gives its instances, and nowhere says the type of."""
    found: set[str] = set()
    for part in ast.walk(ast.parse(text)):
        if isinstance(part, ast.ClassDef):
            nodes = list(ast.walk(part))
            typed = {ast.unparse(node.target) for node in nodes if isinstance(node, ast.AnnAssign)}
            targets = [t for node in nodes if isinstance(node, ast.Assign) for t in node.targets]
            given = [ast.unparse(t) for t in targets if isinstance(t, ast.Attribute)]
            names = {name.removeprefix("self.") for name in given if name.startswith("self.")}
            found |= {name for name in names if not {name, f"self.{name}"} & typed}
    return {name for name in found if not name.startswith("_")}


def test_what_is_untyped_is_found() -> None:
    text = "class A:\n    b: int\n    def __init__(self):\n"
    text += "        self.a = self.b = 1\n        self.c: int = 2\n        self._d = 3\n"
    assert untyped(text) == {"a"}


@pytest.mark.parametrize("name", TYPED)
def test_public_attributes_say_their_type(name: str) -> None:
    """Type checkers other than mypy need not infer them alike; pyright says so of a package."""
    assert untyped((Path(lrdsl.__file__).parent / name).read_text("utf-8")) == set()


def test_the_page_of_the_scheduler_lists_every_option_of_compile() -> None:
    page = (ROOT / "docs" / "reference" / "scheduler.md").read_text(encoding="utf-8")
    listed = [re.findall(r"`(\w+)=", row) for row in re.findall(r"^\| (`\w+=.*?) \|", page, re.M)]
    options = {*inspect.signature(lrdsl.compile).parameters} - {"source", "optimizer", *RUN}
    assert {name for names in listed for name in names} == options

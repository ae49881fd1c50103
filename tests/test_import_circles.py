"""No circle of imports between files, counting imports inside functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Set
from pathlib import Path

import pytest

from tests.test_import_boundary import ROOT, statements


def module(path: Path, package: Path) -> str:
    """The dotted name of a file of the package."""
    name = path.relative_to(package.parent).with_suffix("").as_posix().replace("/", ".")
    return name.removesuffix(".__init__")


def graph(package: Path) -> dict[str, set[str]]:
    """For each module of the package, those of its modules that it imports at run time."""
    names = {module(path, package): path for path in package.rglob("*.py")}
    return {
        name: {
            target
            for node, _ in statements(path.read_text(encoding="utf-8"))
            for target in _targets(node)
            if target in names and target != name
        }
        for name, path in names.items()
    }


def _targets(node: ast.AST) -> Iterator[str]:
    """Every dotted name that an import may mean: a module, or something in one."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
        yield node.module


def circle(edges: Mapping[str, Set[str]]) -> list[str]:
    """Modules each of which imports the next and the last the first; empty where there is none."""
    done: set[str] = set()

    def follow(name: str, trail: list[str]) -> list[str]:
        if name in trail:
            return trail[trail.index(name) :]
        if name in done:
            return []
        for target in sorted(edges[name]):
            if found := follow(target, [*trail, name]):
                return found
        done.add(name)
        return []

    return next(filter(None, (follow(name, []) for name in sorted(edges))), [])


def test_no_file_imports_itself_by_way_of_others() -> None:
    edges = graph(ROOT / "lrdsl")
    # The package itself imports nothing: every `from lrdsl import files` names a module.
    assert circle({name: targets - {"lrdsl"} for name, targets in edges.items()}) == []


@pytest.mark.parametrize(
    ("edges", "found"),
    [
        ({"a": {"b"}, "b": set()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"b"}}, ["b", "c"]),
        ({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": {"a"}}, ["a", "b", "d"]),
    ],
)
def test_a_circle_is_noticed(edges: dict[str, set[str]], found: list[str]) -> None:
    assert circle(edges) == found


def test_an_import_inside_a_function_counts(tmp_path: Path) -> None:
    package = tmp_path / "lrdsl"
    package.mkdir()
    (package / "a.py").write_text("from lrdsl.b import x", encoding="utf-8")
    (package / "b.py").write_text("def f():\n    from lrdsl import a", encoding="utf-8")
    (package / "c.py").write_text("if TYPE_CHECKING:\n    import lrdsl.a", encoding="utf-8")
    assert circle(graph(package)) == ["lrdsl.a", "lrdsl.b"]
    assert graph(package)["lrdsl.c"] == set()

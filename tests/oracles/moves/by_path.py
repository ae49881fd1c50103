"""Modules of installed packages, loaded by themselves: for packages that are heavy to import."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import Any

# What a module imports from its package and its schedules do not need, by the module's name.
StandIns = Mapping[str, Any]


def loaded(distribution: str, path: str, stand_ins: StandIns) -> Any:
    """A module of an installed package, without the rest of the package.

    Args:
        distribution: the name of the package, as in ``pip install``.
        path: the file in its folder.
        stand_ins: what stands for the other modules that it imports.
    """
    file = metadata.distribution(distribution).locate_file(path)
    name = path.removesuffix(".py").replace("/", "_")
    spec = spec_from_file_location(name, str(file))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    with _modules({**stand_ins, name: module}):
        spec.loader.exec_module(module)
    return module


@contextmanager
def _modules(given: Mapping[str, Any]) -> Iterator[None]:
    """Puts modules where imports find them, and takes them away again."""
    made = {name: _made(name, contents) for name, contents in given.items()}
    for name in given:
        for parent in _parents(name):
            made.setdefault(parent, ModuleType(parent))
    before = {name: sys.modules.get(name) for name in made}
    sys.modules.update(made)
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def _made(name: str, contents: Any) -> ModuleType:
    if isinstance(contents, ModuleType):
        return contents
    module = ModuleType(name)
    vars(module).update(contents)
    return module


def _parents(name: str) -> Iterator[str]:
    while "." in name:
        name = name.rpartition(".")[0]
        yield name

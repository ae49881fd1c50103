"""PyYAML: the tag ``!lrs`` makes a value a program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl import pydantic_field
from lrdsl.configs.marks import TAG
from lrdsl.program import Program, load, parse

if TYPE_CHECKING:
    import yaml

# Those written in C are missing where PyYAML was built without it.
_LOADERS = ("SafeLoader", "CSafeLoader", "FullLoader", "CFullLoader")
_DUMPERS = ("SafeDumper", "CSafeDumper", "Dumper", "CDumper")


def register() -> None:
    """Adds the tag to the loaders that make no arbitrary objects, and programs to all dumpers."""
    import yaml

    for name in _LOADERS:
        if hasattr(yaml, name):
            getattr(yaml, name).add_constructor(TAG, _program)
    for name in _DUMPERS:
        if hasattr(yaml, name):
            getattr(yaml, name).add_representer(Program, _text)


def _text(dumper: yaml.representer.BaseRepresenter, program: Program) -> yaml.ScalarNode:
    style = "|" if "\n" in program.source else None
    return dumper.represent_scalar(TAG, program.source, style=style)


def _program(loader: yaml.constructor.BaseConstructor, node: yaml.ScalarNode) -> Program:
    text = str(loader.construct_scalar(node))
    if not pydantic_field.is_path(text):
        return parse(text)
    config = node.start_mark.name
    return load(pydantic_field.beside(config if Path(config).is_file() else None, text))

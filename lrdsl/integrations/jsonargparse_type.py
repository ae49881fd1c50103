"""jsonargparse, and so LightningCLI: programs as a type of arguments."""

from __future__ import annotations

from lrdsl import pydantic_field
from lrdsl.program import Program, load, parse


def register() -> None:
    """Registers the type."""
    from jsonargparse.typing import register_type

    register_type(Program, serializer=_text, deserializer=_program)


def _text(program: Program) -> str:
    """A program in a config: its original text, with comments."""
    return program.source


def _program(value: object) -> Program:
    if not isinstance(value, str):
        raise TypeError(pydantic_field.misfit(value))
    if not pydantic_field.is_path(value):
        return parse(value)
    from jsonargparse.typing import Path_fr

    return load(Path_fr(value).absolute)  # relative to the config, which jsonargparse knows

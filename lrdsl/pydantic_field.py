"""A program as a field of a pydantic model: its validation, its JSON and its JSON Schema."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lrdsl import files
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.outside import is_number

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

JSON_SCHEMA: dict[str, object] = {
    "type": "string",
    "format": "lrs",
    "title": "Learning-rate schedule",
    "description": "A learning-rate schedule in the language of lrdsl: its text, or the path of a "
    ".lrs file. Parts follow one another with `>>`; a length is a number of steps (`500st`), of "
    "epochs (`5ep`) or a share of the run (`10%`).",
    "examples": [
        "warmup(5) >> cosine(20, 0.3, 0.01) >> const",
        "warmup(5ep) >> cosine(85ep, 0.4, 0.0004) >> const",
        "schedules/resnet50.lrs",
    ],
}


class _Program(Protocol):
    """What this module, in a layer below that of programs, knows about them."""

    @property
    def source(self) -> str: ...


def is_path(text: str) -> bool:
    """True if a text is the path of a schedule rather than a schedule.

    >>> is_path("schedules/resnet50.lrs"), is_path("const # see old.lrs")
    (True, False)
    """
    return text.endswith(files.SUFFIX) and not any(sign in text for sign in ("\n", ">>", " #"))


def beside(base: str | os.PathLike[str] | None, path: str) -> str:
    """A path that was written down somewhere, as the current folder sees it.

    Args:
        base: the folder it is relative to, or a file in that folder; None for the current one.
        path: the path.
    """
    if base is None:
        return path
    folder = Path(base).parent if Path(base).is_file() else Path(base)
    return str(folder / path)


def core_schema(
    cls: type[_Program], parse: Callable[[str], _Program], load: Callable[[str], _Program]
) -> CoreSchema:
    """The schema of a program: an instance, a text, or a path; in JSON its text.

    Args:
        cls: the class of programs.
        parse: makes one of a text.
        load: makes one of a file.
    """
    from pydantic_core import PydanticCustomError
    from pydantic_core import core_schema as schemas

    def validate(value: object, info: schemas.ValidationInfo) -> _Program:
        if isinstance(value, cls):
            return value
        if not isinstance(value, str | os.PathLike):
            raise PydanticCustomError("lrs_type", "{text}", {"text": misfit(value)})
        text = os.fspath(value)
        try:
            if not isinstance(value, str) or is_path(text):
                context = info.context if isinstance(info.context, Mapping) else {}
                return load(beside(context.get("base"), text))
            return parse(text)
        except LrsError as error:
            diagnostics = [diagnostic.to_json() for diagnostic in error.diagnostics]
            details = {"text": str(error), "diagnostics": diagnostics}
            raise PydanticCustomError("lrs", "{text}", details) from None
        except OSError as error:
            details = {"text": f"cannot read {error.filename}: {error.strerror}"}
            raise PydanticCustomError("lrs_file", "{text}", details) from None

    return schemas.with_info_plain_validator_function(
        validate,
        serialization=schemas.plain_serializer_function_ser_schema(
            _text, return_schema=schemas.str_schema(), when_used="json"
        ),
    )


def _text(program: _Program) -> str:
    """A program as JSON: its original text, with comments."""
    return program.source


def misfit(value: object) -> str:
    """The reason why a value is not a schedule, and what to write instead.

    Args:
        value: a value that is neither a text nor a path.
    """
    hint = ""
    if is_number(value):
        hint = f"; to hold a rate, write 'const(value = {value})'"
    return f"a schedule is a text or the path of a {files.SUFFIX} file, not {value!r}{hint}"

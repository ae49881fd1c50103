"""Programs from whatever names one: a text, a file, a program."""

from __future__ import annotations

from os import PathLike

from lrdsl import files
from lrdsl.outside import is_truth, shown
from lrdsl.program import Program, load, parse


def program_of(source: str | PathLike[str] | Program) -> Program:
    """The program that a source means.

    Args:
        source: the text of a program, a ``Program``, or a file: a ``Path``, or a string that ends
            in ``.lrs``.

    Raises:
        OSError: the file cannot be read.
        LrsError: the text has errors.
        TypeError: it is something else.
    """
    if isinstance(source, str):
        return load(source) if source.endswith(files.SUFFIX) else parse(source)
    if isinstance(source, Program):
        return source
    if isinstance(source, PathLike):
        return load(source)
    is_rate = isinstance(source, int | float) and not is_truth(source)
    hint = f"; to hold a rate, write 'const(value = {shown(source)})'" if is_rate else ""
    raise TypeError(f"a schedule is a text, a Program or a path, not {shown(source)}{hint}")

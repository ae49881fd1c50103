"""Logs of lines in which each number stands after its name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from lrdsl.logs.lines import Keyed, chunks
from lrdsl.logs.log import Block
from lrdsl.logs.numbers import Number, whole
from lrdsl.logs.precision import Precision
from lrdsl.logs.reader import Source, Wanted


def blocks_of(
    path: Path,
    wanted: Wanted,
    step: str,
    rates: Iterable[str],
    pattern: Callable[[str], str],
    precision: Precision,
    of_step: str | None = None,
) -> Iterator[Block]:
    """The rates of such a log and the metric that is wanted.

    Args:
        path: the file.
        wanted: which of its numbers to read.
        step: the name of the steps, unless another one is wanted.
        rates: the names of the rates, unless others are wanted.
        pattern: a function from a name to a pattern for its number.
        precision: how exactly numbers are written.
        of_step: the pattern for the steps, if they are written in another way.
    """
    counted = of_step if of_step and wanted.step is None else pattern(wanted.step or step)
    numbers = [
        (Number(path, name, wanted, precision), Keyed(counted, pattern(name)))
        for name in wanted.columns(rates)
    ]
    for piece in chunks(path, printed=True):
        for number, keyed in numbers:
            texts, values = keyed.pairs(piece)
            if block := number.block(whole(path, wanted.step or step, texts), values):
                yield block


def in_json(name: str) -> str:
    """A pattern for a number in a line of JSON."""
    return rf"{re.escape(json.dumps(name))}: ?([^,}}\s]+)[,}}]"


def keys_in_json(source: Source) -> list[str]:
    """The names in the first lines of a file of JSON lines."""
    return list(dict.fromkeys(re.findall(r'"([^"\\\n]+)": ?', source.text)))

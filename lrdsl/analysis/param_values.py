"""The values of ``param`` statements where a text writes them, and the text with others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lrdsl.text.nodes import Definition

if TYPE_CHECKING:
    from lrdsl.text.nodes import Module
    from lrdsl.text.source import Span


def written(module: Module) -> dict[str, Span]:
    """Where the value of each ``param`` statement stands, by its name.

    Args:
        module: the syntax tree, of as much of the text as parsed.
    """
    params = [s for s in module.statements if isinstance(s, Definition) and s.keyword == "param"]
    return {one.name: one.body.span for one in params if one.body is not None}


def with_params(text: str, module: Module, values: Mapping[str, str]) -> str:
    """A text with other values for ``param`` statements.

    Args:
        text: the text.
        module: its syntax tree.
        values: what to write, by name.

    Raises:
        KeyError: there is no such ``param`` statement.
    """
    places = written(module)
    found = [(places[name], value) for name, value in values.items()]
    for span, value in sorted(found, key=lambda pair: pair[0].start, reverse=True):
        text = text[: span.start] + value + text[span.end :]
    return text

"""The one layout of a text."""

from __future__ import annotations

from lrdsl.check.check import check
from lrdsl.check.reading import too_deep
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.text.format import formatted
from lrdsl.text.nodes import Module
from lrdsl.text.parse import parse_module
from lrdsl.text.source import unmarked


def laid_out(text: str, name: str) -> tuple[str, list[Diagnostic]]:
    """A text as it is to be laid out, or as it is with the errors for which it cannot be.

    Args:
        text: the text of a schedule.
        name: its name in messages.
    """
    module, errors = parse_module(unmarked(name, text))
    errors = errors or torn(module)
    if errors:
        from lrdsl.text.comments_elsewhere import without_comments

        return text, without_comments(module.source, errors, lambda text: parse_module(text)[1])
    return formatted(module), []


def torn(module: Module) -> list[Diagnostic]:
    """The errors of calls that read as two statements, which a layout would tear apart for good.

    Args:
        module: a text that parses.
    """
    try:
        with too_deep(module.source):
            return [d for d in check(module)[2] if d.slug == "detached-call"]
    except LrsError:
        return []  # which is for `check` to say

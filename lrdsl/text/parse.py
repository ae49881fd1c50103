"""Text to syntax tree, with every syntax error of the text."""

from __future__ import annotations

from lark import UnexpectedInput

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.text import precheck
from lrdsl.text.build import TooDeep
from lrdsl.text.grammar import parse_statements
from lrdsl.text.nodes import Module, module_of
from lrdsl.text.source import Source


def parse_module(source: Source) -> tuple[Module, list[Diagnostic]]:
    """Parses a text as far as it can be.

    Returns:
        The tree, and the errors. After an error, the statements that do parse are kept, to be
        checked as well.
    """
    if found := precheck.refusals(source):
        return Module(source, (), complete=False), found
    try:
        statements = parse_statements(source, 0, len(source.text))
    except (UnexpectedInput, TooDeep):
        from lrdsl.text.recover import recover

        return recover(source)
    return module_of(source, statements), []

"""What is wrong with values, before it is known where that will be shown."""

from __future__ import annotations

from collections.abc import Iterable

from lrdsl.check.values import TextValue, Value
from lrdsl.diagnostics.catalogue import Slug
from lrdsl.diagnostics.fix import Fix, fix
from lrdsl.record import record
from lrdsl.text.nodes import Definition, Target
from lrdsl.text.parse import parse_module
from lrdsl.text.source import Source, Span


@record
class Problem:
    """One thing that is wrong.

    Attributes:
        slug: what is wrong in a word.
        span: the text it is about, which may stand in the library.
        message: what is wrong here, in one sentence.
        help: what to write instead; may be empty.
        fixes: edits that mend it, the likeliest first.
    """

    slug: Slug
    span: Span
    message: str
    help: str = ""
    fixes: tuple[Fix, ...] = ()


@record
class Refusal:
    """Why there is no value: what is to be reported, or nothing where that was done already."""

    problems: tuple[Problem, ...] = ()


REPORTED = Refusal()


def refuse(
    slug: Slug, span: Span, message: str, help: str = "", fixes: tuple[Fix, ...] = ()
) -> Refusal:
    """A refusal for one reason."""
    return Refusal((Problem(slug, span, message, help, fixes),))


def together(refusals: Iterable[Refusal]) -> Refusal:
    """One refusal for all the reasons of several."""
    return Refusal(tuple([problem for found in refusals for problem in found.problems]))


def wrong_kind(
    value: Value, what: str, noun: str, help: str = "", fixes: tuple[Fix, ...] = ()
) -> Refusal:
    """Refuses a value of the wrong kind, at its own place.

    Args:
        value: the argument.
        what: the parameter, for the message.
        noun: the kind it takes: ``a length``.
        help: what to write instead.
        fixes: edits that do.
    """
    text = value.span.text
    shown = f"`{text}`" if len(text) <= 40 and "\n" not in text else "this"
    message = f"{what} is {noun}, and {shown} is {value.noun}"
    if isinstance(value, TextValue):
        help, fixes = unquoted(value) or (help, fixes)
    return refuse("wrong-kind", value.span, message, help, fixes)


def unquoted(value: TextValue) -> tuple[str, tuple[Fix, ...]] | None:
    """What to write instead of a text that is an expression in quotes; None for any other text.

    Args:
        value: the text.
    """
    from lrdsl.text.hint import unquoted as without

    text = without(value.text.strip())
    module, errors = parse_module(Source("", text))
    is_one = len(module.statements) == 1 and not isinstance(
        module.statements[0], Definition | Target
    )
    if errors or not is_one or value.span.text != f'"{value.text}"':
        return None
    return f"write `{text}` without quotes", (fix(value.span, text, "leave the quotes out"),)

"""What is known of what stands at a place, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.analysis import words
from lrdsl.analysis.called import Callables, Called
from lrdsl.analysis.names import Binding, Occurrence
from lrdsl.analysis.part_lines import every_part, line
from lrdsl.analysis.tokens import tokens
from lrdsl.check import library
from lrdsl.record import record
from lrdsl.text import numbers
from lrdsl.text.nodes import Call, Name
from lrdsl.wording import count, listed, plural

if TYPE_CHECKING:
    from lrdsl.analysis.picture import Picture
    from lrdsl.resolve.run import Run
    from lrdsl.text.source import Source

# Of a definition that is called more often, so many calls are told.
_MOST = 4


@record
class Hover:
    """What is known of a stretch of a text.

    Attributes:
        markdown: that, as Markdown.
        start: the offset where the stretch starts.
        end: the offset just after it.
    """

    markdown: str
    start: int
    end: int


@record
class Told:
    """What hovers tell from.

    Attributes:
        callables: what the names of the text stand for.
        values: the values of its ``let`` and ``param`` statements, where they are plain.
        picture: the program, laid out as far as it can be; None if it cannot.
        run: the run, as far as it is known; None if the text has errors.
        needs: the options that would say what has to be known of the run.
    """

    callables: Callables
    values: dict[str, str]
    picture: Picture | None
    run: Run | None
    needs: tuple[str, ...]


def hover(source: Source, offset: int, name: Occurrence | None, told: Told) -> Hover | None:
    """What is known of what stands at a place of a document.

    Args:
        source: the text, and where it stands.
        offset: the place.
        name: the name that is there, if one is.
        told: what to tell from.
    """
    here = source.inner(offset)
    found = None if here is None else _in_text(source.text, here, name, told)
    if found is None:
        return None
    return Hover(found.markdown, *source.outer(found.start, found.end))


def _in_text(text: str, offset: int, name: Occurrence | None, told: Told) -> Hover | None:
    """What is known of what stands at a place of a text."""
    if name is not None:
        markdown, span = _of_name(name, told), name.span
        return None if not markdown else Hover(markdown, span.start, span.end)
    for token in tokens(text):
        if token.kind == "number" and token.start <= offset <= token.end:
            markdown = _of_number(text[token.start : token.end], told.run)
            return None if markdown is None else Hover(markdown, token.start, token.end)
    return None


def _of_name(occurrence: Occurrence, told: Told) -> str | None:
    """What is known of a name, as Markdown; None for one that means nothing."""
    binding = occurrence.binding
    if binding is None:
        return None
    called = told.callables.of(binding)
    if called is not None:
        return _joined(*_of_called(called, told, occurrence))
    return _of_word(binding, told)


def _of_word(binding: Binding, told: Told) -> str | None:
    name = binding.name
    match binding.meaning:
        case "word":
            return f"`{name}`: {words.WORDS[name]}"
        case "target":
            about = words.TARGETS.get(name) or "Drives this number of the parameter groups."
            return f"`{name}`: {about}"
        case "capture":
            return f"`{name}`: the number that stands here in the name of each parameter group."
        case "parameter":
            called = told.callables.find(binding.owner)
            found = [p for p in (called.parameters if called else ()) if p.name == name]
            if not found:
                return None
            takes = words.KINDS.get(found[0].kind, found[0].kind)
            return f"`{found[0].text}`: an argument of `{binding.owner}` ({takes})"
        case "function":
            return f"`{name}`: {words.WORDS[name]}" if name in words.WORDS else None
    return None


def _of_called(called: Called, told: Told, occurrence: Occurrence) -> Iterator[str]:
    """The paragraphs on a definition or a function."""
    definition = called.definition
    if definition is None:
        yield _code(called.signature)
        yield called.about
        return
    if definition.keyword in {"let", "param"}:
        yield _code(" ".join(definition.span.text.split()))
        value = told.values.get(definition.name)
        body = definition.body
        if value is not None and body is not None and value != body.span.text:
            yield f"= {value}"
        yield called.about
        return
    yield _code(called.signature)
    yield from _of_parts(occurrence, told)
    yield called.about
    if definition.keyword == "shape" and not library.is_native(definition):
        formula = definition.body.span.text if definition.body is not None else ""
        lines = (line.strip() for line in formula.splitlines())
        yield f"Formula: `{' '.join(lines)}`"
    if source := library.notes(definition).source:
        yield f"Source: {source}."


def _of_parts(occurrence: Occurrence, told: Told) -> Iterator[str]:
    """What the parts that a call makes do: their steps and their values."""
    node = occurrence.node
    if node is None:
        return
    if told.picture is None:
        if told.needs:
            unknown = [*map(_stated, told.needs)]
            verb = "is" if len(unknown) == 1 else "are"
            yield f"Its steps depend on the run: {listed(unknown)} {verb} not known."
        return
    found = list(dict.fromkeys(_made_by(node, told.picture)))
    shown = found[:_MOST]
    if len(found) > _MOST:
        shown.append(f"… and {plural(len(found) - _MOST, 'more part')}")
    yield "  \n".join(shown)


def _stated(need: str) -> str:
    """What a text states of its run instead of an option such as ``--per-step tok=…``."""
    option, _, unit = need.partition(" ")
    stated = {"--total": "`total`", "--steps-per-epoch": "`1ep`"}
    return stated.get(option) or f"`1st` in `{unit.partition('=')[0]}`"


def _made_by(node: Call | Name, picture: Picture) -> Iterator[str]:
    """A line for each part that a call makes."""
    several = len(picture.curves) > 1
    for curve in picture.curves:
        # Schedules tell their values in terms of `base`.
        for part in every_part(curve.schedule.parts_at(curve.base)):
            through = [call for _, call in part.definitions]
            places = [(span.start, span.end) for span in (part.span, *through)]
            if (node.span.start, node.span.end) in places:
                yield (f"{curve.label}: " if several else "") + line(part, picture)


def _of_number(spelling: str, run: Run | None) -> str | None:
    """What is known of a number as it is written: how many steps a length is."""
    try:
        quantity = numbers.read(spelling)
    except (ValueError, OverflowError):
        return None
    if not quantity.unit:
        return None
    if quantity.unit == "%":
        return f"`{spelling}`: {words.UNITS['%']}"
    steps = run.steps(quantity.exact, quantity.unit) if run is not None else None
    if steps is None:
        return f"`{spelling}`: how many steps this is depends on the run"
    return f"`{spelling}` = {count(steps)} steps"


def _code(text: str) -> str:
    return f"```lrs\n{text}\n```"


def _joined(*paragraphs: str) -> str:
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)

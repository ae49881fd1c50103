"""The program with a change to its text: a length that can be set, or no warm-up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lrdsl.check.tree import Constant, children
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.record import entity
from lrdsl.text.nodes import Operation, walk

if TYPE_CHECKING:
    from lrdsl.auditing.subject import Subject
    from lrdsl.check.tree import Tree
    from lrdsl.program import Program
    from lrdsl.schedule.parts import Part
    from lrdsl.text.source import Span

# The name of the length that is set, in the changed text.
VARIABLE = "audited_length"


@entity
class PartLength:
    """The length of a part, where it is written in the text.

    Attributes:
        name: the part: ``warmup``.
        span: where the length is written.
        start: the update at which the part begins.
        steps: the length in updates; None if it is not known.
    """

    name: str
    span: Span
    start: int = 0
    steps: int | None = None


def lengths(subject: Subject) -> list[PartLength]:
    """The lengths that the text of a program writes, in the order of its parts."""
    program = subject.program
    parts = {part.span: part for part in _every(subject.schedule.parts_at(subject.base))}
    found: dict[tuple[int, int], PartLength] = {}
    for tree in _inside(_tree(subject)):
        span = tree.length.span if hasattr(tree, "length") else None
        if span is None or span.source is not program.module.source:
            continue
        part = parts.get(tree.span)
        whole = part is not None and part.length < 2**53
        steps = int(part.length) if part is not None and whole else None
        start = part.start_step if part is not None else 0
        key = (span.start, span.end)
        found.setdefault(key, PartLength(tree.name, span, start, steps))
    return list(found.values())


def variable(subject: Subject, length: PartLength) -> Subject | None:
    """The same with a ``param`` for a length; None if the program cannot be written so.

    Args:
        subject: the schedule.
        length: one of its lengths.
    """
    default = f"{length.steps}st" if length.steps else length.span.text
    changed = _replaced(subject.program, length.span.start, length.span.end, VARIABLE)
    return _parsed(subject, f"param {VARIABLE} = {default}\n{changed}")


def without_warmup(subject: Subject) -> Subject | None:
    """The program without its first part; None if that is not one of several, or does not rise."""
    first = subject.schedule.parts_at(subject.base)[0]
    if first.end_value is None or not first.start_value < first.end_value:
        return None
    call = first.definitions[0][1] if first.definitions else first.span
    for statement in subject.program.module.statements:
        body = statement if not hasattr(statement, "body") else statement.body
        for node in walk(body) if body is not None else ():
            if isinstance(node, Operation) and node.op == ">>":
                head, after, *_ = (operand.span for operand in node.operands)
                if head.source is call.source and head.start <= call.start < head.end:
                    text = _replaced(subject.program, head.start, after.start, "")
                    return _parsed(subject, text)
    return None


def _replaced(program: Program, start: int, end: int, by: str) -> str:
    return f"{program.source[:start]}{by}{program.source[end:]}"


def _parsed(subject: Subject, text: str) -> Subject | None:
    """The same with another text; None if it has errors."""
    try:
        program = type(subject.program)(text)
        if subject.program.groups is not None:
            program = program.for_groups(subject.program.groups)
    except LrsError:
        return None
    return subject.changed(program=program)


def _tree(subject: Subject) -> Tree:
    """The checked tree of the schedule."""
    program = subject.program
    drives = program.expanded(program.run_of(subject.run).params)
    return next(drive.tree for drive in drives if drive.target.label == subject.label)


def _inside(tree: Tree | Constant) -> Iterator[Tree]:
    """A tree and every tree in it."""
    if not isinstance(tree, Constant):
        yield tree
    for child in children(tree):
        yield from _inside(child)


def _every(parts: tuple[Part, ...]) -> Iterator[Part]:
    """Parts, and the parts inside them."""
    for part in parts:
        yield part
        yield from _every(part.children)

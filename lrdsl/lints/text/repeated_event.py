"""An event that ends two parts of one sequence, of which the second then owns no step."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.check.tree import Constant, Sequence, Tree, UntilEvent, children, flat
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.edits import part_removed
from lrdsl.lints.lint import ProgramContext, warning


def find(text: ProgramContext) -> Iterator[Diagnostic]:
    """Each `until` whose event has ended an earlier part of its sequence."""
    for drive in text.drives:
        if drive.events:
            for tree in _trees(drive.tree):
                yield from _repeated(tree)


def _trees(top: Tree | Constant) -> Iterator[Tree]:
    """The trees that may be sequences, each once: a sequence in a sequence is part of it."""
    stack: list[Tree | Constant] = [top]
    while stack:
        tree = stack.pop()
        if isinstance(tree, Constant):
            continue
        yield tree
        parts = flat(tree) if isinstance(tree, Sequence) else (tree,)
        stack.extend(child for part in parts for child in children(part))


def _repeated(tree: Tree) -> Iterator[Diagnostic]:
    earlier: dict[str, UntilEvent] = {}
    for part in flat(tree):
        if not isinstance(part, UntilEvent):
            continue
        first = earlier.get(part.event.key)
        if first is None:
            earlier[part.event.key] = part
            continue
        message = f"{_called(part)} ends an earlier part too, so this one takes no step after it"
        # A definition that is used twice stands in one place: what is removed there goes twice.
        is_written = not part.through and part.span != first.span
        fixes = part_removed(part.span) if is_written else ()
        yield warning("repeated-event", message, _help(part), part.span, *fixes)


def _called(part: UntilEvent) -> str:
    event = part.event
    return f"the signal `{event.key}`" if event.kind == "signal" else f"`{event.kind}(…)`"


def _help(part: UntilEvent) -> str:
    if part.event.kind != "signal":
        return f"write `until({part.event.kind}(…), …)` out for each part, or remove this one"
    return f'wait for another signal, such as `signal("{part.event.key}_2")`, or remove it'

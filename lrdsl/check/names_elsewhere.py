"""A name of another system where nothing here has it: the program that says the same.

Loaded only to report such a name.
"""

from __future__ import annotations

from lrdsl.check import library
from lrdsl.check.arguments import without_outside
from lrdsl.check.elsewhere import (
    are_stairs,
    as_far_as_known,
    counterpart,
    grouped,
    held,
    here,
    there,
    written_here,
)
from lrdsl.check.instead import edits_to_call, needs_arguments, renamed
from lrdsl.check.surroundings import Around, Interfaces
from lrdsl.diagnostics.fix import Fix, fix
from lrdsl.text.nodes import Call
from lrdsl.text.source import Span
from lrdsl.wording import on_one_line


def of_another_system(
    interfaces: Interfaces, name: str, around: Around
) -> tuple[str, tuple[Fix, ...]] | None:
    """The help and the fixes for a name that another system has; None if none is known to.

    Args:
        interfaces: the parameters of definitions.
        name: the name.
        around: the name where it stands, and what is around it.
    """
    known = counterpart(interfaces, name, around.node)
    if known is None:
        return _with_warmup(interfaces, name, None, around)
    has_program = known[1] is not None and known[1].program is not None
    together = None if has_program else _with_warmup(interfaces, name, known[0], around)
    return (
        _translated(interfaces, name, around) or together or _elsewhere(interfaces, known, around)
    )


def _translated(
    interfaces: Interfaces, name: str, around: Around
) -> tuple[str, tuple[Fix, ...]] | None:
    """The program for a call of another system, its arguments in that system's order."""
    node = around.node
    if not isinstance(node, Call):
        return None
    arguments = without_outside(node.arguments)
    for ours, other in library.counterparts(name):
        definition = library.find(ours)
        if definition is None or (other is not None and name not in other.names):
            continue
        # A word that is everybody's may have the arguments of any of them.
        others = library.notes(definition).elsewhere if other is None else (other,)
        interface = interfaces(definition)
        found = [written_here(interface, one, arguments) for one in others]
        if other is None and (renamed(interface, node) is not None or len(arguments) < 2):
            found = []
        found += [held(arguments)] if ours == "const" else []
        if ours == "points" and are_stairs(arguments):
            found = [f"stairs({', '.join(on_one_line(a.span.text) for a in arguments)})"]
        if text := next(filter(None, found), None):
            return _in_its_place(text, node.span)
    return None


def _in_its_place(text: str, place: Span) -> tuple[str, tuple[Fix, ...]]:
    """The help and the fix that write a program for a call; without its last part if others follow.

    torch's schedulers go on after their last change. Here another part does, and a `const` before
    it would take the rest of the run.
    """
    parts, _, last = text.rpartition(" >> ")
    if parts and last.startswith("const") and _is_followed(place):
        if last != "const":
            return f"write `{parts}`, and let the next part start at `base`", ()
        text = parts
    return f"write `{text}`", (fix(place, grouped(text, place)),)


def _is_followed(place: Span) -> bool:
    """True if a part, or an item of a list of schedulers, comes after a call."""
    text = place.source.text
    before, after = text[: place.start], text[place.end :].lstrip()
    listed = before.count("[") > before.count("]")
    return after.startswith(">>") or (listed and after.startswith(","))


def _elsewhere(
    interfaces: Interfaces,
    known: tuple[str, library.Counterpart | None],
    around: Around,
) -> tuple[str, tuple[Fix, ...]]:
    """The counterpart of another system's name, with that system's arguments."""
    ours, other = known
    definition = library.find(ours)
    assert definition is not None
    node = around.node
    program = other.program if other is not None and isinstance(node, Call) else None
    if isinstance(node, Call) and other is not None and program is not None:
        # `polynomial(power = 0.9)` does not speak of the warm-up that it has elsewhere.
        is_one_part = ">>" not in program or (
            all(argument.name for argument in node.arguments) and "warmup" not in node.id
        )
        is_call = is_one_part and renamed(interfaces(definition), node) is not None
        if not is_call:
            text = as_far_as_known(other, without_outside(node.arguments))
            return f"it is written `{on_one_line(text)}` here", ()
    help = f"it is called `{ours}` here"
    # What stands by position there may stand elsewhere here.
    if (
        other is not None
        and isinstance(node, Call)
        and not _in_order(interfaces, ours, other, node)
    ):
        return f"`{there(other)}` is `{here(definition, other)}` here", ()
    edits = edits_to_call(interfaces, definition, around)
    return help, ((Fix(f"write `{ours}`", edits),) if edits else ())


def _in_order(interfaces: Interfaces, ours: str, other: library.Counterpart, call: Call) -> bool:
    """True if the arguments by position of another system's call are those of ours."""
    placed = [a for a in without_outside(call.arguments) if a.name is None]
    definition = library.find(ours)
    if len(placed) < 2 or definition is None:
        return True
    theirs = [other.arguments.get(name) for name in other.order or other.arguments]
    parameters = [p.name for p in interfaces(definition).parameters]
    return theirs[: len(placed)] == parameters[: len(placed)]


def _with_warmup(
    interfaces: Interfaces, name: str, known: str | None, around: Around
) -> tuple[str, tuple[Fix, ...]] | None:
    """The counterpart of ``cosine_with_warmup`` and ``warmup_cosine``: two parts."""
    second = library.after_warmup(name)
    if second is None or known == "warmup":
        return None
    ours = known or second
    definition = library.find(ours)
    if definition is None:
        return None
    node = around.node
    if isinstance(node, Call) and len(node.arguments) == 1 and not needs_arguments(definition):
        text = f"warmup({node.arguments[0].value.span.text}) >> {ours}"
        return f"write `{text}`", (fix(node.span, grouped(text, node.span)),)
    return f"a warm-up is a part of its own: `warmup(…) >> {ours}(…)`", ()

"""``docs/reference/shapes.md``: the library, as its own text, formulas and notes tell it."""

from __future__ import annotations

from collections.abc import Iterator

import lrdsl
from lrdsl.check import elsewhere, library
from lrdsl.check.signatures import signature, usage
from lrdsl.check.targets import Target
from lrdsl.preview import Curve
from lrdsl.record import replace
from lrdsl.text.canonical import expression
from lrdsl.text.format import formatted
from lrdsl.text.nodes import Call, Definition, Expression, Name, Operation, walk
from tools.pages import pictures
from tools.pages.latex import function, latex, symbol

INTRODUCTION = """\
# Shapes

Everything the library defines, in its own order: [lrdsl/prelude.lrs](../../lrdsl/prelude.lrs) is
written in the language itself, and the formulas here are set from it. In a formula $t$ is the local
step, $u = t / \\mathrm{length}$ the share of the length that has passed and $v = 1 - u$ the share
that is left; all other names are parameters. The signature shows what a shape does by default:
`prev` continues where the part before ended, `next` leads to where the next one starts, `rest`
fills what is left over. Parameters after `*` are given by name.

If you know what something is called in torch, transformers, optax, timm, Keras or another library,
look it up [at the end](#names-in-other-systems).
"""
ELSEWHERE = """\
## Names in other systems

For whole settings of those systems, with their defaults, see [Coming from elsewhere](elsewhere.md).

The names of arguments are those of the other system, in both columns. An argument that stands only
on the left has no counterpart here, or comes from the run or from another part. A name that stands
only on the right is a parameter for you to fill in.

| system | there | here |
|---|---|---|
"""


def page() -> str:
    """The page, without the pictures."""
    parts = [INTRODUCTION]
    for heading, names in library.sections().items():
        parts.append(f"## {heading[0].upper()}{heading[1:]}\n")
        parts += [_entry(found) for found in map(library.find, names) if found]
    return "\n".join([*parts, _elsewhere()])


def table() -> str:
    """The short table of the language's reference: what is called how."""
    lines = ["| signature | what it is |", "|---|---|"]
    for definition in _definitions():
        summary = definition.doc.partition("\n")[0]
        lines.append(f"| [{usage(definition)}](shapes.md#{definition.name}) | {summary} |")
    return "\n".join([*lines, ""])


def picture(name: str) -> str:
    """The example of a definition as SVG."""
    definition = library.find(name)
    assert definition
    program = str(library.notes(definition).example)
    # What a helper computes is no rate; the example only calls it where there would be one.
    is_rate = definition.keyword == "shape" or not is_formula(definition)
    target = None if is_rate else Target("value", None, definition.span)
    return pictures.picture([Curve(program, lrdsl.parse(program).resolve(), 1.0, target=target)])


def _definitions() -> Iterator[Definition]:
    return filter(None, map(library.find, library.names()))


def _entry(definition: Definition) -> str:
    name, notes = definition.name, library.notes(definition)
    lines = [f"### `{name}`", "", usage(definition), "", *definition.doc.splitlines(), ""]
    shown = str(notes.example)
    if is_formula(definition):
        lines += ["```math", _formula(definition), "```", ""]
    elif not library.is_native(definition):
        shown = f"{definition.span.text}\n\n{notes.example}"
    if definition.guards:
        guards = ", ".join(f"`{expression(guard)}`" for guard in definition.guards)
        lines += [f"Where {guards}.", ""]
    lines += ["<!-- run -->", "```lrs", formatted(lrdsl.parse(shown).module).rstrip(), "```", ""]
    lines += [f"![{notes.example}](../images/shapes/{name}.svg)", ""]
    if notes.source:
        lines.append(f"* Source: {notes.source}.")
    for other in notes.elsewhere:
        here = elsewhere.here(definition, other)
        lines.append(f"* {other.system}: `{elsewhere.there(other)}`{_remark(other)} is `{here}`.")
    return "\n".join(lines).rstrip() + "\n"


def _also(other: library.Counterpart) -> str:
    return "".join(f", `{name}`" for name in other.also)


def _remark(other: library.Counterpart) -> str:
    return f" ({other.remark})" if other.remark else ""


def is_formula(definition: Definition) -> bool:
    """Whether a definition is a formula all through, and not a schedule made of others."""
    if definition.keyword == "shape":
        return True
    if library.is_native(definition) or definition.body is None:
        return False
    return not any(
        (isinstance(node, Operation) and node.op == ">>")
        or (isinstance(node, Call) and (used := library.find(node.id)) and not is_formula_def(used))
        for node in walk(definition.body)
    )


def is_formula_def(definition: Definition) -> bool:
    """Whether a definition can be called inside a formula."""
    return definition.keyword == "def" and is_formula(definition)


def _formula(definition: Definition) -> str:
    """Its formula, and below it those of the helpers that it uses."""
    left = function(definition.name, ["t"])
    if definition.keyword == "def":
        left = function(definition.name, [symbol(p.name) for p in definition.parameters])
    rows = [f"{left} &= {latex(_body(definition))}"]
    for helper in _helpers(definition):
        head = function(helper.name, [symbol(p.name) for p in helper.parameters])
        rows.append(f"{head} &= {latex(_body(helper))}")
    if len(rows) == 1:
        return rows[0].replace(" &= ", " = ", 1)
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def _body(definition: Definition) -> Expression:
    """The body of a definition, with `blend` written out where the share is short.

    `end * (1 - v ^ power) + start * v ^ power` is easier to read than `blend(end, start, …)`; a
    fraction or a choice is not, twice.
    """
    body = definition.body
    assert body
    blend = library.find("blend")
    if not isinstance(body, Call) or blend is None or body.id != blend.name or blend.body is None:
        return body
    *_, share = values = [argument.value for argument in body.arguments]
    if any(tall in latex(share) for tall in (r"\frac", r"\begin")):
        return body
    names = (parameter.name for parameter in blend.parameters)
    return _substituted(blend.body, dict(zip(names, values, strict=True)))


def _substituted(node: Expression, values: dict[str, Expression]) -> Expression:
    """A formula of names and operators, with its names replaced."""
    if isinstance(node, Name):
        return values.get(node.id, node)
    if isinstance(node, Operation):
        operands = tuple(_substituted(operand, values) for operand in node.operands)
        return replace(node, operands=operands)
    return node


def _helpers(definition: Definition) -> list[Definition]:
    """The definitions a formula names, and those that they call, in order of appearance."""
    own = {parameter.name for parameter in signature(definition)}
    found: dict[str, Definition] = {}
    waiting = [definition]
    while waiting:
        for node in walk(_body(waiting.pop(0))):
            if not isinstance(node, Call | Name) or node.id in own:
                continue
            used = library.find(node.id)
            if used and is_formula_def(used) and used.name not in found:
                found[used.name] = used
                waiting.append(used)
    return list(found.values())


def _elsewhere() -> str:
    """What is written in other systems and what here, system by system."""
    rows: dict[str, list[str]] = {}
    for definition in _definitions():
        for other in library.notes(definition).elsewhere:
            here = f"[`{elsewhere.here(definition, other)}`](#{definition.name})"
            there = f"`{elsewhere.there(other)}`{_also(other)}{_remark(other)}"
            rows.setdefault(other.system, []).append(f"| {other.system} | {there} | {here} |\n")
    return ELSEWHERE + "".join(row for of_system in rows.values() for row in of_system)

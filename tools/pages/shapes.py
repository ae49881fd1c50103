"""``docs/shapes.md``: the library, as its own text and its own formulas tell it."""

from __future__ import annotations

from collections.abc import Iterator

import lrdsl
from lrdsl.check import library
from lrdsl.check.arguments import signature, usage
from lrdsl.preview import Curve
from lrdsl.text.canonical import expression
from lrdsl.text.format import formatted
from lrdsl.text.nodes import Call, Definition, Expression, Items, Name, Operation
from tools.pages import notes
from tools.pages.latex import function, latex, symbol
from tools.pages.pictures import svg

INTRODUCTION = """\
# Shapes

Everything the library defines, in its own order: [lrdsl/prelude.lrs](../lrdsl/prelude.lrs) is
written in the language itself, and the formulas here are set from it. In a formula $t$ is the local
step, $u = t / \\mathrm{length}$ what has passed and $v = 1 - u$ what is left; all other names are
parameters. What a shape does when it is left to its defaults can be read off its signature: `prev`
continues where the part before ended, `next` leads to where the next one starts, `rest` fills what
is left over. Parameters behind `*` are given by name.

If you know what something is called in torch, transformers, optax, timm, Keras or another library,
look it up [at the end](#coming-from-elsewhere).
"""
ELSEWHERE = """\
## Coming from elsewhere

Where an argument goes is shown by its name in the other system, which stands on both sides. One
that stands on the left only has no counterpart here, or is told by the run or another part; one
that stands on the right only is a parameter to be filled in.

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
    program = str(library.example(definition))
    return svg([Curve(program, lrdsl.parse(program).resolve(), 1.0)])


def _definitions() -> Iterator[Definition]:
    return filter(None, map(library.find, library.names()))


def _entry(definition: Definition) -> str:
    name = definition.name
    told = notes.read(definition)
    example = library.example(definition)
    lines = [f"### `{name}`", "", usage(definition), "", told.summary, ""]
    shown = str(example)
    if is_formula(definition):
        lines += ["```math", _formula(definition), "```", ""]
    elif not library.is_native(definition):
        shown = f"{definition.span.text}\n\n{example}"
    if definition.guards:
        guards = ", ".join(f"`{expression(guard)}`" for guard in definition.guards)
        lines += [f"Where {guards}.", ""]
    lines += ["<!-- run -->", "```lrs", formatted(lrdsl.parse(shown).module).rstrip(), "```", ""]
    lines += [f"![{example}](images/shapes/{name}.svg)", ""]
    if told.formula:
        lines.append(f"* As it is usually written: {'; '.join([told.formula, *told.sources])}.")
    elif told.sources:
        lines.append(f"* {'; '.join(told.sources)}.")
    lines += [f"* {system}: {there}." for system, there in told.elsewhere]
    return "\n".join([*lines, ""])


def is_formula(definition: Definition) -> bool:
    """Whether a definition is a formula all through, and not a schedule made of others."""
    if definition.keyword == "shape":
        return True
    if library.is_native(definition) or definition.body is None:
        return False
    return not any(
        (isinstance(node, Operation) and node.op == ">>")
        or (isinstance(node, Call) and (used := library.find(node.id)) and not is_formula_def(used))
        for node in _nodes(definition.body)
    )


def is_formula_def(definition: Definition) -> bool:
    """Whether a definition can be called inside a formula."""
    return definition.keyword == "def" and is_formula(definition)


def _nodes(node: Expression) -> Iterator[Expression]:
    """An expression and all it is made of."""
    yield node
    inner: tuple[Expression, ...] = ()
    if isinstance(node, Operation):
        inner = node.operands
    elif isinstance(node, Items):
        inner = node.items
    elif isinstance(node, Call):
        inner = tuple(argument.value for argument in node.arguments)
    for part in inner:
        yield from _nodes(part)


def _formula(definition: Definition) -> str:
    """Its formula, and below it those of the helpers that it uses."""
    assert definition.body
    left = symbol(definition.name)
    if definition.keyword == "def":
        left = function(definition.name, [symbol(p.name) for p in definition.parameters])
    else:
        left = function(definition.name, ["t"])
    rows = [f"{left} &= {latex(definition.body)}"]
    for helper in _helpers(definition):
        assert helper.body
        head = function(helper.name, [symbol(p.name) for p in helper.parameters])
        rows.append(f"{head} &= {latex(helper.body)}")
    if len(rows) == 1:
        return rows[0].replace(" &= ", " = ", 1)
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def _helpers(definition: Definition) -> list[Definition]:
    """The definitions a formula names, and those that they call, in order of appearance."""
    own = {parameter.name for parameter in signature(definition)}
    found: dict[str, Definition] = {}
    waiting = [definition]
    while waiting:
        body = waiting.pop(0).body
        for node in _nodes(body) if body else ():
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
        for system, there in notes.read(definition).elsewhere:
            for found in notes.translations(definition, there):
                remark = f" ({found.remark})" if found.remark else ""
                here = f"[`{found.here}`](#{definition.name})"
                row = f"| {system} | `{found.there}`{remark} | {here} |\n"
                rows.setdefault(system, []).append(row)
    return ELSEWHERE + "".join(row for of_system in rows.values() for row in of_system)

"""Syntax tree to its canonical text: one statement a line, one way to write each thing."""

from __future__ import annotations

from lrdsl.text.nodes import (
    ATOM,
    BINDING,
    Call,
    Definition,
    Expression,
    Items,
    Module,
    Name,
    Number,
    Operation,
    Parameter,
    Statement,
    Target,
    Text,
)

# Where these stand among the operators of BINDING.
_COMPARISON, _SIGN = 2, 5


def canonical(module: Module) -> str:
    """The canonical text of a module, without comments; numbers keep the author's spelling."""
    return "\n".join(_statement(statement) for statement in module.statements)


def _statement(statement: Statement) -> str:
    if isinstance(statement, Definition):
        return _definition(statement)
    if isinstance(statement, Target):
        option = f", {statement.option.id}" if statement.option else ""
        selector = f"[{statement.selector}{option}]" if statement.selector else ""
        return f"{statement.name}{selector}: {expression(statement.body)}"
    return expression(statement)


def _definition(definition: Definition) -> str:
    body = expression(definition.body) if definition.body else ""
    if definition.keyword in {"let", "param"}:
        return f"{definition.keyword} {definition.name} = {body}"
    words: list[str] = []
    for i, parameter in enumerate(definition.parameters):
        before = definition.parameters[i - 1].keyword_only if i else False
        if parameter.keyword_only and not before:
            words.append("*")
        words.append(_parameter(parameter))
    guards = ", ".join(expression(guard) for guard in definition.guards)
    where = f" where {guards}" if guards else ""
    return f"{definition.keyword} {definition.name}({', '.join(words)}){where} = {body}"


def _parameter(parameter: Parameter) -> str:
    kind = f": {parameter.kind}" if parameter.kind else ""
    default = f" = {expression(parameter.default)}" if parameter.default else ""
    return f"{parameter.name}{kind}{default}"


def expression(node: Expression) -> str:
    """The canonical text of an expression, with the parentheses it needs and no others."""
    if isinstance(node, Number):
        return node.spelling
    if isinstance(node, Name):
        return node.id
    if isinstance(node, Text):
        return f'"{node.text}"'
    if isinstance(node, Items):
        return f"[{', '.join(expression(item) for item in node.items)}]"
    if isinstance(node, Call):
        arguments = (
            (f"{a.name} = " if a.name else "") + expression(a.value) for a in node.arguments
        )
        return f"{node.id}({', '.join(arguments)})"
    return _operation(node)


def _binding(node: Expression) -> int:
    if not isinstance(node, Operation):
        return ATOM
    return _SIGN if len(node.operands) == 1 else BINDING.get(node.op, _COMPARISON)


def _operation(node: Operation) -> str:
    binding = _binding(node)
    if len(node.operands) == 1:
        return "-" + _inside(node.operands[0], binding)
    if node.op == ">>":
        # `>>` is associative: a sequence inside a sequence is the same sequence.
        return " >> ".join(_inside(operand, binding) for operand in node.operands)
    left, right = node.operands
    if node.op == "^":  # its left side is an atom; a sign or a power may stand on its right
        return f"{_inside(left, ATOM)} ^ {_inside(right, _SIGN)}"
    return f"{_inside(left, binding)} {node.op} {_inside(right, binding + 1)}"


def _inside(node: Expression, binding: int) -> str:
    text = expression(node)
    return text if _binding(node) >= binding else f"({text})"

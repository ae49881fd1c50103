r"""Formulas of the language as LaTeX, built from their syntax tree.

GitHub typesets it with MathJax and refuses ``\operatorname``, so names are set with ``\mathrm``.

>>> from lrdsl.text.parse import parse_module
>>> from lrdsl.text.source import Source
>>> module, _ = parse_module(Source("doctest", "sin(pi * v / 2) ^ 2"))
>>> print(latex(module.statements[0]))
\sin^{2}\left(\frac{\pi v}{2}\right)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from lrdsl.text import numbers
from lrdsl.text.nodes import Call, Expression, Items, Name, Number, Operation, Text

_GREEK = frozenset({
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda",
    "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
})  # fmt: skip
_COMPARISONS = {"<": "<", "<=": r"\le", ">": ">", ">=": r"\ge", "==": "=", "!=": r"\ne"}
_KNOWN = {name: f"\\{name}" for name in ("sin", "cos", "tanh", "exp", "min", "max")}
_KNOWN["log"] = r"\ln"
# Functions whose power is written behind their name: sin² x.
_POWERED = frozenset({"sin", "cos", "tanh", "log"})
_FENCES = {
    "floor": (r"\lfloor", r"\rfloor"),
    "ceil": (r"\lceil", r"\rceil"),
    "abs": ("|", "|"),
}
# What stands higher than a line, and needs brackets that grow with it.
_TALL = re.compile(r"\\frac|\\sqrt|\\begin|\\left")
# How tightly an expression holds together, from a comparison to a single sign.
_COMPARISON, _SUM, _PRODUCT, _ATOM = range(4)


def latex(node: Expression) -> str:
    """The LaTeX of an expression.

    Args:
        node: a formula; schedules, which have ``>>``, are none.

    Raises:
        ValueError: it is no formula.
    """
    if isinstance(node, Number):
        return _number(node.spelling)
    if isinstance(node, Name):
        return symbol(node.id)
    if isinstance(node, Items):
        return _fenced("[", ", ".join(map(latex, node.items)), "]")
    if isinstance(node, Call):
        return _call(node)
    if isinstance(node, Text):
        return rf"\text{{{node.text}}}"
    return _operation(node)


def symbol(name: str) -> str:
    r"""A name: a letter, a Greek letter, a letter with an index, or a word.

    >>> print(symbol("t"), symbol("gamma"), symbol("d_model"), symbol("pct_start"))
    t \gamma d_{\mathrm{model}} \mathrm{pct\_start}
    """
    if len(name) == 1:
        return name
    if name in _GREEK:
        return f"\\{name}"
    if indexed := re.fullmatch(r"([A-Za-z])_([A-Za-z0-9]+)", name):
        return f"{indexed[1]}_{{\\mathrm{{{indexed[2]}}}}}"
    escaped = name.replace("_", r"\_")
    return f"\\mathrm{{{escaped}}}"


def function(name: str, arguments: Sequence[str]) -> str:
    """A function with arguments that are LaTeX already."""
    return symbol(name) + _fenced("(", ", ".join(arguments), ")")


def _number(spelling: str) -> str:
    quantity = numbers.read(spelling)
    digits, _, exponent = quantity.decimal.lower().partition("e")
    if quantity.scale != 1 and quantity.exact == int(quantity.exact):
        digits = f"{int(quantity.exact):,}".replace(",", r"\,")
    text = digits
    if exponent:
        power = f"10^{{{int(exponent)}}}"
        text = power if digits == "1" else f"{digits} \\cdot {power}"
    if quantity.unit == "%":
        return text + r"\%"
    return f"{text}\\,\\mathrm{{{quantity.unit}}}" if quantity.unit else text


def _call(node: Call) -> str:
    arguments = [latex(argument.value) for argument in node.arguments]
    if node.id == "if":
        return _cases(node)
    if node.id == "sqrt":
        return f"\\sqrt{{{arguments[0]}}}"
    if node.id in _FENCES:
        before, after = _FENCES[node.id]
        return _fenced(before, arguments[0], after)
    if node.id in _KNOWN:
        return _KNOWN[node.id] + _fenced("(", ", ".join(arguments), ")")
    return function(node.id, arguments)


def _cases(node: Expression) -> str:
    """Nested conditions as the cases of one brace."""
    rows: list[str] = []
    while isinstance(node, Call) and node.id == "if":
        condition, yes, node = (argument.value for argument in node.arguments)
        rows.append(f"{latex(yes)} & \\text{{if }} {latex(condition)}")
    rows.append(f"{latex(node)} & \\text{{otherwise}}")
    return "\\begin{cases} " + r" \\ ".join(rows) + " \\end{cases}"


def _operation(node: Operation) -> str:
    if len(node.operands) == 1:
        return "-" + _at_least(node.operands[0], _PRODUCT)
    if node.op in _COMPARISONS:
        left, right = (_at_least(operand, _SUM) for operand in node.operands)
        return f"{left} {_COMPARISONS[node.op]} {right}"
    write = _WRITERS.get(node.op)
    if write is None:
        raise ValueError(f"{node.op} has no place in a formula")
    return write(*node.operands)


def _sum(left: Expression, right: Expression) -> str:
    return f"{_at_least(left, _SUM)} + {_at_least(right, _SUM, signed=False)}"


def _difference(left: Expression, right: Expression) -> str:
    return f"{_at_least(left, _SUM)} - {_at_least(right, _PRODUCT, signed=False)}"


def _product(left: Expression, right: Expression) -> str:
    one, other = _at_least(left, _PRODUCT), _at_least(right, _PRODUCT, signed=False)
    last = left.operands[-1] if isinstance(left, Operation) and left.op == "*" else left
    if isinstance(last, Name) and isinstance(right, Name):
        # Letters stand side by side; words would run together.
        return (
            f"{one} {other}" if _is_letter(last) and _is_letter(right) else f"{one} \\cdot {other}"
        )
    # So would digits, and a name before a bracket reads as a function.
    if other[0].isdigit() or (isinstance(last, Name) and other.startswith((r"\left(", "("))):
        return f"{one} \\cdot {other}"
    return f"{one}\\,{other}"


def _is_letter(node: Name) -> bool:
    return len(node.id) == 1 or node.id in _GREEK


def _quotient(left: Expression, right: Expression) -> str:
    """A fraction; one that is divided again has its divisors side by side."""
    while isinstance(left, Operation) and left.op == "/":
        left, inner = left.operands
        right = Operation(right.span, right.span, "*", (inner, right), right.depth + 1)
    return f"\\frac{{{latex(left)}}}{{{latex(right)}}}"


def _power(base: Expression, exponent: Expression) -> str:
    above = f"^{{{latex(exponent)}}}"
    if isinstance(base, Call) and base.id in _POWERED:
        name = _KNOWN[base.id]
        return name + above + latex(base).removeprefix(name)
    plain = isinstance(base, Name) or (isinstance(base, Number) and base.spelling.isdecimal())
    return (latex(base) if plain else _fenced("(", latex(base), ")")) + above


_WRITERS: dict[str, Callable[[Expression, Expression], str]] = {
    "+": _sum,
    "-": _difference,
    "*": _product,
    "/": _quotient,
    "^": _power,
}


def _binding(node: Expression) -> int:
    if isinstance(node, Call):
        # The brace of cases is open to the right.
        return _COMPARISON if node.id == "if" else _ATOM
    if isinstance(node, Number):
        return _PRODUCT if "cdot" in _number(node.spelling) else _ATOM
    if not isinstance(node, Operation) or node.op in {"/", "^"}:
        return _ATOM
    if len(node.operands) == 1 or node.op == "*":
        return _PRODUCT
    return _SUM if node.op in {"+", "-"} else _COMPARISON


def _at_least(node: Expression, binding: int, *, signed: bool = True) -> str:
    """An operand, in brackets where it binds less tightly, or may not start with a sign."""
    text = latex(node)
    good = _binding(node) >= binding and (signed or not text.startswith("-"))
    return text if good else _fenced("(", text, ")")


def _fenced(before: str, text: str, after: str) -> str:
    if _TALL.search(text):
        return f"\\left{before}{text}\\right{after}"
    # A command and a letter behind it would be one word.
    gap = " " if before.startswith("\\") else ""
    return before + gap + text + gap + after

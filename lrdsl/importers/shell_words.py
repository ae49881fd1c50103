"""The words of a shell script: quotes taken off, lines put together, operators told apart."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from operator import add, floordiv, mod, mul, sub

from lrdsl.record import record

# One piece of a script each, the first that fits.
_PIECES = re.compile(
    r"""
      (?P<continued> \\\r?\n )
    | (?P<space>     [^\S\n]+ )
    | (?P<comment>   (?:(?<=\s)|\A)\#[^\n]* )
    | (?P<operator>  \n | &&? | \|\|? | ;;? | \d?>>?(?:&\d|\s*\S+)? | << ?\S+ | < | [()] )
    | (?P<computed>  \$\(\( (?:[^()]|\([^()]*\))* \)\) )
    | (?P<made>      \$\( (?:[^()]|\([^()]*\))* \) | `[^`]*` )
    | (?P<named>     \$\{ [^{}]* \} )
    | (?P<single>    '[^']*' )
    | (?P<double>    "(?:\\.|[^"\\])*" )
    | (?P<escaped>   \\. )
    | (?P<plain>     . )
    """,
    re.VERBOSE | re.DOTALL,
)
_OPERATORS: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: add, ast.Sub: sub, ast.Mult: mul, ast.Div: floordiv, ast.Mod: mod,
}  # fmt: skip


@record
class Word:
    """A word of a script.

    Attributes:
        text: what it says, without its quotes; variables are as they are written.
        line: the line that it begins on.
        is_operator: True for what divides commands: the end of a line, ``|``, ``;``, ``)``.
    """

    text: str
    line: int
    is_operator: bool = False


def words(text: str) -> list[Word]:
    """The words of a script in their order.

    Those of an array are as those of a command: ``TRAINING=( --lr 1e-4 )`` has the words
    ``TRAINING=``, ``(``, ``--lr``, ``1e-4`` and ``)``.

    Args:
        text: the script.
    """
    found: list[Word] = []
    current, begun, line = "", 0, 1

    def end() -> None:
        nonlocal current, begun
        if begun:
            found.append(Word(current, begun))
        current, begun = "", 0

    for piece in _PIECES.finditer(text):
        kind, part = str(piece.lastgroup), piece[0]
        if kind in {"continued", "space", "comment"}:
            end()
        elif kind == "operator":
            end()
            found.append(Word(part, line, is_operator=True))
        else:
            begun = begun or line
            current += _unquoted(kind, part)
        line += part.count("\n")
    end()
    return found


def _unquoted(kind: str, part: str) -> str:
    if kind == "single":
        return part[1:-1]
    if kind == "double":
        return re.sub(r"\\\r?\n", " \n", part[1:-1]).replace('\\"', '"')
    return part[1:] if kind == "escaped" else part


def computed(text: str) -> str:
    """The value of a shell's arithmetic, which is of whole numbers; empty if it is not known.

    >>> computed("3 * (4 + 1) / 2"), computed("3 * $N")
    ('7', '')

    Args:
        text: what is between ``$((`` and ``))``.
    """
    try:
        return str(_value(ast.parse(text.strip(), mode="eval").body))
    except (SyntaxError, ValueError, ArithmeticError, RecursionError):
        return ""


def _value(node: ast.expr) -> int:
    match node:
        case ast.Constant(value=int() as value):
            return value
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left), _value(right))
    raise ValueError("no arithmetic of whole numbers")

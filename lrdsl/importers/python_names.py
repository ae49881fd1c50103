"""Which names of a script a statement gives values to, and which of the values can be read."""

from __future__ import annotations

import ast
from collections.abc import Iterator

DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
# Methods of lists and tables that change them.
_CHANGING = {"append", "extend", "insert", "merge", "pop", "remove", "reverse", "setdefault",
             "sort", "update"}  # fmt: skip
# A config of mmengine takes names from other configs below this call.
READ_BASE = "read_base"


def flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements in their order, those inside of loops and conditions too.

    Args:
        body: the statements.
    """
    for statement in body:
        yield statement
        if isinstance(statement, DEFINITIONS) or reads_base(statement):
            continue
        for field in ("body", "orelse", "finalbody"):
            yield from flat(getattr(statement, field, []))
        for part in (*getattr(statement, "handlers", []), *getattr(statement, "cases", [])):
            yield from flat(part.body)


def reads_base(statement: ast.stmt) -> bool:
    """True for the ``with read_base():`` of a config.

    Args:
        statement: the statement.
    """
    return isinstance(statement, ast.With) and any(
        isinstance(call := item.context_expr, ast.Call) and ast.unparse(call.func) == READ_BASE
        for item in statement.items
    )


def assigned(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    """What a statement assigns to, each with the value; None where that cannot be told.

    Args:
        statement: the statement.
    """
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from _paired(target, statement.value)
    elif isinstance(statement, ast.AnnAssign) and statement.value:
        yield statement.target, statement.value


def _paired(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr | None]]:
    """The names of ``a, b = 1, 2``, each with its value."""
    if not isinstance(target, ast.Tuple | ast.List):
        yield target, value
        return
    left, right = target.elts, value.elts if isinstance(value, ast.Tuple | ast.List) else []
    has_star = any(isinstance(part, ast.Starred) for part in (*left, *right))
    if len(left) == len(right) and not has_star:
        for one, other in zip(left, right, strict=True):
            yield from _paired(one, other)
    else:
        yield from ((place, None) for part in left for place in _places(part))


def rebound(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement gives a value that cannot be told.

    Args:
        statement: the statement.
    """
    yield from map(ast.unparse, _rebound(statement))
    yield from _named(statement)


def changed(statement: ast.stmt) -> Iterator[str]:
    """The names that have another value after a statement, which cannot be told.

    Args:
        statement: the statement.
    """
    for place in (*_rebound(statement), *_in_place(statement)):
        while isinstance(place, ast.Subscript | ast.Attribute):
            yield ast.unparse(place)
            place = place.value
        yield ast.unparse(place)
    yield from _named(statement)


def _rebound(statement: ast.stmt) -> Iterator[ast.expr]:
    match statement:
        case ast.AugAssign() | ast.For() | ast.AsyncFor():
            yield from _places(statement.target)
        case ast.With() | ast.AsyncWith():
            for item in statement.items:
                yield from _places(item.optional_vars) if item.optional_vars else ()
        case ast.Assign():
            yield from (place for place, value in assigned(statement) if value is None)
    for expression in expressions(statement):
        yield from (n.target for n in ast.walk(expression) if isinstance(n, ast.NamedExpr))


def _in_place(statement: ast.stmt) -> Iterator[ast.expr]:
    match statement:
        case ast.Delete():
            yield from statement.targets
        case ast.Assign() | ast.AnnAssign():
            yield from (p for p, _ in assigned(statement) if isinstance(p, ast.Subscript))
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name, value=place))):
            if name in _CHANGING:
                yield place


def _places(target: ast.expr) -> Iterator[ast.expr]:
    """The names of a target, which may be a tuple of them."""
    match target:
        case ast.Tuple() | ast.List():
            for part in target.elts:
                yield from _places(part)
        case ast.Starred():
            yield from _places(target.value)
        case _:
            yield target


def _named(statement: ast.stmt) -> Iterator[str]:
    """The names that are no expressions: of imports, functions, exceptions and patterns."""
    match statement:
        case ast.Import() | ast.ImportFrom():
            yield from (a.asname or a.name.partition(".")[0] for a in statement.names)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield statement.name
            for node in ast.walk(statement):
                if isinstance(node, ast.Global | ast.Nonlocal):
                    yield from node.names
        case ast.Match():
            for node in (n for case in statement.cases for n in ast.walk(case.pattern)):
                name = getattr(node, "rest", None) or getattr(node, "name", None)
                if isinstance(name, str):
                    yield name
    for handler in getattr(statement, "handlers", []):
        if handler.name:
            yield handler.name


def expressions(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions directly in a node.

    Args:
        node: a statement, an expression, or a part of one.
    """
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            yield child
        elif not isinstance(child, ast.stmt):
            yield from expressions(child)

"""A Python file, read as syntax and never run: what its names are, and the calls in it."""

from __future__ import annotations

import ast
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from operator import add, floordiv, mul, pow, sub, truediv
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrdsl.importers import config_document, inherited
from lrdsl.importers.documents import UNREAD, Call
from lrdsl.importers.fields import Fields, Unknown
from lrdsl.importers.python_names import (
    DEFINITIONS,
    assigned,
    changed,
    expressions,
    flat,
    rebound,
)
from lrdsl.importers.refusal import Refused
from lrdsl.importers.sources import text_of
from lrdsl.importers.symbols import ceil, floor, rounded, written
from lrdsl.outside import is_number
from lrdsl.wording import listed

if TYPE_CHECKING:
    from lrdsl.importers.trial import Trial

_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: add, ast.Sub: sub, ast.Mult: mul, ast.Div: truediv, ast.FloorDiv: floordiv,
    ast.Pow: pow,
}  # fmt: skip
# Functions of one number, by what a script calls them.
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "int": floor, "math.floor": floor, "math.ceil": ceil, "round": rounded, "float": float,
}  # fmt: skip
# A loader of what is not trained on.
_HELD_OUT = re.compile(r"val|test|eval|dev")
# The largest default of an option that a schedule is tried with.
_MOST = 1_000_000
_CONSTANTS = {"math.pi": math.pi, "math.inf": math.inf}


def read(path: str, root: Path, trial: Trial) -> tuple[Fields, list[Call]]:
    """The names that a script gives values to, and its calls.

    Args:
        path: the file.
        root: the folder that files it refers to are in.
        trial: the values for what it does not say.

    Raises:
        Refused: it is not Python.
    """
    script = _read(Path(path), root, trial, ())
    return Fields(script.names, trial, script.lines), script.calls


def _read(path: Path, root: Path, trial: Trial, above: tuple[Path, ...]) -> _Script:
    """Reads a script, and before it the files that a config says that it is made of."""
    module = _parsed(text_of(path))
    above = (*above, path)

    def values(file: Path, above: tuple[Path, ...]) -> dict[str, Any]:
        if file.suffix == ".py":
            return _read(file, root, trial, above).names
        return config_document.values(file, root, trial)

    parents = inherited.read_parents(_parents(module, path, root, above), above, values)
    # A config reads a name of theirs as `_base_.name`.
    seen = {f"{inherited.PARENTS}.{name}": value for name, value in parents.items()}
    names: dict[str, Any] = {}
    for statement in module.body:
        if isinstance(statement, ast.With):
            files = inherited.imported(statement, path, root, above)
            names |= inherited.read_parents(files, above, values)
    script = _Script(trial, names | seen)
    try:
        script.walk(module.body, script.names)
    except RecursionError:
        raise Refused("this is nested too deeply") from None
    own = {
        key: value
        for key, value in script.names.items()
        if key != inherited.PARENTS and key not in seen
    }
    script.names = inherited.merged(parents, own, trial)
    return script


def _parsed(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f", in line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise Refused(f"this is not Python{line}") from None


def _parents(module: ast.Module, path: Path, root: Path, above: tuple[Path, ...]) -> list[Path]:
    """The files that a config is made of: those that its ``_base_`` names."""
    for statement in module.body:
        if isinstance(statement, ast.Assign) and inherited.PARENTS in _targets([statement]):
            try:
                named = ast.literal_eval(statement.value)
            except ValueError:
                named = None
            named = list(named) if isinstance(named, tuple) else named
            return inherited.parents(named, path, root, above)
    return []


class _Script:
    """A script as it is read: its names in their scopes, and the calls so far."""

    def __init__(self, trial: Trial, names: Mapping[str, Any]) -> None:
        self.trial = trial
        self.names: dict[str, Any] = dict(names)
        self.lines: dict[str, int] = {}
        self.calls: list[Call] = []
        self._modules: dict[str, str] = {}
        self._defined: set[str] = set()

    def walk(self, body: list[ast.stmt], names: dict[str, Any]) -> None:
        """Reads statements in a scope.

        Args:
            body: the statements.
            names: the values of the names in it.
        """
        twice = {name for name, n in Counter(_targets(body)).items() if n > 1}
        changing = {name for statement in flat(body) for name in rebound(statement)}
        self._defined |= {s.name for s in flat(body) if isinstance(s, DEFINITIONS)}
        for statement in flat(body):
            names |= {name: Unknown(name) for name in changed(statement)}
            if isinstance(statement, ast.Import | ast.ImportFrom):
                self._note(statement)
            elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                # A parameter hides a name of the module, and is not known.
                own = dict.fromkeys(a.arg for a in ast.walk(statement) if isinstance(a, ast.arg))
                scope = names | {name: Unknown(name) for name in own}
                self.walk(statement.body, scope)
            elif isinstance(statement, ast.ClassDef):
                self.walk(statement.body, dict(names))
            elif isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value:
                self._assign(statement, statement.value, names, twice, changing)
            else:
                for expression in expressions(statement):
                    self.value(expression, names)

    def _note(self, statement: ast.Import | ast.ImportFrom) -> None:
        """Remembers what an import calls things."""
        module = f"{statement.module}." if isinstance(statement, ast.ImportFrom) else ""
        for alias in statement.names:
            if module or alias.asname:
                self._modules[alias.asname or alias.name] = f"{module}{alias.name}"

    def _assign(
        self,
        statement: ast.Assign | ast.AnnAssign,
        right: ast.expr,
        names: dict[str, Any],
        twice: set[str],
        changing: set[str],
    ) -> None:
        found = self._values(right, names)
        for target, part in assigned(statement):
            key = ast.unparse(target)
            value = found.get(id(part), Unknown(key))
            # Which of two values a name has where it is used takes a run to know.
            if key in changing or (key in twice and names.get(key, value) != value):
                value = Unknown(key)
            names[key] = value
            if names is self.names:
                self.lines[key] = statement.lineno

    def _values(self, node: ast.expr, names: dict[str, Any]) -> dict[int, Any]:
        """The value of an expression, and those of the parts of a tuple, by the node of each."""
        if not isinstance(node, ast.Tuple | ast.List):
            return {id(node): self.value(node, names)}
        parts: dict[int, Any] = {}
        for part in node.elts:
            parts |= self._values(part, names)
        return parts | {id(node): [parts[id(part)] for part in node.elts]}

    def value(self, node: ast.expr, names: dict[str, Any]) -> Any:
        """The value of an expression: plain, a number, a table, a call, or `Unknown`.

        Args:
            node: the expression.
            names: the values of the names that it may use.
        """
        match node:
            case ast.Constant():
                return node.value
            case ast.Set(elts=[ast.Set(elts=[inner])]):  # `{{_base_.name}}`
                return self.value(inner, names)
            case ast.List() | ast.Tuple():
                return [self.value(item, names) for item in node.elts]
            case ast.Dict():
                return self._table(node, names)
            case ast.Name() | ast.Attribute():
                text = ast.unparse(node)
                dotted = self._dotted(text)
                return _CONSTANTS.get(dotted, names.get(text, Unknown(text)))
            case ast.BinOp() | ast.UnaryOp(op=ast.USub()):
                return self._computed(node, names)
            case ast.Subscript(slice=ast.Constant(value=str() | int() as key)):
                return self._part(node, key, names)
            case ast.Call():
                return self._called(node, names)
        for inner in expressions(node):
            self.value(inner, names)
        return Unknown(ast.unparse(node))

    def _part(self, node: ast.Subscript, key: str | int, names: dict[str, Any]) -> Any:
        """A part of a table or a list, such as ``cfg["lr"]``."""
        text = ast.unparse(node)
        whole = self.value(node.value, names)
        if text in names:
            return names[text]
        if isinstance(whole, Fields) and key in whole:
            return whole.plain()[str(key)]
        if isinstance(whole, list) and isinstance(key, int) and 0 <= key < len(whole):
            return whole[key]
        return Unknown(text)

    def _dotted(self, text: str) -> str:
        """A name with the modules that it comes from."""
        first, dot, rest = text.partition(".")
        return f"{self._modules.get(first, first)}{dot}{rest}"

    def _table(self, node: ast.Dict, names: dict[str, Any]) -> Any:
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for key, item in zip(node.keys, node.values, strict=True):
            name = self.value(key, names) if key is not None else Unknown("**")
            value = self.value(item, names)
            if isinstance(name, Unknown):
                return Unknown(ast.unparse(node))
            values[str(name)], lines[str(name)] = value, item.lineno
        return Fields(values, self.trial, lines)

    def _computed(self, node: ast.BinOp | ast.UnaryOp, names: dict[str, Any]) -> Any:
        if isinstance(node, ast.UnaryOp):
            operate: Callable[..., Any] | None = lambda value: -value  # noqa: E731
            sides = [self.value(node.operand, names)]
        else:
            operate = _OPERATORS.get(type(node.op))
            sides = [self.value(node.left, names), self.value(node.right, names)]
        numbers = [self._number(side) for side in sides]
        if operate is None or any(number is None for number in numbers):
            return Unknown(ast.unparse(node))
        try:
            return operate(*numbers)
        except (ArithmeticError, ValueError, Refused):
            return Unknown(ast.unparse(node))

    def _number(self, value: Any) -> Any:
        if isinstance(value, Unknown):
            return self.trial.param(value.text)
        return written(value) if is_number(value) else None

    def _called(self, node: ast.Call, names: dict[str, Any]) -> Any:
        function = ast.unparse(node.func)
        if isinstance(node.func, ast.Attribute):
            self.value(node.func.value, names)  # a call may be made of another one's result
        name = self._dotted(function)
        if name == "len":
            for argument in node.args:
                self.value(argument, names)
            return self._length(node)
        if name.endswith(".add_argument"):
            self._option(node)
        arguments, unread = self._arguments(node, names)
        if name in _FUNCTIONS and len(arguments) == 1:
            number = self._number(arguments[0])
            try:
                return number if name == "float" else _FUNCTIONS[name](number)
            except (TypeError, ValueError, Refused):
                return Unknown(ast.unparse(node))
        fields = self._keywords(node, names, unread)
        if function in self._defined:  # whatever it is named, it is of no other system
            return Unknown(ast.unparse(node))
        if name == "dict" and not arguments and UNREAD not in fields:
            return fields
        call = Call(name, tuple(arguments), fields, node.lineno)
        self.calls.append(call)
        return call

    def _option(self, node: ast.Call) -> None:
        """Notes the default of an option of the command line, as ``argparse`` names it."""
        flags = [a.value for a in node.args if isinstance(a, ast.Constant)]
        keywords = {
            k.arg: k.value.value for k in node.keywords if isinstance(k.value, ast.Constant)
        }
        long = [flag for flag in flags if isinstance(flag, str) and flag.startswith("--")]
        dest = keywords.get("dest") or (long[0][2:].replace("-", "_") if long else None)
        default = keywords.get("default")
        if not isinstance(dest, str) or isinstance(default, bool):
            return
        if isinstance(default, int | float) and 0 < default <= _MOST:
            self.trial.defaults[dest] = default

    def _arguments(self, node: ast.Call, names: dict[str, Any]) -> tuple[list[Any], list[str]]:
        """The positional arguments of a call, and those that are not known."""
        found: list[Any] = []
        unread: list[str] = []
        for argument in node.args:
            value = self.value(argument, names)
            inner = isinstance(argument, ast.Starred) and self.value(argument.value, names)
            if isinstance(inner, list):
                found += inner
            elif isinstance(argument, ast.Starred):
                unread.append(ast.unparse(argument))
            else:
                found.append(value)
        return found, unread

    def _keywords(self, node: ast.Call, names: dict[str, Any], unread: list[str]) -> Fields:
        """The arguments with a name; ``**table`` has those of the table, if it is known."""
        found: dict[str, Any] = {}
        lines: dict[str, int] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, names)
            if keyword.arg is not None:
                found[keyword.arg], lines[keyword.arg] = value, keyword.value.lineno
            elif isinstance(value, Fields):
                found |= value.plain()
                lines |= dict.fromkeys(value, keyword.value.lineno)
            else:
                unread.append(f"**{ast.unparse(keyword.value)}")
        if unread:
            said = listed(f"`{part}`" for part in unread)
            function = ast.unparse(node.func).rpartition(".")[2]
            found[UNREAD] = f"`{function}` is called with {said}, which the source does not tell"
        return Fields(found, self.trial, lines)

    def _length(self, node: ast.Call) -> Any:
        """The length of something: that of a loader is the updates of an epoch."""
        is_loader = len(node.args) == 1 and _is_loader(node.args[0])
        return self.trial.steps_per_epoch() if is_loader else Unknown(ast.unparse(node))


def _is_loader(node: ast.expr) -> bool:
    """True for what has a batch for each update: ``loaders["train"]``, not ``loader.dataset``."""
    while isinstance(node, ast.Subscript | ast.Call):
        node = node.value if isinstance(node, ast.Subscript) else node.func
    name = ast.unparse(node).rpartition(".")[2].lower()
    return "loader" in name and not _HELD_OUT.search(name)


def _targets(body: list[ast.stmt]) -> Iterator[str]:
    """The names that statements give values to, each as often as they do."""
    for statement in flat(body):
        yield from (ast.unparse(target) for target, _ in assigned(statement))

"""The formula of a shape, and the functions that it becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING

from lrdsl.formula import python_nodes as nodes
from lrdsl.formula.formula import (
    NUMBER,
    ONE,
    ZERO,
    Apply,
    Const,
    Degrees,
    Formula,
    Var,
    apply,
    degrees,
    substitute,
    variables,
)
from lrdsl.formula.functions import ARITHMETIC, FUNCTIONS

if TYPE_CHECKING:
    import ast

    from lrdsl.arrays.module import Array, ArrayModule, Vector
    from lrdsl.formula.formula import Known

    Curve = Callable[[float], float]

# How many steps of formulas a kernel remembers.
_KEPT = 1024
# What a shape starts and ends with is looked at for this length.
_SOME_LENGTH = 1000
_Names = dict[str, object]


class Kernel:
    """A shape's formula, ready to be bound to the values of its parameters.

    Args:
        name: name of the shape, for tracebacks.
        parameters: the variables that are bound once; ``length`` may be one of them.
        formula: the value at the local step ``t``, with ``u = t / length`` and
            ``v = (length - t) / length``.
    """

    __slots__ = (
        "_codes",
        "_degrees",
        "_ended",
        "_ends",
        "_steps",
        "formula",
        "is_constant",
        "name",
        "needs_length",
        "parameters",
    )

    def __init__(self, name: str, parameters: Sequence[str], formula: Formula) -> None:
        self.name = name
        self.parameters = tuple(parameters)
        self.formula = formula
        used = set(variables(formula))
        self.needs_length = not {"length", "u", "v"}.isdisjoint(used)
        self.is_constant = {"t", "u", "v"}.isdisjoint(used)
        self._codes: dict[str, CodeType | None] = {}
        self._steps: dict[tuple[int, float], Formula] = {}
        self._degrees: dict[tuple[Degrees, ...], Degrees] = {}
        self._ended: Kernel | None = None
        self._ends: tuple[str | None, str | None] | None = None

    def __reduce__(self) -> tuple[type[Kernel], tuple[str, tuple[str, ...], Formula]]:
        return Kernel, (self.name, self.parameters, self.formula)

    def at(self, t: int, length: float) -> Formula:
        """The formula at a local step, in terms of the parameters; ``length`` is no more of them.

        It is kept: in a long row of parts of one length, each is asked for the same two steps.
        """
        found = self._steps.get((t, length))
        if found is None:
            clock: dict[str, Formula] = {"t": Const(float(t))}
            if self.needs_length:
                n = float(length)
                clock |= {"u": Const(t / n), "v": Const((n - t) / n), "length": Const(n)}
            if len(self._steps) >= _KEPT:
                self._steps.clear()
            found = self._steps[t, length] = substitute(self.formula, clock)
        return found

    @property
    def ended(self) -> Kernel:
        """That of a part that owns no step, which is at its end."""
        if self._ended is None:
            clock: dict[str, Formula] = {"t": ZERO, "length": ZERO, "u": ONE, "v": ZERO}
            parameters = [name for name in self.parameters if name != "length"]
            self._ended = Kernel(self.name, parameters, substitute(self.formula, clock))
        return self._ended

    @property
    def starts_at(self) -> str | None:
        """The parameter, ``start`` or ``value``, that its first value is exactly."""
        return self._both_ends()[0]

    @property
    def ends_at(self) -> str | None:
        """The parameter, ``end`` or ``value``, that its end value is exactly."""
        return self._both_ends()[1]

    def _both_ends(self) -> tuple[str | None, str | None]:
        if self._ends is None:
            first, last = (self.at(t, _SOME_LENGTH) for t in (0, _SOME_LENGTH))
            self._ends = _sole(first, "start"), _sole(last, "end")
        return self._ends

    def degrees(self, given: Mapping[str, Degrees]) -> Degrees:
        """The powers of the base rate in its values, given those in its parameters."""
        key = tuple(given.get(name, NUMBER) for name in self.parameters)
        found = self._degrees.get(key)
        if found is None:
            found = degrees(self.formula, lambda name: given.get(name, NUMBER))
            self._degrees[key] = found
        return found

    def scalar(self, values: Sequence[Known]) -> Curve:
        """The function from a local step to a value."""
        code = self._code("scalar")
        assert code is not None
        curve: Curve = _bind(code, _scalar_names(), values)
        return curve

    def vector(self, values: Sequence[Known], xp: ArrayModule, first: float, last: float) -> Vector:
        """The function from an array of local steps to their values.

        Args:
            values: those of the parameters.
            xp: the library of the array.
            first: no step is below this one.
            last: no step is beyond this one.
        """
        code = self._code("vector")
        assert code is not None
        curve: Vector = _bind(code, _vector_names(xp), [*values, first, last])
        return curve

    def stretch(
        self, values: Sequence[Known], numpy: ModuleType
    ) -> Callable[[Array, Array], None] | None:
        """The function that turns numpy's floats in place from local steps to values.

        It is given an array of steps, which it uses up, and one that the values go into. None where
        the formula is none for which that is worth it.
        """
        code = self._code("stretch")
        if code is None:
            return None
        curve: Callable[[Array, Array], None] = _bind(code, _stretch_names(numpy), values)
        return curve

    def python(self, reading: str) -> ast.Module | None:
        """The Python of one reading: ``make``, which is given the values of the parameters.

        Args:
            reading: ``scalar``, ``vector`` or ``stretch``.

        Returns:
            A module that defines it; None if the formula has no such reading.
        """
        if reading == "scalar":
            return nodes.scalar_module(self.parameters, self.formula)
        # A check of a text needs neither.
        from lrdsl.formula.stretch import stretch_module
        from lrdsl.formula.vector import vector_module

        make = {"vector": vector_module, "stretch": stretch_module}[reading]
        return make(self.parameters, self.formula)

    def _code(self, reading: str) -> CodeType | None:
        if reading not in self._codes:
            module = self.python(reading)
            self._codes[reading] = None if module is None else _compiled(module, self.name)
        return self._codes[reading]


def _sole(value: Formula, word: str) -> str | None:
    """The parameter that a shape's value at one of its ends is exactly, whatever its arguments are.

    Args:
        value: the value there, in terms of the parameters.
        word: the name of such a parameter at this end, if not ``value``.
    """
    found = _settled(value)
    return found.name if isinstance(found, Var) and found.name in {word, "value"} else None


def _settled(formula: Formula) -> Formula:
    """A formula without what comes to a number for all parameters that it has a value for.

    ``0 / x`` and ``0 ^ x`` are 0, ``x / x`` is 1, and ``a - x + x`` is a.
    """
    if not isinstance(formula, Apply):
        return formula
    first, *rest = [_settled(arg) for arg in formula.args]
    if formula.op in {"/", "^"} and first == ZERO:
        return ZERO
    if formula.op == "/" and first == rest[0]:
        return ONE
    if formula.op == "+" and isinstance(first, Apply) and first.op == "-":
        minuend, subtrahend = first.args
        if subtrahend == rest[0]:
            return minuend
    return apply(formula.op, first, *rest)


def _compiled(module: ast.Module, name: str) -> CodeType:
    compiled = compile(module, f"<lrdsl {name}>", "exec")
    return next(const for const in compiled.co_consts if isinstance(const, CodeType))


def _bind(code: CodeType, names: _Names, values: Sequence[object]) -> Callable[..., Array]:
    maker: Callable[..., Callable[..., Array]] = FunctionType(code, names)
    return maker(*values)


@lru_cache(maxsize=1)
def _scalar_names() -> _Names:
    names = {name: function.scalar for name, function in FUNCTIONS.items()}
    return {"__builtins__": {}, "pow": ARITHMETIC["^"], **names}


@lru_cache
def _vector_names(xp: ArrayModule) -> _Names:
    from lrdsl.formula.vector import vector_names

    return vector_names(xp)


@lru_cache(maxsize=1)
def _stretch_names(numpy: ModuleType) -> _Names:
    from lrdsl.formula.stretch import stretch_names

    return stretch_names(numpy)

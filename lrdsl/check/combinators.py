"""Combinators that no formula can say; their signatures and texts stand in ``prelude.lrs``."""

from __future__ import annotations

from collections.abc import Callable

from lrdsl import limits
from lrdsl.check import library
from lrdsl.check.conversions import wrong_kind
from lrdsl.check.operators import schedule
from lrdsl.check.specialize import function_names
from lrdsl.check.state import Checker
from lrdsl.check.tree import VARIABLE, Meter, Over, Repeat, Shape, Tree, extent
from lrdsl.check.values import REST_AMOUNTS, Length, Value, unknown
from lrdsl.formula.formula import Const, Var
from lrdsl.formula.kernel import Kernel
from lrdsl.text.nodes import Definition
from lrdsl.text.numbers import exact
from lrdsl.text.source import Span

Native = Callable[[Checker, dict[str, Value], Span], Value]


def _over(checker: Checker, arguments: dict[str, Value], span: Span) -> Value:
    body = _schedule(checker, arguments["schedule"], "over")
    if body is None:
        return unknown(span)
    length = arguments["length"].it
    if length.is_rest:
        message = "`over` sets a length, and `rest` is what others leave"
        checker.report(
            "rest-arithmetic", arguments["length"].span, message, "give it a length of its own"
        )
        return unknown(span)
    return schedule(
        checker, Over(checker.place(span), length, body, *extent([body]), checker.through(own=True))
    )


def _repeat(checker: Checker, arguments: dict[str, Value], span: Span) -> Value:
    body = _schedule(checker, arguments["schedule"], "repeat")
    times = arguments["times"]
    count = None
    if not (times.kind == "length" and times.it.is_rest):
        count = _constant(checker, times, "times", "repeat")
        if count is not None and not (count >= 1 and float(count).is_integer()):
            _refuse(checker, times, "repeat", "`times` of `repeat` is a whole number, 1 or more")
            count = None
        if count is None:
            return unknown(span)
    stretch = _constant(checker, arguments["stretch"], "stretch", "repeat")
    decay = _constant(checker, arguments["decay"], "decay", "repeat")
    if stretch is not None and stretch <= 0:
        _refuse(checker, arguments["stretch"], "repeat", "`stretch` of `repeat` is above 0")
        stretch = None
    if decay is not None and decay < 0:
        _refuse(checker, arguments["decay"], "repeat", "`decay` of `repeat` is not below 0")
        decay = None
    if body is None or stretch is None or decay is None:
        return unknown(span)
    whole = int(count) if count is not None else None
    place = checker.place(span)
    if stretch != 1 and whole is not None and whole > limits.CYCLES:
        message = f"these are {whole:,} cycles, each of another length"
        help = f"the limit is {limits.CYCLES:,}; without `stretch` there is none"
        checker.report("too-many-cycles", times.span, message, help)
        return unknown(span)
    return schedule(
        checker,
        Repeat(
            place, body, whole, exact(stretch), decay, *extent([body]), checker.through(own=True)
        ),
    )


def _schedule(checker: Checker, value: Value, name: str) -> Tree | None:
    if value.kind == "schedule":
        tree: Tree = value.it
        return tree
    if value.kind != "unknown":
        held = f"to hold a value, write `const(value = {value.span.text})`"
        help = held if value.kind == "number" else ""
        wrong_kind(checker, value, f"`schedule` of `{name}`", "a schedule", help)
    return None


def _constant(checker: Checker, value: Value, parameter: str, name: str) -> float | None:
    what = f"`{parameter}` of `{name}`"
    if value.kind == "number" and isinstance(value.it, Const):
        return value.it.value
    if value.kind == "number":
        _refuse(checker, value, name, f"{what} must be known before training")
    elif value.kind != "unknown":
        wrong_kind(checker, value, what, "a number", "")
    return None


def _refuse(checker: Checker, value: Value, name: str, message: str) -> None:
    checker.report("guard", value.span, message, f"what it takes: `lrdsl shapes {name}`")


def _plateau(checker: Checker, arguments: dict[str, Value], span: Span) -> Value:
    numbers = {
        name: _constant(checker, arguments[name], name, "plateau")
        for name in ("factor", "patience", "threshold", "cooldown", "eps")
    }
    mode = _word(checker, arguments["mode"], "mode", ("min", "max"))
    threshold_mode = _word(checker, arguments["threshold_mode"], "threshold_mode", ("rel", "abs"))
    if None in numbers.values() or mode is None or threshold_mode is None:
        return unknown(span)
    checker.meters += 1
    name = f"{VARIABLE}{checker.meters}"
    meter = Meter(
        name,
        relative=threshold_mode == "rel",
        maximise=mode == "max",
        **numbers,  # type: ignore[arg-type]
    )
    place = checker.place(span)
    length = Length(REST_AMOUNTS, place)
    return Value("schedule", Shape(
        place, "plateau", _FACTOR, length, (("value", Var(name)),), (), (), meter,
        library.find("plateau"), function_names(arguments), through=checker.through(own=True),
    ), span)  # fmt: skip


def _word(checker: Checker, value: Value, parameter: str, words: tuple[str, str]) -> str | None:
    """The name of a function that stands for itself."""
    name = value.it.name if isinstance(value.it, Definition) else value.it
    if value.kind == "function" and name in words:
        return str(name)
    if value.kind != "unknown":
        message = f"`{parameter}` of `plateau` is `{words[0]}` or `{words[1]}`"
        checker.report("wrong-kind", value.span, message, f"write `{parameter} = {words[0]}`")
    return None


# A plateau is a part whose one argument is the factor it has come down to.
_FACTOR = Kernel("plateau", ["value"], Var("value"))

NATIVES: dict[str, Native] = {"over": _over, "plateau": _plateau, "repeat": _repeat}

"""Functions of the step that schedulers of torch multiply the rate by.

A live function is known by where it was made: its name says which schedule it may be, and its
arguments how long. Its values decide: whoever reads one compares every step.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from lrdsl.importers.fields import Fields
from lrdsl.importers.pure_lambdas import PureLambda
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Whole, written
from lrdsl.importers.torch_place import Place, Said, call
from lrdsl.outside import is_number
from lrdsl.wording import plural

# `_get_cosine_schedule_with_warmup_lr_lambda`, `get_cosine_schedule_with_warmup.<locals>.lr_lambda`
_MAKER = re.compile(r"^_?get_(\w+?)_sched\w*")
# What transformers calls its ways up and down, and what lrdsl does.
_EASES = {"linear": "", "cosine": "half_cosine", "1-sqrt": "one_minus_sqrt"}
# A rate of more letters is a quotient that came out uneven.
_READABLE = 16
# The steps by which a function is recognized that says nothing of itself.
_LOOKED_AT = 4
# Where it is asked whether the rule goes on, if no run says how far: closer at first.
FAR = tuple(sorted({round(10 ** (i * 7 / 200)) for i in range(1, 201)}))


def factor(fields: Fields, place: Place) -> Said:
    """A ``LambdaLR``, if its functions can be asked.

    Args:
        fields: its fields.
        place: where it stands.
    """
    function = _function(fields, place)
    if place.is_chained or not place.is_scaled or place.depth:
        raise Refused("a LambdaLR computes the rate anew in each step")
    if (text := _by_name(function, place)) is None:
        text = _by_values(function, place)
    if text is None:
        text = _by_fit(function, place)
    return Said(text if place.room is None else f"until({place.room}, {text})")


def _by_fit(function: Callable[[int], float], place: Place) -> str:
    """A text that explains all values of a function in the run: the last resort."""
    of_none = (
        f"its function {_name(function)} is of neither transformers nor diffusers, and neither"
        " constant nor exponential"
    )
    if not place.run:
        how = "`--total`" if isinstance(function, PureLambda) else "`steps=`"
        raise Refused(f"{of_none}: with {how} a text is looked for that explains its values")
    from lrdsl.fitting.fit import fit

    try:
        found = fit(function, steps=place.run)
    except ValueError as error:
        raise Refused(f"{of_none}, and no text can be fitted to it: {error}") from None
    if not found:
        raise Refused(f"{of_none}: {found.proof}")
    place.notes.append(
        f"the text is fitted to {plural(place.run, 'value')} of its function {_name(function)}"
    )
    return f"({found.text}) * {place.base}"


def multiplied(fields: Fields, place: Place) -> Said:
    """A ``MultiplicativeLR``, if its functions can be asked.

    Args:
        fields: its fields.
        place: where it stands.
    """
    function = _function(fields, place)
    ratios = list(_asked(function, (*range(1, _LOOKED_AT), *_far(place))).values())
    if place.is_chained or place.is_later or place.depth or len(set(ratios)) > 1:
        raise Refused(f"its function {_name(function)} is not the same in each step")
    text = "const" if ratios[0] == 1 else call("exponential", written(float(ratios[0])))
    return Said(text if place.room is None else f"until({place.room}, {text})")


def _function(fields: Fields, place: Place) -> Callable[[int], float]:
    given = fields.given("lr_lambda")
    function = given[place.group] if isinstance(given, list | tuple) and given else given
    if not callable(function):
        raise Refused(
            "its function is not run: in your script, `lrdsl.from_torch(scheduler, steps=…)` reads"
            " it"
        )
    return function  # type: ignore[no-any-return]  # a caller's


def _name(function: object) -> str:
    inner = function.func if isinstance(function, partial) else function
    return f"`{getattr(inner, '__qualname__', type(inner).__name__)}`"


def _far(place: Place) -> Sequence[int]:
    """The steps in the run at which the rule of the first ones is looked for once more."""
    return [t for t in FAR if t < place.run] if place.run else FAR


def _asked(function: Callable[[int], float], steps: Sequence[int]) -> dict[int, float]:
    """The values of a function at some steps, as far as it has any.

    Raises:
        Refused: it has none at the first of them.
    """
    found: dict[int, float] = {}
    try:
        for t in steps:
            found[t] = float(function(t))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        if not found:
            kind = type(error).__name__
            raise Refused(f"its function {_name(function)} raises {kind}: {error}") from None
    return found


def _by_values(function: Callable[[int], float], place: Place) -> str | None:
    """A text for a function whose values follow a rule: the first ones, and some far from them."""
    rest = _asked(function, (*range(_LOOKED_AT), *_far(place)))
    first, second = rest.pop(0), rest.get(1, 0.0)
    if all(value == second for value in rest.values()) and first == second:
        return call("const", value=place.scaled(written(first)) if first != 1 else place.start)
    if first > 0 and second > 0:
        ratio = second / first
        if all(_is_near(value, first, ratio, t) for t, value in rest.items()):
            start = place.start if first == 1 else place.scaled(written(first))
            return call("exponential", written(ratio), start=start)
    return None


def _is_near(value: float, first: float, ratio: float, t: int) -> bool:
    """True for the value of an exponential at a step; beyond the largest float it is infinite."""
    try:
        rule = first * ratio**t
    except OverflowError:
        return value == math.inf
    return abs(value - rule) <= 1e-12 * max(first, rule)


def _by_name(function: object, place: Place) -> str | None:
    """A text for a function whose maker is known."""
    inner, told = function, {}
    if isinstance(function, partial):
        inner, told = function.func, dict(function.keywords)
    name = str(getattr(inner, "__qualname__", ""))
    maker = _MAKER.match(name)
    if maker is None:
        return None
    told |= _closed(inner)
    say = _TEXTS.get("rules" if name.endswith("rule_func") else maker[1])
    try:
        return None if say is None else say(_Arguments(told, name), place)
    except (KeyError, TypeError):
        return None  # it is called as one of theirs, and has other arguments


def _closed(function: object) -> dict[str, Any]:
    """What a function has around it, by name."""
    names = getattr(getattr(function, "__code__", None), "co_freevars", ())
    found = {}
    for name, cell in zip(names, getattr(function, "__closure__", None) or (), strict=True):
        try:
            found[name] = cell.cell_contents
        except ValueError:
            continue
    return found


class _Arguments:
    """The arguments of a schedule, by name.

    Args:
        values: the arguments.
        name: the function that they belong to.
    """

    def __init__(self, values: Mapping[str, Any], name: str) -> None:
        self.values = values
        self.name = name

    def number(self, key: str, default: float | None = None) -> Number:
        """An argument that is a number.

        Args:
            key: its name.
            default: what it is if there is none.
        """
        value = self.values[key] if default is None else self.values.get(key, default)
        if not is_number(value):
            raise TypeError(key)
        whole = isinstance(value, float) and value.is_integer()
        return written(int(value) if whole else value)

    @property
    def up(self) -> str:
        """The warm-up; empty if there is none."""
        steps = self.number("num_warmup_steps", 0)
        return f"warmup({steps}) >> " if steps else ""

    @property
    def left(self) -> Number:
        """The steps after the warm-up."""
        left: Number = self.number("num_training_steps") - self.number("num_warmup_steps", 0)
        return left if left > 1 else Whole(1)


def _constant(arguments: _Arguments, place: Place) -> str:
    return f"{arguments.up}const"


def _falling(name: str, length: Number, end: str = "", **named: object) -> str:
    return call(name, length, end=end, **named)


def _linear(arguments: _Arguments, place: Place) -> str:
    return arguments.up + _falling("linear", arguments.left)


def _cosine(arguments: _Arguments, place: Place) -> str:
    low = arguments.number("min_lr_rate", 0)
    end = "" if low == 0 else place.scaled(low)
    cycles, left = arguments.number("num_cycles", 0.5), arguments.left
    if "with_min_lr" in arguments.name and "_rate_lambda" in arguments.name:
        return _early(arguments, place, end)
    if cycles == 0.5:
        return arguments.up + _falling("cosine", left, end)
    return arguments.up + _falling("cosine_waves", left, end, cycles=cycles)


def _early(arguments: _Arguments, place: Place, end: str) -> str:
    """The cosine of ``cosine_warmup_with_min_lr``, which is a step ahead."""
    up = arguments.number("num_warmup_steps")
    if arguments.number("num_cycles", 0.5) != 0.5:
        raise TypeError("num_cycles")
    cosine = _falling("cosine", arguments.left, end)
    if up <= 1:
        return cosine if up else f"skip(1, {cosine})"
    rate = arguments.values.get("warmup_lr_rate")
    start = 1 / up if rate is None else arguments.number("warmup_lr_rate")
    return f"warmup({up - 1}, {place.scaled(start)}) >> {cosine}"


def _restarts(arguments: _Arguments, place: Place) -> str:
    cycles = arguments.number("num_cycles")
    return arguments.up + _falling("cosine_restarts", arguments.left, cycles=cycles)


def _polynomial(arguments: _Arguments, place: Place) -> str:
    last, first = arguments.number("lr_end"), arguments.number("lr_init")
    power = arguments.number("power")
    end = "" if last == 0 else place.scaled(last / first)
    if len(end) > _READABLE:
        end = f"{place.base} * {last} / {first}"
    if power == 1:
        return arguments.up + _falling("linear", arguments.left, end)
    return arguments.up + _falling("poly", arguments.left, end, power=power)


def _inverse_sqrt(arguments: _Arguments, place: Place) -> str:
    return f"{arguments.up}inverse_sqrt({arguments.number('timescale')})"


def _wsd(arguments: _Arguments, place: Place) -> str:
    stable, decay = arguments.number("num_stable_steps"), arguments.number("num_decay_steps")
    low = arguments.number("min_lr_ratio")
    if arguments.number("num_cycles") != 0.5:
        raise TypeError("num_cycles")
    up = arguments.number("num_warmup_steps")
    rate = "" if low == 0 else place.scaled(low)
    eases = [_EASES[str(arguments.values[key])] for key in ("warmup_type", "decay_type")]
    warmup = call("warmup", up, rate, ease=eases[0])
    hold = f"const({stable})" if stable else ""
    return " >> ".join(
        filter(None, (warmup if up else "", hold, call("cooldown", decay, end=rate, ease=eases[1])))
    )


def _rules(arguments: _Arguments, place: Place) -> str:
    """The steps of diffusers' ``get_piecewise_constant_schedule``."""
    rules, last = arguments.values["rules_dict"], arguments.number("last_lr_multiple")
    milestones = sorted(rules)
    values = [written(rules[m]) for m in milestones]
    items = ", ".join(place.scaled(value) for value in [*values, last])
    return f"stairs([{', '.join(map(str, milestones))}], [{items}])"


_TEXTS: dict[str, Callable[[_Arguments, Place], str]] = {
    "constant": _constant,
    "linear": _linear,
    "cosine": _cosine,
    "cosine_with_min_lr": _cosine,
    "cosine_with_hard_restarts": _restarts,
    "polynomial_decay": _polynomial,
    "inverse_sqrt": _inverse_sqrt,
    "wsd": _wsd,
    "rules": _rules,
}

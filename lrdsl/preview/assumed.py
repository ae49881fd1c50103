"""Runs of which only the unit will be shown: how many steps it has is assumed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, cast

from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.preview.units import Unit, told, written
from lrdsl.resolve.run_arguments import UNITS

if TYPE_CHECKING:
    from lrdsl.program import Program
    from lrdsl.resolve.run_arguments import RunArguments
    from lrdsl.text.numbers import Rational

# Steps of an epoch, or of one percent of a run, that is only drawn: it has many divisors, so parts
# of it come out even.
_PLENTY = 1000
# Steps of the largest amount of another unit that all lengths are multiples of: 2B tokens, say.
_GRAIN = 10_000
# Steps at which curves of two assumed lengths are compared.
_PROBES = 64
# The unit that each option says the length of; `--per-step` names its own.
_OPTIONS = {"--steps-per-epoch": "ep", "--total": "%"}
_PER_STEP = "--per-step "


def assumed(
    drawn: Sequence[tuple[Program, RunArguments]],
) -> tuple[list[RunArguments], Unit | None]:
    """Assumes how many steps a unit has, if some program needs it and all speak of it alone.

    That is the epoch where a program needs its length, or else the first one such as `tok`, or else
    a percentage of the run. Programs that need more, or have errors, have no say.

    Args:
        drawn: Programs that are drawn together, each with what is known of its run.

    Returns:
        The runs, and the unit; None if nothing was assumed.
    """
    runs = [run for _, run in drawn]
    needs = [_needs(program, run) for program, run in drawn]
    wanted = [need for needed in needs if len(needed) == 1 for need in needed]
    option = min(wanted, key=_rank, default=None)
    if option is None:
        return runs, None
    name = _OPTIONS.get(option) or option.removeprefix(_PER_STEP).partition("=")[0]
    concerned = [needed <= {option} for needed in needs]
    size = _size([pair for pair, has in zip(drawn, concerned, strict=True) if has], name)
    found: list[RunArguments] = []
    for (program, run), has in zip(drawn, concerned, strict=True):
        known = _in_unit(program, run, name, size) if has else run
        if known is None:
            return runs, None
        found.append(known)
    return found, Unit(name, size, is_assumed=True)


def _rank(option: str) -> int:
    """Which unit goes before others."""
    return {"--steps-per-epoch": 0, "--total": 2}.get(option, 1)


def _needs(program: Program, run: RunArguments) -> set[str]:
    """The options without which a program cannot be laid out; an empty one for other errors."""
    try:
        program.resolve_all(**run)
    except LrsError as error:
        return {d.needs for d in error.diagnostics}
    return set()


def _size(found: Iterable[tuple[Program, RunArguments]], name: str) -> Rational:
    """Chooses how many steps one of a unit has, where only the unit will be shown.

    Args:
        found: The programs to draw together, each with its run.
        name: The unit, such as `tok`.

    Returns:
        The steps: so many that every length in the unit is a whole number of them.
    """
    if name == "%" or name in UNITS:
        return _PLENTY
    grain = Fraction(0)
    for program, run in found:
        for quantity in (*written(program), *told(run)):
            if quantity.unit == name:
                grain = _common(grain, Fraction(quantity.exact))
    return _GRAIN / grain if grain else _GRAIN


def _common(a: Fraction, b: Fraction) -> Fraction:
    """The largest amount that both are multiples of."""
    divisor = math.gcd(a.numerator * b.denominator, b.numerator * a.denominator)
    return Fraction(divisor, a.denominator * b.denominator)


def _in_unit(program: Program, run: RunArguments, name: str, size: Rational) -> RunArguments | None:
    """Assumes how many steps one of a unit has, if that changes only the numbers of the steps.

    Args:
        program: The program.
        run: Its run, which does not say it.
        name: The unit, such as `ep` or `tok`.
        size: The steps.

    Returns:
        The run, in which the unit has that size; None if the program is another curve for another
        size, because it speaks of steps too, or of measurements at unknown distances.
    """
    if _says(run, name):
        return None
    try:
        once, twice = _with(run, name, size), _with(run, name, 2 * size)
        return once if _scales(program, once, twice, measured=name in UNITS) else None
    except (LrsError, OverflowError):
        return None


def _says(run: RunArguments, name: str) -> bool:
    """True if a run says how many steps one of a unit has."""
    if name == "%":
        return run.get("total") is not None
    if name in UNITS:
        return run.get(UNITS[name][0]) is not None
    return (run.get("per_step") or {}).get(name) is not None


def _with(run: RunArguments, name: str, size: Rational) -> RunArguments:
    if name == "%":
        return {**run, "total": int(100 * size)}
    if name in UNITS:
        return cast("RunArguments", {**run, UNITS[name][0]: float(size)})
    return {**run, "per_step": {**(run.get("per_step") or {}), name: float(1 / Fraction(size))}}


def _scales(program: Program, once: RunArguments, twice: RunArguments, *, measured: bool) -> bool:
    """True if every curve of a program takes twice the steps and is the same otherwise.

    Args:
        program: The program.
        once: Its run.
        twice: Its run with a unit of twice the steps.
        measured: True if a metric is measured once in the unit.
    """
    resolved = program.resolve_all(**once), program.resolve_all(**twice)
    for short, long in zip(resolved[0].values(), resolved[1].values(), strict=True):
        starts = [part.start_step for part in short.parts]
        if [part.start_step for part in long.parts] != [2 * step for step in starts]:
            return False
        if long.length != 2 * short.length:
            return False
        last = starts[-1] + _PLENTY if short.length == math.inf else int(short.length)
        if short.meters:
            if not measured:
                return False
            continue  # what a metric does is drawn for a metric of its own
        evenly = (k * last // _PROBES for k in range(_PROBES + 1))
        # Between half of a step that was written as such and that step the curves differ, and soon
        # after the start of a part that counts steps.
        doubling = (at + 2**k for at in starts for k in range((last - at).bit_length()))
        for step in (*evenly, *doubling):
            if not math.isclose(short(step), long(2 * step), rel_tol=1e-9, abs_tol=1e-12):
                return False
    return True

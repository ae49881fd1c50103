"""Compares lrdsl with the second reading: ``python -m tests.second.compare COUNT SEED``.

Lengths have to be equal, and values within 1e-12 of the largest of a program, at every boundary,
the steps beside it, and some drawn ones. Prints what came of the programs, by kind.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

import lrdsl
from tests.second.programs import KINDS, Drawn, drawn
from tests.second.reading import Curve, curves
from tests.second.syntax import Left, Refused
from tests.strategies import RUN, programs

MOST = 40
TOLERANCE = 1e-12


def draw(count: int, start: int) -> Iterator[Drawn]:
    """Programs of every kind, the same for the same seed; half are of tests/strategies.py."""
    yield from known(count // 2, start)
    random = Random(start)
    kinds = sorted(KINDS)
    for at in range(count - count // 2):
        yield drawn(random, kinds[at % len(kinds)])


def known(count: int, start: int) -> list[Drawn]:
    found: list[Drawn] = []

    @seed(start)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(programs())
    def collect(text: str) -> None:
        found.append(Drawn("strategies", text, RUN, 1))

    if count:
        collect()
    return found


def compared(program: Drawn, random: Random) -> tuple[str, str]:
    """What came of a program: ``agreed``, ``both refuse``, … and what is to be seen of it."""
    theirs: Any
    try:
        theirs = lrdsl.parse(program.text).resolve_all(**program.run)
    except lrdsl.LrsError as error:
        theirs = error
    try:
        mine = curves(program.text, base=Fraction(str(program.base)), **program.run)
        for curve in mine.values():
            curve.check()
    except Left as left:
        return "left out", str(left)
    except (Refused, RecursionError) as error:
        if isinstance(theirs, lrdsl.LrsError):
            return "both refuse", f"{codes(theirs)}: {error}"
        late = refused_for(theirs, program.base)
        return "both refuse" if late else "only the reading refuses", f"{late}: {error}"
    if isinstance(theirs, lrdsl.LrsError):
        return explained(theirs, mine), codes(theirs)
    if set(theirs) != set(mine):
        return "differ", f"targets {set(theirs)} and {set(mine)}"
    for target, curve in mine.items():
        try:
            why = difference(theirs[target], curve, program.base, random)
        except lrdsl.LrsError as error:  # only for this base
            return explained(error, mine), codes(error)
        if why:
            return "differ", f"{target}: {why}"
    return "agreed", ""


def codes(error: lrdsl.LrsError) -> str:
    return " ".join(sorted({d.code for d in error.diagnostics}))


def refused_for(theirs: Any, base: float) -> str:
    """The codes of the errors of the values for one base, which resolving does not know."""
    try:
        for schedule in theirs.values():
            for step in range(int(min(schedule.length, 300)) + 1):
                schedule(step, base=base)
    except lrdsl.LrsError as error:
        return codes(error)
    return ""


def explained(error: lrdsl.LrsError, mine: dict[str, Curve]) -> str:
    """Whether the page refuses it for its values: they are negative, or there is none."""
    found = {d.code for d in error.diagnostics}
    try:
        lowest = min(curve.lowest() for curve in mine.values())
    except Refused:
        return "both refuse" if found <= {"LRS311", "LRS312", "LRS512"} else "only lrdsl refuses"
    negative = lowest < 0 and found <= {"LRS311"}
    return "both refuse" if negative else "only lrdsl refuses"


def difference(theirs: Any, mine: Curve, base: float, random: Random) -> str:
    """Where two curves differ, or nothing."""
    length = None if theirs.length == float("inf") else theirs.length
    if length != mine.length:
        return f"lengths {length} and {mine.length}"
    steps = places(theirs, mine, random)
    others = [theirs(step, base=base) for step in steps]
    try:
        values = [mine.value(step) for step in steps]
    except Refused as refused:
        return f"no value: {refused}"
    peak = max(map(abs, others))
    for step, value, other in zip(steps, values, others, strict=True):
        if not abs(value - other) <= TOLERANCE * peak:
            return f"at {step}: lrdsl {other}, the reading {value}"
    return ""


def places(theirs: Any, mine: Curve, random: Random) -> list[int]:
    bounds = {*mine.boundaries(), *(part.start_step for part in theirs.parts)}
    end = mine.length if mine.length is not None else 500
    near = sorted({step + by for step in bounds for by in (-1, 0, 1) if step + by >= 0})
    if len(near) > MOST:
        near = sorted(random.sample(near, MOST))
    return [*near, *(random.randint(0, end + 3) for _ in range(5)), end]


def show(line: object) -> None:
    sys.stdout.write(f"{line}\n")


def main(count: int, start: int) -> int:
    counts: Counter[tuple[str, str]] = Counter()
    reasons: Counter[str] = Counter()
    random = Random(start)
    wrong = 0
    for program in draw(count, start):
        outcome, why = compared(program, random)
        counts[program.kind, outcome] += 1
        if outcome == "only lrdsl refuses":
            reasons[why] += 1
        if outcome in ("differ", "only the reading refuses", "only lrdsl refuses"):
            wrong += 1
            show(f"--- {outcome}: {why}\n{program.text}\n{program.run} base {program.base}")
    for (kind, outcome), number in sorted(counts.items()):
        show(f"{number:7} {kind}: {outcome}")
    for outcome in sorted({outcome for _, outcome in counts}):
        show(f"{sum(n for (_, o), n in counts.items() if o == outcome):7} {outcome}")
    show(dict(reasons))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))

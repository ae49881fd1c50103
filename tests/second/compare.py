"""Compares lrdsl with the second reading: ``python -m tests.second.compare COUNT SEED``.

Lengths have to be equal, and values within 1e-12 of the largest of a program, at every boundary,
the steps beside it, and some drawn ones. Prints what came of the programs, by kind.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from random import Random
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

import lrdsl
from tests.second.programs import KINDS, Drawn, drawn
from tests.second.reading import Curve, curves
from tests.second.syntax import Left, Refused
from tests.strategies import RUN, programs

# So many programs share a seed.
CHUNK = 500
MOST = 32
# No schedule is asked for a later step.
LAST = 10**9
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
    end = 500 if mine.length is None else min(mine.length, LAST)
    near = sorted({step + by for step in bounds for by in (-1, 0, 1) if 0 <= step + by <= LAST})
    if len(near) > MOST:
        near = sorted(random.sample(near, MOST))
    return [*near, *(random.randint(0, end + 3) for _ in range(5)), end]


def show(line: object) -> None:
    sys.stdout.write(f"{line}\n")


def chunk(count: int, start: int) -> tuple[Counter[tuple[str, str]], list[str]]:
    """Compares some programs: how many came to what, by kind, and what is wrong."""
    counts: Counter[tuple[str, str]] = Counter()
    wrong = []
    random = Random(start)
    for program in draw(count, start):
        outcome, why = compared(program, random)
        counts[program.kind, outcome] += 1
        if outcome not in ("agreed", "both refuse", "left out"):
            run = f"{program.run} base {program.base}"
            wrong.append(f"--- {outcome}: {why}\n{program.text}\n{run}")
    return counts, wrong


def main(count: int, start: int) -> int:
    """Compares programs in chunks, with two processes. A chunk has a seed of its own."""
    sizes = [min(CHUNK, count - first) for first in range(0, count, CHUNK)]
    counts: Counter[tuple[str, str]] = Counter()
    failed = False
    with ProcessPoolExecutor(2) as pool:
        seeds = range(start * 10**6, start * 10**6 + len(sizes))
        for found, wrong in pool.map(chunk, sizes, seeds):
            counts += found
            failed = failed or bool(wrong)
            for line in wrong:
                show(line)
            agreed = sum(n for (_, outcome), n in counts.items() if outcome == "agreed")
            show(f"{agreed} of {counts.total()} agreed")
    for (kind, outcome), number in sorted(counts.items()):
        show(f"{number:7} {kind}: {outcome}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))

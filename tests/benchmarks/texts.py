"""What long texts cost: lines a second next to lark itself, and growth with the parts."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator

from lrdsl.program import Program
from lrdsl.text import grammar
from lrdsl.text.parse import parse_module
from lrdsl.text.source import Source
from tests.benchmarks.timing import (
    HEAD,
    Table,
    Target,
    compared,
    duration,
    interleaved,
    ratio,
)  # fmt: skip

LINES, LINES_A_PROGRAM = 10_000, 100
GROWTH = (1_000, 10_000, 100_000)


def corpus() -> list[str]:
    """Programs of a hundred lines each; what they say is drawn with a fixed seed."""
    drawn = random.Random(6)
    return [
        "\n".join(_line(drawn, i) for i in range(LINES_A_PROGRAM))
        for _ in range(LINES // LINES_A_PROGRAM)
    ]


def _line(drawn: random.Random, i: int) -> str:
    up, down, peak = drawn.randint(2, 50), drawn.randint(20, 900), round(drawn.uniform(0.1, 1), 3)
    return drawn.choice(
        [
            f"let a{i} = warmup({up}) >> cosine({down}, {peak}, 0.01) >> const",
            f"param p{i} = {peak}  # the peak",
            f"let b{i} = step({down}ep, gamma = {peak}) * (1 - {peak} / {up})",
            f"def c{i}(x, n = {up}) = if(x < n, x / n, {peak} ^ 2)",
        ]
    )


def long_program(parts: int) -> str:
    """A program of so many parts."""
    return " >> ".join(f"linear({10 + i % 7}, 0.{1 + i % 9}, 0.1)" for i in range(parts))


def tables(rounds: int) -> Iterator[Table]:
    """Parsing and growth."""
    yield _parsing(rounds)
    yield _growth()


def _parsing(rounds: int) -> Table:
    texts = corpus()
    bare = grammar.build(grammar.grammar_text())

    def lark() -> None:
        for text in texts:
            bare.parse(text)

    def ours() -> None:
        for text in texts:
            _, errors = parse_module(Source("corpus", text))
            assert not errors

    names = "lark, to its own trees", "lrdsl, to syntax tree"
    found = interleaved({names[0]: lambda: lark, names[1]: lambda: ours}, 1, max(3, rounds // 3))
    rows = [
        [*row, f"{LINES / sorted(found[row[0]])[len(found[row[0]]) // 2]:,.0f}"]
        for row in compared(found, names[0])
    ]
    targets = [
        Target("parsing, in times of lark to its trees", ratio(found, names[1], names[0]), 1.3)
    ]
    head = (*HEAD, "lines a second")
    return Table(f"Parsing {LINES:,} generated lines", head, rows, targets)


def _growth() -> Table:
    rows, costs = [], []
    lift_limits()
    for parts in GROWTH:
        text = long_program(parts)
        times: list[float] = []
        started = time.perf_counter()

        def lap(times: list[float] = times) -> None:
            nonlocal started
            times.append(time.perf_counter() - started)
            started = time.perf_counter()

        parse_module(Source("long", text))
        lap()
        program = Program(text)  # parses too
        lap()
        schedule = program.resolve()
        lap()
        schedule(0)
        lap()
        middle = int(schedule.length) // 2
        curve = schedule.bind()
        again = math.inf
        for _ in range(3):  # the first time, the parts are bound to their values
            started = time.perf_counter()
            for t in range(middle, middle + 1000):
                curve(t)
            again = min(again, (time.perf_counter() - started) / 1000)
        whole = times[1] + times[2]
        costs.append((whole / parts, again))
        times[1] -= times[0]
        rows.append([f"{parts:,}", *map(duration, times), duration(again), duration(whole / parts)])
    head = ("parts", "parse", "check", "resolve", "first value", "a value", "a part, in all")
    a_part = Target("a part of 100,000, in times of one of 1,000", costs[2][0] / costs[0][0], 1.5)
    log = math.log(GROWTH[2]) / math.log(GROWTH[0])
    value = Target(
        "a value among 100,000 parts, in times of one among 1,000", costs[2][1] / costs[0][1], log
    )
    note = "One long pipeline, each measured once. The limits of a text are lifted for it."
    return Table("Growth with the number of parts", head, rows, [a_part, value], note)


def lift_limits() -> None:
    """Lets a text be as long as it likes."""
    from lrdsl import limits

    for name in vars(limits):
        if name.isupper() and isinstance(getattr(limits, name), int):
            setattr(limits, name, 10**12)

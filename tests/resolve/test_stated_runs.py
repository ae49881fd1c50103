"""A text that states its run: the same curves as with arguments, and schedules of other systems."""

from __future__ import annotations

import math
from bisect import bisect_right
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl.check.table import stairs
from lrdsl.resolve.run_arguments import RunArguments
from tests.oracles.closeness import assert_close

PROGRAMS = (
    "warmup(5%) >> cosine",
    "warmup(2ep) >> cosine(rest, base, 1e-3) >> const(3ep)",
    "const(3tok) >> linear(40%) >> repeat(cosine(1.5ep), 2)",
    "lr: over(10ep, warmup(10%) >> const) >> linear  momentum: linear(50tok, 0.8, 0.9)",
)


def sampled(resolved: lrdsl.Resolved) -> list[object]:
    """Boundaries and values of every schedule."""
    return [
        (
            target,
            [(part.start_step, part.length) for part in schedule.parts],
            [schedule(t, base=0.9) for t in range(0, 400, 7)],
        )
        for target, schedule in resolved.items()
    ]


@given(
    text=st.sampled_from(PROGRAMS),
    total=st.integers(60, 300).map(str) | st.integers(20, 60).map("{}ep".format),
    epoch=st.integers(4, 40).map(lambda n: n / 4),
    batch=st.integers(1, 64),
)
def test_stating_a_run_is_passing_it(text: str, total: str, epoch: float, batch: int) -> None:
    run: RunArguments = {"total": total, "steps_per_epoch": epoch, "per_step": {"tok": batch}}
    stated = f"run total = {total}, 1ep = {epoch}st, 1st = {batch}tok  {text}"
    try:
        passed = lrdsl.parse(text).resolve_all(**run)
    except lrdsl.LrsError as error:
        with pytest.raises(lrdsl.LrsError) as other:
            lrdsl.parse(stated).resolve_all()
        codes = [found.code for found in error.diagnostics]
        assert [found.code for found in other.value.diagnostics] == codes
        return
    assert sampled(lrdsl.parse(stated).resolve_all()) == sampled(passed)
    # What is the same in both is no reason for a note.
    both = lrdsl.parse(stated).resolve_all(**run)
    assert sampled(both) == sampled(passed)
    assert both.overridden == ()


STATED = "run total = 90ep, 1ep = 1281167sample, 1st = 1024sample  warmup(5ep) >> cosine"


@pytest.mark.parametrize(
    "run, length, notes",
    [
        ({}, 112603, []),  # 90 * 1281167 / 1024 = 112602.6
        ({"total": "90ep"}, 112603, []),
        ({"total": 9000}, 9000, ["`total = 90ep` is overridden: this run has total = 9000st"]),
        (
            {"steps_per_epoch": 1000},
            90000,
            ["`1ep = 1281167sample` is overridden: this run has 1ep = 1000st"],
        ),
        (
            {"per_step": {"sample": 2048}},
            56301,
            ["`1st = 1024sample` is overridden: this run has 1st = 2048sample"],
        ),
        ({"steps_per_epoch": 1281167 / 1024, "per_step": {"sample": "1024"}}, 112603, []),
    ],
)
def test_arguments_override_the_text(run: RunArguments, length: int, notes: list[str]) -> None:
    resolved = lrdsl.parse(STATED).resolve_all(**run)
    assert resolved["lr"].length == length
    assert [note.message for note in resolved.overridden] == notes


def test_a_total_is_compared_in_steps() -> None:
    program = lrdsl.parse("run total = 90ep, 1ep = 10st  linear")
    assert program.resolve_all(total=900).overridden == ()
    assert len(program.resolve_all(total=900, steps_per_epoch=5).overridden) == 2


def test_an_overridden_unit_takes_along_what_lies_behind_it() -> None:
    run = lrdsl.parse(STATED).resolve_all(steps_per_epoch=1000).run
    assert run.units == {"st": 1, "ep": 1000, "sample": Fraction(1, 1024)}
    run = lrdsl.parse(STATED).resolve_all(per_step={"sample": 2048}).run
    assert run.units["ep"] == Fraction(1281167, 2048)


def test_canonical_text_and_pickles_keep_the_run() -> None:
    text = "run   total=90ep,1ep=10st\nrun 1st = stairs([5],[2tok,4tok])\nwarmup(5tok)>>cosine"
    program = lrdsl.parse(text)
    written = "run total = 90ep, 1ep = 10st\nrun 1st = stairs([5], [2tok, 4tok])\n"
    assert str(program) == f"{written}warmup(5tok) >> cosine"
    again = lrdsl.parse(str(program))
    assert again == program
    assert sampled(again.resolve_all()) == sampled(program.resolve_all())


# Tables.


@given(
    st.lists(st.tuples(st.integers(1, 50), st.integers(1, 9)), max_size=6),
    st.integers(1, 9),
    st.fractions(0, 600, max_denominator=12),
)
def test_a_table_adds_up_step_by_step(
    rises: list[tuple[int, int]], first: int, amount: Fraction
) -> None:
    places, sizes, place = [], [first], 0
    for distance, size in rises:
        place += distance
        places.append((place, False))
        sizes.append(size)
    table = stairs("tok", sizes, places)
    taken = 0
    ends = [start for start, _ in places]
    for n in range(place + 100):
        assert table.taken(n) == taken
        size = sizes[bisect_right(ends, n)]
        if taken <= amount < taken + size:
            assert table.reached(amount) == n + Fraction(amount - taken, size)
        taken += size
    assert table.taken(table.reached(amount)) == amount


def megatron(start: int, increment: int, ramp: int, size: int, steps: int) -> list[int]:
    """The samples before each update under --rampup-batch-size START INCREMENT RAMP."""
    increments = (size - start) // increment
    consumed = [0]
    for _ in range(steps):
        done = consumed[-1]
        batch = size if done > ramp else min(size, start + done * increments // ramp * increment)
        consumed.append(done + batch)
    return consumed


RAMP = "run 1st = ramp(16sample, 1536sample, by = 16sample, over = 5859375sample)\n"


def test_the_ramp_of_megatron() -> None:
    """gpt3 175B: --rampup-batch-size 16 16 5859375 --global-batch-size 1536, in whole samples."""
    consumed = megatron(16, 16, 5_859_375, 1536, 20_000)
    run = lrdsl.parse(f"{RAMP}const").resolve_all().run
    assert run.ramp is not None
    assert [run.ramp.table.taken(n) for n in range(20_001)] == consumed


def nearest(consumed: list[int], samples: int) -> int:
    """The update nearest to where so many samples were taken, half up."""
    n = bisect_right(consumed, samples) - 1
    return n + (2 * (samples - consumed[n]) >= consumed[n + 1] - consumed[n])


@pytest.mark.parametrize("warm, decay", [(100, 9_000_000), (4_096_000, 12_345_678)])
def test_boundaries_under_the_ramp_of_megatron(warm: int, decay: int) -> None:
    consumed = megatron(16, 16, 5_859_375, 1536, 30_000)
    text = f"{RAMP}warmup({warm}sample) >> cosine({decay}sample, end = 0.1) >> const"
    schedule = lrdsl.parse(text).resolve()
    starts = [0, nearest(consumed, warm), nearest(consumed, warm + decay)]
    assert [part.start_step for part in schedule.parts] == starts


def test_the_decay_of_megatron_after_its_ramp() -> None:
    """The rate is held while the batch grows, then falls linearly with the samples."""
    consumed = megatron(16, 16, 5_859_375, 1536, 30_000)
    begin, decay, low = consumed[21_000], 1536 * 5_000, 0.1
    assert consumed[21_001] - begin == 1536
    text = f"{RAMP}const({begin}sample) >> linear({decay}sample, end = {low}) >> const"
    schedule = lrdsl.parse(text).resolve()
    expected = [1.0 - (1.0 - low) * min(1.0, max(0.0, (done - begin) / decay)) for done in consumed]
    assert_close([schedule(t, base=1.0) for t in range(30_001)], expected, peak=1.0)


def test_the_schedule_of_megatron_in_samples() -> None:
    """Without a ramp the rate of each update is that of the samples before it."""
    warm, decay, low, batch = 1536 * 400, 1536 * 5_000, 0.1, 1536
    text = (
        f"run 1st = {batch}sample  warmup({warm}sample) >> cosine({decay - warm}sample, end = 0.1)"
    )

    def rate(samples: int) -> float:
        if samples <= warm:
            return samples / warm
        if samples > decay:
            return low
        ratio = (samples - warm) / (decay - warm)
        return low + (1 - low) * 0.5 * (math.cos(math.pi * ratio) + 1)

    schedule = lrdsl.parse(text).resolve()
    steps = range(6_000)
    assert_close([schedule(t) for t in steps], [rate(t * batch) for t in steps], peak=1.0)


def test_the_schedule_of_nanogpt() -> None:
    """train_gpt2.py: 12 * 1024 * 40 tokens an update, its iterations as tokens."""
    rate, low, warm, decay = 6e-4, 6e-5, 2_000, 600_000
    tokens = 12 * 1024 * 5 * 8
    text = (
        f"run total = {decay * tokens}tok, 1st = {tokens}tok\n"
        f"warmup({warm * tokens}tok, base / 2001) >> cosine(rest, base, base / 10)"
    )

    def get_lr(it: int) -> float:
        if it < warm:
            return rate * (it + 1) / (warm + 1)
        if it > decay:
            return low
        ratio = (it - warm) / (decay - warm)
        return low + 0.5 * (1.0 + math.cos(math.pi * ratio)) * (rate - low)

    schedule = lrdsl.parse(text).resolve()
    assert [part.start_step for part in schedule.parts] == [0, warm]
    assert schedule.length == decay
    steps = [*range(2_100), *range(2_100, 600_100, 997), 599_999, 600_000, 600_001]
    found = [schedule(t, base=rate) for t in steps]
    assert_close(found, [get_lr(t) for t in steps], peak=rate)


@given(
    st.integers(1, 40), st.integers(1, 4), st.integers(1, 8), st.fractions(8, 60, max_denominator=8)
)
def test_cycles_in_tokens_by_their_closed_form(
    place: int, first: int, second: int, cycle: Fraction
) -> None:
    """Step t is in cycle ceil(T(t + 1/2) / c) - 1, where T counts the tokens before a step."""
    text = f"run 1st = stairs([{place}], [{first}tok, {second}tok])\n"
    text += f"repeat(linear({cycle.numerator}tok / {cycle.denominator}, 1, 0), 9)"
    schedule = lrdsl.parse(text).resolve()
    cycles = []
    for t in range(int(schedule.length)):
        half = Fraction(2 * t + 1, 2)
        early = half if half < place else Fraction(place)
        taken = first * early + second * (half - early)
        cycles.append(math.ceil(taken / cycle) - 1)
    assert cycles[-1] == 8
    for t, k in enumerate(cycles):
        start, length = cycles.index(k), cycles.count(k)
        assert schedule(t) == pytest.approx(1 - (t - start) / length, abs=1e-12)


def test_arrays_read_a_table_as_scalars_do() -> None:
    numpy = pytest.importorskip("numpy")
    schedule = lrdsl.parse(f"{RAMP}warmup(3000000sample) >> cosine(9000000sample)").resolve()
    steps = [*range(0, 22_000, 13)]
    values = schedule.values(22_000, base=0.3)
    assert [values[t] for t in steps] == pytest.approx([schedule(t, base=0.3) for t in steps])
    curve = schedule.bind(0.3)
    assert curve(numpy.array(steps)) == pytest.approx(values[steps])
    text = "run 1st = stairs([10], [2tok, 4tok])  repeat(warmup(5tok) >> cosine(5tok), 30)"
    schedule = lrdsl.parse(text).resolve()
    scalar = [schedule(t, base=0.3) for t in range(90)]
    assert list(schedule.values(90, base=0.3)) == pytest.approx(scalar)
    assert schedule.bind(0.3)(numpy.arange(90)) == pytest.approx(scalar)


def test_a_part_is_told_as_it_was_written() -> None:
    schedule = lrdsl.parse(f"{RAMP}warmup(3Msample) >> cosine(9Msample)").resolve()
    assert [part.written_length for part in schedule.parts] == ["3Msample", "9Msample"]


def test_huge_tables_and_runs_end_soon() -> None:
    text = "run total = 1000Btok, 1st = ramp(1tok, 9999tok, by = 1tok, over = 100Btok)\n"
    schedule = lrdsl.parse(f"{text}warmup(1%) >> cosine(rest) >> linear(10Btok)").resolve()
    rising = sum(1e11 / 9998 / size for size in range(1, 9999))
    assert schedule.length == pytest.approx(rising + 9e11 / 9999, rel=1e-4)
    for text in (
        "run 1st = ramp(1tok, 1Btok, by = 1tok, over = 100Btok)  const(5)",
        "run 1st = stairs([1e300st], [2tok, 1tok])  const(5)",
        "run 1ep = 1e300st  const(5ep)",
        "run 1st = stairs([10], [1tok, 2tok])  repeat(linear(5tok), 1000000000)",
        "run 1st = stairs([10], [1tok, 2tok])  repeat(repeat(linear(5tok), 9000), 9000)",
    ):
        with pytest.raises(lrdsl.LrsError):
            lrdsl.parse(text).resolve()
    tiny = lrdsl.parse("run 1st = stairs([10], [1e-300tok, 1tok])  const(5tok)").resolve()
    assert tiny.length == 15
    many = ", ".join(f"1u{i} = 1e300u{i + 1}" for i in range(9_000))
    with pytest.raises(lrdsl.LrsError, match="LRS104"):
        lrdsl.parse(f"run {many}, 1u9000 = 1st  const(5)").resolve()
    many = ", ".join(f"1u{i} = 2u{i + 1}" for i in range(900))
    run = lrdsl.parse(f"run {many}, 1u900 = 1st  const(5)").resolve_all().run
    assert run.units["u0"] == 2**900


def test_an_event_behind_what_takes_the_rest_is_refused_under_a_table() -> None:
    text = "run total = 40, 1st = stairs([5], [1tok, 2tok])\n"
    text += 'const >> until(signal("b"), const(7tok)) >> linear(5tok)'
    with pytest.raises(lrdsl.LrsError) as caught:
        lrdsl.parse(text).resolve()
    assert [d.slug for d in caught.value.diagnostics] == ["second-rest"]


@pytest.mark.parametrize("total", ["6tok", "7tok", "40tok", "100tok"])
@pytest.mark.parametrize(
    "text",
    [
        "repeat(const(4tok, 1) >> until(12tok, const(3tok, 2) >> const(value = 3)), 2)",
        "repeat(const(4tok, 1) >> until(3tok, linear), 2)",
        "repeat(until(10tok, linear), 3)",
        "repeat(until(6tok, const(2tok, 1) >> linear))",
        "repeat(skip(2tok, until(8tok, linear)), 2)",
        "repeat(warmup(2tok) >> linear, 3)",
        "over(60tok, warmup(10tok) >> until(20tok, linear) >> const) >> linear(20tok)",
        "const(40tok) >> until(4tok, linear)",
    ],
)
def test_a_rest_reaches_as_far_in_a_table_of_equal_sizes_as_without(text: str, total: str) -> None:
    def found(size: str) -> object:
        try:
            schedule = lrdsl.parse(f"run 1st = {size}  {text}").resolve(total=total)
        except lrdsl.LrsError as error:
            return [diagnostic.code for diagnostic in error.diagnostics]
        return schedule.length, [schedule(t) for t in range(70)]

    assert found("stairs([5], [2tok, 2tok])") == found("2tok")

"""Texts for curves: what is found, what is proven, and what is refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import lrdsl
from lrdsl.fitting.families import Family
from lrdsl.logs.read import read
from lrdsl.logs.reader import Unreadable
from tests.fitting.recipes import Recipe, recipes
from tests.fitting.score import is_right

ROOT = Path(lrdsl.__file__).parents[1]
# Curves of different recipes that take little time; the score measures all of them.
SAMPLE = [0, 2, 4, 5, 6, 13, 14, 15, 16, 22, 24, 28, 30, 34, 46, 53, 55, 59]

SFT = ROOT / "examples" / "logs" / "sft.json"

WRONG_ROWS: Any = [0.1, 0.2]
WRONG_SOURCE: Any = 3


@pytest.fixture(scope="module")
def drawn() -> list[Recipe]:
    return recipes(max(SAMPLE) + 1)


@pytest.mark.parametrize(
    ("text", "total"),
    [
        ("triangular(100, 0.001, 0.01)", 1000),
        ("triangular(137, 0.001, 0.01)", 2000),
        ("triangular(137, 0.001, 0.01, down = 300)", 3000),
        ("wsds(400, 100, 0.01)", 3000),
        ("wsds(433, 71, 0.01, 1e-4)", 3000),
        ("repeat(cosine(77, 0.1, 0.01) >> warmup(77, 0.01, 0.1, half_cosine))", 1500),
    ],
)
@pytest.mark.parametrize("offset", [0, -1])
def test_cycles_of_any_shapes_are_found(text: str, total: int, offset: int) -> None:
    schedule = lrdsl.parse(text).resolve()
    rows = [(t - offset, float(f"{schedule(t):.3e}")) for t in range(0, total, 10)]
    found = lrdsl.fit(rows)
    assert found.program is not None and found.offset == offset
    again = found.program.resolve()
    assert [again(t) for t in range(total)] == pytest.approx([schedule(t) for t in range(total)])


@pytest.fixture(scope="module")
def all_drawn() -> list[Recipe]:
    return recipes()


@pytest.mark.parametrize("i", SAMPLE)
def test_a_drawn_curve_is_found_at_every_step_or_refused(drawn: list[Recipe], i: int) -> None:
    found = lrdsl.fit(drawn[i].log())
    assert is_right(drawn[i], found), (drawn[i].text, str(found))


def hf_cosine(t: int) -> float:
    """Transformers' cosine with warm-up, as its source has it."""
    if t < 37:
        return 3e-4 * t / 37
    return 3e-4 * 0.5 * (1 + math.cos(math.pi * (t - 37) / (1000 - 37)))


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_the_offset_that_gives_the_shortest_text_is_found(offset: int) -> None:
    rows = [(step, float(f"{hf_cosine(step + offset):.3e}")) for step in range(10, 990, 10)]
    found = lrdsl.fit(rows)
    assert (found.text, found.offset) == ("warmup(37) >> cosine(963, 3e-4)", offset)


def test_a_log_has_the_offset_of_its_system() -> None:
    found = lrdsl.fit(ROOT / "examples" / "logs" / "sft.json")
    assert found.texts == ("warmup(20) >> cosine(180, 3e-4)",)
    assert (found.offset, found.readings, str(found.precision)) == (-1, 100, "float64")
    assert "(rates of update s - 1, within float64)" in found.proof


def test_with_a_base_the_text_says_so() -> None:
    rows = [(t, float(f"{hf_cosine(t):.3e}")) for t in range(0, 1000, 10)]
    found = lrdsl.fit(rows, base=3e-4)
    assert found.text == "warmup(37) >> cosine(963, base)"
    assert found.program is not None
    assert found.program.resolve()(37, base=3e-4) == 3e-4


def test_a_total_says_where_a_log_that_stops_early_would_have_ended() -> None:
    rows = [(t, 1e-3 - 9e-4 * t / 500) for t in range(0, 300, 10)]
    assert lrdsl.fit(rows, total=500).text == "linear(500, 0.001, 1e-4)"


def test_steps_that_no_text_explains_are_named() -> None:
    def curve(t: int) -> float:
        noise = math.sin(t * t) if 400 <= t < 500 else 0.0
        return 0.1 + 0.01 * noise

    found = lrdsl.fit(curve, steps=1000)
    assert not found and found.text is None and found.program is None
    assert found.proof.startswith("found no text that explains steps 4")
    assert str(found) == found.proof


@pytest.mark.parametrize("peak", [1e-300, 1e-307, 1e-320, 1e300])
def test_rates_that_are_hardly_numbers_are_fitted_or_refused(peak: float) -> None:
    rows = [(t, peak * (20 - t)) for t in range(21)]
    found = lrdsl.fit(rows)
    assert found.readings == 21
    if found.program is not None:
        again = found.program.resolve()
        assert [again(t) for t, _ in rows] == pytest.approx(
            [rate for _, rate in rows], rel=1e-12, abs=0
        )
    else:
        assert found.proof.startswith("found no text that explains steps 0")


def test_a_function_is_asked_at_every_step() -> None:
    found = lrdsl.fit(lambda t: 0.1 * 0.5 ** (t // 30), steps=100)
    assert found.texts == ("step(30, 0.5, start = 0.1)",)


def test_a_torch_scheduler_is_stepped_on_a_copy() -> None:
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: 0.99**t)
    found = lrdsl.fit(scheduler, steps=200)
    assert found.text == "exponential(0.99, start = base)"
    assert scheduler.last_epoch == 0


def test_the_rates_after_a_resume_count(tmp_path: Path) -> None:
    def row(step: int, rate: float) -> str:
        return f'{{"step": {step}, "learning_rate": {rate}}}'

    lost = [row(t, 9.0) for t in (110, 120)]
    kept = [row(t, 0.1 * (1 - t / 400)) for t in range(10, 400, 10)]
    history = ", ".join([*kept[:10], *lost, *kept[10:]])
    path = tmp_path / "trainer_state.json"
    path.write_text(f'{{"log_history": [{history}]}}')
    assert lrdsl.fit(path).text == "linear(400, 0.1)"


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: lrdsl.fit(lambda t: 0.1), ValueError, "pass `steps=`"),
        (lambda: lrdsl.fit([(0, 0.1)] * 3), ValueError, "rates of 1 step: a fit needs 3"),
        (lambda: lrdsl.fit([(0, 1.0)], steps=4), ValueError, "has steps of its own"),
        (lambda: lrdsl.fit([(0, 1.0)], rate="lr"), ValueError, "this is none"),
        (lambda: lrdsl.fit([(0, 1.0)], run_name="a"), ValueError, "this is none"),
        (lambda: lrdsl.fit([(t * 10**17, 1.0) for t in range(4)]), ValueError, r"at most 2\^53"),
        (lambda: lrdsl.fit([(-1, 1.0), (0, 1.0), (1, 1.0)]), ValueError, "0 or more, not -1"),
        (
            lambda: lrdsl.fit([(0, 1.0), (1, 1.0), (1, 0.5), (2, 1.0)]),
            ValueError,
            "step 1 has two rates, 1.0 and 0.5",
        ),
        (lambda: lrdsl.fit([(t, 1.0) for t in (30, 20, 10, 0)]), ValueError, "sort the rows"),
        (lambda: lrdsl.fit(SFT, rate=WRONG_SOURCE), TypeError, "rate is the name of a column"),
        (lambda: lrdsl.fit(SFT, step=WRONG_SOURCE), TypeError, "step is the name of a column"),
        (lambda: lrdsl.fit(SFT, logging_steps=0), ValueError, "logging_steps is 1 or more, not 0"),
        (lambda: lrdsl.fit(read(SFT), step="step"), ValueError, "step= has no effect"),
        (lambda: lrdsl.fit(read(SFT), logging_steps=2), ValueError, "logging_steps= has no effect"),
        (lambda: lrdsl.fit(read(SFT), rate="nix"), Unreadable, "no column `nix`.*learning_rate"),
        (lambda: lrdsl.fit(WRONG_ROWS), TypeError, "a row is a step and a rate"),
        (lambda: lrdsl.fit(WRONG_SOURCE), TypeError, "a fit takes a log"),
        (lambda: lrdsl.fit([(0, 1.0)] * 3, total=0), lrdsl.LrsError, "above 0"),
        (lambda: lrdsl.fit([(0, 1.0)] * 3, base=0), ValueError, "base is a rate above 0, not 0.0"),
        (lambda: lrdsl.fit([(0, 1.0)] * 3, base=math.nan), ValueError, "above 0, not nan"),
    ],
)
def test_what_is_missing_is_said(
    ask: Callable[[], object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        ask()


@pytest.mark.parametrize(
    "text",
    [
        "warmup(10) >> cosine(90, 3e-4)",
        "warmup(20) >> const(value = 0.1)",
        "step(30, start = 0.1)",
        "multistep([30, 70], 0.3, start = 0.07)",
        "stairs([30, 70], [0.1, 0.07, 0.01])",
    ],
)
@pytest.mark.parametrize("every", [1, 5])
def test_a_log_in_float32_has_round_numbers(tmp_path: Path, text: str, every: int) -> None:
    schedule = lrdsl.parse(text).resolve()
    log = tmp_path / "log.csv"
    rates = [(t, float(np.float32(schedule(t)))) for t in range(0, 100, every)]
    log.write_text("step,lr\n" + "".join(f"{t},{rate!r}\n" for t, rate in rates))
    found = lrdsl.fit(log)
    assert (found.text, str(found.precision)) == (text, "float32")


@pytest.mark.parametrize("form", ["{!r}", "{:.3e}"])
@pytest.mark.parametrize(
    "text",
    [
        "warmup(10) >> cosine(90, 3e-4)",
        "warmup(5) >> cosine(95, 3e-4)",
        "const(50, 0.001) >> linear(100)",
    ],
)
def test_a_short_log_is_explained_from_its_first_reading(
    tmp_path: Path, text: str, form: str
) -> None:
    schedule = lrdsl.parse(text).resolve()
    log = tmp_path / "log.csv"
    log.write_text(
        "step,lr\n" + "".join(f"{t},{form.format(schedule(t))}\n" for t in range(0, 100, 10))
    )
    found = lrdsl.fit(log)
    assert (found.text, found.offset) == (text, 0)


@pytest.mark.parametrize("form", ["{!r}", "{:.3e}"])
def test_no_shape_ends_before_it_begins(tmp_path: Path, form: str) -> None:
    schedule = lrdsl.parse("warmup(20) >> cosine(80, 3e-4)").resolve()
    log = tmp_path / "log.csv"
    log.write_text(
        "step,lr\n" + "".join(f"{t},{form.format(schedule(t))}\n" for t in range(0, 100, 10))
    )
    assert lrdsl.fit(log).text in ("warmup(20) >> cosine(80, 3e-4)", None)


def test_the_rate_that_a_one_cycle_has_overwritten_is_no_base() -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1)
    scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.3, total_steps=200)
    found = lrdsl.fit(scheduler, steps=200)
    assert found.text is not None and "base" not in found.text
    assert found.base is None


def test_a_log_without_steps_needs_logging_steps(tmp_path: Path) -> None:
    lines = [{"loss": 1.0, "learning_rate": 0.1 * (1 - t / 400), "epoch": t / 100}
             for t in range(10, 400, 10)]  # fmt: skip
    log = tmp_path / "out.txt"
    log.write_text("".join(f"{line}\n" for line in lines))
    assert lrdsl.fit(log, logging_steps=10).text == "linear(400, 0.1)"
    with pytest.raises(Unreadable, match="name its logging_steps"):
        lrdsl.fit(log)
    with pytest.raises(Unreadable, match="logging_steps has no effect"):
        lrdsl.fit(ROOT / "examples" / "logs" / "sft.json", logging_steps=10)


def test_steps_that_are_far_apart_take_no_longer() -> None:
    found = lrdsl.fit([(i * 10**9, 3e-4 * (1 - i / 20)) for i in range(20)])
    assert found.text == "linear(20000000000, 3e-4)"


def test_the_largest_step_is_the_last_one_of_a_fit() -> None:
    found = lrdsl.fit([(i * 10**14, 3e-4 * (1 - i / 90)) for i in range(90)])
    assert found.text == "linear(9000000000000000, 3e-4)"
    # The line would end beyond 2^53.
    assert not lrdsl.fit([(i * 10**15, 3e-4 * (1 - i / 20)) for i in range(9)])


def test_rows_after_a_resume_count() -> None:
    rows = [(t, 0.1) for t in range(0, 60, 10)] + [
        (t, 0.1 * (1 - t / 400)) for t in range(0, 400, 10)
    ]
    assert lrdsl.fit(rows).text == "linear(400, 0.1)"


def test_a_rate_that_is_logged_twice_counts_once() -> None:
    rows = [(t, 0.1 * (1 - t / 400)) for t in range(0, 400, 10) for _ in range(2)]
    found = lrdsl.fit(rows)
    assert (found.text, found.readings) == ("linear(400, 0.1)", 40)


def test_rates_of_0_are_constant() -> None:
    found = lrdsl.fit([(t, 0.0) for t in range(20)])
    assert found.texts == ("const(value = 0)",)


@pytest.mark.parametrize("form", ["{!r}", "{:.3e}"])
@pytest.mark.parametrize("last", [500, 1000, 3000])
def test_the_start_of_a_cosine_leaves_its_end_open(form: str, last: int) -> None:
    def rate(t: int) -> float:
        return 3e-4 * (1 + math.cos(math.pi * t / 10_000)) / 2

    rows = [(t, float(form.format(rate(t)))) for t in range(0, last, 10)]
    found = lrdsl.fit(rows)
    assert found.text == "cosine(10000, 3e-4)"
    assert found.guessed == (last - 9, 9_999)
    said = f"; the log ends at step {last - 10:,}, so the text for steps {last - 9:,} to 9,999"
    assert found.proof.endswith(f"{said} is a guess")
    whole = lrdsl.fit(rows, total=10_000)
    assert (whole.text, whole.guessed) == (found.text, None)


def test_a_log_of_the_whole_run_leaves_nothing_open() -> None:
    assert lrdsl.fit(SFT).guessed is None
    assert lrdsl.fit([(t, 0.1) for t in range(10)]).guessed is None


@pytest.mark.parametrize("eta_min", [0.0, 1e-3])
@pytest.mark.parametrize(("t_max", "steps"), [(50, 80), (50, 120), (60, 400)])
def test_a_cosine_of_torch_that_goes_on_after_its_end_is_found(
    eta_min: float, t_max: int, steps: int
) -> None:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.1)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, t_max, eta_min)
    found = lrdsl.fit(scheduler, steps=steps)
    assert found.text is not None
    assert lrdsl.equivalent(found.text, scheduler, steps=steps)


# Curves that once took the most descents, and the most shapes of one stretch.
@pytest.mark.parametrize("i", [23, 83, 121, 123, 169, 239])
def test_the_work_of_a_fit_is_bounded(
    all_drawn: list[Recipe], monkeypatch: pytest.MonkeyPatch, i: int
) -> None:
    values, evaluated = Family.values, 0

    def counted(self: Family, t: Any, given: Any) -> Any:
        nonlocal evaluated
        evaluated += 1
        return values(self, t, given)

    monkeypatch.setattr(Family, "values", counted)
    lrdsl.fit(all_drawn[i].log())
    # Before chains were rounded together, up to 300,000.
    assert 0 < evaluated < 40_000


def test_a_shape_that_grows_without_bound_is_no_answer() -> None:
    found = lrdsl.fit([(0, 1.0), (1, 0.5), (2, 0.9)])
    assert not found and found.unexplained == ((0, 2),)


def test_a_run_is_chosen_of_several(tmp_path: Path) -> None:
    log = tmp_path / "chart.csv"
    rows = [f'"{t}","{0.1 * (1 - t / 40)!r}","0.3","0.3"' for t in range(0, 40, 2)]
    log.write_text("\n".join(['"Step","one - lr","two - lr","two - lr__MIN"', *rows, ""]))
    with pytest.raises(ValueError, match="has 2 runs, `one` and `two`: say which with run_name="):
        lrdsl.fit(log)
    for source in (log, read(log)):
        assert lrdsl.fit(source, run_name="one").text == "linear(40, 0.1)"
        assert lrdsl.fit(source, run_name="two").text == "const(value = 0.3)"
    with pytest.raises(Unreadable, match="there is no run 'three'"):
        lrdsl.fit(log, run_name="three")


def test_a_log_that_begins_in_the_middle_of_a_run() -> None:
    found = lrdsl.fit(rows_of("linear(1000, 3e-4)", 1000, 5)[40:])
    assert (found.text, found.unseen) == ("linear(1000, 3e-4)", (0, 199))
    said = "; the log begins at step 200, so the text for steps 0 to 199 is a guess"
    assert found.proof.endswith(said)
    refused = lrdsl.fit(rows_of("warmup(100) >> cosine(900, 3e-4)", 1000, 5)[40:])
    assert not refused and refused.unseen == (0, 199)
    assert "the log begins at step 200, and a text begins with the run" in refused.proof
    assert lrdsl.fit(SFT).unseen is None


@pytest.mark.parametrize("total", [800, 1200])
def test_a_total_that_no_text_has_is_named(total: int) -> None:
    found = lrdsl.fit(rows_of("cosine(1000, 3e-4)", 1000, 10), total=total)
    assert not found and found.without_total == "cosine(1000, 3e-4)"
    assert found.proof.endswith("in a run of that total; without it, `cosine(1000, 3e-4)` does")


LONG = "warmup(500) >> const(8500, 0.001) >> linear(1000)"


def rows_of(text: str, total: int, every: int, form: str = "%r") -> list[tuple[int, float]]:
    """The rates of a text as a program prints them, read as numbers."""
    rates = lrdsl.parse(text).resolve().values(total)
    return [(t, float(form % float(rates[t]))) for t in range(0, total, every)]


@pytest.mark.parametrize("form", ["%.3e", "%.6f", "%r"])
@pytest.mark.parametrize("every", [1, 7, 10])
def test_how_rows_were_rounded_is_inferred(every: int, form: str) -> None:
    found = lrdsl.fit(rows_of(LONG, 10_000, every, form))
    assert (found.text, found.offset) == (LONG, 0)


def test_a_curve_with_few_texts_may_be_rounded() -> None:
    text = "warmup(100) >> restarts(100, 1, 0.1)"
    found = lrdsl.fit(rows_of(text, 1000, 10, "%.3e"))
    assert (found.text, str(found.precision)) == (text, "4 significant digits")


@pytest.mark.parametrize(
    "text", ["warmup(500) >> cosine(4500, 3e-4)", "warmup(500) >> linear(4500, 0.001)"]
)
@pytest.mark.parametrize("every", [1, 10])
def test_a_log_of_json_may_hold_rounded_rates(tmp_path: Path, text: str, every: int) -> None:
    rates = rows_of(text, 5000, every, "%.6f")
    history = [{"step": t + 1, "learning_rate": rate} for t, rate in rates]
    path = tmp_path / "trainer_state.json"
    path.write_text(json.dumps({"log_history": history}))
    found = lrdsl.fit(path)
    assert (found.text, str(found.precision), found.offset) == (text, "6 decimals", -1)


@pytest.mark.parametrize(
    "text",
    [
        "warmup(10) >> cosine(90, 3e-4)",
        "const(value = 3e-4)",
        "warmup(20) >> const(value = 3e-4)",
        "step(30, start = 0.1)",
    ],
)
@pytest.mark.parametrize("every", [1, 5])
def test_float32_is_recognized_in_numbers(text: str, every: int) -> None:
    rows = [(t, float(np.float32(rate))) for t, rate in rows_of(text, 100, every)]
    of_function = {t: float(np.float32(rate)) for t, rate in rows_of(text, 100, 1)}
    for found in (lrdsl.fit(rows), lrdsl.fit(of_function.__getitem__, steps=100)):
        assert (found.text, str(found.precision)) == (text, "float32")


@pytest.mark.parametrize("value", [0.123456789012, 1.23456789012345e-4, 1 / 3])
def test_a_constant_may_have_any_digits(value: float) -> None:
    for rows in (
        [(t, value) for t in range(50)],
        [(t, value * min(t, 10) / 10) for t in range(50)],
        [(t, value * (1 - t / 60)) for t in range(50)],
    ):
        found = lrdsl.fit(rows)
        assert found.program is not None
        curve = found.program.resolve()
        assert [curve(t) for t, _ in rows] == pytest.approx([x for _, x in rows], abs=1e-12 * value)


@pytest.mark.parametrize("every", [1, 5, 10])
@pytest.mark.parametrize("end", ["", ", 0.01"])
@pytest.mark.parametrize("form", ["%r", "%.3e"])
def test_cycles_after_a_short_warm_up_are_found(every: int, end: str, form: str) -> None:
    text = f"warmup(10) >> restarts(100, 1, 0.1{end})"
    assert lrdsl.fit(rows_of(text, 1000, every, form)).text == text


def test_many_cycles_are_found() -> None:
    assert lrdsl.fit(rows_of("restarts(10, 1, 0.1)", 5000, 1)).text == "restarts(10, 1, 0.1)"


@pytest.mark.filterwarnings("error")
def test_a_descent_that_overflows_is_silent(all_drawn: list[Recipe]) -> None:
    lrdsl.fit(all_drawn[122].log())
    rows = [(t, float(np.float32(1e-3 * (1 + math.sin(t * t))))) for t in range(40)]
    assert not lrdsl.fit(rows)


# Curves that nothing explains, each of which once took minutes.
REFUSED = {
    "rounded": lambda: [round(1.5e-4 * (1 + math.cos(t / 1600)), 9) for t in range(5000)],
    "two values": lambda: [0.1 if t % 2 else 0.05 for t in range(5000)],
    "a little noise": lambda: [
        1.5e-4 * (1 + math.cos(t / 1600)) * (1 + 1e-6 * math.sin(t * t)) for t in range(5000)
    ],
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_work_for_what_is_refused_is_bounded(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates, values, evaluated = REFUSED[name](), Family.values, 0

    def counted(self: Family, t: Any, given: Any) -> Any:
        nonlocal evaluated
        evaluated += 1
        return values(self, t, given)

    monkeypatch.setattr(Family, "values", counted)
    assert not lrdsl.fit(lambda t: rates[t], steps=len(rates))
    assert 0 < evaluated < 50_000


def test_noise_is_refused() -> None:
    noise = np.random.default_rng(1).random(3000)
    assert not lrdsl.fit([*enumerate(noise.tolist())])


@pytest.mark.parametrize("text", ["poly(1000, 0.01, power = 0.9)", "poly(1000, 0.01, 1e-4, 0.9)"])
@pytest.mark.parametrize("every", [1, 3])
def test_a_decay_that_is_steep_at_its_end_is_found(text: str, every: int) -> None:
    """Up to its last reading, which a shape that ends before it would take for its end."""
    schedule = lrdsl.parse(text).resolve()
    found = lrdsl.fit([(t, schedule(t)) for t in range(0, 1000, every)])
    assert found.program is not None
    curve = found.program.resolve().values(1001)
    assert curve == pytest.approx(schedule.values(1001), abs=1e-11)

"""Audits of logs that torch's runs have left, good and wrong."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

import lrdsl
from lrdsl.auditing.answer import DepartureError
from lrdsl.logs.log import Block, Log, Offset, Run, Series
from lrdsl.logs.precision import FLOAT64, Precision
from tests.auditing.runs import (
    FLOAT32,
    FORMS,
    FOUR,
    TEXT,
    TRAINERS,
    as_float32,
    as_printed,
    factor,
    log_of,
    rows,
    torchs,
)

# Given as a schedule, for which no mistakes are looked for.
SCHEDULE = lrdsl.parse(TEXT).resolve()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("offset", [-1, 0, 1])
@pytest.mark.parametrize("every", [1, 10])
def test_a_run_that_followed(form: str, offset: int, every: int) -> None:
    precision, held = FORMS[form]
    readings = held(rows(torchs(200), offset, every))
    (found,) = lrdsl.audit(log_of(readings, precision), TEXT).verdicts
    assert (found.status, found.agreeing) == ("follows", len(readings))
    assert found.readings == len(readings)
    update = {-1: "update s - 1", 0: "update s", 1: "update s + 1"}[offset]
    if not found.offsets:
        assert found.offset == offset
        assert str(found).startswith(
            f"lr follows the schedule at all {len(readings)} logged steps"
            f" (rates of {update}, within {form})"
        )
    assert not found.offsets or (form, offset in found.offsets) == ("7 decimals", True)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_a_run_that_was_wrong_once(form: str, offset: int) -> None:
    precision, held = FORMS[form]
    rates = torchs(200)
    rates[70] *= 1.01
    (found,) = lrdsl.audit(log_of(held(rows(rates, offset)), precision), SCHEDULE).verdicts
    assert (found.status, found.offset, found.agreeing) == ("leaves", offset, 199)
    assert found.first is not None and found.worst == found.first
    assert found.first.step == 70 - offset
    assert found.first.expected == pytest.approx(3e-4 * factor(70), rel=1e-12)
    assert found.first.logged == pytest.approx(3.03e-4 * factor(70), rel=1e-3)
    start = min(step for step, _ in rows(rates, offset))
    assert found.ranges == ((start, 69 - offset), (71 - offset, 199 - offset))


@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_a_run_that_left_at_a_step(offset: int) -> None:
    rates = torchs(200, late=120)
    (found,) = lrdsl.audit(log_of(rows(rates, offset)), SCHEDULE).verdicts
    assert found.first is not None and found.worst is not None
    assert (found.offset, found.first.step) == (offset, 121 - offset)
    assert found.ranges == ((-offset if offset < 1 else -1, 120 - offset),)
    gaps = [abs(rate - 3e-4 * factor(t)) for t, rate in enumerate(rates)]
    assert found.worst.step == gaps.index(max(gaps)) - offset
    assert found.worst.gap == pytest.approx(max(gaps), rel=1e-9)


def test_the_whole_text_of_a_departure() -> None:
    audit = lrdsl.audit(log_of(rows(torchs(200, calls=4), -1)), TEXT)
    assert not audit
    lines = str(audit).splitlines()
    assert lines[0] == f"a log (a test) beside {TEXT}:"
    assert lines[1] == (
        "lr leaves the schedule at step 2: 6e-5 is logged and 1.5e-5 expected"
        " (rates of update s - 1, within float64)"
    )
    assert lines[2] == "  agrees at 1 of 200 logged steps: 1"
    assert any("stepped 4 times an update" in line for line in lines)
    with pytest.raises(AssertionError, match="leaves the schedule at step 2"):
        audit.raise_for_departure()
    assert issubclass(DepartureError, AssertionError)
    lrdsl.audit(log_of(rows(torchs(200))), TEXT).raise_for_departure()


def test_a_system_with_known_offsets() -> None:
    rates = torchs(200)
    for offset in (0, -1):
        (found,) = lrdsl.audit(log_of(rows(rates, offset), FLOAT64, TRAINERS), TEXT).verdicts
        assert (found.status, found.offset, found.shift) == ("follows", offset, 0)
    (found,) = lrdsl.audit(log_of(rows(rates, 1), FLOAT64, TRAINERS), TEXT).verdicts
    assert (found.status, found.offset, found.shift) == ("shifted", 1, 1)
    assert not found
    assert "is shifted by 1 update ahead of the schedule at all 200 logged steps" in str(found)
    (found,) = lrdsl.audit(log_of(rows(rates, -7), FLOAT64, TRAINERS), TEXT).verdicts
    assert (found.status, found.shift) == ("shifted", -6)
    assert "by 6 updates behind the schedule" in str(found)


def test_a_log_of_unknown_origin_may_be_shifted() -> None:
    (found,) = lrdsl.audit(log_of(rows(torchs(200), -7)), TEXT).verdicts
    assert (found.status, found.offset, found.shift) == ("shifted", -7, -7)
    assert "is shifted by 7 updates behind the schedule at all 200 logged steps" in str(found)
    assert any("its steps may be counted from elsewhere" in note for note in found.notes)


def test_an_offset_that_is_known_makes_any_other_a_finding() -> None:
    log = log_of(rows(torchs(200), 1))
    (found,) = lrdsl.audit(log, TEXT).verdicts
    assert found.status == "follows"
    assert any("holds the rate of update s is 1 ahead" in note for note in found.notes)
    (found,) = lrdsl.audit(log, TEXT, offset=0).verdicts
    assert (found.status, found.offset, found.shift) == ("shifted", 1, 1)
    assert "is shifted by 1 update ahead of the schedule at all 200 logged steps" in str(found)
    (found,) = lrdsl.audit(log, TEXT, offset=1).verdicts
    assert (found.status, found.offset, found.notes) == ("follows", 1, ())
    (found,) = lrdsl.audit(log_of(rows(torchs(200))), TEXT, offset=0).verdicts
    assert (found.status, found.offset, found.notes) == ("follows", 0, ())


def test_a_trainer_of_a_known_version_is_not_an_update_ahead() -> None:
    log = log_of(rows(torchs(200), 0), FLOAT64, TRAINERS)
    assert lrdsl.audit(log, TEXT)
    (found,) = lrdsl.audit(log, TEXT, offset=-1).verdicts
    assert (found.status, found.shift) == ("shifted", 1)


@pytest.mark.parametrize("system", [(), TRAINERS])
def test_a_log_without_the_warm_up_does_not_follow(system: tuple[Offset, ...]) -> None:
    rates = torchs(200)[20:]
    (found,) = lrdsl.audit(log_of(rows(rates), FLOAT64, system), TEXT).verdicts
    assert (found.status, found.shift) == ("shifted", 20)
    assert found.explanations[0].sentence.startswith("the warm-up of 20 updates was left out")


def test_where_the_slope_does_not_decide() -> None:
    (found,) = lrdsl.audit(log_of([(t, 3e-4) for t in range(50)]), "const(value = 3e-4)").verdicts
    assert found.status == "follows" and len(found.offsets) > 3
    assert any("offset undetermined" in note for note in found.notes)
    assert any("constant at every logged step" in note for note in found.notes)


@pytest.mark.parametrize("offset", [-1, 0, 1])
@pytest.mark.parametrize("form", ["float64", "float32", "4 significant digits"])
def test_a_base_that_nobody_says_is_fitted(form: str, offset: int) -> None:
    precision, held = FORMS[form]
    log = log_of(held(rows(torchs(200, peak=2.5e-4), offset)), precision)
    (found,) = lrdsl.audit(log, "warmup(20) >> cosine(180)").verdicts
    assert (found.status, found.base, found.offset) == ("same form", 2.5e-4, offset)
    assert found.base_is_fitted and "base = 2.5e-4 fitted" in str(found) and bool(found)
    (given,) = lrdsl.audit(log, "warmup(20) >> cosine(180)", base=2.5e-4).verdicts
    assert (given.status, given.base_is_fitted) == ("follows", False)
    assert not lrdsl.audit(log, "warmup(20) >> cosine(180)", base=3e-4)


def test_a_base_in_a_sum_is_fitted_too() -> None:
    floor, peak = 1e-5, 2e-4
    rates = [floor + (peak - floor) * (1 - t / 50) for t in range(51)]
    (found,) = lrdsl.audit(log_of(rows(rates)), "linear(50, base, 1e-5)").verdicts
    assert (found.status, found.base) == ("same form", peak)


def test_a_base_of_another_curve_is_that_of_its_height() -> None:
    log = log_of(rows(torchs(200, calls=4)))
    (found,) = lrdsl.audit(log, "warmup(20) >> cosine(180)").verdicts
    assert (found.status, found.base) == ("leaves", 3e-4)
    assert [one.reason for one in found.explanations][:1] == ["faster"]


def test_a_base_that_has_no_effect_is_refused() -> None:
    with pytest.raises(ValueError, match="base rate has no effect"):
        lrdsl.audit(log_of(rows(torchs(5))), TEXT, base=3e-4)
    with pytest.raises(ValueError, match="metric has no effect"):
        lrdsl.audit(log_of(rows(torchs(5))), TEXT, metric="loss")


def test_a_resumed_run() -> None:
    rates = torchs(200)
    readings = [*rows(rates[:130], -1), *rows(rates, -1)[100:]]
    (found,) = lrdsl.audit(log_of(readings), TEXT).verdicts
    assert (found.status, found.readings) == ("follows", 230)
    assert "the run was resumed at step 101" in found.notes
    started_over = [*rows(rates[:130], -1), *((100 + s, x) for s, x in rows(rates, -1)[:100])]
    (found,) = lrdsl.audit(log_of(started_over), TEXT).verdicts
    assert found.first is not None and (found.status, found.first.step) == ("leaves", 101)
    assert found.ranges[0] == (1, 130)


def test_rows_that_repeat_a_step_while_gradients_accumulate_count_once() -> None:
    readings = [row for row in rows(torchs(200)) for _ in range(4)]
    (found,) = lrdsl.audit(log_of(readings), TEXT).verdicts
    assert (found.status, found.readings, found.notes) == ("follows", 200, ())


def test_a_log_that_begins_after_the_end_of_the_run() -> None:
    readings = [(step, 0.0) for step in range(300, 310)]
    (found,) = lrdsl.audit(log_of(readings), f"{TEXT} >> const", total=200).verdicts
    assert found.status == "follows"
    assert any("after the end at 200" in note and "proves little" in note for note in found.notes)


def test_a_single_reading() -> None:
    (found,) = lrdsl.audit(log_of(rows(torchs(200))[50:51]), TEXT).verdicts
    assert str(found).startswith("lr follows the schedule at its one logged step")
    assert any("one reading proves little" in note for note in found.notes)


def test_a_row_before_the_first_update() -> None:
    readings = [(0, 0.0), *rows(torchs(200), -1)]
    (found,) = lrdsl.audit(log_of(readings), TEXT).verdicts
    assert (found.status, found.offset, found.agreeing) == ("follows", -1, 201)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_rate_that_is_no_number_leaves_the_schedule(value: float) -> None:
    readings = rows(torchs(200))
    readings[40] = (40, value)
    (found,) = lrdsl.audit(log_of(readings), SCHEDULE).verdicts
    assert found.first is not None and (found.first.step, found.agreeing) == (40, 199)
    assert str(found)


def test_rows_of_a_trainer_and_of_a_table(tmp_path: Path) -> None:
    history: list[dict[str, float]] = [
        {"step": step, "epoch": 0.1, "learning_rate": rate} for step, rate in rows(torchs(200), -1)
    ]
    audit = lrdsl.audit([*history, {"step": 200, "epoch": 2.0, "train_runtime": 3.5}], TEXT)
    assert audit and audit.system == "transformers"
    path = tmp_path / "log.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["update", "rate", "loss"])
        writer.writerows([[step, repr(rate), 1.0] for step, rate in rows(torchs(200))])
    with path.open(newline="") as file:
        table = list(csv.DictReader(file))
    assert lrdsl.audit(table, TEXT, step="update", rate="rate")
    with pytest.raises(
        ValueError, match=r"^the rows have no step, but `update`, `rate` and `loss`$"
    ):
        lrdsl.audit(table, TEXT)
    with pytest.raises(ValueError, match="no `Loss`, but"):
        lrdsl.audit(table, TEXT, step="update", rate="Loss")
    with pytest.raises(TypeError, match="a log is a path, a Log or a list of rows, not 5"):
        lrdsl.audit(5, TEXT)  # type: ignore[arg-type]


def test_a_log_that_was_read_gives_the_rate_that_is_named() -> None:
    (run,) = log_of(rows(torchs(200))).runs
    (right,) = run.rates
    wrong = Series("lr/head", 1, FLOAT64)
    wrong.add(Block("lr/head", right.steps, [9.0] * len(right), FLOAT64))
    log = Log("log", "CSV", (Run("", (right, wrong)),))
    assert not lrdsl.audit(log, TEXT)
    assert lrdsl.audit(log, TEXT, rate=right.name)
    with pytest.raises(ValueError, match="there is no column `nix`: its columns are"):
        lrdsl.audit(log, TEXT, rate="nix")
    with pytest.raises(ValueError, match="there is no run 'nix'"):
        lrdsl.audit(log, TEXT, run_name="nix")


@pytest.mark.parametrize(
    ("given", "error", "message"),
    [
        ({"rate": 3}, TypeError, "rate is the name of a column, not 3"),
        ({"rate": ["lr", 3]}, TypeError, "rate is the name of a column, not 3"),
        ({"step": 3}, TypeError, "step is the name of a column, not 3"),
        ({"metric": 3}, TypeError, "metric is the name of a column, not 3"),
        ({"run_name": 3}, TypeError, "run_name is the name of a run, not 3"),
        ({"logging_steps": "a"}, TypeError, "logging_steps is a whole number, not 'a'"),
        ({"logging_steps": 0}, ValueError, "logging_steps is 1 or more, not 0"),
        ({"offset": 0.5}, TypeError, "offset is a whole number, not 0.5"),
        ({"base": []}, ValueError, "base is a rate, or one for each logged rate"),
    ],
)
def test_an_argument_of_the_wrong_type_is_named(
    given: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        lrdsl.audit(log_of(rows(torchs(5))), "linear(5, base)", **given)


def test_what_has_no_effect_on_readings_is_refused() -> None:
    log = log_of(rows(torchs(5)))
    table: list[Any] = [{"step": t, "lr": 0.1 * (4 - t)} for t in range(4)]
    with pytest.raises(ValueError, match="step= has no effect: the log was read"):
        lrdsl.audit(log, TEXT, step="x")
    with pytest.raises(ValueError, match="logging_steps= has no effect: the log was read"):
        lrdsl.audit(log, TEXT, logging_steps=3)
    with pytest.raises(ValueError, match="logging_steps has no effect: rows have steps"):
        lrdsl.audit(table, TEXT, logging_steps=3)
    with pytest.raises(ValueError, match="run_name has no effect: rows have steps"):
        lrdsl.audit(table, TEXT, run_name="nix")


def test_every_kind_of_schedule(tmp_path: Path) -> None:
    log = log_of(rows(torchs(200)))
    path = tmp_path / "run.lrs"
    path.write_text(TEXT)
    program = lrdsl.parse(TEXT)
    for schedule in (TEXT, path, str(path), program, program.resolve_all(), program.resolve()):
        assert lrdsl.audit(log, schedule), schedule
    (found,) = lrdsl.audit(log_of(rows(torchs(200, calls=4))), program.resolve()).verdicts
    assert not found.explanations and "reasons are looked for" in found.notes[-1]
    with pytest.raises(ValueError, match="total= would have no effect"):
        lrdsl.audit(log, program.resolve_all(), total=5)
    with pytest.raises(TypeError, match="a schedule is a text"):
        lrdsl.audit(log, 3e-4)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="unexpected keyword argument 'steps'"):
        lrdsl.audit(log, TEXT, steps=3)  # type: ignore[call-arg]


def test_a_precision_is_no_looser_than_it_says() -> None:
    """One unit in the last printed digit is a departure, and half a unit is none."""
    readings = as_printed(rows(torchs(200)))
    step, rate = readings[100]
    unit = 10 ** (math.floor(math.log10(rate)) - 3)
    for units, is_fine in ((0.0, True), (1.0, False), (-1.0, False)):
        changed = [*readings]
        changed[100] = (step, rate + units * unit)
        assert bool(lrdsl.audit(log_of(changed, FOUR), SCHEDULE)) is is_fine
    exact = as_float32(rows(torchs(200)))
    spacing = 2.0 ** (math.frexp(exact[100][1])[1] - 24)
    exact[100] = (100, exact[100][1] + spacing)
    assert not lrdsl.audit(log_of(exact, FLOAT32), SCHEDULE)


@pytest.mark.parametrize("kind", ["float64", "float32", "digits", "decimals"])
def test_units_are_those_of_the_precision(kind: str) -> None:
    import numpy as np

    from lrdsl.auditing.readings import units

    precision = Precision(kind, 4 if kind in ("digits", "decimals") else 0)
    values = [0.0, 1.0, 0.5, 0.49999, 9.9999e-5, 1e-4, 3e-4, -3e-4, 2.0**-130, 1e30, 7e-9]
    wanted = [precision.unit(value) for value in values]
    assert units(precision, np.array([*values, math.nan])).tolist() == [*wanted, precision.unit(0)]


def test_a_log_is_not_changed_by_an_audit() -> None:
    log: Log = log_of(rows(torchs(200)))
    assert str(lrdsl.audit(log, TEXT)) == str(lrdsl.audit(log, TEXT))


@pytest.mark.parametrize("form", ["", ".3e", ".7f"])
@pytest.mark.parametrize("offset", [-1, 0, 1])
def test_the_table_of_a_plain_loop(tmp_path: Path, form: str, offset: int) -> None:
    path = tmp_path / "log.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["step", "lr", "loss"])
        for step, rate in rows(torchs(200, late=150), offset):
            writer.writerow([step, format(rate, form) if form else repr(rate), 1.0])
    (found,) = lrdsl.audit(path, SCHEDULE).verdicts
    assert found.first is not None and found.offset == offset
    within = 151 + (form == ".7f")  # one update behind is less than half a unit there, at first
    assert 151 - offset <= found.first.step <= within - offset
    assert lrdsl.audit(path, TEXT).verdicts[0].explanations[0].reason == "behind"


def test_one_reading_has_no_made_up_reason() -> None:
    (found,) = lrdsl.audit(log_of([(50, 0.1)]), TEXT).verdicts
    assert (found.status, found.explanations) == ("leaves", ())


def test_a_rate_of_zero_is_no_factor() -> None:
    (found,) = lrdsl.audit(log_of([(t, 0.0) for t in range(100)]), TEXT).verdicts
    assert "constant" in [one.reason for one in found.explanations]
    assert "peak" not in [one.reason for one in found.explanations]


def test_shares_and_factors_are_written_so_that_they_say_something() -> None:
    rates = torchs(200)
    (found,) = lrdsl.audit(log_of(rows([-rate for rate in rates])), TEXT).verdicts
    assert "expected, 200 % of the peak" in str(found)
    (found,) = lrdsl.audit(log_of(rows([rate * (1 + 1e-9) for rate in rates])), TEXT).verdicts
    assert "every rate is 1.000000001 times the schedule's" in str(found)


def test_a_second_scheduler_that_raises_the_rate_is_no_decay() -> None:
    rates = [rate * 1.01**t for t, rate in enumerate(torchs(200))]
    (found,) = lrdsl.audit(log_of(rows(rates)), TEXT).verdicts
    assert "an exponential rise by 1.01 at each update" in str(found)


def test_a_first_rate_that_is_no_number_is_a_departure() -> None:
    rows = [{"step": 1, "lr": math.nan}, {"step": 2, "lr": 0.1}]
    (found,) = lrdsl.audit(rows, "const(value = 0.1)").verdicts
    assert found.status == "leaves" and found.first is not None and found.first.step == 1


def test_rows_have_the_names_that_a_log_of_groups_has() -> None:
    text = 'lr: linear(20, 0.1)  lr["head"]: linear(20, 0.2)'
    rows = [
        {"step": t, "lr/body": 0.1 * (1 - t / 20), "lr/head": 0.2 * (1 - t / 20)} for t in range(20)
    ]
    audit = lrdsl.audit(rows, text)
    assert audit and [one.target for one in audit.verdicts] == ["lr", 'lr["head"]']


@pytest.mark.parametrize(
    ("rounded", "precision"),
    [
        (lambda rate: round(rate, 6), "6 decimals"),
        (lambda rate: float(f"{rate:.3e}"), "4 significant digits"),
        (lambda rate: float(numpy.float32(rate)), "float32"),
        (lambda rate: rate, "float64"),
    ],
)
def test_how_rows_were_rounded_is_inferred(
    rounded: Callable[[float], float], precision: str
) -> None:
    held = [{"step": step, "lr": rounded(rate)} for step, rate in rows(torchs(200))]
    audit = lrdsl.audit(held, TEXT)
    assert audit
    assert precision in str(audit)
    held[100]["lr"] += 2e-5
    assert not lrdsl.audit(held, TEXT)


def test_a_step_of_rows_is_whole() -> None:
    with pytest.raises(
        ValueError, match=r"the rows have a `step` of 0\.5: steps are whole numbers"
    ):
        lrdsl.audit([{"step": 0.5, "lr": 0.1}], "const(value = 0.1)")

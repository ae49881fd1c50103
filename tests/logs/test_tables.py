"""Tables as logs: of Lightning, Keras, W&B and of unknown origin."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest

from lrdsl.logs import lines
from lrdsl.logs.log import Offset
from lrdsl.logs.precision import FLOAT64, Precision
from lrdsl.logs.read import read
from lrdsl.logs.reader import Unreadable, Wanted

Reading = tuple[list[int], list[float]]
RATES = [3e-4 * (1 + math.cos(math.pi * t / 50)) / 2 for t in range(50)]


def written(folder: Path, text: str, name: str = "log.csv") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def only(path: Path, wanted: Wanted | None = None) -> Reading:
    """The readings of a log with one rate."""
    (run,) = read(path, wanted).runs
    (series,) = run.rates
    return series.steps, series.values


def test_a_table_without_origin(tmp_path: Path) -> None:
    rows = [f"{step},{1.0 / (step + 1):.3f},{rate!r}\n" for step, rate in enumerate(RATES)]
    log = read(written(tmp_path, "step,loss,lr\n" + "".join(rows)))
    ((series,),) = (run.rates for run in log.runs)
    assert (series.steps, series.values) == (list(range(50)), RATES)
    assert (log.system, log.offsets, log.axis, series.precision) == ("CSV", (), "step", FLOAT64)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_delimiters_and_line_ends(tmp_path: Path, mark: str, end: str, start: str) -> None:
    lines = [f"iteration{mark}learning_rate", f"10{mark}0.5", f"20{mark}0.25", ""]
    assert only(written(tmp_path, start + end.join(lines))) == ([10, 20], [0.5, 0.25])


@pytest.mark.parametrize("step", ["step", "Step", "global_step", "iteration", "iter", "_step"])
@pytest.mark.parametrize("rate", ["lr", "LR", "learning_rate", "train/lr", "lr_encoder", "lrs/a"])
def test_usual_names_are_found(tmp_path: Path, step: str, rate: str) -> None:
    path = written(tmp_path, f",base_lr,{rate},lr_factor,{step}\n0,1,0.5,1,3\n")
    assert only(path) == ([3], [0.5])


def test_columns_can_be_named(tmp_path: Path) -> None:
    path = written(tmp_path, "step,n,lr,eta,loss\n0,10,1,0.5,2\n1,20,1,0.25,3\n")
    (run,) = read(path, Wanted(step="n", rates=("eta",), metric="loss")).runs
    assert [(one.name, one.steps, one.values) for one in run.rates] == [
        ("eta", [10, 20], [0.5, 0.25])
    ]
    assert run.metric is not None and run.metric.values == [2.0, 3.0]


@pytest.mark.parametrize(
    "wanted", [Wanted(step="lrr"), Wanted(rates=("lrr",)), Wanted(metric="lrr")]
)
def test_a_wrong_name_is_answered_with_those_there_are(tmp_path: Path, wanted: Wanted) -> None:
    path = written(tmp_path, "step,lr\n0,1\n")
    message = "no column `lrr`: its columns are `step` and `lr`; did you mean `lr`"
    with pytest.raises(Unreadable, match=message):
        read(path, wanted)


def test_without_a_usual_name_of_steps_the_columns_are_listed(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="Name one of `x` and `lr`"):
        read(written(tmp_path, "x,lr\n0,1\n"))


def test_a_table_of_epochs_counts_epochs(tmp_path: Path) -> None:
    log = read(written(tmp_path, "epoch,lr\n0,0.5\n1,0.25\n"))
    assert (log.system, log.axis) == ("CSV", "epoch")


def test_cells_without_a_number_are_no_readings(tmp_path: Path) -> None:
    rows = ["0,0.5", "1,", "2,NA", "3,nan", "4,null", ",0.25", "5,0.125", "", "6", "7, 0.0625 "]
    path = written(tmp_path, "step,lr\n" + "\n".join(rows) + "\n")
    assert only(path) == ([0, 5, 7], [0.5, 0.125, 0.0625])


def test_a_metric_keeps_what_is_not_finite(tmp_path: Path) -> None:
    path = written(tmp_path, "step,lr,loss\n0,0.5,nan\n1,0.5,inf\n2,0.5,1\n")
    (run,) = read(path, Wanted(metric="loss")).runs
    assert run.metric is not None
    assert [str(value) for value in run.metric.values] == ["nan", "inf", "1.0"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1,fast", "`lr` is 'fast' at step 1, which is no number"),
        ("1,inf", "`lr` is infinite at step 1: no schedule"),
        ("1.5,0.5", "'1.5' in `step` is no step: steps are whole numbers"),
        ("now,0.5", "'now' in `step` is no step"),
        ("99999999999999999999,0.5", "a number in `step` is too large"),
        ("1e400,0.5", "'1e400' in `step` is no step"),
    ],
)
def test_a_cell_that_cannot_be_read_is_refused(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        read(written(tmp_path, f"step,lr\n0,0.5\n{row}\n"))


def test_steps_may_be_written_as_floats(tmp_path: Path) -> None:
    path = written(tmp_path, "step,lr\n12.0,0.5\n1e3,0.25\n9000000000,0.125\n")
    assert only(path) == ([12, 1000, 9_000_000_000], [0.5, 0.25, 0.125])


def test_a_last_line_that_is_being_written_is_left_out(tmp_path: Path) -> None:
    assert only(written(tmp_path, "step,lr\n0,0.5\n1,0.25\n2,0.12")) == ([0, 1], [0.5, 0.25])


def test_a_header_is_written_again_when_a_run_is_resumed(tmp_path: Path) -> None:
    path = written(tmp_path, "step,lr\n0,4\n1,3\n2,2\nstep,lr\n1,3\n2,2\n")
    ((series,),) = (run.rates for run in read(path).runs)
    assert [list(leg.steps) for leg in series.legs] == [[0, 1, 2], [1, 2]]


@pytest.mark.parametrize(
    "again", ["\ufeffstep,lr", "step, lr", " step ,lr ", '"step","lr"', '\ufeff"step","lr"']
)
@pytest.mark.parametrize("first", ["step,lr", '"step","lr"', "step, lr"])
def test_a_header_may_be_written_again_in_another_form(
    tmp_path: Path, first: str, again: str
) -> None:
    path = written(tmp_path, f"{first}\n0,4\n1,3\n{again}\n{again}\n2,2\n")
    assert only(path) == ([0, 1, 2], [4, 3, 2])


def test_a_header_that_is_written_twice_in_a_row(tmp_path: Path) -> None:
    """As by a run that died before its first row, and was started again."""
    path = written(tmp_path, "step,lr\nstep,lr\n0,4\n1,3\nstep,lr\nstep,lr\n2,2\n")
    assert only(path) == ([0, 1, 2], [4, 3, 2])


def test_the_shortest_texts_of_float32_are_those_floats(tmp_path: Path) -> None:
    exact = [1e-3 / (3 + step) for step in range(50)]
    rows = "".join(f"{step},{np.float32(rate)!s}\n" for step, rate in enumerate(exact))
    steps, values = only(written(tmp_path, f"step,lr\n{rows}"))
    assert (steps, values) == (list(range(50)), [float(np.float32(rate)) for rate in exact])


def test_quoted_cells_with_delimiters(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([["note", "step", "lr"], ['a, "b"', 0, 0.5], ["", 1, 0.25]])
    assert only(path) == ([0, 1], [0.5, 0.25])


def test_quotes_in_any_place(tmp_path: Path) -> None:
    rows = ['0,"5"" wide",1', "1,5'4\",0.5", '2,"two\nlines, and a comma",0.25', '"3",,"0.125"']
    path = written(tmp_path, "step,note,lr\n" + "\n".join(rows) + "\n")
    assert only(path) == ([0, 1, 2, 3], [1, 0.5, 0.25, 0.125])


def test_a_cell_of_several_lines_may_lie_in_two_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "SIZE", 16)
    rows = [f'{t},"a long note,\nof three\nlines",{1 / (t + 1)!r}' for t in range(50)]
    path = written(tmp_path, "step,note,lr\n" + "\n".join(rows) + "\n")
    assert only(path) == (list(range(50)), [1 / (t + 1) for t in range(50)])


def test_a_column_that_is_named_twice_is_refused_if_it_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, "step,lr,lr,eta\n0,1,2,4\n1,0.5,3,5\n")
    with pytest.raises(Unreadable, match="2 columns are called `lr`: rename those"):
        read(path)
    assert only(path, Wanted(rates=("eta",))) == ([0, 1], [4, 5])


@pytest.mark.parametrize("start", ["\n", "\r\n\r\n"])
@pytest.mark.parametrize("after", ["", "\n", "7\n"])
def test_a_table_may_begin_with_empty_lines_and_short_rows(
    tmp_path: Path, start: str, after: str
) -> None:
    assert only(written(tmp_path, f"{start}step,lr\n{after}0,0.5\n")) == ([0], [0.5])


def test_rows_of_several_lengths_keep_their_columns(tmp_path: Path) -> None:
    """One cell too many and one too few must not add up."""
    path = written(tmp_path, "step,lr,loss\n0,1,2\n1,0.5,1,9\n2,0.25\n3,0.125,3\n")
    assert only(path) == ([0, 1, 2, 3], [1, 0.5, 0.25, 0.125])


def test_a_long_table_is_read_in_pieces(tmp_path: Path) -> None:
    rates = [1.0 / (step + 1) for step in range(30_000)]
    rows = [f"{step},{rate!r}\n" for step, rate in enumerate(rates)]
    path = written(tmp_path, "step,lr\n" + "".join(rows))
    assert only(path) == (list(range(30_000)), rates)


def test_a_rounded_table_has_the_precision_of_its_texts(tmp_path: Path) -> None:
    rows = [f"{step},{rate:.6f}\n" for step, rate in enumerate(RATES)]
    ((series,),) = (run.rates for run in read(written(tmp_path, "step,lr\n" + "".join(rows))).runs)
    assert series.precision == Precision("decimals", 6)


LIGHTNING = (
    "epoch,loss,lr-AdamW/pg1,lr-AdamW/pg1-momentum,lr-AdamW/pg2,step\n"
    ",,0.25,0.9,0.5,0\n,,0.25,0.9,0.5,0\n0,2.0,,,,0\n,,0.125,0.9,0.25,1\n0,,,,,\n"
)


def test_lightning(tmp_path: Path) -> None:
    log = read(written(tmp_path, LIGHTNING, "metrics.csv"), Wanted(metric="loss"))
    assert (log.system, log.offsets) == ("Lightning", (Offset(0),))
    (run,) = log.runs
    assert [(one.name, one.group, one.steps, one.values) for one in run.rates] == [
        ("lr-AdamW/pg1", 0, [0, 1], [0.25, 0.125]),
        ("lr-AdamW/pg2", 1, [0, 1], [0.5, 0.25]),
    ]
    assert run.metric is not None and run.metric.values == [2.0]


@pytest.mark.parametrize("above", ["", "lightning_logs/", "name/"])
def test_the_last_version_of_lightning_is_read_and_the_others_are_named(
    tmp_path: Path, above: str
) -> None:
    for version in (2, 10, 9):
        written(tmp_path, LIGHTNING, f"{above}version_{version}/metrics.csv")
    log = read(tmp_path)
    folders = [Path(path).parent.name for path in (log.path, *log.beside)]
    assert folders == ["version_10", "version_9", "version_2"]


KERAS = {
    "learning_rate": "epoch,learning_rate,loss,val_learning_rate,val_loss\r\n"
    "0,0.10000000149011612,1.5,NA,1.0\r\n1,0.05000000074505806,1.25,NA,1.0\r\n",
    "lr": "epoch,loss,lr\r\n0,1.5,0.10000000149011612\r\n1,1.25,0.05000000074505806\r\n",
}


@pytest.mark.parametrize("key", KERAS)
def test_keras(tmp_path: Path, key: str) -> None:
    log = read(written(tmp_path, KERAS[key]))
    ((series,),) = (run.rates for run in log.runs)
    assert (log.system, log.axis, str(series.precision)) == ("Keras", "epoch", "float32")
    assert series.values == [0.10000000149011612, 0.05000000074505806]


EXPORT = (
    '"train/global_step","bold-1 - train/learning_rate","bold-1 - train/learning_rate__MIN",'
    '"bold-1 - train/learning_rate__MAX","a - b - train/learning_rate",'
    '"a - b - train/learning_rate__MIN","a - b - train/learning_rate__MAX"\n'
    '"1","0.5","0.5","0.5","","",""\n"2","0.25","0.25","0.25","0.125","0.125","0.125"\n'
)


def test_an_exported_chart_has_several_runs(tmp_path: Path) -> None:
    log = read(written(tmp_path, EXPORT))
    found = [(run.name, run.rates[0].steps, run.rates[0].values) for run in log.runs]
    assert found == [("bold-1", [1, 2], [0.5, 0.25]), ("a - b", [2], [0.125])]
    assert (log.system, [one.updates for one in log.offsets]) == ("W&B", [-1, 0])


def test_an_export_of_grouped_runs_on_another_axis(tmp_path: Path) -> None:
    """The columns are those of exports in public repositories."""
    names = [
        f"Group: a_b - {key}{edge}" for key in ("_step", "lr") for edge in ("", "__MIN", "__MAX")
    ]
    header = ",".join(f'"{name}"' for name in ["epoch", *names])
    rows = ["0,10,10,10,0.5,0.5,0.5", "1,20,20,20,0.25,0.25,0.25"]
    path = written(tmp_path, "\n".join([header, *rows, ""]))
    (run,) = read(path).runs
    assert (run.name, run.rates[0].steps, run.rates[0].axis) == ("Group: a_b", [0, 1], "epoch")
    (run,) = read(path, Wanted(step="Group: a_b - _step")).runs
    assert (run.rates[0].steps, run.rates[0].values) == ([10, 20], [0.5, 0.25])
    assert run.rates[0].axis == "step"


def test_one_run_can_be_named(tmp_path: Path) -> None:
    path = written(tmp_path, EXPORT)
    assert [run.name for run in read(path, Wanted(run="a - b")).runs] == ["a - b"]
    with pytest.raises(Unreadable, match="no run 'c': its runs are `bold-1` and `a - b`"):
        read(path, Wanted(run="c"))

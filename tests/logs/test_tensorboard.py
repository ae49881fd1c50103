"""Event files as logs, written by torch's SummaryWriter."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from torch.utils.tensorboard import SummaryWriter

from lrdsl.logs.read import read
from lrdsl.logs.reader import Unreadable, Wanted

RATES = [3e-4 / (step + 1) for step in range(5)]
SINGLE = [float(np.float32(rate)) for rate in RATES]
Write = Callable[[SummaryWriter, int, float], None]


def written(folder: Path, write: Write, steps: range = range(5)) -> Path:
    with SummaryWriter(str(folder)) as writer:
        for step in steps:
            write(writer, step, RATES[step])
    return folder


def plain(writer: SummaryWriter, step: int, rate: float) -> None:
    writer.add_scalar("lr", rate, step)
    writer.add_scalar("loss", 2.0, step)
    writer.add_text("lr/note", "text", step)


def tensors(writer: SummaryWriter, step: int, rate: float) -> None:
    writer.add_scalar("lr", rate, step, new_style=True)


def grouped(writer: SummaryWriter, step: int, rate: float) -> None:
    writer.add_scalar("lr/group_0", rate, step)
    writer.add_scalar("lr/group_1", 2 * rate, step)


def together(writer: SummaryWriter, step: int, rate: float) -> None:
    values = {"body": rate, "head": 2 * rate}
    writer.add_scalars("train/lrs", values, step)
    writer.add_scalar("loss", 2.0, step)


@pytest.mark.parametrize("write", [plain, tensors])
def test_scalars_and_tensors(tmp_path: Path, write: Write) -> None:
    log = read(written(tmp_path / "run", write))
    ((series,),) = (run.rates for run in log.runs)
    assert (log.system, log.offsets, str(series.precision)) == ("TensorBoard", (), "float32")
    assert (series.name, series.steps, series.values) == ("lr", list(range(5)), SINGLE)


def test_a_file_a_folder_and_a_folder_above(tmp_path: Path) -> None:
    written(tmp_path / "outer" / "run", plain)
    (file,) = (tmp_path / "outer" / "run").iterdir()
    for path in (file, file.parent, file.parent.parent):
        (run,) = read(path, Wanted(metric="loss")).runs
        assert (run.name, run.rates[0].values) == ("", SINGLE)
        assert run.metric is not None and run.metric.values == [2.0] * 5


def test_folders_are_runs_and_files_in_one_are_legs(tmp_path: Path) -> None:
    written(tmp_path / "a", plain, range(4))
    written(tmp_path / "b" / "c", plain)
    # A run that is resumed opens another file; its name begins with the time, in seconds.
    (first,) = (tmp_path / "a").iterdir()
    first.rename(first.with_name("events.out.tfevents.1700000000.host"))
    written(tmp_path / "a", plain, range(2, 5))
    runs = read(tmp_path).runs
    assert [run.name for run in runs] == ["a", "b/c"]
    assert [list(leg.steps) for leg in runs[0].rates[0].legs] == [[0, 1, 2, 3], [2, 3, 4]]


def test_groups_by_name(tmp_path: Path) -> None:
    (run,) = read(written(tmp_path, grouped)).runs
    assert [(one.name, one.group) for one in run.rates] == [("lr/group_0", 0), ("lr/group_1", 1)]


def test_numbers_added_together_belong_to_the_run_above(tmp_path: Path) -> None:
    log = read(written(tmp_path, together))
    (run,) = log.runs
    assert [one.name for one in run.rates] == ["train/lrs/body", "train/lrs/head"]
    assert run.rates[0].values == SINGLE
    (run,) = read(tmp_path, Wanted(rates=("train/lrs/head",))).runs
    assert [one.name for one in run.rates] == ["train/lrs/head"]


def test_every_event_is_read(tmp_path: Path) -> None:
    """TensorBoard's accumulator would keep 10,000 of them, chosen at random."""
    with SummaryWriter(str(tmp_path)) as writer:
        for step in range(10_500):
            writer.add_scalar("lr", 0.5, step)
    ((series,),) = (run.rates for run in read(tmp_path).runs)
    assert series.steps == list(range(10_500))


def test_a_record_that_is_being_written_is_left_out(tmp_path: Path) -> None:
    (file,) = written(tmp_path, plain).iterdir()
    (tmp_path / "cut").write_bytes(file.read_bytes()[:-200])
    ((series,),) = (run.rates for run in read(tmp_path / "cut").runs)
    assert series.values == SINGLE[: len(series)] and 0 < len(series) < 5


def test_a_wrong_tag_is_answered_with_those_there_are(tmp_path: Path) -> None:
    written(tmp_path, plain)
    with pytest.raises(Unreadable, match="no column `rate`: its columns are `lr`, `loss` and"):
        read(tmp_path, Wanted(rates=("rate",)))


def test_tensorboard_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, plain)
    name = "tensorboard.backend.event_processing.event_file_loader"
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(Unreadable, match=r"needs tensorboard: run `pip install '.\[logs\]'`"):
        read(tmp_path)

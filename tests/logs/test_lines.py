"""Lines as logs: of detectron2, mmengine, Megatron, torchtune and transformers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lrdsl.logs.lines import SIZE
from lrdsl.logs.log import Log, Series
from lrdsl.logs.read import read
from lrdsl.logs.reader import Unreadable, Wanted

RATES = [0.02 * (1 - t / 7) for t in range(6)]


def written(path: Path, lines: list[str], end: str = "\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(line + end for line in lines).encode("utf-8", "surrogateescape"))
    return path


def only(log: Log) -> Series:
    """The one rate of a log."""
    (run,) = log.runs
    (series,) = run.rates
    return series


def detectron2() -> list[str]:
    rows = [
        {"data_time": 0.1, "iteration": 20 * t + 19, "lr": rate, "total_loss": 1.5}
        for t, rate in enumerate(RATES)
    ]
    rows.insert(3, {"bbox/AP": 31.5, "iteration": 59})
    return [json.dumps(row, sort_keys=True) for row in rows]


def mmengine() -> list[str]:
    rows: list[dict[str, float]] = [
        {"base_lr": 1.0, "lr": rate, "data_time": 0.1, "loss": 1.5, "iter": 10 * t, "step": 10 * t}
        for t, rate in enumerate(RATES)
    ]
    rows.insert(3, {"coco/bbox_mAP": 0.5, "data_time": 0.1, "step": 3})
    return [json.dumps(row) for row in rows]


def megatron() -> list[str]:
    return [
        "training \udcff …",
        *(
            f" [2026-01-01 10:00:00] iteration {t + 1:8d}/ 1000 | consumed samples: {t:12d} | "
            f"elapsed time per iteration (ms): 1.5 | learning rate: {rate:.6E} | "
            f"global batch size: {256:5d} | lm loss: {2.5:.6E} | grad norm: 0.5 |"
            for t, rate in enumerate(RATES)
        ),
    ]


def torchtune() -> list[str]:
    return [
        f"Step {t + 1} | loss:2.5 lr:{rate} tokens_per_second_per_gpu:1.5 "
        for t, rate in enumerate(RATES)
    ]


def test_detectron2(tmp_path: Path) -> None:
    written(tmp_path / "metrics.json", detectron2())
    log = read(tmp_path)
    assert (log.system, [one.updates for one in log.offsets]) == ("detectron2", [0])
    assert (only(log).steps, only(log).values) == ([19, 39, 59, 79, 99, 119], RATES)
    assert only(log).group is None


def test_mmengine(tmp_path: Path) -> None:
    for name in ("20260101_100000", "20260102_100000"):
        written(tmp_path / name / "vis_data" / "scalars.json", mmengine())
    log = read(tmp_path, Wanted(metric="coco/bbox_mAP"))
    assert (log.system, [one.updates for one in log.offsets]) == ("mmengine", [-1])
    assert "20260102" in log.path and "20260101" in log.beside[0]
    assert (only(log).steps, only(log).values) == ([0, 10, 20, 30, 40, 50], RATES)
    assert log.runs[0].metric is not None and log.runs[0].metric.steps == [3]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_megatron(tmp_path: Path, end: str) -> None:
    log = read(written(tmp_path / "out.log", megatron(), end), Wanted(metric="lm loss"))
    assert (log.system, [one.updates for one in log.offsets]) == ("Megatron", [0])
    assert only(log).steps == [1, 2, 3, 4, 5, 6]
    assert only(log).values == [float(f"{rate:.6E}") for rate in RATES]
    assert str(only(log).precision) == "7 significant digits"
    assert log.runs[0].metric is not None and log.runs[0].metric.values == [2.5] * 6


def test_torchtune(tmp_path: Path) -> None:
    log = read(written(tmp_path / "log_1.txt", torchtune()))
    assert (log.system, [one.updates for one in log.offsets]) == ("torchtune", [0])
    assert (only(log).steps, only(log).values) == ([1, 2, 3, 4, 5, 6], RATES)


@pytest.mark.parametrize("lines", [detectron2, mmengine, megatron, torchtune])
def test_a_line_that_is_being_written_gives_no_number_with_half_its_digits(
    tmp_path: Path, lines: object
) -> None:
    assert callable(lines)
    text = "".join(line + "\n" for line in lines())
    text = text.replace("\udcff", "?")
    whole = only(read(written(tmp_path / "whole", [text])))
    for cut in range(len(text) - len(text.splitlines()[-1]) - 1, len(text)):
        (tmp_path / "cut").write_text(text[:cut])
        found = only(read(tmp_path / "cut"))
        assert found.values == whole.values[: len(found)]
        assert found.steps == whole.steps[: len(found)]


def test_a_number_before_and_after_its_step(tmp_path: Path) -> None:
    rows = mmengine()
    rows.append(json.dumps({"step": 99, "data_time": 0.1, "iter": 99, "lr": 0.5}))
    assert only(read(written(tmp_path / "a.json", rows))).values == [*RATES, 0.5]


@pytest.mark.parametrize(
    "beside",
    [
        '"optim": {"lr": 9, "iteration": 7}',
        '"groups": [{"lr": 9}]',
        '"note": "} \\" {", "a": {"lr": 9}',
    ],
)
def test_a_number_in_another_object_is_none_of_the_line(tmp_path: Path, beside: str) -> None:
    lines = [line.replace("{", f"{{{beside}, ", 1) for line in detectron2()]
    assert [json.loads(line)["data_time"] for line in lines if "data_time" in line] == [0.1] * 6
    log = read(written(tmp_path / "metrics.json", lines))
    assert (only(log).steps, only(log).values) == ([19, 39, 59, 79, 99, 119], RATES)


@pytest.mark.parametrize("space", [" ", "   ", "\t", "\t "])
def test_spaces_around_a_number_of_json(tmp_path: Path, space: str) -> None:
    def spaced(row: dict[str, float]) -> str:
        rest = {name: value for name, value in row.items() if name != "lr"}
        return f'{json.dumps(rest)[:-1]}, "lr":{space}{row["lr"]!r}{space}}}'

    rows = [json.loads(line) for line in detectron2() if "lr" in line]
    log = read(written(tmp_path / "metrics.json", [spaced(row) for row in rows]))
    assert (only(log).steps, only(log).values) == ([19, 39, 59, 79, 99, 119], RATES)


def test_long_logs_are_read_in_pieces(tmp_path: Path) -> None:
    amount = 3 * SIZE // 60
    lines = [f"Step {t} | loss:2.5 lr:{t / 1024} tokens_per_second:1.5 x:1 " for t in range(amount)]
    series = only(read(written(tmp_path / "log", lines)))
    assert series.steps == list(range(amount))
    assert series.values == [t / 1024 for t in range(amount)]


def test_a_wrong_name_is_answered_with_those_there_are(tmp_path: Path) -> None:
    path = written(tmp_path / "log", torchtune())
    with pytest.raises(Unreadable, match="no column `lrs`: its columns are `loss`, `lr` and"):
        read(path, Wanted(rates=("lrs",)))


FIVE = [
    "{'loss': '2.5', 'grad_norm': '1.5', 'learning_rate': '3.784e-05', 'epoch': '0.1'}",
    " 10%|#   | 20/200 [00:01]{'loss': '2.4', 'learning_rate': '4e-05', 'epoch': '0.2'}",
    "{'eval_loss': '2.0', 'eval_runtime': '1.5', 'epoch': '0.2'}",
    "{'loss': '2.3', 'grad_norm': '1.5', 'learning_rate': '4.213e-05', 'epoch': '0.3'}",
    "{'train_runtime': '12.5', 'train_loss': '2.5', 'epoch': '0.3'}",
]


def test_what_transformers_prints(tmp_path: Path) -> None:
    log = read(written(tmp_path / "out", FIVE), Wanted(logging_steps=10))
    assert (log.system, [one.updates for one in log.offsets]) == ("transformers", [-1, 0])
    assert (only(log).steps, only(log).values) == ([10, 20, 30], [3.784e-05, 4e-05, 4.213e-05])
    assert (only(log).group, str(only(log).precision)) == (0, "4 significant digits")


def test_what_transformers_printed_before_version_5(tmp_path: Path) -> None:
    lines = [line.replace("'4e-05'", repr(1e-4 / 3)).replace(": '", ": ") for line in FIVE]
    lines = [line.replace("',", ",").replace("'}", "}") for line in lines]
    log = read(written(tmp_path / "out", lines), Wanted(logging_steps=500))
    assert (only(log).steps, only(log).values[1]) == ([500, 1000, 1500], 1e-4 / 3)
    assert str(only(log).precision) == "float64"


def test_what_transformers_prints_has_no_steps_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"has no steps\. Read the trainer_state.json"):
        read(written(tmp_path / "out", FIVE))


def test_a_first_line_after_one_update(tmp_path: Path) -> None:
    first = "{'loss': '2.5', 'learning_rate': '1e-06', 'epoch': '0.01'}"
    log = read(written(tmp_path / "out", [first, *FIVE]), Wanted(logging_steps=10))
    assert only(log).steps == [1, 10, 20, 30]


def test_arguments_that_were_printed_are_no_readings(tmp_path: Path) -> None:
    config = "config: {'model': 'gpt2', 'learning_rate': 0.0003, 'epochs': 3}"
    log = read(written(tmp_path / "out", [config, *FIVE]), Wanted(logging_steps=10))
    assert (only(log).steps, only(log).values) == ([10, 20, 30], [3.784e-05, 4e-05, 4.213e-05])


def test_a_resumed_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="the epoch falls back"):
        read(written(tmp_path / "out", [*FIVE, *FIVE]), Wanted(logging_steps=10))


def test_other_numbers_that_transformers_prints_are_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "out", FIVE)
    with pytest.raises(Unreadable, match="only `learning_rate` is read"):
        read(path, Wanted(metric="eval_loss", logging_steps=10))

"""Stores of MLflow and W&B as logs."""

from __future__ import annotations

import sqlite3
import struct
import sys
from pathlib import Path

import pytest

from lrdsl.logs.read import read
from lrdsl.logs.reader import Unreadable, Wanted
from lrdsl.logs.wandb_offline import _payloads

# The tables as mlflow 3.17 makes them, but for columns that are not read.
TABLES = """
CREATE TABLE runs (run_uuid VARCHAR(32) PRIMARY KEY, name VARCHAR(250), start_time BIGINT);
CREATE TABLE metrics (
    key VARCHAR(250) NOT NULL, value FLOAT NOT NULL, timestamp BIGINT NOT NULL,
    run_uuid VARCHAR(32) NOT NULL, step BIGINT DEFAULT '0' NOT NULL, is_nan BOOLEAN NOT NULL,
    PRIMARY KEY (key, timestamp, step, run_uuid, value, is_nan)
);
"""


def database(path: Path, names: tuple[str, str] = ("bold", "calm")) -> Path:
    connection = sqlite3.connect(path)
    connection.executescript(TABLES)
    for number, name in enumerate(names):
        run = str(number) * 8
        connection.execute("INSERT INTO runs VALUES (?, ?, ?)", (run, name, number))
        for step in (0, 1, 2, 1):
            for key, value in (("train/learning_rate", 0.1 / (step + 3 + number)), ("loss", 2.0)):
                row = (key, value, 1000 - step, run, step, key == "loss" and step == 2)
                connection.execute("INSERT OR IGNORE INTO metrics VALUES (?, ?, ?, ?, ?, ?)", row)
    connection.commit()
    connection.close()
    return path


def test_a_database_has_several_runs_in_the_order_of_their_log(tmp_path: Path) -> None:
    database(tmp_path / "mlflow.db")
    log = read(tmp_path, Wanted(metric="loss"))
    assert [run.name for run in log.runs] == ["bold", "calm"]
    (series,) = log.runs[1].rates
    assert (series.name, series.steps) == ("train/learning_rate", [0, 1, 2])
    assert series.values == [0.1 / 4, 0.1 / 5, 0.1 / 6]
    assert log.system == "MLflow" and [one.updates for one in log.offsets] == [-1, 0]
    assert log.runs[0].metric is not None


def test_runs_of_one_name_are_told_apart_by_their_identifiers(tmp_path: Path) -> None:
    log = read(database(tmp_path / "any.sqlite", ("bold", "bold")), Wanted(run="11111111"))
    assert [run.name for run in log.runs] == ["11111111"]


def test_another_database_is_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.execute("CREATE TABLE x (y)")
    connection.close()
    with pytest.raises(Unreadable, match="no database of MLflow: no such table: metrics"):
        read(tmp_path / "a.db")


def store(folder: Path, name: str = "bold") -> Path:
    """A run as mlflow writes it into files."""
    (folder / "tags").mkdir(parents=True)
    (folder / "meta.yaml").write_text("run_id: 1\n")
    (folder / "tags" / "mlflow.runName").write_text(name)
    for key in ("train/learning_rate", "loss"):
        path = folder / "metrics" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = [f"17000000000{step}0 {0.1 / (step + 3)!r} {step}\n" for step in range(3)]
        path.write_text("".join(rows))
    return folder


@pytest.mark.parametrize("asked", [".", "mlruns", "mlruns/0", "mlruns/0/abc"])
def test_the_store_in_files(tmp_path: Path, asked: str) -> None:
    store(tmp_path / "mlruns" / "0" / "abc")
    (run,) = read(tmp_path / asked).runs
    (series,) = run.rates
    assert (run.name, series.name, series.steps) == ("bold", "train/learning_rate", [0, 1, 2])
    assert series.values == [0.1 / 3, 0.1 / 4, 0.1 / 5]


def test_runs_in_files_of_one_name(tmp_path: Path) -> None:
    store(tmp_path / "mlruns" / "0" / "abc")
    store(tmp_path / "mlruns" / "1" / "def")
    assert [run.name for run in read(tmp_path).runs] == ["abc", "def"]


def test_one_metric_alone(tmp_path: Path) -> None:
    path = store(tmp_path / "abc") / "metrics" / "train" / "learning_rate"
    (run,) = read(path).runs
    assert [(one.name, one.steps) for one in run.rates] == [("train/learning_rate", [0, 1, 2])]


def container(records: list[bytes]) -> bytes:
    """Records in the container of LevelDB's logs, as its documentation describes it."""
    written = bytearray(b":W&B\xe1\x94\x00")
    for record in records:
        left, begun = record, False
        while True:
            room = 32768 - len(written) % 32768
            if room < 7:
                written += b"\0" * room
                room = 32768
            piece, left = left[: room - 7], left[room - 7 :]
            kind = (3 if left else 4) if begun else (2 if left else 1)
            written += struct.pack("<IHB", 0, len(piece), kind) + piece
            begun = True
            if not left:
                break
    return bytes(written)


def test_records_go_on_over_blocks(tmp_path: Path) -> None:
    records = [bytes([n % 256]) * size for n, size in enumerate([1, 32743, 10, 100_000, 32754, 5])]
    path = tmp_path / "run-a.wandb"
    path.write_bytes(container(records))
    assert list(_payloads(path)) == records
    path.write_bytes(container(records)[:-3])
    assert list(_payloads(path)) == records[:-1]


def test_an_offline_run_needs_the_package_of_its_protocol(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "wandb.proto.wandb_internal_pb2", None)
    path = tmp_path / "wandb" / "offline-run-20260101_100000-a" / "run-a.wandb"
    path.parent.mkdir(parents=True)
    path.write_bytes(container([b"x"]))
    with pytest.raises(Unreadable, match="needs its package: run `pip install wandb`"):
        read(tmp_path)

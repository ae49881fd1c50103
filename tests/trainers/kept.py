"""What the tools kept of a run: its config, and every number by name and step.

Each tool is imported where it is read, since a process reads what one of them kept.
"""

from __future__ import annotations

import csv
import json
import struct
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import Any

Numbers = dict[str, dict[int, float]]
Kept = tuple[dict[str, Any], Numbers]


def by_tensorboard(folder: str | Path) -> Kept:
    """What TensorBoard reads of a folder."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder), {"scalars": 0, "tensors": 0}).Reload()
    (text,) = events.Tensors("schedule/text_summary")
    numbers = {
        name: {event.step: event.value for event in events.Scalars(name)}
        for name in events.Tags()["scalars"]
    }
    return json.loads(text.tensor_proto.string_val[0]), numbers


def by_mlflow(run: str) -> Kept:
    """What MLflow returns of a run, by its id."""
    import mlflow

    client = mlflow.MlflowClient()
    numbers = {
        name: {point.step: point.value for point in client.get_metric_history(run, name)}
        for name in client.get_run(run).data.metrics
    }
    return mlflow.artifacts.load_dict(f"runs:/{run}/schedule.json"), numbers


def by_wandb(folder: str | Path) -> Kept:
    """What W&B wrote of a run without an account, as messages of its own."""
    from wandb.proto import wandb_internal_pb2 as wandb_records

    (path,) = Path(folder).rglob("*.wandb")
    config: dict[str, Any] = {}
    numbers: Numbers = defaultdict(dict)
    # Another process writes them, and ends when it likes; the last one says that the run is over.
    records: list[Any] = []
    while not any(record.HasField("exit") for record in records):
        sleep(0.1)
        records = [wandb_records.Record.FromString(data) for data in _records(path.read_bytes())]
    for record in records:
        for update in (*record.run.config.update, *record.config.update):
            config["/".join([update.key, *update.nested_key])] = json.loads(update.value_json)
        for item in record.history.item:
            name = item.key or "/".join(item.nested_key)
            if not name.startswith("_"):
                numbers[name][record.history.step.num] = json.loads(item.value_json)
    kept: dict[str, Any] = config["schedule"]
    return kept, dict(numbers)


def _records(data: bytes) -> Iterator[bytes]:
    """The records of a log in LevelDB's format: blocks of 32 KiB, in which a record may go on."""
    block, head = 32_768, 7
    place, record = head, b""
    while place + head <= len(data):
        left = block - place % block
        if left < head:
            place += left
            continue
        _, length, kind = struct.unpack_from("<IHB", data, place)
        place += head
        record += data[place : place + length]
        place += length
        if kind in (1, 4):  # whole, or the last piece
            yield record
            record = b""


def by_lightning(folder: str | Path) -> Kept:
    """What Lightning's ``CSVLogger`` wrote."""
    import yaml

    (settings,) = Path(folder).rglob("hparams.yaml")
    (metrics,) = Path(folder).rglob("metrics.csv")
    numbers: Numbers = defaultdict(dict)
    for row in csv.DictReader(metrics.read_text("utf-8").splitlines()):
        step = int(row.pop("step"))
        for name, value in row.items():
            if name != "epoch" and value:
                numbers[name][step] = float(value)
    return yaml.safe_load(settings.read_text("utf-8"))["schedule"], dict(numbers)

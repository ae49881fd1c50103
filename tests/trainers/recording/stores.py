"""Plain loops that log to TensorBoard and to MLflow.

Event files and MLflow keep the time and the machine. They are left out of what is stored: the event
file is written again with its times at 0, and of MLflow the file of the metric is kept.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from torch.utils.tensorboard import SummaryWriter

from tests.trainers.recording.loops import Log, cosine, loop, optimizer
from tests.trainers.recording.recorded import Recorded

# A time in milliseconds that is no one's.
TIME = 10**12


@contextmanager
def events(path: Path) -> Iterator[Log]:
    """An event file of torch's SummaryWriter."""
    with TemporaryDirectory() as folder:
        with SummaryWriter(folder) as writer:
            yield lambda step, rates: writer.add_scalar("lr", *rates, step)
        (file,) = Path(folder).iterdir()
        clean_events(file, path)


def clean_events(source: Path, path: Path) -> None:
    """Writes the events of a file without their times and without what wrote them."""
    from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
    from tensorboard.summary.writer.record_writer import RecordWriter

    with path.open("wb") as file:
        records = RecordWriter(file)
        for event in LegacyEventFileLoader(str(source)).Load():
            event.ClearField("wall_time")
            event.ClearField("source_metadata")
            records.write(event.SerializeToString())
        records.flush()


@contextmanager
def metric(path: Path) -> Iterator[Log]:
    """The file of a metric in a folder of MLflow."""
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    import mlflow

    before = mlflow.get_tracking_uri()
    with TemporaryDirectory() as folder:
        mlflow.set_tracking_uri(Path(folder, "mlruns").as_uri())
        try:
            with mlflow.start_run():
                yield lambda step, rates: mlflow.log_metric("lr", *rates, step, timestamp=TIME)
        finally:
            mlflow.set_tracking_uri(before)
        (file,) = Path(folder).rglob("metrics/lr")
        path.write_bytes(file.read_bytes())


def train(path: Path, store: Any, steps: int = 1, total: int = 200) -> None:
    """Trains, and keeps the rates in a store.

    Args:
        path: the file of the log.
        store: what opens the store.
        steps: how often the scheduler is stepped an update.
        total: the updates that it is made for.
    """
    driven = optimizer()
    with store(path) as log:
        loop(log, driven, [cosine(driven, total=total)] * steps)


BOARD, FLOW = ("torch", "transformers", "tensorboard"), ("torch", "transformers", "mlflow-skinny")
RUNS = (
    Recorded("tensorboard/good.tfevents", "a good run", partial(train, store=events), BOARD),
    Recorded(
        "tensorboard/micro_batches.tfevents", "steps the scheduler for each of 4 micro-batches",
        partial(train, store=events, steps=4), BOARD, "faster",
        # The cosine of transformers climbs after its end: here again and again.
        "stepped 4 times an update, and climbs again after its end",
    ),
    Recorded("mlflow/good", "a good run", partial(train, store=metric), FLOW),
    Recorded(
        "mlflow/another_total", "makes the schedule for 320 updates",
        partial(train, store=metric, total=320), FLOW, "total", "a total of 320 updates, not 200",
    ),
)  # fmt: skip

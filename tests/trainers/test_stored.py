"""Runs made again: today's packages still write what is stored, which `make test` audits.

Those of Accelerate are in test_accelerate.py, which has its processes. `make logs` makes all again.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.auditing.stored import LOGS
from tests.trainers.recording import recorded
from tests.trainers.recording.readings import difference
from tests.trainers.recording.recorded import Recorded

pytestmark = [
    # Of MLflow: what it asks SQLAlchemy for is on its way out.
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning"),
]


# Their mistakes are other arguments: the package does what it does in the runs that are made.
ARGUMENTS = {
    "transformers/another_total.json",
    "transformers/no_warmup.json",
    "transformers/scaled.log",
    "transformers/warmup_in_epochs.json",
    "twice.json",
    "mlflow/another_total",
    "keras/another_total.csv",
}
ALL = [run for run in recorded() if not run.log.startswith("accelerate/")]
RUNS = [run for run in ALL if run.log not in ARGUMENTS]


def test_what_is_not_made_is_recorded() -> None:
    assert {run.log for run in ALL} - {run.log for run in RUNS} == ARGUMENTS


@pytest.mark.parametrize("run", RUNS, ids=repr)
def test_a_run_leaves_the_log_that_is_stored(run: Recorded, tmp_path: Path) -> None:
    path = tmp_path / Path(run.log).name
    run.write(path)
    assert difference(LOGS / run.log, path, run.run) == ""

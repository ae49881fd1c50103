"""The schedules of fairseq themselves, with the loop of its trainer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrdsl.importers.fairseq_schedule import Schedule
from lrdsl.importers.installed import definitions, settings
from lrdsl.importers.symbols import is_known

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.importer import Setting, Translation

_FOLDER = "fairseq/optim/lr_scheduler"
# By kind: its file, and the name that its classes begin with.
_FILES = {
    "inverse_sqrt": ("inverse_square_root_schedule", "InverseSquareRoot"),
    "cosine": ("cosine_lr_scheduler", "CosineLR"),
    "polynomial_decay": ("polynomial_decay_schedule", "PolynomialDecayLR"),
    "tri_stage": ("tri_stage_lr_scheduler", "TriStageLR"),
    "fixed": ("fixed_schedule", "FixedLR"),
    "triangular": ("triangular_lr_scheduler", "TriangularLR"),
    "step": ("step_lr_scheduler", "StepLR"),
}


class _Optimizer:  # pragma: no cover
    """What a schedule asks of a ``FairseqOptimizer``."""

    def __init__(self, lr: float) -> None:
        self.lr = lr

    def set_lr(self, lr: float) -> None:
        self.lr = lr

    def get_lr(self) -> float:
        return self.lr


def _classes(kind: str) -> tuple[Any, Any]:  # pragma: no cover
    """The class of a schedule, and that of its config."""
    given: dict[str, Any] = {"FairseqOptimizer": _Optimizer}
    base, file = "FairseqLRScheduler", f"{_FOLDER}/fairseq_lr_scheduler.py"
    given[base] = definitions("fairseq", file, [base], given)[base]
    given |= {
        "II": lambda name: name,
        "FairseqDataclass": object,
        "register_lr_scheduler": lambda name, dataclass: lambda found: found,
    }
    file, name = _FILES[kind]
    names = [f"{name}Schedule", f"{name.removesuffix('LR')}LRScheduleConfig"]
    found = definitions("fairseq", f"{_FOLDER}/{file}.py", names, given)
    return found[names[0]], found[names[1]]


def run(setting: Setting, translation: Translation, steps: int) -> list[Row]:  # pragma: no cover
    """Steps as ``Trainer`` does: before the first update, at an epoch's start, after an update.

    Args:
        setting: the schedule.
        translation: the rate of the optimizer.
        steps: how many updates.
    """
    s = Schedule(setting)
    made, config_of = _classes(s.kind)
    config = config_of()
    config.lr = [float(rate) if is_known(rate) else translation.columns[0].base for rate in s.rates]
    for key in ("max_update", "total_num_update"):
        if hasattr(config, key):
            setattr(config, key, int(s.total))
    for key, value in settings(s.fields, ("lr", "max_update")).items():
        if value != "null" and not (isinstance(value, str) and "$" in value):
            setattr(config, key, value)
    changes = len(s.rates) > 1 or s.fields.given("force_anneal") is not None
    per_epoch = int(s.fields.trial.steps_per_epoch()) if changes and s.kind == "fixed" else 0
    optimizer = _Optimizer(config.lr[0])
    scheduler = made(config, optimizer)
    scheduler.step_update(0)
    rows: list[Row] = []
    for n in range(steps):
        if not n or (per_epoch and n % per_epoch == 0):
            scheduler.step_begin_epoch(n // per_epoch + 1 if per_epoch else 1)
            scheduler.step_update(n)
        rows.append([float(optimizer.get_lr())])
        scheduler.step_update(n + 1)
    return rows

"""The callback by which Lightning steps schedules that a config holds, and passes them metrics."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any, Literal

from lrdsl.frameworks.torch.findings import report_in_run
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from lrdsl.frameworks.torch.waiting import WaitingLR
from lrdsl.integrations.lightning import lightning, listens
from lrdsl.integrations.metric_observer import Observer

if TYPE_CHECKING:
    from lightning.pytorch import Callback, LightningModule, Trainer
elif "pytorch_lightning" in sys.modules and "lightning.pytorch" not in sys.modules:
    from pytorch_lightning import Callback
else:
    from lightning.pytorch import Callback


class ScheduleCallback(Callback):
    """Makes Lightning step every scheduler of lrdsl after every update, and passes it metrics.

    It is for schedulers that ``lrdsl.lightning`` has not told Lightning about, such as that of
    LightningCLI: ``--lr_scheduler lrdsl.ScheduleLR --trainer.callbacks+=
    lrdsl.lightning_callback.ScheduleCallback``. A schedule with ``steps_per_epoch: 1`` is stepped
    after every epoch. Where a schedule lacks ``total`` or ``steps_per_epoch``, the trainer supplies
    it. When training starts, probable mistakes in a run of this length are reported, as the
    ``lint`` of the scheduler says. Under manual optimization the module steps, and the callback
    passes the metrics that ``lrdsl.lightning(…, monitor={…})`` names.

    Args:
        monitor: for a program that a metric drives, the name of the logged metric to observe at the
            end of every epoch, or ``False`` if the module calls ``scheduler.observe`` itself.
    """

    def __init__(self, monitor: str | Literal[False] | None = None) -> None:
        self.monitor = monitor
        self._observers: list[Observer] = []

    def on_fit_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Sets the run and the interval of the schedulers, before Lightning resumes a run.

        Args:
            trainer: the trainer.
            pl_module: the module.

        Raises:
            ValueError: a metric drives a program and ``monitor`` is missing, or the reverse; or
                there is no scheduler of lrdsl.
            LrsError: a schedule needs the length of the run, and Lightning does not know it, or the
                program has errors.
        """
        configs = trainer.lr_scheduler_configs
        schedulers = [one.scheduler for one in configs if isinstance(one.scheduler, ScheduleLR)]
        if not schedulers:
            raise ValueError(
                "ScheduleCallback found no scheduler of lrdsl: name one, as in"
                " `--lr_scheduler lrdsl.ScheduleLR`, or leave the callback out"
            )
        for one in schedulers:
            if isinstance(one, WaitingLR):
                one.begin(**_run_of(trainer))
        observers = [one.scheduler for one in configs if isinstance(one.scheduler, Observer)]
        observed = [one.scheduler for one in observers]
        waiting = [
            one for one in schedulers if listens(one) and all(one is not s for s in observed)
        ]
        if self.monitor and not waiting:
            raise ValueError(
                f"no part of this schedule is driven by a metric such as {self.monitor!r}"
                + (", because `lrdsl.lightning` names another" if observers else "")
            )
        if pl_module.automatic_optimization:
            for scheduler in schedulers:
                is_waiting = any(scheduler is one for one in waiting)
                _configure(configs, scheduler, self.monitor if is_waiting else False)
            return
        if self.monitor:
            observers += [Observer(one, self.monitor) for one in waiting]
        self._observers = observers
        for observer in observers:
            observer.is_attended = True

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Reports probable mistakes that show in a run of this length, unless the module steps.

        Args:
            trainer: the trainer.
            pl_module: the module.

        Raises:
            LrsError: something is found, and a scheduler was made with ``lint="error"``.
        """
        if not pl_module.automatic_optimization:
            return
        run = _run_of(trainer)
        for one in trainer.lr_scheduler_configs:
            scheduler = one.scheduler
            if isinstance(scheduler, ScheduleLR):
                counts_epochs = scheduler.schedules.run.units.get("ep") == 1
                total = run["epochs" if counts_epochs else "total"]
                if total is not None:
                    report_in_run(scheduler, total)

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Passes metrics under manual optimization; otherwise Lightning does.

        Args:
            trainer: the trainer.
            pl_module: the module.

        Raises:
            KeyError: no such metric was logged.
        """
        for observer in self._observers:
            metrics = trainer.callback_metrics
            if observer.monitor not in metrics:
                raise KeyError(
                    f"the schedule observes {observer.monitor!r}, and what was logged are"
                    f" {', '.join(sorted(metrics)) or 'no metrics'}"
                )
            observer.step(metrics[observer.monitor])


def _run_of(trainer: Trainer) -> dict[str, int | None]:
    """What the trainer knows of its run: None for what it does not."""
    total, batches = trainer.estimated_stepping_batches, trainer.num_training_batches
    epochs = trainer.max_epochs
    return {
        # Without an end it is infinite or negative.
        "total": int(total) if 0 < total < math.inf else None,
        "steps_per_epoch": math.ceil(batches / trainer.accumulate_grad_batches)
        if 0 < batches < math.inf
        else None,
        "epochs": epochs if epochs is not None and epochs > 0 else None,
    }


def _configure(
    configs: list[Any], scheduler: ScheduleLR, monitor: str | Literal[False] | None
) -> None:
    """Changes Lightning's configurations of a scheduler to those of `lrdsl.lightning`."""
    returned = lightning(scheduler, monitor=monitor)
    made = returned[1] if isinstance(returned, tuple) else [returned["lr_scheduler"]]
    stepped, *others = made
    for config in configs:
        if config.scheduler is scheduler:
            config.interval, config.frequency = stepped["interval"], stepped["frequency"]
    configs.extend(type(configs[0])(**one) for one in others)

"""Schedules from the arguments of transformers' ``Trainer`` alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrdsl.frameworks.torch.compile import compile
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler, SequentialLR
    from transformers import Trainer
else:
    Trainer = object

# The argument of the Trainer that holds a schedule, and the keys in it that are not `compile`'s.
ARGUMENT, SOURCE, METRIC = "lr_scheduler_kwargs", "source", "metric"
# Arguments that say the schedule of a plain trainer, and their defaults.
_WITHOUT_EFFECT = {"warmup_steps": 0, "warmup_ratio": 0, "lr_scheduler_type": "linear"}
_EXAMPLE = f'{ARGUMENT}: {{{SOURCE}: "warmup(3%) >> cosine"}}'


class ScheduleMixin(Trainer):
    """Makes a subclass of transformers' ``Trainer`` follow a schedule that stands in its arguments.

    Put it before the trainer: ``class MyTrainer(ScheduleMixin, Trainer): pass``. The schedule is
    ``lr_scheduler_kwargs={"source": "warmup(3%) >> cosine"}``; further keys are arguments of
    ``lrdsl.compile``, such as ``params``. The optimizer and its groups are those that the trainer
    makes. ``total`` is the number of its updates; ``steps_per_epoch`` is known where a whole number
    of ``num_train_epochs``, and not ``max_steps``, gives the length of the run. A program that a
    metric drives observes ``metric``, by default the loss, when the trainer evaluates while it
    trains. Without ``source`` the trainer makes its own scheduler.
    """

    lr_scheduler: LRScheduler | None
    _metric: str | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for base in cls.__mro__[: cls.__mro__.index(ScheduleMixin)]:
            if base.__module__.startswith("transformers."):
                raise TypeError(
                    f"{base.__name__} stands before ScheduleMixin, which has no effect then: write"
                    f" `class {cls.__name__}(ScheduleMixin, {base.__name__})`"
                )

    def create_scheduler(
        self, num_training_steps: int, optimizer: Optimizer | None = None
    ) -> LRScheduler:
        """Makes the scheduler; the trainer calls it.

        Args:
            num_training_steps: the number of updates.
            optimizer: the optimizer; None for the trainer's.

        Raises:
            LrsError: the text is wrong.
            ValueError: other arguments of the trainer say what its rate is, or a metric drives the
                program and nothing is evaluated.
        """
        given = self.args.lr_scheduler_kwargs
        if not isinstance(given, dict) or SOURCE not in given:
            made: LRScheduler = super().create_scheduler(num_training_steps, optimizer)
            return made
        if self.lr_scheduler is None:
            self._reject_others()
            options = {"total": num_training_steps, **self._epochs(num_training_steps), **given}
            source, metric = options.pop(SOURCE), options.pop(METRIC, None)
            driven = self.optimizer if optimizer is None else optimizer
            scheduler = compile(source, driven, **options)
            self._metric = self._observed(scheduler, metric)
            self.lr_scheduler = scheduler
            self._created_lr_scheduler = True
        return self.lr_scheduler

    def _evaluate(self, *args: Any, **options: Any) -> dict[str, float]:
        """Evaluates while it trains, as the trainer does for torch's ``ReduceLROnPlateau``."""
        metrics: dict[str, float] = super()._evaluate(*args, **options)
        skipped = options.get("skip_scheduler", len(args) > 2 and args[2])
        if self._metric is not None and isinstance(self.lr_scheduler, ScheduleLR) and not skipped:
            if self._metric not in metrics:
                raise KeyError(
                    f"the schedule observes {self._metric!r}, and what was evaluated are"
                    f" {', '.join(sorted(metrics))}: name one as `{METRIC}` in {ARGUMENT}"
                )
            self.lr_scheduler.observe(metrics[self._metric])
        return metrics

    def _reject_others(self) -> None:
        """The schedule is all that says the rate: nothing beside it may be without effect."""
        for name, default in _WITHOUT_EFFECT.items():
            value = getattr(self.args, name, default)
            value = getattr(value, "value", value)
            if value not in (default, None):
                raise ValueError(
                    f"{name}={value!r} has no effect beside a schedule: write all of it in the"
                    f" schedule, as in `{_EXAMPLE}`, and leave {name} out"
                )

    def _epochs(self, updates: int) -> dict[str, Any]:
        if self.args.max_steps > 0:
            return {}
        epochs = self.args.num_train_epochs
        # The trainer rounds the updates of a part of an epoch up.
        return {"steps_per_epoch": int(updates // epochs)} if float(epochs).is_integer() else {}

    def _observed(self, scheduler: ScheduleLR | SequentialLR, metric: object) -> str | None:
        """The metric to observe, as the trainer calls it; None if none drives the program."""
        if not isinstance(metric, str | None):
            raise TypeError(f"`{METRIC}` in {ARGUMENT} is the name of a metric, not {metric!r}")
        if not isinstance(scheduler, ScheduleLR) or not scheduler.schedules.listens:
            if metric is not None:
                raise ValueError(
                    f"no part of this schedule is driven by a metric such as {metric!r}"
                )
            return None
        if str(getattr(self.args.eval_strategy, "value", self.args.eval_strategy)) == "no":
            raise ValueError(
                'a metric drives this schedule, and nothing is evaluated: set eval_strategy="epoch"'
                ' or "steps"'
            )
        name = metric or "loss"
        return name if name.startswith("eval_") else f"eval_{name}"

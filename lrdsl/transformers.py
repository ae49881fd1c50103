"""Schedules from the arguments of transformers' ``Trainer`` alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrdsl.frameworks.torch.compile import compile
from lrdsl.frameworks.torch.lambda_lr import ScheduleLR

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler, SequentialLR
    from transformers import Trainer, TrainingArguments
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
        before = cls.__mro__[: cls.__mro__.index(ScheduleMixin)]
        trainers = {base for base in before if base.__module__.startswith("transformers.")}
        if trainers:
            first = next(base for base in cls.__bases__ if trainers.intersection(base.__mro__))
            raise TypeError(
                f"{first.__name__} stands before ScheduleMixin, which has no effect then: write"
                f" `class {cls.__name__}(ScheduleMixin, {first.__name__})`"
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
            driven = self.optimizer if optimizer is None else optimizer
            self.lr_scheduler, self._metric = made_for(self.args, given, driven, num_training_steps)
            self._created_lr_scheduler = True
        return self.lr_scheduler

    def _evaluate(self, *args: Any, **options: Any) -> dict[str, float]:
        """Evaluates while it trains, as the trainer does for torch's ``ReduceLROnPlateau``."""
        metrics: dict[str, float] = super()._evaluate(*args, **options)
        skipped = options.get("skip_scheduler", len(args) > 2 and args[2])
        if self._metric is not None and isinstance(self.lr_scheduler, ScheduleLR) and not skipped:
            self.lr_scheduler.observe(measured(metrics, self._metric))
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


def made_for(
    args: TrainingArguments, given: dict[str, Any], optimizer: Optimizer, updates: int
) -> tuple[ScheduleLR | SequentialLR, str | None]:
    """A scheduler from a config's ``source``, ``metric`` and arguments of ``compile``.

    Returns:
        The scheduler, and the metric to observe as the trainer calls it; None if none drives it.
    """
    options = {"total": updates, **_epochs(args, updates), **given}
    source, metric = options.pop(SOURCE), options.pop(METRIC, None)
    scheduler = compile(source, optimizer, **options)
    return scheduler, _observed(args, scheduler, metric)


def measured(metrics: dict[str, float], name: str) -> float:
    """One of the metrics that a trainer has evaluated."""
    if name not in metrics:
        raise KeyError(
            f"the schedule observes {name!r}, and what was evaluated are"
            f" {', '.join(sorted(metrics))}: name one as `{METRIC}` beside `{SOURCE}`"
        )
    return metrics[name]


def _epochs(args: TrainingArguments, updates: int) -> dict[str, Any]:
    if args.max_steps > 0:
        return {}
    epochs = args.num_train_epochs
    # The trainer rounds the updates of a part of an epoch up.
    return {"steps_per_epoch": int(updates // epochs)} if float(epochs).is_integer() else {}


def _observed(
    args: TrainingArguments, scheduler: ScheduleLR | SequentialLR, metric: object
) -> str | None:
    if not isinstance(metric, str | None):
        raise TypeError(f"`{METRIC}` beside `{SOURCE}` is the name of a metric, not {metric!r}")
    if not isinstance(scheduler, ScheduleLR) or not scheduler.schedules.listens:
        if metric is not None:
            raise ValueError(f"no part of this schedule is driven by a metric such as {metric!r}")
        return None
    if str(getattr(args.eval_strategy, "value", args.eval_strategy)) == "no":
        raise ValueError(
            'a metric drives this schedule, and nothing is evaluated: set eval_strategy="epoch"'
            ' or "steps"'
        )
    name = metric or "loss"
    return name if name.startswith("eval_") else f"eval_{name}"

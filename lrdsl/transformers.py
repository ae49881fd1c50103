"""Schedules from the arguments of transformers' ``Trainer`` alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lrdsl.frameworks.torch.compile import compile

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler
    from transformers import Trainer, TrainerCallback
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
    makes. ``total`` is the number of its updates; ``steps_per_epoch`` is known where
    ``num_train_epochs`` and not ``max_steps`` gives the length of the run. For a program that a
    metric drives, ``metric`` names one that the trainer evaluates; ``metric_for_best_model`` or the
    loss is the default. Without ``source`` the trainer makes its own scheduler.
    """

    lr_scheduler: LRScheduler | None
    _observer: TrainerCallback | None = None

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
            self._observe(scheduler, metric)
            self.lr_scheduler = scheduler
            self._created_lr_scheduler = True
        return self.lr_scheduler

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
        args = self.args
        if args.max_steps > 0:
            return {}
        per_epoch = updates / args.num_train_epochs
        return {"steps_per_epoch": per_epoch} if per_epoch.is_integer() else {}

    def _observe(self, scheduler: Any, metric: str | None) -> None:
        if self._observer is not None:  # that of a run before
            self.remove_callback(self._observer)
            self._observer = None
        if not scheduler.schedules.listens:
            if metric is not None:
                raise ValueError(
                    f"no part of this schedule is driven by a metric such as {metric!r}"
                )
            return
        if str(getattr(self.args.eval_strategy, "value", self.args.eval_strategy)) == "no":
            raise ValueError(
                'a metric drives this schedule, and nothing is evaluated: set eval_strategy="epoch"'
                ' or "steps"'
            )
        name = metric or self.args.metric_for_best_model or "loss"
        self._observer = _observer(name if name.startswith("eval_") else f"eval_{name}")
        self.add_callback(self._observer)


def _observer(metric: str) -> TrainerCallback:
    """Hands a metric to the scheduler whenever the trainer evaluates, before it saves."""
    from transformers import TrainerCallback

    class Observer(TrainerCallback):
        def on_evaluate(self, args: Any, state: Any, control: Any, **given: Any) -> None:
            metrics = given["metrics"]
            if metric not in metrics:
                raise KeyError(
                    f"the schedule observes {metric!r}, and what was evaluated are"
                    f" {', '.join(sorted(metrics))}: name one as `{METRIC}` in {ARGUMENT}"
                )
            given["lr_scheduler"].observe(metrics[metric])

    return Observer()

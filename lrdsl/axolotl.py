"""The plugin for axolotl: a schedule that stands in its config."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from axolotl.integrations.base import BasePlugin
from pydantic import BaseModel, BeforeValidator
from transformers import TrainerCallback

from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
from lrdsl.program import parse
from lrdsl.transformers import METRIC, SOURCE, made_for, measured

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

# The key of the config that holds a schedule.
KEY = "schedule"
# Keys that say the schedule of axolotl without the plugin.
_WITHOUT_EFFECT = (
    "lr_scheduler",
    "lr_scheduler_kwargs",
    "warmup_steps",
    "warmup_ratio",
    "lr_quadratic_warmup",
    "cosine_min_lr_ratio",
    "cosine_constant_lr_ratio",
    "jagged_restart_steps",
    "jagged_restart_warmup_steps",
    "jagged_restart_anneal_steps",
)


def _plain(given: Any) -> Any:
    """Tables as dicts: those of axolotl have every attribute, which confuses pydantic."""
    if isinstance(given, dict):
        return {name: _plain(value) for name, value in given.items()}
    return [_plain(value) for value in given] if isinstance(given, list) else given


class Arguments(BaseModel):
    """What the plugin adds to axolotl's config."""

    schedule: Annotated[str | dict[str, Any] | None, BeforeValidator(_plain)] = None


class Plugin(BasePlugin):
    """Makes the trainers of axolotl follow a schedule that stands in their config.

    The config lists ``lrdsl.axolotl.Plugin`` under ``plugins``, and holds a text under
    ``schedule``, or a table: ``source`` is the text, ``metric`` is what a ``plateau`` observes, by
    default the loss, and other keys are arguments of ``lrdsl.compile``. ``total`` and
    ``steps_per_epoch`` are known as in ``lrdsl.transformers.ScheduleMixin``.
    """

    def register(self, cfg: dict[str, Any]) -> None:
        """Checks the config as it is written; axolotl calls it before it loads anything.

        Raises:
            LrsError: the text is wrong.
            ValueError: there is no schedule, or other keys of axolotl say what its rate is.
        """
        parse(_given(cfg)[SOURCE])
        for name in _WITHOUT_EFFECT:
            if cfg.get(name) is not None:
                raise ValueError(
                    f"`{name}` has no effect beside `{KEY}`: write all of it in the schedule, and"
                    f" leave {name} out"
                )

    def get_input_args(self) -> str:
        """The keys of the config, for axolotl's validation."""
        return f"{__name__}.{Arguments.__name__}"

    def create_lr_scheduler(
        self, cfg: dict[str, Any], trainer: Any, optimizer: Optimizer, num_training_steps: int
    ) -> LRScheduler:
        """Makes the scheduler; axolotl's trainers call it.

        Raises:
            LrsError: the text is wrong.
            ValueError: a metric drives the program and nothing is evaluated.
        """
        scheduler, metric = made_for(trainer.args, _given(cfg), optimizer, num_training_steps)
        if metric is not None and isinstance(scheduler, ScheduleLR):
            trainer.add_callback(Observer(scheduler, metric))
        return scheduler


class Observer(TrainerCallback):
    """Passes a metric to a scheduler when the trainer evaluates after an update."""

    def __init__(self, scheduler: ScheduleLR, metric: str) -> None:
        self.scheduler, self.metric, self.first = scheduler, metric, 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Axolotl also evaluates before the first update of a run, new or resumed."""
        self.first = state.global_step

    def on_evaluate(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """The trainer saves its checkpoint after this."""
        if state.global_step > self.first:
            self.scheduler.observe(measured(given["metrics"], self.metric))


def _given(cfg: dict[str, Any]) -> dict[str, Any]:
    """The schedule of a config, as a table."""
    given = cfg.get(KEY)
    table = {SOURCE: given} if isinstance(given, str) else given
    if not isinstance(table, dict) or not isinstance(table.get(SOURCE), str):
        raise ValueError(
            f'lrdsl\'s plugin needs a text, `{KEY}: "warmup(3%) >> cosine"`, or a table with a'
            f" `{SOURCE}`; its other keys are `{METRIC}` and arguments of `lrdsl.compile`"
        )
    return dict(_plain(table))

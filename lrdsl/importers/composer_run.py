"""The schedulers of Composer and llm-foundry themselves, with the loop of Composer's trainer."""

from __future__ import annotations

from enum import Enum
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from lrdsl.importers.composer_time import time
from lrdsl.importers.documents import Call
from lrdsl.importers.fields import Fields, Unknown
from lrdsl.importers.installed import definitions, optimizer, settings, stepped

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.importer import Setting, Translation

_INVERSE = "InverseSquareRootWithWarmupScheduler"
_HELPERS = ["compile_composer_scheduler", "ComposerScheduler", "LinearScheduler", "_convert_time"]


class _Serializable:
    """What a time inherits from."""


def _composer(kind: str) -> dict[str, Any]:  # pragma: no cover
    """Composer's times, with a scheduler of its own or llm-foundry's, and what steps it."""
    given: dict[str, Any] = {"Serializable": _Serializable, "State": object, "Protocol": object}
    names = ["StringEnum"]
    given |= definitions("mosaicml", "composer/utils/string_enum.py", names, {"Enum": Enum})
    names = ["Time", "TimeUnit", "Timestamp", "ensure_time"]
    given |= definitions("mosaicml", "composer/core/time.py", names, given)
    own = [] if kind == _INVERSE else [kind]
    given |= definitions("mosaicml", "composer/optim/scheduler.py", [*_HELPERS, *own], given)
    if own:
        return given
    given["experimental_class"] = lambda name: lambda found: found
    return given | definitions("llm-foundry", "llmfoundry/optim/scheduler.py", [kind], given)


def run(setting: Setting, translation: Translation, steps: int) -> list[Row]:  # pragma: no cover
    """Steps the scheduler as the trainer does: before it counts the batch.

    That is ``Trainer.__init__`` (a scheduler is compiled with the length before its ratio) and
    ``Trainer._train_loop`` (``scheduler.step()`` before ``to_next_batch``) of 0.32.1.

    Args:
        setting: the scheduler.
        translation: the run, and the rate of the optimizer.
        steps: how many updates.
    """
    composer, around = _composer(setting.kind), setting.fields.table("run")
    given = _settings(setting.fields.table("scheduler"))
    owner = optimizer(translation.columns[0].base)
    said, ratio = around.given("max_duration"), float(around.number("scale_schedule_ratio", 1))
    is_said = said is not None and not isinstance(said, Unknown) and "$" not in str(said)
    length = str(time("", said, "ep")) if is_said else f"{int(translation.total)}ba"
    longest = composer["ensure_time"](length, composer["TimeUnit"].EPOCH)
    # The decay period of an ExponentialScheduler is an epoch by default.
    has_epochs = "ep" in f"{length} {[*given.values()]}" or setting.kind == "ExponentialScheduler"
    epoch = int(around.trial.steps_per_epoch()) if has_epochs else 0
    state = SimpleNamespace(
        optimizers=[owner],
        max_duration=longest,
        dataloader_len=epoch or None,
        timestamp=composer["Timestamp"](),
    )
    scheduler = composer["compile_composer_scheduler"](
        composer[setting.kind](**given), state, ratio
    )
    state.max_duration = longest * ratio
    samples = int(around.number("global_train_batch_size", 1))
    tokens = samples * int(around.number("max_seq_len", 1))

    def step() -> None:
        scheduler.step()
        state.timestamp = state.timestamp.to_next_batch(samples=samples, tokens=tokens)
        if epoch and int(state.timestamp.batch) % epoch == 0:
            state.timestamp = state.timestamp.to_next_epoch()

    return stepped(owner, step, steps)


def _settings(fields: Fields) -> dict[str, Any]:  # pragma: no cover
    """The arguments of a scheduler, its times as texts."""
    texts = {
        name: [_text(item) for item in value] if isinstance(value, list) else _text(value)
        for name, value in fields.plain().items()
    }
    return settings(Fields(texts, fields.trial), ("name",))


def _text(value: Any) -> Any:  # pragma: no cover
    return str(time("", value)) if isinstance(value, Call) else value

"""The schedulers of torch themselves, built from their settings and stepped."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lrdsl.importers.fields import Fields
from lrdsl.importers.installed import optimizer_of
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import plain
from lrdsl.importers.torch_nests import PARTS, parts
from lrdsl.importers.torch_texts import NESTS, PARAMETERS
from lrdsl.record import record

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.importer import Setting

_WORDS = ("mode", "threshold_mode", "scale_mode", "anneal_strategy")
_TRUTHS = ("cycle_momentum", "three_phase")


@record
class Owner:
    """The optimizer of a scheduler.

    Attributes:
        name: its class in ``torch.optim``.
        rates: the rate that each of its groups was built with.
        stepped: how often its scheduler is stepped, as a sentence without its full stop.
        is_per_epoch: True if it is known to be stepped once per epoch.
        epochs: the epochs of the run, where the source says how many; 0 otherwise.
    """

    name: str = "SGD"
    rates: tuple[float, ...] = (1.0,)
    stepped: str = "a step is a call of the scheduler's `step`, once per update or once per epoch"
    is_per_epoch: bool = False
    epochs: int = 0


def rows(setting: Setting, owner: Owner, keys: Sequence[str], metric: Sequence[float]) -> list[Row]:
    """The values that a scheduler gives an optimizer that is stepped with it.

    Args:
        setting: the scheduler.
        owner: its optimizer.
        keys: ``lr`` for the rates of all groups, ``momentum`` for the momentum of all of them.
        metric: what is measured after each update, of which there are as many.

    Returns:
        A row for each update, the values of the first key before those of the second; fewer rows if
        torch raises on the way.

    Raises:
        Refused: torch does not build it.
    """
    found: list[Row] = []
    with warnings.catch_warnings():
        # It warns of the order of steps where schedulers are made of each other.
        warnings.simplefilter("ignore")
        scheduler = _scheduler(setting, owner)
        groups = scheduler.optimizer.param_groups
        try:
            for measured in metric:
                found.append([float(_read(group, key)) for key in keys for group in groups])
                scheduler.optimizer.step()
                if setting.kind == "ReduceLROnPlateau":
                    scheduler.step(measured)
                else:
                    scheduler.step()
        except (ArithmeticError, NotImplementedError, ValueError):
            pass  # an end of the original; how far it came is compared
    return found


def _read(group: dict[str, Any], key: str) -> Any:
    if key == "momentum" and "betas" in group:
        return group["betas"][0]
    return group.get(key, 0.0)


def _scheduler(setting: Setting, owner: Owner) -> Any:
    try:
        return _made(setting, optimizer_of(owner.rates, owner.name))
    except (ArithmeticError, TypeError, ValueError, NotImplementedError) as error:
        name = type(error).__name__
        raise Refused(f"torch does not build it: {name}: {str(error).rstrip('.')}") from None


def _made(setting: Setting, optimizer: Any) -> Any:
    from torch.optim import lr_scheduler, swa_utils

    kind, arguments = setting.kind, _arguments(setting.fields, PARAMETERS[setting.kind])
    if kind in NESTS:
        inner = parts(setting)
        # In the order in which a script makes them: some change what the next one starts from.
        made = {id(s): _made(s, optimizer) for s in sorted(inner, key=lambda s: s.line)}
        arguments[PARTS] = [made[id(part)] for part in inner]
    if kind == "ChainedScheduler":
        return lr_scheduler.ChainedScheduler(**arguments, optimizer=optimizer)
    room = swa_utils if kind == "SWALR" else lr_scheduler
    return getattr(room, kind)(optimizer, **arguments)


def _arguments(fields: Fields, names: Sequence[str]) -> dict[str, Any]:
    """The arguments of a scheduler as torch takes them, in the numbers of this trial."""
    given = fields.plain()
    return {
        name: _argument(fields, name)
        for name in names
        if name != PARTS and given.get(name) is not None
    }


def _argument(fields: Fields, name: str) -> Any:
    value = fields.plain()[name]
    if name in _WORDS:
        return fields.text(name)
    if name in _TRUTHS:
        return fields.truth(name, default=False)
    if name in {"lr_lambda", "scale_fn"}:
        return value
    if isinstance(value, list | tuple):
        return plain(fields.numbers(name))
    return plain(fields.number(name))

"""``lrdsl.log``: the numbers that a scheduler drives, by name, for a logger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, cast

from lrdsl.check.targets import RATE
from lrdsl.check.tree import Adaptive, Meter
from lrdsl.resolve.resolved import Resolved

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import LRScheduler

    from lrdsl.frameworks.torch.bases import Bases
    from lrdsl.frameworks.torch.hyperparameters import Group, Hyperparameter
    from lrdsl.frameworks.torch.planned import PlannedLR
    from lrdsl.frameworks.torch.several import SeveralLR


class Scheduling(Protocol):
    """A scheduler: torch's own, lrdsl's, or any other that has its optimizer."""

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer."""


class Wrapping(Protocol):
    """What a trainer wraps around a scheduler, as Accelerate does."""

    @property
    def scheduler(self) -> LRScheduler:
        """The scheduler."""


# A number of a parameter group, and what it is called.
Entry = tuple[str, "Hyperparameter", "Group"]


def log(scheduler: Scheduling | Wrapping | SeveralLR) -> dict[str, float]:
    """Returns every number that a scheduler drives, by name, for TensorBoard and other loggers.

    They are the numbers of update ``scheduler.last_epoch``, counted from 0, as the optimizer's
    groups hold them. Before ``scheduler.step()`` that is the update just made, and after it the
    next one; so pass ``scheduler.last_epoch`` to the logger as the step.

    * ``lr`` is the rate of a single group. With several groups it is ``lr/head`` for the group that
      is named ``head``, and ``lr/0`` for the first group if it has no name. Other targets, such as
      ``momentum``, are named likewise, in the words of the program.
    * A ``scalar`` has its own name.
    * ``plateau`` is the factor of a ``plateau``, and ``adaptive`` that of an ``adaptive``;
      ``plateau/0`` is the first of several.
    * Of several optimizers, each name ends in that of its optimizer: ``lr/muon``, or with several
      groups ``lr/muon.hidden`` and ``lr/muon.0``, and ``kl/muon`` for a scalar, because each
      optimizer has its own clock.

    Args:
        scheduler: a scheduler of ``lrdsl.compile``, or any other with an optimizer, of which the
            ``lr`` of the groups is returned. It may be wrapped, as by Accelerate.

    Returns:
        Python floats by name, with the same names at every call, unless groups come or go.

    Raises:
        TypeError: it is not a scheduler.

    Examples:
        >>> import lrdsl, torch
        >>> groups = [{"params": [torch.nn.Parameter(torch.ones(1))], "name": n} for n in "ab"]
        >>> optimizer = torch.optim.SGD(groups, lr=0.5)
        >>> scheduler = lrdsl.compile("lr: linear(4) scalar kl: linear(4, 0, 1)", optimizer)
        >>> optimizer.step(); scheduler.step()
        >>> lrdsl.log(scheduler)
        {'lr/a': 0.375, 'lr/b': 0.375, 'kl': 0.25}
    """
    inside = getattr(scheduler, "scheduler", scheduler)
    if isinstance(getattr(inside, "schedules", None), Resolved):
        return cast("PlannedLR", inside).numbers()
    groups = getattr(getattr(inside, "optimizer", None), "param_groups", None)
    if not isinstance(groups, list):
        raise TypeError(f"lrdsl.log takes a scheduler, not `{type(scheduler).__name__}`")
    pairs = zip(_suffixes(groups, range(len(groups))), groups, strict=True)
    return {f"{RATE}{suffix}": float(group[RATE]) for suffix, group in pairs if RATE in group}


def entries(
    keys: Iterable[str],
    numbers: Mapping[tuple[str, int], Hyperparameter],
    bases: Bases,
) -> list[Entry]:
    """The numbers of parameter groups that are driven, each with its name.

    Args:
        keys: what the program calls the numbers that it drives, in its order.
        numbers: the number of a group that each of them is, by its name and the group's index.
        bases: the groups.
    """
    groups = bases.groups
    suffixes = _suffixes(groups, bases.places)
    if bases.owner:
        suffixes = [f"/{bases.owner}{suffix.replace('/', '.', 1)}" for suffix in suffixes]
    return [
        (f"{key}{suffixes[i]}", numbers[key, i], group)
        for key in dict.fromkeys(keys)
        for i, group in enumerate(groups)
        if (key, i) in numbers
    ]


def read(found: Iterable[Entry]) -> dict[str, float]:
    """What the groups hold now, by name.

    Args:
        found: the entries.
    """
    numbers = {}
    for name, number, group in found:
        value = number.read(group)
        numbers[name] = value if type(value) is float else float(value)
    return numbers


def factors(
    meters: Iterable[Meter], known: Mapping[str, float], taken: Container[str]
) -> dict[str, float]:
    """The factor of each ``plateau`` and ``adaptive``, by the name it is logged under.

    Args:
        meters: the meters of a program.
        known: their factors, by the names of their variables.
        taken: the names of other numbers.
    """
    kinds = [("adaptive" if isinstance(one, Adaptive) else "plateau", one.name) for one in meters]
    counts = Counter(kind for kind, _ in kinds)
    numbers: dict[str, float] = {}
    seen: Counter[str] = Counter()
    for kind, variable in kinds:
        name = kind if counts[kind] == 1 else f"{kind}/{seen[kind]}"
        while name in taken:
            name += "/factor"
        numbers[name] = known[variable]
        seen[kind] += 1
    return numbers


def _suffixes(groups: Sequence[Group], places: Sequence[int]) -> list[str]:
    """What is put after the name of a number for each group: nothing for a single one.

    Where groups share a name, each has its place after it.
    """
    if len(groups) == 1:
        return [""]
    names = [_name(group) or str(place) for group, place in zip(groups, places, strict=True)]
    while len(set(names)) < len(names):
        counts = Counter(names)
        pairs = zip(names, places, strict=True)
        names = [f"{name}/{place}" if counts[name] > 1 else name for name, place in pairs]
    return [f"/{name}" for name in names]


def _name(group: Group) -> str:
    name = group.get("name")
    return name if isinstance(name, str) else ""

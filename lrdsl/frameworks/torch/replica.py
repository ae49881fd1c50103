"""A scheduler stepped ahead, on a copy: the caller's optimizer and scheduler stay as they are."""

from __future__ import annotations

import inspect
import pickle
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import Module, Parameter
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from lrdsl.check.hyperparameters import meant
from lrdsl.check.targets import RATE
from lrdsl.frameworks.torch.hyperparameters import Group, Hyperparameter, called, names, slot
from lrdsl.frameworks.torch.planned import PlannedLR
from lrdsl.outside import as_float, as_step, as_whole, shown
from lrdsl.wording import did_you_mean, listed, plural

if TYPE_CHECKING:
    Metric = Callable[[int], float] | Sequence[float]

# What a copy shares with its original: it is no state of a scheduler.
_SHARED = (FunctionType, BuiltinFunctionType, ModuleType, type, Module, Parameter)


class Idle(Optimizer):
    """The optimizer of a replica: it has groups, and its updates change nothing.

    Args:
        groups: its parameter groups.
        defaults: the options of groups that are added.
    """

    def __init__(self, groups: list[Group], defaults: dict[str, Any]) -> None:
        super().__init__([{"params": [_parameter()]}], {})
        self.param_groups = groups
        self.defaults = defaults
        self._opt_called = True  # torch's schedulers ask before they warn of the order of steps

    @classmethod
    def of(cls, count: int) -> Idle:
        """One with so many groups that have a parameter each, and no options.

        Args:
            count: the number of groups.
        """
        return cls([{"params": [_parameter()]} for _ in range(count)], {})

    def step(self, closure: object = None) -> None:  # type: ignore[override]
        """Counts as an update, calls no hooks and changes no parameter.

        Args:
            closure: ignored; torch's optimizers take one.
        """

    # As torch marks a step that it has wrapped, for its hooks and for the order of steps: the hooks
    # that a caller has for every optimizer must not see updates that nobody makes.
    step.hooked = True  # type: ignore[attr-defined]
    step._wrapped_by_lr_sched = True  # type: ignore[attr-defined]


def replica(scheduler: LRScheduler) -> LRScheduler:
    """Copies a scheduler onto an optimizer of its own, which has the same groups.

    The replica is where the scheduler is, and goes on by itself. Its optimizer is an `Idle` one:
    it keeps every option of the groups, and one dummy parameter in each. Functions, methods of
    other objects and modules are shared with the original, so a function that keeps count of its
    calls counts those of the replica too.

    Args:
        scheduler: a scheduler of torch, of lrdsl, or of a class derived from torch's
            ``LRScheduler``. It does not change.

    Returns:
        The replica, of the scheduler's own class.

    Raises:
        TypeError: it is not a scheduler, it holds something that cannot be copied, or one of its
            functions refers to its optimizer, which would act on the original.
    """
    if not isinstance(scheduler, LRScheduler):
        raise TypeError(f"a scheduler is one of torch's LRScheduler, not {shown(scheduler)}")
    kind, copies = type(scheduler).__name__, _Copies()
    try:
        made = copies.of(scheduler)
    except (pickle.PicklingError, TypeError, AttributeError, NotImplementedError) as error:
        raise TypeError(f"{kind} cannot be copied, to be stepped apart: {error}") from error
    if not isinstance(getattr(made, "optimizer", None), Idle):
        raise TypeError(f"{kind} cannot be copied: a copy of it has no optimizer")
    assert isinstance(made, LRScheduler)
    return made


def idle(optimizer: Optimizer) -> Idle:
    """An optimizer that has copies of another one's groups, and no state.

    Args:
        optimizer: the other one, which does not change.

    Raises:
        TypeError: a group holds something that cannot be copied.
    """
    return _Copies().idle(optimizer)


def rates(
    scheduler: LRScheduler, steps: int, key: str = RATE, metric: Metric | None = None
) -> list[tuple[float, ...]]:
    """The values that the next updates would use, found by stepping a replica.

    Args:
        scheduler: the scheduler, which does not change.
        steps: the number of updates.
        key: the hyperparameter: ``lr``, ``momentum``, ``beta2``, ``weight_decay`` and so on.
            ``momentum`` is the first beta where a group has betas.
        metric: the metric of each update, for a scheduler that is driven by one: a function of the
            update's index, or a sequence with a value for each of the updates.

    Returns:
        A row for each update, from where the scheduler is, and in it a value for each group.

    Raises:
        TypeError: the scheduler cannot be copied.
        ValueError: a group has no such number, a metric is needed and missing, or the other way
            round.
    """
    count = as_whole(steps, "steps")
    made = replica(scheduler)
    advance = _advance(made, count, metric)
    groups = made.optimizer.param_groups
    slots = _slots(key, groups)
    rows = []
    for i in range(count):
        if i:
            advance(i - 1)
        pairs = zip(slots, groups, strict=True)
        rows.append(tuple([float(number.read(group)) for number, group in pairs]))
    return rows


def step_of(scheduler: LRScheduler) -> int:
    """The number of updates that a scheduler has seen, which is the index of the next one.

    Args:
        scheduler: the scheduler.

    Raises:
        ValueError: it was sent to a step that is not a whole number.
    """
    counting: Any = scheduler
    while not hasattr(counting, "last_epoch") and getattr(counting, "_schedulers", None):
        counting = counting._schedulers[0]  # a ChainedScheduler counts nothing itself
    at = getattr(counting, "last_epoch", 0)
    if at != int(at):
        raise ValueError(f"this {type(scheduler).__name__} is between two updates, at step {at}")
    return as_step(max(int(at), 0))


def is_measured(scheduler: LRScheduler) -> bool:
    """True if a metric drives a scheduler.

    Args:
        scheduler: the scheduler.
    """
    if isinstance(scheduler, PlannedLR):
        return scheduler.schedules.listens
    parameters = inspect.signature(scheduler.step).parameters.values()
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return any(p.default is p.empty and p.kind in positional for p in parameters)


def _advance(made: LRScheduler, steps: int, metric: Metric | None) -> Callable[[int], None]:
    """A function that makes an update with a replica, and steps it."""
    kind = type(made).__name__
    if is_measured(made) and metric is None:
        raise ValueError(
            f"a metric drives this {kind}: pass `metric=`, a function of the update's index or a"
            " sequence with a value for each update"
        )
    if metric is not None and not is_measured(made):
        raise ValueError(f"no metric drives this {kind}: leave `metric=` out")
    measured = None if metric is None else metric_of(metric, step_of(made), steps)
    calls = getattr(made, "calls_per_update", 1)
    step: Any = made.step

    def advance(i: int) -> None:
        made.optimizer.step()
        for _ in range(calls):
            if measured is None:
                step()
            else:
                step(measured(i))

    return advance


def metric_of(metric: Metric, first: int, steps: int) -> Callable[[int], float]:
    """The metric as a function of an update's place among those that are looked at.

    Args:
        metric: a function of the update's index, or a sequence.
        first: the index of the first update.
        steps: the number of updates.

    Raises:
        TypeError: it is neither.
        ValueError: the sequence is not as long.
    """
    if callable(metric):
        function = metric
        return lambda i: as_float(function(first + i), "a metric")
    if isinstance(metric, str | bytes) or not hasattr(metric, "__getitem__"):
        raise TypeError(f"a metric is a function of the step or a sequence, not {shown(metric)}")
    if len(metric) != steps:
        given = plural(len(metric), "value")
        raise ValueError(f"metric= has {given} for {plural(steps, 'update')}: pass one for each")
    values = metric
    return lambda i: as_float(values[i], "a metric")


def _slots(key: str, groups: list[Group]) -> list[Hyperparameter]:
    """Where each group keeps a number."""
    found = []
    for i, group in enumerate(groups):
        place = slot(key, group)
        if place is None:
            known = names(group)
            near = meant(key, known)
            help = f"did you mean `{near}`?" if near else did_you_mean(key, known, _has(known))
            raise ValueError(f"{called(group, i)} has no `{key}`; {help}")
        found.append(place)
    return found


def _has(known: list[str]) -> str:
    return f"it has {listed([f'`{name}`' for name in known])}"


def _parameter() -> Parameter:
    """A parameter that takes no room, wherever a caller makes tensors by default."""
    return Parameter(torch.zeros((), device="cpu"), requires_grad=False)


class _Copies:
    """Copies of objects that refer to each other, each made once.

    `copy.deepcopy` would copy the optimizer with its parameters and its state, and cannot be told
    by kind what to share.
    """

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        self._made: list[object] = []
        self._originals: list[object] = []  # kept, so that their ids stay theirs

    def of(self, original: object) -> object:
        """The copy of an object.

        Args:
            original: the object.
        """
        file = BytesIO()
        _Pickler(file, self).dump(original)
        file.seek(0)
        return _Unpickler(file, self._made).load()

    def place(self, original: object) -> int | None:
        """Where the copy of something is that is not copied piece by piece; None if it is.

        Args:
            original: the object.
        """
        known = self._places.get(id(original))
        if known is not None:
            return known
        if isinstance(original, Optimizer):
            return self._keep(original, self.idle(original))
        if isinstance(original, MethodType):
            is_shared = not isinstance(original.__self__, LRScheduler | Optimizer)
            return self._keep(original, original) if is_shared else None
        if isinstance(original, FunctionType) and any(map(_is_driving, _held(original))):
            name = original.__qualname__
            raise TypeError(f"`{name}` refers to the optimizer or to a scheduler of it")
        if isinstance(original, _SHARED):
            return self._keep(original, original)
        if isinstance(original, Tensor):
            return self._keep(original, original.detach().clone())
        return None

    def _keep(self, original: object, made: object) -> int:
        place = self._places[id(original)] = len(self._made)
        self._made.append(made)
        self._originals.append(original)
        return place

    def idle(self, optimizer: Optimizer) -> Idle:
        """An optimizer with the groups of another one.

        Args:
            optimizer: the other one.
        """
        groups: list[Group] = []
        self._keep(optimizer.param_groups, groups)
        for group in optimizer.param_groups:
            options = self.of([(key, value) for key, value in group.items() if key != "params"])
            assert isinstance(options, list)
            made = dict.fromkeys(group) | dict(options) | {"params": [_parameter()]}
            self._keep(group, made)
            groups.append(made)
        return Idle(groups, dict(optimizer.defaults))


def _is_driving(held: object) -> bool:
    """True if something that a function refers to can change the optimizer."""
    if isinstance(held, MethodType):
        held = held.__self__
    return isinstance(held, Optimizer | LRScheduler)


def _held(function: FunctionType) -> Iterator[object]:
    """What a function refers to by its closure, and what the functions in there do."""
    waiting, seen = [function], {id(function)}
    while waiting:
        for cell in waiting.pop().__closure__ or ():
            try:
                held = cell.cell_contents
            except ValueError:  # nothing was assigned to it yet
                continue
            yield held
            if isinstance(held, FunctionType) and id(held) not in seen:
                seen.add(id(held))
                waiting.append(held)


class _Pickler(pickle.Pickler):
    """Writes an object, and for what is not copied piece by piece, where its copy is."""

    def __init__(self, file: BytesIO, copies: _Copies) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._copies = copies

    def persistent_id(self, obj: object) -> int | None:
        """The place of a copy that is there."""
        return self._copies.place(obj)


class _Unpickler(pickle.Unpickler):
    """Reads what `_Pickler` wrote."""

    def __init__(self, file: BytesIO, made: list[object]) -> None:
        super().__init__(file)
        self._made = made

    def persistent_load(self, pid: int) -> object:
        """The copy at a place."""
        return self._made[pid]

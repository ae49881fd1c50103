"""``lrdsl.compile``: binds a program to an optimizer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, cast, overload

from lrdsl.frameworks.torch.compiling import Order, kind_for, module, refuse_others
from lrdsl.frameworks.torch.options import one_of
from lrdsl.program import Program
from lrdsl.resolve.run_arguments import RunArguments, takes_run

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import SequentialLR
    from typing_extensions import Unpack

    from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
    from lrdsl.frameworks.torch.several import SeveralLR
    from lrdsl.resolve.resolved import Resolved

# The module of each, in this folder.
SCHEDULERS = {"lambda": "lambda_lr", "sequential": "sequential_lr"}
# That of several optimizers.
_SEVERAL = "several"


class _Sequential(Protocol):
    """The interface of the module of a ``SequentialLR``."""

    OPTIONS: tuple[str, ...]

    @staticmethod
    def build(schedules: Resolved, optimizer: Optimizer, **options: object) -> SequentialLR:
        """Makes the scheduler."""


class _Several(Protocol):
    """The interface of the module `several`."""

    @staticmethod
    def named(given: Mapping[str, Optimizer] | Sequence[Optimizer]) -> dict[str, Optimizer]:
        """Returns the optimizers by name."""

    @staticmethod
    def bound(program: Program, optimizers: Mapping[str, Optimizer]) -> Program:
        """Returns the program for the numbers in the names of their groups."""

    @staticmethod
    def build(
        schedules: Resolved, optimizers: Mapping[str, Optimizer], **options: object
    ) -> SeveralLR:
        """Makes the scheduler."""


@overload
def compile(
    source: str | Path | Program,
    optimizer: Optimizer,
    *,
    scheduler: Literal["lambda"] = ...,
    start_step: int = ...,
    on_change: Literal["error", "new", "old"] = ...,
    warn_on_overwrite: bool = ...,
    rebase: bool | None = ...,
    allow_missing_groups: bool = ...,
    calls_per_update: int = ...,
    updates_per_step: int = ...,
    lint: Literal["warn", "error", "off"] | None = ...,
    strict_params: bool = ...,
    **run: Unpack[RunArguments],
) -> ScheduleLR: ...
@overload
def compile(
    source: str | Path | Program,
    optimizer: Optimizer,
    *,
    scheduler: Literal["sequential"],
    rebase: bool | None = ...,
    lint: Literal["warn", "error", "off"] | None = ...,
    strict_params: bool = ...,
    **run: Unpack[RunArguments],
) -> SequentialLR: ...
@overload
def compile(
    source: str | Path | Program,
    optimizer: Sequence[Optimizer] | Mapping[str, Optimizer],
    *,
    scheduler: str = ...,
    start_step: int = ...,
    on_change: Literal["error", "new", "old"] = ...,
    warn_on_overwrite: bool = ...,
    rebase: bool | None = ...,
    allow_missing_groups: bool = ...,
    calls_per_update: int = ...,
    updates_per_step: int = ...,
    lint: Literal["warn", "error", "off"] | None = ...,
    strict_params: bool = ...,
    **run: Unpack[RunArguments],
) -> SeveralLR: ...
# A value from a config is only a string to a type checker.
@overload
def compile(
    source: str | Path | Program,
    optimizer: Optimizer,
    *,
    scheduler: str,
    start_step: int = ...,
    on_change: Literal["error", "new", "old"] = ...,
    warn_on_overwrite: bool = ...,
    rebase: bool | None = ...,
    allow_missing_groups: bool = ...,
    calls_per_update: int = ...,
    updates_per_step: int = ...,
    lint: Literal["warn", "error", "off"] | None = ...,
    strict_params: bool = ...,
    **run: Unpack[RunArguments],
) -> ScheduleLR | SequentialLR: ...


@takes_run
def compile(
    source: str | Path | Program,
    optimizer: Optimizer | Sequence[Optimizer] | Mapping[str, Optimizer],
    *,
    scheduler: str = "lambda",
    start_step: int = 0,
    on_change: str = "error",
    warn_on_overwrite: bool = False,
    rebase: bool | None = None,
    allow_missing_groups: bool = False,
    calls_per_update: int = 1,
    updates_per_step: int = 1,
    lint: str | None = None,
    strict_params: bool = True,
    **run: Unpack[RunArguments],
) -> ScheduleLR | SequentialLR | SeveralLR:
    """Compiles a program into a torch scheduler for an optimizer, or for several.

    Call ``scheduler.step()`` once after every ``optimizer.step()``: update ``t``, counted from 0,
    uses the schedule's value at ``t``. In the program, ``base`` is the value that a parameter group
    had when a scheduler first saw it; for the learning rate, torch keeps it in the group as
    ``initial_lr``.

    Args:
        source: the text of a program, a ``Program``, or a file: a ``Path``, or a string that ends
            in ``.lrs``.
        optimizer: the optimizer whose parameter groups the schedule drives; or several, by name or
            in a list, whose names are ``0``, ``1`` and so on. ``lr["muon"]`` selects the groups of
            the one named ``muon``, and ``lr["muon.hidden"]`` its group ``hidden``.
        **run: the arguments of the run.
        scheduler: ``"lambda"`` for a ``LambdaLR``, or ``"sequential"`` for a ``SequentialLR``. A
            ``SequentialLR`` consists of torch's own classes where they provably give the same
            values, and of ``LambdaLR`` elsewhere. Of the options below it supports ``rebase`` and
            ``lint``.
        start_step: the step to start at: the number of updates made so far.
        on_change: what ``load_state_dict`` does with the state of a schedule that differs from this
            one in the updates so far. ``"error"`` raises and shows the first difference, ``"new"``
            continues with this schedule, ``"old"`` with the saved one.
        warn_on_overwrite: True to warn once when anything else changes a value that the schedule
            drives.
        rebase: which values ``base`` stands for. ``True``: the present values of the groups.
            ``None`` and ``False``: those that the groups had when a scheduler first saw them;
            ``None`` also warns if something else has changed them since.
        allow_missing_groups: True to let a selector match no group yet, because the group is added
            later.
        calls_per_update: the number of calls of ``scheduler.step()`` for each update. Set it to
            ``accelerator.num_processes`` if Hugging Face Accelerate steps the scheduler.
        updates_per_step: the number of optimizer updates for each step of the schedule, for example
            in one PPO iteration. It changes no value; the scheduler warns if there are more.
        lint: what to do about probable mistakes, which ``lrdsl check`` reports too: ``"warn"``,
            ``"error"`` to raise, or ``"off"``. By default the environment variable ``LRDSL_LINT``
            decides, and without it ``"warn"``.
        strict_params: False to leave out ``params`` that the program does not have, such as those
            of a whole sweep.

    Returns:
        A ``LambdaLR`` or ``SequentialLR``, or for several optimizers a ``SeveralLR``, which has a
        ``LambdaLR`` for each in ``scheduler.schedulers``. It writes the values of its first step to
        the optimizer at once. The values of ``scalar`` statements are in ``scheduler.scalars``.

    Raises:
        LrsError: the program has errors, does not fit the run or the optimizer, or contains
            probable mistakes under ``lint="error"``.
        TypeError: an argument has the wrong type, or this kind of scheduler does not support it.
        ValueError: an argument is out of range.
        OSError: the file cannot be read.
        ImportError: torch is not installed.

    Warns:
        LrsWarning: the program contains a probable mistake, an argument overrides what its ``run``
            states, or ``base`` differs from the present value of a group. During training the
            scheduler warns if it is stepped wrongly: see ``docs/reference/scheduler.md``.

    Examples:
        >>> import lrdsl, torch
        >>> model = torch.nn.Linear(4, 2)
        >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        >>> scheduler = lrdsl.compile("warmup(5) >> cosine", optimizer, total=100)
        >>> for _ in range(5):
        ...     optimizer.step()
        ...     scheduler.step()
        >>> scheduler.get_last_lr()
        [0.1]
    """
    one_of("scheduler", SCHEDULERS, scheduler)
    order = Order(
        "compile",
        source,
        {
            "start_step": start_step,
            "on_change": on_change,
            "warn_on_overwrite": warn_on_overwrite,
            "rebase": rebase,
            "allow_missing_groups": allow_missing_groups,
            "calls_per_update": calls_per_update,
            "updates_per_step": updates_per_step,
        },
        lint=lint,
        strict_params=strict_params,
        run=run,
    )
    if isinstance(optimizer, Mapping | Sequence):
        return _for_several(order, optimizer, scheduler)

    def made(schedules: Resolved, options: dict[str, object]) -> ScheduleLR | SequentialLR:
        if scheduler == "lambda":
            return kind_for(schedules, options).bound(schedules, optimizer, **options)
        sequential = _sequential()
        refuse_others(scheduler, options, sequential.OPTIONS)
        return sequential.build(schedules, optimizer, **options)

    return order.fill_one(optimizer, made)


def _for_several(
    order: Order, given: Mapping[str, Optimizer] | Sequence[Optimizer], scheduler: str
) -> SeveralLR:
    """Compiles a program for several optimizers."""
    several = cast(_Several, module(_SEVERAL))
    optimizers = several.named(given)
    order.program = several.bound(order.program, optimizers)

    def made(schedules: Resolved, options: dict[str, object]) -> SeveralLR:
        return several.build(schedules, optimizers, **options)

    if scheduler != "lambda":
        raise TypeError(f"scheduler {scheduler!r} takes a single optimizer: call it once for each")
    return order.fill(optimizers, made)


@cache
def _sequential() -> _Sequential:
    return cast(_Sequential, module(SCHEDULERS["sequential"]))

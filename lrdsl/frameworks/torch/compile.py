"""``lrdsl.compile``: binds a program to an optimizer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Literal, Protocol, cast, overload

from lrdsl import files
from lrdsl.frameworks.torch import options as given
from lrdsl.outside import is_truth, shown
from lrdsl.program import Program, load, parse
from lrdsl.resolve.run_arguments import RunArguments, normalized, takes_run
from lrdsl.wording import installing

if TYPE_CHECKING:
    from torch.optim import Optimizer
    from torch.optim.lr_scheduler import SequentialLR
    from typing_extensions import Unpack

    from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
    from lrdsl.frameworks.torch.several import SeveralLR
    from lrdsl.resolve.resolved import Resolved

# Each is a module of this folder with `build(schedules, optimizer, **options)` and the names of its
# options in `OPTIONS`.
SCHEDULERS = {"lambda": "lambda_lr", "sequential": "sequential_lr"}
# The module of a `lambda` scheduler that is called several times for an update.
_COUNTED = "counted"
# That of a program on a clock.
_CLOCKED = "clocked"
# That of several optimizers.
_SEVERAL = "several"


class _Builder(Protocol):
    """The interface of these modules."""

    OPTIONS: tuple[str, ...]

    @staticmethod
    def build(
        schedules: Resolved, optimizer: Optimizer, **options: object
    ) -> ScheduleLR | SequentialLR:
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


class _Findings(Protocol):
    """The interface of the module `findings`, which needs torch."""

    @staticmethod
    def mode_of(given: str | None, schedules: Resolved) -> str:
        """Returns what to do with findings."""

    @staticmethod
    def refuse(schedules: Resolved, optimizers: Mapping[str, Optimizer], *, rebase: bool) -> None:
        """Raises an error if anything is found."""

    @staticmethod
    def report(schedules: Resolved, scheduler: object, optimizers: Mapping[str, Optimizer]) -> None:
        """Warns of everything that is found."""

    @staticmethod
    def note(schedules: Resolved) -> None:
        """Says what the program states of its run and an argument says otherwise."""


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
            one in the steps so far. ``"error"`` raises and shows the first difference, ``"new"``
            continues with this schedule, ``"old"`` with the saved one.
        warn_on_overwrite: if True, warn once when anything else changes a value that the schedule
            drives.
        rebase: which values ``base`` stands for. ``True``: the present values of the groups.
            ``None`` and ``False``: those that the groups had when a scheduler first saw them;
            ``None`` also warns if something else has changed them since.
        allow_missing_groups: if True, a selector may match no group yet, because the group is added
            later.
        calls_per_update: the number of calls of ``scheduler.step()`` for each update. Set it to
            ``accelerator.num_processes`` if Hugging Face Accelerate steps the scheduler.
        updates_per_step: the number of optimizer updates for each step of the schedule, for example
            in one PPO iteration. It changes no value; the scheduler warns if there are more.
        lint: what to do about probable mistakes, which ``lrdsl check`` reports too: ``"warn"``,
            ``"error"`` to raise, or ``"off"``. By default the environment variable ``LRDSL_LINT``
            decides, and without it ``"warn"``.
        strict_params: if False, ``params`` may hold names that the program does not have, such as
            those of a whole sweep. They are left out.

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
    if not isinstance(scheduler, str) or scheduler not in SCHEDULERS:
        raise ValueError(f"scheduler is one of {', '.join(SCHEDULERS)}, not {shown(scheduler)}")
    options = given.checked(
        {
            "start_step": start_step,
            "on_change": on_change,
            "warn_on_overwrite": warn_on_overwrite,
            "rebase": rebase,
            "allow_missing_groups": allow_missing_groups,
            "calls_per_update": calls_per_update,
            "updates_per_step": updates_per_step,
        }
    )
    program = program_of(source)
    several: _Several | None = None
    if isinstance(optimizer, Mapping | Sequence):
        several = _several()
        optimizers = several.named(optimizer)
        program = several.bound(program, optimizers)
    else:
        optimizers = {"": optimizer}
        if program.captured:
            groups = getattr(optimizer, "param_groups", None) or ()
            names = [group.get("name") for group in groups if isinstance(group, dict)]
            program = program.for_groups([name for name in names if isinstance(name, str)])
    context = normalized(run, "compile")
    schedules = program.resolve_all(strict_params=strict_params, **context)
    if several and scheduler != "lambda":
        raise TypeError(f"scheduler {scheduler!r} takes a single optimizer: call it once for each")
    builder = _builder(scheduler, schedules.run.clock is not None, "calls_per_update" in options)
    for name in options:
        if name not in builder.OPTIONS:
            raise TypeError(f"scheduler {scheduler!r} takes no {name}")
    findings = _findings()
    mode = findings.mode_of(lint, schedules)
    if mode == "error":
        findings.refuse(schedules, optimizers, rebase=bool(rebase))
    made: ScheduleLR | SequentialLR | SeveralLR
    if several is None:
        made = builder.build(schedules, optimizers[""], **options)
    else:
        made = several.build(schedules, optimizers, **options)
    if mode == "warn":
        findings.report(schedules, made, optimizers)
    if mode != "off" and schedules.run.overridden:
        findings.note(schedules)
    return made


@cache
def _builder(scheduler: str, on_clock: bool, counted: bool) -> _Builder:
    """The module that builds a scheduler."""
    name = SCHEDULERS[scheduler]
    if scheduler == "lambda":
        name = _CLOCKED if on_clock else _COUNTED if counted else name
    return cast(_Builder, _module(name))


@cache
def _several() -> _Several:
    return cast(_Several, _module(_SEVERAL))


@cache
def _findings() -> _Findings:
    return cast(_Findings, _module("findings"))


def _module(name: str) -> ModuleType:
    """A module of this folder that needs torch."""
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError as error:
        message = f"lrdsl.compile needs torch: {installing('torch')}"
        raise ModuleNotFoundError(message, name=error.name) from None
    return import_module(f"lrdsl.frameworks.torch.{name}")


def program_of(source: str | Path | Program) -> Program:
    """The program that a source means.

    Args:
        source: the text of a program, a ``Program``, or a file: a ``Path``, or a string that ends
            in ``.lrs``.
    """
    if isinstance(source, str):
        return load(source) if source.endswith(files.SUFFIX) else parse(source)
    if isinstance(source, Program):
        return source
    if isinstance(source, Path):
        return load(source)
    is_rate = isinstance(source, int | float) and not is_truth(source)
    hint = f"; to hold a rate, write 'const(value = {shown(source)})'" if is_rate else ""
    raise TypeError(f"a schedule is a text, a Program or a path, not {shown(source)}{hint}")

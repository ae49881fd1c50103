"""``lrdsl.compile``: a program bound to an optimizer, last of all."""

from __future__ import annotations

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
    from lrdsl.resolve.resolved import Resolved

# Each is a module of this folder with `build(schedules, optimizer, **options)` and the names of its
# options in `OPTIONS`.
SCHEDULERS = {"lambda": "lambda_lr", "sequential": "sequential_lr"}
# What drives a `lambda` scheduler that is called several times for an update.
_COUNTED = "counted"


class _Builder(Protocol):
    """What each of these modules has."""

    OPTIONS: tuple[str, ...]

    @staticmethod
    def build(
        schedules: Resolved, optimizer: Optimizer, **options: object
    ) -> ScheduleLR | SequentialLR:
        """The scheduler."""


class _Findings(Protocol):
    """What `findings` has, which needs torch."""

    @staticmethod
    def mode_of(given: str | None, schedules: Resolved) -> str:
        """What to do with findings."""

    @staticmethod
    def refuse(schedules: Resolved, optimizer: Optimizer, *, rebase: bool) -> None:
        """Refuses a program in which something is found."""

    @staticmethod
    def report(schedules: Resolved, scheduler: object, optimizer: Optimizer) -> None:
        """Warns of everything that is found."""


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
    **run: Unpack[RunArguments],
) -> SequentialLR: ...
# Of what comes from a config, a type checker knows only that it is a text.
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
    **run: Unpack[RunArguments],
) -> ScheduleLR | SequentialLR: ...


@takes_run
def compile(
    source: str | Path | Program,
    optimizer: Optimizer,
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
    **run: Unpack[RunArguments],
) -> ScheduleLR | SequentialLR:
    """Compiles a program into a torch scheduler.

    The scheduler is stepped once after every optimizer update: update ``t``, counted from 0, uses
    the value of the schedule at ``t``. In the program ``base`` is the value that each parameter
    group had when a scheduler first saw it. Of the learning rate, torch keeps it in the group, as
    ``initial_lr``.

    Args:
        source: the text of a program; a ``Program``; or a file, as a ``Path`` or as a string that
            ends in ``.lrs``.
        optimizer: the optimizer whose groups are driven.
        **run: what the run is like.
        scheduler: ``"lambda"`` for a ``LambdaLR``; ``"sequential"`` for a ``SequentialLR``, made of
            torch's own classes where they are provably equal and of ``LambdaLR`` elsewhere, which
            takes ``rebase`` and ``lint`` and none of the other options below.
        start_step: the step to start at: the number of updates made so far.
        on_change: what ``load_state_dict`` does with the state of another schedule that differs in
            a step so far: ``"error"`` refuses it and says where they differ, ``"new"`` goes on with
            this schedule, ``"old"`` with the saved one.
        warn_on_overwrite: whether to warn, once, when something else changes a value that is
            driven.
        rebase: ``True`` makes ``base`` what the groups have now. ``None`` keeps what they had when
            a scheduler first saw them, and warns where something else has changed them since;
            ``False`` keeps it without a warning.
        allow_missing_groups: whether a selector may match no group yet, because the group is added
            later.
        calls_per_update: how many calls of ``scheduler.step()`` make one update. It is 1 but for a
            scheduler that Hugging Face Accelerate steps: ``accelerator.num_processes`` there.
        updates_per_step: how many updates of the optimizer a step of the schedule stands for, as in
            a schedule of PPO iterations. It changes no value: with more updates to a step than
            this, the scheduler warns.
        lint: what to do with what is allowed and probably not meant, which ``lrdsl check`` would
            report: ``"warn"``, ``"error"`` to refuse the program, or ``"off"``. By default it is
            what the environment variable ``LRDSL_LINT`` says, or else ``"warn"``.

    Returns:
        An instance of torch's ``LambdaLR`` or ``SequentialLR``.

    Raises:
        LrsError: the program is wrong, or does not fit the run or the optimizer; or something was
            found in it and ``lint="error"``.
        TypeError: an argument is of a wrong kind, or is not one of this scheduler's.
        ValueError: an argument is out of range.
        OSError: the file cannot be read.
        ImportError: torch is not installed.

    Warns:
        LrsWarning: something in the program is probably not meant, or ``base`` is not what the
            groups have now. The scheduler warns of what goes wrong later: see
            ``docs/reference/scheduler.md``.
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
    schedules = _program(source).resolve_all(**normalized(run, "compile"))
    counted = scheduler == "lambda" and "calls_per_update" in options
    builder = _builder(_COUNTED if counted else SCHEDULERS[scheduler])
    for name in options:
        if name not in builder.OPTIONS:
            raise TypeError(f"scheduler {scheduler!r} takes no {name}")
    findings = _findings()
    mode = findings.mode_of(lint, schedules)
    if mode == "error":
        findings.refuse(schedules, optimizer, rebase=bool(rebase))
    made = builder.build(schedules, optimizer, **options)
    if mode == "warn":
        findings.report(schedules, made, optimizer)
    return made


@cache
def _builder(name: str) -> _Builder:
    return cast(_Builder, _module(name))


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


def _program(source: str | Path | Program) -> Program:
    if isinstance(source, str):
        return load(source) if source.endswith(files.SUFFIX) else parse(source)
    if isinstance(source, Program):
        return source
    if isinstance(source, Path):
        return load(source)
    is_rate = isinstance(source, int | float) and not is_truth(source)
    hint = f"; to hold a rate, write 'const(value = {shown(source)})'" if is_rate else ""
    raise TypeError(f"a schedule is a text, a Program or a path, not {shown(source)}{hint}")

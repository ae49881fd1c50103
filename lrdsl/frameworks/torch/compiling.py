"""The way from a text to a scheduler, for ``lrdsl.compile`` and ``lrdsl.ScheduleLR`` alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.frameworks.torch import options as given
from lrdsl.program import Program
from lrdsl.resolve.run_arguments import RunArguments, normalized
from lrdsl.sources import program_of
from lrdsl.wording import installing

if TYPE_CHECKING:
    from torch.optim import Optimizer

    from lrdsl.frameworks.torch.lambda_lr import ScheduleLR
    from lrdsl.resolve.resolved import Resolved

_T = TypeVar("_T")
# The modules of a `lambda` scheduler: the plain one, the one for a program on a clock, and the one
# that is called several times for each update.
_PLAIN, _CLOCKED, _COUNTED = "lambda_lr", "clocked", "counted"


class _Kind(Protocol):
    """The interface of these modules."""

    KIND: type[ScheduleLR]
    OPTIONS: tuple[str, ...]


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


class _Waiting(Protocol):
    """The interface of the module `waiting`."""

    @staticmethod
    def waits(scheduler: ScheduleLR, order: Order, optimizer: Optimizer, error: LrsError) -> bool:
        """Makes a scheduler wait for the run, if it can."""


class Order:
    """What is to be compiled, checked as far as it can be without the optimizer.

    Args:
        called: what the caller calls: ``compile`` or ``ScheduleLR``.
        source: the source of the program.
        options: the options of a scheduler, by name.
        lint: what to do about probable mistakes.
        strict_params: False to leave out names that the program does not have.
        run: the arguments of the run.

    Attributes:
        program: the program.
        options: the options that differ from their defaults.
    """

    def __init__(
        self,
        called: str,
        source: str | Path | Program,
        options: Mapping[str, object],
        *,
        lint: str | None,
        strict_params: bool,
        run: RunArguments,
    ) -> None:
        self.options = given.checked(options)
        self.program = program_of(source)
        self._called, self._lint = called, lint
        self._strict_params, self._run = strict_params, run

    def waits(self, scheduler: ScheduleLR, optimizer: Optimizer, error: LrsError) -> bool:
        """Makes a scheduler wait for the run, if a trainer made it and can say what is missing.

        Args:
            scheduler: the scheduler, in its constructor.
            optimizer: its optimizer.
            error: what was raised.

        Returns:
            False if it has nothing to wait for.
        """
        return cast(_Waiting, module("waiting")).waits(scheduler, self, optimizer, error)

    def know(self, found: Mapping[str, object]) -> None:
        """Takes in arguments of the run that nobody has passed.

        Args:
            found: the arguments.
        """
        self._run = cast(RunArguments, {**self._run, **found})

    def laid_out(self, found: RunArguments) -> Resolved:
        """The program in its run.

        Args:
            found: further arguments of the run.

        Raises:
            LrsError: the program does not fit the run.
        """
        run = normalized({**self._run, **found}, self._called)
        return self.program.resolve_all(strict_params=self._strict_params, **run)

    def fill(
        self,
        optimizers: Mapping[str, Optimizer],
        make: Callable[[Resolved, dict[str, object]], _T],
    ) -> _T:
        """Makes the scheduler, and reports what is found.

        Args:
            optimizers: the optimizers, by name; the only one has an empty name.
            make: makes a scheduler from the program, laid out, and the options.

        Raises:
            LrsError: the program has errors, or probable mistakes under ``lint="error"``.
        """
        schedules = self.laid_out({})
        findings = _findings()
        mode = findings.mode_of(self._lint, schedules)
        if mode == "error":
            rebase = bool(self.options.get("rebase"))
            findings.refuse(schedules, optimizers, rebase=rebase)
        made = make(schedules, self.options)
        # A scheduler of torch's keeps nothing.
        for one in getattr(made, "schedulers", {"": made}).values():
            if hasattr(one, "lint"):
                one.lint = self._lint
        if mode == "warn":
            findings.report(schedules, made, optimizers)
        if mode != "off" and schedules.run.overridden:
            findings.note(schedules)
        return made

    def fill_one(
        self, optimizer: Optimizer, make: Callable[[Resolved, dict[str, object]], _T]
    ) -> _T:
        """Makes the scheduler of a single optimizer.

        Args:
            optimizer: the optimizer.
            make: as for `fill`.
        """
        if self.program.captured:
            groups = getattr(optimizer, "param_groups", None) or ()
            names = [group.get("name") for group in groups if isinstance(group, dict)]
            known = [name for name in names if isinstance(name, str)]
            self.program = self.program.for_groups(known)
        return self.fill({"": optimizer}, make)


def kind_for(schedules: Resolved, options: Mapping[str, object]) -> type[ScheduleLR]:
    """The class of the ``lambda`` scheduler of a program.

    Args:
        schedules: the program, laid out.
        options: the options that are given.

    Raises:
        TypeError: an option is not one of that class.
    """
    module = _kind(schedules.run.clock is not None, "calls_per_update" in options)
    refuse_others("lambda", options, module.OPTIONS)
    return module.KIND


def refuse_others(scheduler: str, options: Mapping[str, object], known: tuple[str, ...]) -> None:
    """Refuses options that a scheduler does not have.

    Args:
        scheduler: which scheduler.
        options: the options that are given.
        known: the names of those that it has.

    Raises:
        TypeError: one has another name.
    """
    for name in options:
        if name not in known:
            raise TypeError(f"scheduler {scheduler!r} takes no {name}")


@cache
def _kind(on_clock: bool, counted: bool) -> _Kind:
    return cast(_Kind, module(_CLOCKED if on_clock else _COUNTED if counted else _PLAIN))


@cache
def _findings() -> _Findings:
    return cast(_Findings, module("findings"))


def module(name: str) -> ModuleType:
    """A module of this folder that needs torch.

    Args:
        name: the name of the module.

    Raises:
        ModuleNotFoundError: torch is not installed.
    """
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError as error:
        message = f"lrdsl.compile needs torch: {installing('torch')}"
        raise ModuleNotFoundError(message, name=error.name) from None
    return import_module(f"lrdsl.frameworks.torch.{name}")

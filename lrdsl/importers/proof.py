"""Whether a translation is right: the original beside it, at every update of every group."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache, partial
from importlib import metadata
from typing import TYPE_CHECKING

from lrdsl.comparison import Comparison, Departure, by_group, compare_groups
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.importers.output import declared
from lrdsl.importers.refusal import Refused, Unfit
from lrdsl.importers.trial import STEPS_PER_EPOCH
from lrdsl.program import parse
from lrdsl.record import entity, record
from lrdsl.schedule.plateau import Meters, NamedFactors, for_schedule
from lrdsl.wording import count, listed, number

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.importer import Column, Importer, Setting, Translation
    from lrdsl.importers.trial import Trial
    from lrdsl.resolve.resolved import Resolved
    from lrdsl.resolve.run_arguments import RunArguments
    from lrdsl.schedule.schedule import Schedule

# How far beyond its run a schedule is compared, as a share of it. What is found there is reported.
_BEYOND = 0.1
# The values of schedules, a sequence for each column and in it a value for each update: rows for a
# million updates would be as many objects.
Values = Sequence[Sequence[float]]
ALL = slice(0, None)
# The updates that are compared where neither the run nor the schedule has a length.
ENDLESS = 1_000
# The most updates that are compared: they take 150 bytes each, and half a minute together.
LONGEST = 20_000_000


@record
class Witness:
    """Who says what the original does.

    Attributes:
        name: its package, with the version.
        ran: True if the package itself was run; False if its formula was computed.
        counts: True if that proves anything.
    """

    name: str
    ran: bool
    counts: bool

    def __str__(self) -> str:
        if self.ran:
            return self.name
        return f"the formula of {self.name}" if self.counts else "formula, not run"


@entity
class Proof:
    """What came of a comparison.

    Attributes:
        comparisons: those of the run: one, or one for each trial where its length is not known.
        after: the first update after the run at which the two differ, and their values there;
            None if they do not.
        witness: who says what the original does.
    """

    comparisons: tuple[Comparison, ...]
    after: Departure | None
    witness: Witness

    @property
    def worst(self) -> Comparison:
        """The comparison with the largest difference."""
        return max(self.comparisons, key=_badness)

    @property
    def is_equal(self) -> bool:
        """True if both are the same all through the run."""
        return all(self.comparisons)

    def __bool__(self) -> bool:
        return self.is_equal and self.witness.counts

    def __str__(self) -> str:
        said = str(self.worst)
        if len(self.comparisons) > 1 and self.is_equal:
            lengths = listed(count(c.steps) for c in self.comparisons)
            share = number(self.worst.largest, 2)
            said = f"{lengths} steps equal, largest difference {share} of the peak"
        said = f"{said}, by {self.witness}" if self.witness.counts else f"{said} ({self.witness})"
        if self.after is not None and self.is_equal:
            said += (
                f"; after the run, from step {count(self.after.step)} on, the original has"
                f" {number(self.after.left)} and the text {number(self.after.right)}"
            )
        return said


def witness(importer: Importer, version: str) -> Witness:
    """Who can say what a system does here: its package if it is installed, or else its formula.

    Args:
        importer: the system.
        version: the version that the source or the caller names; empty if none.
    """
    installed = _installed(importer.by or importer.system)
    if importer.run is None or not installed:
        return _formula_of(importer, version)
    if importer.by and (not version or version in importer.compared):
        of = f"{importer.system} {version or importer.compared[-1]}"
        name = f"{importer.by} {installed}, with the part of {of} written out"
        return Witness(name, ran=True, counts=True)
    if not importer.by and version in {"", installed}:
        return Witness(f"{importer.system} {installed}", ran=True, counts=True)
    return _formula_of(importer, version)


def _formula_of(importer: Importer, version: str) -> Witness:
    compared = importer.compared
    counts = version in compared or (not version and bool(compared))
    name = f"{importer.system} {version or (compared[-1] if compared else '')}".rstrip()
    return Witness(name, ran=False, counts=counts)


@cache
def _installed(system: str) -> str:
    try:
        return metadata.version(system).partition("+")[0]  # a local version, as in 2.13.0+cpu
    except metadata.PackageNotFoundError:
        return ""


def prove(importer: Importer, setting: Setting, translation: Translation, trial: Trial) -> Proof:
    """Compares a translation with the original, for one trial.

    Args:
        importer: the system.
        setting: the schedule as the source has it.
        translation: the schedule in lrdsl.
        trial: the values for what the source does not say.

    Raises:
        Refused: the translation does not fit the run, or the original raises in it.
    """
    resolved = laid_out(translation, trial)
    run = run_length(translation, resolved)
    steps = len(translation.metric) or run + math.ceil(run * _BEYOND)
    theirs, by = original(importer, setting, translation, steps)
    steps = min(map(len, theirs), default=0)  # a schedule may raise after its run
    if steps < run:
        raise Refused(f"the original ends at step {steps} of {run}")
    columns = zip(translation.columns, theirs, strict=True)
    if not any(column.base or any(values) for column, values in columns):
        raise Refused("the optimizer's rate is 0, and so every text would be equal")
    ours = values_of(resolved, translation.columns, steps, translation.metric)
    during = compared(theirs, ours, translation, slice(run))
    return Proof((during,), compared(theirs, ours, translation, slice(run, None)).first, by)


def compared(
    theirs: Values, ours: Values, translation: Translation, updates: slice = ALL
) -> Comparison:
    """Compares all columns, those of each number by themselves: rates are no measure of momenta.

    Args:
        theirs: the values of the original.
        ours: those of the translation.
        translation: the translation, with the columns.
        updates: which of the updates.

    Returns:
        The worst comparison.
    """
    keys = [column.key for column in translation.columns]
    found = []
    for key in dict.fromkeys(keys):
        places = [i for i, other in enumerate(keys) if other == key]
        left, right = ([values[i][updates] for i in places] for values in (theirs, ours))
        found.append(compare_groups(left, right, translation.tolerance, updates.start or 0))
    return max(found, key=_badness)


def _badness(comparison: Comparison) -> tuple[bool, float]:
    return comparison.first is not None, comparison.largest


def original(
    importer: Importer, setting: Setting, translation: Translation, steps: int
) -> tuple[Values, Witness]:
    """The values of the original, and who says so.

    Args:
        importer: the system.
        setting: the schedule as the source has it.
        translation: the run and the columns.
        steps: how many updates.

    Raises:
        Refused: the original raises, or the run is longer than `LONGEST`.
    """
    if steps > LONGEST:
        raise Refused(f"only runs of up to {count(LONGEST)} updates are compared")
    by = witness(importer, setting.version)
    try:
        if by.ran and importer.run is not None:
            try:
                with warnings.catch_warnings():
                    # It warns of settings that it takes in another way, and the values show that.
                    warnings.simplefilter("ignore")
                    return by_group(importer.run(setting, translation, steps)), by
            # It is installed, and something that it needs is not, or is no longer there.
            except (ImportError, NameError, AttributeError):
                by = _formula_of(importer, setting.version)
        rates = [importer.formula(setting, translation, column) for column in translation.columns]
        return [[*map(rate, range(steps))] for rate in rates], by
    # Whatever a package raises about its settings, it is no schedule that could be compared.
    except (ArithmeticError, LookupError, TypeError, ValueError, RuntimeError) as error:
        raise Refused(f"{importer.system} itself raises {type(error).__name__}: {error}") from None


def joined(proofs: Sequence[Proof]) -> Proof:
    """The proofs of several trials as one.

    Args:
        proofs: those of the trials, of which there is at least one.
    """
    comparisons = tuple(c for proof in proofs for c in proof.comparisons)
    after = next((proof.after for proof in proofs if proof.after is not None), None)
    return Proof(comparisons, after, proofs[0].witness)


def laid_out(translation: Translation, trial: Trial) -> Resolved:
    """A translation in the run of a trial.

    Args:
        translation: the schedule in lrdsl.
        trial: the values for what the source does not say.

    Raises:
        Unfit: it does not fit this run.
    """
    run: RunArguments = {}
    if translation.total:
        run["total"] = int(translation.total)
    if steps := translation.steps_per_epoch or trial.run.get(STEPS_PER_EPOCH):
        run["steps_per_epoch"] = int(steps)
    try:
        return parse(declared(translation.text, trial)).resolve_all(**run)
    except LrsError as error:
        reason = f"the translation cannot be laid out: {error.diagnostics[0].message}"
        raise Unfit(reason, curve=translation) from None


def run_length(translation: Translation, resolved: Resolved) -> int:
    """The updates of the run: what its source says, or else what its schedules have.

    Args:
        translation: the schedule in lrdsl.
        resolved: the same, laid out.
    """
    if stated := len(translation.metric) or translation.total or translation.updates:
        return int(stated)
    lengths = [int(s.length) for s in resolved.values() if s.length and s.length < math.inf]
    return max(lengths, default=ENDLESS)


def values_of(
    resolved: Resolved, columns: Sequence[Column], steps: int, metric: Sequence[float] = ()
) -> Values:
    """The values of a translation.

    Args:
        resolved: the schedules by target.
        columns: which of them, and for which values of the optimizer's.
        steps: how many updates.
        metric: what is measured after each of them, for schedules that a metric drives.

    Raises:
        Refused: a value is none that a group can have, such as a negative rate.
    """
    schedules = [(resolved[column.target], column.base) for column in columns]
    try:
        if not metric:
            with suppress(ImportError):  # without numpy they are computed one by one
                return [one.values(steps, base=base).tolist() for one, base in schedules]
        return by_group(_measured(schedules, steps, metric))
    except LrsError as error:
        raise Refused(f"lrdsl refuses its values: {error.diagnostics[0].message}") from None


def _measured(
    schedules: Sequence[tuple[Schedule, float]], steps: int, metric: Sequence[float]
) -> Iterator[Row]:
    """The values update by update, with what is measured after each."""
    meters = Meters(dict.fromkeys(meter for one, _ in schedules for meter in one.meters))

    def row(t: int, factors: NamedFactors) -> list[float]:
        return [one(t, base=base, factors=for_schedule(one, factors)) for one, base in schedules]

    for t in range(steps):
        yield row(t, meters.factors)
        if metric and meters:
            active = [name for one, _ in schedules for name in one.active(t)]
            meters.observe(metric[t], active, partial(row, t))

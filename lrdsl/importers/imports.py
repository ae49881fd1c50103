"""From a source to texts that are proven: reads, finds, translates, compares, and tells of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from lrdsl.importers import IMPORTERS, documents
from lrdsl.importers.approximation import Approximation, approximated
from lrdsl.importers.documents import UNREAD
from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import Setting
from lrdsl.importers.output import unknown, written
from lrdsl.importers.proof import ENDLESS, Proof, joined, laid_out, original, prove
from lrdsl.importers.refusal import Refused, Unfit
from lrdsl.importers.trial import SCALES, STEPS_PER_EPOCH, TOTAL, TRIALS, Trial
from lrdsl.record import entity, replace
from lrdsl.wording import count, listed, number

if TYPE_CHECKING:
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Importer, Translation


@entity
class Outcome:
    """What became of a schedule of a source, or of a source that has none.

    Attributes:
        path: the source.
        line: where the schedule is in it; 0 if it has no line.
        system: whose schedule it is; empty if none was found.
        kind: what its system calls it.
        text: the translation, laid out; empty where there is none.
        proof: what came of comparing it; None where there is none.
        refused: why there is no translation, or empty.
        versions: the versions to choose one of, where that is the reason.
        approximation: what the text is where it is not exact; None where it is meant to be.
        unused: what the caller said of the run in vain, by the name of the argument: what the
            source has instead, or nothing where the schedule does not depend on it.
    """

    path: str
    line: int
    system: str
    kind: str
    text: str = ""
    proof: Proof | None = None
    refused: str = ""
    versions: tuple[str, ...] = ()
    approximation: Approximation | None = None
    unused: Mapping[str, str] = MappingProxyType({})

    @property
    def origin(self) -> str:
        """Where the schedule is from, for messages."""
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where}, {self.system}: {self.kind}" if self.system else where

    def __bool__(self) -> bool:
        return bool(self.proof) and self.approximation is None


def importers() -> Iterator[Importer]:
    """Every importer, in the order in which they look at a source."""
    for name in IMPORTERS:
        yield import_module(f"lrdsl.importers.{name}").IMPORTER


def outcomes(
    path: str,
    root: Path,
    given: Mapping[str, int] | None = None,
    version: str = "",
    *,
    approximate: bool = False,
) -> list[Outcome]:
    """The schedules of a source.

    Args:
        path: the file.
        root: the folder that files it refers to are in.
        given: what the caller says of the run: ``total``, ``steps_per_epoch``.
        version: what the caller says of the system, as in ``torchtitan==0.3.0``.
        approximate: True to write what cannot be said exactly as ``points``.

    Returns:
        What became of each; a single one that was refused if the source cannot be read, and none
        if it has no schedule.
    """

    def read(attempt: int, scale: int) -> list[_Found]:
        trial = Trial(attempt, given, scale)
        return [_Found(*one, trial) for one in _found(path, root, trial, version)]

    try:
        found = read(0, SCALES[0])
    except Refused as refused:
        return [Outcome(path, 0, "", "", refused=refused.reason)]
    if len(found) > 1:
        # A trial is for one schedule: it remembers the names that this one has.
        found = [read(0, SCALES[0])[i] for i in range(len(found))]

    def again(index: int, attempt: int, scale: int) -> _Found:
        return read(attempt, scale)[index]

    return [_outcome(path, one, partial(again, i), approximate) for i, one in enumerate(found)]


@entity
class _Found:
    """A schedule of a source in one of the trials."""

    importer: Importer
    setting: Setting
    trial: Trial

    def translated(self) -> Translation:
        if reason := _unread(self.setting):
            raise Refused(reason)
        return self.importer.translate(self.setting)

    def proven(self, translation: Translation) -> Proof:
        return prove(self.importer, self.setting, translation, self.trial)


def _unread(value: object) -> str:
    """Why a call among the fields of a setting is refused for its arguments; empty if none is."""
    if isinstance(value, Setting):
        return _unread(value.fields)
    if isinstance(value, Fields):
        plain = value.plain()
        return str(plain[UNREAD]) if UNREAD in plain else _unread([*plain.values()])
    if isinstance(value, list | tuple):
        return next(filter(None, map(_unread, value)), "")
    return ""


def _outcome(
    path: str, first: _Found, find: Callable[[int, int], _Found], approximate: bool
) -> Outcome:
    """What became of a schedule, which is found anew in each trial and for each scale."""
    outcome = partial(Outcome, path, first.setting.line, first.importer.system, first.setting.kind)
    origin = outcome().origin
    because = ""
    try:
        curve, trial, proof = _proven(first, find)
        if proof.is_equal or not approximate:
            text = written(curve, trial, origin)
            return outcome(text=text, proof=proof, unused=_unused(curve, trial))
    except Refused as refused:
        if not (approximate and refused.curve):
            return outcome(refused=refused.reason, versions=refused.versions)
        curve, because = refused.curve, f"{refused.reason}; nor can points follow it: "
    try:
        close = _approximation(first, curve)
        note = (
            f"{close.points} points in place of the original, which cannot be said exactly: the"
            f" largest error is {number(close.largest, 2)} of the peak, at step {count(close.step)}"
        )
        rough = replace(curve, text=close.text, notes=[*curve.notes, note])
        laid_out(rough, first.trial)
    except Refused as refused:
        return outcome(refused=because + refused.reason)
    text, unused = written(rough, first.trial, origin), _unused(curve, first.trial)
    return outcome(text=text, approximation=close, unused=unused)


def _unused(translation: Translation, trial: Trial) -> dict[str, str]:
    """What the caller said of the run in vain, with what the source says itself."""
    own = {
        TOTAL: translation.total or translation.updates,
        STEPS_PER_EPOCH: translation.steps_per_epoch,
    }
    return {
        name: str(own[name] or "")
        for name, value in trial.given.items()
        if name not in trial.used and own[name] != value
    }


def _proven(first: _Found, find: Callable[[int, int], _Found]) -> tuple[Translation, Trial, Proof]:
    """A translation and its proof, in runs that are as long as it takes.

    Raises:
        Refused: there is no translation, or not the same one in all trials.
    """
    for scale in SCALES:
        first = first if scale == SCALES[0] else find(0, scale)
        translation = first.translated()
        others = range(1, TRIALS) if unknown(translation, first.trial) else ()
        try:
            proofs = [first.proven(translation)]
            for found in (find(attempt, scale) for attempt in others):
                other = found.translated()
                if other.text != translation.text:
                    raise Unfit(
                        "which schedule it is depends on a value that the source does not tell"
                    )
                proofs.append(found.proven(other))
        except Unfit:
            if not others or scale == SCALES[-1]:
                raise
        else:
            break
    return translation, first.trial, joined(proofs)


def _approximation(found: _Found, curve: Translation) -> Approximation:
    """The points that follow an original through its run."""
    if missing := unknown(curve, found.trial):
        names = listed(f"`{name}`" for name in missing)
        raise Refused(f"points take a run that is known, and the source does not tell {names}")
    if len(curve.columns) > 1:
        raise Refused("only a schedule of one rate can be approximated")
    base = curve.columns[0].base or 1.0
    steps = int(curve.total or curve.updates) or ENDLESS
    (values,), _ = original(found.importer, found.setting, curve, steps)
    return approximated([value / base for value in values])


def _found(path: str, root: Path, trial: Trial, version: str) -> list[tuple[Importer, Setting]]:
    """Every schedule of a source, each once: two systems may share the words of a table."""
    document = documents.read(path, root, trial, version)
    found: list[tuple[Importer, Setting]] = []
    taken: set[str] = set()
    for importer in importers():
        settings = [s for s in importer.find(document) if _place(s, document) not in taken]
        taken.update(_place(setting, document) for setting in settings)
        of = document.version_of(importer.system)
        found += [
            (importer, s if s.version or not of else replace(s, version=of)) for s in settings
        ]
    return sorted(found, key=lambda one: one[1].line)


def _place(setting: Setting, document: Document) -> str:
    """What a schedule is written in: its line of a script, or its table of a config."""
    return str(setting.line) if document.calls else setting.fields.name

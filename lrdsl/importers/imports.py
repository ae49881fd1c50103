"""From a source to texts that are proven: reads, finds, translates, compares, and tells of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl.importers import IMPORTERS, documents
from lrdsl.importers.output import written
from lrdsl.importers.proof import Proof, joined, prove
from lrdsl.importers.refusal import Refused
from lrdsl.importers.trial import TRIALS, Trial
from lrdsl.record import entity

if TYPE_CHECKING:
    from lrdsl.importers.importer import Importer, Setting


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
    """

    path: str
    line: int
    system: str
    kind: str
    text: str = ""
    proof: Proof | None = None
    refused: str = ""
    versions: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """Where the schedule is from, for messages."""
        where = f"{self.path}:{self.line}" if self.line else self.path
        return f"{where}, {self.system}: {self.kind}" if self.system else where

    def __bool__(self) -> bool:
        return bool(self.proof)


def importers() -> Iterator[Importer]:
    """Every importer, in the order in which they look at a source."""
    for name in IMPORTERS:
        yield import_module(f"lrdsl.importers.{name}").IMPORTER


def outcomes(
    path: str, root: Path, given: Mapping[str, int] | None = None, version: str = ""
) -> list[Outcome]:
    """The schedules of a source.

    Args:
        path: the file.
        root: the folder that files it refers to are in.
        given: what the caller says of the run: ``total``, ``steps_per_epoch``.
        version: what the caller says of the system, as in ``torchtitan==0.3.0``.

    Returns:
        What became of each; a single one that was refused if there is none.
    """
    try:
        count = len(_found(path, root, Trial(0, given), version))
    except Refused as refused:
        return [Outcome(path, 0, "", "", refused=refused.reason)]
    if not count:
        return [Outcome(path, 0, "", "", refused="no schedule was found")]
    return [_outcome(path, root, given, version, i) for i in range(count)]


def _outcome(
    path: str, root: Path, given: Mapping[str, int] | None, version: str, index: int
) -> Outcome:
    """One schedule of a source, by its place among them."""

    def tried(number: int) -> tuple[Importer, Setting, Trial]:
        trial = Trial(number, given)
        importer, setting = _found(path, root, trial, version)[index]
        return importer, setting, trial

    importer, setting, trial = tried(0)
    outcome = partial(Outcome, path, setting.line, importer.system, setting.kind)
    try:
        translation = importer.translate(setting)
        text = written(translation, trial, outcome().origin)
        trials = [(setting, translation, trial)]
        for number in range(1, TRIALS if trial.is_free else 1):
            _, setting, trial = tried(number)
            trials.append((setting, importer.translate(setting), trial))
        if any(other.text != translation.text for _, other, _ in trials):
            raise Refused("which schedule it is depends on a value that the source does not tell")
        proofs = [prove(importer, *each) for each in trials]
    except Refused as refused:
        return outcome(refused=refused.reason, versions=refused.versions)
    return outcome(text=text, proof=joined(proofs))


def _found(path: str, root: Path, trial: Trial, version: str) -> list[tuple[Importer, Setting]]:
    """Every schedule of a source, each once: two systems may share the words of a table."""
    document = documents.read(path, root, trial, version)
    found: dict[tuple[int, str], tuple[Importer, Setting]] = {}
    for importer in importers():
        for setting in importer.find(document):
            found.setdefault((setting.line, setting.fields.name), (importer, setting))
    return list(found.values())

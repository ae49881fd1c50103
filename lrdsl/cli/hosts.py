"""Folders and configs on the command line: the schedules in them, one after the other."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lrdsl import files as disk
from lrdsl.cli import output
from lrdsl.cli.run_options import Text, texts
from lrdsl.configs import host
from lrdsl.configs.find import Keys
from lrdsl.configs.hosted import Hosted, read
from lrdsl.configs.settings import Settings, load
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.program import Program
from lrdsl.text import numbers

if TYPE_CHECKING:
    from lrdsl.schedule.schedule import Schedule

SUFFIX = ".lrs"
# What is not looked into: what tools keep for themselves.
_SKIPPED = ("__pycache__", "node_modules")
# Steps of an epoch where nothing is known of them: two numbers that have nothing in common.
_MADE_UP = (9973, 10007)


def gather(
    files: Sequence[str],
    expressions: Sequence[str],
    keys: tuple[str, ...],
    total_from: str | None,
    steps_from: str | None,
) -> tuple[list[Text], list[str]]:
    """Reads every program that was asked for, those in folders and configs too.

    Args:
        files: what was given: files, folders, ``-``.
        expressions: programs that were given as such.
        keys: ``--key``.
        total_from: ``--total-from``.
        steps_from: ``--steps-per-epoch-from``.

    Returns:
        The programs, and a sentence for each file that could not be read.
    """
    try:
        settings = load(Path.cwd(), keys, total_from, steps_from)
    except (ValueError, OSError) as error:
        click.echo(f"lrdsl: {error}", err=True)
        sys.exit(output.MISUSE)
    found, unreadable = texts((), expressions) if expressions else ([], [])
    for file in files:
        for path in _walked(file, unreadable):
            more, failed = _read(path, settings)
            found += more
            unreadable += failed
    return _once(found), unreadable


def _walked(file: str, unreadable: list[str]) -> Iterator[str]:
    """The files of a folder that may hold schedules, sorted; a file is itself."""
    if not Path(file).is_dir():
        yield file
        return

    def failed(error: OSError) -> None:
        unreadable.append(f"{error.filename}: {error.strerror}")

    for folder, folders, names in os.walk(file, onerror=failed):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _SKIPPED)
        for name in sorted(names):
            if name.endswith((SUFFIX, *disk.HOSTS)) and not name.startswith("."):
                yield str(Path(folder, name))


def _read(path: str, settings: Settings) -> tuple[list[Text], list[str]]:
    if not path.lower().endswith(disk.HOSTS):
        return texts([path], ())
    found, unreadable = texts([path], ())
    keys = Keys(settings.keys)
    schedules: list[Hosted] = []
    for text in found:
        if keys.worth_reading(text.text):
            output.need("configs", *host.modules(path))
            schedules += read(path, text.text, keys, settings.run_from)
    return [Text(one.name, one.text.text if one.text else "", one) for one in schedules], unreadable


def _once(found: list[Text]) -> list[Text]:
    """The texts without those that say the same again: a file that several configs name."""
    described = {text.name for text in found if text.hosted is not None and text.hosted.text}
    kept: dict[object, Text] = {}
    for text in found:
        if text.hosted is None and text.name in described:
            continue  # a config names this file, and says more about its run
        is_text = text.hosted is not None and text.hosted.text is not None
        kept.setdefault(text.hosted.key if text.hosted and is_text else id(text), text)
    return list(kept.values())


def print_note(hosted: Hosted) -> None:
    """Prints what kept a schedule from being checked, or what may be wrong with it."""
    if hosted.note:
        click.echo(f"note: {hosted.note}", err=True)


def compare(program: Program, hosted: Hosted, given: Mapping[str, Any]) -> None:
    """Says where a schedule ends before the run of its config does, or after.

    Args:
        program: the schedule.
        hosted: where it was found.
        given: all that is known about the run.
    """
    total = hosted.run.get("total")
    if total is None or given.get("total") != total or hosted.scalar is None:
        return
    quantity = numbers.read(total)
    for label, length in _lengths(program, given, quantity.unit):
        run = float(quantity.nearest)
        if not math.isclose(length, run, rel_tol=1e-9):
            span = hosted.scalar.span
            place = "{}:{}:{}".format(span.source.name, *span.place[:2])
            what = "the schedule" if label == "lr" else f"the schedule of {label}"
            unit = {"ep": "epochs", "st": "steps"}.get(quantity.unit, quantity.unit)
            click.echo(f"note: {place}: {what} is {length:g} {unit}, the run is {run:g}", err=True)


def _lengths(program: Program, given: Mapping[str, Any], unit: str) -> Iterator[tuple[str, float]]:
    """The lengths of the schedules in a unit, where they have one and it can be known."""
    worth = _worth(given, unit)
    guesses = [worth] if worth is not None else list(_MADE_UP) if unit == "ep" else []
    found: list[dict[str, Schedule]] = []
    for guess in guesses:
        known = {**given, "steps_per_epoch": guess} if unit == "ep" else dict(given)
        try:
            found.append(program.resolve_all(**known))
        except LrsError:
            return
    for label in program.targets if found else ():
        each = [s[label].length / guess for s, guess in zip(found, guesses, strict=True)]
        # Under made-up epochs the length is known if it is the same whatever an epoch has.
        if all(math.isclose(e, each[0]) and e < math.inf for e in each):
            yield label, each[0]


def _worth(given: Mapping[str, Any], unit: str) -> float | None:
    """The steps in one of a unit, where they are known."""
    if unit in {"", "st"}:
        return 1.0
    known = given.get("steps_per_epoch") if unit == "ep" else given.get("units", {}).get(unit)
    return None if known is None else float(known)

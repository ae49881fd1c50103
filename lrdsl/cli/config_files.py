"""Folders and configs on the command line: the schedules in them, one after the other."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl import files as disk
from lrdsl.cli import output
from lrdsl.cli.config_parts import place_of, settled
from lrdsl.cli.run_options import OPTIONS, Text, is_config, texts, within
from lrdsl.configs import config_file
from lrdsl.configs.keys import Keys
from lrdsl.configs.references import refers
from lrdsl.configs.runs import RunFrom, shown
from lrdsl.configs.schedules import (
    ConfigSchedule,
    NoSchedule,
    Survey,
    not_utf8,
    place,
    read,
)
from lrdsl.configs.settings import Settings, load
from lrdsl.configs.unused import unused
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.limits import CHARACTERS
from lrdsl.record import record, replace
from lrdsl.wording import count, listed, visible

if TYPE_CHECKING:
    from lrdsl.cli.config_options import ConfigOptions
    from lrdsl.resolve.run_arguments import RunArguments


def gather(
    files: Sequence[str],
    expressions: Sequence[str],
    stdin_filename: str | None,
    configs: ConfigOptions,
    run: RunArguments,
    *,
    may_be_empty: bool = False,
    skip_unrelated: bool = False,
) -> tuple[list[Text], list[str]]:
    """Reads every program that was asked for, those in folders and configs too.

    Args:
        files: what was given: files, folders, addresses of schedules in configs, ``-``.
        expressions: programs that were given as such.
        stdin_filename: what to call standard input, which tells what it is.
        configs: where configs have theirs.
        run: what the command line says of the run.
        may_be_empty: True if no note is needed where there is no schedule.
        skip_unrelated: True to pass over configs without a schedule, as in a folder.

    Returns:
        The programs, and a sentence for each file that could not be read.
    """
    settings = _settings(configs)
    programs, unreadable = texts((), expressions) if expressions else ([], [])
    notes: list[str] = []
    patterns, survey = Keys(settings.keys), Survey({}, set(), set())
    walked: list[str] = []
    for file in files:
        is_folder = Path(file).is_dir()
        skips = is_folder or skip_unrelated
        paths = _walked(file, unreadable) if is_folder else [file]
        walked += paths if is_folder else []
        for path in paths:
            more, failed = _read(
                path, stdin_filename, patterns, settings.run_from, survey, skips=skips
            )
            programs += more
            unreadable += failed
    programs = settled(programs, walked, patterns, settings.run_from, survey)
    is_empty = not programs and not skip_unrelated
    named = settings.keys if is_empty else configs.keys
    for found in unused(settings, named, patterns, survey):
        if isinstance(found, str):
            notes.append(found)
        else:
            config = ConfigSchedule(found.name, None, None, {}, (found,))
            programs.append(Text(found.name, "", config))
    if programs and not survey.paths and not any(text.in_config for text in programs):
        configs.note_unused()
    if not programs and not unreadable and not may_be_empty:
        under = f" under {listed(f'`{key}`' for key in settings.keys)}" if settings.keys else ""
        notes.insert(0, f"no schedule was found{under}; --key names the keys that have them")
    notes += [t.in_config.note for t in programs if t.in_config is not None and t.in_config.note]
    notes += dict.fromkeys(note for text in programs for note in _unknown(text, run))
    for note in notes:
        output.say(f"note: {note}")
    return _once([text for text in programs if _is_checked(text.in_config)]), unreadable


@record
class Keyed:
    """The schedules of a config by their keys.

    Attributes:
        texts: those that are known.
        unknown: the keys of those that hold an interpolation.
        faults: what is wrong with the config itself.
        unreadable: why it cannot be read; mostly empty.
        notes: what may be wrong with it, or is not known of its run.
    """

    texts: Mapping[str, Text]
    unknown: tuple[str, ...]
    faults: tuple[Diagnostic, ...]
    unreadable: str
    notes: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that have a schedule, known or not."""
        return (*self.texts, *self.unknown)


def by_key(file: str, name: str, configs: ConfigOptions, run: RunArguments) -> Keyed:
    """Reads the schedules of a config.

    Args:
        file: where it can be read.
        name: the path that it belongs to, from which its references lead on.
        configs: where configs have theirs.
        run: what the command line says of the run.
    """
    settings = _settings(configs)
    programs, unreadable = _read(
        file, None, Keys(settings.keys), settings.run_from, Survey({}, set(), set()),
        skips=True, name=name,
    )  # fmt: skip
    found: dict[str, Text] = {}
    unknown: list[str] = []
    faults: list[Diagnostic] = []
    for text in programs:
        config = text.in_config
        assert config is not None
        keys = config.address.removeprefix(f"{name}:")
        if config.scalar is None:
            faults += config.errors
        elif _is_checked(config):
            found[keys] = text
        else:
            unknown.append(keys)
    notes = [t.in_config.note for t in found.values() if t.in_config and t.in_config.note]
    notes += [note for text in found.values() for note in _unknown(text, run)]
    configs_of = [text.in_config for text in found.values() if text.in_config is not None]
    if any(config.parts or config.is_reference for config in configs_of):
        notes.append(
            f"{visible(name)} names other files, which git does not pass: they are read as they are"
            " now, for both versions"
        )
    reason = "".join(unreadable).removeprefix(f"{file}: ")
    return Keyed(found, tuple(unknown), tuple(faults), reason, tuple(notes))


def _settings(configs: ConfigOptions) -> Settings:
    """The settings of the project, and those of the command line before them."""
    try:
        return load(Path.cwd(), configs.keys, configs.total_from, configs.steps_from)
    except (ValueError, OSError) as error:
        output.say(f"lrdsl: {error}")
        sys.exit(output.MISUSE)
    except ModuleNotFoundError as error:
        output.need("configs", str(error.name))
        raise


def _unknown(text: Text, run: RunArguments) -> Iterator[str]:
    """What a config says of the run that is not known before the config is put together."""
    config = text.in_config
    for name, value in config.unknown.items() if config is not None else ():
        argument = name.partition(" ")[0]
        if argument not in run and config is not None:
            span, said = shown(value)
            where = config.place if span is None else place(span)
            said = f"`{name.replace(' ', '.')}` is {said}"
            yield f"{where} is not known here: {said}; give {OPTIONS[argument]}"


def _is_checked(schedule: ConfigSchedule | None) -> bool:
    """True if there is something to check, or to report."""
    return schedule is None or schedule.text is not None or bool(schedule.errors)


def _walked(file: str, unreadable: list[str]) -> list[str]:
    """The files of a folder that may hold schedules, sorted."""
    return [str(Path(path)) for path in within(file, unreadable, disk.SUFFIX, *disk.CONFIGS)]


def _read(
    path: str,
    stdin_filename: str | None,
    keys: Keys,
    run_from: RunFrom,
    survey: Survey,
    *,
    skips: bool,
    name: str = "",
) -> tuple[list[Text], list[str]]:
    """The schedules of a file, and a sentence where it cannot be read.

    A config in a folder is passed over where it holds no schedule, well formed or not: it may be a
    template, or data. One that was asked for by its name has to be well formed.

    Args:
        path: the file, or the address of a schedule in it.
        stdin_filename: what to call standard input.
        keys: which keys have schedules.
        run_from: where configs say how long the run is.
        survey: takes what was seen.
        skips: True to pass over what holds no schedule.
        name: what to call the file, if it is a copy of another.
    """
    path, wanted = disk.addressed(path)
    whole, unreadable = texts([path], (), stdin_filename)
    if name:
        whole = [replace(text, name=name) for text in whole]
    if not all(is_config(text.name) for text in whole):
        return whole, unreadable
    schedules: list[ConfigSchedule] = []
    for text in whole:
        is_skipped = skips and not wanted and not keys.worth_reading(text.text)
        if is_skipped and not (text.is_utf8 and refers(text.text)):
            continue
        if len(text.text) > CHARACTERS:
            unreadable.append(f"{path}: it has more than {count(CHARACTERS)} characters")
        elif not text.is_utf8:
            schedules.append(not_utf8(text.name, text.text))
        else:
            output.need("configs", *config_file.modules(text.name))
            try:
                schedules += read(
                    text.name, text.text, keys, run_from, survey, wanted, skips=skips and not wanted
                )
            except NoSchedule as error:
                unreadable.append(f"{path}:{wanted}: {error}")
    return [
        Text(schedule.name, schedule.text.text if schedule.text else "", schedule)
        for schedule in schedules
    ], unreadable


def _once(programs: list[Text]) -> list[Text]:
    """The texts without those that configs share for the same run, or describe."""
    described = {os.path.realpath(text.name) for text in programs if _is_reference(text)}
    kept: dict[object, Text] = {}
    for text in programs:
        file = os.path.realpath(text.name)
        schedule = text.in_config
        if schedule is None and file in described:
            continue  # a config names this file, and says more about its run
        key: object = id(text)
        if schedule is not None and schedule.is_shared:
            place = None if schedule.is_reference else place_of(text)
            key = file, place, text.text, repr(schedule.run), repr(schedule.unknown)
        kept.setdefault(key, text)
    return list(kept.values())


def _is_reference(text: Text) -> bool:
    """True if a config names the file of a text."""
    return text.in_config is not None and text.in_config.is_reference

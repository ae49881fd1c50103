"""Files that are parts of configs: what is found in them is reported once, for the whole run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from lrdsl import files
from lrdsl.cli.run_options import Text
from lrdsl.configs.keys import Keys
from lrdsl.configs.runs import RunFrom
from lrdsl.configs.schedules import ConfigSchedule, Survey, read
from lrdsl.record import replace

_Place = tuple[str, int]
_ByConfig = Mapping[str, Sequence[Text]]
_Read = Callable[..., list[ConfigSchedule]]


def settled(
    programs: Sequence[Text],
    walked: Iterable[str],
    keys: Keys,
    run_from: RunFrom,
    survey: Survey,
) -> list[Text]:
    """The texts, each for the whole of its run if a config that was read says more of that.

    What is found in a part of a config by itself is found in the config too, or is mended there,
    and is left out. An option that a config could choose instead is read as if it did. A schedule
    that a config replaces stays as it is.

    Args:
        programs: the texts.
        walked: the files of folders, which may be options without a schedule.
        keys: which keys have schedules.
        run_from: where configs say how long the run is.
        survey: takes what is seen.
    """
    read_with: _Read = partial(read, keys=keys, run_from=run_from, survey=survey)
    by_config: dict[str, list[Text]] = {}
    for text in programs:
        by_config.setdefault(_file(text) or str(id(text)), []).append(text)
    inner = _inner(by_config)
    mains = {config: texts for config, texts in by_config.items() if config not in inner}
    covered = {place_of(text) for texts in mains.values() for text in texts}
    options = _options(mains)
    for path in walked if options else ():
        config = os.path.realpath(path)
        if config not in inner and _is_experiment(config, options):
            by_config.setdefault(config, [])
    found: list[Text] = []
    for config, texts in by_config.items():
        if config in inner:
            found += [text for text in texts if place_of(text) not in covered | {None}]
        else:
            choosing = options.get(str(Path(config).parent), {})
            found += _chosen(config, texts, choosing, read_with) if choosing else texts
    return [text for text in found if text.in_config is None or _says(text.in_config)]


def _says(config: ConfigSchedule) -> bool:
    """True if it is a schedule, or an error or a note; others only choose options."""
    return config.scalar is not None or bool(config.errors or config.note)


def place_of(text: Text) -> _Place | None:
    """Where a schedule stands in a config; None for what is no schedule in one.

    Args:
        text: the schedule.
    """
    scalar = text.in_config.scalar if text.in_config is not None else None
    return None if scalar is None else (os.path.realpath(scalar.source.name), scalar.start)


def _file(text: Text) -> str:
    """The config that a text was found in, or what stands for none."""
    return "" if text.in_config is None else os.path.realpath(text.in_config.config)


def _configs(texts: Sequence[Text]) -> list[ConfigSchedule]:
    return [text.in_config for text in texts if text.in_config is not None]


def _inner(by_config: _ByConfig) -> set[str]:
    """The files that others are made of, except those that are made of each other: an error."""
    parts = {
        config: {os.path.realpath(part) for one in _configs(texts) for part in one.parts}
        for config, texts in by_config.items()
    }
    return {
        part
        for config, of in parts.items()
        for part in of
        if part != config and config not in parts.get(part, ())
    }


def _options(mains: _ByConfig) -> dict[str, dict[str, list[Text]]]:
    """What could choose an option, by its folder: texts of configs by the name of the choice."""
    found: dict[str, dict[str, list[Text]]] = {}
    for texts in mains.values():
        groups = {key: folder for one in _configs(texts) for key, folder in one.groups.items()}
        for key, folder in groups.items():
            found.setdefault(os.path.realpath(folder), {}).setdefault(key, []).extend(texts)
    return found


def _is_experiment(config: str, options: Mapping[str, object]) -> bool:
    """True for an option that says something of the whole run."""
    if str(Path(config).parent) not in options or not config.lower().endswith((".yaml", ".yml")):
        return False
    from lrdsl.configs.hydra_defaults import is_global

    with suppress(OSError):
        return is_global(files.read(config))
    return False


def _chosen(
    config: str, texts: Sequence[Text], choosing: Mapping[str, Sequence[Text]], read_with: _Read
) -> list[Text]:
    """The texts of an option, as the configs have them that could choose it.

    Args:
        config: the file of the option.
        texts: what was found in it by itself.
        choosing: what was found in those configs, by the name of the choice.
        read_with: reads a config again.
    """
    read_so: list[ConfigSchedule] = []
    for key, of_mains in choosing.items():
        said = [(one.errors, one.note) for one in _configs(of_mains)]
        choices = {key: Path(config).stem}
        for main in dict.fromkeys(one.config for one in _configs(of_mains)):
            # What came by standard input cannot be read again.
            with suppress(OSError):
                so = read_with(main, files.read(main), choices=choices)
                read_so += [one for one in so if one.scalar or (one.errors, one.note) not in said]
    by_place: dict[_Place, list[Text]] = {}
    others: list[Text] = []
    for one in read_so:
        text = Text(one.name, one.text.text if one.text else "", one)
        place = place_of(text)
        (others if place is None else by_place.setdefault(place, [])).append(text)
    known = {place_of(text) for of_mains in choosing.values() for text in of_mains}
    # A schedule of a third file is there only because the option chooses it.
    own = {place for place in by_place if place[0] == config or place not in known}
    if not own and _is_experiment(config, {str(Path(config).parent): choosing}):
        before = [_run(text) for of_mains in choosing.values() for text in of_mains]
        own = {p for p, found in by_place.items() if any(_run(so) not in before for so in found)}
    if not own and not any(_says(one) for one in _configs(texts)):
        return []
    for text in texts:
        place = place_of(text)
        if place in by_place:
            others += [_addressed(so, text.address) for so in by_place.pop(place)]
        elif place is not None:
            others.append(text)
    # What the option says is a schedule only inside the config.
    others += [so for place, found in by_place.items() if place in own for so in found]
    return others if read_so else [*texts]


def _run(text: Text) -> tuple[object, ...]:
    """A schedule and the run that it is laid out for."""
    config = text.in_config
    assert config is not None
    return place_of(text), text.text, repr(config.run), repr(config.unknown)


def _addressed(text: Text, address: str) -> Text:
    """A text by another address."""
    assert text.in_config is not None
    return replace(text, in_config=replace(text.in_config, address=address))

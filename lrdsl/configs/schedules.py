"""Schedules that were found in a config: what they are, and what the config says of the run."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from lrdsl import files
from lrdsl.configs import config_file, interpolations, references, yaml_truncation
from lrdsl.configs.calls import misspelled
from lrdsl.configs.config_file import Node, Scalar, Table, tables
from lrdsl.configs.find import Entry, Misfit, find
from lrdsl.configs.keys import Keys
from lrdsl.configs.lookup import at, lookup, paths
from lrdsl.configs.misfits import misplaced
from lrdsl.configs.repeats import repeated
from lrdsl.configs.runs import INTERPOLATION, Origins, RunFrom, arguments, unknown_of
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.record import entity, record, replace
from lrdsl.resolve import run as rules
from lrdsl.text.source import Embedded, Source, Span, unmarked
from lrdsl.wording import closest, did_you_mean, listed, visible

if TYPE_CHECKING:
    from lrdsl.configs.composing import Composition
    from lrdsl.resolve.run_arguments import RunArguments


@record
class ConfigSchedule:
    """A schedule in a config, or what was found in the place of one, or what says nothing of any.

    Attributes:
        name: the file that the text is in.
        scalar: its place in the config; None for what is wrong with the config itself.
        text: the text; None if there is none to check, as an error or a note says.
        run: what the config says about the run.
        errors: what was found wrong already.
        note: what kept the text from being checked, or what may be wrong with it; mostly empty.
        origins: where it says so of the run.
        unknown: what it says of the run by an interpolation: ``total``, or ``params peak``.
        address: the config and the keys of the schedule: ``train.yaml:optimizer.schedule``.
        config: the config, which may be made of several files, the text being in any of them.
        parts: the other files that it is made of.
        groups: the folders of the groups of which it chooses an option, by the name of the choice.
        choice: the option that was taken instead of the one that it chooses: ``optimizer=adam``.
    """

    name: str
    scalar: Scalar | None
    text: Source | None
    run: RunArguments
    errors: tuple[Diagnostic, ...] = ()
    note: str = ""
    origins: Origins = MappingProxyType({})
    unknown: Mapping[str, Node] = MappingProxyType({})
    address: str = ""
    config: str = ""
    parts: frozenset[str] = frozenset()
    groups: Mapping[str, str] = MappingProxyType({})
    choice: str = ""

    @property
    def is_reference(self) -> bool:
        """True if the config names a file in which the text is."""
        return self.text is not None and not isinstance(self.text, Embedded)

    @property
    def is_shared(self) -> bool:
        """True if other configs may have its text too, or this one with other options."""
        is_part = self.name != self.config or bool(self.choice)
        return self.is_reference or (self.scalar is not None and is_part)

    @property
    def place(self) -> str:
        """Where in the config it stands: file, line and column."""
        return visible(self.name) if self.scalar is None else place(self.scalar.span)

    @property
    def user(self) -> str:
        """What says of the run of a shared text: a place in the config, or the whole of it."""
        if self.is_reference:
            return self.place
        return visible(f"{self.config} with {self.choice}" if self.choice else self.config)

    def explained(self, errors: list[Diagnostic], given: Container[str] = ()) -> list[Diagnostic]:
        """The errors of the text, those that the config has caused put down to it.

        Args:
            errors: what is wrong with the text as it is, or with the run that it is laid out for.
            given: the arguments of the run that came from elsewhere, and override the config's.
        """
        scalar, text = self.scalar, self.text
        if scalar is None:
            return errors
        placed = [e if e.name != rules.RUN else self._placed(e, scalar, given) for e in errors]
        return (
            yaml_truncation.explained(placed, text, scalar)
            if isinstance(text, Embedded)
            else placed
        )

    def _placed(self, error: Diagnostic, scalar: Scalar, given: Container[str]) -> Diagnostic:
        """An error about the run, where the config says that of it."""
        said = error.span.source.text.partition(" = ")[0]
        if said.partition(" ")[0] in given:
            return error
        return replace(error, span=self.origins.get(said, scalar.span))


def place(span: Span) -> str:
    """Where a value starts: file, line and column.

    Args:
        span: its place.
    """
    return "{}:{}:{}".format(visible(span.source.name), *span.place[:2])


@entity
class Survey:
    """What was seen in the configs that were read, to tell which options have no effect.

    Attributes:
        paths: the keys of their values, between dots.
        named: the options about the run whose keys a config with schedules has.
        unnamed: those whose keys a config with schedules lacks.
    """

    paths: dict[str, None]
    named: set[str]
    unnamed: set[str]


class NoSchedule(Exception):
    """A config has no schedule at some keys; its text says what is there instead."""


def read(
    path: str,
    text: str,
    keys: Keys,
    run_from: RunFrom,
    survey: Survey | None = None,
    wanted: str = "",
    *,
    skips: bool = False,
    choices: Mapping[str, str] = MappingProxyType({}),
) -> list[ConfigSchedule]:
    """Every schedule of a config, or those at some keys.

    A config that is made of several files is read as the program reads it that puts it together.

    Args:
        path: the file.
        text: its text.
        keys: which keys have schedules.
        run_from: where it says how long the run is.
        survey: takes what was seen.
        wanted: the keys of the schedule, or of a table around it, between dots; empty for all.
        skips: True to pass over a config of which no file can hold a schedule, well formed or not.
        choices: options of Hydra's groups to take instead of what the config chooses.

    Raises:
        NoSchedule: there is no schedule at these keys.
    """
    source = unmarked(path, text)
    keys = keys.with_path(wanted) if wanted else keys
    is_doubtful = skips and not keys.worth_reading(text)
    try:
        roots = config_file.read(source)
    except LrsError as error:
        if is_doubtful:
            return []
        return [ConfigSchedule(path, None, None, {}, error.diagnostics, config=path)]
    whole = _composed(source, roots, choices)
    groups = whole.groups if whole is not None else {}
    # A config without a schedule may choose options, or be one, that have.
    silent = [ConfigSchedule(path, None, None, {}, config=path, groups=groups)]
    parts = whole.parts if whole is not None else {}
    if is_doubtful and not any(keys.worth_reading(p.source.text) for p in parts.values()):
        return silent
    merged = whole.roots if whole is not None else roots
    interpolations.resolve(merged)
    found = _found(path, merged, keys, run_from, survey, wanted)
    if whole is None:
        return [replace(one, config=path) for one in found]
    return _of_files(path, whole, found, choices) or silent


def _of_files(
    path: str, whole: Composition, found: list[ConfigSchedule], choices: Mapping[str, str]
) -> list[ConfigSchedule]:
    """What was found in a config of several files, with what is said of the files."""
    faults = [ConfigSchedule(path, None, None, {}, whole.faults)] if whole.faults else []
    notes = [ConfigSchedule(path, None, None, {}, note=note) for note in whole.notes]
    has_any = any(one.scalar is not None for one in found)
    others = frozenset(whole.parts if has_any else ())
    choice = " ".join(f"{key}={name}" for key, name in choices.items())
    return [
        replace(one, config=path, parts=others, groups=whole.groups, choice=choice)
        for one in (*faults, *found, *notes)
    ]


def _composed(
    source: Source, roots: Sequence[Node], choices: Mapping[str, str]
) -> Composition | None:
    """A config with the files that it refers to; None where it refers to none."""
    tops = [root for root in roots if isinstance(root, Table)]
    if not any(key in references.KEYS for root in tops for key, _ in root.items):
        return None
    from lrdsl.configs.composing import composed

    return composed(source, roots, choices)


def _found(
    path: str,
    roots: Sequence[Node],
    keys: Keys,
    run_from: RunFrom,
    survey: Survey | None,
    wanted: str,
) -> list[ConfigSchedule]:
    """Every schedule of a config that was put together, or those at some keys."""
    entries, misfits = find(roots, keys)
    located = dict.fromkeys(name for name, _ in paths(roots))
    if survey is not None:
        survey.paths.update(located)
    looked_at = roots
    if wanted:
        entries = _wanted(roots, wanted, entries, located)
        misfits = []
        looked_at = [
            table for e in entries if e.call for table in (e.call.table, e.call.run) if table
        ]
    broken = [*map(misplaced, misfits), *misspelled(looked_at)]
    broken += repeated(roots, _holders(roots, entries, misfits, run_from))
    wrong = [ConfigSchedule(path, None, None, {}, tuple(broken))] if broken else []
    if not entries:
        return wrong
    if survey is not None:
        for option, named in run_from.keys.items():
            (survey.unnamed if lookup(roots, named) is None else survey.named).add(option)
    run: RunArguments = {}
    origins: Origins = {}
    try:
        run, origins = run_from.read(roots)
    except LrsError as error:
        wrong.append(ConfigSchedule(path, None, None, {}, error.diagnostics))
    leftovers = {
        place
        for entry in entries
        if yaml_truncation.split(entry)
        for place in yaml_truncation.leftovers(entry)
    }
    whole = [entry for entry in entries if (id(entry.table), entry.index) not in leftovers]
    found = [_schedule(entry, run, origins) for entry in whole]
    unknown = run_from.unknown(roots)
    known = (_with_unknown(*pair, unknown) for pair in zip(found, whole, strict=True))
    addresses = (f"{path}:{entry.address}".rstrip(":") for entry in whole)
    return [*wrong, *(replace(s, address=a) for s, a in zip(known, addresses, strict=True))]


def _wanted(
    roots: Sequence[Node], wanted: str, entries: Sequence[Entry], located: Iterable[str]
) -> list[Entry]:
    """The schedules at some keys, or inside the table that is there."""
    node = next(at(roots, wanted), None)
    inside = (
        [node, *(value for table in tables([node]) for _, value in table.items)] if node else []
    )
    there = {id(one) for one in inside}
    found = [entry for entry in entries if id(entry.scalar) in there]
    # Keys may have dots: what is listed as an address is one.
    found = found or [entry for entry in entries if entry.address == wanted]
    if found:
        return found
    others = [entry.address for entry in entries]
    message = f"there is no schedule at `{wanted}`" if node else f"it has no key `{wanted}`"
    if others:
        otherwise = f"it has schedules at {listed(f'`{key}`' for key in others)}"
        message += f"; {did_you_mean(wanted, others, otherwise)}"
    elif node is None and (near := closest(wanted, [*located])):
        message += f"; did you mean `{near}`?"
    raise NoSchedule(message)


def _with_unknown(
    schedule: ConfigSchedule, entry: Entry, unknown: Mapping[str, Scalar]
) -> ConfigSchedule:
    """A schedule with what is not known of its run, and not said elsewhere."""
    call = entry.call.run if entry.call is not None else None
    found = {**unknown, **(unknown_of(call) if call is not None else {})}
    kept = {name: one for name, one in found.items() if name not in schedule.run}
    if not kept or schedule.text is None:
        return schedule
    return replace(schedule, unknown=kept)


def _holders(
    roots: Sequence[Node], entries: Sequence[Entry], misfits: Sequence[Misfit], run_from: RunFrom
) -> Iterator[Node]:
    """What decides which schedules a config has, and for which run."""
    yield from (misfit.node for misfit in misfits)
    yield from (entry.scalar for entry in entries)
    calls = [entry.call for entry in entries if entry.call is not None]
    yield from tables([table for one in calls for table in (one.table, one.run) if table])
    said = (lookup(roots, keys) for keys in run_from.keys.values()) if entries else ()
    yield from filter(None, said)


def not_utf8(path: str, text: str) -> ConfigSchedule:
    """What is wrong with a config whose bytes are not UTF-8.

    Args:
        path: the file.
        text: what it says, as far as that can be told.
    """
    marks = [at for at in (text.find("\ufffd"), text.find("\0")) if at >= 0]
    problem, help = "it is not written in UTF-8", "save the file as UTF-8"
    # Half of a text in UTF-16 are zeros.
    if "\ufffd" not in text and text.count("\0") * 4 < len(text):
        problem = "it has a NUL character, which no text has"
        help = "take it out; or save the file as UTF-8, if it is in UTF-16"
    error = config_file.broken(unmarked(path, text), min(marks, default=0), problem, help)
    return ConfigSchedule(path, None, None, {}, error.diagnostics)


def _schedule(entry: Entry, run: RunArguments, origins: Origins) -> ConfigSchedule:
    scalar, path = entry.scalar, entry.scalar.source.name
    if INTERPOLATION in entry.text:
        unknown = "holds an interpolation, so the schedule there is not known and not checked"
        note = f"{place(scalar.span)} {unknown}"
        return ConfigSchedule(path, scalar, None, run, note=note)
    if entry.call is not None and entry.call.run is not None:
        try:
            own, places = arguments(entry.call.run)
            run, origins = {**run, **own}, {**origins, **places}
        except LrsError as error:
            return ConfigSchedule(path, scalar, None, run, error.diagnostics)
    if entry.is_path:
        return _referenced(entry, run, origins)
    text = entry.embedded()
    fault = yaml_truncation.split(entry) or yaml_truncation.swallowed(text, scalar)
    if fault is not None:
        return ConfigSchedule(path, scalar, None, run, (fault,))
    comment = yaml_truncation.comment_after(scalar)
    note = ""
    if comment is not None and ">>" in comment.text:
        note = "{}:{}:{} is a comment of YAML; if its `>>` belongs to the schedule, quote the whole"
        note = note.format(comment.source.name, *comment.place[:2])
    return ConfigSchedule(path, scalar, text, run, note=note, origins=origins)


def _referenced(entry: Entry, run: RunArguments, origins: Origins) -> ConfigSchedule:
    """The schedule in a file that a config names, relative to the config or to where we are."""
    scalar, path = entry.scalar, entry.scalar.source.name
    folder = Path(path).parent
    file = beside = folder / entry.text
    try:
        there = Path(entry.text)
        file = there if there.is_file() and not beside.is_file() else beside
        # Who checks a config must not wait for what another process may write.
        if files.is_endless(str(file)):
            raise OSError("it is not a regular file")
        text = files.read(file)
    # A path with a NUL, or half a character, is none.
    except (OSError, ValueError) as error:
        why = files.reason(error) if isinstance(error, OSError) else "this cannot be a path"
        message = f"there is no schedule to read at `{visible(str(file))}`: {why}"
        here = visible(str(folder))
        help = f"the path is relative to the folder of this file, `{here}`, or to the current one"
        fault = Diagnostic("missing-file", message, help, scalar.span)
        return ConfigSchedule(path, scalar, None, run, (fault,))
    name = files.plain(file)
    return ConfigSchedule(name, scalar, unmarked(name, text), run, origins=origins)

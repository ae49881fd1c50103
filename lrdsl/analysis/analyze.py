"""Analyses of schedules: one that is a text by itself, those in a config, those of any file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from lrdsl.analysis.analysis import Analysis
from lrdsl.analysis.known import Known
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.files import CONFIGS
from lrdsl.outside import as_bases, shown
from lrdsl.record import entity, replace
from lrdsl.resolve.run_arguments import RunArguments, normalized, takes_run
from lrdsl.text.source import Embedded, Source, unmarked

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from lrdsl.configs.schedules import ConfigSchedule


@takes_run
def analyze(
    text: str,
    *,
    name: str = "<string>",
    defaults: RunArguments | None = None,
    host: str | None = None,
    base: float | Mapping[str, float] | None = None,
    groups: Sequence[str] = (),
    **run: Unpack[RunArguments],
) -> Analysis:
    """Analyzes a schedule for whatever shows it: an editor, a page, a report.

    The text may be unfinished or wrong. Errors are in the ``diagnostics`` of the result.

    Args:
        text: the text of the schedule.
        name: its name in messages.
        **run: the arguments of the run, as far as they are known.
        defaults: the arguments of the run that count where neither these nor the text says it.
        host: the text that it is part of, once and as it is, such as a script or a config. Offsets
            are then those of the host. `analyze_config` finds the schedules of a config itself,
            also where quotes spell a character in another way.
        base: the value of ``base``, or several by hyperparameter: ``{"momentum": 0.9}``.
        groups: the names of the optimizer's parameter groups, from which ``lr["layers.{i}.*"]``
            takes numbers.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: the text is not in ``host``, or is there more than once.

    Examples:
        >>> import lrdsl
        >>> analysis = lrdsl.analyze("warmup(5) >> cosine(20, en")
        >>> [part.name for part in analysis.parts["lr"]]
        ['warmup', 'cosine']
        >>> analysis.completions(26)[0].label
        'end = '
    """
    for what, value in (("a schedule", text), ("its name", name), ("its host", host or "")):
        if not isinstance(value, str):
            raise TypeError(f"{what} is a text, not {shown(value)}")
    source = unmarked(name, text) if host is None else _inside(text, name, host)
    return Analysis(source, _known("analyze", run, defaults, base, groups))


def _inside(text: str, name: str, host: str) -> Embedded:
    """A text at its place in another one."""
    if host.count(text) != 1 or not text:
        raise ValueError("the text stands in its host exactly once")
    start = host.index(text)
    places = tuple(range(start, start + len(text) + 1))
    return Embedded(name, text, Source(name, host), places, places[1:])


@entity
class ConfigAnalysis:
    """What is known of a config: `analyze_config` makes one.

    Attributes:
        schedules: its schedules, in their order.
        diagnostics: every error and warning about it and its schedules.
        notes: what could not be looked at, in sentences.
        elsewhere: the schedules in other files, to which it refers.
        files: the other files that it was read from.
    """

    schedules: tuple[Analysis, ...]
    diagnostics: tuple[Diagnostic, ...]
    notes: tuple[str, ...]
    elsewhere: tuple[Analysis, ...] = ()
    files: tuple[str, ...] = ()

    def at(self, offset: int) -> Analysis | None:
        """Returns the schedule at a place of the config.

        Args:
            offset: the place.
        """
        return next((one for one in self.schedules if one.covers(offset)), None)


@takes_run
def analyze_config(
    text: str,
    *,
    name: str,
    keys: Sequence[str] = (),
    defaults: RunArguments | None = None,
    total_from: str | None = None,
    steps_per_epoch_from: str | None = None,
    base: float | Mapping[str, float] | None = None,
    skip_unrelated: bool = False,
    groups: Sequence[str] = (),
    address: str = "",
    **run: Unpack[RunArguments],
) -> ConfigAnalysis:
    """Analyzes the schedules in a config in YAML, TOML or JSON.

    Args:
        text: the text of the config.
        name: its path, whose suffix says how to read it.
        keys: which keys have schedules: ``optimizer.schedule``, ``**.schedule``; by default those
            of ``[tool.lrdsl]`` in the ``pyproject.toml`` above the config. Values tagged ``!lrs``
            and paths that end in ``.lrs`` are found without them.
        **run: the arguments of the run, as far as they are known.
        defaults: the arguments of the run that count where neither these nor the config nor the
            text says it.
        total_from: where the config says how long the run is: ``trainer.max_epochs=ep``.
        steps_per_epoch_from: where it says how many updates an epoch has.
        base: the value of ``base``, or several by hyperparameter.
        skip_unrelated: True to pass over a config that cannot hold a schedule, well formed or not.
        groups: the names of the optimizer's parameter groups.
        address: the keys of the only schedule to look at, or of a table around some; by default
            all are.

    Raises:
        ImportError: the extra ``configs`` is not installed.
        ValueError: ``pyproject.toml`` cannot be understood, or no schedule has the ``address``.
    """
    from lrdsl.configs.keys import Keys
    from lrdsl.configs.schedules import NoSchedule, read
    from lrdsl.configs.settings import load

    known = _known("analyze_config", run, defaults, base, groups)
    settings = load(Path(name).parent, tuple(keys), total_from, steps_per_epoch_from)
    try:
        found = read(
            name,
            text,
            Keys(settings.keys),
            settings.run_from,
            wanted=address,
            skips=skip_unrelated,
        )
    except NoSchedule as error:
        raise ValueError(str(error)) from None
    schedules: list[Analysis] = []
    elsewhere: list[Analysis] = []
    diagnostics: dict[Diagnostic, None] = {}
    for one in found:
        if one.text is None:
            diagnostics |= dict.fromkeys(one.errors)
            continue
        analysis = _of(one, known)
        is_here = analysis.source.whole == unmarked(name, text).text
        (schedules if is_here else elsewhere).append(analysis)
        diagnostics |= dict.fromkeys(analysis.diagnostics)
    notes = tuple(one.note for one in found if one.note)
    files = {path for one in found for path in (*one.parts, one.name)} - {name}
    return ConfigAnalysis(
        tuple(schedules), tuple(diagnostics), notes, tuple(elsewhere), tuple(sorted(files))
    )


def _known(
    function: str,
    run: RunArguments,
    defaults: RunArguments | None,
    base: float | Mapping[str, float] | None,
    groups: Sequence[str],
) -> Known:
    """What the arguments of a function say besides the text."""
    given, usual = normalized(run, function), normalized(defaults or {}, function)
    return Known(given, usual, as_bases(base), groups)


def _of(schedule: ConfigSchedule, known: Known) -> Analysis:
    """The analysis of a schedule that was found in a config."""
    assert schedule.text is not None
    run: RunArguments = {**schedule.run, **known.run}

    def explained(errors: list[Diagnostic]) -> list[Diagnostic]:
        return schedule.explained(errors, known.run)

    address = schedule.address
    return Analysis(schedule.text, replace(known, run=run), explained, schedule.errors, address)


class KnownArguments(RunArguments, total=False):
    """The arguments of `analyze` and `analyze_config` that say what is known besides the text."""

    defaults: RunArguments | None
    base: float | Mapping[str, float] | None
    groups: Sequence[str]


class ConfigArguments(TypedDict, total=False):
    """The arguments of `analyze_config` that say what to look for."""

    keys: Sequence[str]
    total_from: str | None
    steps_per_epoch_from: str | None
    skip_unrelated: bool
    address: str


def analyze_file(
    text: str, name: str, known: KnownArguments, config: ConfigArguments
) -> ConfigAnalysis:
    """Analyzes what stands in a file: the schedules of a config, or one that is all of it.

    Args:
        text: the text of the file.
        name: its path, whose suffix says which of them it is.
        known: what is known besides the text.
        config: what to look for if it is a config.

    Raises:
        ImportError: as for `analyze_config`.
        ValueError: as for `analyze_config`.
    """
    if name.lower().endswith(CONFIGS):
        return analyze_config(text, name=name, **known, **config)
    one = analyze(text, name=name, **known)
    return ConfigAnalysis((one,), one.diagnostics, ())

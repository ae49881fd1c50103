"""Analyses of schedules: one that is a text by itself, and those in a config."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lrdsl.analysis.analysis import Analysis
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.outside import as_bases, shown
from lrdsl.record import entity
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
    given, usual = normalized(run, "analyze"), normalized(defaults or {}, "analyze")
    return Analysis(source, given, as_bases(base), usual, groups=groups)


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
    from lrdsl.configs.find import Keys
    from lrdsl.configs.schedules import NoSchedule, read
    from lrdsl.configs.settings import load

    given, bases = normalized(run, "analyze_config"), as_bases(base)
    usual = normalized(defaults or {}, "analyze_config")
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
        analysis = _of(one, given, bases, usual, groups)
        is_here = analysis.source.whole == unmarked(name, text).text
        (schedules if is_here else elsewhere).append(analysis)
        diagnostics |= dict.fromkeys(analysis.diagnostics)
    notes = tuple(one.note for one in found if one.note)
    files = {path for one in found for path in (*one.parts, one.name)} - {name}
    return ConfigAnalysis(
        tuple(schedules), tuple(diagnostics), notes, tuple(elsewhere), tuple(sorted(files))
    )


def _of(
    schedule: ConfigSchedule,
    run: RunArguments,
    bases: Mapping[str, float],
    defaults: RunArguments,
    groups: Sequence[str],
) -> Analysis:
    """The analysis of a schedule that was found in a config."""
    assert schedule.text is not None
    known: RunArguments = {**schedule.run, **run}

    def explained(errors: list[Diagnostic]) -> list[Diagnostic]:
        return schedule.explained(errors, run)

    return Analysis(
        schedule.text, known, bases, defaults, explained, schedule.errors, groups, schedule.address
    )

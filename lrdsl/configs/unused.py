"""Options about configs that came to nothing: the keys that they name are in none of the files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lrdsl.configs.keys import Keys
from lrdsl.configs.schedules import Survey
from lrdsl.configs.settings import Settings
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.text.source import Span
from lrdsl.wording import closest

_UNKNOWN = {
    "total-from": "the length of the run",
    "steps-per-epoch-from": "the number of updates in an epoch",
}


def unused(
    settings: Settings, given: Sequence[str], keys: Keys, survey: Survey
) -> Iterator[Diagnostic | str]:
    """What names keys that are not there.

    Args:
        settings: where schedules and their runs are.
        given: the keys to look at: those that were named on the command line. Those of a project
            are for all of its configs, and count where no schedule was found at all.
        keys: the patterns, after all configs were read.
        survey: what was seen in them.

    Yields:
        A warning where a key is almost the same, and a sentence where none is.
    """
    for option, named in settings.run_from.keys.items():
        if option in survey.unnamed - survey.named:
            message = f"no config with a schedule has the key `{named}`, so {_UNKNOWN[option]}"
            message += " is not known"
            near = None if named in survey.paths else _nearest(named, survey)
            yield _reported(option, message, near, settings.origins[option])
    for pattern in given:
        if pattern in keys.unmatched and survey.paths:
            near = _nearest(pattern, survey)
            if near is not None and keys.match(near):
                near = None
            elif near is None and set(pattern) & set("*?["):
                continue  # which may be for other configs
            message = f"no config has the key `{pattern}`"
            yield _reported("key", message, near, settings.places[pattern])


def _reported(option: str, message: str, near: str | None, span: Span) -> Diagnostic | str:
    if near is None:
        return f"{message}; --{option} names it"
    help = f"did you mean `{near}`?"
    return Diagnostic("unknown-key", message, help, span, severity="warning")


def _nearest(named: str, survey: Survey) -> str | None:
    """The key most like one that is not there, by its last word: many share the others."""
    by_last: dict[str, list[str]] = {}
    for path in survey.paths:
        by_last.setdefault(path.rpartition(".")[2], []).append(path)
    last = closest(named.rpartition(".")[2], by_last)
    if last is None:
        return None
    return closest(named, by_last[last]) or by_last[last][0]

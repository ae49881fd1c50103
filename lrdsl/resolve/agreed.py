"""The errors of a program's schedules, where some only stand for those of groups not known yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lrdsl.check.targets import Target
from lrdsl.diagnostics.diagnostic import Diagnostic


def agreed(found: Iterable[tuple[Target, Sequence[Diagnostic]]]) -> list[Diagnostic]:
    """The errors of all schedules, each once.

    A statement with captures is looked at for two sets of numbers while its groups are not known.
    Only the errors of both count, by their kind and place.

    Args:
        found: each target with its errors, or with none.
    """
    kept: dict[Diagnostic, None] = {}
    samples: dict[Target, list[Sequence[Diagnostic]]] = {}
    for target, errors in found:
        if target.is_sample:
            samples.setdefault(target.statement, []).append(errors)
        else:
            # What several statements share, such as a `let`, is reported once.
            kept |= dict.fromkeys(errors)
    for first, *others in samples.values():
        places = [{(d.slug, d.span) for d in errors} for errors in others]
        kept |= dict.fromkeys(d for d in first if all((d.slug, d.span) in p for p in places))
    return list(kept)

"""Diagnostics for people, and how many there were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from lrdsl.cli import output
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.wording import plural


def written(diagnostics: Sequence[Diagnostic]) -> str:
    """Each diagnostic with its line; nothing where there are none."""
    if not diagnostics:
        return ""
    return "\n".join([*map(output.shown, diagnostics), _summary(diagnostics), ""])


def _summary(diagnostics: Sequence[Diagnostic]) -> str:
    """The number of findings, as in ``2 errors, 1 warning in 2 files``."""
    counts = Counter(d.severity for d in diagnostics)
    nouns = [plural(counts[noun], noun) for noun in ("error", "warning") if counts[noun]]
    return f"{', '.join(nouns)} in {plural(len({d.name for d in diagnostics}), 'file')}"

"""A hyperparameter that is called otherwise in torch's optimizers."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.check.hyperparameters import KNOWN, meant
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import fix
from lrdsl.lints.lint import ProgramContext, warning
from lrdsl.text.source import Span


def find(text: ProgramContext) -> Iterator[Diagnostic]:
    """Targets that are not the name of a hyperparameter, and nearly one or known as one elsewhere.

    Others may well be numbers that an optimizer of one's own has.
    """
    for drive in text.drives:
        key = drive.target.key
        name = None if key in KNOWN else meant(key, KNOWN)
        if name is not None:
            message = f"torch's optimizers have no `{key}`"
            help = f"did you mean `{name}`?"
            span = drive.target.span
            own = fix(Span(span.source, span.start, span.start + len(key)), name)
            yield warning("unknown-target", message, help, span, own)

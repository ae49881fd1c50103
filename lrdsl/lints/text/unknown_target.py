"""A hyperparameter that is called otherwise in torch's optimizers."""

from __future__ import annotations

from collections.abc import Iterator

from lrdsl.check.hyperparameters import ENDS, KNOWN, meant
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import fix
from lrdsl.lints.lint import ProgramContext, warning
from lrdsl.text.source import Span


def find(text: ProgramContext) -> Iterator[Diagnostic]:
    """Targets that are not the name of a hyperparameter, and nearly one or known as one elsewhere.

    Others may well be numbers that an optimizer of one's own has.
    """
    driven = {drive.target.label for drive in text.drives}
    for drive in text.drives:
        target = drive.target
        if target.is_scalar:
            continue
        key, span = target.key, target.span
        message = f"torch's optimizers have no `{key}`"
        name = None if key in KNOWN or key in ENDS else meant(key, KNOWN)
        if key in ENDS:
            help = "the ends of a rate are arguments of a part, as in `cosine(20, end = 1e-5)`"
            yield warning("unknown-target", message, help, span)
        elif name is not None:
            own = fix(Span(span.source, span.start, span.start + len(key)), name)
            # A second statement for the same target would be an error.
            fixes = () if f"{name}{target.label[len(key) :]}" in driven else (own,)
            yield warning("unknown-target", message, f"did you mean `{name}`?", span, *fixes)

"""Groups that were built with different values and are all given the same one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints import ignores
from lrdsl.lints.groups import unequal_groups
from lrdsl.resolve.resolved import Driven


def found(
    driven: Iterable[tuple[Driven, float, str]], optimizers: Sequence[str]
) -> Iterator[Diagnostic]:
    """The findings of the lint, without those that a comment ignores.

    Args:
        driven: what is driven, each with the own value of a group and what that is called.
        optimizers: the names of the optimizers, if there are several.
    """
    findings = unequal_groups.find(driven, optimizers)
    return (finding for finding in findings if not ignores.ignored(finding))

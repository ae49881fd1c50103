"""One value for parameter groups that were built with different ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.lints.lint import warning
from lrdsl.wording import number

if TYPE_CHECKING:
    from lrdsl.check.targets import Target
    from lrdsl.resolve.resolved import Driven


def find(
    driven: Iterable[tuple[Driven, float, str]], optimizers: Sequence[str] = ()
) -> Iterator[Diagnostic]:
    """Schedules of plain numbers for groups that differ.

    Args:
        driven: what is driven, each with the own value of a group and what that is called.
        optimizers: the names of the optimizers, if there are several.
    """
    bases: dict[str, dict[float, str]] = {}
    targets: dict[str, Target] = {}
    for one, base, name in driven:
        # A schedule of zeros is a plain number, and in proportion to everything.
        if one.schedule.is_absolute and not one.schedule.is_proportional:
            targets[one.target.label] = one.target
            bases.setdefault(one.target.label, {}).setdefault(base, name)
    for label, by_base in bases.items():
        if len(by_base) > 1:
            yield _report(targets[label], by_base, optimizers)


def _report(target: Target, bases: dict[float, str], optimizers: Sequence[str]) -> Diagnostic:
    (one, first), (other, second), *_ = bases.items()
    message = (
        f"`{target.label}:` gives one {target.noun} to groups that were built with different ones:"
        f" {number(one)} in {first}, {number(other)} in {second}"
    )
    apart = f'select groups, as in `{target.key}["head"]:` or `{target.key}[0]:`'
    whole = "optimizer"
    if optimizers:
        apart = f'select an optimizer by its name, as in `{target.key}["{optimizers[0]}"]:`'
        whole = "optimizers"
    help = (
        f"to keep them in proportion, write `base` for a group's own {target.noun}, as in"
        f" `warmup(5) >> cosine(20, base)`; to set them apart, {apart}; or build the {whole} with"
        " equal values"
    )
    return warning("unequal-groups", message, help, target.span)

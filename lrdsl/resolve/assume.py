"""What can be said about a program before its run is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from lrdsl.check.tree import Constant, Over, Part, Pointwise, Repeat, Sequence, Tree
from lrdsl.check.values import Length, Value, steps
from lrdsl.diagnostics.diagnostic import LrsError
from lrdsl.resolve.resolve import resolve
from lrdsl.resolve.run import Run

if TYPE_CHECKING:
    from lrdsl.program import Program

# Faults that no run can mend.
_CERTAIN = {"second-rest", "product-of-rates"}
_NEEDS_TOTAL = {"missing-length", "after-endless"}


def needs_run(program: Program, params: Mapping[str, Value]) -> list[str]:
    """What a program must be told about the run before it can be laid out, as options.

    Where it must be told something, it is laid out for a made-up run all the same, so that what is
    wrong for every run is found.

    Raises:
        LrsError: with what is wrong for every run.
    """
    tree = program.expanded(params)
    units = {unit for length in _lengths(tree) for unit, _ in length.amounts} - {"st", "rest"}
    missing = [f"--unit {unit}=…" for unit in sorted(units - {"ep", "%"})]
    missing += ["--steps-per-epoch"] if "ep" in units else []
    run = Run(None, {"st": Fraction(1), **dict.fromkeys(units - {"%"}, Fraction(1000))})
    try:
        resolve(tree, run, program, {})
    except LrsError as error:
        slugs = {d.slug for d in error.diagnostics}
        outer_percent = any(d.slug == "unresolved-unit" for d in error.diagnostics)
        if outer_percent or slugs & _NEEDS_TOTAL:
            missing.append("--total")
    if missing:
        _check_certain(tree, run, program)
    return missing


def _check_certain(tree: Tree, run: Run, program: Program) -> None:
    total = steps(Fraction(10**9), tree.span)
    try:
        resolve(tree, Run(total, run.units), program, {})
    except LrsError as error:
        certain = [d for d in error.diagnostics if d.slug in _CERTAIN]
        if certain:
            raise LrsError(certain) from None


def _lengths(tree: Tree | Constant) -> Iterator[Length]:
    """Every length in a tree, those of milestones and the like included."""
    if isinstance(tree, Part):
        yield tree.length
        for _, length in tree.steps:
            yield from length if isinstance(length, tuple) else (length,)
    elif isinstance(tree, Sequence):
        for part in tree.parts:
            yield from _lengths(part)
    elif isinstance(tree, Pointwise):
        for side in tree.sides:
            yield from _lengths(side)
    elif isinstance(tree, Over):
        yield tree.length
        yield from _lengths(tree.body)
    elif isinstance(tree, Repeat):
        yield from _lengths(tree.body)

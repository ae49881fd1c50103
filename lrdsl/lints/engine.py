"""Runs the lints on a program: those that can be, each imported when its turn comes."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache, partial
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lrdsl import limits
from lrdsl.diagnostics.catalogue import Slug
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.formula.formula import UNDEFINED
from lrdsl.lints.blocks import Part, leaves, parts_of
from lrdsl.lints.heights import heights
from lrdsl.lints.lint import ProgramContext, ScheduleContext, place, warning
from lrdsl.record import replace
from lrdsl.resolve.measure import nearest
from lrdsl.resolve.outlook import agreed, total_of
from lrdsl.schedule.views import blocks_of, curve_of

if TYPE_CHECKING:
    from lrdsl.check.targets import Target
    from lrdsl.program import Program
    from lrdsl.resolve.resolved import Driven, Resolved
    from lrdsl.resolve.run import Run
    from lrdsl.schedule.block import Env
    from lrdsl.text.source import Span

Find = Callable[[Any], Iterable[Diagnostic]]
Chosen = Callable[[str], bool]


# Every lint, by what it looks at: its `find` is in `lints/SUBJECT/slug.py`.
LINTS: dict[str, tuple[Slug, ...]] = {
    "text": ("bare-steps", "hidden-character", "hidden-name", "repeated-event", "unknown-target",
             "unused-name"),
    "curve": ("cut-side", "falling-warmup", "growing-decay", "high-rate", "jump", "late-milestones",
              "long-warmup", "low-rate", "repeated-warmup", "rising-tail", "sum-of-rates",
              "zero-first", "zero-length", "zero-rest"),
    "run": ("early-changes", "short-cycles", "short-schedule", "unreached-end",
            "unreached-minimum"),
    "groups": ("unequal-groups",),
}  # fmt: skip
# Those of the text that see more if the run is described.
_OF_A_RUN: frozenset[Slug] = frozenset({"bare-steps"})
# The rates that the optimizer was built with, by target.
Bases = Mapping[str, Collection[float]]


def lint(
    program: Program,
    run: Run,
    resolved: Resolved | None,
    chosen: Chosen = lambda slug: True,
    bases: Bases = MappingProxyType({}),
) -> list[Diagnostic]:
    """The probable mistakes in a program.

    Args:
        program: a program without errors.
        run: the run it was laid out for; a run that says nothing where it was not.
        resolved: the program as it was laid out; None if it could not be laid out.
        chosen: which lints to run, by slug.
        bases: the rates that the optimizer was built with, by target, where there is one.

    Returns:
        The findings, in the order of the text, without those that a comment ignores.
    """
    text = ProgramContext(program, program.expanded(run.params), run, resolved)
    findings = dict.fromkeys(d for find in _load("text", chosen) for d in find(text))
    complete = set(LINTS["text"]) - _OF_A_RUN
    # Steps, which the others speak of, are no measure of a curve on another clock.
    if resolved is not None and run.clock is None:
        described = run.total is not None
        subjects = ["curve", "run"] if described else ["curve"]
        finds = [find for subject in subjects for find in _load(subject, chosen)]
        every: list[tuple[Target, list[Diagnostic]]] = []
        for driven in resolved.driven:
            found: dict[tuple[Slug, Span], Diagnostic] = {}
            for base in _bases(driven, bases):
                look = partial(_of_schedule, total=_total(run), epoch=_epoch(run), base=base)
                own = look(driven, finds=finds)
                if driven.schedule.events:
                    own += _after_events(driven, run, look, chosen)
                for d in own:
                    found.setdefault((d.slug, d.span), d)
            every.append((driven.target, list(found.values())))
        kept = _once(every) if program.captured else [d for _, own in every for d in own]
        findings |= dict.fromkeys(kept)
        if described:
            complete |= {*LINTS["curve"], *LINTS["run"], *_OF_A_RUN}
    findings = dict.fromkeys(_joined(findings))
    left: Iterable[Diagnostic] = findings
    if "lrs:" in program.module.source.whole:
        from lrdsl.lints import ignores

        comments = ignores.of(program.module.source)
        looked_for = {slug for slug in complete if chosen(slug)}
        left = ignores.apply(findings, comments, looked_for)
    kept = [d for d in left if chosen(d.slug)]
    kept.sort(key=place)
    return kept if len(kept) <= limits.ERRORS else [*kept[: limits.ERRORS], _more(kept)]


def _joined(findings: Collection[Diagnostic]) -> Iterator[Diagnostic]:
    """Findings, with one on bare numbers as the fix of what these numbers were found to cause."""
    caused = [d for d in findings if d.slug in {"early-changes", "short-cycles"}]
    # In a text with units it has one fix, and asks for nothing but `st`.
    bare = [d for d in findings if d.slug == "bare-steps" and len(d.fixes) > 1] if caused else []
    causes = {d: next((one for one in caused if _holds(one.span, d.span)), None) for d in bare}
    for d in findings:
        fixes = [one.fixes[0] for one, cause in causes.items() if cause == d]
        if causes.get(d) is None:
            yield replace(d, fixes=tuple(fixes)) if fixes else d


def _holds(outer: Span, inner: Span) -> bool:
    """True if a place is in another one."""
    return outer.source is inner.source and outer.start <= inner.start and inner.end <= outer.end


def _once(found: list[tuple[Target, list[Diagnostic]]]) -> Iterable[Diagnostic]:
    """The findings of all schedules; of those that one statement stands for, each once."""
    seen: set[tuple[Span, Slug, Span]] = set()
    kept: list[tuple[Target, list[Diagnostic]]] = []
    for target, findings in found:
        own = [d for d in findings if (target.span, d.slug, d.span) not in seen]
        if target.names and not target.is_sample:
            seen |= {(target.span, d.slug, d.span) for d in findings}
        kept.append((target, own))
    return agreed(kept)


def _more(findings: list[Diagnostic]) -> Diagnostic:
    """The warning that stands for those beyond a limit."""
    message = f"there are more warnings, and only the first {limits.ERRORS} are shown"
    span = findings[limits.ERRORS].span
    return warning("too-many-errors", message, "fix those first", span)


def _load(subject: str, chosen: Chosen) -> list[Find]:
    return [_find(subject, slug) for slug in LINTS[subject] if chosen(slug)]


@cache
def _find(subject: str, slug: Slug) -> Find:
    find: Find = import_module(f"lrdsl.lints.{subject}.{slug.replace('-', '_')}").find
    return find


def _total(run: Run) -> float:
    total = total_of(run)
    return math.inf if total is None else nearest(total)


def _epoch(run: Run) -> float | None:
    """The steps of an epoch, if the length of the run is given in epochs."""
    units = [unit for unit, _ in run.total.amounts] if run.total is not None else []
    return float(run.units["ep"]) if units == ["ep"] else None


def _bases(driven: Driven, bases: Bases) -> tuple[float | None, ...]:
    """The base rates that a schedule is looked at with; None for what holds of all."""
    known = bases.get(driven.target.label)
    if not known or driven.schedule.is_proportional:
        return (None,)
    # Of plain numbers only how far they are above the optimizer's own rate depends on it.
    both = (max(known),) if driven.schedule.is_absolute else (min(known), max(known))
    return tuple(dict.fromkeys(both))


def _after_events(
    driven: Driven, run: Run, look: Callable[..., list[Diagnostic]], chosen: Chosen
) -> Iterable[Diagnostic]:
    """The findings about a schedule once events have happened."""
    from lrdsl.lints import events

    finds = _load("curve", lambda slug: slug in events.LOOKED_FOR and chosen(slug))
    return events.after(driven, total_of(run), partial(look, finds=finds))


def _of_schedule(
    driven: Driven, total: float, epoch: float | None, base: float | None, finds: list[Find]
) -> list[Diagnostic]:
    """The findings about one schedule; none if it has no values for the base rate."""
    schedule = driven.schedule
    rate = 1.0 if base is None else base
    try:
        parts: list[Part] = []
        env: Env = {}
        for first, block, env in blocks_of(schedule, rate):
            parts += parts_of(first, block, env)
        curve = curve_of(schedule, rate)
        shapes, high = tuple(leaves(parts)), tuple(heights(parts))
        line = ScheduleContext(driven, tuple(parts), shapes, high, curve, env, total, epoch, base)
        return [finding for find in finds for finding in find(line)]
    except (LrsError, *UNDEFINED):
        return []

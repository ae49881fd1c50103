"""How a curve is divided: the shapes that its stretches may be, one after the other."""

from __future__ import annotations

from itertools import islice, pairwise, product
from typing import TYPE_CHECKING

import numpy as np

from lrdsl.fitting.breaks import breaks
from lrdsl.fitting.stretches import FEW, Stretch, stretches
from lrdsl.record import entity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lrdsl.fitting.readings import Readings

# Divisions of a curve that are tried.
_TRIED = 12
# Stretches that no shape explains, after which a curve is given up.
_MISSES = 6
# Readings at each end of a stretch that may belong to its neighbor, if it has so many.
_EDGE, _LONG = 1, 8


@entity
class Division:
    """A curve, divided.

    Attributes:
        edges: the first reading of each stretch, and where the last one ends: at the last reading,
            unless the curve was given up.
        choices: for each stretch the shapes that explain it; none if nothing does.
    """

    edges: tuple[int, ...]
    choices: tuple[tuple[Stretch, ...], ...]

    @property
    def unexplained(self) -> list[tuple[int, int]]:
        """The readings that no shape explains: the first of each stretch, and the one after it."""
        return [
            edges
            for edges, choices in zip(pairwise(self.edges), self.choices, strict=True)
            if not choices
        ]

    def shifted(self, by: int) -> Division:
        """The division of the same curve at later updates.

        Args:
            by: how much later.
        """
        moved = tuple(tuple(one.shifted(by) for one in some) for some in self.choices)
        return Division(self.edges, moved)

    def layouts(self, readings: Readings) -> list[tuple[Stretch, ...]]:
        """The shapes of the curve, one after the other, in the likeliest ways first."""
        ranked = islice(_ranked(self.choices), _TRIED)
        found: list[tuple[Stretch, ...]] = []
        for layout in ranked:
            for way in (_absorbed(layout, readings), layout):
                if way and way not in found:
                    found.append(way)
        return found


def divided(readings: Readings) -> Division:
    """A curve, divided where its shapes meet.

    Args:
        readings: the curve.
    """
    edges = [0, *breaks(readings), len(readings)]
    choices: list[tuple[Stretch, ...]] = []
    k = misses = 0
    while k + 1 < len(edges) and misses < _MISSES:
        found = _inside(readings, edges[k], edges[k + 1])
        misses += not found
        if not found and misses < _MISSES:
            cut = _plateau(readings, edges[k], edges[k + 1])
            if cut is not None:
                edges.insert(k + 1, cut)
                continue
        if not k and edges[1] == 1 and (rise := _rise(readings)) is not None:
            found.append(rise)
        choices.append(tuple(found))
        k += 1
    return Division(tuple(edges[: k + 1]), tuple(choices))


def _rise(readings: Readings) -> Stretch | None:
    """A warm-up of which there is one reading: it may end at any step before the next one."""
    found = stretches(readings.part(0, 2))
    is_rise = len(found) == 1 and found[0].family.name == "warmup"
    return found[0] if is_rise else None


def _inside(readings: Readings, first: int, last: int) -> list[Stretch]:
    """The shapes of a stretch; a reading at its edge may belong to its neighbor."""
    if last - first >= _LONG:
        trimmed = readings.part(
            first + (_EDGE if first else 0), last - (_EDGE if last < len(readings) else 0)
        )
        return stretches(trimmed)
    return stretches(readings.part(first, last))


def _plateau(readings: Readings, first: int, last: int) -> int | None:
    """Where a value that is held at one end of a stretch meets what is beside it."""
    rates, tolerance = readings.rates[first:last], readings.tolerance[first:last]
    for forward in (True, False):
        held, rest = (rates, tolerance) if forward else (rates[::-1], tolerance[::-1])
        apart = np.abs(held - held[0]) > np.minimum(rest, rest[0])
        run = int(np.argmax(apart)) if apart.any() else len(held)
        if FEW - 1 <= run <= len(held) - FEW:
            return first + run if forward else last - run
    return None


def _ranked(choices: Sequence[Sequence[Stretch]]) -> Iterable[tuple[Stretch, ...]]:
    """One shape of each stretch, the plainest ones first."""
    ways: Iterable[tuple[int, ...]] = product(*(range(len(some)) for some in choices))
    if np.prod([len(some) for some in choices]) > 4096:
        ways = iter([tuple(0 for _ in choices)])
    for way in sorted(ways, key=lambda way: (sum(way), max(way, default=0))):
        yield tuple(some[i] for some, i in zip(choices, way, strict=True))


def _absorbed(layout: tuple[Stretch, ...], readings: Readings) -> tuple[Stretch, ...]:
    """Shapes without the values held that are the flat end of a curve beside them."""
    gap = 1.5 * readings.span / max(len(readings) - 1, 1)
    kept = []
    for k, stretch in enumerate(layout):
        before = layout[k - 1] if k else None
        after = layout[k + 1] if k + 1 < len(layout) else None
        if stretch.is_constant and (
            (after is not None and not after.is_constant and after.begin <= stretch.begin + gap)
            or (
                before is not None
                and not before.is_constant
                and np.isfinite(before.finish)
                and before.finish >= stretch.finish - gap
            )
        ):
            continue
        kept.append(stretch)
    return tuple(kept)

"""Bases: the value of ``base`` in every parameter group, kept next to the groups.

torch keeps the learning rate that a group was built with in the group, as ``initial_lr``, and so in
the optimizer's state. Of every other number it keeps nothing, and neither is it kept there by us:
the keys of an optimizer's state must not depend on the program, or checkpoints that are loaded key
by key break when the program changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lrdsl.check.targets import RATE
from lrdsl.frameworks.torch.hyperparameters import (
    INITIAL,
    LEARNING_RATE,
    Group,
    Hyperparameter,
    called,
    initials,
    like,
)

# By the name of a number, its base in every group; None if a group has none.
Table = Mapping[str, Sequence[float | None]]


class Bases:
    """The bases of some parameter groups.

    Args:
        groups: the groups; no list of the optimizer's, which grows.
        numbers: the known bases, by the name of the number; new ones are added there.
        places: the place that each had among the optimizer's groups when it was first seen, which
            is what an index in a program means.
        owner: the name of their optimizer where it is one of several; empty for the only one.
    """

    def __init__(
        self,
        groups: list[Group],
        numbers: list[dict[str, float]],
        places: list[int],
        owner: str = "",
    ) -> None:
        self.groups = groups
        self.numbers = numbers
        self.places = places
        self.owner = owner

    @staticmethod
    def at_start(groups: Sequence[Group], before: Bases, *, rebase: bool, owner: str = "") -> Bases:
        """The bases of groups that a new scheduler is made for.

        Args:
            groups: the groups.
            before: the bases of the scheduler before it on the same optimizer, if there was one.
            rebase: True to take what the numbers are now, whatever they once were.
            owner: the name of their optimizer, if it is one of several.
        """
        if rebase:
            numbers: list[dict[str, float]] = [{} for _ in groups]
        elif before.groups:
            numbers = before.following(groups).numbers
        else:
            numbers = [initials(group) for group in groups]
        return Bases(list(groups), numbers, list(range(len(groups))), owner)

    @staticmethod
    def unknown(groups: Sequence[Group], owner: str = "") -> Bases:
        """Groups of which no base is known, for what depends on their names alone.

        Args:
            groups: the groups.
            owner: the name of their optimizer, if it is one of several.
        """
        return Bases(list(groups), [{} for _ in groups], list(range(len(groups))), owner)

    def answers(self, index: int) -> tuple[str, ...]:
        """The names that a selector may call a group by; a pattern is tried on each in turn.

        They are its own name and, where its optimizer is one of several, ``muon.hidden`` and
        ``muon``. There a group without a name has its place instead: ``muon.0``.

        Args:
            index: which group.
        """
        name = self.groups[index].get("name")
        own = (name,) if isinstance(name, str) else ()
        return (*own, self.full_name(index), self.owner) if self.owner else own

    def full_name(self, index: int) -> str:
        """The name of a group of one of several optimizers: ``muon.hidden``, or ``muon.0``."""
        name = self.groups[index].get("name")
        return f"{self.owner}.{name if isinstance(name, str) else self.places[index]}"

    def of_owner(self, numbers: dict[str, float]) -> dict[str, float]:
        """Numbers of the run by the names that a log has for them.

        Args:
            numbers: the numbers, by name.
        """
        if not self.owner:
            return numbers
        return {f"{name}/{self.owner}": number for name, number in numbers.items()}

    def called(self, index: int) -> str:
        """What a group is called in messages."""
        if self.owner:
            return f'group "{self.full_name(index)}"'
        return called(self.groups[index], index)

    def following(self, groups: Sequence[Group], *, own_first: bool = False) -> Bases:
        """The bases of the groups that there are now.

        A group that was here before keeps what it had, also at another place.

        Args:
            groups: the groups of the optimizer now.
            own_first: True if what is known here counts for more than a group's ``initial_lr``.
        """
        found = followed(self.groups, len(self.numbers), groups)
        numbers, places = [], []
        following = max(self.places, default=-1) + 1
        for group, i in zip(groups, found, strict=True):
            known = {} if i is None else self.numbers[i]
            told = initials(group)
            numbers.append({**told, **known} if own_first else {**known, **told})
            if i is None:
                places.append(following)
                following += 1
            else:
                places.append(self.places[i])
        return Bases(list(groups), numbers, places, self.owner)

    def restored(self, table: Table) -> Bases:
        """The bases with those of a saved state in place of one's own.

        Args:
            table: the return value of `table`.
        """
        made = Bases(self.groups, [dict(one) for one in self.numbers], self.places, self.owner)
        for name, column in table.items():
            for numbers, base in zip(made.numbers, column, strict=False):
                if base is not None:
                    numbers[name] = base
        return made

    def of(self, slot: Hyperparameter, index: int) -> float:
        """The base of a number of a group: its present value, unless an earlier one is known.

        Args:
            slot: the number.
            index: which group.
        """
        known = self.numbers[index].get(slot.name)
        return float(slot.read(self.groups[index])) if known is None else known

    def note(self, slot: Hyperparameter, index: int) -> float:
        """Keeps the base of a number, whatever is written to it from now on, and returns it."""
        base = self.numbers[index][slot.name] = self.of(slot, index)
        return base

    def keep(self) -> None:
        """Writes to the groups what is kept there: ``initial_lr``, and what they have already."""
        for i, (group, numbers) in enumerate(zip(self.groups, self.numbers, strict=True)):
            if RATE not in numbers:
                if LEARNING_RATE.why_unreadable(group) is None:
                    self.note(LEARNING_RATE, i)
                else:
                    group.setdefault(INITIAL + RATE, group[RATE])  # as torch does it
            for name, base in numbers.items():
                key = INITIAL + name
                if key in group:
                    if float(group[key]) != base:
                        group[key] = like(group[key], base)
                elif name == RATE:
                    group[key] = like(group[RATE], base)

    def table(self) -> Table:
        """The bases by the name of the number."""
        names = dict.fromkeys(name for numbers in self.numbers for name in numbers)
        return {name: [numbers.get(name) for numbers in self.numbers] for name in names}


def followed(before: Sequence[Group], count: int, groups: Sequence[Group]) -> list[int | None]:
    """Which of the groups before each of the present ones is; None for a new one.

    Where all of them are others, the optimizer's state was loaded, and they are those before, one
    by one.

    Args:
        before: the groups before.
        count: how many they were, where they are not at hand.
        groups: the groups of the optimizer now.
    """
    places = {id(group): i for i, group in enumerate(before)}
    found = [places.get(id(group)) for group in groups]
    if any(place is not None for place in found):
        return found
    return [i if i < count else None for i in range(len(groups))]

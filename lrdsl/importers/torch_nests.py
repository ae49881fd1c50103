"""Schedulers of torch that are made of others: one after the other, or all at once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from lrdsl.importers.importer import Setting
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Whole
from lrdsl.importers.torch_lambdas import factor, multiplied
from lrdsl.importers.torch_place import Place, Said, call, fitted
from lrdsl.importers.torch_texts import FACTORS, NESTS, TEXTS, momentum, own

PARTS = "schedulers"


def parts(setting: Setting) -> list[Setting]:
    """The schedulers that one is made of; none if it is not made of any.

    Args:
        setting: the scheduler.

    Raises:
        Refused: something else stands for one of them.
    """
    if setting.kind not in NESTS:
        return []
    found = setting.fields.given(PARTS)
    if not isinstance(found, list | tuple) or not all(isinstance(p, Setting) for p in found):
        raise Refused(f"not all schedulers that this {setting.kind} is made of are in the source")
    return list(found)


def leaves(setting: Setting) -> Iterator[Setting]:
    """The schedulers inside of one that are not made of others, in the order that it names them.

    Args:
        setting: the scheduler; itself if it is made of none.
    """
    if setting.kind not in NESTS:
        yield setting
    for part in parts(setting):
        yield from leaves(part)


def said(setting: Setting, place: Place) -> Said:
    """A scheduler in lrdsl, for the room that it has.

    Args:
        setting: the scheduler.
        place: where it stands.

    Raises:
        Refused: it cannot be said.
    """
    fields = setting.fields
    if int(fields.number("last_epoch", -1)) != -1:
        raise Refused(f"a {setting.kind} that starts at `last_epoch` goes on from an earlier run")
    if setting.kind == "SequentialLR":
        found = _sequence(setting, place)
    elif setting.kind == "ChainedScheduler":
        found = _product(setting, place)
    elif setting.kind == "LambdaLR":
        found = factor(fields, place)
    elif setting.kind == "MultiplicativeLR":
        found = multiplied(fields, place)
    else:
        found = TEXTS[setting.kind](fields, place)
    fields.ignore("optimizer", "verbose")
    fields.close()
    return fitted(found, place)


def _sequence(setting: Setting, place: Place) -> Said:
    own_parts = parts(setting)
    milestones = [_step(m) for m in setting.fields.numbers("milestones", [])]
    if len(milestones) != len(own_parts) - 1:
        raise Refused("a SequentialLR has one milestone fewer than schedulers")
    if place.is_later:
        raise Refused("torch cannot start a SequentialLR at a milestone of another one")
    if place.is_chained:
        raise Refused("a SequentialLR in a ChainedScheduler sets the rate anew at its milestones")
    # One that is the first of another has been stepped once more, and is ahead by as much.
    starts = [Whole(0), *(m - place.depth if place.depth else m for m in milestones)]
    if any(b < a for a, b in pairwise(starts[1:])):
        raise Refused("the milestones of a SequentialLR have to ascend")
    starts = [max(start, Whole(0)) for start in starts]
    rooms: list[Number | None] = [b - a for a, b in pairwise(starts)]
    rooms.append(None if place.room is None else place.room - starts[-1])
    present = [
        (part, room)
        for part, room in zip(own_parts, rooms, strict=True)
        if room is None or room > 0
    ]
    return _joined(setting, present, place)


def _joined(setting: Setting, present: list[tuple[Setting, Number | None]], place: Place) -> Said:
    """The schedulers of a sequence that have steps, one after the other."""
    texts: list[str] = []
    begun = place.is_begun
    bases, first = initial(setting, place)
    run = place.run
    for i, (part, room) in enumerate(present):
        base = first if i == 0 else bases.get(id(part), place.base)
        follows = present[i + 1][0] if i + 1 < len(present) else None
        here = place.but(
            base=base,
            is_begun=begun,
            room=room,
            run=max(0, run - int(room or 0)) if run else 0,
            is_later=i > 0,
            is_before_base=follows is None or _starts_at_base(follows),
            depth=(place.depth + (part.kind in NESTS)) if i == 0 else 0,
        )
        found = said(part, here)
        texts.append(found.text)
        begun = found.ends and here.is_scaled
        run = here.run
    return Said(" >> ".join(texts), ends=begun)


def initial(setting: Setting, place: Place) -> tuple[dict[int, Number], Number]:
    """The rates that the schedulers of a nest take for the optimizer's own.

    A ``OneCycleLR`` puts its first rate in the place of the optimizer's, and so does a ``CyclicLR``
    that is made before all others.

    Args:
        setting: the nest.
        place: where it stands.

    Returns:
        For each scheduler in it, by its id, what it was made with; and what there is at last, which
        the first one starts from.
    """
    found: dict[int, Number] = {}
    rate = place.base
    for i, leaf in enumerate(sorted(leaves(setting), key=lambda leaf: leaf.line)):
        fields, group = leaf.fields, place.group
        if leaf.kind == "OneCycleLR":
            rate = own(fields, "max_lr", group) / fields.number("div_factor", 25.0)
        elif leaf.kind == "CyclicLR" and i == 0:
            rate = own(fields, "base_lr", group)
        found[id(leaf)] = rate
    return found, rate


def _starts_at_base(setting: Setting) -> bool:
    """True if a scheduler starts at the optimizer's own rate."""
    fields = setting.fields
    if setting.kind in {"ConstantLR", "LinearLR"}:
        key = "factor" if setting.kind == "ConstantLR" else "start_factor"
        return fields.number(key, 1 / 3) == 1
    if setting.kind == "MultiStepLR":
        return min(fields.numbers("milestones"), default=1) > 0
    return setting.kind in {
        "StepLR", "ExponentialLR", "PolynomialLR", "CosineAnnealingLR",
        "CosineAnnealingWarmRestarts",
    }  # fmt: skip


def _product(setting: Setting, place: Place) -> Said:
    own_parts = parts(setting)
    if not own_parts:
        raise Refused("a ChainedScheduler has at least one scheduler")
    if len(own_parts) == 1:
        return Said(said(own_parts[0], place).text, ends=False)
    if place.is_later:
        raise Refused("torch cannot start a ChainedScheduler at a milestone of a SequentialLR")
    for part in own_parts:
        if part.kind == "SequentialLR":
            raise Refused(
                "a SequentialLR in a ChainedScheduler sets the rate anew at its milestones"
            )
        if part.kind not in FACTORS:
            raise Refused(
                f"a {part.kind} in a ChainedScheduler does not multiply what the others make: it"
                " computes the rate anew in each step"
            )
        if part.kind == "CosineAnnealingLR" and part.fields.number("eta_min", 0.0) != 0:
            raise Refused(
                "a CosineAnnealingLR with an `eta_min` in a ChainedScheduler aims there from"
                " wherever the others have brought the rate, which is no product"
            )
    one = place.but(base=Whole(1), is_begun=False, is_chained=True)
    places = [place.but(is_chained=True), *[one] * (len(own_parts) - 1)]
    texts = [said(part, here).text for part, here in zip(own_parts, places, strict=True)]
    return Said(" * ".join(f"({text})" if " >> " in text else text for text in texts))


def driven(setting: Setting, group: int) -> Said | None:
    """The momentum that a scheduler drives, or one inside of it; None if none does.

    Args:
        setting: the scheduler.
        group: the group, counted from 0.

    Raises:
        Refused: one drives it that is not the last of a sequence.
    """
    if setting.kind not in NESTS:
        return momentum(setting.kind, setting.fields, group)
    *before, last = parts(setting)
    if any(driven(part, group) for part in before):
        raise Refused("the momentum stays where a scheduler leaves it that is not the last one")
    found = driven(last, group)
    if found is None or not before:
        return found
    if setting.kind == "ChainedScheduler":
        raise Refused("a cycle in a ChainedScheduler computes the rate anew in each step")
    (milestone,) = setting.fields.numbers("milestones")[-1:]
    high = own(last.fields, "max_momentum", group, 0.9 if last.kind == "CyclicLR" else 0.95)
    return Said(f"{call('const', milestone, high)} >> {found.text}")


def _step(milestone: Number) -> Whole:
    if not isinstance(milestone, Whole):
        raise Refused(f"`milestones` has {milestone} in it, which is no whole number")
    return milestone

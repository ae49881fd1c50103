"""Tensors that several groups share are separated before a schedule fills them.

torch gives one and the same tensor to all groups (``SGD(groups, lr=torch.tensor(0.1))``) and keeps
it among the defaults of groups to come. Filled in place it would be one rate for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from lrdsl.frameworks.torch.bases import Bases
from lrdsl.frameworks.torch.hyperparameters import Group, Hyperparameter, like, tensors

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer


def separate(
    driven: Iterable[tuple[int, Hyperparameter]], bases: Bases, defaults: Group | None
) -> None:
    """Gives every driven number a tensor of its own where it is held by one.

    The first group keeps the tensor, which the caller may hold too. The defaults of the optimizer
    get one with the value that the groups were built with.

    Args:
        driven: which numbers are driven: the index of the group, and the slot.
        bases: the groups, and their bases.
        defaults: the defaults of the optimizer, if it has any.
    """
    groups = bases.groups
    numbers = [(i, slot, slot.read(groups[i])) for i, slot in driven]
    held = [one for one in numbers if not isinstance(one[2], int | float)]
    if not held:
        return
    seen = _others(groups, {(i, slot.key, slot.place) for i, slot, _ in held})
    first: dict[int, tuple[int, Hyperparameter]] = {}
    for i, slot, tensor in held:
        first.setdefault(id(tensor), (i, slot))
        if id(tensor) in seen:
            slot.replace(groups[i], like(tensor, float(tensor)))
        seen.add(id(tensor))
    for key, place, tensor in tensors(defaults or {}):
        if defaults is not None and id(tensor) in first:
            i, slot = first[id(tensor)]
            own = Hyperparameter(slot.name, key, place)
            own.replace(defaults, like(tensor, bases.of(slot, i)))


def separate_optimizers(optimizers: Iterable[Optimizer]) -> None:
    """Gives each of several optimizers tensors of its own for what it shares with one before it.

    Args:
        optimizers: the optimizers.
    """
    seen: set[int] = set()
    for optimizer in optimizers:
        copies: dict[int, float | Tensor] = {}
        places = [*optimizer.param_groups, getattr(optimizer, "defaults", None) or {}]
        held = [(place, *one) for place in places for one in tensors(place)]
        for place, key, item, tensor in held:
            if id(tensor) in seen:
                own = copies.setdefault(id(tensor), like(tensor, float(tensor)))
                Hyperparameter(key, key, item).replace(place, own)
        seen |= {id(tensor) for *_, tensor in held}


def _others(groups: Sequence[Group], driven: set[tuple[int, str, int | None]]) -> set[int]:
    """The tensors of the numbers that are not driven."""
    return {
        id(tensor)
        for i, group in enumerate(groups)
        for key, place, tensor in tensors(group)
        if (i, key, place) not in driven
    }

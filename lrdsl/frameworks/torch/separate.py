"""Tensors that several groups share are separated before a schedule fills them.

torch gives one and the same tensor to all groups (``SGD(groups, lr=torch.tensor(0.1))``) and keeps
it among the defaults of groups to come. Filled in place it would be one rate for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from torch import Tensor

from lrdsl.frameworks.torch.bases import Bases
from lrdsl.frameworks.torch.hyperparameters import Group, Hyperparameter, like, tensors

if TYPE_CHECKING:
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
    first: dict[object, tuple[int, Hyperparameter]] = {}
    for i, slot, tensor in held:
        first.setdefault(memory(tensor), (i, slot))
        if memory(tensor) in seen:
            slot.replace(groups[i], like(tensor, float(tensor)))
        seen.add(memory(tensor))
    for key, place, tensor in tensors(defaults or {}):
        if defaults is not None and memory(tensor) in first:
            i, slot = first[memory(tensor)]
            own = Hyperparameter(slot.name, key, place)
            own.replace(defaults, like(tensor, bases.of(slot, i)))


def separate_optimizers(optimizers: Iterable[Optimizer]) -> None:
    """Gives each of several optimizers tensors of its own for what it shares with one before it.

    Args:
        optimizers: the optimizers.
    """
    seen: set[object] = set()
    for optimizer in optimizers:
        copies: dict[object, float | Tensor] = {}
        places = [*optimizer.param_groups, getattr(optimizer, "defaults", None) or {}]
        held = [(place, *one) for place in places for one in tensors(place)]
        for place, key, item, tensor in held:
            if memory(tensor) in seen:
                own = copies.setdefault(memory(tensor), like(tensor, float(tensor)))
                Hyperparameter(key, key, item).replace(place, own)
        seen |= {memory(tensor) for *_, tensor in held}


def memory(tensor: float | Tensor) -> object:
    """What two tensors have in common if writing to one writes to the other: where they begin.

    Args:
        tensor: the tensor. One of another class, such as a ``DTensor``, is only the same as itself.
    """
    if type(tensor) is not Tensor:
        return id(tensor)
    return tensor.device, tensor.data_ptr()


def _others(groups: Sequence[Group], driven: set[tuple[int, str, int | None]]) -> set[object]:
    """The memory of the numbers that are not driven."""
    return {
        memory(tensor)
        for i, group in enumerate(groups)
        for key, place, tensor in tensors(group)
        if (i, key, place) not in driven
    }

"""The numbers of a parameter group that a schedule can drive: where each is kept, and its base."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from lrdsl.check.targets import RATE
from lrdsl.record import record

# A parameter group, as torch types it.
Group = dict[str, Any]

_INITIAL = "initial_"
# What is kept in a pair, as Adam and its kin keep the two betas.
_PAIR = "betas"
_IN_PAIR = {"beta1": 0, "beta2": 1}


@record
class Hyperparameter:
    """One number of a parameter group.

    Attributes:
        name: what it is called: ``lr``, ``momentum``, ``beta1``.
        key: the group's key that holds it.
        place: which item of that key's value it is; None where it is all of it.
    """

    name: str
    key: str
    place: int | None

    def read(self, group: Group) -> float | Tensor:
        """The number, or the tensor that holds it."""
        value = group[self.key]
        number: float | Tensor = value if self.place is None else value[self.place]
        return number

    def write(self, group: Group, value: float) -> None:
        """Sets the number: in its tensor where it has one, so that compiled steps see it."""
        held = self.read(group)
        if isinstance(held, Tensor):
            held.fill_(value)
        elif self.place is None:
            group[self.key] = value
        else:
            pair = list(group[self.key])
            pair[self.place] = value
            group[self.key] = tuple(pair)

    def is_plain(self, group: Group) -> bool:
        """Whether the number is all that the key holds, and no tensor: setting it sets the key."""
        return self.place is None and not isinstance(group[self.key], Tensor)

    def base(self, group: Group) -> float:
        """The number that the group had when a scheduler first saw it."""
        initial = _INITIAL + self.name
        return float(group[initial] if initial in group else self.read(group))

    def remember(self, group: Group) -> None:
        """Notes the number as the base. It is kept in the group, and saved with the optimizer."""
        held = self.read(group)
        # As torch does it for `initial_lr`: the copy is no alias of what is going to be filled.
        group.setdefault(_INITIAL + self.name, held.clone() if isinstance(held, Tensor) else held)


# What torch keeps the `initial_lr` of in every group, driven or not.
LEARNING_RATE = Hyperparameter(RATE, RATE, None)


def slot(key: str, group: Group) -> Hyperparameter | None:
    """The slot that a target means in a group, or None where the group has no such number.

    ``momentum`` is the first of the ``betas`` where there are betas and no momentum, as in torch's
    ``OneCycleLR``.
    """
    if key == RATE:
        return LEARNING_RATE
    if key in group:
        return (
            Hyperparameter(key, key, None) if _is_number(group[key]) and not _is_base(key) else None
        )
    name = "beta1" if key == "momentum" else key
    if name in _IN_PAIR and _has_pair(group):
        return Hyperparameter(name, _PAIR, _IN_PAIR[name])
    return None


def names(group: Group) -> list[str]:
    """What a schedule could drive in a group."""
    plain = [key for key, value in group.items() if _is_number(value) and not _is_base(key)]
    return plain + (["momentum", *_IN_PAIR] if _has_pair(group) else [])


def called(group: Group, index: int) -> str:
    """What messages call a group: its name, or else its index."""
    name = group.get("name")
    return f'group "{name}"' if isinstance(name, str) else f"group {index}"


def _has_pair(group: Group) -> bool:
    pair = group.get(_PAIR)
    return isinstance(pair, tuple | list) and len(pair) == 2 and all(map(_is_number, pair))


def _is_base(key: str) -> bool:
    return key.startswith(_INITIAL)


def _is_number(value: object) -> bool:
    if isinstance(value, Tensor):
        return value.numel() == 1 and value.is_floating_point()
    return isinstance(value, int | float) and not isinstance(value, bool)

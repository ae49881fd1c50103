"""The numbers of a parameter group that a schedule can drive: where each is kept."""

from __future__ import annotations

from typing import Any

from torch import Tensor, strided

from lrdsl.check.targets import RATE
from lrdsl.outside import as_float, shown
from lrdsl.record import record

# A parameter group, as torch types it.
Group = dict[str, Any]

# Before the name of a number, the key under which a group keeps what it was built with.
INITIAL = "initial_"
# Numbers that went through tensors of float32 are as close as this.
SINGLE = 1e-6
# What is kept in a tuple, as Adam and its kin keep their two betas, and others keep three.
_BETAS, _BETA = "betas", "beta"


@record
class Hyperparameter:
    """One number of a parameter group.

    Attributes:
        name: its name: ``lr``, ``momentum``, ``beta1``.
        key: the group's key that holds it.
        place: which item of that key's value it is; None if it is all of it.
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
        else:
            self.replace(group, value)

    def replace(self, group: Group, held: float | Tensor) -> None:
        """Puts another number, or another tensor, in the place of the one that is there."""
        if self.place is None:
            group[self.key] = held
        else:
            items = list(group[self.key])
            items[self.place] = held
            group[self.key] = tuple(items)

    def is_plain(self, group: Group) -> bool:
        """True if the number is all that the key holds, and no tensor: setting it sets the key."""
        return self.place is None and not isinstance(group[self.key], Tensor)

    def why_unreadable(self, group: Group) -> str | None:
        """The reason why the group has no such number, for messages; None if it has one."""
        held = self.read(group)
        if type(held) is float:
            return None
        if isinstance(held, Tensor):
            return _why_not_filled(held)
        if _is_number(held):
            return None
        return "it is None" if held is None else f"it is {shown(held)}, which is not a number"


# What torch keeps the `initial_lr` of in every group, driven or not.
LEARNING_RATE = Hyperparameter(RATE, RATE, None)


def slot(key: str, group: Group) -> Hyperparameter | None:
    """The slot that a target means in a group, or None if the group has no such number.

    ``momentum`` is the first of the ``betas`` where there are betas and no momentum, as in torch's
    ``OneCycleLR``.
    """
    if key == RATE:
        return LEARNING_RATE if RATE in group else None
    if key in group:
        return (
            Hyperparameter(key, key, None) if _is_number(group[key]) and not _is_base(key) else None
        )
    name = f"{_BETA}1" if key == "momentum" else key
    for place, beta in _betas(group):
        if beta == name:
            return Hyperparameter(name, _BETAS, place)
    return None


def names(group: Group) -> list[str]:
    """The hyperparameters of a group that a schedule could drive."""
    plain = [key for key, value in group.items() if _is_number(value) and not _is_base(key)]
    betas = [name for _, name in _betas(group)]
    return plain + (["momentum"] if f"{_BETA}1" in betas else []) + betas


def called(group: Group, index: int) -> str:
    """The name of a group in messages: its name, or else its index."""
    name = group.get("name")
    return f'group "{name}"' if isinstance(name, str) else f"group {index}"


def initials(group: Group) -> dict[str, float]:
    """The initial values that a group records, by the name of the number."""
    found: dict[str, float] = {}
    if INITIAL not in " ".join(group):  # there may be thousands of groups, and hardly one has any
        return found
    for key, value in group.items():
        is_known = key.startswith(INITIAL) and _is_number(value)
        if is_known and not (isinstance(value, Tensor) and value.is_meta):
            found[key.removeprefix(INITIAL)] = float(value)
    return found


def like(held: object, value: float | Tensor) -> float | Tensor:
    """A number as another one is held: a tensor of its own where that is one."""
    return held.detach().clone().fill_(value) if isinstance(held, Tensor) else value


def tensors(group: Group) -> list[tuple[str, int | None, Tensor]]:
    """The tensors among the options of a group: the key, the place, and the tensor."""
    found: list[tuple[str, int | None, Tensor]] = []
    for key, value in group.items():
        if isinstance(value, Tensor):
            found.append((key, None, value))
        elif isinstance(value, tuple | list) and key != "params":
            pairs = enumerate(value)
            found += [(key, place, item) for place, item in pairs if isinstance(item, Tensor)]
    return found


def _betas(group: Group) -> list[tuple[int, str]]:
    """The betas that are numbers, each with its place and its name."""
    betas = group.get(_BETAS)
    if not isinstance(betas, tuple | list):
        return []
    return [(i, f"{_BETA}{i + 1}") for i, value in enumerate(betas) if _is_number(value)]


def _is_base(key: str) -> bool:
    return key.startswith(INITIAL)


def _why_not_filled(held: Tensor) -> str | None:
    """The reason why a schedule cannot write into a tensor; None if it can."""
    if held.is_meta:
        return "it is a tensor on the meta device"
    if held.is_inference():
        return "it is a tensor of inference_mode, which nothing can write to outside of it"
    if held.numel() != 1:
        return f"it is a tensor of {held.numel():,} numbers, and one is needed"
    if not held.is_floating_point():
        return f"it is a tensor of {held.dtype}, and a float tensor is needed"
    if held.layout != strided:
        return "it is a sparse tensor, and a dense one is needed"
    return "it is a tensor that requires a gradient: detach it" if held.requires_grad else None


def _is_number(value: object) -> bool:
    if type(value) is float:
        return True
    if isinstance(value, Tensor):
        return value.numel() == 1 and value.is_floating_point()
    try:
        as_float(value, "it")
    except TypeError:
        return False
    return True

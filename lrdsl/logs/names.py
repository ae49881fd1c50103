"""What the name of a number tells: whether it is a rate, of which group, and who logs it so."""

from __future__ import annotations

import re

from lrdsl.logs.log import Offset

# `lr`, `train/learning_rate`, `lr-AdamW/pg1`, `optim/LR (group 0)`, `lr/group_0`, `lr_encoder`, …
_RATE = re.compile(
    r"(?:.*[/. ])?(?:(?P<of>\w+?)[_-])?(?:lrs?|learning[_ -]?rates?)(?P<rest>[-_/ (].*|\d*)", re.I
)
# `base_lr` and `lr_factor` are other numbers than the rate of an update.
_OTHER_OF = frozenset(
    ["base", "init", "initial", "min", "max", "peak", "end", "final", "val", "target"]
)
_OTHER_REST = re.compile(
    r"momentum|weight_decay|scheduler|factor|mult|scale|ratio|__MIN|__MAX", re.I
)
_GROUPS = (
    # LearningRateMonitor counts from 1, everyone else from 0.
    (re.compile(r"lr-\w.*/pg(\d+)"), 1),
    (re.compile(r".*group[_ ]?(\d+)\)?", re.I), 0),
    (re.compile(r"(?:.*/)?lr/(?:[A-Z]\w*/|pg)(\d+)"), 0),
)

TRAINERS = (Offset(-1, "4.51 and later"), Offset(0, "4.50 and earlier"))
"""The offsets of transformers' Trainer, by its versions."""


def is_rate(name: str) -> bool:
    """True for what is usually the name of a learning rate.

    >>> is_rate("lr-AdamW/pg1"), is_rate("train/learning_rate"), is_rate("optim/LR (group 0)")
    (True, True, True)
    >>> is_rate("lr-AdamW-momentum"), is_rate("base_lr"), is_rate("train/loss")
    (False, False, False)
    """
    found = _RATE.fullmatch(name)
    if found is None or _OTHER_REST.search(found["rest"]):
        return False
    return (found["of"] or "").lower() not in _OTHER_OF


def group_of(name: str) -> int | None:
    """The parameter group that the name of a rate tells, counted from 0.

    >>> group_of("lr-AdamW/pg1"), group_of("optim/LR (group 1)"), group_of("lr-AdamW")
    (0, 1, None)
    """
    for pattern, first in _GROUPS:
        if found := pattern.fullmatch(name):
            return int(found[1]) - first
    return None


def offsets_of(name: str) -> tuple[Offset, ...]:
    """The offsets of the system that gives a rate this name, wherever it logs to.

    >>> [offset.updates for offset in offsets_of("train/learning_rate")], offsets_of("lr")
    ([-1, 0], ())
    """
    if name == "train/learning_rate":
        return TRAINERS
    # LearningRateMonitor of Lightning, and of Composer.
    return (Offset(0),) if re.match(r"lr-[A-Z]", name) else ()

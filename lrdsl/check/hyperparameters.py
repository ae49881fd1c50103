"""The names of the numbers in torch's parameter groups, and what they are called elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Collection

from lrdsl.wording import closest

# The lowest number that there is: any finite number may be driven where no sign is wrong.
LOWEST = -sys.float_info.max

# What torch's optimizers call their numbers; `beta1` and on are the items of `betas`.
KNOWN = (
    "alpha", "beta1", "beta2", "beta2_decay", "beta3", "d", "dampening", "eps", "etaminus",
    "etaplus", "lambd", "lr", "lr_decay", "momentum", "momentum_decay", "ns_steps", "rho", "t0",
    "weight_decay",
)  # fmt: skip
# What optax, Keras, fairseq, papers and habit call them.
_ELSEWHERE = {
    "beta": "beta1", "betas": "beta1", "adam_betas": "beta1", "adam_beta1": "beta1", "b1": "beta1",
    "adam_beta2": "beta2", "b2": "beta2", "decay": "weight_decay", "epsilon": "eps",
    "adam_epsilon": "eps", "l2": "weight_decay", "learning_rate": "lr", "mom": "momentum",
    "rate": "lr", "wd": "weight_decay", "weightdecay": "weight_decay",
    **dict.fromkeys(
        ("base_lr", "initial_lr", "init_lr", "lr0", "lr_max", "lr_schedule", "lr_scheduler",
         "lr_scheduler_type", "lr_decay_style", "lr_policy", "sched",
         "learning_rate_schedule", "max_lr", "peak_lr", "schedule", "scheduler", "step_size"),
        "lr",
    ),
}  # fmt: skip
# Rates that are no number of an optimizer: the ends of a part.
ENDS = frozenset([
    "end_lr", "eta_min", "final_lr", "lr_end", "lr_min", "min_lr", "minimum_lr", "start_lr",
    "warmup_lr", "warmup_start_lr",
])  # fmt: skip


def is_momentum(key: str) -> bool:
    """True for ``momentum``, ``beta1``, ``beta2`` and so on.

    Args:
        key: the name of a number.
    """
    return key == "momentum" or (key.startswith("beta") and key[4:].isdecimal() and key[4] != "0")


def lowest(key: str) -> float:
    """The lowest value that an optimizer can use for a number of its groups.

    A rate, a momentum and a weight decay below 0 would undo what they are there for. Any other
    number may be one that a schedule moves through 0, such as a bias.

    Args:
        key: the name of the number.
    """
    return 0.0 if key in {"lr", "weight_decay"} or is_momentum(key) else LOWEST


def meant(key: str, names: Collection[str]) -> str | None:
    """The hyperparameter that a name most likely means; None if no name is close.

    Args:
        key: what was written.
        names: those that there are.
    """
    elsewhere = _ELSEWHERE.get(key.lower())
    return elsewhere if elsewhere in names else closest(key, names)

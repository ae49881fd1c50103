"""The words of the language that are no definitions, in one sentence each."""

from __future__ import annotations

WORDS = {
    "base": "The optimizer's own value for that parameter group.",
    "prev": "The value at which the part before this one ended.",
    "next": "The value at which the part after this one starts.",
    "rest": "The length that is left over in the enclosing length.",
    "pi": "The ratio of a circle's circumference to its diameter.",
    "true": "Yes.",
    "false": "No.",
    "t": "The local step: 0 where the part starts.",
    "u": "The share of the part that has passed: `t / length`.",
    "v": "The share of the part that is left: `(length - t) / length`.",
    "length": "The length of the part in steps.",
    "own": 'Another number of the same parameter group, as in `own("lr_scale")`.',
}
"""Words that stand in expressions; ``t``, ``u``, ``v`` and ``length`` only in shapes' formulas."""

KEYWORDS = {
    "let": "Gives a value a name: `let floor = peak / 1000`.",
    "param": "Names a value that the command line or a sweep may change: `param peak = 0.4`.",
    "def": "Names a piece of schedule with arguments: `def up(n) = warmup(n)`.",
    "shape": "Defines a new shape by its formula: `shape ramp(end) = end * u`.",
    "run": "States what the run is like: `run total = 90ep, 1ep = 1251st`.",
    "where": "Says what the arguments of a definition have to be like.",
    "scalar": "Drives a number that no optimizer holds: `scalar kl_weight: …`.",
}
"""Words that open a statement, and ``where``, which goes on with one."""

TARGETS = {
    "lr": "Drives the learning rate.",
    "momentum": "Drives the momentum.",
    "weight_decay": "Drives the weight decay.",
    "beta1": "Drives the first of the optimizer's betas.",
    "beta2": "Drives the second of the optimizer's betas.",
}
"""The numbers of parameter groups that schedules drive most."""

UNITS = {
    "st": "steps: updates of the optimizer",
    "ep": "epochs",
    "%": "percent of the enclosing length",
}
"""The units of the language, which are written against a number."""

KINDS = {
    "steps": "a length", "[steps]": "a list of lengths", "[number]": "a list of numbers",
    "number": "a number", "truth": "true or false", "function": "a function",
    "schedule": "a schedule", "any": "anything",
}  # fmt: skip
"""What a parameter of a kind takes."""

"""Names that other systems and people have for what is a word, an operator or a statement here.

Loaded only to report a name that nothing defines.
"""

from __future__ import annotations

from lrdsl.text.hint import OWN_CURVE

# Names of values, as other systems and people have them.
_VALUES = {
    "base": "lr0 lr_max max_lr peak_lr base_lr init_lr initial_lr learning_rate peak maximum lr",
    "prev": "previous current last_lr last_value",
    "next": "following",
    "rest": "remaining rest_of_run remaining_steps forever inf infinity",
    "100%": "total total_steps run run_length max_steps num_training_steps total_iters",
}
VALUES_ELSEWHERE = {word: ours for ours, words in _VALUES.items() for word in words.split()}

_ONE_AFTER_OTHER = "parts follow each other with `>>`, as in `warmup(5) >> cosine(20)`"
_FACTORS = "schedules are multiplied with `*`, as in `cosine(20) * multistep([5, 10], start = 1)`"
_LIMITS = "limit values with `max(…, 1e-5)` and `min(…, 0.1)`; `until(…)` ends a schedule early"
_OUTSIDE = "the optimizer is made outside of a program, and given to `lrdsl.compile`"
_ITSELF = "a program is the schedule itself, as in `warmup(100) >> cosine(900)`"
# What other systems have a function for, and this language an operator or a statement.
_OPERATORS = {
    "sequentiallr": _ONE_AFTER_OTHER, "sequential": _ONE_AFTER_OTHER, "chain": _ONE_AFTER_OTHER,
    "joinschedules": _ONE_AFTER_OTHER, "concat": _ONE_AFTER_OTHER, "sequence": _ONE_AFTER_OTHER,
    "compositelr": _ONE_AFTER_OTHER, "compositeparamscheduler": _ONE_AFTER_OTHER,
    "clip": _LIMITS, "clamp": _LIMITS,
    "getscheduler": _ITSELF, "getlrscheduler": _ITSELF, "createscheduler": _ITSELF,
    "createschedulerv2": _ITSELF, "buildscheduler": _ITSELF,
    **dict.fromkeys(("adam", "adamw", "sgd", "rmsprop", "adagrad", "adadelta", "nadam", "radam",
                     "adamax", "lion", "lamb", "lars", "adafactor", "muon", "lbfgs"), _OUTSIDE),
    "logspace": "a straight line on a logarithmic axis is `geometric(100, 1e-4, 0.1)`",
    "chainedscheduler": _FACTORS, "chained": _FACTORS,
    "lambdalr": OWN_CURVE, "learningratescheduler": OWN_CURVE, "multiplicativelr": OWN_CURVE,
}  # fmt: skip

# What other systems call the number of a step, or of an epoch.
_CLOCKS = (
    "epoch epochs step_num global_step current_step current_epoch iteration iter it"
    " itr step_count num_updates update n_iter"
)
CLOCKS = frozenset(_CLOCKS.split())

# Eases, as other systems and people have them.
EASES = {
    **dict.fromkeys(("lin", "constant_pace", "none", "identity"), "straight"),
    **dict.fromkeys(("cos", "half_cos", "cosine_annealing", "sine", "sin", "ease_in_out", "smooth",
                     "smoothstep"), "half_cosine"),
    **dict.fromkeys(("quad", "quadratic", "polynomial", "parabola", "ease_in"), "square"),
    **dict.fromkeys(("ease_out",), "quarter_sine"),
    **dict.fromkeys(("exponential", "expo", "exp"), "exponential_ease"),
    **dict.fromkeys(("1-sqrt", "one_minus_square_root", "sqrt_decay", "minus_sqrt"),
                    "one_minus_sqrt"),
}  # fmt: skip


def operator_elsewhere(name: str) -> str | None:
    """The advice for a function of another system that the language has no function for, if any."""
    return _OPERATORS.get(name.lower().replace("_", ""))

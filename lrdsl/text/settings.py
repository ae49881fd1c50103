"""Settings of other systems beside a schedule: ``warmup_steps: 100``, ``max_lr = 0.1``.

A program has no such lines: what they say is a part of the schedule, an argument of one, or said
where the run is described. Loaded only where a text has one.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lrdsl.wording import number as shown

# A warm-up by its length: `warmup_steps`, `lr_warmup_iters`, `warmupEpochs`; `warmup_lr` is a rate.
_WARMUP = re.compile(
    r"(?:lr_|num_|n_)*warm_?up(?:_?(?:num|lr|n|steps?|iters?|iterations?|updates?|t|epochs?|batches|"
    r"ratio|fraction|frac|proportion|percent|pct|share|length|duration))*",
    re.IGNORECASE,
)
TOTALS = (
    "total total_steps num_training_steps num_train_steps max_steps max_train_steps train_steps"
    " training_steps num_steps n_steps total_iters max_iters train_iters num_iterations"
    " max_iterations iterations total_iterations total_updates max_updates max_update"
    " total_num_update lr_decay_iters total_epochs epochs num_epochs n_epochs max_epochs"
    " num_train_epochs train_epochs"
)
EPOCHS = "steps_per_epoch batches_per_epoch iters_per_epoch updates_per_epoch"
# What says how much one step takes, and the unit.
BATCHES = {
    **dict.fromkeys(("batch_size", "global_batch_size", "train_batch_size"), "sample"),
    **dict.fromkeys(("tokens_per_step", "tokens_per_batch", "tokens_per_update"), "tok"),
}
# Arguments by a part that takes them; `{}` is the value.
_ARGUMENTS = {
    "onecycle(100, {})": "max_lr lr_max max_learning_rate",
    "warmup(100, end = {})": "peak_lr lr_peak peak_value peak_learning_rate eta_max",
    "cosine(100, start = {})": "base_lr lr_base initial_lr init_lr lr0 init_value initial_value"
    " initial_learning_rate",
    "warmup(100, start = {})": "start_lr lr_start warmup_lr warmup_start_lr warmup_init_lr"
    " warmup_lr_init warmup_init_value warmup_initial_lr",
    "cosine(100, end = {})": "min_lr lr_min eta_min end_lr lr_end final_lr lr_final end_value"
    " final_value min_learning_rate end_learning_rate final_learning_rate minimum_lr lr_floor",
    "step(30, gamma = {})": "gamma decay_rate lr_gamma decay_factor drop_factor drop_rate factor",
    "step({})": "step_size drop_every decay_every lr_step_size decay_epochs epochs_drop",
    "multistep({})": "milestones boundaries lr_steps lr_milestones",
    "cosine({})": "T_max t_max t_initial decay_steps num_decay_steps decay_iters",
    "linear({})": "cooldown cooldown_steps num_cooldown_steps cooldown_iters cooldown_epochs"
    " decay_ratio decay_fraction",
    "const({})": "stable_steps num_stable_steps hold_steps stable_ratio",
    "cosine(100, end = base * {})": "min_lr_ratio min_lr_rate lr_min_ratio lr_end_ratio",
    "restarts({})": "T_0 first_decay_steps cycle_length",
    "restarts(10, mult = {})": "T_mult t_mul cycle_mult cycle_mul",
    "repeat(cosine(20), {})": "num_cycles n_cycles cycles num_restarts",
    "poly(100, power = {})": "power lr_power",
    "reduce_on_plateau(patience = {})": "patience",
    "onecycle(100, pct_start = {})": "pct_start",
    "onecycle(100, div = {})": "div_factor",
    "onecycle(100, final_div = {})": "final_div_factor",
}
_PARTS = {word: part for part, words in _ARGUMENTS.items() for word in words.split()}
_VALUE = r"(?:\[[^\]\n]*\]|\.?[0-9][\w.]*(?:(?<=[eE])[+-][0-9]+)?%?)"
_LINE = re.compile(
    rf"([A-Za-z_]\w*)[ \t]*(?::[ \t]*=?|=)[ \t]*({_VALUE})"
    r"[ \t]*(?:#[^\n]*)?(?=\n|\Z|[A-Za-z_]\w*[ \t]*[:=])"
)
_REFERRED = re.compile(r"\b[A-Za-z_]\w*\b(?!\s*:|[ \t]*[=(])")
# What a schedule without a target starts with.
_PART = re.compile(r"\s*(?!let\b|param\b|def\b|shape\b|warmup\b)[a-z_]\w*(?=\(|[ \t]*(?:>>|\n|\Z))")


class Setting:
    """A line that sets what a program has no line for.

    Attributes:
        name: what it sets.
        help: what to do instead.
        start: where it starts in the text.
        end: where the edit ends that does it.
        text: what that edit writes; None if there is none.
        title: what the edit does.
    """

    __slots__ = ("end", "help", "name", "start", "text", "title")

    def __init__(self, name: str, help: str, start: int, end: int, text: str | None, title: str):
        self.name, self.help, self.title = name, help, title
        self.start, self.end, self.text = start, end, text


def setting(text: str, start: int) -> Setting | None:
    """The setting of another system that stands at a place, if the text does not use its name.

    Args:
        text: all of a text.
        start: where the name stands.
    """
    line = _LINE.match(text, start)
    if line is None or line[1] in referred(text):
        return None
    name, value = line[1], line[2]
    after = line.end()
    if name != "warmup" and _WARMUP.fullmatch(name):
        length = _length(name, value)
        if re.fullmatch(r"0(?:\.0*)?%?", value):
            return Setting(name, "there is no warm-up of 0: drop the line", start, after, None, "")
        if length is None:
            return Setting(name, "a warm-up is a part: `warmup(100) >> …`", start, after, None, "")
        help = f"a warm-up is a part: `warmup({length}) >> …`"
        follows = _PART.match(text, after)
        alone = follows and not re.match(r"\s*\w+\s*(?:\[[^\]\n]*\]\s*)?:", text[after:])
        stop = after + len(text[after:]) - len(text[after:].lstrip())
        joined = f"warmup({length}) >> " if alone and "#" not in line[0] else None
        return Setting(name, help, start, stop, joined, f"write `warmup({length}) >> …`")
    if name in f"{TOTALS} {EPOCHS}".split():
        stated = _stated(name, value)
        others = text[:start] + text[after:]
        drives = re.search(r"[A-Za-z_]\w*\(|>>", others)
        help = f"state it, `{stated}`, or {_of_the_run(name, value)}"
        edit = stated if drives and "#" not in line[0] else None
        return Setting(name, help, start, after, edit, f"write `{stated}`")
    part = _PARTS.get(name)
    if part is None:
        return None
    if name.endswith(("epochs", "_ratio", "_fraction")) and "=" not in part:
        value = _length(name, value) or value
    help = f"it is an argument of a part: `{part.format(value)}`"
    return Setting(name, help, start, after, None, "")


@lru_cache(1)
def referred(text: str) -> frozenset[str]:
    """The words of a text that neither name what follows nor are called."""
    return frozenset(_REFERRED.findall(text))


def _length(name: str, value: str) -> str | None:
    """The length of a warm-up: ``5ep`` for epochs, ``10%`` for a ratio."""
    if "epoch" in name.lower() and value.isdecimal():
        return f"{value}ep"
    if re.fullmatch(r"0?\.[0-9]+", value):
        return f"{shown(float(value) * 100, 12)}%"
    if re.fullmatch(r"[1-9][0-9]*(?:\.0*|(?:\.[0-9]+)?[eE]\+?[0-9]{1,2})", value):
        return f"{float(value):.0f}" if float(value).is_integer() else None
    return (
        value if re.fullmatch(r"[1-9][0-9_]*(?:[kMB]|ep|st)?|[0-9.]+(?:ep|st|%)", value) else None
    )


def _stated(name: str, value: str) -> str:
    """The statement for a number of the run."""
    bare = value.replace("_", "").isdecimal()
    if name in EPOCHS.split():
        return f"run 1ep = {value}st" if bare else f"run 1ep = {value}"
    return f"run total = {value}ep" if "epoch" in name and bare else f"run total = {value}"


def _of_the_run(name: str, value: str) -> str:
    """How a number of the run is passed."""
    if name in EPOCHS.split():
        return f"pass `steps_per_epoch={value}` (`--steps-per-epoch {value}`) with the run"
    in_epochs = "epoch" in name and value.isdecimal()
    total = f"{value}ep" if in_epochs else value
    quoted = total if total.replace("_", "").isdecimal() else f'"{total}"'
    return f"pass `total={quoted}` (`--total {total}`) with the run"

"""Words that people and other systems use for arguments, and the parameters they mean here.

Loaded only to report an argument that a definition does not have.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from lrdsl.check import library
from lrdsl.check.combinators import METERED
from lrdsl.check.signatures import Interface
from lrdsl.text.nodes import Argument
from lrdsl.text.source import Span
from lrdsl.wording import number as shown

# The parameters that a word can mean, the first one a definition has; and the words.
_WORDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("value", "end", "low"),
     "low lo eta_min min_lr lr_min min minimum lowest bottom floor lr_floor final final_lr lr_final"
     " lr_end end_lr end_value final_value min_value end_learning_rate final_learning_rate stop_lr"
     " final_lr_value min_learning_rate"),
    (("value", "end", "high"), "to target until finish stop"),
    (("value", "peak", "high", "start"),
     "high hi peak max_lr lr_max peak_lr peak_value eta_max max maximum highest top max_value"
     " max_learning_rate peak_learning_rate"),
    (("value", "start", "low"),
     "from begin start_lr lr_start start_value init initial init_lr initial_lr init_value lr0"
     " initial_value initial_learning_rate warmup_init_lr warmup_lr_init warmup_start_lr"),
    (("value", "peak", "start"), "lr rate learning_rate base_lr base"),
    (("gamma", "factor", "decay", "mult"),
     "gamma by decay decay_rate drop drop_rate factor multiplier ratio decay_factor lr_decay"),
    (("mult", "stretch"), "T_mult t_mul mult cycle_mult cycle_mul length_mult multiplier"),
    (("power", "exponent", "beta"), "power exponent p degree order pow"),
    (("times", "cycles"), "n num count cycles num_cycles repeats repetitions n_cycles times"),
    (("milestones", "times"), "milestones boundaries drops points at"),
    (("every", "up"), "every interval period step_size drop_every epochs_drop"),
    (("ease", "anneal"), "ease curve easing anneal anneal_strategy interpolation profile form"),
    (("warmup",), "warmup_steps warmup_epochs num_warmup_steps warmup_iters warmup_t warm_up"),
    (("patience",), "wait tolerance"),
    (("pct_start", "cut"), "pct pct_up up_fraction cut_frac warmup_pct pct_warmup"),
)  # fmt: skip
_MEANT: dict[str, tuple[tuple[str, ...], ...]] = {}
for _parameters, _listed in _WORDS:
    for _word in _listed.split():
        _MEANT[_word] = (*_MEANT.get(_word, ()), _parameters)

# How long something lasts: the first length that a definition takes by position.
_LENGTHS = (
    "length steps step n_steps num_steps total_steps total_iters iterations iters decay_steps T_max"
    " t_max duration len size period max_steps max_iters time decay_iters num_decay_steps"
    " cycle_length T_0 timescale n num N T horizon budget num_iterations max_iterations num_updates"
    " max_updates n_iter num_training_steps warmup warmup_steps num_warmup_steps warmup_iters"
)
_EPOCHS = "epoch epochs n_epochs num_epochs total_epochs max_epochs decay_epochs warmup_epochs"

# How long the whole run is, its warm-up included.
_RUNS = "num_training_steps total_steps max_steps"

_SHARES = (
    "ratio warmup_ratio fraction warmup_fraction share proportion warmup_proportion pct warmup_pct"
    " warmup_percent percent"
)
_FLOORS = "min_lr lr_min min_value floor lower_bound min_learning_rate eta_min"
# A length that is no rate: of several steps, or with a unit.
_LASTS = r"(?:[2-9]|[1-9][0-9]+)(?:[kMB]|ep|st|%)?|[0-9.]+(?:ep|st|%)"
_CYCLES = "cycles num_cycles n_cycles repeats repetitions times cycle_limit num_restarts"

# Where a rise is written: its peak is the end, and whatever is low is the start.
_RISES = {"peak": "end", "high": "end", "end": "start"}


def in_epochs(word: str) -> bool:
    """True if the argument that a word means is counted in epochs."""
    return word.lower() in _EPOCHS.split()


def meant(interface: Interface, word: str, given: Collection[str]) -> str | None:
    """The parameter that a word means; None if there is none, or it is given already.

    Args:
        interface: the parameters of the definition.
        word: the written word.
        given: the parameters that have their arguments.
    """
    found = _meant(interface, word)
    return None if found in given else found


def _meant(interface: Interface, word: str) -> str | None:
    other = library.argument_elsewhere(interface.definition, word)
    if other in interface.names:
        return other
    lower = word.lower()
    for parameters in _MEANT.get(word, _MEANT.get(lower, ())):
        for parameter in parameters:
            found = _in_a_rise(interface, lower, parameter)
            if found in interface.names:
                return found
    if {word, lower} & {*_LENGTHS.split()} or in_epochs(word):
        return _first_length(interface, lower)
    return None


def _in_a_rise(interface: Interface, word: str, parameter: str) -> str:
    """The parameter for a word in a definition that goes up."""
    if interface.definition.name != "warmup" or word in {"to", "target", "until"}:
        return parameter
    high = {"lr", "rate", "learning_rate", "base_lr", "base"}
    if word in high or word.startswith(("final", "end")):
        return "end"
    return _RISES.get(parameter, parameter)


def _first_length(interface: Interface, word: str) -> str | None:
    """The length that a definition takes first; of a warm-up, only by a warm-up's word."""
    if "warm" in word and "warm" not in interface.definition.name:
        return None
    for parameter, kind in zip(interface.parameters, interface.kinds, strict=True):
        if kind in {"steps", "[steps]"} and not parameter.keyword_only:
            return parameter.name
    return "length" if "length" in interface.names else None


def bound_of_rate(interface: Interface, argument: Argument) -> str | None:
    """Advice for a lowest or highest rate that is given to a factor; None for any other argument.

    Args:
        interface: the parameters of the definition.
        argument: an argument by a name that it does not have.
    """
    name, words = interface.definition.name, (argument.name or "").lower().split("_")
    if name not in METERED or not {"lr", "rate"} & {*words}:
        return None
    is_low = bool({"min", "low", "floor", "end"} & {*words})
    limit = f"{'max' if is_low else 'min'}(…, {argument.value.span.text})"
    which = "lowest" if is_low else "highest"
    return f"`{name}` is a factor: for a {which} rate, write `{limit}` around the whole"


def as_length(interface: Interface, argument: Argument, given: Collection[str]) -> str | None:
    """A length by a word that other values have too: ``ratio = 0.05``, ``until = 20``.

    Args:
        interface: the parameters of the definition.
        argument: an argument by a name that it does not have.
        given: the parameters that have their arguments.

    Returns:
        How it is written here; None if it is no such argument.
    """
    word, text = (argument.name or "").lower(), argument.value.span.text
    ours = _first_length(interface, word)
    if ours is None or ours in given or _meant(interface, word) not in {None, ours, "end"}:
        return None
    if word in _SHARES.split():
        share = _percentage(text)
        return share and f"{ours} = {share}"
    return f"{ours} = {text}" if word in {"until", "to"} and re.fullmatch(_LASTS, text) else None


def of_a_delta(interface: Interface, argument: Argument, given: Collection[str]) -> str | None:
    """The threshold that a `min_delta` of Keras is, which is no share; None for anything else.

    Args:
        interface: the parameters of the definition.
        argument: an argument by a name that it does not have.
        given: the parameters that have their arguments.
    """
    both = {"threshold", "threshold_mode"}
    if argument.name not in {"min_delta", "epsilon"} or not both <= interface.names - {*given}:
        return None
    return f"threshold = {argument.value.span.text}, threshold_mode = abs"


# What libraries of reinforcement learning call the metric that `adaptive` aims at.
_AIMS = "target threshold kl_threshold desired_kl target_kl kl_target kl to"


def band_around(interface: Interface, argument: Argument, given: Collection[str]) -> str | None:
    """The two bounds of an `adaptive` that is given what it aims at; None for anything else.

    Those libraries leave the rate alone between a half of that and twice as much.

    Args:
        interface: the parameters of the definition.
        argument: an argument by a name that it does not have.
        given: the parameters that have their arguments.
    """
    aim, word = argument.value.span.text, (argument.name or "").lower()
    if interface.definition is not library.find("adaptive") or {"low", "high"} & {*given}:
        return None
    if word not in _AIMS.split() or not re.fullmatch(r"[0-9]*\.?[0-9]+(?:e-?[0-9]+)?", aim):
        return None
    return f"low = {shown(float(aim) / 2, 12)}, high = {shown(float(aim) * 2, 12)}"


def _percentage(number: str) -> str | None:
    """A share as a percentage: ``0.05`` is ``5%``."""
    if not re.fullmatch(r"0?\.[0-9]+", number):
        return None
    return f"{shown(float(number) * 100, 12)}%"


def of_a_factor(interface: Interface, argument: Argument, given: Collection[str]) -> str | None:
    """The start of a warm-up that torch's ``start_factor`` means; None for another argument."""
    value = argument.value.span.text
    is_warmup = interface.definition.name == "warmup" and "start" not in given
    if argument.name != "start_factor" or not is_warmup:
        return None
    return f"start = next * {value}" if re.fullmatch(r"[0-9.]+(?:e-[0-9]+)?", value) else None


def left_by_a_warmup(warmup: Argument, word: str) -> bool:
    """True if a word means the length of the run, of which the warm-up is a part.

    Args:
        warmup: another argument of the call.
        word: the word.
    """
    return word in _RUNS.split() and "warm" in (warmup.name or "")


def of_its_own(argument: Argument, call: Span) -> str | None:
    """The program for a call of which an argument is a part of its own, or a repetition.

    Args:
        argument: an argument that the definition does not have.
        call: the call.

    Returns:
        The program, such as ``warmup(5) >> cosine(20)``; None if the argument is neither.
    """
    word, value = (argument.name or "").lower(), argument.value.span.text
    before = call.source.text[call.start : argument.span.start]
    after = call.source.text[argument.span.end : call.end]
    if before.rstrip().endswith(","):
        left = before.rstrip()[:-1] + after
    else:
        left = before + after.lstrip(", ")
    left = left.removesuffix("()")
    if left == "plateau" or left.startswith("plateau("):
        return None  # its floor is one of the rate, around all that it multiplies
    if word in _CYCLES.split() and re.fullmatch("[2-9]|[1-9][0-9]+", value):
        return f"repeat({left}, {value})"
    if word in {"until", "skip", "every"} and re.fullmatch(_LASTS, value):
        return f"{word}({value}, {left})"
    if word in _FLOORS.split() and re.fullmatch(r"[0-9.]+(?:e-[0-9]+)?", value):
        return f"max({left}, {value})"
    if "warm" not in word:
        return None
    length = _percentage(value) if word in _SHARES.split() else value
    if in_epochs(word) and value.isdecimal():
        length = f"{value}ep"
    if left == "inverse_sqrt":
        left = f"inverse_sqrt({length})"
    left = _less(left, length)
    known = length and re.fullmatch(r"[1-9][0-9_]*(?:[kMB]|ep|st)?|[0-9.]+(?:ep|st|%)", length)
    return f"warmup({length}) >> {left}" if known else None


def _less(call: str, warmup: str | None) -> str:
    """A call with what a warm-up leaves of the run, if both are whole numbers of steps."""
    pattern = rf"\b(?:{'|'.join(_RUNS.split())})[ \t]*=[ \t]*([0-9]+)(?=[ \t]*[,)])"
    whole = re.search(pattern, call)
    if whole is None or not (warmup or "").isdecimal() or int(whole[1]) <= int(warmup or 0):
        return call
    length = f"length = {int(whole[1]) - int(warmup or 0)}"
    return call[: whole.start()] + length + call[whole.end() :]

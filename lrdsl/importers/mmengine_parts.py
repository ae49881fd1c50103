"""Schedulers of mmengine as parts of a schedule: each with its window and its text.

Read in mmengine 0.10.7, ``optim/scheduler/param_scheduler.py``. A scheduler acts on the current
value at every step of its own in [begin, end), and holds it afterwards. The last of its own steps
is number ``size - 1``: from then on its value stands.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lrdsl.importers.refusal import Refused
from lrdsl.importers.spans import Span, listed_spans, span
from lrdsl.importers.symbols import Number, Whole, floor, is_known
from lrdsl.record import entity

if TYPE_CHECKING:
    from lrdsl.importers.fields import Fields
    from lrdsl.importers.trial import Trial

# The value that a part starts with: the optimizer's own, that of the part before, or a factor of 1.
BASE, PREVIOUS, ONE = "base", "prev", "1"
_WITHOUT_PART = (
    "type", "begin", "end", "by_epoch", "convert_to_iter_based", "verbose", "_scope_",
)  # fmt: skip


@entity
class Scheduler:
    """A scheduler of a config.

    Attributes:
        kind: its name without the ending that says what it schedules: ``CosineAnnealing``.
        target: what it schedules: ``lr`` or ``momentum``.
        fields: its settings.
        trial: the values for what is not known.
        by_epoch: True if it is stepped once an epoch.
        converted: True if it counts in epochs and is stepped once an update.
        begin: the first of its own steps, in the unit of its settings.
        size: how many steps of its own it acts on, likewise.
    """

    kind: str
    target: str
    fields: Fields
    trial: Trial
    by_epoch: bool
    converted: bool
    begin: Number
    size: Number

    def span(self, count: Number) -> Span:
        """So many of the steps that its settings count in."""
        return span(self.trial, count, in_epochs=self.by_epoch or self.converted)

    @property
    def step(self) -> Span:
        """The time between two of its steps: an epoch or an update."""
        return span(self.trial, Whole(1), in_epochs=self.by_epoch)

    @property
    def start(self) -> Span:
        """Where its window begins."""
        return self.span(self.begin)

    @property
    def end(self) -> Span:
        """Where its window ends."""
        return self.span(self.begin) + self.span(self.size)

    @property
    def last(self) -> Span:
        """The time from its first step to its last."""
        return self.span(self.size) - self.step

    @property
    def is_single(self) -> bool:
        """True if it acts once only."""
        return not self.last

    def stepped(self, text: str) -> str:
        """A text whose values change only when this scheduler is stepped."""
        return f"every({self.step}, {text})" if self.by_epoch else text

    def is_factor(self) -> bool:
        """True if all it does is to multiply the value by numbers of its own."""
        if self.kind in {"OneCycle", "CosineRestart"}:
            return False
        if self.kind not in {"CosineAnnealing", "Poly"}:
            return True
        low = floor_of(self)
        return not (low or climbs(self))


def floor_of(s: Scheduler) -> str:
    """The value that a cosine or a power ends at; empty if that is 0."""
    low, share = s.fields.given("eta_min"), s.fields.given("eta_min_ratio")
    if low is not None and share is not None:
        raise Refused("`eta_min` and `eta_min_ratio` are both given")
    if share is not None:
        number = s.fields.number("eta_min_ratio")
        return f"base * {number}" if number else ""
    number = s.fields.number("eta_min", 0)
    return str(number) if number else ""


def climbs(s: Scheduler) -> bool:
    """True for a cosine that goes on after its end, and so back up."""
    return s.kind == "CosineAnnealing" and int(period(s)) < int(s.last)


def period(s: Scheduler) -> Span:
    """The time in which a cosine falls."""
    return s.span(s.fields.whole("T_max") if s.fields.given("T_max") else s.size)


def part(s: Scheduler, start: str, *, is_cut: bool) -> tuple[str, str]:
    """The text of a scheduler.

    Args:
        s: the scheduler.
        start: the value that it acts on: `BASE`, `PREVIOUS` or `ONE`.
        is_cut: True if its last step is not the end of the run.

    Returns:
        What it does up to its last step, which is nothing if it has one only; and the value that
        holds from there on, empty if it is the one that was reached.

    Raises:
        Refused: mmengine has no such scheduler, or would raise.
    """
    say = _PARTS.get(s.kind)
    if say is None:
        raise Refused(f"mmengine has no scheduler `{s.fields.given('type')}`")
    text, held = say(s, start, is_cut)
    s.fields.ignore(*_WITHOUT_PART)
    if (last := s.fields.given("last_step")) is not None and last != -1:
        raise Refused("a `last_step` goes on with a run: its first values are not in the config")
    s.fields.close()
    return text, held


def _factor(s: Scheduler, key: str, default: float) -> Number:
    factor = s.fields.number(key, default)
    if not 0 <= factor <= 1:
        raise Refused(f"`{key}` is {factor}, and has to be between 0 and 1")
    return factor


def _times(start: str, factor: Number) -> str:
    if factor == 1:
        return start
    if factor == 1 / 3:  # mmengine's default
        return f"{start} / 3"
    return str(factor) if start == ONE else f"{start} * {factor}"


def _from(start: str) -> str:
    """The argument that says where a part starts, where that is not understood."""
    return ", start = 1" if start == ONE else ""


def _constant(s: Scheduler, start: str, is_cut: bool) -> tuple[str, str]:
    factor = _factor(s, "factor", 1 / 3)
    if s.is_single:
        return "", _times(start, factor)
    if not factor and is_cut:
        raise Refused("mmengine divides by the `factor` of ConstantLR, which is 0")
    if start == PREVIOUS:
        return (
            f"const({s.last}, {_times(start, factor)})",
            "prev * 3" if factor == 1 / 3 else f"prev / {factor}",
        )
    return f"const({s.last}, {_times(start, factor)})", start


def _linear(s: Scheduler, start: str, is_cut: bool) -> tuple[str, str]:
    low, high = _factor(s, "start_factor", 1 / 3), _factor(s, "end_factor", 1)
    if s.is_single:
        return "", _times(start, low)
    if not low:
        raise Refused("mmengine divides by the `start_factor` of LinearLR, which is 0")
    ends = f"{s.last}, {_times(start, low)}, {_times(start, high)}"
    if start == ONE and high == 1 and low < 1:
        return s.stepped(f"warmup({ends})"), ""
    if start == BASE and high == 1 and low < 1 and is_cut:
        return s.stepped(f"warmup({s.last}, {_times(start, low)})"), ""
    return s.stepped(f"linear({ends})"), ""


def _exponential(s: Scheduler, start: str, is_cut: bool) -> tuple[str, str]:
    gamma = s.fields.number("gamma")
    if s.is_single:
        return "", ""
    length = _length(s, is_cut)
    if s.by_epoch:
        return f"step({s.step}, {gamma}{length}{_from(start)})", ""
    return f"exponential({gamma}{length}{_from(start)})", ""


def _length(s: Scheduler, is_cut: bool) -> str:
    return f", length = {s.last}" if is_cut else ""


def _step(s: Scheduler, start: str, is_cut: bool) -> tuple[str, str]:
    every, gamma = s.span(s.fields.whole("step_size")), s.fields.number("gamma", 0.1)
    if s.is_single:
        return "", ""
    rest = "" if gamma == 0.1 else f", {gamma}"
    return f"step({every}{rest}{_length(s, is_cut)}{_from(start)})", ""


def _multi_step(s: Scheduler, start: str, is_cut: bool) -> tuple[str, str]:
    found = sorted(s.fields.numbers("milestones"))
    gamma = s.fields.number("gamma", 0.1)
    if s.is_single:
        return "", _times(start, gamma) if 0 in found else ""
    reached = [m for m in found if m < s.size or not is_known(m)]
    rest = "" if gamma == 0.1 else f", {gamma}"
    if not reached:
        return f"const({s.last}{', 1' if start == ONE else ''})", ""
    at = listed_spans(s.span(m) for m in reached)
    return f"multistep({at}{rest}{_length(s, is_cut)}{_from(start)})", ""


def _cosine(s: Scheduler, start: str, is_cut: bool) -> tuple[str, str]:
    low, length = floor_of(s), period(s)
    if s.is_single:
        return "", ""
    begin, end = (", 1" if start == ONE else ""), (f", end = {low}" if low else "")
    fall = f"cosine({length}{begin}{end})"
    if climbs(s):
        # After its end it climbs back to the optimizer's own value, and falls again.
        low = low or "0"
        waves = f"repeat(cosine({length}, {low}, base) >> cosine({length}, base, {low}))"
        text = s.stepped(f"({fall} >> {waves})" if s.by_epoch or is_cut else f"{fall} >> {waves}")
    else:
        text = s.stepped(fall)
    if is_cut and int(length) != int(s.last):
        text = f"until({s.last}, {text})"
    return text, ""


def _poly(s: Scheduler, start: str, is_cut: bool) -> tuple[str, str]:
    low, power = floor_of(s), s.fields.number("power", 1)
    if s.is_single:
        return "", ""
    begin, end = (", 1" if start == ONE else ""), (f", end = {low}" if low else "")
    shape, rest = ("linear", "") if power == 1 else ("poly", f", power = {power}")
    return s.stepped(f"{shape}({s.last}{begin}{end}{rest})"), ""


def _cosine_restart(s: Scheduler, start: str, is_cut: bool) -> tuple[str, str]:
    periods, weights = s.fields.numbers("periods"), s.fields.numbers("restart_weights", [1])
    if len(periods) != len(weights):
        raise Refused("`periods` and `restart_weights` are not equally many")
    if s.fields.given("eta_min", "eta_min_ratio") is None:
        raise Refused("CosineRestartLR has neither `eta_min` nor `eta_min_ratio`")
    if s.is_single:
        return "", _times(BASE, weights[0])
    low = floor_of(s)
    end = f", end = {low}" if low else ""
    if len(periods) > 1 and len(set(periods)) == 1 and set(weights) == {1}:
        begin = "" if start == BASE else ", start = base"
        text = f"restarts({s.span(periods[0])}{begin}{end})"
    else:
        text = " >> ".join(
            f"cosine({s.span(length)}, {_times(BASE, weight)}, {low or 0})"
            for length, weight in zip(periods, weights, strict=True)
        )
    text = s.stepped(text)
    return (f"until({s.last}, {text})" if is_cut else text), ""


def _one_cycle(s: Scheduler, start: str, is_cut: bool) -> tuple[str, str]:
    if s.by_epoch:
        raise Refused("an OneCycleLR that is stepped once an epoch is not translated")
    fields = s.fields
    if isinstance(fields.given("eta_max"), list):
        raise Refused("an `eta_max` for each group is not translated")
    length = s.span(fields.whole("total_steps")) if fields.given("total_steps") else s.end - s.start
    if int(length) < int(s.last):
        raise Refused("mmengine raises at the end of `total_steps`, which is before `end`")
    arguments = [f"{length}", f"{fields.number('eta_max')}"]
    for key, name, default in (
        ("pct_start", "pct_start", 0.3),
        ("div_factor", "div", 25),
        ("final_div_factor", "final_div", 1e4),
    ):
        if (value := fields.number(key, default)) != default:
            arguments.append(f"{name} = {value}")
    if (pace := fields.text("anneal_strategy", "cos")) != "cos":
        if pace != "linear":
            raise Refused(f"mmengine knows no `anneal_strategy` {pace}")
        arguments.append("anneal = straight")
    if fields.truth("three_phase", default=False):
        arguments.append("three_phase = true")
    text = f"onecycle({', '.join(arguments)})"
    return (f"until({s.last}, {text})" if is_cut else text), ""


def _plateau(s: Scheduler, start: str, is_cut: bool) -> tuple[str, str]:
    raise Refused(
        f"`{s.fields.given('type')}` follows a metric of the run, which no comparison has:"
        " write `plateau(…)`"
    )


_PARTS: dict[str, Callable[[Scheduler, str, bool], tuple[str, str]]] = {
    "Constant": _constant,
    "Linear": _linear,
    "Exponential": _exponential,
    "Step": _step,
    "MultiStep": _multi_step,
    "CosineAnnealing": _cosine,
    "Poly": _poly,
    "CosineRestart": _cosine_restart,
    "OneCycle": _one_cycle,
    "ReduceOnPlateau": _plateau,
}


def whole_span(s: Scheduler) -> Scheduler:
    """A scheduler whose window ends where its periods do, if that is before its end."""
    if s.kind != "CosineRestart":
        return s
    periods = s.fields.numbers("periods")
    size = sum(map(int, periods))
    if size >= s.size:
        return s
    return Scheduler(
        s.kind, s.target, s.fields, s.trial, s.by_epoch, s.converted, s.begin, Whole(size)
    )


def step_count(number: Number, trial: Trial) -> Number:
    """Cuts epochs as mmengine's ``int(number * epoch_length)`` does, where that changes nothing.

    Args:
        number: the epochs.
        trial: the values for what is not known.

    Raises:
        Refused: it is none, or that is not known.
    """
    if isinstance(number, Whole):
        return number
    if number.is_integer():
        return floor(number)
    length = trial.steps_per_epoch()
    if not is_known(length):
        raise Refused(f"{number} epochs are cut to whole updates: pass --steps-per-epoch")
    if not float(number * length).is_integer():
        raise Refused(f"{number} epochs are no whole number of updates")
    return number

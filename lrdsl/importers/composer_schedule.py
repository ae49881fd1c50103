"""A scheduler of Composer's with its times made out, all in updates."""

from __future__ import annotations

from lrdsl.importers.composer_time import Run, Time, time
from lrdsl.importers.fields import Fields
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Whole, is_known, written

_WARMUP, _SCALED = "t_warmup", "scale_warmup"
# The parameters of each, in their order.
PARAMETERS = {
    "ConstantScheduler": ("alpha", "t_max"),
    "LinearScheduler": ("alpha_i", "alpha_f", "t_max"),
    "StepScheduler": ("step_size", "gamma"),
    "MultiStepScheduler": ("milestones", "gamma"),
    "ExponentialScheduler": ("gamma", "decay_period"),
    "CosineAnnealingScheduler": ("t_max", "alpha_f"),
    "CosineAnnealingWarmRestartsScheduler": ("t_0", "t_mult", "alpha_f"),
    "PolynomialScheduler": ("power", "t_max", "alpha_f"),
    "MultiStepWithWarmupScheduler": (_WARMUP, "milestones", "gamma", _SCALED),
    "ConstantWithWarmupScheduler": (_WARMUP, "alpha", "t_max", _SCALED),
    "LinearWithWarmupScheduler": (_WARMUP, "alpha_i", "alpha_f", "t_max", _SCALED),
    "CosineAnnealingWithWarmupScheduler": (_WARMUP, "t_max", "alpha_f", _SCALED),
    "PolynomialWithWarmupScheduler": (_WARMUP, "power", "t_max", "alpha_f", _SCALED),
    "InverseSquareRootWithWarmupScheduler": (
        _WARMUP, "t_scale", "t_cooldown", "t_max", "alpha_f_decay", "alpha_f_cooldown"),
}  # fmt: skip


class Schedule:
    """A scheduler's fields, read as its class reads them.

    Args:
        kind: its class.
        fields: its own fields.
        around: those of its run.

    Attributes:
        fields: its own fields.
        run: its run.
        alpha, alpha_i, alpha_f, gamma: the factors of the same names.
        milestones: the milestones, from first to last.
        warmup: the warm-up, which the ratio of the run leaves alone.
        scaled_warmup: the same where that ratio counts; 0 where it does not.
        left: from the end of the warm-up to that of the decay.
    """

    def __init__(self, kind: str, fields: Fields, around: Fields) -> None:
        self.fields = fields
        self.run = Run(around)
        self.warmup = self.scaled_warmup = self.left = Whole(0)
        self._own = PARAMETERS[kind]
        self.alpha = self._factor("alpha", 1.0)
        self.alpha_i, self.alpha_f = self._factor("alpha_i", 1.0), self._factor("alpha_f", 0.0)
        if kind == "ConstantWithWarmupScheduler":
            self.alpha_i = self.alpha_f = self.alpha
        self.gamma = self._factor("gamma", 0.1 if kind != "ExponentialScheduler" else None)
        self.milestones = self._milestones() if "milestones" in self._own else []
        fields.ignore("name")
        if _WARMUP in self._own:
            self._warm_up(kind)

    def _factor(self, key: str, default: float | None) -> Number:
        """A factor of its own; the default where its class has no such field."""
        if default is not None and key not in self._own:
            return written(default)
        return self.fields.number(key, default)

    def _time(self, key: str, default: str = "") -> Time:
        value = self.fields.given(key)
        if value is None and not default:
            raise Refused(f"`{self.fields.path(key)}` is missing")
        return time(self.fields.path(key), default if value is None else value)

    def updates(self, key: str, default: str = "", *, is_scaled: bool = True) -> Whole:
        """A time of its fields in updates.

        Args:
            key: the field.
            default: what its class takes without it.
            is_scaled: True if the ratio of the run counts.
        """
        return self.run.updates(self.run.converted(self._time(key, default), is_scaled=is_scaled))

    def whole(self) -> Whole:
        """The updates of the whole run, as a program writes them."""
        return self.run.updates(self.run.converted(time("", "1dur")))

    def _milestones(self) -> list[Whole]:
        values = self.fields.given("milestones")
        if not isinstance(values, list):
            raise Refused(f"`{self.fields.path('milestones')}` is no list of times")
        times = [time(self.fields.path("milestones"), value) for value in values]
        found = sorted(self.run.updates(self.run.converted(each)) for each in times)
        if len(set(found)) < len(found):
            raise Refused("a milestone that is there twice counts twice")
        return found

    def _warm_up(self, kind: str) -> None:
        own = self._time(_WARMUP)
        up = self.run.converted(own, is_scaled=False)
        self.warmup = self.run.updates(up)
        if self.fields.truth(_SCALED, default=False):
            scaled = self.run.updates(self.run.converted(own))
            self.scaled_warmup = scaled if scaled != self.warmup else Whole(0)
        if kind == "MultiStepWithWarmupScheduler":
            return
        if kind == "InverseSquareRootWithWarmupScheduler":
            self._check_units()
            return
        end = self.run.converted(self._time("t_max", "1dur"))
        if end.unit != up.unit:
            raise Refused(f"`t_warmup` and `t_max` come to {up.unit} and {end.unit}: it raises")
        self._check_end(end)
        left = self.run.updates(end) - self.warmup
        if is_known(end.value) and not is_known(self.warmup) and left <= 0:
            raise Refused(
                f"`t_warmup` is in epochs and `t_max` is {end}: which of them is longer depends on"
                " how many updates an epoch has: pass --steps-per-epoch"
            )
        self.left = Whole(0) if is_known(left) and left < 0 else left

    def _check_end(self, end: Time) -> None:
        """It raises where its decay is shorter than the run, before and after its ratio."""
        for longest in (self.run.longest, self.run.unscaled):
            if longest is None or (self.fields.given("t_max") is None):
                continue
            last = longest if longest.unit == end.unit else self.run.converted(longest)
            if last.unit == end.unit and is_known(last.value) and end.value < last.value:
                raise Refused(f"`t_max` is {end}, which is shorter than the run: it raises")

    def _check_units(self) -> None:
        longest = self.run.unscaled
        for key in (_WARMUP, "t_scale", "t_cooldown"):
            unit = self._time(key).unit
            if unit == "dur" or (longest is not None and unit != longest.unit):
                raise Refused(f"`{key}` is in {unit}, and not in the unit of `max_duration`")

    def inverse_ends(self) -> tuple[Number, Number]:
        """Where its inverse square root and its cooldown lead to, as factors."""
        decayed = self.fields.number("alpha_f_decay", 0.0)
        cooled = self.fields.number("alpha_f_cooldown", 0.0)
        if decayed < cooled:
            raise Refused("`alpha_f_decay` is less than `alpha_f_cooldown`: it raises")
        return decayed, cooled

    def between(self, cooldown: Whole) -> Whole:
        """From the end of the warm-up to the beginning of the cooldown.

        Args:
            cooldown: its length.
        """
        left = self.updates("t_max", "1dur") - cooldown - self.warmup
        return Whole(0) if is_known(left) and left < 0 else left

"""A schedule of fairseq with its numbers made out."""

from __future__ import annotations

from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import Setting
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Whole, is_known


class Schedule:
    """A setting with the fields that several kinds share made out.

    Attributes:
        kind: its name.
        fields: its fields.
        rates: the rates, one an epoch if there are several.
        total: the updates of the run; 0 if nothing says how many.
        epoch: the updates of an epoch; 0 if they do not matter.
        notes: what was assumed.
    """

    def __init__(self, setting: Setting) -> None:
        self.kind = setting.kind
        self.fields = setting.fields
        self.notes: list[str] = []
        self.epoch = Whole(0)
        self.rates = self._rates()
        self.total = self.fields.whole("max_update", 0)

    def _rates(self) -> list[Number]:
        value = self.fields.given("lr")
        if isinstance(value, str):
            value = [part for part in value.strip("[]").replace(",", " ").split() if part]
        elif value is not None and not isinstance(value, list | tuple):
            value = [value]
        if not value:
            raise Refused("`optimization.lr` is missing")
        values = {str(i): rate for i, rate in enumerate(value)}
        rates = Fields(values, self.fields.trial)
        found = [rates.number(key) for key in values]
        if len(found) > 1 and self.kind not in {"fixed", "polynomial_decay"}:
            raise Refused(f"fairseq raises for `{self.kind}` with more than one rate")
        return found

    @property
    def lr(self) -> Number:
        """The rate of the schedule.

        Raises:
            Refused: it has several.
        """
        if self.kind != "polynomial_decay":
            return self.rates[0]
        if len(self.rates) > 2:
            raise Refused("a rate for each epoch is translated for `fixed` only")
        if len(self.rates) == 2:
            self.notes.append("fairseq counts epochs from 1: it never uses the first of two rates")
        return self.rates[-1]

    @property
    def warmup(self) -> Whole:
        """The updates of the warm-up."""
        default = 4_000 if self.kind == "inverse_sqrt" else 0
        return self.fields.whole("warmup_updates", default)

    def first(self, default: Number | float) -> Number | float:
        """The rate that the warm-up starts from; below 0 stands for the default.

        Args:
            default: that rate.
        """
        value = self.fields.number("warmup_init_lr", -1)
        return default if value < 0 else value


def stages(s: Schedule) -> tuple[Whole, Whole, Whole]:
    """The updates of each stage of ``tri_stage``.

    Args:
        s: the setting.

    Raises:
        Refused: they are shares of a run of unknown length, or do not add up.
    """
    value = s.fields.given("phase_ratio")
    if value is not None and value != "null":
        if isinstance(value, str):
            value = [float(part) for part in value.strip("()[]").split(",")]
        s.fields.ignore("warmup_steps", "hold_steps", "decay_steps")
        if sum(value) != 1:
            raise Refused("fairseq raises for a `phase_ratio` whose sum is not 1")
        if not s.total or not is_known(s.total):
            raise Refused("a `phase_ratio` is of `max_update`, which is not known: pass it")
        up, hold, down = (Whole(int(int(s.total) * share)) for share in value)
        return up, hold, down
    up, hold, down = (s.fields.whole(f"{name}_steps", 0) for name in ("warmup", "hold", "decay"))
    return up, hold, down

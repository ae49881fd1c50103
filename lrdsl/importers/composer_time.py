"""Composer's times, `100ba` or `0.1dur`, as updates of the run that they are in."""

from __future__ import annotations

import re

from lrdsl.importers.documents import Call
from lrdsl.importers.fields import Fields, Unknown
from lrdsl.importers.phrases import in_run
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Whole, is_known, written
from lrdsl.record import record

_TIME = re.compile(r"(.+)(iter|ep|ba|sp|tok|dur|sec)", re.IGNORECASE)
_WALL_CLOCK = re.compile(r"(\d+h)?(\d+m)?(\d+s)?")
# The names of `TimeUnit`, by its values.
_UNITS = {"EPOCH": "ep", "BATCH": "ba", "SAMPLE": "sp", "TOKEN": "tok", "DURATION": "dur",
          "ITERATION": "iter", "SECOND": "sec"}  # fmt: skip


@record
class Time:
    """A number of a unit.

    Attributes:
        value: how many.
        unit: of what: ``ba``, ``ep``, ``dur``, ``sp``, ``tok``, ``iter`` or ``sec``.
    """

    value: Number
    unit: str

    def __str__(self) -> str:
        return f"{self.value}{self.unit}"


def is_time(value: object) -> bool:
    """True for a text that is a time, and for a call of ``Time``.

    Args:
        value: a field.
    """
    if isinstance(value, Call):
        return value.name.startswith("composer.") and value.function == "Time"
    return isinstance(value, str) and bool(_TIME.fullmatch(value.strip()))


def time(name: str, value: object, whole_unit: str = "") -> Time:
    """Reads a time, as ``Time.from_timestring`` does.

    Args:
        name: the field, for messages.
        value: what it is.
        whole_unit: the unit of a bare whole number, where one is taken.

    Raises:
        Refused: it is no time, or one of the clock.
    """
    if isinstance(value, Call) and is_time(value):
        return _of_call(name, value)
    if whole_unit and isinstance(value, int) and not isinstance(value, bool):
        return Time(written(value), whole_unit)
    text = str(value).strip()
    found = _TIME.fullmatch(text) if isinstance(value, str) else None
    if found is None:
        if isinstance(value, str) and text and _WALL_CLOCK.fullmatch(text):
            raise Refused(f"`{name}` is `{text}`: Composer schedules nothing by the clock")
        raise Refused(f"`{name}` is `{text}`, which is no time")
    return _checked(name, found[1], found[2].lower())


def _of_call(name: str, call: Call) -> Time:
    fields = call.bound("value", "unit")
    unit = str(fields.given("unit")).rpartition(".")[2]
    return _checked(name, str(fields.given("value")), _UNITS.get(unit, unit.lower()))


def _checked(name: str, number: str, unit: str) -> Time:
    try:
        value = float(number)
    except ValueError:
        raise Refused(f"`{name}` is `{number}{unit}`, which is no time") from None
    if unit == "sec":
        raise Refused(f"`{name}` is `{number}sec`: Composer schedules nothing by the clock")
    if unit == "iter":
        raise Refused(f"`{name}` is `{number}iter`, and what an iteration has is not said")
    if unit != "dur" and value != int(value):
        raise Refused(f"`{name}` is `{number}{unit}`, and Composer takes whole numbers of them")
    return Time(written(value if unit == "dur" else int(value)), unit)


class Run:
    """The run that schedules are in.

    Args:
        fields: ``max_duration``, ``scale_schedule_ratio``, and the samples and tokens of an
            update, where they are known.

    Attributes:
        ratio: by how much all times are longer.
        longest: ``max_duration``, with its ratio; None if it is not said.
        unscaled: the same without its ratio.
        total: the updates.
        epochs: the epochs, if it is said in epochs.
        notes: what was assumed.
    """

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self.notes: list[str] = []
        self.ratio = fields.number("scale_schedule_ratio", 1.0)
        value = fields.given("max_duration")
        is_said = not isinstance(value, Unknown) and not _is_placeholder(value)
        self.longest = self.unscaled = None
        self.epochs = Whole(0)
        if value is None or not is_said:
            self.total = fields.trial.total()
            return
        self.unscaled = time("max_duration", value, "ep")
        if self.unscaled.unit == "dur":
            raise Refused("`max_duration` cannot be a share of itself")
        longest = Whole(int(self.unscaled.value * self.ratio))
        self.longest = Time(longest, self.unscaled.unit)
        if self.longest.unit == "ep":
            self.epochs = longest
            self.total = longest * fields.trial.steps_per_epoch()
        else:
            per = self._per_update(self.longest.unit)
            self.total = Whole(-(-int(longest) // int(per)))

    def _per_update(self, unit: str) -> Whole:
        if unit == "ba":
            return Whole(1)
        samples = self._fields.given("global_train_batch_size")
        length = self._fields.given("max_seq_len")
        if not isinstance(samples, int) or (unit == "tok" and not isinstance(length, int)):
            raise Refused(
                f"how many {'tokens' if unit == 'tok' else 'samples'} an update has is not said"
            )
        if unit == "sp":
            return Whole(samples)
        note = f"an update has {samples} * {length} tokens, none of them padding"
        if note not in self.notes:
            self.notes.append(note)
        return Whole(samples * int(length))

    def converted(self, given: Time, *, is_scaled: bool = True) -> Time:
        """A time without shares and epochs: ``_convert_time``.

        Args:
            given: the time.
            is_scaled: True if the ratio of the run counts.
        """
        if given.unit == "dur":
            return self._share(given.value)
        value, unit = given.value, given.unit
        if unit == "ep":
            value, unit = value * self._fields.trial.steps_per_epoch(), "ba"
        if is_scaled and self.ratio != 1:
            if not is_known(value):
                raise Refused("its times are scaled, and epochs with them: pass --steps-per-epoch")
            value = Whole(int(int(value) * float(self.ratio)))
        return Time(value, unit)

    def _share(self, share: Number) -> Time:
        """A share of the run, cut off to whole batches (or samples, or tokens)."""
        if self.longest is None:
            if share != 1 and not is_known(self.total):
                raise Refused(f"`{share}dur` is a share of the run, and its length is not said")
            total = in_run(self.total)
            return Time(total if share == 1 else Whole(int(share * total)), "ba")
        if self.longest.unit != "ep":
            return Time(Whole(int(share * self.longest.value)), self.longest.unit)
        if share == 1:
            return Time(self.total, "ba")
        steps = self._fields.trial.steps_per_epoch()
        if not is_known(steps):
            raise Refused(
                f"`{share}dur` is cut off to whole batches, and how many an epoch has is not said:"
                " pass --steps-per-epoch"
            )
        return Time(Whole(int(float(share) * int(steps) * int(self.longest.value))), "ba")

    def updates(self, converted: Time) -> Whole:
        """A time in updates.

        Args:
            converted: the time, from `converted`.

        Raises:
            Refused: it is no whole number of updates.
        """
        value, per = converted.value, self._per_update(converted.unit)
        if per == 1 and isinstance(value, Whole):
            return value
        updates, rest = divmod(int(value), int(per))
        if rest:
            raise Refused(f"`{converted}` is no whole number of updates of {per}{converted.unit}")
        return Whole(updates)


def _is_placeholder(value: object) -> bool:
    return isinstance(value, str) and "$" in value

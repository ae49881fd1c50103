"""The run of a Megatron command: its lengths, in updates or in samples, and the size of batches."""

from __future__ import annotations

from collections.abc import Callable

from lrdsl.importers.fields import Fields
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Real, Whole, is_known, spelled, written

_UNIT = "sample"


class Run:
    """A run with the lengths of its schedule.

    Lengths are in updates where the text can count them, and in samples otherwise.

    Args:
        fields: the arguments.
        needs_samples_without_warmup: True if the schedule counts single samples then.

    Attributes:
        warmup: the length of the warm-up.
        decay: the length of warm-up and decay.
        increase: the length over which the weight decay rises.
        total: the length of the run.
        updates: the updates of the run.
        notes: what was assumed.
    """

    def __init__(self, fields: Fields, *, needs_samples_without_warmup: bool) -> None:
        self.notes: list[str] = []
        self._fields = fields
        self._batch = self._batch_size()
        self._ramp = self._ramp_of()
        if fields.given("step_batch_size_schedule") is not None:
            raise Refused("a `step_batch_size_schedule` is not translated")
        self._is_of_samples = fields.given("train_samples") is not None
        self._word = "samples" if self._is_of_samples else "iters"
        self._check()
        length = fields.whole(f"train_{self._word}", None) if self._is_said else None
        total = fields.trial.total() if length is None else length
        decay = fields.whole(f"lr_decay_{self._word}", total)
        warmup = self._warmup(decay)
        if warmup >= decay:
            raise Refused(f"Megatron raises for a warm-up of {warmup} in a decay of {decay}")
        self.counts_samples = self._needs_samples(
            [warmup, decay, *self._others()], is_bare=needs_samples_without_warmup and not warmup
        )
        self.total, self.decay, self.warmup = total, decay, warmup
        self.increase = total
        self.updates = self._updates(total)
        if self.counts_samples:
            self._count_samples()
        elif self._is_of_samples:
            self.total, self.increase = self.updates, total / self._size
            self.decay, self.warmup = self._whole(decay), self._whole(warmup)
            self.increase = self.total if self.increase == self.total else self.increase

    @property
    def _is_said(self) -> bool:
        return self._fields.given(f"train_{self._word}") is not None

    @property
    def _size(self) -> int:
        """The samples of an update; the first of them if nothing says how many there are."""
        return 1 if self._batch is None else int(self._batch)

    def _batch_size(self) -> Whole | None:
        said = self._fields.given("global_batch_size") is not None
        return self._fields.whole("global_batch_size") if said else None

    def _ramp_of(self) -> tuple[int, int, int] | None:
        value = self._fields.given("rampup_batch_size")
        if value is None:
            return None
        parts = value.split() if isinstance(value, str) else value
        try:
            start, by, over = (int(part) for part in parts)
        except (TypeError, ValueError):
            raise Refused(f"`rampup_batch_size` is `{value}`, which is not three numbers") from None
        if self._batch is None or not is_known(self._batch):
            raise Refused("a `rampup_batch_size` needs a `global_batch_size`")
        if by <= 0 or (self._batch - start) % by or self._batch < start:
            raise Refused(f"Megatron raises for a rise from {start} to {self._batch} by {by}")
        return start, by, over

    def _check(self) -> None:
        """Refuses what Megatron refuses: updates and samples in one command."""
        other = "iters" if self._is_of_samples else "samples"
        for key in ("train", "lr_decay", "lr_warmup", "lr_wsd_decay"):
            if self._fields.given(f"{key}_{other}") not in {None, 0, "0"}:
                raise Refused(f"Megatron raises for a `{key}_{other}` in a run of {self._word}")
        if self._ramp and not self._is_of_samples:
            self.notes.append(
                "most versions of Megatron allow a rising batch size in runs of samples only"
            )

    def _warmup(self, decay: Whole) -> Number:
        share = self._fields.given("lr_warmup_fraction")
        steps = self._fields.whole(f"lr_warmup_{self._word}", 0)
        if share is None:
            return steps
        if steps:
            raise Refused("Megatron raises for a warm-up with both a length and a fraction")
        if not is_known(decay):
            raise Refused(
                f"the warm-up is a fraction of {decay} updates, not rounded, and the source does"
                " not tell how many these are: pass --total"
            )
        # Of samples, as Megatron computes it; what is whole of updates but for rounding is whole.
        length = float(self._fields.number("lr_warmup_fraction") * int(decay))
        return written(round(length) if abs(length - round(length)) < 1e-9 else length)

    def _others(self) -> list[Number]:
        key = f"lr_wsd_decay_{self._word}"
        return [self._fields.whole(key)] if self._fields.given(key) is not None else []

    def _needs_samples(self, lengths: list[Number], *, is_bare: bool) -> bool:
        """Whether the text has to count samples, as no whole numbers of updates say the same."""
        if self._ramp or is_bare:
            return True
        if not self._is_of_samples:
            return any(isinstance(length, Real) for length in lengths)
        if self._batch is None:
            raise Refused("a run of samples needs a `global_batch_size`")
        return any(length % self._size for length in lengths)

    def _count_samples(self) -> None:
        """Puts lengths that are of updates in samples."""
        lengths = (self.total, self.decay, self.warmup, self.increase)
        if not all(map(is_known, lengths)) or not is_known(self._size):
            raise Refused("the lengths count samples, and the source does not tell all of them")
        if self._batch is None:
            self.notes.append("an update is taken for one sample: only their ratios count")
        if not self._is_of_samples:
            size = self._size
            self.decay, self.increase = Whole(self.decay * size), Whole(self.increase * size)
            self.warmup = written(self.warmup * size)
            self.total = Whole(self.samples()(self.updates))

    def _whole(self, length: Number) -> Whole:
        return Whole(int(length) // self._size)

    def _updates(self, total: Whole) -> Whole:
        """The updates of the run: ``update_train_iters``."""
        if not self._is_of_samples:
            return total
        if self._ramp is None:
            return Whole(int(total) // self._size)
        updates = seen = 0
        while seen <= self._ramp[2] and seen <= total:
            seen += self._rising(seen)
            updates += 1
        return Whole(updates + max(0, int(total) - seen) // self._size)

    def _rising(self, seen: int) -> int:
        """The size of the batch after so many samples."""
        assert self._ramp is not None
        start, by, over = self._ramp
        if seen > over:
            return self._size
        steps = (self._size - start) // by
        return start + by * (int(seen / (over / steps)) if steps else 0)

    def samples(self) -> Callable[[int], int]:
        """The samples before an update."""
        size = self._size
        if self._ramp is None:
            return lambda t: t * size
        found = [0]
        while found[-1] <= self._ramp[2]:
            found.append(found[-1] + self._rising(found[-1]))
        last = len(found) - 1
        return lambda t: found[t] if t <= last else found[last] + (t - last) * size

    def in_samples(self, length: Number) -> float:
        """A length of this run in samples.

        Args:
            length: the length.
        """
        return float(length) * (1 if self.counts_samples else self._size)

    def cooldown(self) -> Whole:
        """The length of the cooldown of WSD.

        Raises:
            Refused: it is missing, or longer than the decay.
        """
        length = self._fields.whole(f"lr_wsd_decay_{self._word}")
        if self.counts_samples and not self._is_of_samples:
            length = Whole(length * self._size)
        elif self._is_of_samples and not self.counts_samples:
            length = self._whole(length)
        if length <= 0:
            raise Refused(f"Megatron divides by a `lr_wsd_decay_{self._word}` of {length}")
        return length

    @property
    def states_its_length(self) -> bool:
        """True if the statement of the run says how long it is, in samples."""
        return self.counts_samples and self._is_of_samples

    @property
    def statement(self) -> str:
        """The statement of the run that the text needs; empty if it counts updates."""
        if not self.counts_samples:
            return ""
        total = f", total = {self.total}{_UNIT}" if self.states_its_length else ""
        clock, size = f"run clock = {_UNIT}{total}", f"{self._size}{_UNIT}"
        if self._ramp is None:
            return f"{clock}, 1st = {size}"
        start, by, over = (f"{part}{_UNIT}" for part in self._ramp)
        return f"{clock}\nrun 1st = ramp({start}, {size}, by = {by}, over = {over})"

    def text(self, length: Number) -> str:
        """A length as the text has it.

        Args:
            length: the length.
        """
        if not self.counts_samples:
            return str(length)
        return f"{spelled(length)}{_UNIT}"

    @property
    def warmup_text(self) -> str:
        """The length of the warm-up: a share of the run where it fills it."""
        share = self._fields.given("lr_warmup_fraction")
        if self.counts_samples and self.fits and share is not None:
            number = float(self._fields.number("lr_warmup_fraction"))
            return f"{spelled(float(f'{number * 100:.12g}'))}%"
        return self.text(self.warmup)

    @property
    def fits(self) -> bool:
        """True if the decay ends with the run."""
        return str(self.decay) == str(self.total)

    @property
    def is_filled(self) -> bool:
        """True if the weight decay rises until the end of the run."""
        return str(self.increase) == str(self.total)

    @property
    def is_left(self) -> bool:
        """True if the run goes on after the decay."""
        return self.is_left_by(0)

    def is_left_by(self, more: int) -> bool:
        """True if the run goes on when the decay has lasted for so much more.

        Args:
            more: updates or samples.
        """
        return not self.fits and self.decay + more < self.total

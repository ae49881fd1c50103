"""A config of mmcv 1.x with its run, its optimizer, its policy and its warm-up made out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import Setting
from lrdsl.importers.phrases import rate_note
from lrdsl.importers.refusal import Refused
from lrdsl.importers.spans import Span, span
from lrdsl.importers.symbols import Number, Whole, is_known

if TYPE_CHECKING:
    from lrdsl.importers.trial import Trial

POLICY = "lr_config"


class Config:
    """A setting with its run, its optimizer, its policy and its warm-up made out."""

    def __init__(self, setting: Setting) -> None:
        fields = setting.fields
        fields.refuse_code()
        self.trial: Trial = fields.trial
        self.notes: list[str] = []
        self.policy = fields.table(POLICY)
        self._read_run(fields)
        self._read_optimizer(fields)
        self.kind = _kind(self.policy)
        own_default = self.kind not in {"Cyclic", "OneCycle"}
        self.by_epoch = self.policy.truth("by_epoch", default=own_default)
        if self.by_epoch and not own_default:
            raise Refused(f"mmcv has `{self.kind}` in iterations only, and `by_epoch` is true")
        self._read_warm_up()
        counts = self.by_epoch or self.warmup.has_epochs()
        if self.updates and counts and len(self.policy):
            raise Refused("it counts epochs (`by_epoch`), and an IterBasedRunner has none")

    def _read_run(self, fields: Fields) -> None:
        runner = fields.table("runner")
        kind = str(runner.given("type") or "")
        if kind not in {"", "EpochBasedRunner", "IterBasedRunner"}:
            raise Refused(f"mmcv has no runner `{kind}`: how it steps is not known")
        self.epochs: Number = Whole(0)
        self.updates: Whole = Whole(0)
        if kind == "IterBasedRunner" or "max_iters" in runner:
            self.updates = runner.whole("max_iters")
        elif "max_epochs" in runner:
            self.epochs = runner.whole("max_epochs")
        elif "total_iters" in fields:
            self.updates = fields.whole("total_iters")
        elif "total_epochs" in fields:
            self.epochs = fields.whole("total_epochs")
        else:
            raise Refused("neither `runner` nor `total_epochs` says how long the run is")
        if not is_known(self.epochs or self.updates):
            raise Refused(f"the length of the run, {self.epochs or self.updates}, is not a number")

    def _read_optimizer(self, fields: Fields) -> None:
        optimizer = fields.table("optimizer")
        self.lr = optimizer.number("lr", 1.0)
        if optimizer.given("lr") is not None:
            self.notes.append(rate_note(self.lr))
        if fields.given("momentum_config") is not None:
            self.notes.append("the momentum has a schedule too (`momentum_config`), not translated")
        every = fields.table("optimizer_config").given("cumulative_iters")
        if every is not None and every != 1:
            self.notes.append(
                f"a step is an iteration: the optimizer makes an update every {every} of them"
            )

    def _read_warm_up(self) -> None:
        p = self.policy
        self.warm_up = p.given("warmup")
        in_epochs = p.truth("warmup_by_epoch", default=False)
        count, self.ratio = p.whole("warmup_iters", 0), p.number("warmup_ratio", 0.1)
        self.warmup = Span(self.trial)
        if self.warm_up is None:
            return
        if self.warm_up not in {"constant", "linear", "exp"}:
            raise Refused(f"mmcv knows no `warmup` {self.warm_up}")
        if count <= 0 or not 0 < self.ratio <= 1:
            raise Refused("`warmup_iters` is not above 0, or `warmup_ratio` not in (0, 1]")
        self.warmup = span(self.trial, count, in_epochs=in_epochs)

    @property
    def run(self) -> Span:
        """The length of the run."""
        return Span(self.trial, epochs=self.epochs, updates=self.updates)

    def epoch_length(self) -> int:
        """The iterations of an epoch; 1 if none are counted."""
        return int(self.trial.steps_per_epoch()) if self.run.has_epochs() else 1

    def span(self, count: Number) -> Span:
        """So many of the steps that its policy counts in."""
        return span(self.trial, count, in_epochs=self.by_epoch)

    def stepped(self, text: str) -> str:
        """A text whose values change only at the beginning of an epoch, if the policy's do."""
        return f"every(1ep, {text})" if self.by_epoch else text


def _kind(policy: Fields) -> str:
    """The policy as mmcv looks for it: a name in small letters gets a capital."""
    if not len(policy):
        return "Fixed"
    name = policy.text("policy")
    return name.title() if name == name.lower() else name

"""mmengine: the ``param_scheduler`` of a config in Python, YAML or JSON.

Read and run in 0.10.7: ``runner/runner.py`` (which builds the schedulers),
``hooks/param_scheduler_hook.py`` (which steps them) and ``optim/scheduler/param_scheduler.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from lrdsl.importers.fields import Fields, Unknown
from lrdsl.importers.importer import EXACT, SINGLE, Column, Importer, Setting, Translation
from lrdsl.importers.mmengine_formula import plain_options, values
from lrdsl.importers.mmengine_parts import (
    BASE,
    ONE,
    PREVIOUS,
    Scheduler,
    climbs,
    part,
    step_count,
    whole_span,
)
from lrdsl.importers.phrases import rate_note
from lrdsl.importers.refusal import Refused
from lrdsl.importers.spans import Span
from lrdsl.importers.symbols import Number, Whole, is_known, plain
from lrdsl.wording import listed

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate
    from lrdsl.importers.trial import Trial

_SCHEDULERS, _LOOP, _OPTIMIZER, _SCALED = (
    "param_scheduler", "train_cfg", "optim_wrapper", "auto_scale_lr",
)  # fmt: skip
# How the names of schedulers end, by what they schedule.
_TARGETS = {"LR": "lr", "Momentum": "momentum"}


def _find(document: Document) -> Iterator[Setting]:
    for table in document.tables():
        if _SCHEDULERS not in table:
            continue
        names = (_SCHEDULERS, _LOOP, _OPTIMIZER, _SCALED)
        values = {name: table.plain()[name] for name in names if name in table}
        line = table.lines.get(_SCHEDULERS, 0)
        fields = Fields(values, table.trial, table.lines)
        yield Setting(_kind(values[_SCHEDULERS]), fields, line, document.version_of("mmengine"))


def _kind(value: object) -> str:
    items = value if isinstance(value, list) else [value]
    return " and ".join(_type(item) for item in items if isinstance(item, Fields)) or _SCHEDULERS


def _type(table: Fields) -> str:
    """The class that a table is for: its name, or in newer configs the class itself."""
    return str(table.plain().get("type", "")).rpartition(".")[2]


class _Config:
    """A setting with its run, its optimizer and its schedulers made out."""

    def __init__(self, setting: Setting) -> None:
        fields = setting.fields
        fields.refuse_code()
        self.trial: Trial = fields.trial
        self.notes: list[str] = []
        self.epochs: Number = Whole(0)
        self.updates: Whole = Whole(0)
        if fields.given(_LOOP) is not None:
            self._read_loop(fields.table(_LOOP))
        self._read_optimizer(fields)
        self.schedulers = [self._scheduler(table) for table in _tables(fields)]
        if not (self.epochs or self.updates):
            self._end_with_schedulers()

    def _read_loop(self, loop: Fields) -> None:
        kind = _type(loop)
        by_epoch = loop.truth("by_epoch", default=False) if not kind else "Epoch" in kind
        if kind not in {"", "EpochBasedTrainLoop", "IterBasedTrainLoop"}:
            raise Refused(f"mmengine has no train loop `{kind}`: how it steps is not known")
        if by_epoch:
            self.epochs = loop.whole("max_epochs")
        else:
            self.updates = loop.whole("max_iters")
        if not is_known(self.epochs or self.updates):
            raise Refused(f"the length of the run, {self.epochs or self.updates}, is not a number")

    def _read_optimizer(self, fields: Fields) -> None:
        wrapper = fields.table(_OPTIMIZER)
        self.optimizer = wrapper.table("optimizer")
        self.is_given = self.optimizer.given("lr") is not None
        self.lr = self.optimizer.number("lr", 1.0)
        if self.is_given:
            self.notes.append(rate_note(self.lr))
        every = wrapper.given("accumulative_counts")
        if every is not None and every != 1:
            self.notes.append(
                f"a step is an iteration: the optimizer makes an update every {every} of them"
            )
        scaled = fields.table(_SCALED)
        if scaled.truth("enable", default=False):
            self.notes.append(
                "`auto_scale_lr` multiplies the optimizer's rate by the batch size over"
                f" {scaled.given('base_batch_size')} before the run"
            )

    def _end_with_schedulers(self) -> None:
        """Without a train loop the run is as long as the schedulers."""
        if self.schedulers:
            last = max(self.schedulers, key=lambda s: int(s.end))
            self.epochs, self.updates = last.end.epochs, last.end.updates
            if self.epochs and self.updates:
                raise Refused(f"there is no `{_LOOP}`, which says how long the run is")
            self.notes.append(f"there is no `{_LOOP}`: the run ends with its last scheduler")

    def _scheduler(self, table: Fields) -> Scheduler:
        name = _type(table)
        target = next((t for ending, t in _TARGETS.items() if name.endswith(ending)), "")
        if not target:
            raise Refused(f"mmengine has no scheduler `{name}`")
        kind = name.removesuffix("LR").removesuffix("Momentum")
        by_epoch = table.truth("by_epoch", default=True)
        converted = table.truth("convert_to_iter_based", default=False)
        if converted and not by_epoch:
            raise Refused("`convert_to_iter_based` is for schedulers that are `by_epoch`")
        if by_epoch and not converted and self.updates:
            raise Refused(f"{name} is `by_epoch`, and an IterBasedTrainLoop has no epochs")
        begin = step_count(table.number("begin", 0), self.trial)
        end = step_count(self._end(table, by_epoch=by_epoch), self.trial)
        if end <= begin:
            raise Refused(f"the `end` of {name}, {end}, is not after its `begin`, {begin}")
        return Scheduler(
            kind, target, table, self.trial, by_epoch and not converted, converted, begin,
            end - begin if begin else end,
        )  # fmt: skip

    def _end(self, table: Fields, *, by_epoch: bool) -> Number:
        """Where a scheduler ends: if it does not say, with the run, as ``Runner`` has it."""
        if table.given("end") is not None:
            return table.number("end")
        if not (self.epochs or self.updates):
            raise Refused(f"neither `end` nor `{_LOOP}` says where {_type(table)} ends")
        if by_epoch:  # a loop over iterations counts as one epoch
            return self.epochs or Whole(1)
        if self.updates:
            return self.updates
        end: Number = self.epochs * self.trial.steps_per_epoch()
        return end

    @property
    def run(self) -> Span:
        """The length of the run."""
        return Span(self.trial, epochs=self.epochs, updates=self.updates)

    def epoch_length(self) -> int:
        """The iterations of an epoch, if anything depends on them; 1 otherwise."""
        counts = any(s.by_epoch or s.converted for s in self.schedulers)
        return int(self.trial.steps_per_epoch()) if counts or self.epochs else 1

    @property
    def momentum(self) -> Number:
        """The optimizer's own momentum; the first of its betas if it has them."""
        if self.optimizer.given("betas") is not None:
            return self.optimizer.numbers("betas")[0]
        return self.optimizer.number("momentum", 0.9 if "Adam" in _type(self.optimizer) else 0)

    def columns(self) -> list[Column]:
        """What is compared: the rate, and the momentum if that has schedulers."""
        columns = [Column("lr", float(self.lr))]
        if any(s.target == "momentum" for s in self.schedulers):
            columns.append(Column("momentum", float(self.momentum)))
        return columns


def _tables(fields: Fields) -> list[Fields]:
    value = fields.given(_SCHEDULERS)
    items = value if isinstance(value, list) else [] if value is None else [value]
    for item in items:
        if isinstance(item, Unknown) or not isinstance(item, Fields):
            raise Refused(f"`{_SCHEDULERS}` has `{item}`, whose value is not in the config")
        if "type" not in item:
            raise Refused(
                f"a scheduler without `type`, or schedulers of several optimizers: {item}"
            )
    return items


def _translate(setting: Setting) -> Translation:
    config = _Config(setting)
    columns = config.columns()
    texts = {c.target: _text(config, c.target) for c in columns}
    if len(texts) == 1:
        text = texts["lr"]
    else:
        text = "\n".join(f"{target}: {text}" for target, text in texts.items())
    turning = any(climbs(s) for s in config.schedulers)
    if turning:
        config.notes.append(
            "mmengine computes each value from the last, and loses digits where its cosine turns"
        )
    total = int(config.run)
    is_counted = config.run.has_epochs() or "ep" in text
    return Translation(
        text,
        total=Whole(total, None if not config.epochs else str(config.run)),
        epochs=config.epochs,
        steps_per_epoch=config.trial.steps_per_epoch() if is_counted else 0,
        columns=columns,
        notes=config.notes,
        # A step of mmengine's is computed from the last, and may round each time.
        tolerance=SINGLE if turning else max(EXACT, total * 2**-52),
    )


def _text(config: _Config, target: str) -> str:
    """The schedulers of a target: one after the other, or where they overlap a product."""
    found = [whole_span(s) for s in config.schedulers if s.target == target]
    found.sort(key=lambda s: int(s.start))
    if any(s.kind == "OneCycle" for s in found) and len(found) > 1:
        raise Refused(
            "OneCycleLR sets the rate itself: beside other schedulers it is not translated"
        )
    if all(int(s.end) <= int(then.start) for s, then in pairwise(found)):
        return _sequence(found, config.run, BASE)
    if others := [s for s in found if not s.is_factor()]:
        names = listed(str(s.fields.given("type")) for s in others)
        reason = f"schedulers overlap, and {names} among them does more than to multiply the value"
        columns = config.columns()
        curve = Translation("", total=Whole(int(config.run)), columns=columns)
        raise Refused(reason, curve=curve if len(columns) == 1 else None)
    return _product(found, config.run)


def _sequence(found: Sequence[Scheduler], run: Span, start: str) -> str:
    parts: list[str] = []
    at, held = run - run, start if start == ONE else ""
    for i, s in enumerate(found):
        parts += _held(at, s.start, held)
        own = PREVIOUS if i or (start == ONE and s.start) else start
        at = s.start + s.last
        is_cut = int(s.end) < int(run) or i + 1 < len(found)
        # What has an end of its own may leave some of the run, in which its value holds.
        text, held = part(s, own, is_cut=is_cut or _is_closed(s, run))
        parts += [text] * bool(text)
        if not is_cut and not _is_closed(s, run):
            return " >> ".join(parts) or "const"
    if int(at) < int(run):
        parts.append(f"const(value = {held})" if held else "const")
    return " >> ".join(parts) or "const"


def _is_closed(s: Scheduler, run: Span) -> bool:
    """True for what reaches its end at its last step, and holds it, if the run goes on so long."""
    return s.kind in {"Linear", "Poly", "Constant"} and int(s.start + s.last) < int(run)


def _held(at: Span, until: Span, value: str) -> list[str]:
    """The part that holds a value from one place to another, if there is time between them."""
    length = until - at
    if not length:
        return []
    return [f"const({length}, {value})" if value else f"const({length})"]


def _product(found: Sequence[Scheduler], run: Span) -> str:
    factors: list[str] = []
    carrier = ""
    for s in found:
        from_start = not s.start
        if from_start and not carrier and s.kind not in {"Linear", "Constant"}:
            carrier = _sequence([s], run, BASE)
            factors.append(carrier)
            continue
        factors.append(_sequence([s], run, ONE))
    together = " * ".join(f"({text})" if ">>" in text else text for text in factors)
    return together if carrier else f"base * {together}"


def _formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    config = _Config(setting)
    length = config.epoch_length()
    found = [s for s in config.schedulers if s.target == column.target]
    coming = values(found, column.base, length)
    known: list[float] = []

    def rate(t: int) -> float:
        while len(known) <= t:
            known.append(next(coming))
        return known[t]

    return rate


def _run(setting: Setting, translation: Translation, steps: int) -> list[Row]:  # pragma: no cover
    """Builds the schedulers as ``Runner`` does, and steps them as ``ParamSchedulerHook`` does."""
    import torch
    from mmengine import optim  # noqa: F401  # which registers the schedulers
    from mmengine.registry import PARAM_SCHEDULERS

    config = _Config(setting)
    length = config.epoch_length()
    optimizer = torch.optim.SGD(
        [torch.zeros(1)], lr=float(config.lr), momentum=float(config.momentum)
    )
    schedulers = []
    for s in config.schedulers:
        options = plain_options(s.fields)
        name = _type(s.fields)
        options |= {"by_epoch": s.by_epoch or s.converted, "end": plain(s.begin + s.size)}
        made: Any = PARAM_SCHEDULERS.module_dict[name]
        if s.converted:
            made = made.build_iter_from_epoch
            options["epoch_length"] = length
        schedulers.append(made(optimizer, **options))
    rows: list[Row] = []
    for t in range(1, steps + 1):
        group = optimizer.param_groups[0]
        rows.append([group[c.target] for c in translation.columns])
        optimizer.step()
        for s in schedulers:
            if not s.by_epoch or t % length == 0:
                s.step()
    return rows


IMPORTER = Importer(
    system="mmengine",
    versions=("0.10.7",),
    keys=(_SCHEDULERS,),
    find=_find,
    translate=_translate,
    formula=_formula,
    compared=("0.10.7",),
    run=_run,
)

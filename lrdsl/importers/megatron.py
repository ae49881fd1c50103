"""Megatron-LM: the arguments of its training, in a command or a config.

The formulas are those of ``megatron/core/optimizer_param_scheduler.py``, and of
``get_optimizer_param_scheduler`` and ``update_train_iters`` in ``megatron/training/training.py``.
All lengths are of samples there. With one size of batches that is the same as counting updates,
unless a warm-up is no whole number of them; otherwise the text counts samples too.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from itertools import count
from typing import TYPE_CHECKING

from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import Column, Importer, Setting, Translation
from lrdsl.importers.installed import definitions, optimizer, stepped
from lrdsl.importers.megatron_run import Run
from lrdsl.importers.phrases import rate_note
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Whole

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate

_STYLE, _INCREASE = "lr_decay_style", "weight_decay_incr_style"
# A table with a rate that has one of these is one of its arguments.
_KEYS = (
    _STYLE, "train_iters", "train_samples", "lr_warmup_iters", "lr_warmup_samples",
    "lr_warmup_fraction", "lr_decay_iters", "lr_decay_samples",
)  # fmt: skip
# Arguments of the run, and whatever looks as if it changed a rate: what of that is not known is
# refused.
_MEANT = re.compile(
    r"train_(iters|samples)|(global|rampup)_batch_size|step_batch_size_schedule"
    r"|(\w+_)?lr(_\w+)?|(start_|end_)?weight_decay(_incr_style)?"
)
# What they say of checkpoints has no part in a schedule.
_OF_CHECKPOINTS = {"override_lr_scheduler", "use_checkpoint_lr_scheduler", "no_load_lr_state"}
_EASES = {
    "linear": "straight",
    "cosine": "half_cosine",
    "exponential": "exponential_ease",
    "minus_sqrt": "one_minus_sqrt",
}


def _find(document: Document) -> Iterator[Setting]:
    for table in document.tables():
        fields = _arguments(table)
        if "lr" in fields and any(key in fields for key in _KEYS):
            kind = fields.plain().get(_STYLE, "linear")
            line = fields.line_of(_STYLE) if _STYLE in fields else fields.line_of("lr")
            yield Setting(str(kind), fields, line, document.version_of("megatron-core"))


def _arguments(table: Fields) -> Fields:
    """The arguments that a schedule depends on, under one name each, unread."""
    names = {key: str(key).removeprefix("--").replace("-", "_") for key in table.plain()}
    meant = {
        key: name
        for key, name in names.items()
        if _MEANT.fullmatch(name) and name not in _OF_CHECKPOINTS
    }
    values = {name: table.plain()[key] for key, name in meant.items()}
    lines = {name: table.line_of(key) for key, name in meant.items()}
    return Fields(values, table.trial, lines, table.name)


class _Schedule:
    """A setting with its numbers made out.

    Attributes:
        kind: its style.
        lr: the peak.
        low: the lowest rate.
        init: the rate that the warm-up starts from.
        run: the run, with the lengths in it.
        fields: the arguments.
    """

    def __init__(self, setting: Setting) -> None:
        self.kind = setting.kind
        self.fields = fields = setting.fields
        fields.given(_STYLE)
        self.lr = fields.number("lr")
        self.low = fields.number("min_lr", 0.0)
        self.init = fields.number("lr_warmup_init", 0.0)
        if max(self.low, self.init) > self.lr:
            raise Refused("Megatron raises for a lowest or a first rate above the peak")
        by_samples = setting.kind == "inverse-square-root"
        self.run = Run(fields, needs_samples_without_warmup=by_samples)

    @property
    def end(self) -> str:
        """The lowest rate, as the argument `end`."""
        return f"end = {self.low}" if self.low else ""


def _translate(setting: Setting) -> Translation:
    s = _Schedule(setting)
    say = _STYLES.get(setting.kind)
    if say is None:
        raise Refused(f"Megatron has no decay style `{setting.kind}`")
    text = say(s)
    columns = [Column("lr", float(s.lr))]
    if increase := _weight_decay(s):
        text = f"lr: {text}\n{increase}"
        columns.append(Column("weight_decay", float(s.fields.number("end_weight_decay"))))
    s.fields.close()
    run = s.run
    return Translation(
        "\n".join(filter(None, (run.statement, text))),
        total=Whole(0) if run.states_its_length else run.updates,
        updates=run.updates if run.states_its_length else 0,
        columns=columns,
        notes=[rate_note(s.lr), *run.notes],
    )


def _weight_decay(s: _Schedule) -> str:
    """The line of the weight decay; empty if it stays as it is."""
    fields = s.fields
    fields.given("weight_decay")
    style = fields.text(_INCREASE, "constant")
    if style == "constant":
        return ""
    if style not in {"linear", "cosine"}:
        raise Refused(f"Megatron has no increment style `{style}`")
    start, end = fields.number("start_weight_decay"), fields.number("end_weight_decay")
    length = "rest" if s.run.is_filled else s.run.text(s.run.increase)
    return f"weight_decay: {style}({length}, {start}, {end})"


def _up(s: _Schedule, then: str, *, to: str = "") -> str:
    """What follows the warm-up, with the warm-up if there is one."""
    if not s.run.warmup:
        return then
    start = f", start = {s.init}" if s.init else ""
    return f"warmup({s.run.warmup_text}{start}{to}) >> {then}"


def _call(name: str, *arguments: str) -> str:
    given = ", ".join(filter(None, arguments))
    return f"{name}({given})" if given else name


def _down(s: _Schedule, name: str) -> str:
    """A decay that ends with the run, after it, or before it: then the lowest rate is held."""
    run = s.run
    if run.fits:
        return _up(s, _call(name, s.end))
    down = _call(name, run.text(run.decay - run.warmup), s.end)
    return _up(s, f"{down} >> const" if run.is_left else down)


def _inverse_sqrt(s: _Schedule) -> str:
    run = s.run
    floor = (lambda down: f"max({down}, {s.low})") if s.low else (lambda down: down)
    if run.warmup:
        down = floor(f"inverse_sqrt({run.warmup_text})")
    else:
        down = floor("const(1sample) >> inverse_sqrt(1sample)")
    if run.is_left_by(1):
        # The last update of the decay still has its own rate, and the next one the lowest.
        cut = run.text(run.decay - run.warmup + 1)
        return _up(s, f"until({cut}, {down}) >> const(value = {s.low})", to=", end = base")
    return _up(s, down)


def _stable(s: _Schedule) -> str:
    run = s.run
    cooldown = run.cooldown()
    style = s.fields.text("lr_wsd_decay_style", "exponential")
    if style not in _EASES:
        raise Refused(f"Megatron has no WSD decay style `{style}`")
    ease = "" if style == "linear" else _EASES[style]
    length = run.text(cooldown)
    stable = run.decay - cooldown - run.warmup
    if run.fits and stable > 0:
        start = f"start = {s.init}" if s.init else ""
        down = f"decay_ease = {ease}" if ease else ""
        return _call("wsd", run.warmup_text, length, s.end, start, down)
    eased = f"ease = {ease}" if ease else ""
    if stable >= 0:
        held = f"const({run.text(stable)}) >> " if stable else ""
        down = held + _call("cooldown", length, s.end, eased)
    else:
        # The update at which the warm-up ends has the peak all the same.
        stays = Whole(1 if isinstance(run.warmup, Whole) else 0)
        inside = _call("cooldown", length, "start = base", s.end, eased)
        down = f"skip({run.text(stays - stable)}, {inside})"
        down = f"const({run.text(stays)}) >> {down}" if stays else down
    down = f"{down} >> const" if run.is_left else down
    return _up(s, down, to="" if stable >= 0 else ", end = base")


_STYLES: dict[str, Callable[[_Schedule], str]] = {
    "constant": lambda s: _up(s, "const"),
    "linear": lambda s: _down(s, "linear"),
    "cosine": lambda s: _down(s, "cosine"),
    "inverse-square-root": _inverse_sqrt,
    "WSD": _stable,
}


def _formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    """The methods ``get_lr`` and ``get_wd`` of megatron-core 0.16.1, written out."""
    s = _Schedule(setting)
    seen = s.run.samples()
    if column.target == "weight_decay":
        return _increasing(s, seen)
    warmup, decay = s.run.in_samples(s.run.warmup), s.run.in_samples(s.run.decay)
    lr, low, init = float(s.lr), float(s.low), float(s.init)
    cooldown = s.run.in_samples(s.run.cooldown()) if s.kind == "WSD" else 0.0
    way = s.fields.text("lr_wsd_decay_style", "exponential")

    def share(n: float) -> float:
        passed = (n - warmup) / (decay - warmup)
        if s.kind == "linear":
            return 1.0 - passed
        if s.kind == "cosine":
            return 0.5 * (math.cos(math.pi * passed) + 1.0)
        if n <= decay - cooldown:
            return 1.0
        gone = (n - decay + cooldown) / cooldown
        return {
            "linear": 1.0 - gone,
            "cosine": 0.5 * (math.cos(math.pi * gone) + 1.0),
            "exponential": 2.0 * math.pow(0.5, gone) - 1.0,
            "minus_sqrt": 1.0 - math.sqrt(gone),
        }[way]

    def rate(t: int) -> float:
        n = seen(t)
        if warmup > 0 and n <= warmup:
            return init + (lr - init) * n / warmup
        if s.kind == "constant":
            return lr
        if n > decay:
            return low
        if s.kind == "inverse-square-root":
            return max(low, lr * math.sqrt(max(warmup, 1)) / math.sqrt(max(n, 1)))
        return low + share(n) * (lr - low)

    return rate


def _increasing(s: _Schedule, seen: Callable[[int], int]) -> Rate:
    start, end = (float(s.fields.number(f"{k}_weight_decay")) for k in ("start", "end"))
    over = s.run.in_samples(s.run.increase)
    is_linear = s.fields.text(_INCREASE) == "linear"

    def value(t: int) -> float:
        share = seen(t) / over
        if share > 1:
            return end
        return start + (end - start) * (
            share if is_linear else 0.5 * (math.cos(math.pi * (1 - share)) + 1.0)
        )

    return value


def _run(setting: Setting, translation: Translation, steps: int) -> list[Row]:  # pragma: no cover
    """Steps the scheduler by the samples of each update, as ``train_step`` does.

    Its arguments are those of ``get_optimizer_param_scheduler``, which the package has not.
    """
    name = "OptimizerParamScheduler"
    given = {"log_single_rank": lambda *given, **options: None}
    file = "megatron/core/optimizer_param_scheduler.py"
    made = definitions("megatron-core", file, [name], given)[name]
    s = _Schedule(setting)
    own = float(s.fields.number("weight_decay", 0.01))
    owner = optimizer(float(s.lr), "AdamW")
    scheduler = made(
        owner,
        init_lr=float(s.init),
        max_lr=float(s.lr),
        min_lr=float(s.low),
        lr_warmup_steps=s.run.in_samples(s.run.warmup),
        lr_decay_steps=s.run.in_samples(s.run.decay),
        lr_decay_style=s.kind,
        start_wd=float(s.fields.number("start_weight_decay", own)),
        end_wd=float(s.fields.number("end_weight_decay", own)),
        wd_incr_steps=s.run.in_samples(s.run.increase),
        wd_incr_style=s.fields.text(_INCREASE, "constant"),
        wsd_decay_steps=s.run.in_samples(s.run.cooldown()) if s.kind == "WSD" else None,
        lr_wsd_decay_style=s.fields.text("lr_wsd_decay_style", "exponential"),
    )
    seen = s.run.samples()
    sizes = (seen(t + 1) - seen(t) for t in count())
    targets = [column.target for column in translation.columns]
    return stepped(owner, lambda: scheduler.step(increment=next(sizes)), steps, targets)


IMPORTER = Importer(
    system="megatron-core",
    versions=("0.16.1",),
    keys=("--lr beside --lr-decay-style or --train-iters", "lr_decay_style"),
    find=_find,
    translate=_translate,
    formula=_formula,
    compared=("0.16.1",),
    run=_run,
)

"""timm: arguments of its ``train.py``, ``create_scheduler_v2``, and the classes that they make.

Its lengths are in epochs, and so are its texts. By default it steps at the end of each epoch:
`every(1ep, …)`. Without ``warmup_prefix`` a schedule begins with the run, and is entered after
the warm-up: `skip(…)`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import Column, Importer, Setting, Translation
from lrdsl.importers.phrases import rate_note
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Whole, is_known, plain, written
from lrdsl.importers.timm_arguments import (
    ARGUMENTS,
    CLASSES,
    FACTORY,
    NEW,
    OLD,
    Curve,
    curve_of,
    cycle_length,
    factory_of,
)  # fmt: skip
from lrdsl.importers.timm_formula import rate_of
from lrdsl.importers.trial import TOTAL

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate

_SCHED, _FACTORY, _TARGET = "sched", "create_scheduler_v2", "_target_"
KEYS = (_SCHED, f"{_FACTORY}(…)", "CosineLRScheduler(…)")
_RATE = ("lr", "lr_base", "lr_base_size", "lr_base_scale", "batch_size", "grad_accum_steps", "opt")
# Which optimizers take the square root of the batch: those with one of these in their name.
_ROOTED = ("ada", "lamb")
# A shape that the library does not have.
_OWN = "kdecay_poly"
# By the name of a decay: the ease that lrdsl has for it.
_EASES = {"linear": "", "1-sqrt": "one_minus_sqrt", "cosine": "half_cosine"}


def _find(document: Document) -> Iterator[Setting]:
    version = document.version_of("timm")
    for table in document.tables():
        made = str(table.plain().get(_TARGET, ""))
        if isinstance(table.plain().get(_SCHED), str):
            yield _of_arguments(table, version)
        elif made.startswith("timm.") and (kind := made.rpartition(".")[2]) in CLASSES:
            table.ignore(_TARGET, "_partial_")
            yield Setting(kind, table, table.line_of(_TARGET), version)
    for call in document.calls:
        if not call.name.startswith("timm.") and "." in call.name:
            continue
        if call.function in CLASSES:
            fields = call.found("optimizer", *CLASSES[call.function])
            yield Setting(call.function, fields, call.line, version)
        elif call.function == _FACTORY:
            fields = call.found("optimizer", *FACTORY)
            yield Setting(str(fields.given(_SCHED) or "cosine"), fields, call.line, version)


def _of_arguments(table: Fields, version: str) -> Setting:
    """What a table of all arguments says of the rate; the rest has no part in it."""
    names = [n for n in (*ARGUMENTS, *_RATE, "layer_decay") if n in table]
    values = {name: table.plain()[name] for name in names}
    if isinstance(marks := values.get("decay_milestones"), str):  # as a command has them
        values["decay_milestones"] = marks.split()
    lines = {name: table.line_of(name) for name in names}
    fields = Fields({"arguments": True} | values, table.trial, lines, table.name)
    return Setting(str(values[_SCHED]), fields, table.line_of(_SCHED), version)


def _rate(fields: Fields) -> tuple[float, list[str]]:
    """The rate that ``train.py`` builds the optimizer with, and what that assumes."""
    if not fields.given("arguments"):
        return 1.0, []
    if fields.given("lr") and (lr := fields.number("lr")):
        return float(lr), [rate_note(lr)]
    size = fields.number("batch_size", 128) * fields.number("grad_accum_steps", 1)
    share = size / fields.number("lr_base_size", 256)
    scale = fields.text("lr_base_scale", "")
    name = fields.text("opt", "sgd").lower()
    if scale == "sqrt" or (not scale and any(part in name for part in _ROOTED)):
        share = share**0.5
    lr = fields.number("lr_base", 0.1) * share
    return float(lr), [
        f"the optimizer's learning rate is {lr}, which train.py computes from `lr_base` for one"
        " process: with more of them, it is larger"
    ]


def _translate(setting: Setting) -> Translation:
    curve = curve_of(setting)
    lr, notes = _rate(setting.fields)
    if setting.kind in CLASSES and curve.is_held:
        notes.append("it counts epochs, and is stepped at the end of each")
    text = _text(curve, lr)
    if curve.cooldown:
        text += f" >> const({curve.span(curve.cooldown)})"
    length = curve.epochs or _own_length(curve)
    return Translation(
        _defined(curve) + (f"every(1ep, {text})" if curve.is_held and text != "const" else text),
        total=Whole(math.ceil(float(curve.span(length))), TOTAL),
        epochs=float(curve.epochs) if is_known(curve.epochs) else 0,
        steps_per_epoch=curve.steps_per_epoch,
        columns=(Column("lr", lr),),
        notes=notes,
    )


def _own_length(curve: Curve) -> Number:
    """How long a schedule has to be compared that does not say how long the run is."""
    o = curve.options
    if "t_initial" in o:
        return cycle_length(o)
    marks = o["decay_t"] if isinstance(o["decay_t"], list) else [4 * o["decay_t"]]
    return written(max(marks, default=Whole(1)) + o["warmup_t"] + 2)


def _text(curve: Curve, lr: float) -> str:
    """The schedule in lrdsl, but for its steps of an epoch."""
    o, up = curve.options, curve.span(curve.options["warmup_t"])
    first = f", {o['warmup_lr_init']}" if o["warmup_lr_init"] else ""
    if curve.kind == "WSDLRScheduler":
        to = f"{first}, base" if first else ", end = base"
        is_flat = o["stable_fn"] == "constant"
        warmup = f"warmup({up}{first if is_flat else to}) >> "
        return _stable(curve, lr, warmup if o["warmup_t"] else "")
    body = _BODIES[curve.kind]
    is_flat = curve.kind == "StepLRScheduler" and o["decay_rate"] == 1
    if not o["warmup_t"]:
        # The rate of the first step is the optimizer's own: it is only set once it is stepped.
        if curve.kind == "TanhLRScheduler":
            one = curve.span(Whole(1)) if curve.is_held else Whole(1)
            return f"const({one}) >> skip({one}, {body(curve, 'base')})"
        return "const" if is_flat else body(curve, "")
    if is_flat:
        return f"warmup({up}{first}) >> const"
    is_tanh = curve.kind == "TanhLRScheduler"
    to = f"{first}, base" if first else ", end = base"
    if o["warmup_prefix"]:
        own = "base" if is_tanh else ""
        return f"warmup({up}{to if is_tanh else first}) >> {body(curve, own)}"
    # Without a prefix, only the warm-up of this one leads to where the schedule has come by then.
    return f"warmup({up}{first if is_tanh else to}) >> skip({up}, {body(curve, 'base')})"


def _cycles(curve: Curve, shape: str, start: str, more: str = "") -> str:
    """Cycles of a shape, of which each but the first may be longer and start lower."""
    o = curve.options
    times, mul, decay, low = o["cycle_limit"], o["cycle_mul"], o["cycle_decay"], o["lr_min"]
    if times < 1:
        raise Refused("a `cycle_limit` of 0 has another meaning in each version")
    length = curve.span(o["t_initial"])

    def one(start: str, end: str) -> str:
        if shape == _OWN:  # it has no defaults
            return f"{shape}({length}, {start or 'base'}, {end}{more})"
        by_name = "" if start else "end = "
        ends = [start] * bool(start) + [f"{by_name}{end}"] * (end != "0")
        return f"{shape}({', '.join([f'{length}', *ends])}{more})"

    if times == 1:
        return one(start, str(low))
    ratio = f", stretch = {mul}" if mul != 1 else ""
    if decay == 1 or low == 0:
        falling = f", decay = {decay}" if decay != 1 else ""
        return f"repeat({one('base', str(low))}, {times}{ratio}{falling})"
    return (
        f"(repeat({one('base', '0')}, {times}{ratio}, decay = {decay})"
        f" + repeat({shape}({length}, 0, {low}{more}), {times}{ratio}))"
    )


def _cosine(curve: Curve, start: str) -> str:
    o = curve.options
    if o["k_decay"] != 1:
        return _cycles(curve, "kdecay_cosine", start, f", k = {o['k_decay']}")
    if o["cycle_limit"] > 1:
        decay = f", decay = {o['cycle_decay']}" if o["cycle_decay"] != 1 else ""
        ends = [str(o["cycle_mul"]), "base", str(o["lr_min"])]
        while ends and ends[-1] == {3: "0", 2: "base", 1: "1"}[len(ends)]:
            ends.pop()
        first = ", ".join([str(curve.span(o["t_initial"])), *ends])
        return f"restarts({first}{decay}, times = {o['cycle_limit']})"
    return _cycles(curve, "cosine", start)


def _tanh(curve: Curve, start: str) -> str:
    low, high = curve.options["lb"], curve.options["ub"]
    more = (f", low = {low}" if low != -7 else "") + (f", high = {high}" if high != 3 else "")
    return _cycles(curve, "tanh_decay", start, more)


def _poly(curve: Curve, start: str) -> str:
    o = curve.options
    if o["k_decay"] != 1:
        return _cycles(curve, _OWN, start, f", power = {o['power']}, k = {o['k_decay']}")
    if o["power"] == 1:
        return _cycles(curve, "linear", start)
    return _cycles(curve, "poly", start, f", power = {o['power']}")


def _step(curve: Curve, start: str) -> str:
    o = curve.options
    if not float(o["decay_t"]).is_integer():
        # A step counts whole updates, and a cycle is rounded where it starts.
        cycle = f"const({curve.span(o['decay_t'])}, base)"
        return f"repeat({cycle}, decay = {o['decay_rate']})"
    own = f", start = {start}" if start else ""
    return f"step({curve.span(o['decay_t'])}, {o['decay_rate']}{own})"


def _multistep(curve: Curve, start: str) -> str:
    o = curve.options
    marks = o["decay_t"]
    if not marks or any(a >= b for a, b in pairwise(marks)):
        raise Refused("its milestones are not in order")
    if marks[0] <= 1:
        raise Refused("its milestone at 1 or before comes before the first step")
    # Each comes one step early, and is meant to.
    if curve.is_held or curve.unit is None:
        steps = [str(curve.span(mark - 1)) for mark in marks]
    else:
        steps = [f"{curve.span(mark)} - 1" for mark in marks]
    own = f", start = {start}" if start else ""
    return f"multistep([{', '.join(steps)}], {o['decay_rate']}{own})"


_BODIES = {
    "CosineLRScheduler": _cosine,
    "TanhLRScheduler": _tanh,
    "PolyLRScheduler": _poly,
    "StepLRScheduler": _step,
    "MultiStepLRScheduler": _multistep,
}


def _stable(curve: Curve, lr: float, warmup: str) -> str:
    o, low = curve.options, curve.options["lr_min"]
    length, down = o["t_initial"], o["decay_t"]
    if not 0 < down <= length:
        raise Refused(f"it decays for {down} of {length}")
    if low > lr:
        raise Refused(f"its lowest rate, {low}, is above the optimizer's, {lr}")
    stable = length - down
    ease = _ease(curve)
    own = f", ease = {ease}" if ease else ""
    hold = f"const({curve.span(stable)}{{}}) >> " if stable else ""
    if o["stable_fn"] == "constant":
        end = f", end = {low}" if low else ""
        fall = f"cooldown({curve.span(down)}{end}{own})"
        return f"{warmup}{hold.format('')}{fall}"
    scale = o["stable_timescale"] or o["warmup_t"]
    if not scale:
        raise Refused("without a warm-up it needs a `stable_timescale`")
    over = f"length = {curve.span(length)}, start = base)"
    if o["stable_fn"] == "rsqrt":
        slope = f"inverse_sqrt({curve.span(scale)}, {over}"
    elif o["stable_fn"] == "power":
        slope = f"power_law({curve.span(scale)}, -{o['stable_power']}, {over}"
    else:
        raise Refused(f"timm has no `{o['stable_fn']}`")
    fall = f"({hold.format(', 1')}cooldown({curve.span(down)}, 1{own}))"
    if low:
        return f"{warmup}({low} + max({slope} - {low}, 0) * {fall})"
    return f"{warmup}{slope} * {fall}"


def _ease(curve: Curve) -> str:
    name = curve.options["decay_fn"]
    if name in _EASES:
        return _EASES[name]
    if name in {"power", "exp"}:
        return "fall"
    raise Refused(f"timm has no `{name}`")


def _defined(curve: Curve) -> str:
    """What a text has to define, as the library does not have it."""
    o = curve.options
    if curve.kind == "PolyLRScheduler" and o["k_decay"] != 1:
        return (
            "shape kdecay_poly(length: steps, start, end, *, power, k) =\n"
            "  blend(end, start, (1 - u ^ k) ^ power)\n"
        )
    if curve.kind == "WSDLRScheduler" and o["decay_fn"] == "power":
        return f"def fall(u) = 1 - (1 - u) ^ {o['decay_power']}\n"
    if curve.kind == "WSDLRScheduler" and o["decay_fn"] == "exp":
        r = o["decay_ratio"]
        return f"def fall(u) = ({r} ^ (1 - u) - {r}) / (1 - {r})\n"
    return ""


def _formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    curve = curve_of(setting)
    return rate_of(curve, column.base)


def _run(setting: Setting, translation: Translation, steps: int) -> list[Row]:  # pragma: no cover
    """Steps the schedule as ``train.py`` does."""
    import torch
    from timm import scheduler as schedulers

    curve = curve_of(setting)
    group = {"params": [torch.zeros(1)], "lr": translation.columns[0].base}
    optimizer = torch.optim.SGD([group], lr=translation.columns[0].base)
    epoch = int(curve.unit or 0)
    if setting.kind in CLASSES:
        names = setting.fields.plain().keys() & CLASSES[setting.kind].keys()
        options = {name: _given(curve.options[name]) for name in names}
        scheduler = getattr(schedulers, setting.kind)(optimizer, **options)
    else:
        fields = factory_of(setting)
        options = {n: _given(fields.plain()[n]) for n in FACTORY if n in fields}
        options["updates_per_epoch"] = epoch
        scheduler, _ = schedulers.create_scheduler_v2(optimizer, **options)
    rows: list[Row] = []
    for update in range(steps):
        rows.append([group["lr"] for group in optimizer.param_groups])
        optimizer.step()
        if scheduler is None:
            continue
        scheduler.step_update(update + 1)
        if epoch and (update + 1) % epoch == 0:
            scheduler.step((update + 1) // epoch)
    return rows


def _given(value: object) -> object:  # pragma: no cover
    """A setting as timm takes it; a text that is a number is one."""
    if isinstance(value, list | tuple):
        return [_given(item) for item in value]
    if isinstance(value, str):
        for kind in (int, float):
            try:
                return kind(value)
            except ValueError:
                continue
    return plain(value)


IMPORTER = Importer(
    system="timm",
    versions=(OLD, "0.8", NEW),
    keys=KEYS,
    find=_find,
    translate=_translate,
    formula=_formula,
    compared=(NEW,),
    run=_run,
)

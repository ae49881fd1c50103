"""mmcv 1.x: the ``lr_config`` of a config in Python, YAML or JSON.

Read in 1.7.2: ``runner/hooks/lr_updater.py`` (the policies and the warm-up), and
``runner/epoch_based_runner.py`` and ``runner/iter_based_runner.py`` (when they are asked).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lrdsl.importers.fields import Fields, Unknown
from lrdsl.importers.importer import Column, Importer, Setting, Translation
from lrdsl.importers.mmcv_formula import regular_rate, warm_up_factor
from lrdsl.importers.phrases import rate_note
from lrdsl.importers.refusal import Refused
from lrdsl.importers.spans import Span, listed_spans, span
from lrdsl.importers.symbols import Number, Whole, is_known, rounded

if TYPE_CHECKING:
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate
    from lrdsl.importers.trial import Trial

_POLICY = "lr_config"
_BESIDE = ("runner", "total_epochs", "total_iters", "optimizer", "momentum_config",
           "optimizer_config")  # fmt: skip
_WARM_UP = ("warmup", "warmup_iters", "warmup_ratio", "warmup_by_epoch")


def _find(document: Document) -> Iterator[Setting]:
    for table in document.tables():
        if _POLICY in table:
            plain = table.plain()
            values = {name: plain[name] for name in (_POLICY, *_BESIDE) if name in table}
            line = table.lines.get(_POLICY, 0)
            fields = Fields(values, table.trial, table.lines)
            policy = plain[_POLICY]
            kind = policy.plain().get("policy", _POLICY) if isinstance(policy, Fields) else _POLICY
            yield Setting(str(kind), fields, line, document.version_of("mmcv"))


class _Config:
    """A setting with its run, its optimizer, its policy and its warm-up made out."""

    def __init__(self, setting: Setting) -> None:
        fields = setting.fields
        for name, value in fields.plain().items():
            if isinstance(value, Unknown):
                raise Refused(f"`{name}` is made or changed by code, which is not run")
        self.trial: Trial = fields.trial
        self.notes: list[str] = []
        self.policy = fields.table(_POLICY)
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


def _translate(setting: Setting) -> Translation:
    config = _Config(setting)
    say = _TEXTS.get(config.kind)
    if say is None:
        raise Refused(f"mmcv has no policy `{config.policy.given('policy')}`")
    text = _warmed(config, say(config))
    config.policy.close()
    total = int(config.run)
    is_counted = config.run.has_epochs() or "ep" in text
    return Translation(
        text,
        total=Whole(total, str(config.run) if config.epochs else None),
        epochs=config.epochs,
        steps_per_epoch=config.trial.steps_per_epoch() if is_counted else 0,
        columns=(Column("lr", float(config.lr)),),
        notes=config.notes,
    )


def _warmed(c: _Config, text: str) -> str:
    """A policy below its warm-up, which is a factor of whatever the policy has."""
    if c.warm_up is None:
        return text
    is_alone = text == "const"
    low, high = (f"base * {c.ratio}", "base") if is_alone else (f"{c.ratio}", "1")
    hold = " >> const" if int(c.warmup) < int(c.run) else ""
    if c.warm_up == "constant":
        up = f"const({c.warmup}, {low})"
        hold = hold and f"{hold}(value = {high})"
    elif c.warm_up == "exp":
        up = f"geometric({c.warmup}, {low}, {high})"
    else:
        up = (
            f"warmup({c.warmup}, {low})"
            if is_alone and hold
            else f"linear({c.warmup}, {low}, {high})"
        )
        if not is_alone:
            up = f"warmup({c.warmup}, {low}, {high})"
    if is_alone:
        return f"{up}{hold}"
    definitions, _, program = text.rpartition("\n")
    factor = f"({up}{hold})" if hold else up
    regular = f"({program})" if ">>" in program and not program.startswith("every(") else program
    return f"{definitions}\n{factor} * {regular}".lstrip()


def _low(c: _Config) -> str:
    """The value that a policy ends at: either `min_lr` or `min_lr_ratio` of the optimizer's."""
    if (c.policy.given("min_lr") is None) == (c.policy.given("min_lr_ratio") is None):
        raise Refused("it needs either `min_lr` or `min_lr_ratio`")
    if c.policy.given("min_lr") is not None:
        return f"{c.policy.number('min_lr')}"
    share = c.policy.number("min_lr_ratio")
    return f"base * {share}" if share else "0"


def _end(low: str) -> str:
    return "" if low == "0" else f"end = {low}"


def _called(shape: str, *arguments: str) -> str:
    given = [argument for argument in arguments if argument]
    return f"{shape}({', '.join(given)})" if given else shape


def _step(c: _Config) -> str:
    gamma, steps = c.policy.number("gamma", 0.1), c.policy.given("step")
    rest = "" if gamma == 0.1 else f"{gamma}"
    if isinstance(steps, list):
        found = c.policy.numbers("step")
        if sorted(found) != found or any(number <= 0 for number in found):
            raise Refused("the numbers of `step` are not in ascending order, or not above 0")
        text = _called("multistep", listed_spans(map(c.span, found)), rest)
    else:
        text = _called("step", f"{c.span(c.policy.whole('step'))}", rest)
    if c.policy.given("min_lr") is not None:
        return f"max({text}, {c.policy.number('min_lr')})"
    return text


def _exponential(c: _Config) -> str:
    gamma = c.policy.number("gamma")
    return f"step(1ep, {gamma})" if c.by_epoch else f"exponential({gamma})"


def _poly(c: _Config) -> str:
    power, low = c.policy.number("power", 1.0), c.policy.number("min_lr", 0.0)
    end = f"end = {low}" if low else ""
    if power == 1:
        return c.stepped(_called("linear", end))
    return c.stepped(_called("poly", end, f"power = {power}"))


def _inverse(c: _Config) -> str:
    gamma, power = c.policy.number("gamma"), c.policy.number("power", 1.0)
    every = "every = 1ep" if c.by_epoch else ""
    if power == 1:
        return c.stepped(_called("inverse_time", f"{gamma}", every))
    shape = (
        "shape inverse_power(\n"
        "  rate, power, *, every: steps = 1, length: steps = rest, start = prev\n"
        ") = start * (1 + rate * t / every) ^ (-power)\n"
    )
    return shape + c.stepped(_called("inverse_power", f"{gamma}", f"{power}", every))


def _flat_cosine(c: _Config) -> str:
    low, share = _low(c), c.policy.number("start_percent", 0.75)
    if not 0 <= share <= 1:
        raise Refused(f"`start_percent` is {share}, and has to be between 0 and 1")
    whole = c.epochs if c.by_epoch else c.updates
    if not c.by_epoch and c.epochs:
        length = c.trial.steps_per_epoch()
        if not is_known(length):
            raise Refused(
                "the cosine begins at a share of the run, rounded to whole updates: pass"
                " --steps-per-epoch"
            )
        whole = c.epochs * length
    start = rounded(whole * share)
    fall = c.stepped(_called("cosine", _end(low)))
    if not start:
        return fall
    return "const" if start == whole else f"const({c.span(start)}) >> {fall}"


def _cosine_restart(c: _Config) -> str:
    periods, weights = c.policy.numbers("periods"), c.policy.numbers("restart_weights", [1])
    low = _low(c)
    if len(periods) != len(weights):
        raise Refused("`periods` and `restart_weights` are not equally many")
    if sum(int(c.span(period)) for period in periods) < int(c.run):
        raise Refused("mmcv raises at the end of `periods`, which is before that of the run")
    if len(set(periods)) == 1 and set(weights) == {1}:
        return c.stepped(_called("restarts", f"{c.span(periods[0])}", _end(low)))
    parts = []
    for period, weight in zip(periods, weights, strict=True):
        start = "base" if weight == 1 else f"base * {weight}"
        if weight != 1 and low != "0":
            start += f" + {low} * {1 - weight}"
        parts.append(f"cosine({c.span(period)}, {start}, {low})")
    return c.stepped(" >> ".join(parts))


def _cyclic(c: _Config) -> str:
    high, low = _ratios(c.policy)
    times, share = c.policy.whole("cyclic_times", 1), c.policy.number("step_ratio_up", 0.4)
    gamma, shape = c.policy.number("gamma", 1), _anneal(c.policy)
    up, whole = _cycle(c, times, share)
    down = whole - up

    def cycle(scale: float) -> str:
        peak = f"base * {1 - scale + high * scale if scale != 1 else high}"
        rise = f"{shape}({up}, base, {peak})"
        fall = f"{shape}({down}, {peak}, base * {low})"
        return f"{rise} >> {fall}" if up else fall

    if gamma == 1:
        return cycle(1) if times == 1 else f"repeat({cycle(1)})"
    if not up:
        raise Refused("a `gamma` other than 1 without a way up is not translated")
    count = math.ceil(int(c.run) / int(whole))
    return " >> ".join(cycle(float(gamma**k)) for k in range(count))


def _ratios(policy: Fields) -> tuple[Number, Number]:
    """The highest and the lowest rate of a cycle, as shares of the optimizer's."""
    if policy.given("target_ratio") is not None and not isinstance(
        policy.given("target_ratio"), list
    ):
        high = policy.number("target_ratio")
        return high, high / 1e5
    ratios = policy.numbers("target_ratio", [10, 1e-4])
    if len(ratios) not in {1, 2}:
        raise Refused("`target_ratio` has more than two numbers")
    return ratios[0], ratios[1] if len(ratios) == 2 else ratios[0] / 1e5


def _anneal(policy: Fields) -> str:
    pace = policy.text("anneal_strategy", "cos")
    if pace not in {"cos", "linear"}:
        raise Refused(f"mmcv knows no `anneal_strategy` {pace}")
    return "cosine" if pace == "cos" else "linear"


def _cycle(c: _Config, times: Whole, share: Number) -> tuple[Span, Span]:
    """The way up of a cycle and all of it: mmcv cuts both to whole updates."""
    steps = int(c.run) // times
    up = int(float(share) * steps)
    if c.updates or is_known(c.trial.steps_per_epoch()):
        return Span(c.trial, updates=up), Span(c.trial, updates=steps)
    epochs = float(c.epochs) / times
    rise = round(float(share) * epochs, 9)
    if not (epochs.is_integer() and rise.is_integer() and is_known(c.epochs)):
        raise Refused("a cycle and its way up are cut to whole updates: pass --steps-per-epoch")
    return Span(c.trial, epochs=Whole(int(rise))), Span(c.trial, epochs=Whole(int(epochs)))


def _one_cycle(c: _Config) -> str:
    p = c.policy
    if isinstance(p.given("max_lr"), list | Fields):
        raise Refused("a `max_lr` for each group is not translated")
    arguments = [f"peak = {p.number('max_lr')}"]
    if p.given("total_steps") is not None:
        total = p.whole("total_steps")
        if total < int(c.run):
            raise Refused("mmcv raises: `total_steps` is less than the run has")
        arguments = [f"{total}", f"{p.number('max_lr')}"]
    for key, name, default in (
        ("pct_start", "pct_start", 0.3), ("div_factor", "div", 25),
        ("final_div_factor", "final_div", 1e4),
    ):  # fmt: skip
        if (value := p.number(key, default)) != default:
            arguments.append(f"{name} = {value}")
    arguments += ["anneal = straight"] * (_anneal(p) == "linear")
    arguments += ["three_phase = true"] * p.truth("three_phase", default=False)
    return f"onecycle({', '.join(arguments)})"


_TEXTS: dict[str, Callable[[_Config], str]] = {
    "Fixed": lambda c: "const",
    "Step": _step,
    "Exp": _exponential,
    "Poly": _poly,
    "Inv": _inverse,
    "CosineAnnealing": lambda c: c.stepped(_called("cosine", _end(_low(c)))),
    "LinearAnnealing": lambda c: c.stepped(_called("linear", _end(_low(c)))),
    "FlatCosineAnnealing": _flat_cosine,
    "CosineRestart": _cosine_restart,
    "Cyclic": _cyclic,
    "OneCycle": _one_cycle,
}


def _formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    config = _Config(setting)
    length = int(config.trial.steps_per_epoch()) if config.run.has_epochs() else 1
    total = int(config.run)
    ends = int(config.epochs) if config.by_epoch else total
    regular = regular_rate(config.kind, config.policy, column.base, ends)
    warmup = int(config.warmup)

    def rate(t: int) -> float:
        t = min(t, total - 1)  # a runner stops there, and some policies raise
        value = regular(t // length if config.by_epoch else t)
        if config.warm_up is None or t >= warmup:
            return value
        return value * warm_up_factor(str(config.warm_up), t / warmup, float(config.ratio))

    return rate


IMPORTER = Importer(
    system="mmcv",
    versions=("1.4.4", "1.7.2"),
    keys=(_POLICY,),
    find=_find,
    translate=_translate,
    formula=_formula,
    compared=("1.7.2",),
)

"""mmcv 1.x: the ``lr_config`` of a config in Python, YAML or JSON.

Read in 1.7.2: ``runner/hooks/lr_updater.py`` (the policies and the warm-up), and
``runner/epoch_based_runner.py`` and ``runner/iter_based_runner.py`` (when they are asked).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import Column, Importer, Setting, Translation
from lrdsl.importers.mmcv_config import POLICY, Config
from lrdsl.importers.mmcv_formula import regular_rate, warm_up_factor
from lrdsl.importers.mmcv_run import called
from lrdsl.importers.refusal import Refused
from lrdsl.importers.spans import Span, listed_spans
from lrdsl.importers.symbols import Number, Whole, is_known, rounded

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate

_BESIDE = ("runner", "total_epochs", "total_iters", "optimizer", "momentum_config",
           "optimizer_config")  # fmt: skip
_WARM_UP = ("warmup", "warmup_iters", "warmup_ratio", "warmup_by_epoch")


def _find(document: Document) -> Iterator[Setting]:
    for table in document.tables():
        if POLICY in table:
            plain = table.plain()
            values = {name: plain[name] for name in (POLICY, *_BESIDE) if name in table}
            line = table.lines.get(POLICY, 0)
            fields = Fields(values, table.trial, table.lines)
            policy = plain[POLICY]
            kind = policy.plain().get("policy", POLICY) if isinstance(policy, Fields) else POLICY
            yield Setting(str(kind), fields, line, document.version_of("mmcv"))


def _translate(setting: Setting) -> Translation:
    config = Config(setting)
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


def _warmed(c: Config, text: str) -> str:
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


def _low(c: Config) -> str:
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


def _step(c: Config) -> str:
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


def _exponential(c: Config) -> str:
    gamma = c.policy.number("gamma")
    return f"step(1ep, {gamma})" if c.by_epoch else f"exponential({gamma})"


def _poly(c: Config) -> str:
    power, low = c.policy.number("power", 1.0), c.policy.number("min_lr", 0.0)
    end = f"end = {low}" if low else ""
    if power == 1:
        return c.stepped(_called("linear", end))
    return c.stepped(_called("poly", end, f"power = {power}"))


def _inverse(c: Config) -> str:
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


def _flat_cosine(c: Config) -> str:
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


def _cosine_restart(c: Config) -> str:
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


def _cyclic(c: Config) -> str:
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


def _cycle(c: Config, times: Whole, share: Number) -> tuple[Span, Span]:
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


def _one_cycle(c: Config) -> str:
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


_TEXTS: dict[str, Callable[[Config], str]] = {
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
    config = Config(setting)
    length, total = config.epoch_length(), int(config.run)
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


def _run(setting: Setting, translation: Translation, steps: int) -> list[Row]:  # pragma: no cover
    config = Config(setting)
    run = (config.epoch_length(), int(config.epochs), int(config.run))
    return called(config.kind, config.policy, translation.columns[0].base, run, steps)


IMPORTER = Importer(
    system="mmcv",
    versions=("1.4.4", "1.7.2"),
    keys=(POLICY,),
    find=_find,
    translate=_translate,
    formula=_formula,
    compared=("1.7.2",),
    run=_run,
)

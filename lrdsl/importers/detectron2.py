"""detectron2: the ``SOLVER`` of a config in YAML, with the configs that its ``_BASE_`` names.

Read in 0.6 and its main branch of 2026 (02b5c4e2): ``config/defaults.py``, ``solver/build.py`` and
``solver/lr_scheduler.py``; the schedules themselves are fvcore's (0.1.5,
``common/param_scheduler.py``).
"""

from __future__ import annotations

import ast
import math
from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import Column, Importer, Setting, Translation
from lrdsl.importers.installed import definitions
from lrdsl.importers.phrases import rate_note
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Number, Real

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate

_SOLVER, _NAME = "SOLVER", "LR_SCHEDULER_NAME"
_MULTI_STEP, _COSINE, _FIXED_GAMMA = (
    "WarmupMultiStepLR", "WarmupCosineLR", "WarmupStepWithFixedGammaLR",
)  # fmt: skip
# What has no part in the schedule, or multiplies the optimizer's own rate of a group.
_WITHOUT_PART = (
    "AMP", "BACKBONE_MULTIPLIER", "BIAS_LR_FACTOR", "CHECKPOINT_PERIOD", "CLIP_GRADIENTS",
    "IMS_PER_BATCH", "MOMENTUM", "NESTEROV", "OPTIMIZER", "WEIGHT_DECAY", "WEIGHT_DECAY_BIAS",
    "WEIGHT_DECAY_NORM",
)  # fmt: skip
# The schedules that it builds.
_OF_FVCORE = (
    "MultiStepParamScheduler", "CosineParamScheduler", "StepWithFixedGammaParamScheduler",
    "ConstantParamScheduler", "LinearParamScheduler", "CompositeParamScheduler",
)  # fmt: skip
# fvcore's WHERE_EPSILON: a share of the run by which it is ahead of a boundary.
_AHEAD = 1e-6


def _find(document: Document) -> Iterator[Setting]:
    for table in document.tables():
        solver = table.plain().get(_SOLVER)
        if isinstance(solver, Fields):
            kind = str(solver.plain().get(_NAME, _MULTI_STEP))
            line = table.lines.get(_SOLVER, 0)
            yield Setting(kind, solver, line, document.version_of("detectron2"))


class _Solver:
    """A setting with detectron2's defaults for what it does not say."""

    def __init__(self, setting: Setting) -> None:
        f = self.fields = setting.fields
        self.kind = setting.kind
        self.lr, self.end = f.number("BASE_LR", 0.001), f.number("BASE_LR_END", 0.0)
        self.total = f.whole("MAX_ITER", 40_000)
        self.gamma, self.decays = f.number("GAMMA", 0.1), f.whole("NUM_DECAYS", 3)
        self.factor = f.number("WARMUP_FACTOR", 0.001)
        # WarmupParamScheduler has it as a share of the run, which is at most all of it.
        self.warmup = min(f.whole("WARMUP_ITERS", 1_000), self.total)
        self.is_constant = f.text("WARMUP_METHOD", "linear") == "constant"
        self.is_rescaled = f.truth("RESCALE_INTERVAL", default=False)
        self.notes = [rate_note(self.lr)]
        self.steps = self._steps()
        self._check()

    def _steps(self) -> list[Number]:
        """The milestones, which YAML reads as a text: ``(210000, 250000)``."""
        value = self.fields.given("STEPS")
        if isinstance(value, str):
            try:
                value = ast.literal_eval(value)
            except (ValueError, SyntaxError):
                raise Refused(f"`SOLVER.STEPS` is `{value}`, which is no list") from None
            value = list(value) if isinstance(value, tuple) else value
        given = Fields({"STEPS": value}, self.fields.trial, name=_SOLVER)
        return given.numbers("STEPS", [30_000])

    def _check(self) -> None:
        if self.kind not in {_MULTI_STEP, _COSINE, _FIXED_GAMMA}:
            raise Refused(f"detectron2 has no scheduler `{self.kind}`")
        method = self.fields.given("WARMUP_METHOD")
        if method not in {None, "constant", "linear"}:
            raise Refused(f"detectron2 knows no `WARMUP_METHOD` {method}")
        if workers := self.fields.whole("REFERENCE_WORLD_SIZE", 0):
            self.notes.append(
                f"with another number of workers than {workers}, `REFERENCE_WORLD_SIZE`, detectron2"
                " scales the rate and the lengths"
            )
        if self.kind == _COSINE and not 0 <= self.end <= self.lr:
            raise Refused("detectron2 raises: `BASE_LR_END` is not between 0 and `BASE_LR`")
        if self.kind != _MULTI_STEP:
            return
        if any(step > self.total for step in self.steps):
            self.notes.append("`STEPS` beyond `MAX_ITER` have no effect")
        self.steps = [step for step in self.steps if step <= self.total]
        ends = [0, *self.steps, self.total]
        if any(step >= after for step, after in pairwise(ends)):
            raise Refused("detectron2 raises: `STEPS` do not ascend from 1 to below `MAX_ITER`")


def _translate(setting: Setting) -> Translation:
    s = _Solver(setting)
    s.fields.ignore(_NAME, *_WITHOUT_PART)
    s.fields.close()
    return Translation(
        _text(s),
        total=s.total,
        columns=(Column("lr", float(s.lr)),),
        notes=s.notes,
    )


def _text(s: _Solver) -> str:
    """The schedule of the whole run, entered after the warm-up, or squeezed into what follows."""
    warmup = _switch(s)
    if not warmup:
        return _after(s, 0, "")
    start = ", start = base" if s.is_constant else ""
    if warmup >= s.total:
        rest = ""
    elif s.is_rescaled:
        rest = _after(s, warmup, start)
    elif s.kind != _COSINE and max(_milestones(s, 0), default=0) <= warmup:
        rest = _after(s, 0, start)
    else:
        rest = f"skip({warmup}, {_after(s, 0, ', start = base')})"
    if s.is_constant:
        up = f"const({warmup}, {_risen(s)})"
    elif rest and warmup == s.warmup:
        up = f"warmup({warmup}, {_risen(s)})"
    else:
        # It reaches its end with the run, or is left before its end.
        aim = 1.0 if s.is_rescaled else _multiplier(s)(s.warmup / s.total)
        up = f"linear({s.warmup}, {_risen(s)}, {'base' if aim == 1 else f'base * {Real(aim)}'})"
        up = up if warmup == s.warmup else f"until({warmup}, {up})"
    return f"{up} >> {rest}" if rest else up


def _risen(s: _Solver) -> str:
    return "base" if s.factor == 1 else f"base * {s.factor}"


def _after(s: _Solver, warmup: int, start: str) -> str:
    """The schedule without its warm-up, from a place of the run to its end."""
    if s.kind == _COSINE:
        arguments = [start.removeprefix(", ")] * bool(start)
        arguments += [f"end = base * {s.end} / {s.lr}"] * bool(s.end)
        return f"cosine({', '.join(arguments)})" if arguments else "cosine"
    found = [at - warmup for at in _milestones(s, warmup)]
    if not found:
        return "const(value = base)" if start else "const"
    if not s.is_rescaled and (passed := [at for at in found if at <= _switch(s)]):
        start, found = f", start = base * {s.gamma ** len(passed)}", found[len(passed) :]
        if not found:
            return f"const(value = {start.removeprefix(', start = ')})"
    gamma = "" if s.gamma == 0.1 else f", {s.gamma}"
    return f"multistep({found}{gamma}{start})"


def _milestones(s: _Solver, warmup: int) -> list[int]:
    """The updates at which the rate falls, found by fvcore's own comparisons."""
    decays = len(s.steps) if s.kind == _MULTI_STEP else int(s.decays)
    fallen = _falls(s)
    begin, length = (s.warmup / s.total, 1 - s.warmup / s.total) if warmup else (0.0, 1.0)
    found = []
    for k in range(1, decays + 1):
        share = s.steps[k - 1] / s.total if s.kind == _MULTI_STEP else k / (decays + 1)
        at = max(0, math.floor((begin + (share - 2 * _AHEAD) * length) * s.total) - 1)
        while at < s.total and fallen((at / s.total - begin) / length) < k:
            at += 1
        if at < s.total:
            found.append(at)
    return found


# What follows is fvcore's: a multiplier for a share of the run.
_Multiplier = Callable[[float], float]


def _falls(s: _Solver) -> Callable[[float], int]:
    """How often the rate has fallen: MultiStepParamScheduler and StepParamScheduler."""
    if s.kind == _MULTI_STEP:
        return lambda where: bisect_right(s.steps, int((where + _AHEAD) * int(s.total)))
    return lambda where: int((where + _AHEAD) * (int(s.decays) + 1))


def _multiplier(s: _Solver) -> _Multiplier:
    """The schedule without its warm-up."""
    if s.kind == _COSINE:
        end = float(s.end) / float(s.lr)
        return lambda where: end + 0.5 * (1 - end) * (1 + math.cos(math.pi * where))
    falls, gamma = _falls(s), float(s.gamma)
    return lambda where: gamma ** falls(where)


def _switch(s: _Solver) -> int:
    """The first update that is no part of the warm-up, by CompositeParamScheduler's comparison."""
    total, share = int(s.total), int(s.warmup) / int(s.total)
    at = max(0, math.floor((share - 2 * _AHEAD) * total) - 1)
    while at < total and at / total + _AHEAD <= share:
        at += 1
    return at


def _formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    """WarmupParamScheduler, and LRMultiplier around it."""
    s = _Solver(setting)
    rest, share = _multiplier(s), int(s.warmup) / int(s.total)
    base, start = float(column.base), float(s.factor) * rest(0.0)
    end = rest(0.0) if s.is_rescaled else rest(share)

    def rate(t: int) -> float:
        where = min(t, int(s.total) - 1) / int(s.total)  # after the run it raises
        if where + _AHEAD > share:
            after = (where - share) / (1 - share) if s.is_rescaled and share < 1 else where
            return base * rest(after)
        if s.is_constant:
            return base * start
        passed = where / share
        return base * (end * passed + start * (1 - passed))

    return rate


def _run(setting: Setting, translation: Translation, steps: int) -> list[Row]:  # pragma: no cover
    """``build_lr_scheduler``, with the schedules of fvcore; its own package is in no index."""
    found = definitions("fvcore", "fvcore/common/param_scheduler.py", _OF_FVCORE)
    fvcore = SimpleNamespace(**{name: found[name] for name in _OF_FVCORE})
    s = _Solver(setting)
    total, gamma = int(s.total), float(s.gamma)
    if s.kind == _MULTI_STEP:
        values = [gamma**k for k in range(len(s.steps) + 1)]
        rest: Any = fvcore.MultiStepParamScheduler(values, total, [int(step) for step in s.steps])
    elif s.kind == _COSINE:
        rest = fvcore.CosineParamScheduler(1, float(s.end) / float(s.lr))
    else:
        rest = fvcore.StepWithFixedGammaParamScheduler(1.0, int(s.decays), gamma, total)
    share = int(s.warmup) / total
    first = float(s.factor) * rest(0.0)
    last = rest(0.0) if s.is_rescaled else rest(share)
    up: Any = fvcore.ConstantParamScheduler(first)
    up = up if s.is_constant else fvcore.LinearParamScheduler(first, last)
    scaling = ["rescaled", "rescaled" if s.is_rescaled else "fixed"]
    both = fvcore.CompositeParamScheduler([up, rest], [share, 1 - share], scaling)
    base = translation.columns[0].base
    return [[base * both(t / total)] for t in range(min(steps, total))]  # after the run it raises


IMPORTER = Importer(
    system="detectron2",
    versions=("0.6",),
    keys=(f"{_SOLVER}: …",),
    find=_find,
    translate=_translate,
    formula=_formula,
    compared=("0.6",),
    run=_run,
    by="fvcore",
)

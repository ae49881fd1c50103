"""RL Zoo: the hyperparameters of stable-baselines3's PPO and A2C whose values are schedules.

Read in rl_zoo3 2.9.2, ``exp_manager.py`` and ``utils.py``: of ``lin_2.5e-4`` the word is ignored,
and the number falls in a straight line to 0. And in stable-baselines3 2.9.2: what is left of the
run is counted in steps of the environments, once after each rollout, so the first updates use
less than the number already. Where the last rollout goes beyond the run, its rate is below 0.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from lrdsl.importers.fields import Fields
from lrdsl.importers.importer import Column, Importer, Setting, Translation
from lrdsl.importers.installed import definitions, optimizer
from lrdsl.importers.phrases import rate_note
from lrdsl.importers.refusal import Refused
from lrdsl.importers.symbols import Whole, written
from lrdsl.record import record

if TYPE_CHECKING:
    from lrdsl.comparison import Row
    from lrdsl.importers.documents import Document
    from lrdsl.importers.importer import Rate

_LR = "learning_rate"
# What may be a schedule; only the first is a number of the optimizer.
_SCHEDULED = (_LR, "clip_range", "clip_range_vf")
_FALLING = re.compile(r"([^_]*)_([\d.]+(?:e[+-]?\d+)?)")
_SIZES = ("n_timesteps", "n_envs", "n_steps", "batch_size", "n_epochs", "target_kl")
KEYS = ("learning_rate: lin_…", "clip_range: lin_…")
# By the algorithm: the steps of a rollout, the samples of a batch (0 for all), how often, the rate.
_DEFAULTS = {"ppo": (2_048, 64, 10, 3e-4), "a2c": (5, 0, 1, 7e-4)}


def _find(document: Document) -> Iterator[Setting]:
    # Its files are named for the algorithm.
    algorithm = Path(document.path).stem.lower()
    for table in document.tables():
        plain = table.plain()
        if any(_FALLING.fullmatch(str(plain.get(name))) for name in _SCHEDULED):
            names = [name for name in (*_SCHEDULED, *_SIZES) if name in plain]
            lines = {name: table.line_of(name) for name in names}
            fields = Fields({n: plain[n] for n in names}, table.trial, lines, table.name)
            yield Setting(algorithm, fields, fields.line, document.version_of("rl_zoo3"))


@record
class _Run:
    """What a setting says of its run.

    Attributes:
        steps: the steps of all environments in the run.
        rollout: those of a rollout.
        updates: the updates of a rollout.
        count: the rollouts that end within the run.
    """

    steps: int
    rollout: int
    updates: int
    count: int

    @property
    def left(self) -> float:
        """The share of the run that is left after the last of these rollouts."""
        return (self.steps - self.count * self.rollout) / self.steps


def _run_of(setting: Setting) -> _Run:
    o = setting.fields
    if setting.kind not in _DEFAULTS:
        raise Refused(
            "only for PPO and A2C is it known when the rates are read, and the file is named for"
            f" neither: `{setting.kind}`"
        )
    if o.given("target_kl") is not None:
        raise Refused("with `target_kl` the updates of a rollout depend on the training")
    own_steps, own_batch, own_times, _ = _DEFAULTS[setting.kind]
    steps = int(o.number("n_timesteps"))
    rollout = int(o.whole("n_steps", own_steps) * o.whole("n_envs", 1))
    if setting.kind == "a2c":  # whose rollout is a batch
        updates = 1
    else:
        batch = o.whole("batch_size", own_batch)
        updates = int(o.whole("n_epochs", own_times)) * math.ceil(rollout / int(batch))
    if steps < 2 * rollout:
        raise Refused(f"its run of {steps} steps has no two rollouts of {rollout}")
    return _Run(steps, rollout, updates, steps // rollout)


def _falling(o: Fields, name: str) -> tuple[str, float] | None:
    """The word and the number of a field that falls; None for any other."""
    match = _FALLING.fullmatch(str(o.given(name)))
    return None if match is None else (match[1], float(match[2]))


def _translate(setting: Setting) -> Translation:
    o, run = setting.fields, _run_of(setting)
    left = written(run.left)
    lines, columns, notes = [], [], []
    for name in _SCHEDULED:
        found = _falling(o, name)
        if found is None:
            continue
        word, first = found
        peak = "base" if name == _LR else str(written(first))
        end = f", {peak} * {left}" if left else ""
        length = run.count * run.updates
        text = f"every({run.updates}, skip({run.updates}, linear({length}, {peak}{end})))"
        lines.append(f"lr: {text}" if name == _LR else f"scalar {name}: {text}")
        columns.append(Column("lr", first) if name == _LR else Column(name))
        if word != "lin":
            notes.append(f"rl_zoo3 reads no other word than `lin` in `{word}_{written(first)}`")
    if _falling(o, _LR) is None:
        rate = o.number(_LR, _DEFAULTS[setting.kind][3])
        lines.insert(0, "lr: const")
        columns.insert(0, Column("lr", float(rate)))
    notes.insert(0, rate_note(written(columns[0].base)))
    notes.insert(1, f"a rollout has {run.updates} updates: count each of them")
    if left:
        notes.append(
            "the original has one more rollout, which goes beyond `n_timesteps`: what falls is"
            " below 0 in it"
        )
    o.ignore(*_SCHEDULED)
    o.close()
    text = "\n".join(lines) if len(lines) > 1 else lines[0].removeprefix("lr: ")
    total = Whole(run.count * run.updates)
    return Translation(text, total=total, columns=columns, notes=notes)


def _formula(setting: Setting, translation: Translation, column: Column) -> Rate:
    """``SimpleLinearSchedule`` of what is left after each rollout."""
    run, name = _run_of(setting), _LR if column.target == "lr" else column.target
    found = _falling(setting.fields, name)
    if found is None:
        return lambda t: column.base

    def value(t: int) -> float:
        seen = (t // run.updates + 1) * run.rollout
        return (1.0 - seen / run.steps) * found[1]

    return value


def _run(setting: Setting, translation: Translation, steps: int) -> list[Row]:  # pragma: no cover
    """The schedules of both packages, asked after each rollout as ``OnPolicyAlgorithm.learn`` does.

    Nothing is trained: that takes hours.
    """
    linear, algorithm = "SimpleLinearSchedule", "BaseAlgorithm"
    falling = definitions("rl_zoo3", "rl_zoo3/utils.py", [linear])[linear]
    package, folder = "stable_baselines3", "stable_baselines3/common"
    given = definitions(package, f"{folder}/utils.py", ["FloatSchedule", "update_learning_rate"])
    methods = definitions(package, f"{folder}/base_class.py", [algorithm], given)[algorithm]
    run, own = _run_of(setting), translation.columns[0].base
    numbers = {c.target: _falling(setting.fields, _LR if c.target == "lr" else c.target)
               for c in translation.columns}  # fmt: skip
    schedules = {
        target: given["FloatSchedule"](own if number is None else falling(number[1]))
        for target, number in numbers.items()
    }
    owner, logger = optimizer(own), SimpleNamespace(record=lambda *given: None)
    model = SimpleNamespace(lr_schedule=schedules["lr"], logger=logger)
    rows: list[Row] = []
    for rollout in range(1, math.ceil(steps / run.updates) + 1):
        methods._update_current_progress_remaining(model, rollout * run.rollout, run.steps)
        methods._update_learning_rate(model, owner)
        left = model._current_progress_remaining
        row = [
            float(owner.param_groups[0]["lr"]) if target == "lr" else schedule(left)
            for target, schedule in schedules.items()
        ]
        rows += [row] * run.updates
    return rows[:steps]


IMPORTER = Importer(
    system="rl_zoo3",
    versions=("2.9.2",),
    keys=KEYS,
    find=_find,
    translate=_translate,
    formula=_formula,
    compared=("2.9.2",),
    run=_run,
)

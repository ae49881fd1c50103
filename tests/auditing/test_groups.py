"""Logs of several parameter groups, and of several runs."""

from __future__ import annotations

import pytest
import torch

import lrdsl
from lrdsl.logs.log import Log, Run, Series
from lrdsl.logs.precision import FLOAT64
from tests.auditing.runs import Reading, log_of, rows

# Two groups under torch's LambdaLR, and what a program says of them.
BASES = {"body": 1e-4, "head": 1e-3}
BY_NAME = 'lr["head"]: linear(50, 1e-3) lr: warmup(10, 0, 1e-4) >> const'
BY_INDEX = BY_NAME.replace('"head"', "1")


def two_groups(updates: int = 50) -> dict[str, list[float]]:
    """The rates of both groups, by torch."""
    groups = [{"params": [torch.nn.Parameter(torch.zeros(1))], "lr": x} for x in BASES.values()]
    optimizer = torch.optim.SGD(groups)
    factors = [lambda t: min(t / 10, 1.0), lambda t: max(0.0, 1 - t / 50)]
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, factors)
    used: dict[str, list[float]] = {name: [] for name in BASES}
    for _ in range(updates):
        for name, group in zip(used, optimizer.param_groups, strict=True):
            used[name].append(float(group["lr"]))
        optimizer.step()
        scheduler.step()
    return used


def logged(*columns: str) -> dict[str, list[Reading]]:
    return {column: rows(x) for column, x in zip(columns, two_groups().values(), strict=True)}


def test_groups_are_matched_by_their_names() -> None:
    for columns in (("lr-AdamW/body", "lr-AdamW/head"), ("lr_body", "lr_head")):
        audit = lrdsl.audit(log_of(logged(*columns)), BY_NAME)
        assert audit, audit
        assert [one.target for one in audit.verdicts] == ["lr", 'lr["head"]']


def test_groups_are_matched_by_their_indices() -> None:
    log = log_of(logged("lr-AdamW/pg1", "lr-AdamW/pg2"), groups=[0, 1])
    audit = lrdsl.audit(log, BY_INDEX)
    assert audit, audit
    assert [(one.target, one.notes) for one in audit.verdicts] == [("lr", ()), ("lr[1]", ())]


def test_groups_are_matched_by_what_their_names_capture() -> None:
    rates = {
        f"layers.{k}": [(t, 1e-3 * 0.5**k * (1 - t / 50)) for t in range(50)] for k in range(3)
    }
    text = 'lr["layers.{i}"]: linear(50, 1e-3) * 0.5 ^ i'
    audit = lrdsl.audit(log_of(rates), text)
    assert audit, audit
    assert [one.target for one in audit.verdicts] == [f'lr["layers.{{i={k}}}"]' for k in range(3)]


def test_one_rate_of_several_groups_is_that_which_fits() -> None:
    for place, target in enumerate(["lr", 'lr["head"]']):
        log = log_of(rows([*two_groups().values()][place]))
        (found,) = lrdsl.audit(log, BY_NAME).verdicts
        assert (found.status, found.target) == ("follows", target)
        assert f"compared with `{target}`, the schedule that fits best" in found.notes[0]


def test_groups_that_were_exchanged_leave_their_schedules() -> None:
    body, head = logged("lr-AdamW/head", "lr-AdamW/body").items()
    audit = lrdsl.audit(log_of(dict([body, head])), BY_NAME)
    assert [one.status for one in audit.verdicts] == ["leaves", "leaves"]


def test_a_group_without_a_schedule_is_not_auditable() -> None:
    text = 'lr["head"]: linear(50, 1e-3)'
    found = lrdsl.audit(log_of(logged("lr-AdamW/body", "lr-AdamW/head")), text).verdicts
    assert [one.status for one in found] == ["not auditable", "follows"]
    assert "no statement of" in found[0].why
    assert str(found[0]).startswith("lr-AdamW/body is not auditable: ")


def test_a_base_for_each_group() -> None:
    text = 'lr["head"]: linear(50) lr: warmup(10) >> const'
    log = log_of(logged("lr-AdamW/body", "lr-AdamW/head"))
    assert [one.status for one in lrdsl.audit(log, text).verdicts] == ["same form"] * 2
    audit = lrdsl.audit(log, text, base=[*BASES.values()])
    assert [(one.status, one.base) for one in audit.verdicts] == [
        ("follows", 1e-4),
        ("follows", 1e-3),
    ]
    with pytest.raises(ValueError, match="3 bases are given for 2 logged rates"):
        lrdsl.audit(log, text, base=[1.0, 2.0, 3.0])


def test_runs_are_told_apart() -> None:
    good, bad = two_groups().values()
    series = []
    for rates in (good, bad):
        (run,) = log_of(rows(rates)).runs
        series.append(run.rates)
    runs = tuple(Run(name, rates) for name, rates in zip(["a", "b"], series, strict=True))
    audit = lrdsl.audit(Log("logs", "a test", runs), "warmup(10, 0, 1e-4) >> const")
    assert [(one.name, one.status) for one in audit.verdicts] == [
        ("a: lr", "follows"),
        ("b: lr", "leaves"),
    ]
    assert audit.share == pytest.approx((50 + audit.verdicts[1].agreeing) / 100)


def test_a_program_without_a_rate_and_a_schedule_of_the_groups_own_numbers() -> None:
    log = log_of(rows([0.9] * 3))
    with pytest.raises(ValueError, match="drives no learning rate"):
        lrdsl.audit(log, "momentum: 0.9")
    (found,) = lrdsl.audit(log, 'lr: const * own("lr_scale")', base=0.9).verdicts
    assert (found.status, found.readings) == ("not auditable", 3)
    assert "other numbers of its group" in found.why
    assert Series("lr", None, FLOAT64).read == 0

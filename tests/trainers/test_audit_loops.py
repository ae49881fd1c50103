"""Audits of plain loops, which torch's own schedulers drive: each makes one mistake."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, ExponentialLR, LambdaLR
from torch.utils.tensorboard import SummaryWriter

import lrdsl
from tests.trainers.audited import BASE, TEXT, TOTAL, cosine, loop, optimizer, reasons, table
from tests.trainers.training import model


def test_a_good_run_in_a_table(tmp_path: Path) -> None:
    driven = optimizer()
    with table(tmp_path / "log.csv") as log:
        loop(log, driven, [cosine(driven)], 0, TOTAL)
    assert not reasons(tmp_path / "log.csv")


def test_a_good_run_in_tensorboard(tmp_path: Path) -> None:
    driven = optimizer()
    with SummaryWriter(str(tmp_path / "events")) as writer:
        loop(
            lambda t, rates: writer.add_scalar("lr", *rates, t), driven, [cosine(driven)], 0, TOTAL
        )
    assert not reasons(tmp_path / "events")


def test_a_good_run_that_was_resumed(tmp_path: Path) -> None:
    driven = optimizer()
    scheduler = cosine(driven)
    with table(tmp_path / "log.csv") as log:
        loop(log, driven, [scheduler], 0, 80)
        saved = driven.state_dict(), scheduler.state_dict()
        loop(log, driven, [scheduler], 80, 95)
        driven = optimizer()
        scheduler = cosine(driven)
        driven.load_state_dict(saved[0])
        scheduler.load_state_dict(saved[1])
        loop(log, driven, [scheduler], 80, TOTAL)
    assert not reasons(tmp_path / "log.csv")


def test_no_step_of_the_scheduler(tmp_path: Path) -> None:
    driven = optimizer()
    CosineAnnealingLR(driven, TOTAL)
    with table(tmp_path / "log.csv") as log:
        loop(log, driven, [], 0, TOTAL)
    assert list(reasons(tmp_path / "log.csv", "cosine")) == ["constant"]


def test_a_step_for_each_micro_batch(tmp_path: Path) -> None:
    driven = optimizer()
    scheduler = cosine(driven)
    with SummaryWriter(str(tmp_path / "events")) as writer:
        steps = [scheduler] * 4
        loop(lambda t, rates: writer.add_scalar("lr", *rates, t), driven, steps, 0, TOTAL)
    found = reasons(tmp_path / "events")
    # The cosine of transformers climbs after its end: here again and again.
    assert list(found) == ["faster"]
    assert found["faster"].endswith("stepped 4 times an update, and climbs again after its end")


def test_a_scheduler_that_is_stepped_with_the_validation(tmp_path: Path) -> None:
    driven = optimizer()
    scheduler = cosine(driven)

    def sometimes(update: int) -> None:
        if (update + 1) % 5 == 0:
            scheduler.step()

    with table(tmp_path / "log.csv") as log:
        loop(log, driven, [sometimes], 0, TOTAL)
    found = reasons(tmp_path / "log.csv")
    assert list(found) == ["epoch", "slower"]
    assert "once in 5 updates" in found["slower"]


def test_a_scheduler_that_is_stepped_no_more(tmp_path: Path) -> None:
    driven = optimizer()
    scheduler = cosine(driven)

    def until(update: int) -> None:
        if update < 120:
            scheduler.step()

    with table(tmp_path / "log.csv") as log:
        loop(log, driven, [until], 0, TOTAL)
    found = reasons(tmp_path / "log.csv")
    assert next(iter(found)) == "stopped"
    assert "from update 120 on" in found["stopped"]


def test_updates_that_the_scaler_skips(tmp_path: Path) -> None:
    """The usual loop with a GradScaler: the scheduler waits if the scale fell."""
    driven = optimizer()
    scheduler = cosine(driven)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0, growth_interval=10_000)
    parameters = driven.param_groups[0]["params"]
    with table(tmp_path / "log.csv") as log:
        for update in range(TOTAL):
            log(update, [driven.param_groups[0]["lr"]])
            driven.zero_grad()
            loss = sum(parameter.sum() for parameter in parameters)
            scaler.scale(loss * (torch.inf if update in (5, 6, 60, 130) else 1.0)).backward()
            scaler.step(driven)
            before = scaler.get_scale()
            scaler.update()
            if scaler.get_scale() >= before:
                scheduler.step()
    found = reasons(tmp_path / "log.csv")
    assert list(found) == ["behind"]
    assert (
        "4 updates behind since update 131: it fell behind 3 times, first at update 6"
        in (found["behind"])
    )


def test_a_resume_without_the_state_of_the_scheduler(tmp_path: Path) -> None:
    driven = optimizer()
    with table(tmp_path / "log.csv") as log:
        loop(log, driven, [cosine(driven)], 0, 95)
        driven = optimizer()
        loop(log, driven, [cosine(driven)], 80, TOTAL)
    found = reasons(tmp_path / "log.csv")
    assert list(found) == ["restarted"]
    assert "started over at update 80, where the run was resumed" in found["restarted"]


def test_a_resume_that_adds_its_step_twice(tmp_path: Path) -> None:
    driven = optimizer()
    scheduler = cosine(driven)
    with table(tmp_path / "log.csv") as log:
        loop(log, driven, [scheduler], 0, 40)
        for _ in range(40):  # fast-forward, though the scheduler is where it was
            scheduler.step()
        loop(log, driven, [scheduler], 40, TOTAL)
    found = reasons(tmp_path / "log.csv")
    assert list(found) == ["ahead"]
    assert "40 updates ahead since update 40" in found["ahead"]


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step:UserWarning")
def test_a_base_rate_that_is_read_after_the_load(tmp_path: Path) -> None:
    """A new optimizer with the rate of the checkpoint, and a new scheduler that is moved on."""
    driven = optimizer()
    scheduler = cosine(driven)
    with table(tmp_path / "log.csv") as log:
        loop(log, driven, [scheduler], 0, 110)
        driven = optimizer(driven.param_groups[0]["lr"])
        again = LambdaLR(driven, scheduler.lr_lambdas[0])
        for _ in range(110):
            again.step()
        loop(log, driven, [again], 110, TOTAL)
    found = reasons(tmp_path / "log.csv")
    assert next(iter(found)) == "reloaded"
    assert "from update 110 on" in found["reloaded"]


def test_a_cosine_after_its_end(tmp_path: Path) -> None:
    driven = optimizer()
    with table(tmp_path / "log.csv") as log:
        loop(log, driven, [CosineAnnealingLR(driven, 80)], 0, TOTAL)
    found = reasons(tmp_path / "log.csv", "cosine(80)", total=None)
    assert next(iter(found)) == "climbs"
    assert "ended at update 80, and the rate climbs again" in found["climbs"]


def test_two_schedulers_on_one_optimizer(tmp_path: Path) -> None:
    driven = optimizer()
    schedulers = [CosineAnnealingLR(driven, TOTAL), ExponentialLR(driven, 0.99)]
    with table(tmp_path / "log.csv") as log:
        loop(log, driven, schedulers, 0, 120)
    # Its cosine goes on from the rate that both have left, which is no product at every update.
    found = reasons(tmp_path / "log.csv", "cosine")
    assert list(found) == ["product"]
    assert "an exponential decay by 0.99 at each update" in found["product"]


def test_a_rate_that_is_scaled_by_the_processes(tmp_path: Path) -> None:
    driven = optimizer(BASE * 8)
    with table(tmp_path / "log.csv") as log:
        loop(log, driven, [cosine(driven)], 0, TOTAL)
    found = reasons(tmp_path / "log.csv")
    assert next(iter(found)) == "peak"
    assert "8 times the schedule's" in found["peak"]


def test_groups_in_another_order(tmp_path: Path) -> None:
    text = 'lr: warmup(20) >> cosine\nlr["head"]: cosine'
    layers = model()
    groups = [
        {"params": layers[2].parameters(), "name": "head"},
        {"params": layers[0].parameters(), "name": "body"},
    ]
    driven = torch.optim.SGD(groups, lr=BASE)
    scheduler = lrdsl.compile(text, driven, total=TOTAL)
    with table(tmp_path / "log.csv", ("lr/body", "lr/head")) as log:
        loop(log, driven, [scheduler], 0, TOTAL)
    assert "group" in reasons(tmp_path / "log.csv", text)


def test_an_earlier_revision_of_the_file(tmp_path: Path) -> None:
    """The run had started when the file was changed."""

    def git(*arguments: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    file = tmp_path / "run.lrs"
    file.write_text("warmup(20) >> linear\n", "utf-8")
    git("init", "-q")
    git("add", "run.lrs")
    git("commit", "-qm", "Decay linearly")
    driven = optimizer()
    scheduler = lrdsl.compile(file.read_text("utf-8"), driven, total=TOTAL)
    file.write_text(TEXT + "\n", "utf-8")
    git("commit", "-qam", "Decay along a cosine")
    with table(tmp_path / "log.csv") as log:
        loop(log, driven, [scheduler], 0, TOTAL)
    audit = lrdsl.audit(tmp_path / "log.csv", file, total=TOTAL, base=BASE, git=True)
    assert [one.reason for one in audit.verdicts[0].explanations] == ["revision"]


@pytest.mark.parametrize("digits", [4, 7])
def test_a_good_run_of_few_digits(tmp_path: Path, digits: int) -> None:
    driven = optimizer()
    with table(tmp_path / "log.csv") as log:
        rounded = lambda t, rates: log(t, [f"{rates[0]:.{digits - 1}e}"])  # noqa: E731
        loop(rounded, driven, [cosine(driven)], 0, TOTAL)
    assert not reasons(tmp_path / "log.csv")

"""Accelerate: it steps what it prepared once for each process, which `calls_per_update` undoes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from accelerate import Accelerator, DataLoaderConfiguration
from torch.utils.data import DataLoader

import lrdsl
from tests.auditing.stored import LOGS
from tests.blocks import ROOT
from tests.frameworks.torch.driving import drive
from tests.trainers.processes import COUNT, Runs, in_each
from tests.trainers.recording import by_accelerate
from tests.trainers.recording.readings import difference
from tests.trainers.recording.recorded import Recorded
from tests.trainers.training import BASES, TEXT, Rates, Rows, batches, model, optimizer, wanted


def train(
    accelerator: Accelerator, updates: int, *, load: str = "", save: str = "", **options: Any
) -> Rates:
    """Trains as Accelerate's own documentation does it, two examples to a batch."""
    layers = model()
    driven = optimizer(layers)
    scheduler = lrdsl.compile(TEXT, driven, **options)
    count = updates * accelerator.gradient_accumulation_steps * COUNT
    batch_size = 2 * COUNT if accelerator.split_batches else 2
    loader = DataLoader(Rows(batches(count).flatten(0, 1)), batch_size=batch_size)
    prepared, wrapped, loader, stepped = accelerator.prepare(layers, driven, loader, scheduler)
    if load:
        accelerator.load_state(load)
    for batch in loader:
        with accelerator.accumulate(prepared):
            accelerator.backward(prepared(batch).square().mean())
            wrapped.step()
            if accelerator.step_scheduler_with_optimizer or accelerator.sync_gradients:
                stepped.step()
            wrapped.zero_grad()
    if save:
        accelerator.save_state(save)
    return driven.used


def runs(folder: Path) -> Runs:
    """Every run of this page, in one go: starting the processes takes longest."""
    saved = str(folder / "state")
    assert Accelerator(cpu=True).num_processes == COUNT
    split = DataLoaderConfiguration(split_batches=True)
    found = {
        "counted": train(Accelerator(cpu=True), 20, calls_per_update=COUNT),
        "accumulated": train(
            Accelerator(cpu=True, gradient_accumulation_steps=3), 20, calls_per_update=COUNT
        ),
        "not counted": train(Accelerator(cpu=True), 20),
        "not linked": train(
            Accelerator(
                cpu=True, gradient_accumulation_steps=3, step_scheduler_with_optimizer=False
            ),
            20,
        ),
        "split": train(Accelerator(cpu=True, dataloader_config=split), 20),
    }
    found["saved"] = train(Accelerator(cpu=True), 8, save=saved, calls_per_update=COUNT)
    found["resumed"] = train(Accelerator(cpu=True), 12, load=saved, calls_per_update=COUNT)
    return found | by_accelerate.trained(folder)


@pytest.fixture(scope="module")
def found(folder: Path) -> Runs:
    """The rates of every run, once it is known that all processes agree on them."""
    first, second = in_each(runs, folder)
    assert first == second
    return first


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("accelerate")


@pytest.mark.parametrize("name", ["counted", "accumulated"])
def test_every_update_has_its_rate(found: Runs, name: str) -> None:
    assert found[name] == wanted(20)


def test_without_the_argument_it_goes_too_fast(found: Runs) -> None:
    assert found["not counted"] == wanted(40)[::COUNT]


@pytest.mark.parametrize("name", ["split", "not linked"])
def test_some_accelerators_step_once_and_need_no_argument(found: Runs, name: str) -> None:
    assert found[name] == wanted(20)


def test_a_run_taken_up_again_goes_on_as_if_it_had_not_stopped(found: Runs) -> None:
    assert found["saved"] == wanted(8)
    assert found["resumed"] == wanted(12, first=8)


def test_the_state_does_not_depend_on_the_number_of_processes(found: Runs, folder: Path) -> None:
    state = torch.load(folder / "state" / "scheduler.bin", weights_only=True)
    scheduler = lrdsl.compile(TEXT, optimizer(model()))
    scheduler.load_state_dict(state)
    assert scheduler.last_epoch == 8
    columns = drive(scheduler, 12)
    assert list(zip(*columns, strict=True)) == wanted(12, first=8)
    assert len(columns) == len(BASES)


# What `accelerate launch` would ask for, or warn of, where it has not been configured.
CONFIGURED = "--num_machines 1 --mixed_precision no --dynamo_backend no --main_process_port 0"


def launch(options: str, *arguments: Path | int, folder: Path) -> None:
    """Starts the script as users do."""
    accelerate = Path(sys.executable).with_name("accelerate")
    script = Path(__file__).with_name("launched.py")
    words = [accelerate, "launch", *options.split(), *CONFIGURED.split(), script, *arguments]
    done = subprocess.run(
        [str(word) for word in words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "HF_HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=200,
    )
    assert done.returncode == 0, done.stderr


def test_what_is_launched_has_its_rates_and_goes_on_with_fewer_processes(tmp_path: Path) -> None:
    launch("--multi_gpu --num_processes 2", tmp_path, 8, folder=tmp_path)
    for rank in range(2):
        used = json.loads((tmp_path / f"8-{rank}.json").read_text("utf-8"))
        assert used["processes"] == 2
        assert list(map(tuple, used["rates"])) == wanted(8)
    # It starts one process on a CPU, whatever it is asked for.
    launch("--cpu --num_processes 2", tmp_path, 12, folder=tmp_path)
    used = json.loads((tmp_path / "20-0.json").read_text("utf-8"))
    assert used["processes"] == 1
    assert list(map(tuple, used["rates"])) == wanted(12, first=8)
    assert len([*tmp_path.glob("*.json")]) == 3


@pytest.mark.parametrize("run", by_accelerate.RUNS, ids=repr)
def test_a_run_leaves_the_log_that_is_stored(found: Runs, folder: Path, run: Recorded) -> None:
    """So the audits of `make test` are of what Accelerate writes today."""
    assert difference(LOGS / run.log, folder / Path(run.log).name, run.run) == ""


def test_a_schedule_on_a_prepared_optimizer_sees_its_updates() -> None:
    """It is an ``Optimizer`` by name only: the one inside it calls the hooks."""
    accelerator = Accelerator(cpu=True)
    prepared = accelerator.prepare(optimizer(model()))
    scheduler = lrdsl.compile("cosine(3)", prepared, total=3)
    state = scheduler.state_dict()
    scheduler.set_step(3)
    scheduler.load_state_dict(state)
    for _ in range(3):
        prepared.step()
        scheduler.step()
    with pytest.warns(lrdsl.LrsWarning, match="LRS802"):
        prepared.step()


def test_updates_of_a_prepared_optimizer_between_two_steps_are_counted() -> None:
    prepared = Accelerator(cpu=True).prepare(optimizer(model()))
    scheduler = lrdsl.compile("cosine", prepared, total=20)
    with pytest.warns(lrdsl.LrsWarning, match="LRS801"):
        for _ in range(3):
            for _ in range(4):
                prepared.step()
            scheduler.step()

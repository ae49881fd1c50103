"""`lrdsl diff` of a schedule that another system has: it is imported first."""

from __future__ import annotations

import json

from lrdsl.cli.importing import SOURCES
from lrdsl.importers.documents import READERS
from tests.cli.conftest import Run, Write

ARGUMENTS = "learning_rate: 2e-5\nlr_scheduler_type: cosine\nwarmup_steps: 10\nmax_steps: 100\n"
SAME = "run total = 100\nwarmup(10) >> cosine\n"


def test_a_config_and_its_translation_are_the_same(run: Run, write: Write) -> None:
    done = run("diff", write("old.yaml", ARGUMENTS), write("new.lrs", SAME))
    assert (done.exit_code, done.stdout) == (
        0, "--- old.yaml\n+++ new.lrs\nlr: the same at every step, for a base of 1\n"
    ), done.output  # fmt: skip
    first, *notes = done.stderr.splitlines()
    assert first.startswith("old.yaml:2, transformers: cosine: proven: 100 steps equal")
    assert notes == ["# the optimizer's learning rate is 2e-5"]


def test_where_they_part(run: Run, write: Write) -> None:
    new = write("new.lrs", SAME.replace("10)", "20)"))
    done = run("diff", new, write("old.yaml", ARGUMENTS))
    assert done.exit_code == 1
    assert "lr: the same before step 1, where 0.05 becomes 0.1" in done.stdout


def test_two_of_them(run: Run, write: Write) -> None:
    script = "from torch.optim.lr_scheduler import StepLR\ns = StepLR(optimizer, 30)\n"
    old, new = write("old.py", script), write("new.py", script.replace("30", "30, 0.1"))
    done = run("diff", old, new, "--total", "90", "--format", "json")
    assert (done.exit_code, json.loads(done.stdout)["same"]) == (0, True), done.output


def test_what_the_source_leaves_open_is_given(run: Run, write: Write) -> None:
    arguments = "learning_rate: 2e-5\nlr_scheduler_type: linear\nnum_train_epochs: 3\n"
    done = run(
        "diff", write("old.yaml", arguments), "-e", "linear", "--total", "30",
        "--steps-per-epoch", "10",
    )  # fmt: skip
    assert done.exit_code == 0, done.output


def test_several_schedules_are_named(run: Run, write: Write) -> None:
    script = (
        "from torch.optim.lr_scheduler import StepLR, ExponentialLR\n"
        "a = StepLR(optimizer, 30)\nb = ExponentialLR(optimizer, 0.9)\n"
    )
    done = run("diff", write("old.py", script), write("new.lrs", SAME))
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "lrdsl: old.py has 2 schedules, on line 2 (torch: StepLR) and line 3 (torch:"
        " ExponentialLR): write them with `lrdsl import old.py --write DIR`,"
        " and compare one of the files\n"
    )


def test_what_is_not_proven_is_no_side(run: Run, write: Write) -> None:
    config = ARGUMENTS + "lr_scheduler_kwargs: {cycles: 2}\n"
    done = run("diff", write("old.yaml", config), write("new.lrs", SAME))
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "lrdsl: old.yaml:2, transformers: cosine: refused: 1 field not understood:"
        " `lr_scheduler_kwargs.cycles`; see `lrdsl import old.yaml`\n"
    )


def test_a_file_without_a_schedule(run: Run, write: Write) -> None:
    # It would be a program of the language as well.
    done = run("diff", write("old.yaml", "schedule: const(5)\n"), write("new.lrs", SAME))
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == (
        "lrdsl: old.yaml has no schedule that is read: see `lrdsl import old.yaml`,"
        " or name the key of one: old.yaml:optimizer.schedule\n"
    )


def test_a_file_that_is_missing(run: Run, write: Write) -> None:
    done = run("diff", "missing.yaml", write("new.lrs", SAME))
    assert done.exit_code == 2
    assert "cannot read missing.yaml" in done.stderr


def test_the_files_are_those_of_import() -> None:
    assert sorted(SOURCES) == sorted(READERS)


def test_the_run_is_said_once_for_both_sides(run: Run, write: Write) -> None:
    arguments = "learning_rate: 2e-5\nlr_scheduler_type: linear\nnum_train_epochs: 3\n"
    source = write("old.yaml", arguments)
    done = run("diff", source, "-e", "linear(30)", "--steps-per-epoch", "10")
    assert done.exit_code == 0, done.output
    assert "proven: 30 steps equal" in done.stderr and "pass" not in done.stderr
    epochs = run("diff", source, "-e", "linear(30)", "--total", "3ep", "--steps-per-epoch", "10")
    assert (epochs.exit_code, "proven: 30 steps" in epochs.stderr) == (0, True), epochs.output
    part = run("diff", source, "-e", "linear(30)", "--steps-per-epoch", "10.5")
    assert part.exit_code == 2
    assert "an epoch of another system has whole updates, not 10.5" in " ".join(part.stderr.split())

"""The run on the command line: what a text states, what the project says, and what options do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, Write

TEXT = "run total = 90ep, 1ep = 10st\nwarmup(5ep) >> cosine\n"
NOTE = "note: a.lrs:1:5: `total = 90ep` is overridden: this run has total = 1000st\n"
PROJECT = """
[[tool.lrdsl.runs]]
files = ["configs/*.lrs", "deep/**/b.lrs"]
total = "90ep"
steps-per-epoch = 10
"""


def described(run: Run, *arguments: str) -> str:
    done = run("explain", *arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_every_command_knows_the_run(run: Run, write: Write) -> None:
    file = write("a.lrs", TEXT)
    passed = write("b.lrs", "warmup(5ep) >> cosine\n")
    options = ("--total", "90ep", "--steps-per-epoch", "10")
    assert run("check", file).output == ""
    assert described(run, file) == described(run, passed, *options)
    shown = run("preview", file).output
    assert shown == run("preview", passed, *options).output
    assert run("diff", file, passed, *options).exit_code == 0


def test_a_lint_knows_the_run(run: Run, write: Write) -> None:
    file = write("a.lrs", "run total = 100ep, 1ep = 10st\nwarmup(5ep) >> cosine(85ep)\n")
    assert "the schedule is 90 epochs, the run is 100" in run("check", file).output


def test_an_option_overrides_and_a_note_says_so(run: Run, write: Write) -> None:
    file = write("a.lrs", TEXT)
    for command in ("check", "explain", "preview"):
        done = run(command, file, "--total", "1000")
        assert (done.exit_code, done.stderr) == (0, NOTE), command
        assert run(command, file, "--total", "900").stderr == ""
    done = run("diff", file, file, "--total", "1000")
    assert (done.exit_code, done.stderr) == (0, NOTE * 2)


def test_fixes_print_no_note_twice(run: Run, write: Write) -> None:
    file = write("a.lrs", TEXT)
    assert run("check", "--fix", file, "--total", "1000").stderr == NOTE


def test_what_a_text_leaves_open_is_said_to_be_missing(run: Run, write: Write) -> None:
    file = write("a.lrs", "run total = 90ep\nwarmup(5ep) >> cosine\n")
    done = run("check", file)
    assert done.exit_code == 0
    assert done.stderr == (
        "note: a.lrs was checked as far as its run is known; it needs --steps-per-epoch to be"
        " laid out\n"
    )


def test_a_config_overrides_the_text_in_it(run: Run, write: Write) -> None:
    config = write(
        "c.yaml", "epochs: 100\nlr: run total = 90ep, 1ep = 10st warmup(5ep) >> cosine\n"
    )
    done = run("check", config, "--key", "lr", "--total-from", "epochs=ep")
    assert done.exit_code == 0
    assert done.stderr == (
        "note: c.yaml:2:9: `total = 90ep` is overridden: this run has total = 100ep\n"
    )


@pytest.mark.parametrize("file", ["configs/a.lrs", "deep/b.lrs", "deep/x/y/b.lrs"])
def test_the_project_says_the_run_of_files(
    run: Run, write: Write, tmp_path: Path, file: str
) -> None:
    (tmp_path / file).parent.mkdir(parents=True)
    write("pyproject.toml", PROJECT)
    write(file, "warmup(5ep) >> cosine\n")
    assert "over 50 steps (5 epochs)" in described(run, file)
    assert "over 55 steps (5 epochs)" in described(run, file, "--steps-per-epoch", "11")
    assert run("check", file).output == ""


def test_other_files_are_not_concerned(run: Run, write: Write, tmp_path: Path) -> None:
    (tmp_path / "configs" / "more").mkdir(parents=True)
    write("pyproject.toml", PROJECT)
    file = write("configs/more/a.lrs", "warmup(5ep) >> cosine\n")
    assert "LRS307" in run("explain", file).output


def test_a_text_counts_before_its_project(run: Run, write: Write, tmp_path: Path) -> None:
    (tmp_path / "configs").mkdir()
    write("pyproject.toml", PROJECT + 'per-step = {tok = "4M"}\n')
    file = write("configs/a.lrs", "run 1ep = 20st\nwarmup(5ep) >> const(8Mtok) >> cosine\n")
    done = run("explain", file)
    assert "over 100 steps (5 epochs)" in done.stdout
    assert "2 steps" in done.stdout
    assert "step 1,800" in done.stdout  # 90 epochs of 20
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ("[tool.lrdsl]\nruns = 5\n", "a run of [tool.lrdsl] is written under [[tool.lrdsl.runs]]"),
        ("[[tool.lrdsl.runs]]\ntotal = 5\n", "needs the `files` it is about"),
        ("[[tool.lrdsl.runs]]\nfiles = '*'\nclock = 5\n", "has no `clock`"),
        (
            "[[tool.lrdsl.runs]]\nfiles = '*'\nsteps_per_epoch = 5\n",
            "has no `steps_per_epoch`; did you mean `steps-per-epoch`?",
        ),
        ("[[tool.lrdsl.runs]]\nfiles = '*'\ntotal = -5\n", "`total` cannot be -5"),
        ("[[tool.lrdsl.runs]]\nfiles = \n", "is not TOML"),
    ],
)
def test_wrong_settings_are_misuse(run: Run, write: Write, settings: str, reason: str) -> None:
    write("pyproject.toml", settings)
    file = write("a.lrs", "const\n")
    done = run("check", file)
    assert done.exit_code == 2
    assert reason in done.stderr
    assert "pyproject.toml" in done.stderr


def test_python_reads_no_settings(write: Write, tmp_path: Path) -> None:
    import lrdsl

    (tmp_path / "configs").mkdir()
    write("pyproject.toml", PROJECT)
    file = write("configs/a.lrs", "warmup(5ep) >> cosine\n")
    with pytest.raises(lrdsl.LrsError, match="LRS307"):
        lrdsl.load(file).resolve()

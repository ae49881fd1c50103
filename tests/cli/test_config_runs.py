"""What configs say of their runs, and what `lrdsl check` makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, Write
from tests.cli.test_check import heads
from tests.cli.test_config_files import CALL, KEY, said, shown


def run_of(text: str, schedule: str) -> str:
    return f"trainer: {{{text}}}\nschedule: {schedule}\n"


FROM = ("--total-from", "trainer.epochs=ep", "--steps-per-epoch-from", "trainer.steps")


@pytest.mark.parametrize(
    ("text", "schedule", "warning"),
    [
        (
            "epochs: 100, steps: 10",
            "warmup(5ep) >> cosine(85ep, 0.4, 0.01)",
            "short-schedule]: the schedule is 90 epochs, the run is 100: a rate of 0.01 is held for"
            " 10 epochs",
        ),
        (
            "epochs: 100",
            "warmup(5ep) >> cosine(85ep, 0.4, 0.01)",
            "short-schedule]: the schedule is 90 epochs, the run is 100: a rate of 0.01 is held for"
            " 10 epochs",
        ),
        (
            "epochs: 100",
            "warmup(5ep) >> cosine(85ep, 0.4)",
            "zero-rest]: the schedule is 90 epochs, the run is 100; after 90 epochs the rate is 0:"
            " the last 10 epochs change nothing",
        ),
        (
            "epochs: 80",
            "warmup(5ep) >> linear(90ep, 0.4)",
            "unreached-end]: the schedule is 95 epochs, the run is 80: it stops at 0.0666667 and"
            " never reaches 0",
        ),
        (
            "epochs: 80",
            "linear(1ep, 0.4, 0.1) >> const(value = 0)",
            "zero-rest]: after 1 epoch the rate is 0: the last 79 epochs change nothing",
        ),
        (
            "epochs: '100ep', steps: 10",
            "warmup(50) >> linear(1k, 0.3, 0.1)",
            "unreached-end]: the schedule is 105 epochs, the run is 100: it stops at 0.1102 and"
            " never reaches 0.1",
        ),
        (
            "epochs: 2, steps: 1000",
            "linear(1234, 1, 0.5)",
            "short-schedule]: the schedule is 1,234 steps, the run is 2,000: a rate of 0.5 is held"
            " for 766 steps",
        ),
        ("epochs: 90", "warmup(5ep) >> cosine(85ep, 0.4)", ""),
        ("epochs: 100, steps: 10", "warmup(5ep) >> cosine(85ep, 0.4) >> const(value = 0.1)", ""),
        ("epochs: 100, steps: 10", "warmup(5%) >> cosine", ""),
        ("epochs: -1, steps: 10", "linear(5ep)", ""),
        ("epochs: null", "linear(5)", ""),
        ("epochs: '${x}'", "linear(5)", ""),
        ("other: 3", "linear(5)", ""),
    ],
)
def test_the_length_of_the_run(
    run: Run, write: Write, text: str, schedule: str, warning: str
) -> None:
    options = ("--select", "short-schedule,unreached-end,zero-rest")
    name = write("a.yaml", run_of(text, f'"{schedule}"'))
    done = run("check", name, *KEY, *FROM, *options)
    assert said(done.stdout) == ([warning] if warning else [])
    assert done.exit_code == 0
    needed = "steps" not in text and "ep" in schedule
    assert ("needs --steps-per-epoch" in done.stderr) is needed


def test_the_whole_of_such_a_warning(run: Run, write: Write) -> None:
    text = run_of("epochs: 100", '"warmup(5ep) >> cosine(85ep, 0.4, 0.01)"')
    done = run("check", write("a.yaml", text), *KEY, *FROM[:2])
    assert done.stdout == (
        "warning[LRS603 short-schedule]: the schedule is 90 epochs, the run is 100: a rate of 0.01 "
        "is held for 10 epochs\n"
        " --> a.yaml:2:27\n"
        "  |\n"
        '2 | schedule: "warmup(5ep) >> cosine(85ep, 0.4, 0.01)"\n'
        "  |                           ^^^^^^^^^^^^^^^^^^^^^^^\n"
        "help: if that is meant, say so with `>> const`; if not, stretch the schedule to the run\n"
        "more: lrdsl explain LRS603\n"
        "\n"
        "1 warning in 1 file\n"
    )
    assert done.stderr == (
        "note: a.yaml:2:11 was checked as far as its run is known; it needs --steps-per-epoch to "
        "be laid out\n"
    )
    assert run("check", "a.yaml", *KEY, *FROM, "--strict").exit_code == 1


def test_epochs_that_nobody_knows_cannot_be_compared_with_steps(run: Run, write: Write) -> None:
    write("a.yaml", run_of("epochs: 100", "warmup(500) >> linear(85ep, 0.4, 0.01)"))
    done = run("check", "a.yaml", *KEY, *FROM)
    assert [line.split("]")[0] for line in said(done.stdout)] == ["bare-steps"]
    assert "needs --steps-per-epoch" in done.stderr


def test_a_comment_that_ignores_may_be_of_use_once_the_epochs_are_known(
    run: Run, write: Write
) -> None:
    text = (
        "trainer: {epochs: 100}\nschedule: |\n  linear(0.001ep, 1, 2)  # lrs: ignore[zero-length]\n"
    )
    write("a.yaml", text + "  >> const  # lrs: ignore[nonsense]\n")
    done = run("check", "a.yaml", *KEY, *FROM)
    assert [line.partition(":")[2] for line in said(done.stdout)] == [
        " there is no lint `nonsense` to ignore"
    ]


def test_steps_and_settings(run: Run, write: Write) -> None:
    write(
        "pyproject.toml",
        "[tool.lrdsl]\nkey = 'schedule'\ntotal-from = 'run.steps'\n"
        "steps-per-epoch-from = 'data.steps'\n",
    )
    write("a.toml", "schedule = 'linear(2ep, 1, 0.5)'\nrun.steps = 100\ndata.steps = 40\n")
    wanted = (
        "short-schedule]: the schedule is {} steps, the run is 100: a rate of 0.5 is held for {}"
    )
    assert said(run("check", "a.toml").stdout) == [wanted.format(80, "20 steps")]
    # What is said on the command line wins.
    assert said(run("check", "a.toml", "--steps-per-epoch", "45").stdout) == [
        wanted.format(90, "10 steps")
    ]
    assert run("check", "a.toml", "--total", "80").output == ""
    assert said(run("check", "a.toml", "--total-from", "data.steps=ep").stdout) == [
        "short-schedule]: the schedule is 2 epochs, the run is 40: a rate of 0.5 is held for 38 "
        "epochs"
    ]


def test_a_run_that_is_too_short_is_an_error(run: Run, write: Write) -> None:
    write("a.yaml", run_of("epochs: 5, steps: 10", "warmup(60) >> const >> linear(1ep)"))
    done = run("check", "a.yaml", *KEY, *FROM)
    assert heads(done.stdout) == ["LRS404 a.yaml:2:25"]


def test_a_file_of_its_own_is_checked_for_the_run_of_its_config(
    run: Run, write: Write, tmp_path: Path
) -> None:
    (tmp_path / "conf").mkdir()
    write("s.lrs", "let a = 1  linear(90ep, 1, 0.5)")
    write("conf/a.yaml", run_of("epochs: 100, steps: 10", "../s.lrs"))
    write("conf/b.yaml", run_of("epochs: 90, steps: 10", "../s.lrs"))
    write("conf/c.yaml", run_of("epochs: 90, steps: 10", "../s.lrs"))
    done = run("check", ".", *FROM)
    assert [line.split("]")[0] for line in said(done.stdout)] == ["unused-name", "short-schedule"]
    # What is wrong in every run is said once.
    assert done.stderr == "note: s.lrs was checked for the run of conf/a.yaml:2:11\n"


@pytest.mark.parametrize(("value", "under"), [("0", "0"), ("-3", "-3"), ("many", "many")])
def test_a_length_that_is_none(run: Run, write: Write, value: str, under: str) -> None:
    write("a.yaml", run_of(f"epochs: {value}", "cosin(5)"))
    done = run("check", "a.yaml", *KEY, *FROM)
    assert heads(done.stdout) == ["LRS310 a.yaml:1:19", "LRS201 a.yaml:2:11"]
    assert shown(done.stdout) == [under, "cosin"]


def test_what_a_call_of_hydra_says_of_its_run(run: Run, write: Write) -> None:
    text = "source: param n = 9ep  linear(n, 1, 0.5)\nparams: {n: 90ep}\ntotal: 100ep\n"
    done = run(
        "check", write("a.yaml", f"x: {{epochs: 7}}\n{CALL}{text}"), "--total-from", "x.epochs=ep"
    )
    (warning,) = said(done.stdout)
    assert "the schedule is 90 epochs, the run is 100" in warning


def test_a_call_of_hydra_says_what_a_step_takes(run: Run, write: Write) -> None:
    text = "source: linear(2Btok, 1, 0.5)\nper_step: {tok: 4_000_000}\ntotal: 600\n"
    (warning,) = said(run("check", write("a.yaml", f"{CALL}{text}")).stdout)
    assert "the schedule is 500 steps, the run is 600" in warning
    done = run("check", write("a.yaml", f"{CALL}{text.replace('4_000_000', 'few')}"))
    assert heads(done.stdout) == ["LRS310 a.yaml:4:17"]
    assert run("check", "a.yaml", "--per-step", "tok=4M", "--total", "500").output == ""

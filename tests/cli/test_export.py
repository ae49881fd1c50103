"""``lrdsl export`` on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

import lrdsl
from tests.cli.conftest import Run, Write

TEXT = "warmup(2ep) >> cosine(20, base)"


def test_it_prints_what_the_function_returns(run: Run, write: Write) -> None:
    path = write("a.lrs", TEXT)
    done = run("export", path, "--to", "python", "--steps-per-epoch", "5", "--base", "0.25")
    assert done.stdout == lrdsl.export(TEXT, "python", base=0.25, steps_per_epoch=5)
    assert (done.stderr, done.exit_code) == ("", 0)


def test_a_file_appears_complete_or_not_at_all(run: Run, write: Write) -> None:
    arguments = ["export", "-e", TEXT, "--to", "python"]
    refused = run(*arguments, "-o", "rate.py")
    assert (refused.stdout, refused.exit_code) == ("", 1)
    assert "--steps-per-epoch" in refused.stderr
    assert not Path("rate.py").exists()
    done = run(*arguments, "-o", "rate.py", "--steps-per-epoch", "5")
    assert (done.output, done.exit_code) == ("", 0)
    assert Path("rate.py").read_text("utf-8") == lrdsl.export(TEXT, steps_per_epoch=5)
    nowhere = run(*arguments, "-o", "none/rate.py", "--steps-per-epoch", "5")
    assert nowhere.exit_code == 2
    assert nowhere.stderr.startswith("lrdsl: cannot write none/rate.py: ")


def test_a_schedule_in_a_config(run: Run, write: Write) -> None:
    path = write("train.yaml", "schedule: linear(10, 0.1)\nother:\n  schedule: const\n")
    done = run("export", f"{path}:schedule", "--to", "python")
    assert "return 0.1 * (10 - step) / 10" in done.stdout
    several = run("export", path, "--key", "**.schedule", "--to", "python")
    assert (several.stdout, several.exit_code) == ("", 2)
    assert "2 schedules" in several.stderr or "two schedules" in several.stderr


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("cosine(100) * plateau(0.1)", "`plateau` cannot be exported as a formula: a metric"),
        ('until(signal("cut"), const) >> linear(9)', 'it waits for `signal("cut")`'),
        ("until(below(0.3), const) >> linear(9)", "it waits for `below`"),
        ('linear(10, own("lr_scale"))', 'it depends on `own("lr_scale")`'),
        ("run clock = tok, 1st = 3tok\nlinear(100tok)", "it follows a clock"),
        ("repeat(repeat(linear(10ep), 3) >> const(2))", "take fractions of a step"),
        ("repeat(linear(2) >> const(3), stretch = 1.01)", "and there are too many"),
    ],
)  # fmt: skip
def test_what_has_no_formula_is_refused_with_a_way_out(run: Run, text: str, reason: str) -> None:
    done = run(
        "export", "-e", text, "--to", "python", "--steps-per-epoch", "1.13", "--total", "900"
    )
    assert (done.stdout, done.exit_code) == ("", 1)
    assert done.stderr.startswith("error[LRS514 not-exportable]: ")
    assert reason in done.stderr
    assert "\nhelp: " in done.stderr


def test_a_table(run: Run) -> None:
    done = run("export", "-e", "linear(4)", "--to", "csv", "--base", "0.2", "--steps", "3")
    assert (done.stdout, done.exit_code) == ("step,lr\n0,0.2\n1,0.15000000000000002\n2,0.1\n", 0)
    missing = run("export", "-e", "linear(4)", "--to", "csv")
    assert "depend on `base`: give its value" in missing.stderr
    assert missing.exit_code == 2


def test_wrong_use(run: Run) -> None:
    two = run("export", "-e", TEXT, "-e", TEXT, "--to", "python")
    assert "Give one schedule" in two.stderr
    base = run("export", "-e", "const(5)", "--to", "python", "--base", "momentum=0.9")
    assert "nothing here drives `momentum`" in base.stderr
    assert [done.exit_code for done in (two, base)] == [2, 2]
    with pytest.raises(ValueError, match="there is no format 'pythn'; did you mean `python`"):
        lrdsl.export("const(5)", "pythn")
    with pytest.raises(ValueError, match="would have no effect"):
        lrdsl.export(lrdsl.parse("const(5)").resolve_all(), total=5)
    with pytest.raises(ValueError, match="nothing here drives 'momentum'"):
        lrdsl.export("const(5)", base={"momentum": 0.9})

"""``lrdsl fit`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import lrdsl
from tests.cli.conftest import Run, Write

SCHEMA = Path(lrdsl.__file__).parents[1] / "docs" / "reference" / "fit.schema.json"
ROW = '{{"step": {}, "learning_rate": {}}}'


def state(write: Write, rates: list[tuple[int, float]]) -> str:
    """A log of transformers."""
    rows = ", ".join(ROW.format(step, rate) for step, rate in rates)
    return write("trainer_state.json", f'{{"log_history": [{rows}]}}')


def linear(write: Write) -> str:
    return state(write, [(step, 0.1 * (1 - (step - 1) / 400)) for step in range(10, 401, 10)])


def test_the_text_and_the_proof(run: Run, write: Write) -> None:
    done = run("fit", linear(write))
    assert (done.stdout, done.exit_code) == ("linear(400, 0.1)\n", 0)
    assert done.stderr.startswith(
        "explains all 40 readings (rates of update s - 1, within float64)"
    )


def test_base_and_total(run: Run, write: Write) -> None:
    done = run("fit", linear(write), "--base", "0.1", "--total", "400")
    assert (done.stdout, done.exit_code) == ("linear(400, base)\n", 0)


@pytest.mark.parametrize(
    ("total", "status", "said"),
    [
        ("0.4k", 0, ""),
        ("400st", 0, ""),
        ("4ep", 2, "how many steps an epoch has is not known: give the length of the run"),
        ("0", 2, "error[LRS310 bad-run]: `total` cannot be '0'"),
    ],
)
def test_a_total_is_a_length(run: Run, write: Write, total: str, status: int, said: str) -> None:
    done = run("fit", linear(write), "--total", total)
    assert done.exit_code == status
    assert said in done.stderr
    assert done.stdout == ("" if status else "linear(400, 0.1)\n")


def test_json(run: Run, write: Write) -> None:
    done = run("fit", linear(write), "--format", "json")
    found = json.loads(done.stdout)
    assert (found["texts"], found["offset"], found["readings"]) == (["linear(400, 0.1)"], -1, 40)
    assert (found["unexplained"], found["precision"]) == ([], "float64")
    assert found["guessed"] is None
    schema = json.loads(SCHEMA.read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    validator.validate(found)
    rates = [(step, 0.1 + 0.01 * (step * step % 7)) for step in range(1, 40)]
    none = json.loads(run("fit", state(write, rates), "--format", "json").stdout)
    assert (none["texts"], none["offset"], none["largest"]) == ([], None, None)
    validator.validate(none)


def test_a_log_that_ends_early(run: Run, write: Write) -> None:
    log = state(write, [(step, 0.1 * (1 - (step - 1) / 400)) for step in range(10, 201, 10)])
    done = run("fit", log)
    assert done.stdout == "linear(400, 0.1)\n"
    assert "the log ends at step 200, so the text for steps 201 to 400 is a guess" in done.stderr
    assert json.loads(run("fit", log, "--format", "json").stdout)["guessed"] == [201, 400]


def test_what_no_text_explains(run: Run, write: Write) -> None:
    rates = [(step, 0.1 + 0.01 * (step * step % 7)) for step in range(1, 40)]
    done = run("fit", state(write, rates))
    assert (done.stdout, done.exit_code) == ("", 1)
    assert done.stderr.startswith("found no text that explains steps ")


def test_what_cannot_be_read(run: Run, write: Write) -> None:
    missing = run("fit", "nowhere.json")
    assert (missing.stdout, missing.exit_code) == ("", 2)
    assert "there is no such file or folder" in missing.stderr
    short = run("fit", state(write, [(1, 0.1)]))
    assert short.exit_code == 2 and "a fit needs 3" in short.stderr
    column = run("fit", linear(write), "--rate", "nothing")
    assert column.exit_code == 2 and "there is no column `nothing`" in column.stderr


def test_a_run_is_chosen_of_several(run: Run, write: Write) -> None:
    rows = "".join(f"{t},{0.1 * (1 - t / 40)!r},0.3,0.3\n" for t in range(0, 40, 2))
    log = write("chart.csv", f"Step,one - lr,two - lr,two - lr__MIN\n{rows}")
    assert run("fit", log, "--run-name", "two").stdout == "const(value = 0.3)\n"
    assert run("fit", log).exit_code == 2

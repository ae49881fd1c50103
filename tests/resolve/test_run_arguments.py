"""The arguments of a run: the same four, with the same rules, wherever a run is described."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy
import pytest

import lrdsl
from lrdsl import LrsError, Program, RunContext
from lrdsl.cli.commands import check, diff, explain, preview
from lrdsl.context import from_json
from lrdsl.frameworks.torch import state
from lrdsl.resolve.run_arguments import NAMES, RunArguments, normalized
from lrdsl.resolve.run_json import to_json
from tests.frameworks.torch.driving import optimizer

FUNCTIONS: list[Callable[..., Any]] = [lrdsl.compile, Program.resolve, Program.resolve_all]
TEXT = "param peak = 0.5  warmup(1Mtok, 0, peak) >> cosine"


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__qualname__)
def test_every_function_of_a_run_shows_them(function: Callable[..., Any]) -> None:
    parameters = inspect.signature(function).parameters
    assert [name for name in parameters if name in NAMES] == list(NAMES)
    own = [parameters[name] for name in NAMES]
    assert {(p.kind, p.default) for p in own} == {(inspect.Parameter.KEYWORD_ONLY, None)}
    assert own[0].annotation == "int | str | None"
    assert not any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
    assert "**run" not in (function.__doc__ or "")


def test_the_docstring_is_the_same_everywhere() -> None:
    meaning = inspect.cleandoc(RunArguments.__doc__ or "").partition("Attributes:\n")[2]
    assert [line.split(":")[0].strip() for line in meaning.split("\n") if line[4] != " "] == [
        *NAMES
    ]
    assert all(meaning in (thing.__doc__ or "") for thing in [*FUNCTIONS, RunContext])


def test_python_without_docstrings_has_none() -> None:
    program = "import lrdsl; assert lrdsl.parse.__doc__ is lrdsl.Program.resolve.__doc__ is None"
    subprocess.run([sys.executable, "-OO", "-c", f"{program}; lrdsl.RunContext"], check=True)


def test_the_model_and_the_command_line_have_them() -> None:
    assert tuple(RunContext.model_fields) == NAMES
    for module in (check, diff, explain, preview):
        assert [p.name for p in module.command.params if p.name in NAMES] == list(NAMES)


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__qualname__)
@pytest.mark.parametrize("name", ["units", "totl"])
def test_another_name_is_refused_as_python_does(function: Callable[..., Any], name: str) -> None:
    first = ("const", optimizer(0.1)) if function is lrdsl.compile else (lrdsl.parse("const"),)
    called = function.__qualname__
    with pytest.raises(TypeError) as caught:
        function(*first, **{name: {}})
    assert str(caught.value) == f"{called}() got an unexpected keyword argument {name!r}"


def test_only_what_says_something_is_kept() -> None:
    params = {"peak": 1}
    run = normalized({"params": params, "per_step": {}, "total": 0, "steps_per_epoch": None}, "f")
    assert list(run.items()) == [("total", 0), ("params", {"peak": 1})]
    assert run["params"] is not params


SPELLED: list[Any] = [
    4_000_000, 4e6, "4M", "4_000_000", "4000k", " 4e6 ", "+4000000", numpy.int64(4_000_000),
    numpy.float32(4e6),
]  # fmt: skip


@pytest.mark.parametrize("amount", SPELLED, ids=repr)
def test_an_amount_is_read_as_the_language_reads_it(amount: Any) -> None:
    run: RunArguments = {"total": "2Btok", "per_step": {"tok": amount}}
    assert lrdsl.parse("cosine").resolve(**run).length == 500
    assert json.loads(to_json(run)) == {"total": "2Btok", "per_step": {"tok": 4e6}}
    assert RunContext.model_validate(run).per_step == {"tok": 4e6}


@pytest.mark.parametrize("amount", [True, b"4", "4Mtok", "four", "", 1j, [4], None], ids=repr)
def test_what_is_no_amount(amount: Any) -> None:
    with pytest.raises(LrsError) as caught:
        lrdsl.parse("const(5)").resolve(per_step={"tok": amount})
    (found,) = caught.value.diagnostics
    assert found.message.startswith(f"`tok` cannot be {amount!r}: input should be a valid number")
    with pytest.raises(ValueError, match="input should be a valid number"):
        RunContext.model_validate({"per_step": {"tok": amount}})


def test_a_number_of_numpy_is_one() -> None:
    run: dict[str, Any] = {"total": numpy.float64(100.0)}
    assert lrdsl.parse("cosine").resolve(**run).length == 100
    schedule = lrdsl.parse("param a = 1  const(5, a)").resolve(params={"a": numpy.float64(0.1)})
    assert schedule(0) == 0.1


def test_units_are_exact() -> None:
    """Three tenths of a unit are not 0.30000000000000004 of it."""
    text = "const(0.1tok, 1) >> const(0.2tok, 2) >> const(7.2tok, 3)"
    schedule = lrdsl.parse(text).resolve(per_step={"tok": 0.3})
    assert schedule.length == 25


RUNS: list[RunArguments] = [
    {"total": "2Mtok", "per_step": {"tok": "1k"}},
    {"total": 2000, "per_step": {"tok": 1000}, "params": {"peak": 0.25}, "steps_per_epoch": "10"},  # type: ignore[typeddict-item]
]


@pytest.mark.parametrize("run", RUNS, ids=str)
def test_a_saved_state_is_read_with_the_same_run(run: RunArguments) -> None:
    scheduler = lrdsl.compile(TEXT, optimizer(0.1), **run)
    saved = state.read(scheduler.state_dict())
    assert saved.context == to_json(run) == to_json(from_json(saved.context))
    (again,) = saved.schedules().values()
    assert again.length == 2000
    assert again(500) == lrdsl.parse(TEXT).resolve(**run)(500)


@pytest.mark.parametrize("text", ['{"units": {"tok": 1e-6}}', '{"total": -5}', "[]", ""])
def test_a_line_of_another_kind_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="RunContext"):
        from_json(text)


def test_the_model_describes_itself() -> None:
    schema = RunContext.model_json_schema()
    assert schema["additionalProperties"] is False
    assert schema["properties"]["per_step"]["additionalProperties"] == {
        "exclusiveMinimum": 0,
        "type": "number",
    }


def test_a_scheduler_takes_them_between_its_own() -> None:
    run: RunArguments = {"per_step": {"tok": "100k"}, "total": 20}
    scheduler = lrdsl.compile(TEXT, optimizer(0.1), start_step=3, **run)
    assert scheduler.last_epoch == 3


@pytest.mark.parametrize(
    ("value", "per_step", "words"),
    [
        ("7Mtok", {}, 'pass how many one step takes: `per_step={"tok": …}` (`--per-step tok=…`)'),
        ("7Mtoks", {"tok": "1M"}, "did you mean `tok`?"),
        ("7epochs", {}, "write `7ep`"),
    ],
)
def test_a_value_in_a_unit_that_is_not_known_says_what_to_pass(
    value: str, per_step: dict[str, float | str], words: str
) -> None:
    with pytest.raises(LrsError) as caught:
        lrdsl.parse("param up = 5ep\nwarmup(up) >> const").resolve(
            params={"up": value}, per_step=per_step
        )
    (found,) = caught.value.diagnostics
    assert found.slug == "bad-run"
    assert words in found.help


def test_equal_schedules_have_equal_hashes() -> None:
    program = lrdsl.parse("param a = 1  param b = 2  const(5, a + b)")
    one = program.resolve_all(params={"a": 3, "b": 4}, steps_per_epoch=8)
    other = lrdsl.parse(str(program), name="another").resolve_all(
        steps_per_epoch=8.0, params={"b": 4.0, "a": 3}
    )
    assert one == other
    assert hash(one) == hash(other)

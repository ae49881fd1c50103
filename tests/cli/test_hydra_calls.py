"""Calls of Hydra's: whatever of lrdsl takes a schedule is checked by one rule."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import lrdsl
from lrdsl.configs.calls import _parameters
from lrdsl.configs.marks import CALLS
from tests.cli.conftest import Run, Write
from tests.cli.test_check import heads
from tests.cli.test_config_files import shown
from tests.cli.test_ignored import warned
from tests.frameworks.torch.driving import optimizer

TEXTS = [
    ("lrdsl.compile", "source"),
    ("lrdsl.parse", "text"),
    ("lrdsl.Program", "text"),
    ("lrdsl.program.parse", "text"),
    ("lrdsl.program.Program", "text"),
    ("lrdsl.frameworks.torch.compile.compile", "source"),
    ("lrdsl.ScheduleLR", "source"),
    ("lrdsl.frameworks.torch.lambda_lr.ScheduleLR", "source"),
]


def test_every_name_that_takes_a_schedule_is_known() -> None:
    # The source of a fit is a log, and no run is made from an analysis.
    others = {"fit", "Analysis", "analyze", "analyze_config"}
    names = {name: getattr(lrdsl, name) for name in lrdsl.__all__ if name not in others}
    taking = {
        f"lrdsl.{name}": first
        for name, value in names.items()
        if callable(value)
        for first in [*inspect.signature(value).parameters][: 1 + (name == "ScheduleLR")]
        if first in {"source", "text", "path"}
    }
    assert taking == CALLS


@pytest.mark.parametrize(("target", "argument"), TEXTS)
@pytest.mark.parametrize("form", ["{argument}: {text}", "_args_: ['{text}']"])
def test_a_text(run: Run, write: Write, target: str, argument: str, form: str) -> None:
    rest = form.format(argument=argument, text="warmup(5) >> cosin(20)")
    done = run("check", write("a.yaml", f"x:\n  _target_: {target}\n  {rest}\n"))
    assert shown(done.stdout) == ["cosin"]
    assert heads(done.stdout)[0].startswith("LRS201 a.yaml:3:")
    assert run("check", ".").stdout == done.stdout
    assert done.exit_code == 1


def test_a_file(run: Run, write: Write) -> None:
    write("s.txt", "cosin(20)\n")
    for target in ("lrdsl.load", "lrdsl.program.load"):
        done = run("check", write("a.yaml", f"_target_: {target}\npath: s.txt\n"))
        assert heads(done.stdout) == ["LRS201 s.txt:1:1"]
    done = run("check", write("a.yaml", "_target_: lrdsl.load\npath: t.txt\n"))
    assert heads(done.stdout) == ["LRS704 a.yaml:2:7"]


def test_parse_takes_no_path(run: Run, write: Write) -> None:
    write("s.lrs", "const\n")
    assert run("check", write("a.yaml", "_target_: lrdsl.compile\nsource: s.lrs\n")).output == ""
    done = run("check", write("a.yaml", "_target_: lrdsl.parse\ntext: s.lrs\n"))
    assert done.exit_code == 1
    with pytest.raises(lrdsl.LrsError):
        lrdsl.parse("s.lrs")


def test_a_program_that_is_compiled_has_the_run_of_that_call(run: Run, write: Write) -> None:
    call = "_target_: lrdsl.compile\ntotal: {}\nsource:\n  _target_: lrdsl.parse\n  text: {}\n"
    done = run("check", write("a.yaml", call.format(100, "linear(50, 0.4, 0.1)")))
    assert warned(done.stdout) == ["LRS603 a.yaml:5:9"]
    assert run("check", write("a.yaml", call.format(50, "linear(50, 0.4, 0.1)"))).output == ""
    source = call.format(50, "linear(50, 0.4, 0.1)").replace("lrdsl.parse", "my.own")
    assert run("check", write("a.yaml", source)).exit_code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("_target_: lrdsl.parse\nsource: const\n", "`lrdsl.parse` takes no argument `source`"),
        ("_target_: lrdsl.parse\ntext: const\ntotal: 9\n", "takes no argument `total`"),
        ("_target_: lrdsl.load\npath: [a]\n", "`path` of `lrdsl.load` is a schedule, and this is"),
        ("_target_: lrdsl.load\npath: null\n", "help: write the path as a text: `resnet50.lrs`"),
        ("_target_: lrdsl.Program\n", "`lrdsl.Program` is called without a `text`, so no schedule"),
    ],
)
def test_what_a_call_gets_wrong(run: Run, write: Write, text: str, said: str) -> None:
    assert said in run("check", write("a.yaml", text)).stdout


def test_a_call_in_a_folder_of_what_lrdsl_does_not_have(run: Run, write: Write) -> None:
    write("a.yaml", "_target_: lrdsl.complie\nsource: const\n")
    assert heads(run("check", ".").stdout) == ["LRS705 a.yaml:1:11"]


def test_the_class_takes_what_compile_takes(run: Run, write: Write) -> None:
    call = "_target_: lrdsl.ScheduleLR\n_partial_: true\nsource: linear(50, 0.4, 0.1)\n"
    assert run("check", write("a.yaml", f"{call}total: 50\nparams: {{}}\n")).output == ""
    done = run("check", write("a.yaml", f"{call}total: 100\n"))
    assert warned(done.stdout) == ["LRS603 a.yaml:3:9"]
    done = run("check", write("a.yaml", f"{call}scheduler: lambda\n"))
    assert "`lrdsl.ScheduleLR` takes no argument `scheduler`" in done.stdout


def test_the_arguments_of_the_class_are_known_without_it() -> None:
    found = {*_parameters("lrdsl.ScheduleLR")}
    assert found == {*inspect.signature(lrdsl.ScheduleLR).parameters}


# What a config says, and what the call itself raises where its values are passed to it.
REFUSED: list[tuple[str, Any]] = [
    ("start_step: soon", {"start_step": "soon"}),
    ("start_step: '5'", {"start_step": "5"}),
    ("start_step: 2.5", {"start_step": 2.5}),
    ("start_step: -1", {"start_step": -1}),
    ("start_step: true", {"start_step": True}),
    ("start_step: null", {"start_step": None}),
    ("start_step: [5]", {"start_step": [5]}),
    ("start_step: {a: 5}", {"start_step": {"a": 5}}),
    ("lint: loud", {"lint": "loud"}),
    ("lint: off", {"lint": False}),  # a truth value in YAML
    ("on_change: keep", {"on_change": "keep"}),
    ("on_change: null", {"on_change": None}),
    ("rebase: 'yes'", {"rebase": "yes"}),
    ("warn_on_overwrite: 1", {"warn_on_overwrite": 1}),
    ("allow_missing_groups: maybe", {"allow_missing_groups": "maybe"}),
    ("calls_per_update: 0", {"calls_per_update": 0}),
    ("updates_per_step: 1.0", {"updates_per_step": 1.0}),
    ("scheduler: chained", {"scheduler": "chained"}),
    ("scheduler: true", {"scheduler": True}),
]


@pytest.mark.parametrize(("line", "options"), REFUSED)
def test_an_option_that_the_call_refuses(
    run: Run, write: Write, line: str, options: dict[str, Any]
) -> None:
    text = f"_target_: lrdsl.compile\nsource: const\n{line}\n"
    done = run("check", write("a.yaml", text))
    assert done.exit_code == 1
    (name,) = options
    assert heads(done.stdout) == [f"LRS310 a.yaml:3:{len(name) + 3}"]
    with pytest.raises((TypeError, ValueError)) as caught:
        lrdsl.compile("const", optimizer(0.1), **options)
    takes, _, _ = str(caught.value).partition(", not ")
    assert f"help: {takes}\n" in done.stdout


@pytest.mark.parametrize(
    ("line", "options"),
    [
        ("start_step: 5", {"start_step": 5}),
        ("start_step: 0x10", {"start_step": 16}),
        ("lint: 'off'", {"lint": "off"}),
        ("lint: null", {"lint": None}),
        ("rebase:", {"rebase": None}),
        ("rebase: yes", {"rebase": True}),
        ("scheduler: sequential", {"scheduler": "sequential"}),
        ("on_change: new", {"on_change": "new"}),
        ("calls_per_update: 2", {"calls_per_update": 2}),
        ("start_step: ${step}", {}),
        ("start_step: ???", {}),
        ("start_step: {_target_: my.step}", {}),
    ],
)
def test_an_option_that_the_call_takes(
    run: Run, write: Write, line: str, options: dict[str, Any]
) -> None:
    text = f"_target_: lrdsl.compile\nsource: const\n{line}\n"
    assert run("check", write("a.yaml", text)).exit_code == 0
    lrdsl.compile("const", optimizer(0.1), **options)

"""Calls of Hydra's: whatever of lrdsl takes a schedule is checked by one rule."""

from __future__ import annotations

import inspect

import pytest

import lrdsl
from lrdsl.configs.find import CALLS
from tests.cli.conftest import Run, Write
from tests.cli.test_check import heads
from tests.cli.test_config_files import shown
from tests.cli.test_ignored import warned

TEXTS = [
    ("lrdsl.compile", "source"),
    ("lrdsl.parse", "text"),
    ("lrdsl.Program", "text"),
    ("lrdsl.program.parse", "text"),
    ("lrdsl.program.Program", "text"),
    ("lrdsl.frameworks.torch.compile.compile", "source"),
]


def test_every_name_that_takes_a_schedule_is_known() -> None:
    # The source of a fit is a log.
    names = {name: getattr(lrdsl, name) for name in lrdsl.__all__ if name != "fit"}
    taking = {
        f"lrdsl.{name}": first
        for name, value in names.items()
        if callable(value)
        for first in [*inspect.signature(value).parameters][:1]
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

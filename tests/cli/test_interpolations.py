"""What a config says of the run by interpolation is not known, and `check` says so."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run, Write
from tests.cli.test_check import heads
from tests.cli.test_config_files import CALL, KEY

SHORT = "source: cosine(20, 0.4, 0.1)\n"


@pytest.mark.parametrize(
    ("beside", "place", "said", "option"),
    [
        ("total: ${epochs}ep", "4:8", "`total` is `${epochs}ep`", "--total 20"),
        ("total: ${oc.env:X}", "4:8", "`total` is `${oc.env:X}`", "--total 20"),
        ("total: ???", "4:8", "`total` is `???`", "--total 20"),
        ("steps_per_epoch: '${n}'", "4:18", "`steps_per_epoch` is `${n}`", "--steps-per-epoch 5"),
        ("params: {a: '${a}'}", "4:13", "`params.a` is `${a}`", "--set a=1"),
        ("params: ${p}", "4:9", "`params` is `${p}`", "--set a=1"),
        ("per_step: {tok: '${t}'}", "4:17", "`per_step.tok` is `${t}`", "--per-step tok=5"),
    ],
)
def test_what_a_call_says(
    run: Run, write: Write, beside: str, place: str, said: str, option: str
) -> None:
    source = SHORT if "params" not in beside else "source: param a = 1 cosine(20, a, 0.1)\n"
    write("a.yaml", f"{CALL}{source}{beside}\n")
    done = run("check", "a.yaml")
    note = f"note: a.yaml:{place} is not known here: {said}; give {option.split()[0]}\n"
    assert (done.stdout, done.stderr, done.exit_code) == ("", note, 0)
    assert note in run("preview", "a.yaml").stderr
    done = run("check", "a.yaml", *option.split())
    assert (done.output, done.exit_code) == ("", 0)


@pytest.mark.parametrize(
    ("beside", "place", "said"),
    [
        ("total: [1]", "4:8", "`total` is `[1]`, a list"),
        ("total: {a: 1}", "4:8", "`total` is `{a: 1}`, a table"),
        ("total:\n  - 5", "5:3", "`total` is a list"),
        ("total: true", "4:8", "`total` is `true`"),
    ],
)
def test_what_is_no_number_is_not_known_either(
    run: Run, write: Write, beside: str, place: str, said: str
) -> None:
    write("a.yaml", f"{CALL}{SHORT}{beside}\n")
    done = run("check", "a.yaml")
    note = f"note: a.yaml:{place} is not known here: {said}; give --total\n"
    assert (done.stdout, done.stderr, done.exit_code) == ("", note, 0)
    assert run("check", "a.yaml", "--total", "20").output == ""


def test_what_a_key_of_the_run_says(run: Run, write: Write) -> None:
    write("a.yaml", "t: ${x}\nn: ${y}\na: {schedule: const}\nb: {schedule: const}\n")
    options = (*KEY, "--total-from", "t=ep", "--steps-per-epoch-from", "n")
    done = run("check", "a.yaml", *options)
    assert done.stderr == (
        "note: a.yaml:1:4 is not known here: `total` is `${x}`; give --total\n"
        "note: a.yaml:2:4 is not known here: `steps_per_epoch` is `${y}`; give --steps-per-epoch\n"
    )
    assert (done.stdout, done.exit_code) == ("", 0)
    assert run("check", "a.yaml", *options, "--total", "5", "--steps-per-epoch", "1").output == ""


def test_what_is_said_elsewhere_is_known(run: Run, write: Write) -> None:
    write("a.yaml", f"{CALL}{SHORT}total: ${{t}}\nt: 30\n")
    done = run("check", "a.yaml", "--total-from", "t")
    assert "LRS603" in done.stdout
    assert done.stderr == ""


def test_what_is_not_said_needs_no_word(run: Run, write: Write) -> None:
    write("a.yaml", f"{CALL}{SHORT}total: null\nparams: {{}}\n")
    assert run("check", "a.yaml").output == ""
    write("a.yaml", "x: ${y}\nschedule: const\n")
    assert run("check", "a.yaml", *KEY).output == ""
    assert heads(run("check", "a.yaml", *KEY).stdout) == []

"""What a config says of the run by interpolation is not known, and `check` says so."""

from __future__ import annotations

import pytest
import yaml

import lrdsl
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
        ("steps_per_epoch: '${n}'", "4:18", "`steps_per_epoch` is `${n}`", "--steps-per-epoch 1"),
        ("params: {a: '${a}'}", "4:13", "`params.a` is `${a}`", "--param a=1"),
        ("params: ${p}", "4:9", "`params` is `${p}`", "--param a=1"),
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
        ("total: [1]", "4:8", "`total` is a number, and this is `[1]`, a list"),
        ("total: {a: 1}", "4:8", "`total` is a number, and this is `{a: 1}`, a table"),
        ("total:\n  - 5", "5:3", "`total` is a number, and this is a list"),
        ("total: true", "4:8", "`total` is a number, and this is `true`"),
        ("steps_per_epoch: [1]", "4:18", "`steps_per_epoch` is a number, and this is `[1]`"),
        ("steps_per_epoch: no", "4:18", "`steps_per_epoch` is a number, and this is `no`"),
        ("per_step: 5", "4:11", "`per_step` gives numbers by name, and this is `5`"),
        ("per_step: [1]", "4:11", "`per_step` gives numbers by name, and this is `[1]`, a list"),
        ("per_step: {tok: [1]}", "4:17", "`tok` of `per_step` is a number, and this is `[1]`"),
        ("per_step: {tok: true}", "4:17", "`tok` of `per_step` is a number, and this is `true`"),
        ("params: a", "4:9", "`params` gives numbers by name, and this is `a`"),
        ("params: [1]", "4:9", "`params` gives numbers by name, and this is `[1]`, a list"),
        ("params: {a: [1]}", "4:13", "`a` of `params` is a number, and this is `[1]`, a list"),
        ("params: {a: {b: 1}}", "4:13", "`a` of `params` is a number, and this is `{b: 1}`"),
        ("params: {a: yes}", "4:13", "`a` of `params` is a number, and this is `yes`"),
    ],
)
def test_what_is_of_the_wrong_kind_is_an_error_as_it_is_in_the_call(
    run: Run, write: Write, beside: str, place: str, said: str
) -> None:
    source = "source: param a = 1 cosine(20, a, 0.1)\n"
    done = run("check", write("a.yaml", f"{CALL}{source}{beside}\n"))
    assert heads(done.stdout) == [f"LRS310 a.yaml:{place}"]
    assert said in done.stdout
    assert done.exit_code == 1
    given = yaml.safe_load(beside)
    with pytest.raises((lrdsl.LrsError, TypeError, ValueError)):
        lrdsl.parse("param a = 1 cosine(20, a, 0.1)").resolve(**given)


@pytest.mark.parametrize("call", ["lrdsl.parse", "lrdsl.Program", "lrdsl.load"])
def test_what_takes_no_run_says_so(run: Run, write: Write, call: str) -> None:
    write("s.lrs", "cosine(20)\n")
    argument, text = ("path", "s.lrs") if call == "lrdsl.load" else ("text", "cosine(20)")
    for beside in ("total: [1]", "steps_per_epoch: true", "per_step: 5", "params: [1]"):
        done = run("check", write("a.yaml", f"_target_: {call}\n{argument}: {text}\n{beside}\n"))
        assert heads(done.stdout) == ["LRS705 a.yaml:3:1"]


@pytest.mark.parametrize(
    ("beside", "note"),
    [
        ("total: {_target_: my.total}", "`total` is `{_target_: my.total}`, a table; give --total"),
        ("params: {a: {_target_: my.rate}}", ""),
        ("per_step: {_target_: my.units}", ""),
        ("params: null", ""),
        ("params: {a: null}", ""),
    ],
)
def test_what_hydra_makes_is_of_any_kind(run: Run, write: Write, beside: str, note: str) -> None:
    source = "source: param a = 1 cosine(20, a, 0.1)\n"
    done = run("check", write("a.yaml", f"{CALL}{source}{beside}\n"))
    assert (done.stdout, done.exit_code) == ("", 0)
    assert note in done.stderr


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


def test_what_the_config_resolves_is_checked(run: Run, write: Write) -> None:
    text = "train: {epochs: 90, warm: 5}\nname: ${oc.env:USER}\n"
    schedule = "schedule: warmup(${train.warm}ep) >> cosine(85ep, 0.4, 0.01)\n"
    options = (*KEY, "--total-from", "train.epochs=ep", "--steps-per-epoch", "10")
    assert run("check", write("a.yaml", text + schedule), *options).output == ""
    done = run("check", write("a.yaml", text + schedule.replace("85", "8 5")), *options)
    assert heads(done.stdout)
    # A caret points at the interpolation that a number came from.
    text = text.replace("warm: 5", "warm: -5")
    done = run("check", write("a.yaml", text + schedule), *options)
    assert [head.split()[1] for head in heads(done.stdout)] == ["a.yaml:3:18"]
    assert "${train.warm}" in done.stdout
    assert done.stderr == ""


def test_a_schedule_that_another_key_has(run: Run, write: Write) -> None:
    write("a.yaml", "presets: {a: cosin(5), b: const}\nschedule: ${presets.a}\n")
    for named in ("a.yaml", "a.yaml:schedule"):
        assert heads(run("check", named, "--key", "schedule").stdout) == ["LRS201 a.yaml:1:14"]
    assert run("check", write("a.yaml", "p: {a: const}\nx: !lrs ${p.a}\n")).output == ""
    write("b.yaml", "n: 5\nx: ${lrs:'cosin(${n})'}\n")
    assert heads(run("check", "b.yaml").stdout) == ["LRS201 b.yaml:2:11"]


def test_a_run_that_the_config_resolves(run: Run, write: Write) -> None:
    call = "_target_: lrdsl.compile, source: 'param a = 1 cosine(20, a, 0.1)'"
    text = f"s: {{{call}, total: '${{n}}', params: '${{p}}'}}\nn: 30\np: {{a: 2}}\n"
    done = run("check", write("a.yaml", text))
    assert "the schedule is 20 steps, the run is 30" in done.stdout
    assert done.stderr == ""
    done = run("check", write("a.yaml", text.replace("n: 30", "n: -3")))
    assert heads(done.stdout) == ["LRS310 a.yaml:2:4"]


def test_what_the_config_does_not_resolve_is_noted(run: Run, write: Write) -> None:
    write("a.yaml", "n: 5\nschedule: warmup(${n}) >> cosine(${oc.env:N})\n")
    done = run("check", "a.yaml", *KEY)
    assert done.stderr == (
        "note: a.yaml:2:11 holds an interpolation, so the schedule there is not known and not"
        " checked\n"
    )


def test_a_relative_interpolation_in_a_table_that_is_merged(run: Run, write: Write) -> None:
    text = "defs: &d {n: 7, s: 'linear(${.n})'}\ntwo: {<<: *d, n: 9}\n"
    done = run("explain", write("a.yaml", text) + ":two.s")
    assert "a.yaml:1:20 holds an interpolation" in done.stderr
    assert "7 steps" not in done.stdout


def test_numbers_that_yaml_spells_otherwise(run: Run, write: Write) -> None:
    text = "d: 5.\np: +5\ns: !lrs linear(10, ${d})\nt: !lrs linear(${p})\n"
    done = run("check", write("a.yaml", text))
    assert "LRS10" not in done.output, done.output

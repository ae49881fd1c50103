"""Nothing is ignored without a word: options, settings and keys that have no effect."""

from __future__ import annotations

import inspect
import json
import re

import pytest

import lrdsl
from lrdsl.resolve.run_arguments import NAMES
from tests.cli.conftest import Run, Write
from tests.cli.test_check import heads
from tests.cli.test_config_files import CALL, KEY, shown

RUN = "train: {max_updates: 100, steps: 10}\nschedule: linear(50)\n"


def warned(text: str) -> list[str]:
    """The codes and places of the warnings."""
    found = re.findall(r"^warning\[(\S+) .*\n *--> (.+)$", text, re.MULTILINE)
    return [f"{code} {place}" for code, place in found]


@pytest.mark.parametrize("option", ["total-from", "steps-per-epoch-from"])
@pytest.mark.parametrize("keys", ["train.max_updats", "max_updats", "training.max_update"])
def test_a_misspelled_key_of_the_run(run: Run, write: Write, option: str, keys: str) -> None:
    done = run("check", write("a.yaml", RUN), *KEY, f"--{option}", keys)
    assert warned(done.stdout) == [f"LRS705 --{option}"]
    assert f"no config with a schedule has the key `{keys}`, so the " in done.stdout
    assert "help: did you mean `train.max_updates`?\n" in done.stdout
    assert done.exit_code == 0
    done = run("check", "a.yaml", *KEY, f"--{option}", keys, "--strict")
    assert heads(done.stdout) == [f"LRS705 --{option}"]
    assert done.exit_code == 1


def test_a_key_of_the_run_that_is_like_no_other(run: Run, write: Write) -> None:
    done = run("check", write("a.yaml", RUN), *KEY, "--total-from", "epochs=ep", "--strict")
    assert done.stderr == (
        "note: no config with a schedule has the key `epochs`, so the length of the run is not"
        " known; --total-from names it\n"
    )
    assert (done.stdout, done.exit_code) == ("", 0)


def test_a_key_of_the_run_that_some_configs_lack(run: Run, write: Write) -> None:
    write("a.yaml", RUN.replace("max_updates", "max_updates_"))
    write("b.yaml", RUN.replace("linear(50)", "linear(100)"))
    done = run("check", ".", *KEY, "--total-from", "train.max_updates")
    assert (done.output, done.exit_code) == ("", 0)


def test_a_key_of_the_run_in_another_file(run: Run, write: Write) -> None:
    write("a.yaml", "train: {max_updates: 100}\nx: !lrs const\n")
    write("b.yaml", "schedule: linear(50)\n")
    write("a.yaml", "train: {max_updates: 100}\n_target_: lrdsl.register\n")
    done = run("check", ".", *KEY, "--total-from", "train.max_updates")
    assert done.stderr.startswith("note: no config with a schedule has the key `train.max_updates`")
    assert (done.stdout, done.exit_code) == ("", 0)


def test_a_misspelled_setting_of_the_project(run: Run, write: Write) -> None:
    text = "[tool.lrdsl]\nkey = 'schedule'\ntotal-from = 'train.max_updats'\n"
    write("pyproject.toml", text)
    done = run("check", write("a.yaml", RUN))
    assert warned(done.stdout) == ["LRS705 pyproject.toml:3:15"]
    assert shown(done.stdout) == ["train.max_updats"]


def test_a_misspelled_key_of_schedules(run: Run, write: Write) -> None:
    write("a.yaml", "a: {schedule: const}\nb: {lr_schedule: const}\n")
    done = run("check", "a.yaml", "--key", "a.schedule", "--key", "b.lr_schedul")
    assert warned(done.stdout) == ["LRS705 --key"]
    assert "help: did you mean `b.lr_schedule`?\n" in done.stdout
    # The one that is near is a schedule already.
    done = run("check", "a.yaml", "--key", "a.schedule", "--key", "a.schedules")
    assert done.stderr == "note: no config has the key `a.schedules`; --key names it\n"
    assert (done.stdout, done.exit_code) == ("", 0)
    # A project names the keys of all its configs.
    write("pyproject.toml", "[tool.lrdsl]\nkey = ['a.schedule', 'b.lr_schedul']\n")
    assert run("check", "a.yaml").output == ""


def test_keys_of_a_project_that_find_nothing_at_all(run: Run, write: Write) -> None:
    """Otherwise a build with a misspelled key would pass for ever, and check nothing."""
    write("a.yaml", "a: {schedule: const}\n")
    write("pyproject.toml", "[tool.lrdsl]\nkey = ['a.shedule']\n")
    done = run("check", "a.yaml", "--strict")
    assert (heads(done.stdout), done.exit_code) == (["LRS705 pyproject.toml:2:9"], 1)
    assert "help: did you mean `a.schedule`?\n" in done.stdout
    # A hook gets the files that changed, whatever they are.
    assert run("check", "a.yaml", "--strict", "--skip-unrelated").exit_code == 0
    write("pyproject.toml", "[tool.lrdsl]\nkey = ['other']\n")
    done = run("check", "a.yaml")
    assert "note: no schedule was found under `other`; --key names the keys" in done.stderr


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("steps_per_epoc: 10\n", "4:1", "help: did you mean `steps_per_epoch`?\n"),
        ("'total_': 10\n", "4:2", "help: did you mean `total`?\n"),
        ("x: {y: {z: 1}}\n", "4:1", "help: it takes `source`, `optimizer`, "),
        ("_partal_: true\n", "4:1", "help: did you mean `_partial_`?\n"),
        ("param:\n  - 3\n", "4:1", "help: did you mean `params`?\n"),
    ],
)
def test_an_argument_that_compile_does_not_take(
    run: Run, write: Write, text: str, place: str, said: str
) -> None:
    done = run("check", write("a.yaml", f"{CALL}source: const\n{text}"))
    assert heads(done.stdout) == [f"LRS705 a.yaml:{place}"]
    assert said in done.stdout
    assert done.exit_code == 1


def test_every_argument_of_compile_is_one(run: Run, write: Write) -> None:
    parameters = inspect.signature(lrdsl.compile).parameters
    assert {"source", "start_step", *NAMES} <= {*parameters}
    defaults = {name: p.default for name, p in parameters.items() if p.default is not p.empty}
    defaults["optimizer"] = None
    others = "".join(f"{name}: {json.dumps(value)}\n" for name, value in defaults.items())
    done = run("check", write("a.yaml", f"{CALL}_recursive_: false\nsource: const\n{others}"))
    assert (done.output, done.exit_code) == ("", 0)


@pytest.mark.parametrize("suffix", ["yaml", "json", "toml"])
def test_a_function_that_lrdsl_does_not_have(run: Run, write: Write, suffix: str) -> None:
    write("a.yaml", "_target_: lrdsl.complie\nsource: const\n")
    write("a.json", '{"_target_": "lrdsl.complie"}')
    write("a.toml", "_target_ = 'lrdsl.complie'\n")
    done = run("check", f"a.{suffix}")
    assert shown(done.stdout) in (["lrdsl.complie"], ['"lrdsl.complie"'], ["'lrdsl.complie'"])
    assert "error[LRS705 unknown-key]: lrdsl has no `complie` to call\n" in done.stdout
    assert "help: did you mean `compile`?\n" in done.stdout
    assert done.exit_code == 1
    assert run("check", write("b.yaml", "_target_: lrdsl.parse\ntext: const\n")).exit_code == 0


@pytest.mark.parametrize(
    ("source", "noun"),
    [
        ("[warmup(5), const]", "a list"),
        ("{a: 1}", "a mapping"),
        ("[]", "a list"),
        ("\n  a: 1", "a mapping"),
        ("true", "a truth value"),
    ],
)
def test_what_compile_cannot_take_for_a_schedule(
    run: Run, write: Write, source: str, noun: str
) -> None:
    done = run("check", write("a.yaml", f"{CALL}source: {source}\n"))
    place = "4:3" if "\n" in source else "3:9"
    assert heads(done.stdout) == [f"LRS706 a.yaml:{place}"]
    assert f"`source` of `lrdsl.compile` is a schedule, and this is {noun} without" in done.stdout
    assert shown(done.stdout) == [source.strip()]
    assert done.exit_code == 1


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("a.yaml", "scheduler: {name: cosine, text: const}\n", "1:12"),
        ("a.yaml", "scheduler:\n  - 5\n", "2:3"),
        ("a.yaml", "scheduler: on\n", "1:12"),
        ("a.json", '{"scheduler": ["const"]}', "1:15"),
        ("a.toml", "scheduler = [1]", "1:13"),
        ("a.toml", "scheduler = {a = 1}", "1:13"),
        ("a.toml", "[scheduler]\na = 1\n", "2:5"),
    ],
)
def test_a_table_where_a_key_names_a_schedule(
    run: Run, write: Write, name: str, text: str, place: str
) -> None:
    done = run("check", write(name, text), "--key", "scheduler")
    assert warned(done.stdout) == [f"LRS706 {name}:{place}"]
    assert done.exit_code == 0
    assert run("check", name, "--key", "scheduler", "--strict").exit_code == 1


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("scheduler: {_target_: torch.optim.lr_scheduler.StepLR, step_size: 3}\n", "scheduler"),
        ("scheduler: {_target_: lrdsl.compile, source: const}\n", "scheduler"),
        ("scheduler: {text: !lrs const}\n", "scheduler"),
        ("scheduler: null\n", "scheduler"),
        ("scheduler: {a: {b: 1}, c: const}\n", "scheduler.*"),
        ("scheduler: {a: {b: 1}, c: const}\n", "**"),
    ],
)
def test_a_table_that_is_meant(run: Run, write: Write, text: str, key: str) -> None:
    assert "LRS706" not in run("check", write("a.yaml", text), "--key", key).stdout


@pytest.mark.parametrize("command", ["preview", "explain"])
@pytest.mark.parametrize(
    ("base", "said"),
    [
        ("emb=9e-4", "nothing here drives `emb`; it drives `lr` and `momentum`"),
        ("momentm=0.9", "nothing here drives `momentm`; did you mean `momentum`?"),
    ],
)
def test_a_base_of_what_nothing_drives(
    run: Run, write: Write, command: str, base: str, said: str
) -> None:
    write("a.lrs", "lr: linear(5)  momentum: const(5)")
    done = run(command, "a.lrs", "--base", base)
    assert said in " ".join(done.stderr.split())
    assert done.exit_code == 2
    assert run(command, "a.lrs", "--base", "momentum=0.5", "--base", "0.1").exit_code == 0
    write("b.lrs", "lr: linear(6)")
    assert run("diff", "a.lrs", "b.lrs", "--base", "momentum=0.5").exit_code == 1
    done = run("diff", "a.lrs", "b.lrs", "--base", base)
    assert said in " ".join(done.stderr.split())
    assert done.exit_code == 2


@pytest.mark.parametrize("option", ["train.max_updates", "train.max_updates=st"])
def test_a_bare_number_of_the_run_counts_whole_steps(run: Run, write: Write, option: str) -> None:
    write("a.yaml", RUN.replace("100", "1000.5"))
    done = run("check", "a.yaml", *KEY, "--total-from", option)
    assert heads(done.stdout) == ["LRS310 a.yaml:1:22"]
    assert "cannot be 1000.5: a bare number counts whole steps" in done.stdout
    assert run("check", "a.yaml", *KEY, "--total", "1000.5").exit_code == 1
    write("a.yaml", RUN.replace("100", "50.0"))
    assert run("check", "a.yaml", *KEY, "--total-from", option).output == ""
    done = run("check", "a.yaml", *KEY, "--total-from", "train.max_updates=ep")
    assert heads(done.stdout) == []


def test_an_error_about_the_run_is_where_the_config_says_it(run: Run, write: Write) -> None:
    write("a.yaml", "max_duration: 1ep\nschedule: warmup(2) >> cosine(1tok)\n")
    options = (*KEY, "--total-from", "max_duration", "--per-step", "tok=0.5")
    done = run("check", "a.yaml", *options)
    assert heads(done.stdout) == ["LRS307 a.yaml:1:15"]
    assert shown(done.stdout) == ["1ep"]
    # What was typed is in no file.
    done = run("check", "a.yaml", *options, "--total", "2ep")
    assert heads(done.stdout) == ["LRS307 the run"]


@pytest.mark.parametrize(
    ("beside", "place", "under"),
    [
        ("total: -5", "4:8", "-5"),
        ("total: 2.5", "4:8", "2.5"),
        ("params: {a: 1, b: 2}", "4:19", "2"),
        ("per_step: {tok: few}", "4:17", "few"),
    ],
)
def test_an_error_about_a_call_is_where_the_call_says_it(
    run: Run, write: Write, beside: str, place: str, under: str
) -> None:
    source = "param a = 1  linear(5, a) >> const"
    done = run("check", write("a.yaml", f"{CALL}source: {source}\n{beside}\n"), "--param", "a=1")
    if beside.startswith("params"):  # which the command line has replaced
        assert done.exit_code == 0
        done = run("check", "a.yaml")
    assert [head.split(":", 1)[1] for head in heads(done.stdout)] == [place]
    assert shown(done.stdout) == [under]


KEYS = ("--key", "lr", "--total-from", "epochs=ep", "--steps-per-epoch-from", "steps")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (KEYS[:2], "--key has"),
        (KEYS[2:], "--total-from and --steps-per-epoch-from have"),
        (KEYS, "--key, --total-from and --steps-per-epoch-from have"),
    ],
)
def test_options_about_configs_where_there_is_none(
    run: Run, write: Write, options: tuple[str, ...], said: str
) -> None:
    write("a.lrs", "warmup(5) >> cosine(20)\n")
    note = f"note: {said} no effect: no config was read\n"
    for files in (["a.lrs"], ["-e", "const"], ["."]):
        done = run("check", *files, *options)
        assert (done.stdout, done.stderr, done.exit_code) == ("", note, 0)
    write("b.yaml", "lr: !lrs warmup(5) >> cosine(20)\nepochs: 25\nsteps: 1\n")
    assert run("check", ".", *options).output == ""


def test_keys_of_the_project_are_for_other_files_too(run: Run, write: Write) -> None:
    write("pyproject.toml", '[tool.lrdsl]\nkey = "lr"\n')
    done = run("check", write("a.lrs", "warmup(5) >> cosine(20)\n"))
    assert (done.output, done.exit_code) == ("", 0)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("check a.lrs --stdin-filename b.lrs", "--stdin-filename names standard input: give `-`"),
        ("check -e const --stdin-filename b.yaml", "--stdin-filename names standard input: give"),
        ("fmt a.lrs --stdin-filename b.lrs", "--stdin-filename names standard input: give `-` too"),
        ("check - -", "Give `-` once: standard input can be read once."),
        ("check - a.yaml -", "Give `-` once: standard input can be read once."),
        ("fmt - -", "Give `-` once: standard input can be read once."),
        ("preview - -", "Give `-` once: standard input can be read once."),
        ("explain - -", "Give `-` once: standard input can be read once."),
        ("diff - -", "Give `-` once: standard input can be read once."),
        ("check a.lrs --diff --format json", "--diff prints a patch, which has no other --format"),
        ("explain LRS201 --total 5", "are for schedules: give one."),
        ("explain --base 0.1", "are for schedules: give one."),
        ("explain jump zero-rest --param a=1", "are for schedules: give one."),
        ("check a.lrs --param a=1 --param a=2", "Invalid value for '--param': 'a' is given twice"),
        ("check a.lrs --per-step t=1 --per-step t=2", "for '--per-step': 't' is given twice"),
        ("preview a.lrs --base 1 --base 2", "Invalid value for '--base': 'lr' is given twice"),
        ("preview a.lrs --base lr=1 --base 2", "Invalid value for '--base': 'lr' is given twice"),
        ("preview a.lrs --last 9007199254740993", "goes to step 2^53 at most"),
        ("diff a.lrs a.lrs --at 9007199254740993", "'--at': a step is at most 2^53"),
    ],
)
def test_what_would_have_no_effect_is_misuse(
    run: Run, write: Write, arguments: str, said: str
) -> None:
    write("a.lrs", "warmup(5) >> cosine(20)\n")
    done = run(*arguments.split(), input="const")
    assert said in done.stderr
    assert (done.stdout, done.exit_code) == ("", 2)


def test_a_schedule_beside_a_code_is_laid_out_for_the_run(run: Run) -> None:
    done = run("explain", "LRS201", "-e", "cosine", "--total", "5")
    assert "lr: " in done.stdout
    assert done.exit_code == 0


@pytest.mark.parametrize(
    "rest",
    ["total: 100", "_partial_: true", "_args_: []", "sources: const"],
)
def test_a_call_without_a_schedule(run: Run, write: Write, rest: str) -> None:
    done = run("check", write("a.yaml", f"x:\n  _target_: lrdsl.compile\n  {rest}\n"))
    assert warned(done.stdout) == ["LRS706 a.yaml:2:13"]
    assert "`lrdsl.compile` is called without a `source`, so no schedule is checked" in done.stdout


@pytest.mark.parametrize(
    "rest", ["<<: *other", "_args_: ${args}", "_args_: [const]", "source: ???", "source: ${x}"]
)
def test_a_call_whose_schedule_is_elsewhere(run: Run, write: Write, rest: str) -> None:
    other = "other: &other {source: const}\n"
    done = run("check", write("a.yaml", f"{other}x:\n  _target_: lrdsl.compile\n  {rest}\n"))
    assert "without a `source`" not in done.stdout
    assert done.exit_code == 0


@pytest.mark.parametrize("value", ["null", "~", ""])
def test_a_call_with_nothing_for_a_schedule(run: Run, write: Write, value: str) -> None:
    done = run("check", write("a.yaml", f"x:\n  _target_: lrdsl.compile\n  source: {value}\n"))
    assert "`source` of `lrdsl.compile` is a schedule, and this is nothing\n" in done.stdout
    assert done.exit_code == 1


def test_a_schedule_that_is_the_first_argument_of_a_call(run: Run, write: Write) -> None:
    call = "x:\n  _target_: lrdsl.compile\n  _args_: ['warmup(5) >> cosin', opt]\n  total: 9\n"
    assert heads(run("check", write("a.yaml", call)).stdout) == ["LRS201 a.yaml:3:26"]
    call = call.replace("cosin", "cosine(20) >> linear")
    assert heads(run("check", write("a.yaml", call)).stdout) == ["LRS404 a.yaml:3:40"]


NO_PATHS = {"a.yaml": r'"a\0.lrs"', "a.json": r'"a\u0000.lrs"', "b.json": r'"a\ud800.lrs"'}


@pytest.mark.parametrize("name", NO_PATHS)
def test_a_reference_that_cannot_be_a_path(run: Run, write: Write, name: str) -> None:
    text = f"lr: {NO_PATHS[name]}\n" if name == "a.yaml" else f'{{"lr": {NO_PATHS[name]}}}'
    done = run("check", write(name, text))
    assert "LRS704" in done.stdout
    assert ": this cannot be a path\n" in done.stdout
    assert done.exit_code == 1


def test_a_reference_that_is_too_long_for_a_path(run: Run, write: Write) -> None:
    done = run("check", write("a.json", f'{{"lr": "{"a" * 5000}.lrs"}}'))
    assert "LRS704" in done.stdout
    assert done.exit_code == 1


@pytest.mark.parametrize("name", ["a.yaml", "a.json", "a.toml"])
def test_a_zero_byte_is_named_as_such(run: Run, write: Write, name: str) -> None:
    done = run("check", write(name, 'lr = "warmup(5)\0 >> const"\n'), "--key", "lr")
    kind = name.partition(".")[2].upper()
    assert f"this is not {kind}: it has a NUL character, which no text has\n" in done.stdout
    assert done.stderr == ""

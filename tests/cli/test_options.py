"""One voice: an option means the same in every command, and its default is that of Python."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest

import lrdsl
from lrdsl.cli import COMMANDS, main

# What may differ between commands of one option, and why.
DIFFERENT = {
    ("--diff", "group"): "the changes that `check` makes are fixes, and those of `fmt` are not",
    ("--format", "type"): "each command writes other formats; `text` is one of them",
    ("--metric", "help"): "a log has the metric in a column, and a schedule has no log",
    ("--metric", "metavar"): "likewise",
    ("--metric", "type"): "likewise",
    ("--metric", "group"): "likewise",
    ("--output", "help"): "says what is written, and in which formats",
}
# The arguments of Python that have an option, and its name where that is another one: an option is
# repeated where Python takes several values.
TWINS: dict[str, tuple[Callable[..., object], dict[str, str]]] = {
    "audit": (lrdsl.audit, {"base": "bases", "rate": "rates"}),
    "diff": (lrdsl.equivalent, {"base": "bases"}),
    "export": (lrdsl.export, {"to": "form", "base": "bases"}),
    "fit": (lrdsl.fit, {"base": "bases", "rate": "rates"}),
    "preview": (lrdsl.Schedule.plot, {"base": "bases"}),
}
# Where a default differs, and why.
OTHER_DEFAULT = {
    ("preview", "first"): "no option is the first step: there may be several units",
    ("preview", "base"): "no option is 1, or 0.9 for a momentum",
}
# The arguments that no option has, and why.
WITHOUT_OPTION = {
    ("audit", "log"): "an argument",
    ("audit", "schedule"): "an argument",
    ("diff", "a"): "an argument",
    ("diff", "b"): "an argument",
    ("diff", "steps"): "two texts are compared at all steps",
    ("diff", "target"): "all targets are compared",
    ("diff", "metric"): "the rules for a metric are compared",
    ("export", "schedule"): "an argument",
    ("fit", "curve"): "an argument",
    ("fit", "steps"): "a log is no function",
    ("preview", "ax"): "there are no axes to draw on",
    ("preview", "line"): "there is no line of matplotlib",
    ("preview", "self"): "an argument",
}


CONTEXT = click.Context(main, **main.context_settings)
PACKAGE = Path(lrdsl.__file__).parent
ROOT = PACKAGE.parent


def command(name: str) -> click.Command:
    found = main.get_command(CONTEXT, name)
    assert found is not None
    return found


def options(name: str) -> dict[str, click.Option]:
    return {p.opts[-1]: p for p in command(name).params if isinstance(p, click.Option)}


def defaults(name: str) -> dict[str, object]:
    """What the function of a command is given where nothing is said, by its parameter."""
    context = command(name).make_context(name, [], CONTEXT, resilient_parsing=True)
    return {parameter: value or None for parameter, value in context.params.items()}


def described(option: click.Option) -> dict[str, object]:
    """What has to be the same wherever there is such an option."""
    return {
        "names": [*option.opts, *option.secondary_opts],
        "type": option.type.to_info_dict(),
        "metavar": option.metavar,
        "default": option.default,
        "multiple": option.multiple,
        "group": getattr(option, "group", None),
        "help": option.help,
    }


def differences() -> Iterator[tuple[str, str]]:
    """Each option that differs between commands, and in what."""
    first: dict[str, dict[str, object]] = {}
    for name in COMMANDS:
        for flag, option in options(name).items():
            one = described(option)
            for what, value in first.setdefault(flag, one).items():
                if one[what] != value:
                    yield flag, what


def test_an_option_is_the_same_in_every_command() -> None:
    assert {*differences()} == {*DIFFERENT}


def test_the_options_of_commands_are_in_one_order() -> None:
    order = [*options("preview")]
    for name in COMMANDS:
        found = [flag for flag in options(name) if flag in order]
        assert found == sorted(found, key=order.index), name


def test_the_help_shows_every_default_and_does_not_repeat_it() -> None:
    for name in COMMANDS:
        context = click.Context(command(name), CONTEXT)
        for flag, option in options(name).items():
            if option.is_flag or not defaults(name)[option.name or ""]:
                continue
            record = option.get_help_record(context)
            assert record is not None and "[default: " in record[1], (name, flag)
            assert "default" not in (option.help or ""), (name, flag)


def test_every_command_that_lays_a_schedule_out_takes_the_whole_run() -> None:
    run = {"--total", "--steps-per-epoch", "--per-step", "--param"}
    partly = {name for name in COMMANDS if run & {*options(name)} and not run <= {*options(name)}}
    assert partly == {"fit", "import"}  # which read a log, and other systems' units


def named() -> Iterator[tuple[str, str, str]]:
    """Every option beside its command in the docs, the messages and the changelog."""
    for folder, pattern in ((ROOT, "*.md"), (ROOT / "docs", "**/*.md"), (PACKAGE, "**/*.*")):
        for path in folder.glob(pattern):
            if path.suffix not in (".md", ".py", ".json"):
                continue
            for text in re.findall(r"\blrdsl ([a-z]+ [^`|;\n]*)", path.read_text("utf-8")):
                name, *words = text.split()
                for word in words:
                    if name in COMMANDS and (found := re.match(r"--[a-z][a-z-]+", word)):
                        yield str(path), name, found[0]


def test_only_options_that_exist_are_named() -> None:
    found = [*named()]
    assert len(found) > 100
    assert [one for one in found if one[2] != "--help" and one[2] not in options(one[1])] == []


@pytest.mark.parametrize("name", TWINS)
def test_the_arguments_of_python_have_options_with_the_same_default(name: str) -> None:
    function, called = TWINS[name]
    found = {option.name: option for option in options(name).values()}
    for argument, parameter in inspect.signature(function).parameters.items():
        option = found.get(called.get(argument, argument))
        assert (option is None) == ((name, argument) in WITHOUT_OPTION), argument
        if option is None or (name, argument) in OTHER_DEFAULT:
            continue
        assert defaults(name)[option.name or ""] == (parameter.default or None), argument

"""What the tests of diagnostics share: the examples of the pages, runs, golden files."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

import lrdsl
from lrdsl.configs.keys import Keys
from lrdsl.configs.runs import RunFrom
from lrdsl.configs.schedules import read
from lrdsl.frameworks.bounds import refused
from lrdsl.lints.engine import lint
from lrdsl.resolve.run_arguments import RunArguments

HERE = Path(__file__).parent
UPDATE = bool(os.environ.get("LRDSL_UPDATE_GOLDENS"))

_STRUCTURE = re.compile(
    r"# (?P<code>LRS[0-9]{3}) (?P<slug>[a-z]+(?:-[a-z]+)*)\n"
    r"\n(?P<meaning>(?:[^\n#`].*\n|`[^`].*\n)+)"
    r"\n(?P<why>(?:[^\n#`].*\n|`[^`].*\n)+)"
    r"\nBad:\n\n```(?P<bad_language>\w+) ?(?P<bad_run>.*)\n(?P<bad>(?:.*\n)+?)```\n"
    r"\nGood:\n\n```(?P<good_language>\w+) ?(?P<good_run>.*)\n(?P<good>(?:.*\n)+?)```\n"
)


@dataclass(frozen=True, slots=True)
class Example:
    """A fenced block of a page: its language, its text, and the run its fence line asks for."""

    language: str
    text: str
    run: RunArguments


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the catalogue, taken apart."""

    path: Path
    code: str
    slug: str
    bad: Example
    good: Example


def page_paths() -> list[Path]:
    return sorted((Path(lrdsl.__file__).parent / "diagnostics" / "pages").glob("*.md"))


def read_page(path: Path) -> Page:
    match = _STRUCTURE.fullmatch(path.read_text(encoding="utf-8"))
    assert match, f"{path.name} is not built like the other pages"
    bad = Example(
        match["bad_language"], match["bad"].removesuffix("\n"), read_run(match["bad_run"])
    )
    good = Example(
        match["good_language"], match["good"].removesuffix("\n"), read_run(match["good_run"])
    )
    return Page(path, match["code"], match["slug"], bad, good)


def read_run(words: str) -> RunArguments:
    """The run that ``total=100 steps_per_epoch=10 per_step.tok=1M set.peak=1`` means."""
    run: RunArguments = {}
    per_step: dict[str, float | str] = {}
    params: dict[str, float | str] = {}
    for word in words.split():
        name, _, value = word.partition("=")
        if name == "total":
            run["total"] = int(value) if re.fullmatch(r"-?[0-9]+", value) else value
        elif name == "steps_per_epoch":
            run["steps_per_epoch"] = float(value)
        elif name.startswith("per_step."):
            amount = float(value) if re.fullmatch(r"-?[0-9]+", value) else value
            per_step[name.removeprefix("per_step.")] = amount
        else:
            assert name.startswith("set."), f"unknown word in a run: {word}"
            params[name.removeprefix("set.")] = value
    if per_step:
        run["per_step"] = per_step
    if params:
        run["params"] = params
    return run


def refusal(text: str, run: RunArguments, name: str = "example.lrs") -> lrdsl.LrsError | None:
    """The error that a text ends with, or what no optimizer takes of it; None where it is fine."""
    try:
        errors = refused(lrdsl.parse(text, name=name).resolve_all(**run))
    except lrdsl.LrsError as error:
        return error
    return lrdsl.LrsError(errors) if errors else None


def config_findings(text: str, name: str = "example.yaml") -> list[lrdsl.Diagnostic]:
    """The errors of a config whose schedules are at the key ``schedule``."""
    found: list[lrdsl.Diagnostic] = []
    for schedule in read(name, text, Keys(["**.schedule"]), RunFrom()):
        found += schedule.errors
        if schedule.text is not None:
            try:
                lrdsl.Program(schedule.text).resolve_all()
            except lrdsl.LrsError as error:
                found += schedule.explained(list(error.diagnostics))
    return found


def findings(text: str, run: RunArguments, name: str = "example.lrs") -> list[lrdsl.Diagnostic]:
    """The errors of a text; where it has none, its warnings."""
    error = refusal(text, run, name)
    if error is not None:
        return list(error.diagnostics)
    program = lrdsl.parse(text, name=name)
    resolved = program.resolve_all(**run)
    return [*resolved.overridden, *lint(program, resolved.run, resolved)]


def check_golden(path: Path, actual: str) -> None:
    """Compares a text with the golden file, or writes the file where that is asked for."""
    if UPDATE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(actual, encoding="utf-8", newline="\n")
    assert path.exists(), f"{path.name} is missing: run with LRDSL_UPDATE_GOLDENS=1, and read it"
    assert actual == path.read_text(encoding="utf-8")

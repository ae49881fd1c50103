"""Findings: those of the command line, with their fixes, for every run that is known or not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import lrdsl
from lrdsl.cli import main
from lrdsl.diagnostics.fix import apply
from lrdsl.resolve.run_arguments import RunArguments
from tests.blocks import ROOT

FILES = sorted((ROOT / "examples").rglob("*.lrs"))
WRONG = [
    "warmup(0.1) >> cosin(20)",
    "warmup(5) >> cosine(20, 0.3, 0.01) >> const(1, 0.2)  # é",
    "let unused = 5\nwarmup(5) >> const(10, 3)",
    "warmup(5 ep) >> cosine",
    "cosine(0.3, 20)",
    "",
]


def checked(path: Path, *options: str) -> list[dict[str, object]]:
    done = CliRunner().invoke(main, ["check", str(path), "--format", "json", *options])
    found: list[dict[str, object]] = json.loads(done.stdout)["diagnostics"]
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_an_example_has_the_findings_of_check(path: Path) -> None:
    analysis = lrdsl.analyze(path.read_text("utf-8"), name=str(path))
    assert [d.to_json() for d in analysis.diagnostics] == checked(path)


@pytest.mark.parametrize("text", WRONG)
@pytest.mark.parametrize("run", [{}, {"total": 100, "steps_per_epoch": 10}])
def test_a_wrong_text_has_the_findings_of_check(
    text: str, run: RunArguments, tmp_path: Path
) -> None:
    path = tmp_path / "a.lrs"
    path.write_text(text, "utf-8")
    options = ["--total", "100", "--steps-per-epoch", "10"] if run else []
    analysis = lrdsl.analyze(text, name=str(path), **(run or {}))
    assert [d.to_json() for d in analysis.diagnostics] == checked(path, *options)


@pytest.mark.parametrize("text", WRONG[:-1])
def test_the_edits_of_a_fix_are_those_of_the_text(text: str) -> None:
    analysis = lrdsl.analyze(text)
    fixes = [fix for d in analysis.diagnostics for fix in d.fixes]
    changes = [change for d in analysis.diagnostics for change in analysis.changes(d)]
    assert fixes and [change.title for change in changes] == [fix.title for fix in fixes]
    for fix, change in zip(fixes, changes, strict=True):
        edited = text
        for edit in sorted(change.replacements, key=lambda edit: -edit.start):
            edited = edited[: edit.start] + edit.text + edited[edit.end :]
        assert edited == apply(text, [fix])


@pytest.mark.parametrize(
    ("text", "run", "needs"),
    [
        ("warmup(5%) >> cosine", None, ("--total",)),
        ("warmup(5ep) >> cosine(85ep)", None, ("--steps-per-epoch",)),
        ("warmup(5ep) >> cosine", {"total": "90ep"}, ("--steps-per-epoch",)),
        ("warmup(5) >> cosine(20)", None, ()),
        ("run total = 90ep, 1ep = 10st\nwarmup(5ep) >> cosine", None, ()),
    ],
)
def test_what_is_not_known_is_no_error(
    text: str, run: RunArguments | None, needs: tuple[str, ...]
) -> None:
    analysis = lrdsl.analyze(text, **(run or {}))
    assert (analysis.diagnostics, analysis.needs) == ((), needs)
    assert (analysis.resolved is None) == bool(needs)
    assert analysis.picture is not None
    assert analysis.picture.unit is None or analysis.picture.unit.is_assumed == bool(needs)


def test_defaults_count_where_nothing_else_says_it() -> None:
    defaults: RunArguments = {"total": "90ep", "steps_per_epoch": 10}
    text = "warmup(5ep) >> cosine"
    plain = lrdsl.analyze(text, defaults=defaults).resolved
    given = lrdsl.analyze(text, defaults=defaults, total="20ep").resolved
    stated = lrdsl.analyze(f"run total = 30ep  {text}", defaults=defaults).resolved
    found = [one["lr"].length for one in (plain, given, stated) if one is not None]
    assert found == [900, 200, 300]


def test_a_wrong_run_is_an_error() -> None:
    analysis = lrdsl.analyze("warmup(5%) >> cosine", total="90 epochs")
    assert [d.code for d in analysis.diagnostics] == ["LRS310"]
    place = analysis.location(analysis.diagnostics[0].span)
    assert (place.start, place.end) == (0, 20)


def test_params_and_the_text_with_others() -> None:
    text = "param peak = 0.4 # top\nparam up = 5ep\nwarmup(up, 0, peak) >> cosine(85ep)"
    analysis = lrdsl.analyze(text)
    assert [(param.name, param.default) for param in analysis.params] == [
        ("peak", 0.4), ("up", "5ep")
    ]  # fmt: skip
    changed = analysis.with_params({"up": "10ep", "peak": "0.25"})
    assert changed == text.replace("0.4", "0.25").replace("up = 5ep", "up = 10ep")
    assert not lrdsl.analyze(changed).diagnostics
    with pytest.raises(KeyError):
        analysis.with_params({"floor": "1"})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_layout_is_that_of_fmt(path: Path) -> None:
    text = path.read_text("utf-8")
    done = CliRunner().invoke(main, ["fmt", "-"], input=text)
    assert lrdsl.analyze(text).formatted == done.stdout


def test_a_torn_call_has_no_layout() -> None:
    assert lrdsl.analyze("warmup (5)").formatted is None


def test_the_parts_are_a_tree_in_terms_of_base() -> None:
    analysis = lrdsl.analyze("warmup(5) >> repeat(cosine(20, base, base / 10), 2)")
    _, repeat = analysis.parts["lr"]
    (cosine,) = repeat.children
    assert (repeat.start, repeat.end) == ("base", "base / 10")
    assert (cosine.name, cosine.start_step, cosine.length) == ("cosine", 5, 20)

from __future__ import annotations

import warnings

import pytest

import lrdsl
from lrdsl.diagnostics import warn
from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.render import render
from lrdsl.text.source import Said, Source, Span


@pytest.fixture(autouse=True)
def nothing_given_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warn, "_given", set())
    monkeypatch.delenv("RANK", raising=False)
    monkeypatch.delenv("LOCAL_RANK", raising=False)


def finding(text: str = "warmup(5) >> cosine(20)") -> Diagnostic:
    span = Span(Source("resnet.lrs", text), 0, 9)
    return Diagnostic("jump", "the rate jumps", "let it follow", span, severity="warning")


def test_it_says_what_where_and_the_way_out() -> None:
    with pytest.warns(lrdsl.LrsWarning) as given:
        warn.warn(finding())
    assert str(given[0].message) == (
        "[LRS601 jump] the rate jumps (resnet.lrs:1:1)\n"
        "help: let it follow\n"
        "more: lrdsl explain LRS601"
    )
    assert given[0].message.diagnostic == finding()  # type: ignore[union-attr]
    assert given[0].filename == __file__


def test_what_was_said_in_a_call_has_no_place_in_a_file() -> None:
    said = Diagnostic(
        "numbered-step", "`step(7)` goes to step 7", "", Span(Said("the call", "step(7)"), 0, 7)
    )
    assert str(lrdsl.LrsWarning(said)) == (
        "[LRS803 numbered-step] `step(7)` goes to step 7\nmore: lrdsl explain LRS803"
    )
    assert render(said).splitlines()[1] == " --> the call"
    with pytest.raises(lrdsl.LrsError) as refused:
        lrdsl.parse("cosine").resolve(total=0)
    assert refused.value.diagnostics[0].place == "the run"


def test_once_for_a_code_and_a_place() -> None:
    with pytest.warns(lrdsl.LrsWarning) as given:
        for text in ("const(5) >> const", "const(5) >> const", "const(6) >> const"):
            warn.warn(finding(text))
    assert len(given) == 2


def test_again_for_another_run_of_a_text() -> None:
    with pytest.warns(lrdsl.LrsWarning) as given:
        for _ in range(2):
            warn.warn(finding(), again=True)
    assert len(given) == 2


@pytest.mark.parametrize("variable", ["RANK", "LOCAL_RANK"])
def test_on_the_first_process_only(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "1")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn.warn(finding())
    monkeypatch.setenv(variable, "0")
    with pytest.warns(lrdsl.LrsWarning):
        warn.warn(finding())

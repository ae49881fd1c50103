"""Text that is being typed: what has been said already is answered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from tests.strategies import damaged, programs

UNFINISHED = {
    "warmup(5) >> cosine(20, en": ["warmup", "cosine"],
    "warmup(5) >> cosine(20, end = ) >> const": ["warmup", "cosine", "const"],
    "warmup(5) >> ": ["warmup"],
    "warmup(5": ["warmup"],
    "warmup(5) >> cosine(20) >> >> const": ["warmup", "cosine", "const"],
    "warmup(5) >> cosine(20, end = 0.1 # the end\n": ["warmup", "cosine"],
    "warmup(5) >> repeat(cosine(20), 2": ["warmup", "repeat"],
    "let peak = 0.3 +\nlr: warmup(5) >> const": ["warmup", "const"],
    "def up(n, by = \nwarmup(5)": ["warmup"],
    "warmup(5) >> multistep([10, 20": ["warmup", "multistep"],
}


@pytest.mark.parametrize("text", UNFINISHED)
def test_what_is_written_so_far_has_a_curve(text: str) -> None:
    analysis = lrdsl.analyze(text)
    assert not analysis.is_finished
    assert [part.name for part in analysis.parts["lr"]] == UNFINISHED[text]
    assert (analysis.svg() or "").startswith("<svg")
    assert [d.severity for d in analysis.diagnostics] == ["error"]
    assert analysis.diagnostics[0].code.startswith("LRS1")


@pytest.mark.parametrize("text", UNFINISHED)
def test_places_stay_where_they_are(text: str) -> None:
    analysis = lrdsl.analyze(text)
    for part in analysis.parts["lr"]:
        found = analysis.location(part.span)
        assert text[found.start :].startswith(part.name)


def test_other_statements_are_answered_for_too() -> None:
    text = "lr: warmup(5) >> \nmomentum: cosine(20, [1,2"
    analysis = lrdsl.analyze(text)
    names = {label: [part.name for part in parts] for label, parts in analysis.parts.items()}
    assert names == {"lr": ["warmup"], "momentum": ["cosine"]}


def test_a_misspelled_name_has_no_curve_but_all_else() -> None:
    analysis = lrdsl.analyze("let peak = 0.3  warmup(5) >> cosin(20, peak)")
    assert analysis.is_finished
    assert (analysis.program, analysis.picture, analysis.parts) == (None, None, {})
    assert [d.code for d in analysis.diagnostics] == ["LRS201"]
    assert [symbol.name for symbol in analysis.symbols] == ["peak"]
    assert analysis.references(4) != ()


@given(programs(), st.data())
def test_no_prefix_of_a_program_raises(text: str, data: st.DataObject) -> None:
    look_at(text[: data.draw(st.integers(0, len(text)))], data.draw(st.integers(0, len(text))))


@given(damaged(), st.data())
def test_no_damaged_program_raises(text: str, data: st.DataObject) -> None:
    look_at(text, data.draw(st.integers(-1, len(text) + 1)))


def look_at(text: str, offset: int) -> None:
    """Asks for everything, and checks that whatever is wrong is said."""
    analysis = lrdsl.analyze(text)
    text = text.removeprefix("\ufeff")  # the mark of its encoding, which no editor shows
    offset = min(offset, len(text) + 1)
    assert analysis.text == text
    assert analysis.is_finished or analysis.diagnostics
    assert analysis.program is not None or analysis.diagnostics
    assert (analysis.formatted is None) >= (not analysis.is_finished)
    for found in (analysis.hover(offset), analysis.definition(offset)):
        if found is not None and not getattr(found, "is_library", False):
            assert 0 <= found.start <= found.end <= len(text)
    for completion in analysis.completions(offset):
        assert 0 <= completion.start <= offset
    signature = analysis.signature(offset)
    assert signature is None or signature.active is None or signature.parameters
    for reference in analysis.references(offset):
        assert text[reference.start : reference.end].isidentifier()
    for hint in analysis.hints:
        assert 0 <= hint.offset <= len(text)
    end = 0
    for token in analysis.tokens:
        assert end <= token.start < token.end
        assert not text[end : token.start].strip()
        end = token.end
    for diagnostic in analysis.diagnostics:
        place = analysis.location(diagnostic.span)
        assert 0 <= place.start <= place.end <= len(text)

"""What a fix is, and what making some of them does to a text."""

from __future__ import annotations

import pytest

from lrdsl.diagnostics.diagnostic import Diagnostic
from lrdsl.diagnostics.fix import Edit, Fix, apply, compatible, fix
from lrdsl.text.source import Embedded, Source, Span

TEXT = "warmup(5 ep) > cosin(20)"
SOURCE = Source("a.lrs", TEXT)


def on(found: str, replacement: str) -> Fix:
    """A fix that replaces the first occurrence of something."""
    start = TEXT.index(found)
    return fix(Span(SOURCE, start, start + len(found)), replacement)


def insert(place: int, text: str) -> Fix:
    return fix(Span(SOURCE, place, place), text)


def test_edits_are_made_from_the_last_to_the_first() -> None:
    fixes = [on(" ep", "ep"), on(">", ">>"), on("cosin", "cosine")]
    assert apply(TEXT, fixes) == apply(TEXT, fixes[::-1]) == "warmup(5ep) >> cosine(20)"
    assert apply(TEXT, []) == TEXT


def test_the_edits_of_one_fix_are_made_together() -> None:
    both = Fix("swap", (*on("5 ep", "20").edits, *on("20", "5ep").edits))
    assert apply(TEXT, [both]) == "warmup(20) > cosin(5ep)"


def test_something_can_be_inserted_at_both_ends() -> None:
    assert apply(TEXT, [insert(0, "lr: "), insert(len(TEXT), " >> const")]) == (
        f"lr: {TEXT} >> const"
    )


def test_what_touches_an_earlier_one_is_left_out() -> None:
    first, second, beside = on("5 ep", "5ep"), on(" ep", "ep"), on("(", "[")
    assert compatible([first, second, beside]) == (first, beside)
    assert compatible([second, first]) == (second,)
    assert compatible([insert(3, "a"), insert(3, "b")]) == (insert(3, "a"),)


def test_two_that_change_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match="same place"):
        apply(TEXT, [on("5 ep", "5ep"), on(" ep", "ep")])


def test_a_title_says_what_is_written_unless_it_says_more() -> None:
    assert on(">", ">>").title == "write `>>`"
    assert fix(Span(SOURCE, 8, 9), "", "remove the space").title == "remove the space"


def test_plain_data_has_the_places_of_the_edits() -> None:
    span = Span(SOURCE, 15, 20)
    found = Diagnostic(
        "unknown-name", "there is no `cosin`", "", span, fixes=(fix(span, "cosine"),)
    )
    place = {"line": 1, "column": 16, "end_line": 1, "end_column": 21}
    assert found.to_json()["fixes"] == [
        {"title": "write `cosine`", "safe": False, "edits": [{**place, "text": "cosine"}]}
    ]


def test_plain_data_of_a_schedule_in_a_config_has_no_edits() -> None:
    host = Source("run.yaml", f"lr: {TEXT}")
    places = tuple(range(4, len(host.text) + 1))
    inside = Embedded("run.yaml", TEXT, host, places, tuple(i + 1 for i in places))
    span = Span(inside, 15, 20)
    found = Diagnostic(
        "unknown-name", "there is no `cosin`", "", span, fixes=(fix(span, "cosine"),)
    )
    assert found.to_json()["fixes"] == []
    assert apply(TEXT, found.fixes) == TEXT.replace("cosin", "cosine")
    assert isinstance(found.fixes[0].edits[0], Edit)

"""Positions: offsets in code points, columns in UTF-16, offsets of a host; each both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl.analysis.places import Places

LINES = st.lists(st.text(st.sampled_from("ab é\U0001f680\r\n"), max_size=8), max_size=6)


@given(LINES.map("".join), st.data())
def test_a_position_is_that_of_the_text_in_utf_16(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    line, column = Places(text).position(offset)
    lines = text[:offset].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if text[offset - 1 : offset + 1] == "\r\n" and offset:
        return  # no editor has a place between the two
    assert line == len(lines) - 1
    assert column == len(lines[-1].encode("utf-16-le")) // 2
    assert Places(text).offset(line, column) == offset


@pytest.mark.parametrize(
    ("line", "column", "offset"),
    [(0, 99, 2), (1, 1, 3), (1, 2, 4), (1, 99, 5), (9, 0, 5), (-1, 5, 0), (1, 0, 3)],
)
def test_a_position_beyond_an_end_is_moved_to_it(line: int, column: int, offset: int) -> None:
    # Column 1 of the second line is in the middle of a rocket.
    assert Places("ab\n\U0001f680c").offset(line, column) == offset


def test_offsets_are_those_of_the_host() -> None:
    host = "schedule: warmup(5) >> cosine(20)  # \U0001f680\n"
    analysis = lrdsl.analyze("warmup(5) >> cosine(20)", host=host, name="train.yaml")
    at = host.index("cosine")
    hover = analysis.hover(at + 2)
    assert hover is not None
    assert host[hover.start : hover.end] == "cosine"
    assert [host[t.start : t.end] for t in analysis.tokens][:2] == ["warmup", "("]
    assert not analysis.covers(3)
    assert analysis.covers(at)
    assert (analysis.to_text(at), analysis.to_document(13)) == (13, at)
    assert analysis.to_text(3) is None
    for missing in (analysis.hover(3), analysis.signature(3), analysis.definition(3)):
        assert missing is None
    assert not analysis.completions(3)
    assert not analysis.references(3)


def test_diagnostics_are_in_the_host() -> None:
    host = "x\nschedule: cosin(20)\n"
    analysis = lrdsl.analyze("cosin(20)", host=host, name="train.yaml")
    (found,) = analysis.diagnostics
    place = analysis.location(found.span)
    assert host[place.start : place.end] == "cosin"
    assert (found.line, found.column) == (2, 11)


@pytest.mark.parametrize("host", ["", "warmup(6)", "warmup(5) warmup(5)"])
def test_a_text_is_in_its_host_once(host: str) -> None:
    with pytest.raises(ValueError, match="exactly once"):
        lrdsl.analyze("warmup(5)", host=host)


@pytest.mark.parametrize(
    "arguments", [{"text": 5}, {"text": "", "name": None}, {"text": "", "host": 5}]
)
def test_arguments_of_the_wrong_type_are_refused(arguments: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="is a text"):
        lrdsl.analyze(**arguments)  # type: ignore[arg-type]


def test_an_unknown_argument_of_the_run_is_refused() -> None:
    with pytest.raises(TypeError, match="totals"):
        lrdsl.analyze("const", totals=5)  # type: ignore[call-arg]

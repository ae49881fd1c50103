from __future__ import annotations

import json
import pickle
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lrdsl
from lrdsl.diagnostics.diagnostic import Diagnostic, LrsError
from lrdsl.diagnostics.render import MAX_LINE, render
from lrdsl.text.source import Source, Span


def diagnostic(text: str, start: int, end: int, help: str = "") -> Diagnostic:
    span = Span(Source("a.lrs", text), start, end)
    return Diagnostic("unknown-name", "there is no `x`", help, span)


def drawn(text: str, start: int, end: int) -> tuple[str, str]:
    """The line of a text that is shown, and the line of carets, both without the gutter."""
    lines = render(diagnostic(text, start, end)).split("\n")
    assert re.match(r" *\d+ \|", lines[3])
    gutter = lines[4].index("|") + 2
    return lines[3][gutter:], lines[4][gutter:]


def columns(text: str) -> int:
    """The columns of a terminal that a text takes."""
    wide = [char for char in text if unicodedata.east_asian_width(char) in "WF"]
    return len(text) + len(wide)


def test_all_of_a_rendering() -> None:
    assert render(diagnostic("x\ny >> x", 7, 8, "write `y`")) == (
        "error[LRS201 unknown-name]: there is no `x`\n"
        " --> a.lrs:2:6\n"
        "  |\n"
        "2 | y >> x\n"
        "  |      ^\n"
        "help: write `y`\n"
        "more: lrdsl explain LRS201\n"
    )


def test_without_a_help_there_is_no_line_for_it() -> None:
    assert "help" not in render(diagnostic("x", 0, 1))


@pytest.mark.parametrize(
    ("text", "carets"),
    [
        ("cosine(5) >> cosin(5)", "             ^^^^^"),
        ("cosin(5)", "^^^^^"),
        ("\tcosine(5)\t>> cosin(5)", "              ^^^^^"),
        ("cosine(5) >>\u3000cosin(5)", "              ^^^^^"),  # a wide space
        ("a\u0301 >> cosin(5)", "     ^^^^^"),  # an accent that takes no column
        ("\x07 >> cosin(5)", "     ^^^^^"),  # a bell, shown as one column
    ],
)
def test_carets_stand_under_the_name(text: str, carets: str) -> None:
    start = text.index("cosin(")
    assert drawn(text, start, start + 5)[1] == carets


@pytest.mark.parametrize("comment", ["学习率", "学 rate 率", "🚀", "ｆｕｌｌ", "한글"])  # noqa: RUF001
def test_wide_characters_before_the_carets(comment: str) -> None:
    text = f"{comment}: cosin"
    shown, carets = drawn(text, len(comment) + 2, len(text))
    assert shown == text
    assert carets == " " * columns(f"{comment}: ") + "^^^^^"


def test_wide_characters_get_wide_carets() -> None:
    assert drawn("const >> 🚀学", 9, 11)[1] == "         ^^^^"


def test_an_empty_span_gets_one_caret() -> None:
    assert drawn("warmup(5", 8, 8) == ("warmup(5", "        ^")


def test_a_span_over_lines_is_marked_to_the_end_of_its_first() -> None:
    text = "max(\n  cosine(5),\n  0.1\n)"
    assert drawn(text, 0, len(text)) == ("max(", "^^^^")
    assert drawn(text, text.index("cosine"), len(text)) == ("  cosine(5),", "  ^^^^^^^^^^")
    assert diagnostic(text, 0, len(text)).end_line == 4


def test_windows_line_ends_are_not_shown() -> None:
    text = "const\r\n>> cosin\r\n"
    assert drawn(text, 10, 15) == (">> cosin", "   ^^^^^")
    assert drawn(text, 0, 15) == ("const", "^^^^^")


@pytest.mark.parametrize(("text", "line"), [("", 1), ("\n", 2), ("x\n", 2)])
def test_the_end_of_a_text(text: str, line: int) -> None:
    found = diagnostic(text, len(text), len(text))
    assert (found.line, found.column) == (line, 1)
    assert drawn(text, len(text), len(text))[1] == "^"


def test_the_gutter_is_as_wide_as_the_number() -> None:
    text = "\n" * 11 + "x"
    lines = render(diagnostic(text, 11, 12)).split("\n")
    assert lines[1:5] == ["  --> a.lrs:12:1", "   |", "12 | x", "   | ^"]


@pytest.mark.parametrize("place", [0, 79, 80, 81, 500, 840, 919, 995])
def test_a_very_long_line_is_shown_around_the_carets(place: int) -> None:
    text = "." * place + "cosin" + "." * (995 - place)
    shown, carets = drawn(text, place, place + 5)
    assert len(shown) <= MAX_LINE + 4
    assert shown[carets.index("^") :].startswith("cosin")
    assert carets.strip() == "^^^^^"
    assert shown.startswith("… ") == (place > 80)
    assert shown.endswith(" …") == (place < 1000 - 80)


def test_carets_do_not_run_past_the_window() -> None:
    shown, carets = drawn("x" * 1000, 0, 1000)
    assert len(carets) <= len(shown)
    shown, carets = drawn("x" * 1000, 500, 1000)
    assert len(carets) <= len(shown)


@pytest.mark.parametrize("char", ["\x00", "\x07", "\x1b", "\x7f", "\u200b", "\u202e", "\ufeff"])
def test_what_a_terminal_would_hide_or_obey_is_made_visible(char: str) -> None:
    shown, carets = drawn(f"const{char} >> cosin", 10, 15)
    assert shown == "const\ufffd >> cosin"
    assert carets == "          ^^^^^"


def test_a_message_gives_a_terminal_no_orders() -> None:
    error = refuse('lr["\x1b[31mred"]: const ' * 2)
    assert "\x1b" not in str(error)
    error = refuse("const(value = 1 / # \x1b[31m\n 0)")
    assert "`1 / # \ufffd[31m 0` has no value" in str(error).split("\n")[0]


@given(st.text(), st.integers(0, 40), st.integers(0, 40))
def test_any_place_in_any_text_can_be_rendered(text: str, start: int, length: int) -> None:
    start = min(start, len(text))
    lines = render(diagnostic(text, start, min(len(text), start + length))).split("\n")
    assert lines[-2:] == ["more: lrdsl explain LRS201", ""]
    assert len(lines) == 7
    assert {char for char in "".join(lines) if unicodedata.category(char) == "Cc"} == set()


def test_plain_data_for_json() -> None:
    text = "let a = 1\ncosine(20,\n a, b)"
    (found,) = refuse(text).diagnostics
    data = found.to_json()
    assert json.loads(json.dumps(data)) == data
    assert data == {
        "code": "LRS201",
        "slug": "unknown-name",
        "severity": "error",
        "message": found.message,
        "help": found.help,
        "name": "a.lrs",
        "line": 3,
        "column": 5,
        "end_line": 3,
        "end_column": 6,
        "fixes": [],
    }


def test_diagnostics_come_in_the_order_of_the_text() -> None:
    text = "def f(n) = linear(n, bb)\nlet peak = 0,3\nlr: f(5) >> cosin(aa)"
    found = refuse(text).diagnostics
    places = [(d.line, d.column) for d in found]
    assert places == sorted(places)
    assert [d.line for d in found] == [1, 2, 3, 3]


def test_the_text_of_an_error_is_all_its_diagnostics() -> None:
    error = refuse("cosin(aa)")
    assert str(error) == "\n".join(render(d) for d in error.diagnostics)
    assert len(error.diagnostics) == 2


def test_an_error_is_a_value_error_that_can_be_pickled() -> None:
    error = refuse("cosin(aa)")
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, LrsError) and isinstance(again, ValueError)
    assert again.diagnostics == error.diagnostics
    assert str(again) == str(error)


def refuse(text: str) -> LrsError:
    with pytest.raises(LrsError) as caught:
        lrdsl.parse(text, name="a.lrs")
    return caught.value

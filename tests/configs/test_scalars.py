"""Each character of a string belongs to what stands for it in the config file.

Files are put together from pieces of which each says what it means, so what is expected is known
without any parser; what the string is, as a whole, the formats' own parsers say.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lrdsl.configs import scalars
from lrdsl.configs.scalars import Traced
from lrdsl.configs.tables import loads

# A piece of a file: what is written, and the characters it stands for, "" or one.
Piece = tuple[str, str]
MANY = settings(max_examples=150, deadline=None)

LETTERS = st.sampled_from("abz09()>=,.%äß→🙂")
WORDS = st.lists(LETTERS, min_size=1, max_size=6)


def stands_for(pieces: list[Piece], offset: int) -> list[tuple[str, int, int]]:
    """Each character, and the stretch of the file that stands for it."""
    found = []
    for written, char in pieces:
        if char:
            found.append((char, offset, offset + len(written)))
        offset += len(written)
    return found


def written(pieces: list[Piece]) -> str:
    return "".join(text for text, _ in pieces)


def check(traced: Traced, pieces: list[Piece], offset: int) -> None:
    """Every character has its place."""
    found = list(zip(traced.text, traced.starts, traced.stops, strict=False))
    assert found == stands_for(pieces, offset)
    assert len(traced.starts) == len(traced.text) + 1 == len(traced.stops) + 1
    assert list(traced.starts) == sorted(traced.starts)


def check_quoted(traced: Traced, pieces: list[Piece], offset: int, width: int = 1) -> None:
    """Every character has its place, or that of the whole string where that has an escape."""
    if not any(text.startswith(("\\", "''")) for text, _ in pieces):
        check(traced, pieces, offset)
        return
    start, end = offset - width, offset + len(written(pieces)) + width
    assert traced.text == "".join(char for _, char in pieces)
    assert set(traced.starts[:-1]) <= {start}
    assert set(traced.stops) <= {end}
    assert (len(traced.starts), traced.starts[-1]) == (len(traced.text) + 1, end)


def composed(file: str) -> Any:
    return yaml.compose(file, Loader=yaml.SafeLoader)


def yaml_scalar(file: str) -> tuple[Any, Traced]:
    """The only value of a mapping, and its trace."""
    node = composed(file).value[0][1]
    style = node.style or ""
    start, end = node.start_mark.index, node.end_mark.index
    return node, scalars.yaml(file, start, end, style, node.value)


@st.composite
def lines(draw: st.DrawFn) -> list[list[str]]:
    """Lines of words; a line without words is empty, but not the first nor the last."""
    first = draw(st.lists(WORDS, min_size=1, max_size=3).map(_flat))
    middle = draw(st.lists(st.one_of(st.just([]), st.lists(WORDS, min_size=1).map(_flat))))
    last = draw(st.lists(WORDS, min_size=1, max_size=2).map(_flat))
    return [first, *middle, last]


def _flat(words: list[list[str]]) -> list[str]:
    """Words with a space between them."""
    return [char for i, word in enumerate(words) for char in ([" "] if i else []) + word]


def folded_break(count: int, newline: str, before: str, after: str) -> list[Piece]:
    """A line end and ``count`` empty lines below it, as plain and quoted scalars fold them."""
    pieces = [(before, ""), (newline, "" if count else " ")]
    for _ in range(count):
        pieces += [(after, ""), (newline, "\n")]
    return [*pieces, (after, "")]


def folded(rows: list[list[Piece]], newline: str, before: str, after: str) -> list[Piece]:
    pieces, empty = list(rows[0]), 0
    for row in rows[1:]:
        if not row:
            empty += 1
            continue
        pieces += [*folded_break(empty, newline, before, after), *row]
        empty = 0
    return pieces


NEWLINES = st.sampled_from(["\n", "\r\n"])


@MANY
@given(lines(), NEWLINES, st.sampled_from(["", " ", "  "]), st.sampled_from([" ", "   "]))
def test_plain(rows: list[list[str]], newline: str, before: str, after: str) -> None:
    # What starts with a letter is a plain scalar wherever it stands.
    own = [[("k", "k"), *((c, c) for c in row)] if row else [] for row in rows]
    pieces = folded(own, newline, before, after)
    file = f"x: {written(pieces)}{newline}y: 1{newline}"
    node, traced = yaml_scalar(file)
    assert traced.text == node.value
    check(traced, pieces, len("x: "))


ESCAPES: list[Piece] = [
    ("\\n", "\n"), ("\\t", "\t"), ('\\"', '"'), ("\\\\", "\\"), ("\\x41", "A"), ("\\u00e4", "ä"),
    ("\\U0001F642", "🙂"), ("\\ ", " "), ("\\_", "\xa0"), ("\\L", "\u2028"), ("\\0", "\0"),
]  # fmt: skip


@MANY
@given(lines(), NEWLINES, st.sampled_from(["", " ", " \t"]), st.sampled_from([" ", "\t ", "  "]))
def test_single_quoted(rows: list[list[str]], newline: str, before: str, after: str) -> None:
    own = [[("''" if c == "ß" else c, "'" if c == "ß" else c) for c in row] for row in rows]
    pieces = folded(own, newline, before, " " + after)
    file = f"x: '{written(pieces)}'  # comment{newline}"
    node, traced = yaml_scalar(file)
    assert traced.text == node.value
    check_quoted(traced, pieces, len("x: '"))


@MANY
@given(
    st.lists(st.one_of(LETTERS.map(lambda c: (c, c)), st.sampled_from(ESCAPES)), min_size=1),
    lines(),
    NEWLINES,
    st.booleans(),
)
def test_double_quoted(
    start: list[Piece], rows: list[list[str]], newline: str, escaped: bool
) -> None:
    own: list[list[Piece]] = [[(c, c) for c in row] for row in rows]
    # An escaped line end joins two lines without a space between them.
    join: list[Piece] = [(f"\\{newline}   ", "")]
    pieces = [*start, *(join if escaped else []), *folded(own, newline, " ", "  ")]
    file = f'x: "{written(pieces)}"{newline}'
    node, traced = yaml_scalar(file)
    assert traced.text == node.value
    check_quoted(traced, pieces, len('x: "'))


def block_rows(rows: list[list[str]], indent: str, newline: str) -> list[Piece]:
    pieces: list[Piece] = []
    for row in rows:
        pieces += [(indent if row else "", ""), *((c, c) for c in row), (newline, "\n")]
    return pieces


HEADERS = st.sampled_from(["", "-", "+", " # comment", "- # c"])


@MANY
@given(lines(), NEWLINES, HEADERS, st.integers(1, 5), st.integers(0, 2))
def test_literal_block(
    rows: list[list[str]], newline: str, signs: str, width: int, empty: int
) -> None:
    pieces = block_rows([*([] for _ in range(empty)), *rows], " " * width, newline)
    if signs.startswith("-"):
        pieces[-1] = (newline, "")
    head = f"x: |{signs}{newline}"
    file = f"{head}{written(pieces)}y: 1{newline}"
    node, traced = yaml_scalar(file)
    assert traced.text == node.value
    check(traced, pieces, len(head))


@MANY
@given(lines(), st.sampled_from(["", "+", "-"]), st.integers(1, 4), st.integers(0, 3), st.data())
def test_a_block_whose_indentation_is_given(
    rows: list[list[str]], chomp: str, given_width: int, deeper: int, data: st.DataObject
) -> None:
    outer = data.draw(st.integers(0, 2))
    own = [[*([" "] * deeper), *rows[0]], *rows[1:]]
    pieces = block_rows(own, " " * (outer + given_width), "\n")
    if chomp == "-":
        pieces[-1] = ("\n", "")
    head = f"x: |{given_width}{chomp}\n"
    file = f"{head}{written(pieces)}" if not outer else ""
    if outer:
        head = f"a:\n{' ' * outer}x: |{given_width}{chomp}\n"
        file = f"{head}{written(pieces)}"
    node = composed(file).value[0][1]
    while isinstance(node, yaml.MappingNode):
        node = node.value[0][1]
    place = node.start_mark.index, node.end_mark.index
    traced = scalars.yaml(file, *place, node.style, node.value)
    assert traced.text == node.value
    check(traced, pieces, len(head))


def folded_block(rows: list[list[str]], indent: str, newline: str) -> list[Piece]:
    """Lines of a `>` block: line ends become spaces, except around empty and indented lines."""
    pieces: list[Piece] = []
    for i, row in enumerate(rows):
        pieces += [(indent if row else "", ""), *((c, c) for c in row)]
        below = rows[i + 1] if i + 1 < len(rows) else None
        if not row or below is None or row[0] == " ":
            meaning = "\n"
        else:
            after = next((r for r in rows[i + 1 :] if r), None)
            assert after is not None
            meaning = "\n" if after[0] == " " else "" if not below else " "
        pieces.append((newline, meaning))
    return pieces


@MANY
@given(lines(), NEWLINES, st.sampled_from(["", "-", "+"]), st.integers(1, 4), st.data())
def test_folded_block(
    rows: list[list[str]], newline: str, chomp: str, width: int, data: st.DataObject
) -> None:
    # Any line but the first may be indented further.
    deep = [data.draw(st.integers(0, 2)) if row else 0 for row in rows]
    own = [[" "] * (n if i else 0) + row for i, (n, row) in enumerate(zip(deep, rows, strict=True))]
    pieces = folded_block(own, " " * width, newline)
    if chomp == "-":
        pieces[-1] = (newline, "")
    head = f"x: >{chomp}{newline}"
    node, traced = yaml_scalar(f"{head}{written(pieces)}y: 1{newline}")
    assert traced.text == node.value
    check(traced, pieces, len(head))


@pytest.mark.parametrize(
    "file",
    [
        "x: |", "x: |\n", "x: |+\n\n\n", "x: >-\n\n  \n", "x: ''", 'x: ""', "x: 'a'",
        "x: a\u2028 b", "x: 'a\u2028 b'", 'x: "a\x85 b"', "x: |\n  a\u2029  b\n", "x: |\n a",
        "x: >\n a\n b", "x: |2\n   a", "x: |\n\n   \n   a\n",
        "x: 'a \n\n \n b'", "x: >\n a\n\n\n b", "x: >\n  a\n   b\n  c\n\n",
        "x: |\n  a\n\n  \n", "x: |\n  a\n# c\n", "- |\n a\n- b",
    ],
)  # fmt: skip
def test_corners_of_yaml(file: str) -> None:
    node = composed(file).value[0]
    node = node[1] if isinstance(node, tuple) else node
    start, end = node.start_mark.index, node.end_mark.index
    traced = scalars.yaml(file, start, end, node.style or "", node.value)
    assert traced.text == node.value
    for char, first, last in zip(traced.text, traced.starts, traced.stops, strict=False):
        stretch = file[first:last]
        # Nothing here is escaped, so all that differs is the end of a line.
        assert stretch == char or (char in " \n" and stretch in {"\n", "\x85"})


JSON_PIECES: list[Piece] = [
    ("\\n", "\n"), ("\\t", "\t"), ('\\"', '"'), ("\\\\", "\\"), ("\\/", "/"), ("\\u00e4", "ä"),
    ("\\ud83d\\ude42", "🙂"), ("\\ud83d", "\ud83d"), ("x", "x"), ("\x7f", "\x7f"), ("🙂", "🙂"),
]  # fmt: skip


@MANY
@given(st.lists(st.one_of(LETTERS.map(lambda c: (c, c)), st.sampled_from(JSON_PIECES))))
def test_json(pieces: list[Piece]) -> None:
    # Half a character before its other half would be a whole one.
    own = [
        p for i, p in enumerate(pieces) if p[1] != "\ud83d" or pieces[i + 1 : i + 2] == [("x", "x")]
    ]
    file = f'{{"a":\t"{written(own)}"}}'
    start, end = len('{"a":\t'), len(file) - 1
    value = json.loads(file)["a"]
    traced = scalars.json(file, start, end, value)
    assert traced.text == value
    check_quoted(traced, own, start + 1)


TOML_PIECES: list[Piece] = [
    ("\\n", "\n"), ("\\t", "\t"), ('\\"', '"'), ("\\\\", "\\"), ("\\u00e4", "ä"), ("\t", "\t"),
    ("\\U0001F642", "🙂"), ("#", "#"), ("'", "'"),
]  # fmt: skip
TOML_LINES: list[Piece] = [
    ("\n", "\n"),
    ("\r\n", "\n"),
    ("\\\n  ", ""),
    ("\\ \r\n\n\t ", ""),
]


@MANY
@given(st.lists(st.one_of(LETTERS.map(lambda c: (c, c)), st.sampled_from(TOML_PIECES))))
def test_toml_basic(pieces: list[Piece]) -> None:
    file = f'a = "{written(pieces)}"  # comment\n'
    value = loads(file)["a"]
    traced = scalars.toml(file, 4, 6 + len(written(pieces)), value)
    assert traced.text == value
    check_quoted(traced, pieces, 5)


@MANY
@given(
    st.lists(
        st.one_of(LETTERS.map(lambda c: (c, c)), st.sampled_from([*TOML_PIECES, *TOML_LINES]))
    ),
    st.sampled_from(["", "\n", "\r\n"]),
)
def test_toml_basic_of_several_lines(pieces: list[Piece], lead: str) -> None:
    own = [("k", "k"), *pieces, ("k", "k")]
    # An escaped line end takes all the white space after it, whoever wrote that.
    kept: list[Piece] = []
    for text, char in own:
        swallowed = bool(kept) and kept[-1][0].startswith(("\\\n", "\\ ")) and text.strip() == ""
        kept += [] if swallowed else [(text, char)]
    file = f'a = """{lead}{written(kept)}"""\n'
    value = loads(file)["a"]
    traced = scalars.toml(file, 4, len(file) - 1, value)
    assert traced.text == value
    check_quoted(traced, [(lead, ""), *kept], 7, 3)


@MANY
@given(st.lists(st.one_of(LETTERS, st.sampled_from('"\\\t#'))), st.booleans())
def test_toml_literal(chars: list[str], long: bool) -> None:
    quote = "'''" if long else "'"
    pieces = [(c, c) for c in chars]
    file = f"a = {quote}{written(pieces)}{quote}"
    value = loads(file)["a"]
    traced = scalars.toml(file, 4, len(file), value)
    assert traced.text == value
    check(traced, pieces, 4 + len(quote))


@pytest.mark.parametrize(
    "value", ['""""a"""', '"""a""""', '"""a"""""', '""""""', '""', "''", "''''a'''", '"""\n"""']
)
def test_corners_of_toml(value: str) -> None:
    file = f"a = {value}\n"
    value = loads(file)["a"]
    traced = scalars.toml(file, 4, len(file) - 1, value)
    assert traced.text == value
    assert all(file[i] == c for i, c in zip(traced.starts, traced.text, strict=False))


def test_an_escaped_line_end_leaves_no_place_but_that_of_the_whole() -> None:
    file = 'x: "a \\\n  \n  b"'
    node, traced = yaml_scalar(file)
    check_quoted(traced, [("a", "a"), (" ", " "), ("\\\n  ", ""), ("\n  ", "\n"), ("b", "b")], 4)
    assert traced.text == node.value


def test_what_cannot_be_traced_points_at_the_whole() -> None:
    file = "x: abc"
    traced = scalars.yaml(file, 3, 6, "", "something else")
    assert traced.text == "something else"
    assert (set(traced.starts[:-1]), set(traced.stops), traced.starts[-1]) == ({3}, {6}, 6)

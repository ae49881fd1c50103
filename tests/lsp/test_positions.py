"""Columns in UTF-16, ends of lines, and marks of an encoding."""

from __future__ import annotations

import pytest
from lsprotocol import types

from tests.lsp.client import Editor, shown

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROCKET = "\N{ROCKET}"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_every_end_of_a_line_ends_one(editor: Editor, end: str) -> None:
    (found,) = await editor.open(f"# a{end}# b{end}  cosin(20){end}")
    assert found.range == types.Range(types.Position(2, 2), types.Position(2, 7))


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
async def test_nothing_else_ends_a_line(editor: Editor, sign: str) -> None:
    (found,) = await editor.open(f"# a{sign}b\ncosin(20)")
    assert found.range.start == types.Position(1, 0)
    (found,) = await editor.type(f"# a{sign}bc\n\ncosin(20)")
    assert found.range.start == types.Position(2, 0)


async def test_columns_count_units_of_utf_16(editor: Editor) -> None:
    text = f'lr["{ROCKET}é{ROCKET}"]: cosin(20)'
    (found,) = await editor.open(text)
    assert shown(text, found.range) == "cosin"
    assert found.range.start.character == len('lr["xxéxx"]: ')


async def test_a_place_after_such_a_character_is_found(editor: Editor) -> None:
    await editor.open(f'lr["{ROCKET}{ROCKET}"]: cos¦ine(20)')
    assert "Half a cosine" in await editor.hover()
    await editor.type(f'lr["{ROCKET}{ROCKET}"]: cosine(20, ¦)')
    assert (await editor.completions())[0].label == "start = "


async def test_a_mark_of_the_encoding_is_a_column_of_whoever_sends_it(editor: Editor) -> None:
    (found,) = await editor.open("\ufeffcosin(20)")
    assert (found.range.start, found.range.end) == (types.Position(0, 1), types.Position(0, 6))
    (found,) = await editor.type("cosin(20)")
    assert (found.range.start, found.range.end) == (types.Position(0, 0), types.Position(0, 5))


@pytest.mark.parametrize("place", [(0, 99), (99, 0), (99, 99)])
async def test_a_place_outside_is_moved_inside(editor: Editor, place: tuple[int, int]) -> None:
    await editor.open("cosine(20)\nlinear")
    editor.cursor = types.Position(*place)
    await editor.hover()
    labels = [one.label for one in await editor.completions()]
    assert labels

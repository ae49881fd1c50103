"""The curve of a document as a client gets it."""

from __future__ import annotations

import asyncio
from typing import Any
from xml.etree import ElementTree

import pytest

from lrdsl import analyze
from tests.lsp.client import Editor

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_curve_is_a_picture_with_its_parts(editor: Editor) -> None:
    text = "warmup(5) >> max(cosine(20), base / 10) >> const"
    await editor.open(text)
    found = await editor.curve()
    assert (found.uri, found.version) == (editor.uri, 1)
    assert (found.errors, found.warnings, found.problem, [*found.notes]) == (0, 0, "", [])
    (one,) = found.schedules
    assert one.svg == analyze(text).svg()
    ElementTree.fromstring(one.svg)
    (target,) = one.targets
    assert target.name == "lr"
    first, second, last = target.parts
    assert (first.name, first.startStep, first.length, first.start, first.end) == (
        "warmup", 0, 5, "0", "base",
    )  # fmt: skip
    assert (first.range.start.character, first.range.end.character) == (0, 9)
    assert [child.name for child in second.children] == ["cosine"]
    assert (last.length, last.end) == (None, None)


async def test_without_a_run_it_is_drawn_in_the_unit_of_the_text(editor: Editor) -> None:
    await editor.open("warmup(5ep) >> cosine(85ep)")
    (one,) = (await editor.curve()).schedules
    assert (one.unit.name, one.unit.isAssumed, [*one.needs]) == ("ep", True, ["--steps-per-epoch"])
    first, second = one.targets[0].parts
    assert (first.startLabel, first.lengthLabel) == ("0", "5ep")
    assert (second.startLabel, second.lengthLabel) == ("5ep", "85ep")


async def test_what_cannot_be_drawn_has_no_picture(editor: Editor) -> None:
    await editor.open("cosin(20)")
    found = await editor.curve()
    assert (found.errors, found.schedules[0].svg, [*found.schedules[0].targets]) == (1, None, [])


async def test_unfinished_text_is_drawn_as_far_as_it_goes(editor: Editor) -> None:
    await editor.open("warmup(5) >> cosine(20, 0.3")
    found = await editor.curve()
    assert found.errors == 1
    assert found.schedules[0].svg == analyze("warmup(5) >> cosine(20, 0.3)").svg()


async def test_a_change_is_announced_to_whoever_has_asked(editor: Editor) -> None:
    await editor.open("const")
    await editor.type("cosine(20)")
    assert editor.client.curves.empty()
    await editor.curve()
    await editor.type("cosine(30)")
    announced = await asyncio.wait_for(editor.client.curves.get(), 60)
    assert announced == (editor.uri, editor.version)


@pytest.mark.parametrize("width", [320, 960])
async def test_it_is_as_wide_as_it_is_wanted(editor: Editor, width: int) -> None:
    await editor.open("warmup(5) >> cosine(20)")
    send: Any = editor.client.protocol.send_request_async
    found = await send("lrdsl/curve", {"uri": editor.uri, "width": width})
    picture = ElementTree.fromstring(found.schedules[0].svg)
    assert picture.get("width") == str(width)
    for text in picture.iter("{http://www.w3.org/2000/svg}text"):
        assert 0 <= float(text.get("x", "")) <= width


@pytest.mark.parametrize("width", [0, -5, 10, "wide", True])
async def test_a_width_that_is_none_is_refused(editor: Editor, width: object) -> None:
    await editor.open("warmup(5) >> cosine(20)")
    send: Any = editor.client.protocol.send_request_async
    with pytest.raises(Exception, match="`width` is a number of pixels, 200 or more"):
        await send("lrdsl/curve", {"uri": editor.uri, "width": width})

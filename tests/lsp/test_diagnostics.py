from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from lsprotocol import types

from tests.lsp.client import Editor, edited, shown

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_mistake_has_its_place_its_code_and_a_way_out(editor: Editor) -> None:
    text = "warmup(5) >> cosin(20)"
    (found,) = await editor.open(text)
    assert shown(text, found.range) == "cosin"
    assert (found.code, found.source) == ("LRS201", "lrdsl")
    assert found.severity == types.DiagnosticSeverity.Error
    assert found.message == "there is no `cosin`\nhelp: did you mean `cosine`?"


async def test_its_code_leads_to_its_page(editor: Editor) -> None:
    (found,) = await editor.open("warmup(5) >> cosin(20)")
    assert found.code_description is not None
    page = Path(unquote(urlparse(found.code_description.href).path))
    assert "unknown-name" in page.name and page.read_text("utf-8")


async def test_its_fixes_are_data(editor: Editor) -> None:
    text = "warmup(5) >> cosin(20)"
    (found,) = await editor.open(text)
    assert found.data is not None
    assert found.data is not None
    (fix,) = found.data
    (edit,) = fix["edits"]
    start, end = (types.Position(**edit["range"][side]) for side in ("start", "end"))
    assert (fix["title"], fix["safe"]) == ("write `cosine`", False)
    made = types.TextEdit(types.Range(start, end), edit["newText"])
    assert edited(text, [made]) == "warmup(5) >> cosine(20)"


async def test_a_warning_is_one(editor: Editor) -> None:
    (found,) = await editor.open("run total = 90ep, 1ep = 10st\nwarmup(5ep) >> cosine(90ep)\n")
    assert (found.code, found.severity) == ("LRS602", types.DiagnosticSeverity.Warning)


async def test_what_is_mended_is_taken_back(editor: Editor) -> None:
    assert await editor.open("cosin(20)")
    assert await editor.type("cosine(20)") == []


async def test_of_what_is_typed_in_a_row_the_last_one_counts(editor: Editor) -> None:
    await editor.open("const")
    texts = [f"cosin{'e' * k}(20)" for k in (0, 2, 3, 1)]
    assert await editor.type(*texts) == []
    assert editor.version == 5


@pytest.mark.parametrize("text", [
    "", "   ", "#", "warmup(", "warmup(5) >> cosine(20, en", "lr", "lr:", "let", "let x =",
    "def f(", 'lr["head', "\N{ROCKET}", "\0", ")" * 50, "(" * 500, "5", "\ufeff", "run", "a" * 5000,
])  # fmt: skip
async def test_any_text_is_answered(editor: Editor, text: str) -> None:
    await editor.open(text)
    for column in {0, len(text) // 2, len(text)}:
        editor.cursor = types.Position(0, column)
        await editor.hover()
        await editor.completions()
        await editor.actions()
    await editor.curve()
    assert await editor.type("cosine(20)") == []


async def test_what_depends_on_the_run_says_so_and_how_to_state_it(editor: Editor) -> None:
    (found,) = await editor.open("# mine\nlr: warmup(10%) >> cosine\n")
    assert found.severity == types.DiagnosticSeverity.Information
    assert (found.range.start.line, found.range.end) == (1, types.Position(1, 2))
    assert found.message == (
        "The steps of this schedule depend on its run.\n"
        "help: write what the run is like, as in `run total = 90ep`, or set `lrdsl.total`"
    )
    both = await editor.type("warmup(10%) >> const(5ep) >> cosine")
    assert "`run total = 90ep, 1ep = 1251st`, or set `lrdsl.total` and `lrdsl.stepsPerEpoch`" in (
        both[0].message
    )


async def test_what_was_closed_has_nothing_wrong(editor: Editor) -> None:
    assert await editor.open("cosin(20)")
    editor.close()
    while True:
        found = await editor.client.published.get()
        if found.uri == editor.uri and found.version is None:
            break
    assert list(found.diagnostics) == []

"""Layout and fixes: what the server changes in a text."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from lrdsl import analyze
from tests.lsp.client import Editor, edited

pytestmark = pytest.mark.asyncio(loop_scope="module")
UGLY = "let  x=.4\n# kept\nwarmup(5)>>cosine( 20,x )\n"
TIDY = "let x = .4\n# kept\nwarmup(5) >> cosine(20, x)\n"


@pytest.mark.parametrize(
    ("text", "new"),
    [
        (UGLY, TIDY),
        (TIDY, TIDY),
        (f"{TIDY}\n\n\n", TIDY),
        (TIDY[:-1], TIDY),
        ("", ""),
        (UGLY.replace("\n", "\r\n"), TIDY.replace("\n", "\r\n")),
        (f"\ufeff{UGLY}", f"\ufeff{TIDY}"),
        ("const # \N{ROCKET} a\nlr:const  # \N{ROCKET}", None),
        ("const  # \N{ROCKET}  b\n", "const  # \N{ROCKET}  b\n"),
        ("warmup(5)>>const # \N{ROCKET}", "warmup(5) >> const  # \N{ROCKET}\n"),
    ],
)
async def test_layout(editor: Editor, text: str, new: str | None) -> None:
    await editor.open(text)
    assert await editor.formatted(text) == (new if new is not None else analyze(text).formatted)


async def test_a_text_that_does_not_parse_is_left_as_it_is(editor: Editor) -> None:
    await editor.open("warmup( 5 ) >> cosine(20, en")
    assert await editor.formatted("") is None


async def test_a_config_keeps_its_layout(editor: Editor) -> None:
    text = "lr:   !lrs warmup( 5 )>>const\n"
    await editor.open(text, "a.yaml")
    assert await editor.formatted(text) is None


async def test_layout_changes_no_other_line(editor: Editor) -> None:
    await editor.open("let a = 1\nlet  b = 2\nlet c = 3\n")
    options = types.FormattingOptions(4, True)
    found = await editor.client.text_document_formatting_async(
        types.DocumentFormattingParams(editor.document, options)
    )
    assert found is not None
    (edit,) = found
    assert (edit.range.start, edit.range.end) == (types.Position(1, 0), types.Position(2, 0))
    assert edit.new_text == "let b = 2\n"


def made(action: types.CodeAction, text: str) -> str:
    assert action.edit is not None and action.edit.document_changes is not None
    (change,) = action.edit.document_changes
    assert isinstance(change, types.TextDocumentEdit)
    return edited(text, change.edits)


async def test_a_quick_fix_is_made(editor: Editor) -> None:
    await editor.open("warmup(5) >> cos¦in(20)")
    (action,) = await editor.actions()
    assert (action.title, action.kind) == ("Write `cosine`", types.CodeActionKind.QuickFix)
    assert not action.is_preferred
    assert action.diagnostics is not None and action.diagnostics[0].code == "LRS201"
    assert made(action, "warmup(5) >> cosin(20)") == "warmup(5) >> cosine(20)"


async def test_elsewhere_there_is_nothing_to_fix(editor: Editor) -> None:
    await editor.open("war¦mup(5) >> cosin(20)")
    assert await editor.actions() == []


async def test_a_safe_fix_is_preferred(editor: Editor) -> None:
    await editor.open("warmup(5 e¦p) >> const")
    quick, whole = await editor.actions()
    assert quick.is_preferred
    assert whole.kind == "source.fixAll.lrdsl"
    text = "warmup(5 ep) >> const"
    assert made(quick, text) == made(whole, text) == "warmup(5ep) >> const"


async def test_all_safe_fixes_in_one_go(editor: Editor) -> None:
    text = "let x = 5 ep\nlet y = 6 ep\nwarmup(x) >> cosin(y)\n"
    found = await editor.open(text)
    everything = types.Range(types.Position(0, 0), types.Position(9, 0))
    (action,) = await editor.actions(["source.fixAll"], everything)
    new = made(action, text)
    assert "let x = 5ep\nlet y = 6ep\n" in new and "cosin(y)" in new
    assert len(await editor.type(new)) < len(found) or "cosin" in new


@pytest.mark.parametrize(
    ("only", "kinds"),
    [
        (["quickfix"], {"quickfix"}),
        (["source"], {"source.fixAll.lrdsl"}),
        (["source.fixAll"], {"source.fixAll.lrdsl"}),
        (["source.fixAll.lrdsl"], {"source.fixAll.lrdsl"}),
        (["source.fixAll.other"], set()),
        (["refactor"], set()),
        ([""], {"quickfix", "source.fixAll.lrdsl"}),
    ],
)
async def test_kinds_of_actions(editor: Editor, only: list[str], kinds: set[str]) -> None:
    await editor.open("warmup(5 e¦p) >> const")
    found = [one.kind for one in await editor.actions(only)]
    assert {kind.value if isinstance(kind, types.CodeActionKind) else kind for kind in found} == (
        kinds
    )


async def test_a_fix_in_a_config(editor: Editor, tmp_path: Path) -> None:
    await editor.open("lr: !lrs 'warmup(5) >> cos¦in(20)'\n", "a.yaml")
    (action,) = await editor.actions()
    text = "lr: !lrs 'warmup(5) >> cosin(20)'\n"
    assert made(action, text) == "lr: !lrs 'warmup(5) >> cosine(20)'\n"

"""What the server says of a place: hover, completion, signatures, names, symbols and colors."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

import lrdsl
from lrdsl.lsp.coloring import LEGEND
from tests.lsp.client import Editor, edited, shown

pytestmark = pytest.mark.asyncio(loop_scope="module")
RUN = "run total = 90ep, 1ep = 100st\n"


async def test_hover_tells_what_the_part_does(editor: Editor) -> None:
    await editor.open(RUN + "warmup(5ep) >> cos¦ine(rest, 0.4, 0)\n")
    told = await editor.hover()
    assert told.startswith("```lrs\ncosine(length = rest, start = prev, end = 0)\n```\n")
    assert "**cosine** steps 500 … 9,000 (8,500 steps): 0.4 → 0" in told
    assert "Formula: `" in told and "Source: " in told


async def test_hover_covers_what_it_is_about(editor: Editor) -> None:
    text = "warmup(5) >> cosine(20)"
    await editor.open(text)
    params = types.HoverParams(editor.document, types.Position(0, 15))
    found = await editor.client.text_document_hover_async(params)
    assert found is not None and found.range is not None
    assert shown(text, found.range) == "cosine"


async def test_hover_on_nothing(editor: Editor) -> None:
    await editor.open("warmup(5)  ¦ >> cosine(20)")
    assert await editor.hover() == ""


async def test_without_a_run_hover_tells_what_is_known(editor: Editor) -> None:
    await editor.open("warmup(5ep) >> cos¦ine(85ep)")
    assert "**cosine** 5ep … 90ep (85ep): base → 0" in await editor.hover()


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("warmup(5) >> cosine(20, en¦", "end = "),
        ("warmup(5) >> cosine(20, ¦)", "start = "),
        ("war¦", "warmup"),
        ("warmup(5¦", "st"),
        ("let peak = 0.4\ncosine(20, pea¦", "peak"),
        ('lr["head"]: const lr["¦', "head"),
    ],
)
async def test_completion_offers_the_likeliest_first(editor: Editor, text: str, first: str) -> None:
    await editor.open(text)
    found = sorted(await editor.completions(), key=lambda one: one.sort_text or "")
    assert found[0].label == first


async def test_a_completion_replaces_what_is_written(editor: Editor) -> None:
    text = "warmup(5) >> cosi"
    await editor.open(f"{text}¦")
    found = {one.label: one for one in await editor.completions()}
    assert edited(text, [found["cosine"].text_edit]) == "warmup(5) >> cosine"
    documentation = found["cosine"].documentation
    assert isinstance(documentation, types.MarkupContent)
    assert documentation.value.startswith("Half a cosine")
    assert found["cosine"].detail == "cosine(length = rest, start = prev, end = 0)"


async def test_a_space_completes_where_something_is_due(editor: Editor) -> None:
    await editor.open("warmup(5) >> ¦")
    assert await editor.completions(" ")
    await editor.type("warmup(5) ¦")
    assert not await editor.completions(" ")
    assert await editor.completions()


async def test_nothing_is_completed_in_comments(editor: Editor) -> None:
    await editor.open("const  # cos¦")
    assert not await editor.completions()


@pytest.mark.parametrize(
    ("text", "active"),
    [
        ("cosine(¦", "length = rest"),
        ("cosine(20, ¦", "start = prev"),
        ("cosine(20, end = ¦", "end = 0"),
        ("max(1, ¦", "b"),
    ],
)
async def test_signature_help(editor: Editor, text: str, active: str) -> None:
    await editor.open(text)
    found = await editor.client.text_document_signature_help_async(
        types.SignatureHelpParams(editor.document, editor.cursor)
    )
    assert found is not None and found.active_parameter is not None
    (one,) = found.signatures
    assert one.parameters is not None
    label = one.parameters[found.active_parameter].label
    assert not isinstance(label, str)
    start, end = label
    assert one.label[start:end] == active and one.label[start - 1] in "( "


async def test_outside_of_calls_there_is_no_signature(editor: Editor) -> None:
    await editor.open("cosine(20) ¦")
    params = types.SignatureHelpParams(editor.document, editor.cursor)
    assert await editor.client.text_document_signature_help_async(params) is None


async def defined(editor: Editor) -> types.Location | None:
    params = types.DefinitionParams(editor.document, editor.cursor)
    found = await editor.client.text_document_definition_async(params)
    assert found is None or isinstance(found, types.Location)
    return found


async def test_a_definition_of_the_text(editor: Editor) -> None:
    text = "let peak = 0.4\ncosine(20, pe¦ak)"
    await editor.open(text)
    found = await defined(editor)
    assert found is not None and found.uri == editor.uri
    assert (found.range.start, found.range.end) == (types.Position(0, 4), types.Position(0, 8))


async def test_a_definition_of_the_library_is_in_the_installed_file(editor: Editor) -> None:
    await editor.open("cos¦ine(20)")
    found = await defined(editor)
    library = Path(lrdsl.__file__).parent / "prelude.lrs"
    assert found is not None and found.uri == library.as_uri()
    text = library.read_text("utf-8")
    assert shown(text, found.range) == "cosine"
    assert text.splitlines()[found.range.start.line].startswith("shape cosine(")


async def test_the_library_itself_has_no_errors(editor: Editor) -> None:
    editor.uri = (Path(lrdsl.__file__).parent / "prelude.lrs").as_uri()
    text = (Path(lrdsl.__file__).parent / "prelude.lrs").read_text("utf-8")
    editor.version = 1
    editor.client.text_document_did_open(
        types.DidOpenTextDocumentParams(types.TextDocumentItem(editor.uri, "lrs", 1, text))
    )
    assert await editor.published() == []


async def test_what_is_defined_nowhere(editor: Editor) -> None:
    await editor.open("cosine(20, ba¦se)")
    assert await defined(editor) is None


async def test_references(editor: Editor) -> None:
    text = "let peak = 0.4\nwarmup(5, 0, peak) >> cosine(20, pe¦ak, peak / 100)"
    await editor.open(text)
    text = text.replace("¦", "")
    for with_definition, count in ((True, 4), (False, 3)):
        context = types.ReferenceContext(with_definition)
        found = await editor.client.text_document_references_async(
            types.ReferenceParams(context, editor.document, editor.cursor)
        )
        assert found is not None
        assert [shown(text, one.range) for one in found] == ["peak"] * count


async def test_rename(editor: Editor) -> None:
    text = "let peak = 0.4\nwarmup(5, 0, peak) >> cosine(20, pe¦ak)"
    await editor.open(text)
    ready = await editor.client.text_document_prepare_rename_async(
        types.PrepareRenameParams(editor.document, editor.cursor)
    )
    assert isinstance(ready, types.Range)
    assert shown(text.replace("¦", ""), ready) == "peak"
    found = await editor.client.text_document_rename_async(
        types.RenameParams(editor.document, editor.cursor, "top")
    )
    assert found is not None and found.document_changes is not None
    (change,) = found.document_changes
    assert isinstance(change, types.TextDocumentEdit)
    assert change.text_document.version == editor.version
    new = edited(text.replace("¦", ""), change.edits)
    assert new == "let top = 0.4\nwarmup(5, 0, top) >> cosine(20, top)"


@pytest.mark.parametrize(
    ("text", "name", "reason"),
    [
        ("let peak = 0.4 cosine(20, pe¦ak)", "cosine", "is the name of something else"),
        ("let peak = 0.4 cosine(20, pe¦ak)", "a b", "is not a name"),
        ("let peak = 0.4 cosine(20, pe¦ak)", "let", "is a word of the language"),
        ("cos¦ine(20)", "other", "only what this text defines can be renamed"),
    ],
)
async def test_what_cannot_be_renamed_says_why(
    editor: Editor, text: str, name: str, reason: str
) -> None:
    await editor.open(text)
    params = types.RenameParams(editor.document, editor.cursor, name)
    with pytest.raises(Exception, match=reason):
        await editor.client.text_document_rename_async(params)


async def test_symbols(editor: Editor) -> None:
    text = f'{RUN}let peak = 0.4\ndef up(n) = warmup(n)\nlr["head"]: up(5) >> const(peak)\n'
    await editor.open(text)
    found = await editor.client.text_document_document_symbol_async(
        types.DocumentSymbolParams(editor.document)
    )
    assert found is not None
    symbols = [one for one in found if isinstance(one, types.DocumentSymbol)]
    assert [(one.name, one.detail) for one in symbols] == [
        ("run", "run"), ("peak", "let"), ("up", "def"), ('lr["head"]', "target"),
    ]  # fmt: skip
    assert [shown(text, one.selection_range) for one in symbols] == ["run", "peak", "up", "lr"]


async def colored(editor: Editor, text: str) -> list[tuple[str, str]]:
    """The tokens as the protocol has them, decoded by hand: text and type."""
    found = await editor.client.text_document_semantic_tokens_full_async(
        types.SemanticTokensParams(editor.document)
    )
    assert found is not None
    line = column = 0
    pieces: list[tuple[str, str]] = []
    for k in range(0, len(found.data), 5):
        down, right, length, kind, _ = found.data[k : k + 5]
        line, column = line + down, right if down else column + right
        place = types.Range(types.Position(line, column), types.Position(line, column + length))
        pieces.append((shown(text, place), LEGEND.token_types[kind]))
    return pieces


async def test_colors(editor: Editor) -> None:
    text = 'let x = 0.4  # \N{ROCKET}\nlr["a"]: cosine(5ep, base)'
    await editor.open(text)
    assert await colored(editor, text) == [
        ("let", "keyword"), ("x", "variable"), ("=", "operator"), ("0.4", "number"),
        ("# \N{ROCKET}", "comment"), ("lr", "property"), ('"a"', "string"), ("cosine", "function"),
        ("5ep", "number"), ("base", "variable"),
    ]  # fmt: skip


async def test_colors_of_all_examples_are_all_of_their_pieces(editor: Editor) -> None:
    for path in sorted((Path(lrdsl.__file__).parents[1] / "examples").glob("*.lrs")):
        text = path.read_text("utf-8")
        await editor.open(text)
        pieces = await colored(editor, text)
        kept = "".join(piece for piece, _ in pieces)
        missing = set("".join(text.split())) - set("".join(kept.split()))
        assert missing <= set(",:()[]"), path

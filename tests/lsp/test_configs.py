"""Schedules in YAML, TOML and JSON, in documents as clients send them."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from tests.lsp.client import MARK, Editor, edited, shown

pytestmark = pytest.mark.asyncio(loop_scope="module")
CONFIGS = {
    "a.yaml": 'steps: 9\nlr: !lrs "{}"\n',
    "b.yaml": "opt:\n  lr: !lrs >-\n    {}\n",
    "a.json": '{{"opt": {{"_target_": "lrdsl.compile", "source": "{}"}}}}',
    "a.toml": '[opt]\n_target_ = "lrdsl.compile"\nsource = "{}"\n',
}
NAMES = list(CONFIGS)


@pytest.mark.parametrize("name", NAMES)
async def test_a_mistake_is_where_it_is_written(editor: Editor, name: str) -> None:
    text = CONFIGS[name].format("warmup(5) >> cosin(20)")
    (found,) = await editor.open(text, name)
    assert (found.code, shown(text, found.range)) == ("LRS201", "cosin")


@pytest.mark.parametrize("name", NAMES)
async def test_its_fix_is_made_there(editor: Editor, name: str) -> None:
    text = CONFIGS[name].format(f"warmup(5) >> co{MARK}sin(20)")
    await editor.open(text, name)
    (action,) = await editor.actions()
    assert action.edit is not None and action.edit.document_changes is not None
    (change,) = action.edit.document_changes
    assert isinstance(change, types.TextDocumentEdit)
    new = edited(text.replace(MARK, ""), change.edits)
    assert new == CONFIGS[name].format("warmup(5) >> cosine(20)")
    assert await editor.type(new) == []


@pytest.mark.parametrize("name", NAMES)
async def test_places_in_it_are_answered(editor: Editor, name: str) -> None:
    text = CONFIGS[name].format(f"warmup(5) >> cos{MARK}ine(20, 0.3)")
    await editor.open(text, name)
    assert "**cosine** steps 5 … 25 (20 steps): 0.3 → 0" in await editor.hover()
    await editor.type(CONFIGS[name].format(f"warmup(5) >> cosine(20, {MARK})"))
    assert (await editor.completions())[0].label == "start = "
    params = types.SignatureHelpParams(editor.document, editor.cursor)
    found = await editor.client.text_document_signature_help_async(params)
    assert found is not None and found.active_parameter == 1


@pytest.mark.parametrize("name", NAMES)
async def test_outside_of_schedules_nothing_is_offered(editor: Editor, name: str) -> None:
    await editor.open(CONFIGS[name].format("warmup(5)"), name)
    editor.cursor = types.Position(0, 1)
    assert await editor.hover() == ""
    assert not await editor.completions()


@pytest.mark.parametrize("name", NAMES)
async def test_symbols_are_those_of_its_schedules(editor: Editor, name: str) -> None:
    text = CONFIGS[name].format("let peak = 0.4 cosine(20, peak)")
    await editor.open(text, name)
    found = await editor.client.text_document_document_symbol_async(
        types.DocumentSymbolParams(editor.document)
    )
    assert found is not None
    (one,) = (symbol for symbol in found if isinstance(symbol, types.DocumentSymbol))
    assert (one.name, shown(text, one.selection_range)) == ("peak", "peak")


async def test_every_schedule_of_it_has_a_curve(editor: Editor) -> None:
    text = "a: !lrs warmup(5) >> const\nb: !lrs cosin(20)\nc: !lrs cosine(20)\n"
    await editor.open(text, "a.yaml")
    found = await editor.curve()
    assert [one.text for one in found.schedules] == [
        "warmup(5) >> const", "cosin(20)", "cosine(20)",
    ]  # fmt: skip
    assert [one.svg is not None for one in found.schedules] == [True, False, True]
    assert (found.errors, found.warnings) == (1, 0)


async def test_a_config_is_found_by_its_language(editor: Editor) -> None:
    editor.uri, editor.version = "untitled:Untitled-1", 1
    item = types.TextDocumentItem(editor.uri, "yaml", 1, "lr: !lrs cosin(20)\n")
    editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    (found,) = await editor.published()
    assert found.code == "LRS201"
    assert await editor.type("lr: !lrs cosine(20)\n") == []


async def test_a_broken_config_says_so(editor: Editor) -> None:
    (found,) = await editor.open("lr: !lrs [cosine(20)\n", "a.yaml")
    assert str(found.code).startswith("LRS7")


@pytest.mark.parametrize("name", ["a.yaml", "a.toml", "a.json"])
async def test_a_config_without_schedules_is_left_alone(editor: Editor, name: str) -> None:
    assert await editor.open("{ broken: [", name) == []
    found = await editor.curve()
    assert [*found.schedules] == []


async def test_its_project_says_the_keys_and_the_run(editor: Editor) -> None:
    (editor.folder / "pyproject.toml").write_text(
        '[tool.lrdsl]\nkey = "optimizer.schedule"\ntotal-from = "trainer.epochs=ep"\n'
        '[[tool.lrdsl.runs]]\nfiles = "**/*.yaml"\nsteps-per-epoch = 100\n',
        encoding="utf-8",
    )
    text = f"trainer: {{epochs: 90}}\noptimizer:\n  schedule: warmup(5ep) >> cos{MARK}ine(rest)\n"
    assert await editor.open(text, "a.yaml") == []
    assert "**cosine** steps 500 … 9,000 (8,500 steps)" in await editor.hover()


async def test_a_project_that_cannot_be_read_is_named(editor: Editor) -> None:
    (editor.folder / "pyproject.toml").write_text("[tool.lrdsl\nkey = 1\n", encoding="utf-8")
    (found,) = await editor.open("lr: !lrs cosine(20)\n", "a.yaml")
    assert "pyproject.toml is not TOML" in found.message


async def test_a_mistake_in_a_file_that_it_names(editor: Editor, tmp_path: Path) -> None:
    (tmp_path / "bad.lrs").write_text("cosin(20)", encoding="utf-8")
    path = tmp_path / "bad.lrs"
    (found,) = await editor.open(f"lr: !lrs {path}\n", "a.yaml")
    assert found.message.startswith(f"{path}:1:1: there is no `cosin`")
    assert found.range.start == types.Position(0, 0)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
async def test_columns_count_utf_16(editor: Editor, end: str, mark: str) -> None:
    text = f"{mark}# \N{ROCKET}{end}lr: !lrs 'let \N{ROCKET} = 1 cosin(20)'  # \N{ROCKET}{end}"
    found = await editor.open(text, "a.yaml")
    texts = [shown(text, one.range) for one in found]
    assert "\N{ROCKET}" in texts

"""The settings of clients: their run, and what is wrong with them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from lsprotocol import types

from lrdsl.lsp.settings import Settings, read
from tests.lsp.client import Editor

EPOCHS = "warmup(5ep) >> cos¦ine(rest)"


@pytest_asyncio.fixture(loop_scope="module")
async def editor(editor: Editor) -> AsyncIterator[Editor]:
    yield editor
    await set_to(editor, {"lrdsl": {}})


async def set_to(editor: Editor, settings: object) -> list[str]:
    """Sends settings, and returns what the server says of them."""
    before = len(editor.client.messages)
    editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(settings))
    if editor.uri:
        await editor.published()
    return [one.message for one in editor.client.messages[before:]]


@pytest.mark.asyncio(loop_scope="module")
class TestServer:
    async def test_settings_say_the_run(self, editor: Editor) -> None:
        assert await editor.open(EPOCHS) != []
        assert await set_to(editor, {"lrdsl": {"total": "90ep", "stepsPerEpoch": 100}}) == []
        assert "**cosine** steps 500 … 9,000 (8,500 steps)" in await editor.hover()
        await set_to(editor, {"lrdsl": {"total": "10ep", "stepsPerEpoch": 100}})
        assert "**cosine** steps 500 … 1,000 (500 steps)" in await editor.hover()
        await set_to(editor, {"lrdsl": {}})
        assert "steps 500" not in await editor.hover()

    async def test_a_text_counts_before_them(self, editor: Editor) -> None:
        await editor.open(f"run total = 90ep, 1ep = 10st\n{EPOCHS}")
        await set_to(editor, {"lrdsl": {"total": "10ep", "stepsPerEpoch": 100}})
        assert "**cosine** steps 50 … 900 (850 steps)" in await editor.hover()

    async def test_they_count_before_the_project(self, editor: Editor) -> None:
        (editor.folder / "pyproject.toml").write_text(
            '[[tool.lrdsl.runs]]\nfiles = "**/*.lrs"\ntotal = "90ep"\nsteps-per-epoch = 100\n',
            encoding="utf-8",
        )
        assert await editor.open(EPOCHS) == []
        assert "**cosine** steps 500 … 9,000 (8,500 steps)" in await editor.hover()
        await set_to(editor, {"lrdsl": {"total": "10ep"}})
        assert "**cosine** steps 500 … 1,000 (500 steps)" in await editor.hover()

    async def test_units_and_rates(self, editor: Editor) -> None:
        await editor.open("warmup(8Mtok) >> con¦st(8Mtok, base / 10)")
        found = await editor.curve()
        assert found.schedules[0].unit.isAssumed
        await set_to(editor, {"lrdsl": {"perStep": {"tok": "4M"}, "base": 0.3}})
        assert "**const** steps 2 … 4 (2 steps, 8Mtok): base / 10" in await editor.hover()
        found = await editor.curve()
        assert "for a base of 0.3" in found.schedules[0].svg

    async def test_keys_say_where_schedules_are(self, editor: Editor) -> None:
        assert await editor.open("opt: {lr: cosin(20)}\n", "a.yaml") == []
        await set_to(editor, {"lrdsl": {"keys": ["opt.lr"]}})
        assert (await editor.curve()).errors == 1
        await set_to(editor, {"lrdsl": {"keys": "**.lr"}})
        assert (await editor.curve()).errors == 1
        await set_to(editor, {"lrdsl": {}})
        assert (await editor.curve()).errors == 0

    async def test_hints_are_off_until_they_are_set(self, editor: Editor) -> None:
        await editor.open("warmup(5) >> cosine(20, 0.3)")
        params = types.InlayHintParams(
            editor.document, types.Range(types.Position(0, 0), types.Position(9, 0))
        )
        assert not await editor.client.text_document_inlay_hint_async(params)
        await set_to(editor, {"lrdsl": {"inlayHints": True}})
        found = await editor.client.text_document_inlay_hint_async(params)
        assert found is not None
        assert [(one.position.character, one.label) for one in found] == [
            (9, "at 0: 0 → 0.3"), (28, "at 5: 0.3 → 0"),
        ]  # fmt: skip
        assert max(len(str(one.label)) for one in found) < 30

    async def test_what_is_wrong_is_said_and_the_rest_counts(self, editor: Editor) -> None:
        await editor.open(EPOCHS)
        said = await set_to(
            editor, {"lrdsl": {"totl": 1, "inlayHints": "yes", "total": "90ep", "stepsPerEpoch": 9}}
        )
        assert said == [
            "lrdsl: there is no setting `lrdsl.totl`; did you mean `total`?",
            "lrdsl: `lrdsl.inlayHints` is true or false, not 'yes'",
        ]
        assert "**cosine** steps 45 … 810" in await editor.hover()

    async def test_a_project_that_changes_counts_at_once(self, editor: Editor) -> None:
        project = editor.folder / "pyproject.toml"
        project.write_text("", encoding="utf-8")
        assert await editor.open(EPOCHS) != []
        project.write_text(
            '[[tool.lrdsl.runs]]\nfiles = "**/*.lrs"\ntotal = "90ep"\nsteps-per-epoch = 100\n',
            encoding="utf-8",
        )
        change = types.FileEvent(project.as_uri(), types.FileChangeType.Changed)
        editor.client.workspace_did_change_watched_files(
            types.DidChangeWatchedFilesParams([change])
        )
        assert await editor.published() == []
        project.unlink()
        editor.client.text_document_did_save(types.DidSaveTextDocumentParams(editor.document))
        assert await editor.published() != []

    async def test_the_settings_of_other_servers_are_theirs(self, editor: Editor) -> None:
        await editor.open(EPOCHS)
        assert await set_to(editor, {"lrdsl": {}, "python": {"path": 1}}) == []
        assert await set_to(editor, None) == []


@pytest.mark.parametrize("sent", [None, {}, {"lrdsl": None}, {"lrdsl": {}}, {"total": None}])
def test_nothing_is_set(sent: object) -> None:
    assert read(sent) == (Settings(), [])


def test_the_section_may_be_left_out() -> None:
    found, wrong = read({"total": 900, "base": {"momentum": 0.9}})
    assert (found.run, found.bases, wrong) == ({"total": 900}, {"momentum": 0.9}, [])


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("total", [], "is a length such as"),
        ("total", True, "is a length such as"),
        ("total", "ninety", "ninety"),
        ("total", -1, "-1"),
        ("stepsPerEpoch", "10", "is a number"),
        ("stepsPerEpoch", 0, "0"),
        ("perStep", 4, "gives units their size"),
        ("perStep", {"tok": None}, "gives units their size"),
        ("perStep", {"tok": "many"}, "many"),
        ("base", "0.1", "is the rate of the optimizer"),
        ("inlayHints", 1, "is true or false"),
        ("keys", 3, "is a list of keys"),
        ("keys", [""], "is a list of keys"),
    ],
)
def test_wrong_values(name: str, value: Any, said: str) -> None:
    found, wrong = read({"lrdsl": {name: value}})
    assert found == Settings()
    (sentence,) = wrong
    assert sentence.startswith(f"`lrdsl.{name}`") and said in sentence


def test_what_is_no_table() -> None:
    assert read({"lrdsl": 3})[1] == [
        "`lrdsl` has `total`, `stepsPerEpoch`, `perStep`, `base`, `inlayHints` and `keys`;"
        " it is not 3"
    ]
    assert len(read([1])[1]) == 1

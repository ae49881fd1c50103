"""A client of the server: it opens documents, types into them, and asks about places."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import LanguageClient

_NUMBERS = itertools.count()
MARK = "¦"
"""Stands for the cursor in texts of tests."""


class Client(LanguageClient):
    """A client that keeps everything that is published, in its order."""

    def __init__(self) -> None:
        super().__init__(converter_factory=default_converter)
        self.published: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
        self.curves: asyncio.Queue[tuple[str, int]] = asyncio.Queue()


class Editor:
    """An open document of a real server, in a folder of its own."""

    def __init__(self, client: Client, folder: Path) -> None:
        self.client, self.folder = client, folder
        self.uri = self.language = ""
        self.version = 0
        self.cursor = types.Position(0, 0)

    @property
    def document(self) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(self.uri)

    async def open(self, text: str, name: str = "a.lrs") -> list[types.Diagnostic]:
        """Opens a text, the cursor at its mark, and returns what is published of it."""
        path = self.folder / f"{next(_NUMBERS)}" / name
        path.parent.mkdir()
        self.uri, self.version = path.as_uri(), 1
        text = self._marked(text)
        self.language = path.suffix[1:]
        item = types.TextDocumentItem(self.uri, self.language, self.version, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return await self.published()

    async def type(self, *texts: str) -> list[types.Diagnostic]:
        """Replaces the text, several times in a row, and returns what is published of it."""
        for text in texts:
            self.version += 1
            identifier = types.VersionedTextDocumentIdentifier(self.version, self.uri)
            change = types.TextDocumentContentChangeWholeDocument(self._marked(text))
            self.client.text_document_did_change(
                types.DidChangeTextDocumentParams(identifier, [change])
            )
        return await self.published()

    def _marked(self, text: str) -> str:
        """A text without the mark, where the cursor then is: a place counted in UTF-16."""
        before, mark, after = text.partition(MARK)
        if mark:
            lines = before.replace("\r\n", "\n").split("\n")
            self.cursor = types.Position(len(lines) - 1, len(lines[-1].encode("utf-16-le")) // 2)
        return before + after

    async def published(self) -> list[types.Diagnostic]:
        """The next diagnostics of this version of the document."""
        while True:
            found = await asyncio.wait_for(self.client.published.get(), 60)
            if (found.uri, found.version) == (self.uri, self.version):
                return list(found.diagnostics)

    def close(self) -> None:
        """Closes the document; one that was never opened, too."""
        if self.uri:
            self.client.text_document_did_close(types.DidCloseTextDocumentParams(self.document))

    async def hover(self) -> str:
        found = await self.client.text_document_hover_async(
            types.HoverParams(self.document, self.cursor)
        )
        if found is None:
            return ""
        assert isinstance(found.contents, types.MarkupContent)
        return found.contents.value

    async def completions(self, trigger: str | None = None) -> Sequence[types.CompletionItem]:
        kind = types.CompletionTriggerKind.Invoked
        context = types.CompletionContext(kind)
        if trigger is not None:
            context = types.CompletionContext(types.CompletionTriggerKind.TriggerCharacter, trigger)
        found = await self.client.text_document_completion_async(
            types.CompletionParams(self.document, self.cursor, context)
        )
        assert isinstance(found, types.CompletionList)
        return found.items

    async def actions(
        self, only: Sequence[str] | None = None, whole: types.Range | None = None
    ) -> list[types.CodeAction]:
        found = await self.client.text_document_code_action_async(
            types.CodeActionParams(
                self.document,
                whole or types.Range(self.cursor, self.cursor),
                types.CodeActionContext([], only),
            )
        )
        assert found is not None
        return [one for one in found if isinstance(one, types.CodeAction)]

    async def formatted(self, text: str) -> str | None:
        """The text as the server lays it out; None if it does not."""
        options = types.FormattingOptions(4, True)
        found = await self.client.text_document_formatting_async(
            types.DocumentFormattingParams(self.document, options)
        )
        return None if found is None else edited(text, found)

    async def curve(self) -> Any:
        send: Any = self.client.protocol.send_request_async
        return await send("lrdsl/curve", {"uri": self.uri})


def edited(text: str, edits: Sequence[Any]) -> str:
    """A text with edits made as a client makes them, in units of UTF-16."""
    lines = [*text.splitlines(keepends=True), ""]
    data = text.encode("utf-16-le")

    def at(place: types.Position) -> int:
        before = sum(len(line.encode("utf-16-le")) for line in lines[: place.line])
        return before + 2 * place.character

    found = [(at(one.range.start), at(one.range.end), one.new_text) for one in edits]
    for start, end, new in sorted(found, reverse=True):
        data = data[:start] + new.encode("utf-16-le") + data[end:]
    return data.decode("utf-16-le")


def shown(text: str, place: types.Range) -> str:
    """The text in a range, counted by hand."""
    lines = text.splitlines(keepends=True)
    assert place.start.line == place.end.line
    data = lines[place.start.line].encode("utf-16-le")
    return data[2 * place.start.character : 2 * place.end.character].decode("utf-16-le")

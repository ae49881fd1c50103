"""What holds for any client: what is offered, what is broken, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import pytest
from lsprotocol import types

from lrdsl.lsp.coloring import LEGEND
from tests.lsp.client import Client, Editor
from tests.lsp.conftest import COMMAND, environment

PIPES: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "env": environment()}
pytestmark = pytest.mark.asyncio(loop_scope="module")


class Raw:
    """A client that writes bytes, right or wrong."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None and process.stdout is not None
        self.process = process
        self.into: IO[bytes] = process.stdin
        self.out: IO[bytes] = process.stdout
        self.number = 0

    def send(self, body: bytes) -> None:
        self.into.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.into.flush()

    def notify(self, method: str, params: object) -> None:
        self.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())

    def ask(self, method: str, params: object) -> Any:
        """Sends a request, and returns its whole answer."""
        self.number += 1
        message = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}
        self.send(json.dumps(message).encode())
        while (found := self.next()).get("id") != self.number:
            pass
        return found

    def next(self) -> Any:
        """The next message of the server."""
        length = 0
        while line := self.out.readline().strip():
            name, _, value = line.partition(b": ")
            length = int(value) if name == b"Content-Length" else length
        return json.loads(self.out.read(length))


@contextmanager
def raw(capabilities: object = None, options: object = None) -> Iterator[tuple[Raw, Any]]:
    """A server of its own, and what it says of itself."""
    with subprocess.Popen(COMMAND, **PIPES) as process:
        client = Raw(process)
        try:
            answer = client.ask("initialize", {
                "processId": None, "rootUri": None, "capabilities": capabilities or {},
                "initializationOptions": options,
            })  # fmt: skip
            client.notify("initialized", {})
            yield client, answer["result"]["capabilities"]
        finally:
            process.kill()


async def test_columns_are_utf_16_whatever_a_client_prefers() -> None:
    general = {"general": {"positionEncodings": ["utf-8", "utf-32", "utf-16"]}}
    with raw(general) as (client, offered):
        assert offered["positionEncoding"] == "utf-16"
        document = {"uri": "file:///a.lrs", "languageId": "lrs", "version": 1,
                    "text": 'lr["\N{ROCKET}"]: cosin(20)'}  # fmt: skip
        client.notify("textDocument/didOpen", {"textDocument": document})
        found = client.next()["params"]["diagnostics"][0]
        assert found["range"]["start"] == {"line": 0, "character": 10}


async def test_what_is_offered() -> None:
    with raw() as (_, offered):
        assert offered["semanticTokensProvider"]["legend"] == {
            "tokenTypes": [*LEGEND.token_types], "tokenModifiers": [*LEGEND.token_modifiers],
        }  # fmt: skip
        assert offered["codeActionProvider"]["codeActionKinds"] == [
            "quickfix", "source.fixAll.lrdsl",
        ]  # fmt: skip
        providers = {name for name, value in offered.items() if name.endswith("Provider") and value}
        assert providers >= {
            "hoverProvider", "completionProvider", "signatureHelpProvider", "definitionProvider",
            "referencesProvider", "renameProvider", "documentFormattingProvider",
            "documentSymbolProvider", "inlayHintProvider",
        }  # fmt: skip


BROKEN = [
    b"{",
    b"[]",
    b"3",
    b"null",
    b"{}",
    b'"\xff"',
    b'{"jsonrpc": "2.0"}',
    b'{"jsonrpc": "1.0", "id": 1, "method": "x"}',
    b'{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {}}',
    b'{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"a": 1}}',
    b'{"jsonrpc": "2.0", "id": 7, "method": "textDocument/hover", "params": {"position": 3}}',
    b'{"jsonrpc": "2.0", "method": "no/such", "params": {}}',
    b'{"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 99}}',
    b'{"jsonrpc": "2.0", "id": 99, "result": null}',
]


async def test_broken_messages_do_not_end_it() -> None:
    with raw() as (client, _):
        for body in BROKEN:
            client.send(body)
            found = client.ask("lrdsl/curve", {})
            assert "takes the `uri` of an open document" in found["error"]["message"], body
        assert client.process.poll() is None


async def test_unknown_requests_are_refused(editor: Editor) -> None:
    send: Any = editor.client.protocol.send_request_async
    with pytest.raises(Exception, match="Method Not Found"):
        await send("no/such", {})
    for params in ({}, {"uri": 3}, {"uri": "file:///nowhere"}, None):
        with pytest.raises(Exception, match="takes the `uri` of an open document"):
            await send("lrdsl/curve", params)


async def test_documents_that_are_not_open_have_no_answers(client: Client) -> None:
    document, place = types.TextDocumentIdentifier("file:///nowhere.lrs"), types.Position(0, 0)
    everything = types.Range(place, place)
    assert await client.text_document_hover_async(types.HoverParams(document, place)) is None
    assert not await client.text_document_completion_async(types.CompletionParams(document, place))
    assert not await client.text_document_references_async(
        types.ReferenceParams(types.ReferenceContext(True), document, place)
    )
    assert not await client.text_document_prepare_rename_async(
        types.PrepareRenameParams(document, place)
    )
    assert not await client.text_document_rename_async(types.RenameParams(document, place, "x"))
    assert not await client.text_document_code_action_async(
        types.CodeActionParams(document, everything, types.CodeActionContext([]))
    )
    assert not await client.text_document_formatting_async(
        types.DocumentFormattingParams(document, types.FormattingOptions(4, True))
    )
    assert not await client.text_document_document_symbol_async(
        types.DocumentSymbolParams(document)
    )
    assert not await client.text_document_semantic_tokens_full_async(
        types.SemanticTokensParams(document)
    )
    assert not await client.text_document_inlay_hint_async(
        types.InlayHintParams(document, everything)
    )


async def test_a_client_without_versions_gets_plain_edits() -> None:
    with raw() as (client, _):
        document = {"uri": "file:///a.lrs", "languageId": "lrs", "version": 1,
                    "text": "let peak = 0.4 cosine(20, peak)"}  # fmt: skip
        client.notify("textDocument/didOpen", {"textDocument": document})
        found = client.ask("textDocument/rename", {
            "textDocument": {"uri": "file:///a.lrs"}, "position": {"line": 0, "character": 4},
            "newName": "top",
        })["result"]  # fmt: skip
        assert [edit["newText"] for edit in found["changes"]["file:///a.lrs"]] == ["top", "top"]


async def test_settings_at_the_start_and_what_is_wrong_with_them() -> None:
    with raw(options={"lrdsl": {"total": "90ep", "stepPerEpoch": 3}}) as (client, _):
        document = {"uri": "file:///a.lrs", "languageId": "lrs", "version": 1,
                    "text": "warmup(10%) >> cosine"}  # fmt: skip
        client.notify("textDocument/didOpen", {"textDocument": document})
        found = client.ask("lrdsl/curve", {"uri": "file:///a.lrs"})["result"]
        assert "--total" not in found["schedules"][0]["needs"]
    with subprocess.Popen(COMMAND, **PIPES) as process:
        client = Raw(process)
        options = {"lrdsl": {"stepPerEpoch": 3}}
        message = {"jsonrpc": "2.0", "id": 1, "method": "initialize",
                   "params": {"capabilities": {}, "initializationOptions": options}}  # fmt: skip
        client.send(json.dumps(message).encode())
        said = client.next()
        process.kill()
    assert said["method"] == "window/showMessage"
    assert said["params"]["message"] == (
        "lrdsl: there is no setting `lrdsl.stepPerEpoch`; did you mean `stepsPerEpoch`?"
    )


async def test_it_ends_with_its_client() -> None:
    with raw() as (client, _):
        client.into.close()
        assert client.process.wait(timeout=60) == 0


async def test_it_ends_when_it_is_asked_to() -> None:
    with raw() as (client, _):
        client.ask("shutdown", None)
        client.notify("exit", None)
        assert client.process.wait(timeout=60) == 0


async def test_nothing_but_messages_is_on_standard_output() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lrdsl", "lsp", "--stdio"], input=b"", capture_output=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")

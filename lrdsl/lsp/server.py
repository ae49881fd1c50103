"""The language server: which request is answered by what."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.protocol import LanguageServerProtocol, lsp_method

from lrdsl import __version__
from lrdsl.lsp import answers, coloring, curve, edits
from lrdsl.lsp.actions import KINDS, actions
from lrdsl.lsp.diagnostics import published
from lrdsl.lsp.documents import Document
from lrdsl.lsp.settings import Settings, read

WAIT = 0.15
"""For so many seconds nothing is typed before diagnostics are made."""

# So many objects are made before Python looks for those that are no longer used.
_OBJECTS = 100_000
_WATCHED = ("**/pyproject.toml", "**/*.lrs")


class Refused(JsonRpcException):
    """A request that cannot be met; its text says why, to a person."""

    CODE = types.LSPErrorCodes.RequestFailed.value


class _Protocol(LanguageServerProtocol):
    """The protocol, with columns in UTF-16 whatever else a client offers: all clients can that."""

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Any:
        """Answers the first request, for pygls."""
        if params.capabilities.general is not None:
            params.capabilities.general.position_encodings = None
        return (yield from super().lsp_initialize(params))


class Server(LanguageServer):
    """The server of one client.

    Attributes:
        documents: the open documents, by address.
        settings: what the client has set.
        watched: the addresses of documents whose curve was asked for.
    """

    def __init__(self) -> None:
        super().__init__(
            "lrdsl",
            __version__,
            # pygls counts lines by other characters too, so it gets no parts of texts to join.
            text_document_sync_kind=types.TextDocumentSyncKind.Full,
            protocol_cls=_Protocol,
        )
        self.documents: dict[str, Document] = {}
        self.settings = Settings()
        self.watched: set[str] = set()
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def can(self, *path: str) -> bool:
        """True if the client says that it can do something.

        Args:
            path: the names of the capability, from the outside.
        """
        found: object = self.client_capabilities
        for name in path:
            found = getattr(found, name, None)
        return bool(found)

    def set(self, sent: object) -> None:
        """Takes settings, and says which of them are wrong.

        Args:
            sent: what the client sent.
        """
        self.settings, wrong = read(sent)
        for sentence in wrong:
            message = f"lrdsl: {sentence}"
            self.window_show_message(types.ShowMessageParams(types.MessageType.Error, message))

    def put(self, document: Document, *, wait: float) -> None:
        """Takes a version of a document, and publishes its diagnostics unless another one comes.

        Args:
            document: the document.
            wait: the seconds to wait for another one.
        """
        uri = document.uri
        self.documents[uri] = document
        self._cancel(uri)
        loop = asyncio.get_running_loop()
        self._timers[uri] = loop.call_later(wait, self._publish, uri)

    def forget(self, uri: str) -> None:
        """Forgets a document that was closed.

        Args:
            uri: its address.
        """
        self._cancel(uri)
        self.documents.pop(uri, None)
        self.watched.discard(uri)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def renew(self) -> None:
        """Looks at all documents again, as what they depend on has changed."""
        for old in list(self.documents.values()):
            again = Document(old.uri, old.text, old.version, old.language, self.settings)
            self.put(again, wait=0)
        if self.can("workspace", "inlay_hint", "refresh_support"):
            self.workspace_inlay_hint_refresh(None)

    def _cancel(self, uri: str) -> None:
        if (timer := self._timers.pop(uri, None)) is not None:
            timer.cancel()

    def _publish(self, uri: str) -> None:
        self._timers.pop(uri, None)
        document = self.documents.get(uri)
        if document is None:
            return
        try:
            found = published(document)
        except Exception as error:  # a fault of ours must not end the server
            logging.getLogger(__name__).exception("cannot look at %s", uri)
            self.report_server_error(error, JsonRpcException)
            return
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(uri, found, document.version)
        )
        if uri in self.watched:
            self.protocol.notify(curve.CHANGED, {"uri": uri, "version": document.version})


def _initialize(ls: Server, params: types.InitializeParams) -> None:
    ls.set(params.initialization_options)


def _initialized(ls: Server, params: types.InitializedParams) -> None:
    if not ls.can("workspace", "did_change_watched_files", "dynamic_registration"):
        return
    watchers = [types.FileSystemWatcher(glob) for glob in _WATCHED]
    options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
    method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
    ls.client_register_capability(
        types.RegistrationParams([types.Registration("lrdsl-files", method, options)])
    )


def _configured(ls: Server, params: types.DidChangeConfigurationParams) -> None:
    ls.set(params.settings)
    ls.renew()


def _opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    item = params.text_document
    ls.put(Document(item.uri, item.text, item.version, item.language_id, ls.settings), wait=0)


def _changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    uri, version = params.text_document.uri, params.text_document.version
    old = ls.documents.get(uri)
    text = ls.workspace.get_text_document(uri).source
    language = old.language if old is not None else ""
    ls.put(Document(uri, text, version, language, ls.settings), wait=WAIT)


def _saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    ls.renew()  # other documents may name it


def _closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    ls.forget(params.text_document.uri)


def _files_changed(ls: Server, params: types.DidChangeWatchedFilesParams) -> None:
    ls.renew()


def _about(
    answer: Callable[[Server, Document, Any], object],
) -> Callable[[Server, Any], object]:
    """A feature that answers about a document; nothing where that is not open."""

    def feature(ls: Server, params: Any) -> object:
        document = ls.documents.get(params.text_document.uri)
        return answer(ls, document, params) if document is not None else None

    return feature


def _at_place(answer: Callable[[Document, types.Position], object]) -> Callable[..., object]:
    """A feature that answers about a place."""
    return _about(lambda ls, document, params: answer(document, params.position))


def _of_all(answer: Callable[[Document], object]) -> Callable[..., object]:
    """A feature that answers about a whole document."""
    return _about(lambda ls, document, params: answer(document))


def _completion(
    ls: Server, document: Document, params: types.CompletionParams
) -> types.CompletionList:
    trigger = params.context.trigger_character if params.context is not None else None
    return answers.completion(document, params.position, trigger)


def _references(
    ls: Server, document: Document, params: types.ReferenceParams
) -> list[types.Location]:
    with_definition = params.context.include_declaration
    return answers.references(document, params.position, with_definition=with_definition)


def _rename(ls: Server, document: Document, params: types.RenameParams) -> types.WorkspaceEdit:
    offset, one = document.asked(params.position)
    if one is None:
        raise Refused("there is no schedule at this place")
    try:
        found = one.rename(offset, params.new_name)
    except ValueError as error:
        raise Refused(str(error)) from None
    return edits.workspace_edit(document, found, versioned=_is_versioned(ls))


def _actions(
    ls: Server, document: Document, params: types.CodeActionParams
) -> list[types.CodeAction]:
    return [*actions(document, params, versioned=_is_versioned(ls))]


def _is_versioned(ls: Server) -> bool:
    return ls.can("workspace", "workspace_edit", "document_changes")


def _hints(ls: Server, document: Document, params: types.InlayHintParams) -> list[types.InlayHint]:
    return [*answers.hints(document, params.range)]


def _curve(ls: Server, params: Any) -> dict[str, object]:
    uri = getattr(params, "uri", None)
    document = ls.documents.get(uri) if isinstance(uri, str) else None
    if document is None:
        raise Refused(f"`{curve.REQUEST}` takes the `uri` of an open document")
    width = getattr(params, "width", None)
    if width is not None and (not isinstance(width, int) or width < curve.LEAST):
        raise Refused(f"`width` is a number of pixels, {curve.LEAST} or more")
    ls.watched.add(document.uri)
    return curve.curve(document, width)


# Each is a method of the protocol, what answers it, and what clients are told of it.
_FEATURES: tuple[tuple[str, Callable[..., object], object], ...] = (
    (types.INITIALIZE, _initialize, None),
    (types.INITIALIZED, _initialized, None),
    (types.WORKSPACE_DID_CHANGE_CONFIGURATION, _configured, None),
    (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, _files_changed, None),
    (types.TEXT_DOCUMENT_DID_OPEN, _opened, None),
    (types.TEXT_DOCUMENT_DID_CHANGE, _changed, None),
    (types.TEXT_DOCUMENT_DID_SAVE, _saved, None),
    (types.TEXT_DOCUMENT_DID_CLOSE, _closed, None),
    (types.TEXT_DOCUMENT_HOVER, _at_place(answers.hover), None),
    (types.TEXT_DOCUMENT_COMPLETION, _about(_completion),
     types.CompletionOptions(["(", ",", " ", '"'])),
    (types.TEXT_DOCUMENT_SIGNATURE_HELP, _at_place(answers.signature),
     types.SignatureHelpOptions(["(", ","])),
    (types.TEXT_DOCUMENT_DEFINITION, _at_place(answers.definition), None),
    (types.TEXT_DOCUMENT_REFERENCES, _about(_references), None),
    (types.TEXT_DOCUMENT_PREPARE_RENAME, _at_place(answers.renamable), None),
    (types.TEXT_DOCUMENT_RENAME, _about(_rename), None),
    (types.TEXT_DOCUMENT_CODE_ACTION, _about(_actions), types.CodeActionOptions(KINDS)),
    (types.TEXT_DOCUMENT_FORMATTING, _of_all(edits.layout), None),
    (types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, _of_all(answers.symbols), None),
    (types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, _of_all(coloring.colored), coloring.LEGEND),
    (types.TEXT_DOCUMENT_INLAY_HINT, _about(_hints), types.InlayHintOptions()),
    (curve.REQUEST, _curve, None),
)  # fmt: skip


def server() -> Server:
    """A server that knows every request."""
    made = Server()
    for method, answer, options in _FEATURES:
        made.feature(method, options)(answer)
    return made


def serve() -> None:
    """Serves a client on standard input and output until it goes."""
    for name in ("pygls.protocol.json_rpc", "pygls.server"):
        logging.getLogger(name).addFilter(_is_ours)
    made = server()
    # What was imported stays: looking through it takes a quarter of the time of an analysis.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_OBJECTS)
    made.start_io()


def _is_ours(record: logging.LogRecord) -> bool:
    """False for a request that was refused, which is said to whoever asked."""
    return record.exc_info is None or not isinstance(record.exc_info[1], Refused)

"""A server in a process of its own, which all tests of a file talk to."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
import pytest_lsp
from coverage import Coverage
from lsprotocol import types
from pytest_lsp import ClientServerConfig, client_capabilities

from tests.blocks import ROOT
from tests.lsp.client import Client, Editor

COMMAND = [sys.executable, "-m", "lrdsl", "lsp"]


def environment() -> dict[str, str]:
    """The environment of a server, which measures what it runs if this process does."""
    if Coverage.current() is None:
        return {**os.environ}
    own = {"COVERAGE_PROCESS_START": str(Path(__file__).with_name("coverage.cfg"))}
    return {**os.environ, **own, "COVERAGE_FILE": str(ROOT / ".coverage")}


def made() -> Client:
    """A client that takes the requests of servers, too."""
    client = Client()

    def published(params: types.PublishDiagnosticsParams) -> None:
        client.published.put_nowait(params)

    def changed(params: Any) -> None:
        client.curves.put_nowait((params.uri, params.version))

    def show(params: types.ShowMessageParams) -> None:
        client.messages.append(params)

    def accept(params: types.RegistrationParams | None) -> None:
        """Says that it has done what the server wants."""

    client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(published)
    client.feature("lrdsl/curveChanged")(changed)
    client.feature(types.WINDOW_SHOW_MESSAGE)(show)
    client.feature(types.CLIENT_REGISTER_CAPABILITY)(accept)
    client.feature(types.WORKSPACE_INLAY_HINT_REFRESH)(accept)
    return client


SERVER = ClientServerConfig(COMMAND, made, environment())


@pytest_lsp.fixture(config=SERVER, scope="module")  # type: ignore[untyped-decorator]
async def client(lsp_client: Client) -> AsyncIterator[None]:
    await lsp_client.initialize_session(
        types.InitializeParams(client_capabilities("visual-studio-code"), workspace_folders=[])
    )
    yield
    await lsp_client.shutdown_session()


@pytest_asyncio.fixture(loop_scope="module")
async def editor(client: Client, tmp_path: Path) -> AsyncIterator[Editor]:
    found = Editor(client, tmp_path)
    yield found
    found.close()

"""Servers of the page for the tests: in this process, and as the command."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest

from lrdsl.page.documents import Document, Settings
from lrdsl.page.server import Server


def settings(**changed: Any) -> Settings:
    """What is known of the files: nothing, unless it is said."""
    known: dict[str, Any] = {
        "run": {}, "bases": {}, "groups": (), "keys": (), "total_from": None,
        "steps_per_epoch_from": None, "defaults": lambda name: {},
    }  # fmt: skip
    return Settings(**{**known, **changed})


class Site:
    """A server that runs.

    Attributes:
        server: the server.
        port: its port.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.port = server.server_port

    def ask(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[int, str, dict[str, str]]:
        """The status, the text and the headers of an answer; the path is sent as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            if value:
                connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        text = answer.read().decode() if path.partition("?")[0] != "/events" else ""
        found = answer.status, text, dict(answer.getheaders())
        connection.close()
        return found

    def view(self, **query: Any) -> Any:
        """A view of a schedule, asked for as the page does."""
        asked = {"document": 0, "schedule": 0, **query}
        status, text, _ = self.ask(f"/view?{urlencode(asked, doseq=True)}")
        assert status == 200, text
        return json.loads(text)

    @contextmanager
    def events(self) -> Iterator[Callable[[], Any]]:
        """What a page hears: each call waits for the next news."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", "/events")
        answer = connection.getresponse()
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"

        def heard() -> Any:
            while not (line := answer.readline().decode()).startswith("data: "):
                assert line, "the server has closed the stream"
            return json.loads(line.removeprefix("data: "))

        try:
            yield heard
        finally:
            connection.close()


Serve = Callable[..., Site]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves files as long as the test runs."""
    running: list[Server] = []

    def start(*files: Path | str, **changed: Any) -> Site:
        known = settings(**changed)
        server = Server([Document(str(file), known) for file in files])
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        running.append(server)
        return Site(server)

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture
def schedule(tmp_path: Path) -> Path:
    """A file with a schedule."""
    path = tmp_path / "one.lrs"
    path.write_text("param peak = 0.4\nwarmup(5) >> cosine(20, peak)\n", encoding="utf-8")
    return path

"""The server of the page: for this machine only, and of nothing but the page and what it shows."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from lrdsl import __version__, files

if TYPE_CHECKING:
    from lrdsl.page.documents import Document

STATIC = {
    "/": ("index.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
    "/chart.js": ("chart.js", "text/javascript"),
    "/numbers.js": ("numbers.js", "text/javascript"),
    "/live.js": ("live.js", "text/javascript"),
}
"""The files of the page: what each request gets, and its type."""

# How often the files are looked at, and how often a page is told that the server is there.
_INTERVAL, _HEARTBEAT = 0.04, 5.0
# The names of this machine: a page of another site that has its name point here says that one.
_HOST = re.compile(r"(?:127\.0\.0\.1|localhost)(?::[0-9]+)?")
# Nothing that a text holds can run, or ask for anything.
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Server(ThreadingHTTPServer):
    """Serves the page for some files, until it is closed.

    Args:
        documents: the files.
        port: where to listen; 0 for any port that is free.

    Raises:
        OSError: the port is taken, or not ours to take.
    """

    daemon_threads = True
    # What answers on a port that another program has would be any of the two.
    allow_reuse_port = False

    def __init__(self, documents: Sequence[Document], port: int = 0) -> None:
        self.documents = documents
        self.pages = {path: _page(name, kind) for path, (name, kind) in STATIC.items()}
        self._versions = [1] * len(documents)
        self._changed = Condition()
        self._closed = Event()
        super().__init__(("127.0.0.1", port), _Handler)
        Thread(target=self._watch, daemon=True).start()

    @property
    def address(self) -> str:
        """The address of the page."""
        return f"http://127.0.0.1:{self.server_port}/"

    def server_close(self) -> None:
        """Stops listening, and lets go of the pages."""
        self._closed.set()
        with self._changed:
            self._changed.notify_all()
        super().server_close()

    def _watch(self) -> None:
        while not self._closed.wait(_INTERVAL):
            changed = [k for k, document in enumerate(self.documents) if document.changed()]
            if changed:
                with self._changed:
                    for k in changed:
                        self._versions[k] += 1
                    self._changed.notify_all()

    def news(self, seen: list[int]) -> dict[str, object] | None:
        """Waits for what is new since some versions.

        Args:
            seen: the versions, which become those that are returned.

        Returns:
            The documents that changed, by their numbers: none where a while passed without; None
            when the server has been closed.
        """
        with self._changed:
            if seen == self._versions:
                self._changed.wait(_HEARTBEAT)
            if self._closed.is_set():
                return None
            new = [k for k, version in enumerate(self._versions) if seen[k] != version]
            seen[:] = self._versions
        return {str(k): self.documents[k].state for k in new}

    def handle_error(self, request: object, client_address: object) -> None:
        """Passes over what a page did that was closed."""


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: Server
    server_version = f"lrdsl/{__version__}"
    sys_version = ""
    timeout = 60

    def do_GET(self) -> None:
        """Answers a request."""
        host, origin = self.headers.get("Host", ""), self.headers.get("Origin")
        if not _HOST.fullmatch(host) or origin not in (None, f"http://{host}"):
            self._answer(403, b"this page is for this machine only\n", "text/plain")
            return
        address = urlsplit(self.path)
        if address.path in self.server.pages:
            self._answer(200, *self.server.pages[address.path])
        elif address.path == "/events":
            self._events()
        elif address.path == "/view":
            self._view(address.query)
        else:
            self._answer(404, b"there is nothing here\n", "text/plain")

    def _answer(self, status: int, content: bytes, kind: str) -> None:
        self.send_response(status)
        self._send_headers(kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _send_headers(self, kind: str) -> None:
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        for name, value in _HEADERS.items():
            self.send_header(name, value)

    def _events(self) -> None:
        """Sends every document, and each again whenever it changes."""
        self.send_response(200)
        self._send_headers("text/event-stream")
        self.end_headers()
        self.close_connection = True
        seen = [0] * len(self.server.documents)
        while (news := self.server.news(seen)) is not None:
            line = f"data: {_json(news)}\n\n" if news else ": nothing new\n\n"
            self.wfile.write(line.encode())
            self.wfile.flush()

    def _view(self, query: str) -> None:
        """Answers with a schedule for other values of its params, or for other steps."""
        try:
            asked = parse_qs(query, max_num_fields=200)
            number = {
                name: int(asked[name][0])
                for name in ("document", "schedule", "first", "last")
                if name in asked
            }
            params = dict(one.split("=", 1) for one in asked.get("set", []))
            where = number.pop("document"), number.pop("schedule")
            if min(where) < 0:
                raise IndexError
            found = self.server.documents[where[0]].view(where[1], params, **number)
        except (ValueError, KeyError, IndexError):
            self._answer(400, b"there is no such view\n", "text/plain")
        else:
            self._answer(200, _json(found).encode(), "application/json")

    def log_message(self, format: str, *args: object) -> None:
        """Prints nothing: what the page asks for is of no interest."""


def _page(name: str, kind: str) -> tuple[bytes, str]:
    return files.of_package(f"page/static/{name}").encode(), kind


def _json(value: object) -> str:
    return json.dumps(value, allow_nan=False, separators=(",", ":"))

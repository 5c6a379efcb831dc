"""A proxy in front of an S3 endpoint that counts requests and spoils chosen ones."""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.s3_server import S3Server

BUSY = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
REFUSED, UNHEARD, UNANSWERED, CUT = "refused", "unheard", "unanswered", "cut"
"""An answer of status 503; the connection closed before the request went on; closed after it was carried out; half of
the answer."""


class S3Proxy:
    """Passes requests on as they are, so that their signatures hold. `spoil(n, method, path)` says what becomes of the
    n-th request (from 1): nothing (empty), or one of the ways above."""

    def __init__(self, server: S3Server) -> None:
        self.spoil: Callable[[int, str, str], str] = lambda _number, _method, _path: ""
        self.seen: list[tuple[str, str]] = []
        self._lock = threading.Lock()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except OSError:
                    self.close_connection = True

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                with proxy._lock:
                    proxy.seen.append((self.command, self.path))
                    number = len(proxy.seen)
                fate = proxy.spoil(number, self.command, self.path)
                if fate == REFUSED:
                    return self.say(503, [("content-type", "application/xml")], BUSY)
                if fate == UNHEARD:
                    return self.hang_up()
                try:
                    status, headers, data = self.pass_on(body)
                except (OSError, http.client.HTTPException):
                    return self.hang_up()
                if fate == UNANSWERED:
                    return self.hang_up()
                self.say(status, headers, data, cut=fate == CUT)
                return None

            def pass_on(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
                behind = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
                try:
                    behind.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                    for name, value in self.headers.items():
                        if name.lower() != "connection":
                            behind.putheader(name, value)
                    behind.endheaders(body)
                    reply = behind.getresponse()
                    data = reply.read()
                    kept = [(n, v) for n, v in reply.getheaders() if n.lower() in PASSED]
                    return reply.status, kept, data
                finally:
                    behind.close()

            def say(self, status: int, headers: list[tuple[str, str]], data: bytes, *, cut: bool = False) -> None:
                self.send_response_only(status)
                for name, value in headers:
                    self.send_header(name, value)
                if status != 304:
                    self.send_header("content-length", str(len(data)))
                self.end_headers()
                if cut:
                    self.wfile.write(data[: len(data) // 2])
                    return self.hang_up()
                self.wfile.write(data)
                return None

            def hang_up(self) -> None:
                self.close_connection = True

            do_GET = do_PUT = do_HEAD = do_DELETE = do_POST = answer  # noqa: N815

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def endpoint(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()


PASSED = frozenset({"etag", "content-type", "last-modified", "x-amz-version-id"})

"""One JSON document from the issuer: bounded in size and time, never redirected, over https except on loopback."""

from __future__ import annotations

import json
import time
import urllib.request
from typing import TYPE_CHECKING, Any, cast
from urllib.error import HTTPError
from urllib.parse import urlsplit

from eigen.api.identity.binding import is_loopback_host

if TYPE_CHECKING:
    from http.client import HTTPResponse

MAX_BYTES = 512 * 1024
SECONDS = 5.0
CHUNK_BYTES = 16 * 1024


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an error: the issuer names its addresses itself, and nobody else sends this server anywhere."""

    def redirect_request(self, *_request: Any, **_more: Any) -> None:
        return None


def is_safe(url: str, *, loopback: bool) -> bool:
    """Whether the address may be asked: https without a user name; `http` on loopback only when `loopback`."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - raises ValueError for a port that is none
    except ValueError:
        return False
    if not host or "@" in parts.netloc or parts.fragment or any(mark <= " " or mark == "\x7f" for mark in url):
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and loopback and is_loopback_host(host))


def fetch_json(url: str) -> dict[str, Any]:
    """The JSON object at an address that `is_safe`; OSError or ValueError when there is none within the limits."""
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if is_loopback_host(urlsplit(url).hostname or ""):
        handlers.append(urllib.request.ProxyHandler({}))  # a proxy elsewhere has another loopback
    opener = urllib.request.build_opener(*handlers)
    request = urllib.request.Request(url, headers={"accept": "application/json"})
    deadline = time.monotonic() + SECONDS
    try:
        with opener.open(request, timeout=SECONDS) as response:
            data = _read(response, deadline)
    except HTTPError as error:
        error.close()
        raise ValueError(f"`{url}` answers with status {error.code}") from None
    document = json.loads(data)
    if not isinstance(document, dict):
        raise ValueError("the answer is no JSON object")
    return cast("dict[str, Any]", document)


def _read(response: HTTPResponse, deadline: float) -> bytes:
    """The body, chunk by chunk, so that one that trickles or swells ends as well."""
    data = bytearray()
    while chunk := response.read1(CHUNK_BYTES):
        data += chunk
        if len(data) > MAX_BYTES:
            raise ValueError(f"the answer is larger than {MAX_BYTES:,} bytes")
        if time.monotonic() > deadline:
            raise TimeoutError("the answer took too long")
    return bytes(data)

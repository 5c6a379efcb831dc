"""`Link`: what both gRPC transports share: how a channel is made, what travels with every request, what errors mean."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import grpc

from eigen.client.attempts import Attempts, FailedError
from eigen.errors import EigenError
from eigen.telemetry import traceparent
from eigen.wire.errors import DETAILS_KEY, from_call, retry_after
from eigen.wire.limits import ACCEPT_ERROR_BYTES, CHANNEL_OPTIONS, LARGE_TRAILER_BYTES
from eigen.wire.messages import SERVICES
from eigen.wire.stubs import Stub

if TYPE_CHECKING:
    from eigen.client.calls import Call
    from eigen.client.endpoint import Server

CONTRACT_VERSION = "1.0.0"
QUICK_SECONDS = 60.0
SLOW_SECONDS = 3600.0
"""The longest a call may take when the caller names no time-out: most calls, and those that compute."""

OPTIONS = (
    *CHANNEL_OPTIONS,
    ("grpc.enable_retries", 0),  # repeated here, where it is known which call may be
    ("grpc.use_local_subchannel_pool", 1),  # a client's connection is its own
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 5000),
    ("grpc.max_reconnect_backoff_ms", 1000),
)


class Link:
    """One server as both transports see it. `answered` is whether it ever did."""

    def __init__(self, server: Server) -> None:
        from eigen import __version__

        self.server = server
        self.answered = False
        self._version = f"eigen-python/{__version__}"
        token = (("authorization", f"Bearer {server.token}"),) if server.token else ()
        self._metadata = ((ACCEPT_ERROR_BYTES, str(LARGE_TRAILER_BYTES)), *token)

    def stubs(self, channel: Any) -> dict[str, Stub]:
        """The stubs of every public service, by name."""
        return {service.name: Stub(channel, service) for service in SERVICES}

    def credentials(self) -> grpc.ChannelCredentials | None:
        """TLS, or None for a connection in the open."""
        return grpc.ssl_channel_credentials(self.server.certificates()) if self.server.secure else None

    def options(self) -> list[tuple[str, Any]]:
        """How the channel is set up."""
        return [*OPTIONS, ("grpc.primary_user_agent", self._version)]

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """What travels beside each request: who asks, and the trace it belongs to."""
        here = traceparent()
        return (*self._metadata, ("traceparent", here)) if here else self._metadata

    def attempts(self, now: float, *, slow: bool = False, repeatable: bool = True) -> Attempts:
        """The attempts of a call that begins now."""
        timeout = self.server.timeout or (SLOW_SECONDS if slow else QUICK_SECONDS)
        return Attempts(self.server.retry, now=now, timeout=timeout, repeatable=repeatable)

    def fill(self, call: Call[Any], *, seconds: float | None) -> Any:
        """The request with its envelope: what it is, for how long it is waited for, and its trace."""
        envelope = call.request.envelope
        envelope.contract_version = CONTRACT_VERSION
        envelope.request_id = envelope.request_id or secrets.token_hex(16)
        envelope.client_version = self._version
        envelope.traceparent = traceparent()
        if seconds is not None:
            envelope.deadline.FromNanoseconds(int(seconds * 1e9))
        return call.request

    def failed(self, failure: Any) -> FailedError:
        """What a failed call means: the server's own error, or that it cannot be reached."""
        code, text, trailing = failure.code(), failure.details() or "", failure.trailing_metadata() or ()
        sent: dict[str, Any] = dict(trailing)
        if code is grpc.StatusCode.DEADLINE_EXCEEDED and DETAILS_KEY not in sent:  # our own clock, not the server's
            return FailedError(EigenError("EIGEN_DEADLINE_EXCEEDED", f"`{self.server.address}` did not answer in time"))
        if DETAILS_KEY in sent or not _is_broken(code, text):
            self.answered = True
            return FailedError(from_call(code, text, trailing), retry_after(sent.get(DETAILS_KEY, b"")))
        return FailedError(self._unreachable(code, text))

    def _unreachable(self, code: grpc.StatusCode, text: str) -> EigenError:
        message = f"`{self.server.address}`: {text} ({code.name})"
        if self.server.secure and "handshake failed" in text.lower():
            message = f"`{self.server.address}` does not speak TLS, or not with a certificate that is trusted: {text}"
            hint = "`grpc://` speaks without TLS; `tls_ca` names the authority of a certificate of your own"
            return EigenError("EIGEN_SERVER_UNREACHABLE", message, hint=hint)
        return EigenError("EIGEN_SERVER_UNREACHABLE", message)


def _is_broken(code: grpc.StatusCode, text: str) -> bool:
    """Whether a status without details comes from a connection that broke: a server that stops shows it so, too."""
    if code in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}:
        return True
    torn = "RST_STREAM" in text or "Stream removed" in text
    return torn and code in {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN}

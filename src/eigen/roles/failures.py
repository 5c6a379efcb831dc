"""Failures between roles: an EigenError as the status of a call, and back. Nothing is cut off on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import grpc

from eigen.errors import EigenError
from eigen.wire.errors import DETAILS_KEY, from_call, message_of, trailers

if TYPE_CHECKING:
    from grpc.aio import ServicerContext

ERROR_BYTES = 4 << 20
"""What an error may take; the diagnostics of the longest program fit. Both sides allow metadata of that size."""

_BROKEN = {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED}
"""How gRPC itself ends a call when the server is away; CANCELLED is what a stopping one says to calls that it has not
begun to answer."""

_CODES = {code.value[0]: code for code in grpc.StatusCode}


async def abort(context: ServicerContext[Any, Any], error: EigenError) -> NoReturn:
    """End a call with this error."""
    await context.abort(_CODES[error.status.grpc], message_of(error), trailers(error, limit_bytes=ERROR_BYTES))
    raise AssertionError("`abort` raises")


def failure_of(error: Any, whom: str) -> EigenError:
    """The error of a call to the role `whom` that raised a `grpc.RpcError`."""
    code, text, trailing = error.code(), error.details() or "", error.trailing_metadata()
    if code in _BROKEN and DETAILS_KEY not in dict(trailing or ()):
        return EigenError("EIGEN_SERVER_UNREACHABLE", f"the role `{whom}` does not answer: {text}")
    return from_call(code, text, trailing)


def is_away(error: EigenError) -> bool:
    """Whether the other side is not there (yet, or any more): asking again can help."""
    return error.code == "EIGEN_SERVER_UNREACHABLE"

"""Failures between roles: an EigenError as the status of a call, and back, without loss."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn

import grpc

from eigen.errors import EigenError, Status

if TYPE_CHECKING:
    from grpc.aio import ServicerContext

DETAIL = "eigen-error-bin"
CODES = {code.value[0]: code for code in grpc.StatusCode}


async def abort(context: ServicerContext, error: EigenError) -> NoReturn:
    """End a call with this error."""
    detail = json.dumps(error.to_json(), separators=(",", ":")).encode("ascii")
    await context.abort(CODES[error.status.grpc], error.message[:1000], ((DETAIL, detail),))
    raise AssertionError("`abort` raises")


def failure_of(error: grpc.RpcError, whom: str) -> EigenError:
    """The error of a call to the role `whom` that failed."""
    for name, value in error.trailing_metadata() or ():
        if name == DETAIL:
            return EigenError.from_json(json.loads(value))
    code, words = error.code(), (error.details() or "")[:300]
    if code is grpc.StatusCode.UNAVAILABLE:
        return EigenError("EIGEN_SERVER_UNREACHABLE", f"the role `{whom}` does not answer: {words}")
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return EigenError("EIGEN_DEADLINE_EXCEEDED", f"the role `{whom}` did not answer in time")
    return EigenError("EIGEN_INTERNAL", f"the role `{whom}` failed with {code.name}: {words}")


def is_away(error: EigenError) -> bool:
    """Whether the other side is not there (yet, or any more): asking again can help."""
    return error.code == "EIGEN_SERVER_UNREACHABLE" and error.status is Status.UNAVAILABLE

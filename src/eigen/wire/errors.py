"""`EigenError` as google.rpc.Status in the trailer `grpc-status-details-bin`, and back.

ErrorInfo, BadRequest and RetryInfo are for any client; `eigen.api.v1.ErrorDetail` carries the error as it is. A trailer
is small, so long lists are shortened there and say how many entries they lost.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError
from google.rpc import code_pb2, error_details_pb2, status_pb2  # pyright: ignore[reportMissingTypeStubs]

from eigen.errors import ERRORS, EigenError
from eigen.wire import messages
from eigen.wire.limits import TRAILER_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DOMAIN = "eigen-os"
DETAILS_KEY = "grpc-status-details-bin"
MAX_VIOLATIONS = 8
MESSAGE_CHARACTERS = 500

RETRY_SECONDS = {
    "EIGEN_JOB_NOT_FINISHED": 1.0,
    "EIGEN_SERVER_UNREACHABLE": 1.0,
    "EIGEN_STORE_UNAVAILABLE": 1.0,
    "EIGEN_DEVICE_RESERVED": 30.0,
    "EIGEN_QUOTA_EXCEEDED": 5.0,
}
"""The errors that asking again can help with, and when it is worth it unless the error itself says so."""

LONGEST_SECONDS = 3.2e8
"""The most that an error may say, ten years."""

_BARE = {
    "CANCELLED": "EIGEN_SERVER_UNREACHABLE",
    "DEADLINE_EXCEEDED": "EIGEN_DEADLINE_EXCEEDED",
    "INVALID_ARGUMENT": "EIGEN_REQUEST_INVALID",
    "PERMISSION_DENIED": "EIGEN_AUTH_DENIED",
    "RESOURCE_EXHAUSTED": "EIGEN_LIMIT_EXCEEDED",
    "UNAUTHENTICATED": "EIGEN_AUTH_REQUIRED",
    "UNAVAILABLE": "EIGEN_SERVER_UNREACHABLE",
    "UNIMPLEMENTED": "EIGEN_NOT_AVAILABLE",
}
"""What a status means that comes without details: from gRPC itself, or from a proxy."""


def to_status(error: EigenError, *, limit_bytes: int = TRAILER_BYTES) -> status_pb2.Status:
    """The error as google.rpc.Status of at most about `limit_bytes`."""
    status = status_pb2.Status(code=error.status.grpc, message=_short(error.message))
    info = error_details_pb2.ErrorInfo(reason=error.code, domain=DOMAIN)
    for key, value in (("hint", error.hint), ("where", error.where)):
        if value:
            info.metadata[key] = _short(value)
    parts: list[Any] = [info]
    if violations := _violations(error):
        parts.append(error_details_pb2.BadRequest(field_violations=violations))
    seconds = retry_seconds(error)
    if seconds is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromMilliseconds(round(1000 * seconds))
        parts.append(retry)
    for part in parts:
        _pack(status, part)
    room = max(512, limit_bytes - status.ByteSize() - 64)
    _pack(status, messages.types.ErrorDetail(error_json=_fitting(error, room)))
    return status


def retry_seconds(error: EigenError) -> float | None:
    """After how many seconds it is worth asking again: what the error says in `retry_after_seconds`, else what holds
    for its code. None: never."""
    usual = RETRY_SECONDS.get(error.code)
    said: Any = error.details.get("retry_after_seconds", usual)
    return None if usual is None or said is None else min(max(float(said), 0.0), LONGEST_SECONDS)


def from_status(status: status_pb2.Status) -> EigenError:
    """The error that `to_status` wrote; a status of someone else becomes the code that says the same."""
    found = _detailed(status) or _named(status)
    if found is not None:
        return found
    try:
        name = code_pb2.Code.Name(status.code)  # pyright: ignore[reportArgumentType]
    except ValueError:
        name = "UNKNOWN"
    return _bare(name, status.message)


def trailers(error: EigenError, *, limit_bytes: int = TRAILER_BYTES) -> tuple[tuple[str, bytes], ...]:
    """The trailing metadata of a call that ends with this error."""
    return ((DETAILS_KEY, to_status(error, limit_bytes=limit_bytes).SerializeToString()),)


def from_call(code: Any, text: str, trailing: Iterable[tuple[str, Any]] | None) -> EigenError:
    """The error of a call that ended with a `grpc.StatusCode`, its text and its trailing metadata."""
    found = dict(trailing or ()).get(DETAILS_KEY)
    if isinstance(found, bytes):
        status = status_pb2.Status()
        try:
            status.ParseFromString(found)
        except DecodeError:
            return _bare(code.name, text)
        return from_status(status)
    return _bare(code.name, text)


def retry_after(details: bytes) -> float | None:
    """The seconds that the RetryInfo of a status in its trailer names; None without one."""
    status, retry = status_pb2.Status(), error_details_pb2.RetryInfo()
    try:
        status.ParseFromString(details)
        named = any(part.Unpack(retry) for part in status.details)
    except DecodeError:
        return None
    return retry.retry_delay.ToNanoseconds() / 1e9 if named else None


def message_of(error: EigenError) -> str:
    """The text that goes into `grpc-message`."""
    return _short(error.message)


def _bare(name: str, text: str) -> EigenError:
    code = _BARE.get(name, "EIGEN_INTERNAL")
    return EigenError(code, f"{text or 'no reason was given'} ({name})")


def _detailed(status: status_pb2.Status) -> EigenError | None:
    """The error as it is, when the status has it."""
    detail = messages.types.ErrorDetail()
    if not _unpack(status, detail):
        return None
    try:
        return EigenError.from_json(json.loads(detail.error_json))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


def _named(status: status_pb2.Status) -> EigenError | None:
    """The error by its code alone."""
    info = error_details_pb2.ErrorInfo()
    if not _unpack(status, info) or info.domain != DOMAIN or info.reason not in ERRORS:
        return None
    hint, where = info.metadata.get("hint", ""), info.metadata.get("where", "")
    return EigenError(info.reason, status.message, hint=hint, where=where)


def _unpack(status: status_pb2.Status, into: Any) -> bool:
    """Read the first part of the type of `into`."""
    for part in status.details:
        try:
            if part.Unpack(into):
                return True
        except DecodeError:
            continue
    return False


def _violations(error: EigenError) -> list[error_details_pb2.BadRequest.FieldViolation]:
    found = _lists(error.details).get("field_violations", [])
    entries: list[dict[str, Any]] = [entry for entry in found if isinstance(entry, dict)]
    kind = error_details_pb2.BadRequest.FieldViolation
    return [
        kind(field=_short(str(entry.get("field", ""))), description=_short(str(entry.get("description", ""))))
        for entry in entries[:MAX_VIOLATIONS]
    ]


def _fitting(error: EigenError, room: int) -> bytes:
    """The error as JSON of at most `room` bytes: whole, or with its lists cut to one length that fits."""
    whole = error.to_json()
    text = _dump(whole)
    if len(text) <= room:
        return text
    longest = max((len(value) for value in _lists(error.details).values()), default=0)
    while longest > 0:
        longest //= 2
        text = _dump(whole | {"message": _short(error.message), "details": _cut(error.details, longest)})
        if len(text) <= room:
            return text
    return _dump({key: _short(str(value)) for key, value in whole.items() if key != "details"})


def _cut(details: Mapping[str, Any], length: int) -> dict[str, Any]:
    lists = _lists(details)
    omitted = {key: len(value) - length for key, value in lists.items() if len(value) > length}
    return {**details, **{key: value[:length] for key, value in lists.items()}, "omitted": omitted}


def _lists(details: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {key: value for key, value in details.items() if isinstance(value, list)}


def _pack(status: status_pb2.Status, part: Any) -> None:
    packed = AnyMessage()
    packed.Pack(part)
    status.details.append(packed)


def _dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, default=str).encode("utf-8", "replace")


def _short(text: str) -> str:
    return text if len(text) <= MESSAGE_CHARACTERS else text[: MESSAGE_CHARACTERS - 3] + "..."

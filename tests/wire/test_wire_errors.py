"""Errors on the wire: every code goes through google.rpc.Status and comes back as it was, within the room there is."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from eigen.errors import ERRORS, EigenError
from eigen.wire.errors import DETAILS_KEY, DOMAIN, RETRY_SECONDS, from_call, from_status, to_status, trailers
from eigen.wire.limits import TRAILER_BYTES


@pytest.mark.parametrize("code", ERRORS)
def test_every_code_round_trips(code: str) -> None:
    details = {"diagnostics": [{"code": "E0101", "line": 3}], "limit": 10**30}
    error = EigenError(code, f"`{code}` ünd so", hint="do that", where="spec.shots", details=details)
    status = to_status(error)
    assert status.code == error.status.grpc
    assert from_status(status).to_json() == error.to_json()
    found = from_call(grpc.StatusCode.UNKNOWN, "", trailers(error))
    assert found.to_json() == error.to_json()


RETRY = error_details_pb2.RetryInfo


def _part(error: EigenError, kind: Any) -> Any:
    found = kind()
    assert any(part.Unpack(found) for part in to_status(error).details)
    return found


def test_standard_details_are_there_for_any_client() -> None:
    violations = [{"field": "spec.shots", "description": "expected a whole number", "kind": "invalid"}]
    error = EigenError("EIGEN_JOBSPEC_INVALID", "m", hint="h", details={"field_violations": violations})
    info = _part(error, error_details_pb2.ErrorInfo)
    assert (info.reason, info.domain, info.metadata["hint"]) == ("EIGEN_JOBSPEC_INVALID", DOMAIN, "h")
    (violation,) = _part(error, error_details_pb2.BadRequest).field_violations
    assert (violation.field, violation.description) == ("spec.shots", "expected a whole number")


@pytest.mark.parametrize("code", RETRY_SECONDS)
def test_retry_info_where_asking_again_helps(code: str) -> None:
    retry = _part(EigenError(code, "m"), error_details_pb2.RetryInfo)
    assert retry.retry_delay.ToNanoseconds() == RETRY_SECONDS[code] * 1e9


def test_an_error_may_say_itself_when_asking_again_helps() -> None:
    retry = _part(EigenError("EIGEN_QUOTA_EXCEEDED", "m", details={"retry_after_seconds": 41_400}), RETRY)
    assert retry.retry_delay.ToSeconds() == 41_400
    never = to_status(EigenError("EIGEN_QUOTA_EXCEEDED", "m", details={"retry_after_seconds": None}))
    assert not any(part.Is(RETRY.DESCRIPTOR) for part in never.details)


@pytest.mark.parametrize("count", [10, 100, 10_000])
def test_long_lists_are_cut_to_the_room_and_say_so(count: int) -> None:
    lines = [{"code": "E0101", "message": "x" * 50, "line": line} for line in range(count)]
    error = EigenError("EIGEN_LANG_REJECTED", "m" * 2_000, details={"diagnostics": lines, "file": "a.py"})
    small, large = to_status(error), to_status(error, limit_bytes=10**7)
    assert small.ByteSize() <= TRAILER_BYTES
    assert from_status(large).to_json() == error.to_json()
    found = from_status(small)
    assert found.code == error.code
    kept = found.details["diagnostics"]
    assert kept == lines[: len(kept)]
    assert found.details["file"] == "a.py"
    assert len(kept) + found.details.get("omitted", {}).get("diagnostics", 0) == count


def test_what_cannot_be_cut_loses_its_details_and_keeps_its_code() -> None:
    error = EigenError("EIGEN_RUN_FAILED", "m", where="w", details={"text": "x" * 100_000})
    status = to_status(error)
    assert status.ByteSize() <= TRAILER_BYTES
    assert from_status(status).to_json() == EigenError("EIGEN_RUN_FAILED", "m", where="w").to_json()


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (grpc.StatusCode.UNAVAILABLE, "EIGEN_SERVER_UNREACHABLE"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "EIGEN_DEADLINE_EXCEEDED"),
        (grpc.StatusCode.UNIMPLEMENTED, "EIGEN_NOT_AVAILABLE"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "EIGEN_LIMIT_EXCEEDED"),
        (grpc.StatusCode.UNAUTHENTICATED, "EIGEN_AUTH_REQUIRED"),
        (grpc.StatusCode.DATA_LOSS, "EIGEN_INTERNAL"),
    ],
)
@pytest.mark.parametrize("trailing", [None, (), ((DETAILS_KEY, b"\xff\xff"),), (("other", "x"),)])
def test_a_status_of_someone_else(code: grpc.StatusCode, expected: str, trailing: Any) -> None:
    error = from_call(code, "the words of a proxy", trailing)
    assert error.code == expected
    assert "the words of a proxy" in error.message


def test_a_code_of_a_later_version_is_named() -> None:
    status = status_pb2.Status(code=3, message="what")
    status.details.add().Pack(error_details_pb2.ErrorInfo(reason="EIGEN_FROM_THE_FUTURE", domain=DOMAIN))
    assert from_status(status).code == "EIGEN_REQUEST_INVALID"
    bare = status_pb2.Status(code=5, message="what")
    bare.details.add().Pack(error_details_pb2.ErrorInfo(reason="EIGEN_JOB_NOT_FOUND", domain=DOMAIN))
    assert from_status(bare).to_json() == EigenError("EIGEN_JOB_NOT_FOUND", "what").to_json()

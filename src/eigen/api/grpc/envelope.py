"""The envelope of a request, and the same things as call metadata: versions, names, deadline, tenant.

A field of the envelope wins over its metadata (`x-request-id`, `x-idempotency-key`, `x-client-version`,
`traceparent`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from eigen.api.caller import IDENTITY_PREFIX
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from google.protobuf.duration_pb2 import Duration

    from eigen.types import Caller
    from eigen.wire.gen.api.v1.types_pb2 import ApiRequestEnvelope

CONTRACT_VERSION = "1.0.0"
_VERSION = re.compile(r"v?1(\.(x|[0-9]{1,6}(\.(x|[0-9]{1,6}))?))?")
_NAME = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_TENANT = re.compile(r"[A-Za-z0-9._:@-]{1,128}")
MAX_VERSION = 64
MAX_SECONDS = 31_536_000.0


@dataclass(frozen=True, slots=True)
class Envelope:
    """What came with a request. `deadline` is in seconds from now; None waits as long as it takes."""

    request_id: str
    idempotency_key: str | None = None
    traceparent: str = ""
    deadline: float | None = None
    client_version: str = ""


def plain_headers(metadata: Iterable[tuple[str, str | bytes]]) -> dict[str, str]:
    """The text metadata by lower-case name: what was sent twice is joined, identities from outside are dropped."""
    plain: dict[str, str] = {}
    for key, value in metadata:
        name = key.lower()
        if isinstance(value, str) and not name.startswith(IDENTITY_PREFIX):
            plain[name] = f"{plain[name]}, {value}" if name in plain else value
    return plain


def read_envelope(envelope: ApiRequestEnvelope, headers: Mapping[str, str]) -> Envelope:
    """The envelope, checked; EIGEN_CONTRACT_VERSION, EIGEN_REQUEST_INVALID."""
    check_version(envelope.contract_version, "envelope.contract_version")
    return Envelope(
        request_id=request_id_of(envelope.request_id, headers),
        idempotency_key=envelope.idempotency_key or headers.get("x-idempotency-key") or None,
        traceparent=envelope.traceparent or headers.get("traceparent", ""),
        deadline=_seconds(envelope.deadline) if envelope.HasField("deadline") else None,
        client_version=(envelope.client_version or headers.get("x-client-version", ""))[:MAX_VERSION],
    )


def check_version(version: str, where: str) -> None:
    """EIGEN_CONTRACT_VERSION for anything but version 1, whatever its minor number: 1.x only ever adds."""
    if version and _VERSION.fullmatch(version) is None:
        message = f"the contract version `{version[:40]}` is not spoken here"
        raise EigenError("EIGEN_CONTRACT_VERSION", message, where=where, hint=f"this server speaks {CONTRACT_VERSION}")


def check_inner(envelope: ApiRequestEnvelope) -> None:
    """EIGEN_REQUEST_INVALID where a request within another one has more in its envelope than an idempotency key."""
    for field, _ in envelope.ListFields():
        if field.name != "idempotency_key":
            message = f"`{field.name}` is for the whole request"
            raise EigenError("EIGEN_REQUEST_INVALID", message, where=f"envelope.{field.name}")


def request_id_of(given: str, headers: Mapping[str, str]) -> str:
    """The id of a request: the one it names, or a new one. EIGEN_REQUEST_INVALID for one that no log should hold."""
    found = given or headers.get("x-request-id", "")
    if not found:
        return uuid4().hex
    if _NAME.fullmatch(found) is None:
        message = "a request id has 1 to 128 letters, digits and `._:-`"
        raise EigenError("EIGEN_REQUEST_INVALID", message, where="envelope.request_id")
    return found


def acting_as(caller: Caller, tenant: str, project: str, *, where: str) -> Caller:
    """The caller within the tenant and project that a request names: those the caller is bound to, or, for one who is
    bound to none, those that are named. EIGEN_AUTH_DENIED, EIGEN_REQUEST_INVALID."""
    for name, value in (("tenant_id", tenant), ("project_id", project)):
        if value and _TENANT.fullmatch(value) is None:
            message = f"`{name}` has 1 to 128 letters, digits and `._:@-`"
            raise EigenError("EIGEN_REQUEST_INVALID", message, where=f"{where}.{name}")
    if tenant and caller.tenant not in {"", tenant}:
        raise EigenError("EIGEN_AUTH_DENIED", "the caller belongs to another tenant", where=f"{where}.tenant_id")
    if project and caller.project not in {"", project}:
        raise EigenError("EIGEN_AUTH_DENIED", "the caller is bound to another project", where=f"{where}.project_id")
    return replace(caller, tenant=tenant or caller.tenant, project=project or caller.project)


def _seconds(duration: Duration) -> float:
    """A Duration in seconds; EIGEN_REQUEST_INVALID for one whose parts contradict each other."""
    seconds, nanos = duration.seconds, duration.nanos
    if abs(nanos) >= 1_000_000_000 or seconds * nanos < 0:
        raise EigenError("EIGEN_REQUEST_INVALID", "the deadline is no valid Duration", where="envelope.deadline")
    return min(seconds + nanos / 1e9, MAX_SECONDS)

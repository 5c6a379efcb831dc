"""Who asks and under which span, as metadata of calls between roles. Only roles are believed: their port is loopback
or asks for a certificate of the installation, and the public door drops these names when they come from outside.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from eigen.api.caller import IDENTITY_PREFIX
from eigen.telemetry import traceparent
from eigen.types import Caller

if TYPE_CHECKING:
    from collections.abc import Mapping

SUBJECT = f"{IDENTITY_PREFIX}sub"
ROLES = f"{IDENTITY_PREFIX}roles"
TENANT = f"{IDENTITY_PREFIX}tenant"
PROJECT = f"{IDENTITY_PREFIX}project"
TRACE = "traceparent"

Metadata = tuple[tuple[str, str], ...]


def metadata_of(caller: Caller | None = None) -> Metadata:
    """The metadata of a call for this caller, under the current span."""
    found: list[tuple[str, str]] = []
    if caller is not None:
        found = [
            (SUBJECT, quote(caller.subject, safe="")),
            (ROLES, ",".join(quote(role, safe="") for role in caller.roles)),
            (TENANT, quote(caller.tenant, safe="")),
            (PROJECT, quote(caller.project, safe="")),
        ]
    span = traceparent()
    return (*found, (TRACE, span)) if span else tuple(found)


def caller_of(metadata: Mapping[str, str]) -> Caller | None:
    """The caller that `metadata_of` wrote; None when a role asks for itself."""
    if SUBJECT not in metadata or TENANT not in metadata:  # without a tenant it would be the operator
        return None
    roles = metadata.get(ROLES, "")
    return Caller(
        subject=unquote(metadata[SUBJECT]),
        roles=tuple(unquote(role) for role in roles.split(",")) if roles else (),
        tenant=unquote(metadata[TENANT]),
        project=unquote(metadata.get(PROJECT, "")),
    )

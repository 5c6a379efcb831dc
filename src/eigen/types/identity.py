"""Who asks, with which key, and what is noted of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. An empty `tenant` is the operator of this machine, who sees every tenant's jobs; an empty `project`
    sees every project of the tenant."""

    subject: str = "local"
    roles: tuple[str, ...] = ("admin",)
    tenant: str = ""
    project: str = ""


OPERATOR = Caller()
"""Whoever runs the kernel in a process of their own, or a server that asks for no token."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key as it is kept: never the secret, only its sha256. Times are RFC 3339, UTC; empty: never."""

    key_id: str
    secret_sha256: str
    name: str
    tenant: str
    project: str
    roles: tuple[str, ...]
    created_at: str
    expires_at: str = ""
    revoked_at: str = ""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit log: who did what to what, and how it ended (`ok` or an error code)."""

    at: str
    subject: str
    tenant: str
    action: str
    target: str
    outcome: str
    surface: str = ""
    trace_id: str = ""

"""Roles and what they may do. `jobs:*` means every action on jobs, `*` everything; there is nothing else to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.errors import EigenError

if TYPE_CHECKING:
    from eigen.types import Caller

ROLES: dict[str, frozenset[str]] = {
    "admin": frozenset({"*"}),
    "user": frozenset({"jobs:*", "devices:list", "devices:read", "devices:reserve"}),
    "readonly": frozenset({"jobs:read", "devices:list"}),
}

PERMISSIONS = (
    "jobs:submit",
    "jobs:read",
    "jobs:cancel",
    "jobs:decide",
    "jobs:compile",
    "jobs:evaluate",
    "devices:list",
    "devices:read",
    "devices:reserve",
    "devices:calibrate",
    "metrics:read",
)


def allows(caller: Caller, permission: str) -> bool:
    """Whether one of the caller's roles has the permission."""
    wider = {permission, f"{permission.partition(':')[0]}:*", "*"}
    return any(wider & ROLES.get(role, frozenset()) for role in caller.roles)


def require(caller: Caller, permission: str) -> None:
    """EIGEN_AUTH_DENIED when the caller lacks the permission."""
    if not allows(caller, permission):
        roles = ", ".join(f"`{role}`" for role in caller.roles) or "no role"
        raise EigenError("EIGEN_AUTH_DENIED", f"`{permission}` is not among the permissions of {roles}")

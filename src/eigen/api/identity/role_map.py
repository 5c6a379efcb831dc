"""`RoleMap`: the roles of the issuer's tokens as ours. A role that is not mapped is no role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from eigen.api.identity.jws import is_texts
from eigen.api.identity.refusal import RefusedError
from eigen.api.permissions import ROLES
from eigen.errors import EigenError, suggest

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class RoleMap:
    """Ours by theirs; without any entry in the setting, our own names."""

    ours: Mapping[str, str]

    @classmethod
    def read(cls, text: str) -> RoleMap:
        """The map of the setting `oidc_role_map`, `Theirs=ours,Theirs=ours`; EIGEN_CONFIG_INVALID."""
        if not text.strip():
            return cls({role: role for role in ROLES})
        ours: dict[str, str] = {}
        for part in text.split(","):
            theirs, equals, role = (word.strip() for word in part.rpartition("="))
            if not equals or not theirs:
                message = f"`oidc_role_map` needs `Theirs=ours`, not `{part.strip()[:60]}`"
                raise EigenError("EIGEN_CONFIG_INVALID", message, hint="for example `Quantum.User=user`")
            if role not in ROLES:
                hint = suggest(role, list(ROLES)) or f"one of {', '.join(ROLES)}"
                raise EigenError("EIGEN_CONFIG_INVALID", f"`oidc_role_map`: there is no role `{role[:60]}`", hint=hint)
            if theirs in ours:
                raise EigenError("EIGEN_CONFIG_INVALID", f"`oidc_role_map` maps `{theirs[:60]}` twice")
            ours[theirs] = role
        return cls(ours)

    def of(self, claim: object) -> tuple[str, ...]:
        """Our roles for the claim's value, a text or a list of texts (absent: none); raises RefusedError."""
        if claim is None:
            return ()
        if not isinstance(claim, str) and not is_texts(claim):
            raise RefusedError("the roles are neither text nor a list of texts")
        theirs = [claim] if isinstance(claim, str) else cast("list[str]", claim)
        return tuple(sorted({self.ours[role] for role in theirs if role in self.ours}))

"""How a token is refused: outsiders learn nothing but that; the reason goes to the log, the token nowhere."""

from __future__ import annotations

from typing import Any

from eigen.errors import EigenError
from eigen.telemetry import log


class RefusedError(Exception):
    """Why a token is no good, in words for the operator. It never leaves the authenticator, and quotes no token."""

    def __init__(self, reason: str, **facts: Any) -> None:
        super().__init__(reason)
        self.facts = facts


def answer(refused: RefusedError) -> EigenError:
    """What the outsider is told, the same for every reason; the reason is logged."""
    log("info", f"a request was refused: {refused}", **refused.facts)
    return EigenError("EIGEN_AUTH_REQUIRED", "the request carries no valid token")

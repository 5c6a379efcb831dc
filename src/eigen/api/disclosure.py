"""What an error may tell strangers: everything about their request, nothing about the machine that failed at it."""

from __future__ import annotations

from eigen.errors import EigenError
from eigen.telemetry import log

OURS = frozenset({"EIGEN_STORE_UNAVAILABLE"})
"""Codes whose words name files and disks of the server, for whoever runs it."""


def disclosed(error: EigenError) -> EigenError:
    """The error as it leaves the server; what is kept back is logged."""
    if error.code not in OURS:
        return error
    log("error", "the store failed", error=error)
    return EigenError(error.code, "the store of this server cannot be used now; its log says why")

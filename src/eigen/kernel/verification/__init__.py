"""`verify`: what can be checked of a finished job, from its files to its physics. It reads and changes nothing.

Each check has a verdict of its own; one that cannot be made says why. docs/guides/receipts.md tells what they prove.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.kernel.verification.history import check_history
from eigen.kernel.verification.outcome import check_results
from eigen.kernel.verification.physics import check_physics
from eigen.kernel.verification.rerun import check_program
from eigen.kernel.verification.seals import check_chain, check_receipt, check_signature
from eigen.types import Check, Verification

if TYPE_CHECKING:
    from eigen.kernel.verification.evidence import Evidence

__all__ = ["verify"]


def verify(evidence: Evidence) -> Verification:
    """Every check of a finished job, in the order in which they build on each other."""
    program, asked = check_program(evidence)
    checks = (
        _check_files(evidence),
        check_receipt(evidence),
        check_signature(evidence),
        check_chain(evidence),
        check_history(evidence),
        check_results(evidence),
        program,
        check_physics(evidence, asked),
    )
    return Verification(evidence.row.job_id, checks)


def _check_files(evidence: Evidence) -> Check:
    faults = [f"`{path}`: {why}" for path, why in evidence.faults]
    count = len(evidence.files)
    return Check.of(
        "files", faults, f"{count} files have the bytes that were stored; the log is talk and not among them"
    )

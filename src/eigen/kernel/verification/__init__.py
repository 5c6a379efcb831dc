"""`verify`: what can be checked of a finished job, from its files to its physics. It reads and changes nothing.

Each check has a verdict of its own; one that cannot be made says why. docs/guides/receipts.md tells what they prove.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from eigen._core import CoreError
from eigen.kernel.verification.history import check_history
from eigen.kernel.verification.outcome import check_results
from eigen.kernel.verification.physics import check_physics
from eigen.kernel.verification.rerun import check_program
from eigen.kernel.verification.seals import check_chain, check_receipt, check_signature
from eigen.kernel.verification.steps import check_steps
from eigen.types import Check, Verdict, Verification

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.kernel.verification.evidence import Evidence

__all__ = ["verify"]

T = TypeVar("T")


def verify(evidence: Evidence) -> Verification:
    """Every check of a finished job, in the order in which they build on each other. What cannot be read as this system
    writes it fails its check."""
    if evidence.row.spec.get("workflow") is not None:
        steps = _checked("steps", check_steps, evidence)
        return Verification(evidence.row.job_id, (*_records(evidence), steps))
    program, asked = _readable(lambda: check_program(evidence)) or (_unreadable("program"), None)
    physics = _readable(lambda: check_physics(evidence, asked)) or _unreadable("physics")
    return Verification(evidence.row.job_id, (*_records(evidence), program, physics))


def _records(evidence: Evidence) -> tuple[Check, ...]:
    """The checks that every job has, of whatever kind."""
    return (
        _check_files(evidence),
        _checked("receipt", check_receipt, evidence),
        _checked("signature", check_signature, evidence),
        _checked("chain", check_chain, evidence),
        _checked("history", check_history, evidence),
        _checked("results", check_results, evidence),
    )


def _checked(name: str, check: Callable[[Evidence], Check], evidence: Evidence) -> Check:
    return _readable(lambda: check(evidence)) or _unreadable(name)


def _readable(check: Callable[[], T]) -> T | None:
    """What a check says; None where a document has not the shape that it is written in."""
    try:
        return check()
    except (CoreError, KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError, RecursionError):
        return None


def _unreadable(name: str) -> Check:
    return Check(name, Verdict.FAIL, "a document that it is about has not the shape in which this system writes it")


def _check_files(evidence: Evidence) -> Check:
    faults = [f"`{path}`: {why}" for path, why in evidence.faults]
    count = len(evidence.files)
    return Check.of(
        "files", faults, f"{count} files have the bytes that were stored; the log is talk and not among them"
    )

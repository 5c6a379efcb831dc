"""Validating a program: compiling it and giving the verdict as a value instead of an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.api.service import Service
    from eigen.jobspec import Submission
    from eigen.types import Caller, Json

VERDICTS = frozenset(
    {
        "EIGEN_LANG_REJECTED",
        "EIGEN_COMPILER_UNSUPPORTED",
        "EIGEN_CIRCUIT_INVALID",
        "EIGEN_CIRCUIT_PARAMETERS",
        "EIGEN_AQO_INVALID",
        "EIGEN_AQO_UNSUPPORTED",
        "EIGEN_EVOLUTION_INVALID",
        "EIGEN_MODES_INVALID",
        "EIGEN_OBSERVABLE_INVALID",
        "EIGEN_PROGRAM_INVALID",
        "EIGEN_LIMIT_EXCEEDED",
    }
)
"""Codes that say something about the program; every other one stays an error."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a program compiles: the compiler's report, or why not."""

    error: EigenError | None = None
    report: Mapping[str, Json] | None = None


async def validate(service: Service, caller: Caller, job: Submission) -> Verdict:
    """Compile a job's program and forget what came out; raises whatever is not about the program."""
    try:
        document = await service.compile(caller, job)
    except EigenError as error:
        if error.code not in VERDICTS:
            raise
        return Verdict(error=error)
    return Verdict(report=document.report)

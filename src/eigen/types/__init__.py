"""The frozen values that cross borders between packages: devices, work, placements, jobs and results."""

from __future__ import annotations

from eigen.types.device import DEAREST, FASTEST, HOST_PROPERTIES, PRICES, Device, DeviceStatus, Reservation, Tariff
from eigen.types.evidence import Check, Signature, Verdict, Verification
from eigen.types.identity import OPERATOR, ApiKey, AuditEntry, Caller
from eigen.types.job import (
    ArtifactInfo,
    Dataset,
    JobEvent,
    JobQuery,
    JobResults,
    JobState,
    JobView,
    Placement,
    ResumeLimits,
)
from eigen.types.json import Json
from eigen.types.session import CompiledDocument, Evaluation, Session
from eigen.types.work import (
    CircuitWork,
    EvolutionWork,
    ExpectationWork,
    GradientWork,
    LoopResult,
    LoopWork,
    ModesWork,
    ProbabilityWork,
    SampleWork,
    Work,
    WorkResult,
)

__all__ = [
    "DEAREST",
    "FASTEST",
    "HOST_PROPERTIES",
    "OPERATOR",
    "PRICES",
    "ApiKey",
    "ArtifactInfo",
    "AuditEntry",
    "Caller",
    "Check",
    "CircuitWork",
    "CompiledDocument",
    "Dataset",
    "Device",
    "DeviceStatus",
    "Evaluation",
    "EvolutionWork",
    "ExpectationWork",
    "GradientWork",
    "JobEvent",
    "JobQuery",
    "JobResults",
    "JobState",
    "JobView",
    "Json",
    "LoopResult",
    "LoopWork",
    "ModesWork",
    "Placement",
    "ProbabilityWork",
    "Reservation",
    "ResumeLimits",
    "SampleWork",
    "Session",
    "Signature",
    "Tariff",
    "Verdict",
    "Verification",
    "Work",
    "WorkResult",
]

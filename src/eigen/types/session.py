"""Programs that were compiled without a job: as documents, and held open for evaluations."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.types.json import Json


@dataclass(frozen=True, slots=True)
class CompiledDocument:
    """What compiling gives, as documents: program.json, the main circuit in AQO (None without one), the report."""

    program: bytes
    circuit: bytes | None
    report: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Session:
    """A program compiled, placed and lowered once, held open for evaluations at other parameter values.

    `parameters` are (name, length): length 0 is a number, else an array of that length. All seeds of its evaluations
    follow from `seed`: a session of the same job with this seed gives the same answers.
    """

    session_id: str
    device_id: str
    parameters: tuple[tuple[str, int], ...]
    program_sha256: str
    has_gradient: bool
    expires_at: str
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation of a session: `index` counts from 0; `outputs` is the program's return value as JSON;
    `gradient` maps parameter names to the derivative of a single number returned, when it was asked for."""

    session_id: str
    index: int
    outputs: Json
    gradient: Mapping[str, Json] | None = None
    counts: Mapping[str, int] | None = None
    seed: int = 0
    metadata: Mapping[str, Json] = field(default_factory=dict[str, Any])

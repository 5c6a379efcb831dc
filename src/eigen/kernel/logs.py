"""The log of a job: one JSON object a line, for people and for `eigen logs`, and the same to the process's own log.

Losing a line loses no state.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.kernel.clock import rfc3339
from eigen.telemetry import log
from eigen.telemetry.logs import stamps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.kernel.ports import Ports
    from eigen.qfs.store import JobRow
    from eigen.types import Json

SERVICE = "eigen-kernel"


def write(
    ports: Ports, job_id: str, level: str, message: str, *, stage: str = "", extra: Mapping[str, Json] | None = None
) -> None:
    """Append a line to the job's log. A full disk must not fail a job for the sake of its log."""
    line: dict[str, Json] = {
        "timestamp": rfc3339(ports.clock.now()),
        "level": level,
        "service": SERVICE,
        "job_id": job_id,
        "message": message,
    }
    if trace := stamps.get({}).get("trace_id"):
        line["trace_id"] = trace
    if stage:
        line["stage"] = stage
    line.update(extra or {})
    log(level, message, job_id=job_id, **({"stage": stage} if stage else {}))
    try:
        ports.artifacts.append_log(job_id, json.dumps(line, ensure_ascii=False, default=str))
    except EigenError as error:
        if error.code != "EIGEN_STORE_UNAVAILABLE":
            raise


def trace_of(job: JobRow) -> str:
    """The id of the job's trace, 32 hexadecimal digits; empty for one that has none."""
    return job.traceparent[3:35]


def read(ports: Ports, job_id: str) -> tuple[Mapping[str, Json], ...]:
    """The lines of the job's log; a line that is not JSON is given as a message."""
    return tuple(_parse(line) for line in ports.artifacts.read_log(job_id))


def _parse(line: str) -> Mapping[str, Json]:
    try:
        value: Json = json.loads(line)
        return dict(value)
    except (ValueError, TypeError):
        return {"message": line}

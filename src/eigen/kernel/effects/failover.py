"""Which devices failed a job before, so that its next attempt goes to another one that its target admits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.kernel.effects.delivery import TAKEN, origin_of
from eigen.kernel.jobs import RETRYING
from eigen.kernel.running_time import all_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.kernel.ports import Ports
    from eigen.qfs.store import JobRow
    from eigen.types import Device, Json

WORDS = 200


def failed_attempts(ports: Ports, job: JobRow) -> list[dict[str, Json]]:
    """The attempts that a device failed, in their order: `attempt`, `device_id`, `at`, `error` and how many
    `evaluations` were recorded by then."""
    if not job.failures:
        return []
    found: list[dict[str, Json]] = []
    for event in all_events(ports.jobs, job.job_id):
        if event.stage == RETRYING and "device_id" in event.data:
            about = {name: event.data[name] for name in ("attempt", "device_id", "error", "evaluations")}
            found.append({**about, "at": event.timestamp})
    return found


def left_behind(ports: Ports, job: JobRow, devices: Sequence[Device]) -> dict[str, str]:
    """Why devices should not be tried again, by id. One that charges and may have taken work is not left: what became
    of that work is found out there, or by a person."""
    found: dict[str, str] = {}
    for attempt in failed_attempts(ports, job):
        error: Any = attempt["error"]
        found[str(attempt["device_id"])] = f"failed in attempt {attempt['attempt']}: {str(error['message'])[:WORDS]}"
    charging = {device.id for device in devices if "metered" in device.features}
    if found.keys() & charging:
        for intent in ports.jobs.intents(origin_of(ports, job)):
            if intent.state in TAKEN:
                found.pop(intent.device_id, None)
    return found

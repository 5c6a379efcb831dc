"""From the log of events, the files and the log lines of a job to CloudEvents 1.0. Pure: the same input, the same ids.

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md, structured JSON mode.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from eigen.outbox.sink import Message
from eigen.types import JobState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eigen.qfs.outbox_store import Told
    from eigen.types import ArtifactInfo, JobEvent, Json

TYPE = "org.eigen-os.job."
RUNNING = JobState.RUNNING.value


@dataclass(frozen=True, slots=True)
class Mapper:
    """Makes the messages of one source for a sink that takes `limit` bytes."""

    source: str
    limit: int

    def event(self, told: Told, event: JobEvent) -> tuple[list[Message], Told]:
        """The messages of one event of a job, and what is told of the job then."""
        state, before = event.state.value, told.state
        attempt = _whole(event.data.get("attempt"), told.attempt) if state == RUNNING else told.attempt
        after = replace(told, state=state, attempt=attempt, ended=event.state.is_terminal)
        place = f"{event.job_id}/{event.seq}"
        common: dict[str, Any] = {"seq": event.seq, "message": event.message, "details": dict(event.data)}
        if state == before:
            data = {**common, "attempt": attempt, "state": state, "stage": event.stage, "progress": event.progress}
            return [self._message("tasks", told, "progress", place, event.timestamp, data)], after
        data = {**common, "state": state, "previous_state": before, "stage": event.stage, "progress": event.progress}
        data |= {"name": told.name, "target": told.target}
        found = [self._message("jobs", told, state.lower(), place, event.timestamp, data)]
        turn = "started" if state == RUNNING else "ended" if before == RUNNING else ""
        if turn:
            data = {**common, "attempt": attempt, "state": state}
            found.append(self._message("tasks", told, f"attempt.{turn}", f"{place}/attempt", event.timestamp, data))
        return found, after

    def log(self, told: Told, number: int, line: str) -> Message:
        """The message of a line of the job's log, which are numbered from 1 on."""
        fields = _fields(line)
        message, level = (str(fields.pop(name, "")) for name in ("message", "level"))
        time = fields.pop("timestamp", None)
        for name in ("job_id", "service"):
            fields.pop(name, None)
        data: dict[str, Any] = {"number": number, "level": level, "message": message, "fields": fields}
        place = f"{told.job_id}/log/{number}"
        return self._message("logs", told, "log", place, time if isinstance(time, str) else "", data)

    def artifacts(self, told: Told, files: Iterable[ArtifactInfo]) -> list[Message]:
        """The messages of the stored files of an ended job."""
        return [
            self._message(
                "artifacts",
                told,
                "artifact",
                f"{told.job_id}/artifact/{info.path}",
                "",
                {
                    "path": info.path,
                    "ref": info.ref,
                    "sha256": info.sha256,
                    "size_bytes": info.size_bytes,
                    "media_type": info.media_type,
                },
            )
            for info in files
        ]

    def dead_letter(self, refused: Message, reason: str) -> Message:
        """The message about one that could not be told."""
        data: dict[str, Any] = {"id": refused.id, "topic": refused.topic, "reason": reason[:500]}
        event = {
            **{name: value for name, value in refused.event.items() if name not in {"data", "dataref"}},
            "type": f"{TYPE}undeliverable",
            "id": f"{refused.id}/undeliverable",
            "data": {"job_id": refused.key, **data, "size_bytes": len(refused.value)},
        }
        return Message.of("dead-letters", event, limit=self.limit)

    def _message(self, topic: str, told: Told, kind: str, place: str, time: str, data: Mapping[str, Json]) -> Message:
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": place,
            "source": self.source,
            "type": TYPE + kind,
            "subject": told.job_id,
            "tenant": told.tenant,
            "project": told.project,
            "datacontenttype": "application/json",
            "data": {"job_id": told.job_id, **data},
        }
        if time:
            event["time"] = time
        if told.traceparent:
            event["traceparent"] = told.traceparent
        return Message.of(topic, event, limit=self.limit)


def _fields(line: str) -> dict[str, Json]:
    """The fields of a log line; one that is no JSON object is a message. NaN and infinities become texts."""
    try:
        value: Any = json.loads(line, parse_constant=str)
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {"message": line}  # pyright: ignore[reportUnknownVariableType]


def _whole(value: Json, otherwise: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise

"""What the database keeps of an ended job, as files: with its artifacts, all that a check elsewhere needs. Pure.

`record/job.json` holds the digests of the artifacts and of the row what a check can convict; `record/events.jsonl` and
`record/journal.jsonl` hold one event or recorded evaluation a line. They are made when they are asked for, and read
back as foreign text.
"""

from __future__ import annotations

import json
from dataclasses import fields
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eigen._core import canonical_json
from eigen.errors import EigenError
from eigen.kernel.results import document
from eigen.qfs.store import JobRow, JournalEntry
from eigen.types import ArtifactInfo, JobEvent, JobState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eigen.types import Json

FOLDER = "record/"
JOB, EVENTS, JOURNAL = f"{FOLDER}job.json", f"{FOLDER}events.jsonl", f"{FOLDER}journal.jsonl"
VERSION = 1
TEXTS = ("job_id", "stage", "message", "created_at", "updated_at", "resumed_from", "tenant", "project", "subject")
WHOLE_NUMBERS = ("event_seq", "attempt", "entropy")
OBJECTS = ("spec", "placement", "error")


def record(
    row: JobRow, files: Iterable[ArtifactInfo], events: Iterable[JobEvent], journal: Iterable[JournalEntry]
) -> dict[str, bytes]:
    """The files of the record by path."""
    told: dict[str, Any] = {name: getattr(row, name) for name in (*TEXTS, *WHOLE_NUMBERS, *OBJECTS)}
    told["state"] = row.state.value
    known = {info.path: {"sha256": info.sha256, "size_bytes": info.size_bytes} for info in files}
    return {
        JOB: document({"version": VERSION, "job": told, "files": known}),
        EVENTS: _lines(event.to_json() for event in events),
        JOURNAL: _lines([entry.index, entry.key, entry.value] for entry in journal),
    }


def described(job_id: str, path: str, data: bytes) -> ArtifactInfo:
    """What there is to say of a file of the record: it is not stored, and listed nowhere."""
    kind = "application/json" if path == JOB else "application/jsonl"
    return ArtifactInfo(path, f"qfs://jobs/{job_id}/{path}", sha256(data).hexdigest(), len(data), kind)


def read_job(data: bytes) -> tuple[JobRow, dict[str, tuple[str, int]]]:
    """The row, and each artifact's digest and size; EIGEN_QFS_DATA_LOSS for what is no record."""
    value = _read(data, JOB)
    try:
        if value["version"] != VERSION:
            raise ValueError(f"its version is `{str(value['version'])[:20]}`, not `{VERSION}`")
        told: dict[str, Any] = value["job"]
        _expect(told, TEXTS, str)
        _expect(told, WHOLE_NUMBERS, int)
        _expect(told, ("spec",), dict)
        spec: dict[str, Any] = told["spec"]
        _expect(spec, ("name",), str)
        _expect(spec, ("priority",), int)
        kept = {name: told[name] for name in (*TEXTS, *WHOLE_NUMBERS, *OBJECTS)}
        kept |= {"name": spec["name"], "priority": spec["priority"], "target": str(spec.get("target") or "")}
        files = {str(path): (str(entry["sha256"]), int(entry["size_bytes"])) for path, entry in value["files"].items()}
        row = JobRow(**kept, state=JobState(told["state"]), progress=1.0, sealed=True)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged(JOB, error) from error
    return row, files


def read_events(data: bytes) -> tuple[JobEvent, ...]:
    """The events; EIGEN_QFS_DATA_LOSS for what is no record."""
    names = [entry.name for entry in fields(JobEvent)]
    found: list[JobEvent] = []
    try:
        for line in _read_lines(data, EVENTS):
            value: dict[str, Any] = {name: line[name] for name in names}
            _expect(value, ("job_id", "stage", "message", "timestamp"), str)
            _expect(value, ("seq",), int)
            _expect(value, ("data",), dict)
            value["state"] = JobState(value["state"])
            found.append(JobEvent(**value))
        return tuple(found)
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(EVENTS, error) from error


def read_journal(data: bytes) -> tuple[JournalEntry, ...]:
    """The recorded evaluations; EIGEN_QFS_DATA_LOSS for what is no record."""
    try:
        return tuple(JournalEntry(int(index), str(key), value) for index, key, value in _read_lines(data, JOURNAL))
    except (TypeError, ValueError) as error:
        raise _damaged(JOURNAL, error) from error


def _lines(values: Iterable[Json]) -> bytes:
    return b"".join(canonical_json(value) + b"\n" for value in values)


def _read_lines(data: bytes, path: str) -> list[Any]:
    return [_read(line, path) for line in data.splitlines() if line]


def _read(data: bytes, path: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, error) from error


def _expect(values: Mapping[str, Any], names: Iterable[str], kind: type) -> None:
    for name in names:
        if not isinstance(values[name], kind) or isinstance(values[name], bool):
            raise TypeError(f"`{name}` is no {kind.__name__}")


def _damaged(path: str, error: Exception) -> EigenError:
    what = f"`{error.args[0]}` is missing" if isinstance(error, KeyError) else str(error) or type(error).__name__
    return EigenError("EIGEN_QFS_DATA_LOSS", f"`{path}` is no record of a job: {what[:200]}", where=path)

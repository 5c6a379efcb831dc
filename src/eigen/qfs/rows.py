"""Between the values of `store` and the columns of `schema`: JSON as text, states and tuples as what they are."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.qfs.store import JobRow, JournalEntry
from eigen.types import JobEvent, JobState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from eigen.types import Json

LEASE_COLUMNS = frozenset({"owner", "lease_until", "fence", "cancel_requested", "sealed"})
"""Columns that `update` leaves alone: each has a method of its own."""

FIXED_COLUMNS = frozenset(
    {
        *("job_id", "name", "spec", "target", "priority", "created_at", "entropy", "resumed_from"),
        *("tenant", "project", "subject", "traceparent", "reservation_id", "input_bytes", "shots", "deadline"),
        *("workflow", "step", "item", "cost"),
    }
)
"""Columns that never change after the insert."""

_JSON_COLUMNS = frozenset({"spec", "error", "placement"})
_TRUTH_COLUMNS = frozenset({"cancel_requested", "sealed"})
_COLUMNS = tuple(entry.name for entry in fields(JobRow) if entry.name != "dependencies")


def to_text(value: Json) -> str:
    """A JSON value as compact text with sorted keys."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def from_text(text: str | bytes) -> Json:
    """The JSON value of a column; a damaged one is data loss, not a traceback."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise EigenError("EIGEN_QFS_DATA_LOSS", f"the job database holds damaged JSON: {error}") from None


def job_columns(row: JobRow, names: Iterable[str] = _COLUMNS) -> dict[str, Any]:
    """Every column of a job row, or those of the names."""
    columns: dict[str, Any] = {name: getattr(row, name) for name in names}
    columns["state"] = row.state.value
    for name in _JSON_COLUMNS & columns.keys():
        value = columns[name]
        columns[name] = None if value is None else to_text(value)
    return columns


def job_row(columns: Mapping[str, Any], dependencies: tuple[str, ...]) -> JobRow:
    """The job row that `job_columns` took apart."""
    values = {name: columns[name] for name in _COLUMNS}
    values["state"] = JobState(values["state"])
    for name in _TRUTH_COLUMNS:
        values[name] = bool(values[name])
    for name in _JSON_COLUMNS:
        text = values[name]
        values[name] = None if text is None else from_text(text)
    return JobRow(**values, dependencies=dependencies)


def dependency_columns(row: JobRow) -> list[dict[str, Any]]:
    """The jobs that a job waits for, in their order."""
    return [
        {"job_id": row.job_id, "depends_on": other, "position": position}
        for position, other in enumerate(row.dependencies)
    ]


def request_columns(row: JobRow, key: str, request_hash: str) -> dict[str, Any]:
    """What is remembered of the request that made a job."""
    return {
        "tenant": row.tenant,
        "project": row.project,
        "key": key,
        "request_hash": request_hash,
        "job_id": row.job_id,
        "created_at": row.created_at,
    }


def event_columns(event: JobEvent) -> dict[str, Any]:
    """Every column of an event, but for its id."""
    return {**event.to_json(), "data": to_text(dict(event.data))}


def job_event(columns: Mapping[str, Any]) -> JobEvent:
    """The event that `event_columns` took apart."""
    return JobEvent(
        job_id=columns["job_id"],
        seq=columns["seq"],
        state=JobState(columns["state"]),
        stage=columns["stage"],
        progress=columns["progress"],
        message=columns["message"],
        timestamp=columns["timestamp"],
        data=from_text(columns["data"]),
    )


def journal_columns(job_id: str, entry: JournalEntry) -> dict[str, Any]:
    """Every column of a journal entry."""
    return {"job_id": job_id, "position": entry.index, "key": entry.key, "value": to_text(entry.value)}


def journal_entry(columns: Mapping[str, Any]) -> JournalEntry:
    """The entry that `journal_columns` took apart."""
    return JournalEntry(columns["position"], columns["key"], from_text(columns["value"]))

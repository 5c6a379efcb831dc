"""The JSON Schema of every event that is told, published as docs/reference/events.schema.json."""

from __future__ import annotations

from typing import Any

from eigen.outbox.mapping import TYPE
from eigen.types import JobState

STATES = [state.value for state in JobState]
TEXT: dict[str, Any] = {"type": "string"}
COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
POSITION: dict[str, Any] = {"type": "integer", "minimum": 1}
SHA256: dict[str, Any] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
OPEN: dict[str, Any] = {"type": "object"}
STATE: dict[str, Any] = {"enum": STATES}
SHARE: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}
EVENT = {"seq": POSITION, "message": TEXT, "details": OPEN}
ATTEMPT = {**EVENT, "attempt": COUNT, "state": STATE}

DATA: dict[str, dict[str, dict[str, Any]]] = {
    **{
        state.lower(): {
            **EVENT,
            "state": {"const": state},
            "previous_state": {"enum": ["", *STATES]},
            "stage": TEXT,
            "progress": SHARE,
            "name": TEXT,
            "target": TEXT,
        }
        for state in STATES
    },
    "attempt.started": ATTEMPT,
    "attempt.ended": ATTEMPT,
    "progress": {**ATTEMPT, "stage": TEXT, "progress": SHARE},
    "artifact": {"path": TEXT, "ref": TEXT, "sha256": SHA256, "size_bytes": COUNT, "media_type": TEXT},
    "log": {"number": POSITION, "level": TEXT, "message": TEXT, "fields": OPEN},
    "undeliverable": {"id": TEXT, "topic": TEXT, "reason": TEXT, "size_bytes": COUNT},
}
"""The members of `data` by the last part of the type, all of them required; `job_id` is in each."""

OMITTED: dict[str, Any] = {
    "description": "of the whole data, where `dataref` says where they are: sha256 of canonical JSON",
    "type": "object",
    "properties": {"size_bytes": COUNT, "sha256": SHA256},
    "required": ["size_bytes", "sha256"],
    "additionalProperties": False,
}


def json_schema() -> dict[str, Any]:
    """The schema of one event; which `data` it has follows from its `type`."""
    properties: dict[str, Any] = {
        "specversion": {"const": "1.0"},
        "id": {"description": "the same whenever the event is told again", **TEXT},
        "source": {"description": "the job database", **TEXT},
        "type": {"enum": [TYPE + kind for kind in DATA]},
        "subject": {"description": "the id of the job", **TEXT},
        "time": {"type": "string", "format": "date-time"},
        "tenant": TEXT,
        "project": TEXT,
        "traceparent": TEXT,
        "datacontenttype": {"const": "application/json"},
        "dataref": {"description": "where the REST surface answers with the whole data", **TEXT},
        "data": {"type": "object"},
    }
    optional = {"time", "traceparent", "dataref"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Events of Eigen OS",
        "description": "CloudEvents 1.0, structured JSON mode.",
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
        "allOf": [
            {
                "if": {"properties": {"type": {"const": TYPE + kind}}},
                "then": {"properties": {"data": _closed(members)}},
            }
            for kind, members in DATA.items()
        ],
    }


def _closed(members: dict[str, dict[str, Any]]) -> dict[str, Any]:
    every = {"job_id": TEXT, **members}
    return {
        "type": "object",
        "properties": {**every, "omitted": OMITTED},
        "required": list(every),
        "additionalProperties": False,
    }

"""Jobs, events and results as JSON and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.cli.output import pairs, table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.types import JobEvent, JobResults, JobView

MAX_COUNTS_SHOWN = 64


def view_json(view: JobView) -> dict[str, Any]:
    """A job's status as JSON."""
    value: dict[str, Any] = {
        "job_id": view.job_id,
        "name": view.name,
        "state": view.state.value,
        "stage": view.stage,
        "progress": view.progress,
        "message": view.message,
        "target": view.target,
        "device_id": view.device_id,
        "priority": view.priority,
        "created_at": view.created_at,
        "updated_at": view.updated_at,
        "event_seq": view.event_seq,
        "attempts": view.attempts,
    }
    if view.reservation_id:
        value["reservation_id"] = view.reservation_id
    if view.resumed_from:
        value["resumed_from"] = view.resumed_from
    if view.replay_of:
        value["replay_of"] = view.replay_of
    if view.steps:
        value["steps"] = view.steps
    if view.workflow:
        value |= {"workflow": view.workflow, "step": view.step}
    if view.item >= 0:
        value["item"] = view.item
    if view.error:
        value["error"] = dict(view.error)
    return value


def view_text(view: JobView) -> str:
    """A job's status as lines."""
    value = view_json(view) | {"progress": f"{view.progress:.0%}", "error": ""}
    return pairs(value)


def steps_text(steps: Sequence[Mapping[str, Any]]) -> str:
    """The steps of a workflow as a table: how each stands, how many of its jobs have ended, and what to know of it."""
    rows = [
        (step["name"], step["state"], f"{step['ended']}/{step['jobs']}" if step["jobs"] else "", _note(step))
        for step in steps
    ]
    return table(rows, ("STEP", "STATE", "JOBS", "")).rstrip()


def _note(step: Mapping[str, Any]) -> str:
    error: Mapping[str, Any] = step.get("error") or {}
    return str(
        step.get("why") or error.get("message") or (f"needs {', '.join(step['needs'])}" if step["needs"] else "")
    )


def event_json(event: JobEvent) -> dict[str, Any]:
    """An event as JSON, with the name that its number has on every surface."""
    value = event.to_json()
    return {"job_id": value.pop("job_id"), "event_seq": value.pop("seq"), **value}


def results_json(results: JobResults) -> dict[str, Any]:
    """Results as JSON, always with `job_id`, `state`, `outputs` and `counts`."""
    value = results.to_json()
    if not results.error:
        del value["error"]
    return value


def results_text(results: JobResults) -> str:
    """What the program printed and returned, and the counts of its last circuit, for reading."""
    import json

    parts: list[str] = [str(line) for line in results.metadata.get("printed", ())]
    outputs, counts = results.outputs, results.counts
    if "sweep" in results.metadata and outputs is not None:
        from eigen.cli.sweeps import head
        from eigen.client.table import Table

        return "\n".join([*parts, head(Table(outputs))])
    if outputs is not None and outputs != counts:
        parts.append(outputs if isinstance(outputs, str) else json.dumps(outputs, ensure_ascii=False, indent=2))
    if counts is not None:
        parts.append(counts_text(counts))
    return "\n".join([*parts, *_shared_text(results.metadata.get("split"))])


def _shared_text(split: Mapping[str, Any] | None) -> list[str]:
    """How several devices shared the last run: their shots where they agree, else the counts of each."""
    runs: Sequence[Mapping[str, Any]] = (split or {}).get("runs", ())
    if not runs:
        return []
    last = runs[-1]
    devices: Mapping[str, Mapping[str, Any]] = last["devices"]
    if not last["merged"]:
        return [f"{name}, {each['shots']} shots\n{counts_text(each['counts'])}" for name, each in devices.items()]
    shots = ", ".join(f"{each['shots']} of {name}" for name, each in devices.items())
    agree = f"; they agree, p = {last['test']['p_value']:.2g}" if len(devices) > 1 else ""
    failed = "".join(f"; {name} failed" for name in (split or {}).get("failed", ()))
    return [f"shots: {shots}{agree}{failed}"]


def counts_text(counts: Mapping[str, int]) -> str:
    """Counts as lines, the most frequent first, with their share and a bar."""
    shots = sum(counts.values()) or 1
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    width = max((len(bits) for bits in counts), default=0)
    digits = len(str(shots))
    lines = [
        f"{bits:>{width}}  {count:>{digits}}  {count / shots:7.2%}  {'█' * round(24 * count / shots)}".rstrip()
        for bits, count in ordered[:MAX_COUNTS_SHOWN]
    ]
    if len(ordered) > MAX_COUNTS_SHOWN:
        lines.append(f"… {len(ordered) - MAX_COUNTS_SHOWN} more outcomes")
    return "\n".join(lines)

"""The kind `ReplayJob`: a job that does another one again, and takes all but its name and priority from that one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.jobspec.spec import ProgramRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.jobspec.complaints import Complaints, Path
    from eigen.jobspec.spec import JobSpec
    from eigen.types import Json

REPLAY = "ReplayJob"
OWN = frozenset({"workload", "priority", "metadata", "dependencies"})
"""The keys of `spec` that a replay has itself."""

OTHERS = ("runtime", "resources", "scheduling", "budget")
THE_OTHERS = ProgramRef(sha256="")
"""What stands for the program of a replay until the kernel takes that of the other job."""


def read_replay(document: Mapping[str, Any], complaints: Complaints) -> str | None:
    """The job that a checked document wants done again, or None; complaints about what goes with it."""
    spec: dict[str, Any] = document.get("spec", {})
    workload: dict[str, Any] = spec.get("workload", {})
    place = ("spec", "workload", "replay_of")
    replay_of: str | None = workload.get("replay_of")
    if REPLAY not in {document.get("kind"), workload.get("kind")}:
        if replay_of is not None:
            complaints.add(place, "only a replay names the job it does again", hint=f"write `kind: {REPLAY}`")
        return None
    if replay_of is None:
        complaints.add(place, "this key is required: the job to do again")
    refuse_beside_replay({key: spec[key] for key in spec if spec[key]}, ("spec",), complaints)
    refuse_beside_replay({key: document[key] for key in OTHERS if document.get(key)}, (), complaints)
    return replay_of or "-"


def refuse_beside_replay(fields: Mapping[str, Json], place: Path, complaints: Complaints) -> None:
    """A replay asks what the job asked that it does again."""
    for key in sorted(fields.keys() - OWN):
        complaints.add((*place, key), "a replay takes this from the job that it does again", hint="remove the key")


def replay_document(spec: JobSpec) -> dict[str, Json]:
    """The document of a replay."""
    metadata: dict[str, Json] = {
        "name": spec.name,
        "namespace": spec.namespace,
        "labels": dict(spec.labels),
        "annotations": dict(spec.annotations),
    }
    body: dict[str, Json] = {
        "workload": {"kind": REPLAY, "replay_of": spec.replay_of},
        "priority": spec.priority,
        "metadata": dict(spec.metadata),
        "dependencies": list(spec.dependencies),
    }
    given = {key: value for key, value in body.items() if value not in ({}, [])}
    named = {key: value for key, value in metadata.items() if value != {}}
    return {"apiVersion": "eigen.os/v1", "kind": REPLAY, "metadata": named, "spec": given}

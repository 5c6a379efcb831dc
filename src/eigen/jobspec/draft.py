"""The `Draft` that a reader of job.yaml hands on, and the words both versions of the format share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.jobspec.complaints import Path

API_V01 = "eigen.os/v0.1"
API_V1 = "eigen.os/v1"
DEFAULT_PROGRAM = "program.eigen.py"


@dataclass(frozen=True, slots=True)
class Draft:
    """What a document asks for, before the files it names are read. `fields` are those of `JobSpec`."""

    fields: dict[str, Any]
    program_path: str | None
    program_source: str | None
    program_format: str
    program_sha256: str | None
    program_field: Path
    input_refs: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    place: Path = ("spec",)
    workflow: WorkflowDraft | None = None


@dataclass(frozen=True, slots=True)
class StepDraft:
    """A step before the files that it names are read: `draft` is its own job, `job` the job.yaml that brings it."""

    name: str
    draft: Draft
    fields: Mapping[str, Any]
    place: Path
    job: str | None = None


@dataclass(frozen=True, slots=True)
class WorkflowDraft:
    """A workflow before the files of its steps are read. `fields` are those of `Workflow`."""

    steps: tuple[StepDraft, ...]
    fields: Mapping[str, Any]

"""From a `WorkflowDraft` to a `Workflow`, with the files of its steps, wherever they are taken from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eigen.jobspec.draft import API_V1
from eigen.jobspec.spec import JobSpec
from eigen.jobspec.workflow.plan import INPUT, Step, Workflow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eigen.jobspec.draft import StepDraft, WorkflowDraft

    Made = tuple[JobSpec, Mapping[str, bytes]]


def make_workflow(
    draft: WorkflowDraft, make: Callable[[StepDraft], Made | None], files: dict[str, bytes]
) -> Workflow | None:
    """The workflow once `make` gave the job of each step with its files, which go into the folders of the steps in
    `files`; None after a complaint about one."""
    steps: list[Step] = []
    for entry in draft.steps:
        made = make(entry)
        if made is None:
            continue
        job, brought = made
        step = Step(entry.name, job, **entry.fields)
        files |= {step.folder + path.removeprefix(INPUT): data for path, data in brought.items()}
        steps.append(step)
    fields: dict[str, Any] = dict(draft.fields)
    return Workflow(steps=tuple(steps), **fields) if len(steps) == len(draft.steps) else None


def of_job(entry: StepDraft, job: JobSpec) -> JobSpec:
    """The job of a job.yaml as that of a step, whose inputs go on top; name, labels and annotations are the
    workflow's."""
    inputs = {**job.inputs, **entry.draft.fields.get("inputs", {})}
    none: dict[str, str] = {}
    plain = replace(job, api_version=API_V1, namespace="default", labels=none, annotations=none)
    return replace(plain, name=entry.name, inputs=inputs)

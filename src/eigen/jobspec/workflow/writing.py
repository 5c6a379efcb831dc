"""The document of a workflow, such that reading it gives the workflow back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eigen.jobspec.spec import JobSpec
    from eigen.jobspec.workflow.plan import Step, Workflow
    from eigen.types import Json


def workflow_document(
    document: dict[str, Json], plan: Workflow, write: Callable[[JobSpec], dict[str, Json]]
) -> dict[str, Json]:
    """The `document` of the workflow's job with its steps; `write` gives the one of a step's own job."""
    workload: dict[str, Json] = {
        "steps": [_step(step, write(step.job)) for step in plan.steps],
        "on_failure": plan.on_failure,
        "parallel": plan.parallel,
    }
    if plan.outputs is not None:
        workload["outputs"] = dict(plan.outputs)
    return {**document, "kind": plan.kind, "spec": {**document.get("spec", {}), "workload": workload}}


def _step(step: Step, own: Mapping[str, Any]) -> dict[str, Json]:
    """A step: the keys of its job's `spec`, and what its runtime and budget say."""
    runtime: dict[str, Json] = own.get("runtime", {})
    value: dict[str, Json] = {"name": step.name, **own.get("spec", {}), "needs": list(step.needs), "after": step.after}
    given = {"when": step.when, "foreach": step.foreach}
    given |= {key: own.get(key) for key in ("budget", "resources", "scheduling")}
    given |= {key: runtime.get(key) for key in ("retry", "timeout", "delivery")}
    return value | {key: entry for key, entry in given.items() if entry is not None}

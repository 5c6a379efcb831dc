"""What may stand in a step of job.yaml: what may stand in `spec`, and what a workflow adds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from eigen.jobspec.shapes import Choice, Field, Integer, JsonValue, ListOf, MapOf, Record, Text
from eigen.jobspec.workflow.plan import ANY, CONTINUE, FAILURE, PARALLEL, STOP, SUCCESS

if TYPE_CHECKING:
    from eigen.jobspec.complaints import Complaints, Path
    from eigen.types import Json

KINDS = ("PipelineJob", "HybridWorkflow")
MAX_STEPS, MAX_ITEMS, MAX_PARALLEL = 1000, 10_000, 1000
STEP_NAME = Text(64, pattern="[a-z][a-z0-9_-]*", expected="a name of small letters, digits, `_` and `-`")
NOT_OF_A_STEP = frozenset({"workload", "dependencies"})
"""Keys of `spec` that a step has not."""

OWN = frozenset({"name", "job", "needs", "after", "when", "foreach"})
"""Keys of a step that `spec` has not."""

ABOUT = ("retry", "timeout", "delivery", "budget", "resources", "scheduling")
"""Keys of a step that job.yaml has elsewhere than in `spec`."""

BESIDE_JOB = OWN | {"inputs"}
"""Keys that may stand beside `job`, which brings the others."""


@dataclass(frozen=True, slots=True)
class StepShape:
    """One step. Its keys are those of `spec`, which holds the steps: they are looked up when they are needed."""

    def check(self, value: Json, path: Path, complaints: Complaints) -> dict[str, Any]:
        """See `Shape.check`."""
        return _step().check(value, path, complaints)

    def schema(self) -> dict[str, Json]:
        """See `Shape.schema`."""
        return _step().schema()


@cache
def _step() -> Record:
    from eigen.jobspec.v1 import BUDGET, DOCUMENT, RUNTIME, SPEC

    own = {
        "name": Field(STEP_NAME, "the name of the step", required=True),
        "job": Field(Text(1024), "a job.yaml that says what the step does, relative to this one"),
        "needs": Field(ListOf(STEP_NAME, MAX_STEPS), "the steps that end before it begins"),
        "after": Field(
            Choice((SUCCESS, FAILURE, ANY)),
            "how they must have ended: all with success (the default), any with failure, or any way",
        ),
        "when": Field(Text(1024), "a condition; where it does not hold, the step is skipped"),
        "foreach": Field(JsonValue(), "a list, or a reference to one: the step is done for each `${item}` of it"),
        "retry": RUNTIME.fields["retry"],
        "timeout": RUNTIME.fields["timeout"],
        "delivery": RUNTIME.fields["delivery"],
        "budget": Field(BUDGET, "what each of its jobs may use"),
        "resources": DOCUMENT.fields["resources"],
        "scheduling": DOCUMENT.fields["scheduling"],
    }
    spec = {key: entry for key, entry in SPEC.fields.items() if key not in NOT_OF_A_STEP}
    return Record({**own, **spec}, at_most_one=("program", "job"))


WORKFLOW_FIELDS = {
    "steps": Field(ListOf(StepShape(), MAX_STEPS), "the steps of a workflow"),
    "outputs": Field(
        MapOf(JsonValue(), key=r"[A-Za-z_][A-Za-z0-9_-]*"),
        "what the workflow gives: references by name; all by default",
    ),
    "on_failure": Field(Choice((STOP, CONTINUE)), "what becomes of the other steps when one fails; `stop` by default"),
    "parallel": Field(Integer(1, MAX_PARALLEL), f"the most jobs of it at a time; {PARALLEL} by default"),
}

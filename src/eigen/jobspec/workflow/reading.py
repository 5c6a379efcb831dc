"""From a checked document to a `WorkflowDraft`: what its steps ask, and whether they fit together."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eigen.errors import suggest
from eigen.jobspec.draft import StepDraft, WorkflowDraft
from eigen.jobspec.spec import ProgramRef
from eigen.jobspec.workflow.conditions import MiswrittenError, condition, references_in
from eigen.jobspec.workflow.plan import ancestors, cycle
from eigen.jobspec.workflow.references import MisreferenceError, Reference, references
from eigen.jobspec.workflow.shapes import ABOUT, BESIDE_JOB, KINDS, MAX_ITEMS, OWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from eigen.jobspec.complaints import Complaints, Path
    from eigen.jobspec.draft import Draft
    from eigen.types import Json

PIPELINE = "PipelineJob"
OF_STEPS = ProgramRef(sha256="")
"""What stands for the program of a workflow: it has those of its steps."""

PLACE: Path = ("spec", "workload", "steps")
NOT_OF_A_WORKFLOW = ("program", "entrypoint", "input_refs", "sweep")
INHERITED = ("resources", "scheduling")
ON_TOP = frozenset(
    {"inputs", "target", "shots", "seed", "max_iters", "noise_model", "delivery", "cache", "metadata", "workload"}
)
"""What may be asked of a workflow when it is submitted: its inputs, and what steps take from it that say nothing."""


def read_workflow(
    checked: Mapping[str, Any], complaints: Complaints, draft_of: Callable[[Mapping[str, Any], Complaints], Draft]
) -> WorkflowDraft | None:
    """The workflow of a checked document, or None; complaints about what does not fit together."""
    spec: dict[str, Any] = checked.get("spec", {})
    workload: dict[str, Any] = spec.get("workload", {})
    kinds = [kind for kind in (checked.get("kind"), workload.get("kind")) if kind in KINDS]
    if not kinds:
        for key in ("steps", "outputs", "on_failure", "parallel"):
            if key in workload:
                complaints.add((*PLACE[:-1], key), "only a workflow has this", hint=f"write `kind: {KINDS[1]}`")
        return None
    if len(set(kinds)) > 1:
        complaints.add((*PLACE[:-1], "kind"), f"the document is a `{kinds[0]}`, and not a `{kinds[1]}` too")
    for key in NOT_OF_A_WORKFLOW:
        if spec.get(key):
            complaints.add(("spec", key), "a workflow has none of its own", hint="write it into a step")
    steps: list[dict[str, Any]] = workload.get("steps", [])
    if not steps:
        complaints.add(PLACE, "a workflow has at least one step")
    drafts = [_step(entry, index, checked, complaints, draft_of) for index, entry in enumerate(steps)]
    _chain(drafts, steps, pipeline=kinds[0] == PIPELINE)
    _check(drafts, spec.get("inputs", {}), workload.get("outputs"), complaints)
    given = {key: workload[key] for key in ("outputs", "on_failure", "parallel") if key in workload}
    return WorkflowDraft(tuple(drafts), {"kind": kinds[0], **given})


def refuse_on_workflow(fields: Mapping[str, Json], complaints: Complaints) -> None:
    """What a step must say itself cannot be asked of the workflow."""
    for key in sorted(fields.keys() - ON_TOP):
        complaints.add((key,), "a workflow has none of its own", hint="write it into a step of job.yaml")


def _step(
    entry: dict[str, Any],
    index: int,
    checked: Mapping[str, Any],
    complaints: Complaints,
    draft_of: Callable[[Mapping[str, Any], Complaints], Draft],
) -> StepDraft:
    """A step as the document of its own job, with what it takes from that of the workflow."""
    place = (*PLACE, index)
    name = str(entry.get("name", ""))
    if "job" in entry:
        for key in sorted(entry.keys() - BESIDE_JOB):
            complaints.add((*place, key), "the job.yaml of the step says this", hint="remove the key")
    elif "program" not in entry:
        complaints.add(place, "a step has a `program` or a `job`")
    runtime: dict[str, Any] = checked.get("runtime", {})
    retry = entry.get("retry", runtime.get("retry", {}))
    spec = {key: value for key, value in entry.items() if key not in {*OWN, *ABOUT}}
    spec.setdefault("priority", checked.get("spec", {}).get("priority", 50))
    document: dict[str, Any] = {
        **{key: found for key in INHERITED if (found := entry.get(key) or _without_deadline(checked.get(key)))},
        "kind": "QuantumJob",
        "metadata": {"name": name},
        "spec": spec,
        "runtime": {"retry": retry, "timeout": entry.get("timeout", {}), "delivery": entry.get("delivery")},
        "budget": entry.get("budget", {}),
    }
    draft = replace(draft_of(document, complaints), program_field=(*place, "program"), place=place)
    fields = {key: entry[key] for key in ("needs", "after", "when", "foreach") if key in entry}
    return StepDraft(name, draft, fields, place, entry.get("job"))


def _without_deadline(given: Mapping[str, Json] | None) -> dict[str, Json]:
    """What steps take over: the deadline of the workflow is the moment by which all of it has ended."""
    return {key: value for key, value in (given or {}).items() if key != "deadline"}


def _chain(drafts: list[StepDraft], steps: list[dict[str, Any]], *, pipeline: bool) -> None:
    """What each step needs, as a tuple: in a pipeline the one before, unless it says otherwise."""
    for index, (draft, entry) in enumerate(zip(drafts, steps, strict=True)):
        before = (drafts[index - 1].name,) if pipeline and index else ()
        fields = {**draft.fields, "needs": tuple(entry.get("needs") or ()) if "needs" in entry else before}
        drafts[index] = replace(draft, fields=fields)


def _check(drafts: list[StepDraft], inputs: Mapping[str, Json], outputs: Json, complaints: Complaints) -> None:
    """Names once, needs that are there, no cycle, references that can be followed."""
    names = [draft.name for draft in drafts]
    for index, draft in enumerate(drafts):
        if draft.name and draft.name in names[:index]:
            complaints.add((*draft.place, "name"), f"there is another step `{draft.name}`")
        for need in draft.fields["needs"]:
            if need not in names:
                hint = suggest(str(need), names)
                complaints.add((*draft.place, "needs"), f"there is no step `{str(need)[:64]}`", hint=hint)
    needs = {draft.name: draft.fields["needs"] for draft in drafts}
    circle = cycle(needs)
    if circle is not None:
        shown = " needs ".join(f"`{name}`" for name in (*circle, circle[0]))
        complaints.add((*PLACE, names.index(circle[0]), "needs"), f"the steps need each other in a circle: {shown}")
        return
    before = ancestors(needs)
    for draft in drafts:
        known = before[draft.name] if draft.name in before else frozenset[str]()
        own = draft.draft.fields.get("inputs", {})
        foreach, when = draft.fields.get("foreach"), draft.fields.get("when")
        checker = _Checker(complaints, known, inputs, names)
        checker.values(own, (*draft.place, "inputs"), item=foreach is not None)
        if foreach is not None:
            _check_foreach(foreach, (*draft.place, "foreach"), checker)
        if when is not None:
            checker.condition(str(when), (*draft.place, "when"))
    checker = _Checker(complaints, frozenset(names), inputs, names)
    given: dict[str, Json] = outputs or {}
    for key, value in given.items():
        checker.values(value, (*PLACE[:-1], "outputs", key), item=False)


def _check_foreach(foreach: Json, place: Path, checker: _Checker) -> None:
    checker.values(foreach, place, item=False)
    complaints = checker.complaints
    if isinstance(foreach, list):
        count = len(foreach)  # pyright: ignore[reportUnknownArgumentType]
        if count > MAX_ITEMS:
            complaints.add(place, f"{count:,} entries; the limit `foreach_items` is {MAX_ITEMS:,}", kind="limit")
    elif not isinstance(foreach, str) or not foreach.startswith("${"):
        complaints.add(place, "expected a list or a reference to one, such as `${inputs.lengths}`")


class _Checker:
    """Whether references can be followed from a place: which steps have ended there, which inputs there are."""

    def __init__(
        self, complaints: Complaints, steps: frozenset[str], inputs: Mapping[str, Json], names: list[str]
    ) -> None:
        self.complaints = complaints
        self._steps = steps
        self._inputs = inputs
        self._names = names

    def values(self, value: Json, place: Path, *, item: bool) -> None:
        """Every reference within a value."""
        try:
            self._follow(references(value), place, item=item)
        except MisreferenceError as error:
            self.complaints.add(place, str(error))

    def condition(self, text: str, place: Path) -> None:
        """A condition and its references."""
        try:
            self._follow(references_in(condition(text)), place, item=False)
        except MiswrittenError as error:
            self.complaints.add(place, f"the condition cannot be read: {error}")

    def _follow(self, found: Iterable[Reference], place: Path, *, item: bool) -> None:
        for wanted in found:
            root, name = wanted.parts[0], wanted.parts[1] if len(wanted.parts) > 1 else ""
            if root in {"item", "index"} and not item:
                self.complaints.add(place, f"`{wanted}`: there is no item here", hint="only a `foreach` step has items")
            elif root == "inputs" and name not in self._inputs:
                hint = suggest(name, list(self._inputs)) or "write it into `spec.inputs`, with the value to begin with"
                self.complaints.add(place, f"`{wanted}`: the workflow has no input `{name}`", hint=hint)
            elif root == "steps" and name not in self._steps:
                if name in self._names:
                    message, hint = f"`{wanted}`: the step does not need `{name}`", f"write `{name}` into its `needs`"
                else:
                    message, hint = f"`{wanted}`: there is no step `{name}`", suggest(name, self._names)
                self.complaints.add(place, message, hint=hint)

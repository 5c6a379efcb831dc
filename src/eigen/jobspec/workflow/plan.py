"""`Workflow`: the steps of a job that is made of jobs, checked and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.jobspec.spec import JobSpec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.types import Json

INPUT = "input/"
STEPS = "input/steps/"
PARALLEL = 64
SUCCESS, FAILURE, ANY = "success", "failure", "any"
STOP, CONTINUE = "stop", "continue"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the job that it submits, once or for each item.

    `job` is that job with references in its inputs. `needs` names steps that end before it begins, `after` what end of
    them it waits for: `success` of all, `failure` of any, or `any`. `when` is a condition, `foreach` a list or a
    reference to one.
    """

    name: str
    job: JobSpec
    needs: tuple[str, ...] = ()
    after: str = SUCCESS
    when: str | None = None
    foreach: Json = None

    @property
    def folder(self) -> str:
        """Where its files lie among the inputs of the workflow."""
        return f"{STEPS}{self.name}/"

    def to_json(self) -> dict[str, Json]:
        """As JSON values, what is not set left out; `from_json` reads it back."""
        value: dict[str, Json] = {"name": self.name, "job": self.job.to_json()}
        given = {"needs": list(self.needs), "when": self.when, "foreach": self.foreach}
        value |= {key: entry for key, entry in given.items() if entry is not None and (entry != [] or key == "foreach")}
        return value if self.after == SUCCESS else {**value, "after": self.after}

    @staticmethod
    def from_json(value: Mapping[str, Json]) -> Step:
        """The step that `to_json` wrote."""
        parts: dict[str, Any] = dict(value)
        parts["job"] = JobSpec.from_json(parts["job"])
        parts["needs"] = tuple(parts.get("needs", ()))
        return Step(**parts)


@dataclass(frozen=True, slots=True)
class Workflow:
    """The steps, in the order written. `outputs` are references by name; None: those of every step, by its name.

    `on_failure` says what becomes of the others when a step fails: `stop` ends them, `continue` lets go on what does
    not need it. At most `parallel` jobs of it are under way at a time.
    """

    kind: str
    steps: tuple[Step, ...]
    outputs: Mapping[str, Json] | None = None
    on_failure: str = STOP
    parallel: int = PARALLEL

    def step(self, name: str) -> Step:
        """The step of that name; KeyError."""
        return self.by_name()[name]

    def by_name(self) -> dict[str, Step]:
        """The steps by their names."""
        return {step.name: step for step in self.steps}

    def to_json(self) -> dict[str, Json]:
        """As JSON values; `from_json` reads it back."""
        value: dict[str, Json] = {"kind": self.kind, "steps": [step.to_json() for step in self.steps]}
        if self.outputs is not None:
            value["outputs"] = dict(self.outputs)
        return value | {"on_failure": self.on_failure, "parallel": self.parallel}

    @staticmethod
    def from_json(value: Mapping[str, Json]) -> Workflow:
        """The workflow that `to_json` wrote."""
        parts: dict[str, Any] = dict(value)
        parts["steps"] = tuple(Step.from_json(step) for step in parts["steps"])
        return Workflow(**parts)


def ancestors(needs: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    """All that each step needs, directly and through others; of what has no cycle."""
    found: dict[str, frozenset[str]] = {}
    waiting = list(needs)
    while waiting:
        name = waiting[-1]
        open_ones = [need for need in needs[name] if need in needs and need not in found]
        if name in found or not open_ones:
            waiting.pop()
            found.setdefault(
                name, frozenset(needs[name]).union(*(found.get(need, frozenset()) for need in needs[name]))
            )
        else:
            waiting += open_ones
    return found


def cycle(needs: Mapping[str, tuple[str, ...]]) -> list[str] | None:
    """The steps of a cycle, each needing the next and the last the first; None when there is none."""
    left = {name: {need for need in wanted if need in needs} for name, wanted in needs.items()}
    while free := [name for name, wanted in left.items() if not wanted]:
        for name in free:
            del left[name]
        for wanted in left.values():
            wanted.difference_update(free)
    if not left:
        return None
    path = [min(left)]
    while True:
        following = min(left[path[-1]])
        if following in path:
            return path[path.index(following) :]
        path.append(following)

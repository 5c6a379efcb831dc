"""`Split`: the shots of each run of a program, shared among devices, and merged unless their counts disagree.

Parts are asked for one after the other; each is an evaluation of its own, with a key and a seed of its own, and is
recorded as one. So is a device that failed: its shots go to the others, in this run and the later ones. Pure; what asks
a device is handed in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from eigen._core import Counts, derive_seed
from eigen.errors import EigenError
from eigen.jobspec.shares import Share, divided
from eigen.kernel.homogeneity import homogeneity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.ir.program import Program
    from eigen.jobspec import JobSpec
    from eigen.kernel.engine import Values
    from eigen.kernel.homogeneity import Homogeneity
    from eigen.types import Json

LEVEL = 1e-3
"""How often, of jobs whose devices agree, one is refused; the runs of a job have equal parts of it."""

FAILED = "failed"
"""In place of counts, in the record of a part that its device could not do: why."""

MOST_RUNS = 1_000


class AskPart(Protocol):
    """Ask a device for a part of a run. The answer is `{"counts", "clbits"}`, or `{FAILED}` from one whose shots others
    may have; the `last` of them raises instead."""

    def __call__(self, device_id: str, shots: int, seed: int, *, last: bool) -> Mapping[str, Any]:
        """Ask."""
        ...


class SharedDevices(Protocol):
    """The devices that have parts."""

    def sample_on(
        self, device_id: str, circuit: int, values: Values, shots: int, seed: int, *, key: str, last: bool
    ) -> Counts | EigenError:
        """Counts of a circuit; the error of a device that failed, whose shots others may have. It raises that error for
        the `last` device, and EigenError for anything else."""
        ...


@dataclass(slots=True)
class Split:
    """One execution of a program whose runs are shared by `devices`; without them it is answered from its record alone.
    `runs` tells of the first thousand, in order."""

    shares: tuple[Share, ...]
    level: float = LEVEL
    devices: SharedDevices | None = None
    runs: list[dict[str, Json]] = field(default_factory=list[dict[str, Any]])
    made: int = 0
    failed: dict[str, Json] = field(default_factory=dict[str, Any])

    def ask(
        self, device_id: str, circuit: int, values: Values, shots: int, seed: int, *, key: str, last: bool
    ) -> Counts | EigenError:
        """See `SharedDevices.sample_on`."""
        if self.devices is None:
            raise EigenError("EIGEN_INTERNAL", "the devices of a run that is only read are asked")
        return self.devices.sample_on(device_id, circuit, values, shots, seed, key=key, last=last)

    @staticmethod
    def of(placement: Mapping[str, Any] | None, program: Program, spec: JobSpec) -> Split | None:
        """The split of a placement; None where the job has one device. A stage in a loop counts once."""
        shares = tuple(map(Share.from_json, (placement or {}).get("shares", ())))
        if not shares:
            return None
        stages = sum(node.op == "run" for node in program.body.walk())
        points = spec.sweep.points if spec.sweep is not None else 1
        return Split(shares, LEVEL / max(1, stages * points))

    def counts(self, label: str, shots: int, seed: int, ask: AskPart) -> Counts:
        """The merged counts of a run. Raises EIGEN_RUN_DISAGREEMENT, with nothing merged, and what `ask` does."""
        parts: list[dict[str, Json]] = []
        found: dict[str, dict[str, int]] = {}
        clbits = 0
        waiting = self._divided(shots)
        while waiting:
            device, share = waiting.pop(0)
            if device in self.failed:
                waiting = [*self._divided(share), *waiting]
                continue
            own = derive_seed(seed, "part", len(parts))
            answer = ask(device, share, own, last=len(self._left()) == 1)
            parts.append({"device_id": device, "shots": share, "seed": own})
            if FAILED in answer:
                self.failed[device] = parts[-1][FAILED] = answer[FAILED]
                waiting = [*self._divided(share), *waiting]
                continue
            clbits = answer["clbits"]
            _add(found.setdefault(device, {}), answer["counts"])
        tested = homogeneity(list(found.values()))
        self._keep(label, parts, found, tested)
        if tested.p_value < self.level:
            raise _disagree(label, list(found), tested, self.level)
        merged: dict[str, int] = {}
        for counts in found.values():
            _add(merged, counts)
        return Counts.from_dict(merged, clbits)

    def to_json(self) -> dict[str, Json]:
        """For the results: how shots were shared, and of each run what each device counted and how the test went."""
        value: dict[str, Json] = {
            "shares": [share.to_json() for share in self.shares],
            "level": self.level,
            "runs": self.runs,
        }
        if self.made > len(self.runs):
            value["left_out"] = self.made - len(self.runs)
        return value | ({FAILED: dict(self.failed)} if self.failed else {})

    def _left(self) -> list[Share]:
        return [share for share in self.shares if share.device_id not in self.failed]

    def _divided(self, shots: int) -> list[tuple[str, int]]:
        """The parts of the devices that are left; one that would have no shot has no part."""
        left = self._left()
        parts = zip(left, divided(left, shots), strict=True)
        return [(share.device_id, part) for share, part in parts if part]

    def _keep(
        self, label: str, parts: Sequence[Json], found: Mapping[str, Mapping[str, int]], tested: Homogeneity
    ) -> None:
        self.made += 1
        if len(self.runs) < MOST_RUNS:
            devices = {
                device: {"shots": sum(counts.values()), "counts": dict(sorted(counts.items()))}
                for device, counts in found.items()
            }
            merged = tested.p_value >= self.level
            test = tested.to_json()
            self.runs.append({"label": label, "merged": merged, "test": test, "devices": devices, "parts": list(parts)})


def _add(counts: dict[str, int], more: Mapping[str, int]) -> None:
    for outcome, count in more.items():
        counts[outcome] = counts.get(outcome, 0) + count


def _disagree(label: str, devices: Sequence[str], tested: Homogeneity, level: float) -> EigenError:
    names = " and ".join(f"`{name}`" for name in devices) if len(devices) < 3 else ", ".join(f"`{n}`" for n in devices)
    return EigenError(
        "EIGEN_RUN_DISAGREEMENT",
        f"the counts of `{label}` on {names} do not come from one distribution: chi-square {tested.statistic:.4g} with"
        f" {tested.degrees_of_freedom} degrees of freedom, p = {tested.p_value:.3g} is below {level:.3g}; nothing was"
        " merged",
        details={"label": label, "level": level, **tested.to_json()},
    )

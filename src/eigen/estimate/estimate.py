"""`estimate`: what a program would take on each device that is asked about, before anything runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import isfinite
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.errors import EigenError
from eigen.estimate.budget import bounds
from eigen.estimate.candidate import Candidate, candidate
from eigen.estimate.confidence import SHARE, SUCCESS_SHARE
from eigen.estimate.demand import demand_of
from eigen.estimate.pieces import Pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen.estimate.demand import Demand
    from eigen.estimate.pieces import Lowered
    from eigen.ir import Circuit, NoiseModel
    from eigen.ir.program import Program
    from eigen.jobspec import Budget
    from eigen.types import Device, Json

INTERVALS = {"seconds": SHARE, "success": SUCCESS_SHARE}


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a program asks, as JSON (its `circuits`, `evaluations`, `shots`, `searches` and `notes`), and every device
    that was asked about. `chosen` is the device that a job would get now; None with the reason in `why`."""

    program: Mapping[str, Json]
    candidates: tuple[Candidate, ...]
    chosen: str | None
    why: str = ""
    intervals: Mapping[str, float] = field(default_factory=lambda: INTERVALS)

    def of(self, device_id: str) -> Candidate:
        """The estimate of one device; EIGEN_DEVICE_UNKNOWN."""
        for found in self.candidates:
            if found.device_id == device_id:
                return found
        raise EigenError("EIGEN_DEVICE_UNKNOWN", f"the estimate has no device `{device_id[:80]}`")

    def to_json(self) -> dict[str, Any]:
        """As a JSON object; what has no bound is null."""
        return {
            "chosen": self.chosen,
            "why": self.why,
            "intervals": dict(self.intervals),
            "program": dict(self.program),
            "candidates": [found.to_json() for found in self.candidates],
        }

    @staticmethod
    def from_json(value: Mapping[str, Json]) -> Estimate:
        """The estimate that `to_json` wrote, here or in a server; KeyError, TypeError or ValueError for something
        else."""
        candidates = tuple(Candidate.from_json(found) for found in value["candidates"])
        return Estimate(value["program"], candidates, value["chosen"], value["why"], value["intervals"])


def estimate(
    program: Program,
    devices: Sequence[Device],
    *,
    shots: int,
    lower: Callable[[Circuit, Device], Lowered],
    refusals: Mapping[str, str] | None = None,
    chosen: str | None = None,
    why: str = "",
    max_iters: int | None = None,
    noise: str | None = None,
    noise_method: str = "auto",
    sweep: Mapping[str, Any] | None = None,
    budget: Budget | None = None,
) -> Estimate:
    """The estimate of a program on each of the devices, in their order, the chosen one first and refused ones last.

    `shots` are those of `run` stages that name none; `lower` compiles a circuit for a device; `refusals` say which
    devices cannot run the program; `noise`, a text of `NoiseModel.parse`, is simulated, by `noise_method` where the
    device has a choice; `sweep` is that of the compiler's report, `budget` the job's. Nothing is run: circuits are
    compiled, cost models and calibrations are read.
    """
    model = None if noise is None else _noise_model(noise)
    demand = demand_of(program, shots=shots, max_iters=max_iters, sweep=sweep)
    found: list[Candidate] = []
    for device in devices:
        reason = (refusals or {}).get(device.id)
        pieces = Pieces(program, device, lower, model, noise_method)
        each = candidate(pieces, demand, refused=reason)
        if budget is not None and each.refused is None:
            each = replace(each, budget=bounds(budget, each))
        found.append(each)
    found.sort(key=lambda each: (each.refused is not None, each.device_id != chosen))
    return Estimate(_facts(program, demand), tuple(found), chosen, why)


def _noise_model(text: str) -> NoiseModel:
    try:
        return _core.NoiseModel.parse(text)
    except _core.CoreError as refusal:
        raise EigenError.from_core(refusal) from None


def _facts(program: Program, demand: Demand) -> dict[str, Json]:
    """What a program asks of any device."""
    return {
        "circuits": [_circuit(circuit) for circuit in program.circuits],
        "evaluations": _counts(*demand.evaluations),
        "shots": _counts(*demand.shots),
        "searches": [
            {
                "method": search.method,
                "line": search.line,
                "parameters": search.parameters,
                "iterations": search.iterations,
                "evaluations": _counts(search.usual, search.most),
                "batch": search.batch,
            }
            for search in demand.searches
        ],
        "notes": list(demand.notes),
    }


def _circuit(circuit: Circuit) -> dict[str, Any]:
    return {
        "digest": circuit.digest,
        "name": circuit.name,
        "qubits": circuit.num_qubits,
        "operations": len(circuit),
        "depth": circuit.depth,
        "parameters": len(circuit.parameters),
    }


def _counts(usual: float, most: float) -> dict[str, Any]:
    return {"usual": round(usual), "most": round(most) if isfinite(most) else None}

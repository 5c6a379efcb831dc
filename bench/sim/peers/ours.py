"""Our engine: `_core.Plan`, prepared once, bound to new angles at each call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import eigen
from bench.answering import UnsupportedError
from bench.sim.native import native
from bench.sim.peers.protocol import (
    ERROR_PROBABILITY,
    Job,
    Prepared,
    angle_sets,
    changes,
    ising_terms,
)
from eigen import _core

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.sim.circuit import Circuit

ANGLE_SETS = 16


class Ours:
    """The engine `sim:statevector`; for records of Clifford circuits `sim:stabilizer`."""

    name = "eigen"

    def __init__(self) -> None:
        self._plan: _core.Plan | None = None

    def version(self) -> str:
        return eigen.__version__

    def settings(self, job: Job) -> list[dict[str, Any]]:
        return [{}]

    def prepare(self, job: Job, setting: Mapping[str, Any]) -> Prepared:
        circuit = job.circuit
        try:
            plan = _planned(job, circuit)
        except _core.CoreError as error:
            raise UnsupportedError(str(error)) from None
        self._plan = plan
        if job.output in ("energy", "energies", "gradient"):
            return _energies(plan, job, circuit)
        if job.output in ("shots", "noisy"):
            return Prepared(lambda k: plan.sample(shots=job.shots, seed=k), outcomes)
        if job.output == "frames":
            return Prepared(lambda k: plan.sample_bits(shots=job.shots, seed=k), lambda raw: changes(job, raw))
        if job.output == "array":
            return Prepared(lambda k: plan.state())
        return Prepared(lambda k: plan.amplitude([], 0), lambda raw: plan.state())

    def facts(self) -> dict[str, Any]:
        return self._plan.facts() if self._plan else {}


def _planned(job: Job, circuit: Circuit) -> _core.Plan:
    built = native(circuit, symbolic=job.output in ("energy", "energies", "gradient"))
    options: dict[str, Any] = {} if job.precision == "f64" else {"precision": job.precision}
    if job.output == "frames":
        noise = "depolarizing({0}, {0}) + measure({0}) + reset({0})".format(ERROR_PROBABILITY)  # noqa: UP032
        return _core.Plan(built, engine="stabilizer", options={**options, "noise": noise})
    if job.output == "noisy":
        options["noise"] = f"depolarizing({ERROR_PROBABILITY}, {ERROR_PROBABILITY})"
    return _core.Plan(built.measure_all() if job.output in ("shots", "noisy") else built, options=options)


def _energies(plan: _core.Plan, job: Job, circuit: Circuit) -> Prepared:
    """Energies one at a time or in batches, and gradients."""
    observable = _core.Observable.from_terms(
        job.num_qubits,
        [(" ".join(f"{letter}{qubit}" for qubit, letter in on), weight) for weight, on in ising_terms(job.num_qubits)],
    )
    if job.output == "energies":
        sets = np.array(angle_sets(circuit, job.batch))
        return Prepared(lambda k: plan.expectations(sets, observable))
    points = [np.array(point) for point in angle_sets(circuit, ANGLE_SETS)]
    if job.output == "gradient":
        return Prepared(lambda k: plan.gradient(points[k % ANGLE_SETS], observable), lambda raw: np.array(raw[1]))
    return Prepared(lambda k: plan.expectation(points[k % ANGLE_SETS], (observable,)), lambda raw: raw[0])


def outcomes(counts: _core.Counts) -> tuple[np.ndarray, np.ndarray]:
    """The outcomes that were seen, and how often."""
    found = counts.to_dict()
    return np.array([int(key, 2) for key in found]), np.array(list(found.values()))


def peer(name: str) -> Ours:
    return Ours()

"""The short form `on_job: {backend, method, hypervisor, ai_optimize}`: a template that expands to a v1 document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.jobspec.draft import API_V1
from eigen.jobspec.parts import INPUTS, MAX_SHOTS, SEED
from eigen.jobspec.shapes import Boolean, Choice, Field, Integer, Record, Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.jobspec.complaints import Complaints
    from eigen.types import Json

METHODS: dict[str, str] = {
    "vqe": '''"""The ground state of a transverse-field Ising chain, by a variational eigensolver."""

import numpy as np
from eigen_lang import (
    ExpectationValue,
    cost_function,
    create_hea_ansatz,
    create_ising_model_hamiltonian,
    hybrid_program,
    minimize,
)


@hybrid_program(target="sim:auto")
def main(n_spins=4, J=-1.0, h=0.5, depth=2, method="l-bfgs-b"):
    hamiltonian = create_ising_model_hamiltonian(n_spins=n_spins, J=J, h=h)
    ansatz = create_hea_ansatz(n_qubits=n_spins, depth=depth, rotations="ry", final_rotation=True)

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian)

    start = np.random.randn(ansatz.num_params) * 0.1
    best = minimize(energy, start, method=method)
    return {"energy": best.optimal_value, "angles": best.optimal_parameters.tolist(), "iterations": best.iterations}
''',
    "bell": '''"""A Bell pair: two qubits that always agree."""

from eigen_lang import QubitRegister, cx, h, hybrid_program, measure_all


@hybrid_program(target="sim:auto", shots=1024)
def main():
    q = QubitRegister(2)
    h(q[0])
    cx(q[0], q[1])
    return measure_all(q)
''',
}
"""The program each `method` stands for; its entry point's parameters can be set by `inputs`."""

SIMULATORS = ("native", "sim", "simulator")

ON_JOB = Record(
    {
        "backend": Field(Text(128, pattern="[A-Za-z0-9_.:-]+"), "the engine", required=True),
        "method": Field(Choice(tuple(METHODS)), "the program to run: one of the built-in methods", required=True),
        "hypervisor": Field(
            Choice(("none",), ("firecracker", "kata", "gvisor", "qemu", "unikernel")), "how the engine is walled in"
        ),
        "ai_optimize": Field(Boolean(), "let a learned optimiser propose rewrites"),
        "inputs": Field(INPUTS, "values for the method's parameters"),
        "shots": Field(Integer(1, MAX_SHOTS, "shots_per_job"), "measurements of each sampled circuit"),
        "seed": Field(SEED, "the seed of everything random"),
    }
)
DOCUMENT = Record({"on_job": Field(ON_JOB, "the job, in its short form", required=True)})


def expand(document: Mapping[str, Json], complaints: Complaints) -> dict[str, Json]:
    """The v1 document a short form stands for; what it asks and is not there is complained about by name."""
    job = DOCUMENT.check(document, (), complaints).get("on_job", {})
    if job.get("ai_optimize") is True:
        message = "`ai_optimize: true` is not available: learned optimisation"
        complaints.add(("on_job", "ai_optimize"), message, hint="write `ai_optimize: false`", kind="unavailable")
    complaints.raise_if_any()
    backend = job["backend"]
    target = "sim:auto" if backend in SIMULATORS else backend if ":" in backend else f"{backend}:auto"
    spec: dict[str, Json] = {"program": {"source": METHODS[job["method"]]}, "target": target}
    spec |= {key: job[key] for key in ("inputs", "shots", "seed") if key in job}
    return {"apiVersion": API_V1, "kind": "QuantumJob", "metadata": {"name": job["method"]}, "spec": spec}

"""Programs that every surface must answer alike for: from a Bell pair to VQE, and the ways in which jobs go wrong.

Each is a job.yaml as JSON, the text of its program, and its data sets.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "from eigen_lang import *\n\n\n"
DATA = b"x,y,label\n0.1,0.2,0\n0.9,0.8,1\n0.2,0.1,0\n0.8,0.9,1\n"
BUILDING = "program.eigen.py"


@dataclass(frozen=True, eq=False)
class Case:
    """One job as its author writes it. `ending` is how it ends: a state, or the code of its refusal.

    `cancels`: it is cancelled as soon as it runs.
    """

    name: str
    program: str
    ending: str = "DONE"
    filename: str = BUILDING
    spec: dict[str, Any] = field(default_factory=dict)
    data: dict[str, bytes] = field(default_factory=dict)
    cancels: bool = False

    @property
    def document(self) -> dict[str, Any]:
        """The job.yaml."""
        kind = "aqo" if self.filename.endswith(".json") else "eigen-lang"
        refs = {
            name: {"uri": f"{name}.csv", "sha256": sha256(data).hexdigest()} for name, data in sorted(self.data.items())
        }
        spec = {
            "program": {"path": self.filename, "format": kind},
            **self.spec,
            **({"input_refs": refs} if refs else {}),
        }
        return {"apiVersion": "eigen.os/v1", "kind": "QuantumJob", "metadata": {"name": self.name}, "spec": spec}

    @property
    def files(self) -> dict[str, bytes]:
        """The data sets and the job.yaml as written, by the paths at which they are handed in."""
        data = {f"input/data/{name}.json": data for name, data in self.data.items()}
        return {**data, "input/job.yaml": self.text.encode()}

    @property
    def text(self) -> str:
        """The job.yaml as written."""
        return json.dumps(self.document)

    def write(self, folder: Path) -> Path:
        """Write the job.yaml and what it names; returns its path."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / self.filename).write_text(self.program)
        for name, data in self.data.items():
            (folder / f"{name}.csv").write_bytes(data)
        path = folder / "job.yaml"
        path.write_text(self.text)
        return path


@dataclass(frozen=True, eq=False)
class WorkflowCase(Case):
    """A job of several jobs: `programs` are those of its steps by their names, `workload` says how they follow."""

    programs: dict[str, str] = field(default_factory=dict)
    workload: dict[str, Any] = field(default_factory=dict)

    @property
    def document(self) -> dict[str, Any]:
        """The job.yaml."""
        steps = [{**step, "program": {"path": f"{step['name']}.eigen.py"}} for step in self.workload["steps"]]
        spec = {**self.spec, "workload": {**self.workload, "steps": steps}}
        return {"apiVersion": "eigen.os/v1", "kind": "HybridWorkflow", "metadata": {"name": self.name}, "spec": spec}

    @property
    def files(self) -> dict[str, bytes]:
        """The programs and the job.yaml as written, by the paths at which they are handed in."""
        programs = {f"input/steps/{name}/{BUILDING}": text.encode() for name, text in self.programs.items()}
        return {**programs, "input/job.yaml": self.text.encode()}

    def write(self, folder: Path) -> Path:
        """Write the job.yaml and the programs of the steps; returns its path."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.programs.items():
            (folder / f"{name}.eigen.py").write_text(text)
        path = folder / "job.yaml"
        path.write_text(self.text)
        return path


BELL = Case(
    "bell",
    HEAD
    + """@hybrid_program(target="sim:local", shots=500, seed=7)
def main():
    q = QubitRegister(2)
    h(q[0])
    cx(q[0], q[1])
    return measure_all(q)
""",
)

GHZ = Case(
    "ghz",
    HEAD
    + """@hybrid_program(shots=300)
def main(n=3):
    q = QubitRegister(n)
    h(q[0])
    for i in range(n - 1):
        cx(q[i], q[i + 1])
    print("entangled", n)
    return {"counts": measure_all(q), "π": 3.25, "n": n, "large": 2**60 + 1, "small": 1e-300}
""",
    spec={"seed": 11, "inputs": {"n": 5}, "target": "sim:statevector", "priority": 70},
)

TELEPORTATION = Case(
    "teleportation",
    HEAD
    + """@hybrid_program(shots=400, seed=3)
def main(theta=1.2):
    q = QubitRegister(3)
    c = ClassicalRegister(3)
    ry(theta, q[0])
    h(q[1])
    cx(q[1], q[2])
    cx(q[0], q[1])
    h(q[0])
    first = measure(q[0], c[0])
    second = measure(q[1], c[1])
    if second:
        x(q[2])
    if first:
        z(q[2])
    return {"teleported": measure(q[2], c[2]), "bits": [first, second]}
""",
)

VQE = Case(
    "vqe",
    HEAD
    + """@hybrid_program(target="sim:auto", seed=11)
def main(n=4, rounds=15):
    hamiltonian = create_ising_model_hamiltonian(n_spins=n, J=-1.0, h=0.7)
    ansatz = create_hea_ansatz(n_qubits=n, depth=2, rotations="ry")

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles, shots=200)

    best = minimize(energy, [0.1] * ansatz.num_params, method="spsa", max_iter=rounds)
    return {"value": best.optimal_value, "angles": best.optimal_parameters, "history": best.history}
""",
)

GRADIENT = Case(
    "exact-vqe",
    HEAD
    + """@hybrid_program(seed=5)
def main():
    hamiltonian = create_ising_model_hamiltonian(n_spins=3, J=-1.0, h=0.5, periodic=False)
    ansatz = create_hea_ansatz(3, depth=1, rotations="ry", final_rotation=True)

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles)

    best = minimize(energy, initial_guess=[0.1] * ansatz.num_params, method="l-bfgs-b", max_iter=50)
    return [best.optimal_value, best.iterations]
""",
)

AQO = Case(
    "aqo",
    json.dumps(
        {
            "version": "1.0.0",
            "qubits": 2,
            "parameters": ["p0"],
            "operations": [
                {"op": "RY", "q": [0], "params": ["p0"]},
                {"op": "CX", "q": [0, 1]},
                {"op": "MEASURE", "q": [0], "c": [0]},
                {"op": "MEASURE", "q": [1], "c": [1]},
            ],
        }
    ),
    filename="circuit.aqo.json",
    spec={"target": "sim:local", "shots": 400, "seed": 9, "inputs": {"p0": 1.2}},
)

DATA_SET = Case(
    "data-set",
    HEAD
    + """@hybrid_program(shots=50, seed=2)
def main():
    points = load_dataset("mine")
    q = QubitRegister(2)
    ry(points.features[1][0], q[0])
    ry(points.features[1][1], q[1])
    return {"rows": points.n_samples, "digest": points.digest, "counts": measure_all(q)}
""",
    data={"mine": DATA},
)

SWEPT = Case(
    "swept",
    HEAD
    + """@hybrid_program(shots=50, seed=4)
def main(n=1, angle=0.2):
    q = QubitRegister(n)
    for i in range(n):
        ry(angle, q[i])
    return {"size": n, "counts": measure_all(q)}
""",
    spec={"sweep": {"n": [1, 2], "angle": {"start": 0, "stop": 2, "num": 3}}},
)

STEPS = WorkflowCase(
    "steps",
    "",
    spec={"target": "sim:statevector", "shots": 100, "seed": 9, "inputs": {"angles": [0.2, 1.4]}},
    programs={
        "turn": HEAD
        + """@hybrid_program()
def main(angle=0.0):
    q = QubitRegister(1)
    ry(angle, q[0])
    counts = measure_all(q)
    return {"angle": angle, "counts": counts}
""",
        "gather": HEAD
        + """@hybrid_program()
def main(angles):
    q = QubitRegister(2)
    ry(angles[0], q[0])
    ry(angles[1], q[1])
    return measure_all(q)
""",
        "never": HEAD
        + """@hybrid_program()
def main():
    return measure_all(QubitRegister(1))
""",
    },
    workload={
        "parallel": 1,
        "steps": [
            {"name": "turn", "foreach": "${inputs.angles}", "inputs": {"angle": "${item}"}},
            {"name": "gather", "needs": ["turn"], "inputs": {"angles": "${steps.turn.outputs.*.angle}"}},
            {"name": "never", "needs": ["gather"], "when": "len(steps.turn.outputs) > 2"},
        ],
        "outputs": {"each": "${steps.turn.outputs}", "all": "${steps.gather.counts}", "why": "${steps.never.state}"},
    },
)

DOES_NOT_COMPILE = Case(
    "no-compile",
    HEAD
    + """@hybrid_program()
def main():
    q = QubitRegister(2)
    hadamard(q[0])
    return measure_all(p)
""",
    ending="ERROR",
)

FAILS_AT_RUN_TIME = Case(
    "no-run",
    HEAD
    + """@quantum_circuit
def one():
    q = QubitRegister(1)
    x(q[0])


@hybrid_program(shots=10, seed=1)
def main():
    counts = run(one(), shots=10).counts
    return 1 / (counts["1"] - 10)
""",
    ending="ERROR",
)

NO_DEVICE = Case(
    "no-device",
    HEAD
    + """@hybrid_program(target="sim:statevector", shots=10)
def main():
    q = QubitRegister(3)
    return measure_all(q)
""",
    ending="ERROR",
    spec={"target": "acme:chip"},
)

CANCELLED = Case(
    "cancelled",
    HEAD
    + """@hybrid_program(seed=1)
def main():
    hamiltonian = create_ising_model_hamiltonian(n_spins=4, J=-1.0, h=0.7)
    ansatz = create_hea_ansatz(n_qubits=4, depth=2, rotations="ry")

    @cost_function
    def energy(angles):
        return ExpectationValue(ansatz, hamiltonian, params=angles, shots=400)

    return minimize(energy, [0.1] * ansatz.num_params, method="spsa", max_iter=100000).optimal_value
""",
    ending="CANCELLED",
    cancels=True,
)

BAD_DOCUMENT = Case(
    "bad-document",
    BELL.program,
    ending="EIGEN_JOBSPEC_INVALID",
    spec={"shots": 0, "priority": 900, "target": "sim:auto", "seed": 3},
)

SHARED = Case(
    "shared",
    BELL.program,
    spec={"target": "split(sim:statevector, sim:mps*3)", "shots": 400},
)

OVER_A_LIMIT = Case(
    "over-a-limit",
    BELL.program,
    ending="EIGEN_LIMIT_EXCEEDED",
    spec={"metadata": {f"key-{number:02}": "value" for number in range(65)}},
)

CASES = (
    BELL,
    GHZ,
    TELEPORTATION,
    VQE,
    GRADIENT,
    AQO,
    DATA_SET,
    SWEPT,
    SHARED,
    STEPS,
    DOES_NOT_COMPILE,
    FAILS_AT_RUN_TIME,
    NO_DEVICE,
    CANCELLED,
    BAD_DOCUMENT,
    OVER_A_LIMIT,
)

"""What a compilation made, as JSON for `report.json` and `eigen compile`: circuits, observables, stages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eigen.ir import Circuit, Evolution, Modes
    from eigen.ir.program import Program


def make_report(program: Program, *, filename: str) -> dict[str, Any]:
    """The report; everything in it follows from the program."""
    stages: dict[str, int] = {}
    for node in program.body.walk():
        if node.op != "const":
            stages[node.op] = stages.get(node.op, 0) + 1
    return {
        "filename": filename,
        "entrypoint": program.entrypoint,
        "source_sha256": program.source_sha256,
        "inputs_sha256": program.inputs_sha256,
        "program_sha256": program.digest,
        "num_qubits": program.num_qubits,
        "hybrid": program.is_hybrid,
        "circuits": [_circuit(circuit) for circuit in program.circuits],
        "observables": [
            {"digest": item.digest, "num_qubits": item.num_qubits, "num_terms": item.num_terms}
            for item in program.observables
        ],
        "stages": dict(sorted(stages.items())),
        **({"evolutions": [_evolution(item) for item in program.evolutions]} if program.evolutions else {}),
        **({"modes": [_modes(item) for item in program.modes]} if program.modes else {}),
    }


def _modes(modes: Modes) -> dict[str, Any]:
    return {
        "digest": modes.digest,
        "num_modes": modes.num_modes,
        "operations": modes.count_ops(),
        "measured": list(modes.columns),
        "observables": len(modes.observables),
        "parameters": len(modes.parameters),
    }


def _evolution(evolution: Evolution) -> dict[str, Any]:
    return {
        "digest": evolution.digest,
        "num_qubits": evolution.num_qubits,
        "terms": len(evolution.hamiltonian),
        "collapse": len(evolution.collapse),
        "time": evolution.time,
        "times": len(evolution.times),
        "observables": len(evolution.observables),
        "time_dependent": evolution.is_time_dependent,
        "parameters": len(evolution.parameters),
    }


def _circuit(circuit: Circuit) -> dict[str, Any]:
    return {
        "digest": circuit.digest,
        "name": circuit.name,
        "num_qubits": circuit.num_qubits,
        "num_clbits": circuit.num_clbits,
        "operations": len(circuit),
        "depth": circuit.depth,
        "gates": dict(sorted(circuit.count_ops().items())),
        "parameters": len(circuit.parameters),
    }


def main_circuit(program: Program) -> Circuit | None:
    """The circuit that is sampled last, else the first one, if there is any."""
    sampled: list[int] = [node.attrs["circuit"] for node in program.body.walk() if node.op == "run"]
    if sampled:
        last: Circuit = program.circuits[sampled[-1]]
        return last
    return program.circuits[0] if program.circuits else None

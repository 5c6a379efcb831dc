"""Our circuits in Qiskit's own gates, for Aer: it shares neither our translation nor our matrices."""

from __future__ import annotations

from itertools import pairwise
from math import pi
from typing import TYPE_CHECKING, Any

import numpy as np
from qiskit.circuit import QuantumCircuit
from qiskit.circuit.library import (
    PhaseGate,
    RXGate,
    RXXGate,
    RZGate,
    UnitaryGate,
    XGate,
    XXPlusYYGate,
    get_standard_gate_name_mapping,
)
from qiskit.quantum_info import Kraus, Operator, SparsePauliOp
from qiskit_aer import AerSimulator

import oracle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eigen._core import Circuit, Instruction, Observable

AWAY = 0.3
"""A phase that no special case of Aer has."""
NAMED = {name.upper(): type(gate) for name, gate in get_standard_gate_name_mapping().items()}
NAMED["I"] = NAMED["ID"]
NAMED["XXPLUSYY"] = XXPlusYYGate
SIMULATORS = {
    method: AerSimulator(method=method, max_parallel_threads=1) for method in ("statevector", "density_matrix")
}
NATIVE = {method: frozenset(each.configuration().basis_gates) for method, each in SIMULATORS.items()}


def framed(turns: Sequence[float], inner: Any) -> QuantumCircuit:
    """A gate about axes in the equator, through the frames that turn them to X."""
    made = QuantumCircuit(len(turns))
    for sign in (-1, 1):
        for qubit, turn in enumerate(turns):
            made.append(RZGate(sign * 2 * pi * turn), [qubit])
        if sign < 0:
            made.append(inner, range(len(turns)))
    return made


def matrix_gate(matrix: np.ndarray) -> QuantumCircuit:
    """A matrix as a gate: Aer 0.18 takes diag(i, 1) and diag(-i, 1) for diag(1, i) and diag(1, -i), so never those."""
    made = QuantumCircuit((len(matrix) - 1).bit_length(), global_phase=AWAY)
    made.append(UnitaryGate(matrix * np.exp(-1j * AWAY), check_input=False), made.qubits)
    return made


def pauli_rotation(letters: str, angle: float) -> QuantumCircuit:
    """A parity, turned: the qubits of X and Y are led to Z and back."""
    made, frame = QuantumCircuit(len(letters)), QuantumCircuit(len(letters))
    support = [qubit for qubit, letter in enumerate(letters) if letter != "I"]
    for qubit in support:
        if letters[qubit] == "X":
            frame.h(qubit)
        elif letters[qubit] == "Y":
            frame.sx(qubit)
    for first, second in pairwise(support):
        frame.cx(first, second)
    if not support:
        made.global_phase = -angle / 2
        return made
    made.compose(frame, inplace=True)
    made.rz(angle, support[-1])
    made.compose(frame.inverse(), inplace=True)
    return made


def bare(gate: Instruction, params: Sequence[float]) -> Any:
    """A gate without its modifiers as a gate or a circuit of Qiskit."""
    own = len(gate.qubits) - gate.num_controls
    match gate.name:
        case "MCX":
            return XGate().control(own - 1)
        case "MCP":
            return PhaseGate(params[0]).control(own - 1)
        case "UNITARY":
            return matrix_gate(np.array(gate.matrix))
        case "PAULI_ROT":
            return pauli_rotation(gate.pauli, params[0])
        case "FSIM":
            made = QuantumCircuit(2)
            made.unitary(Operator(XXPlusYYGate(2 * params[0])).data, [0, 1])
            made.cp(-params[1], 0, 1)
            return made
        case "GPI":
            made = framed(params, RXGate(pi))
            made.global_phase = pi / 2
            return made
        case "GPI2":
            return framed(params, RXGate(pi / 2))
        case "MS":
            return framed(params[:2], RXXGate(2 * pi * params[2]))
        case _:
            return NAMED[gate.name.upper()](*params)


def modified(gate: Instruction, made: Any) -> QuantumCircuit:
    """The whole gate as one matrix: power, inverse, then controls as projectors."""
    whole = Operator(made)
    if gate.power != 1.0:
        is_whole = float(gate.power).is_integer()
        # Which way a phase of -1 is halved hangs on rounding in Qiskit.
        whole = whole.power(int(gate.power)) if is_whole else Operator(oracle.principal_power(whole.data, gate.power))
    if gate.inverse:
        whole = whole.adjoint()
    matrix, added = whole.data, gate.num_controls
    if added:
        on = np.zeros(1 << added)
        on[int(gate.ctrl_state, 2)] = 1
        matrix = np.kron(matrix, np.diag(on)) + np.kron(np.eye(len(matrix)), np.diag(1 - on))
    return matrix_gate(matrix)


def phases(gate: Instruction, angle: float) -> QuantumCircuit:
    """A phase where the controls are as they should be."""
    entries = np.ones(1 << gate.num_controls, dtype=complex)
    entries[int(gate.ctrl_state, 2)] = np.exp(1j * angle)
    return matrix_gate(np.diag(entries))


def flat(instructions: Sequence[Instruction]) -> Iterator[Instruction]:
    """Loops written out."""
    for item in instructions:
        if item.name == "FOR":
            for _ in range(item.bound):
                yield from flat(item.blocks[0])
        else:
            yield item


def add(made: QuantumCircuit, gate: Instruction, params: Sequence[float], method: str) -> None:
    """A gate at the end of a circuit: as it is where Aer has it, else as its matrix."""
    if gate.name == "GPHASE":
        angle = -params[0] if gate.inverse else params[0]
        if gate.num_controls:
            made.compose(phases(gate, angle), gate.qubits, inplace=True)
        else:
            made.global_phase += angle
        return
    plain = not gate.num_controls and not gate.inverse and gate.power == 1.0
    whole = bare(gate, params)
    if plain and not isinstance(whole, QuantumCircuit) and whole.name in NATIVE[method]:
        made.append(whole, gate.qubits)
    else:
        made.compose(
            whole if plain and isinstance(whole, QuantumCircuit) else modified(gate, whole), gate.qubits, inplace=True
        )


def written(
    circuit: Circuit,
    values: Mapping[str, float],
    channels: Sequence[tuple[int | None, Kraus]] = (),
    method: str = "statevector",
) -> QuantumCircuit:
    """The circuit with numbers for symbols. A channel follows gates of its width: on each qubit, or on all of them."""
    made = QuantumCircuit(circuit.num_qubits)
    for gate in flat(circuit.instructions()):
        params = [p if isinstance(p, float) else p.value(values) for p in gate.params]
        qubits = list(gate.qubits)
        add(made, gate, params, method)
        for width, channel in channels:
            if width is None or width == len(qubits):
                on = [[qubit] for qubit in qubits] if channel.num_qubits == 1 else [qubits]
                for each in on:
                    made.append(channel.to_instruction(), each)
    return made


def state(circuit: Circuit, values: Mapping[str, float]) -> np.ndarray:
    """Aer's state vector."""
    made = written(circuit, values)
    made.save_statevector()
    return np.asarray(SIMULATORS["statevector"].run(made, shots=1).result().get_statevector())


def density(circuit: Circuit, values: Mapping[str, float], channels: Sequence[tuple[int | None, Kraus]]) -> np.ndarray:
    """Aer's density matrix, channels after gates."""
    made = written(circuit, values, channels, "density_matrix")
    made.save_density_matrix()
    return np.asarray(SIMULATORS["density_matrix"].run(made, shots=1).result().data(0)["density_matrix"])


def expectation(circuit: Circuit, values: Mapping[str, float], observable: Observable) -> float:
    """Aer's expectation value."""
    made = written(circuit, values)
    terms: list[tuple[str, list[int], float]] = []
    for label, weight in observable.terms:
        factors = label.split()
        terms.append(("".join(factor[0] for factor in factors), [int(factor[1:]) for factor in factors], weight))
    total = SparsePauliOp.from_sparse_list(terms or [("", [], 0.0)], num_qubits=circuit.num_qubits)
    made.save_expectation_value(total, range(circuit.num_qubits), label="mean")
    return float(SIMULATORS["statevector"].run(made, shots=1).result().data(0)["mean"])

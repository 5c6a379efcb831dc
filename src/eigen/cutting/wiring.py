"""A circuit as a graph that can be cut: two ends for each two-qubit gate, joined by the gate and along the wires.

Only what the observable depends on is kept. Cutting a set of edges splits the circuit into the connected parts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log
from typing import TYPE_CHECKING

from eigen.cutting.gates import NAMES, WIRE_GAMMA, Pair, gamma, pair_of
from eigen.errors import EigenError
from eigen.ir.circuit import CircuitBuilder, Instruction, core_errors, decompose, gate_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from eigen.ir.circuit import Circuit
    from eigen.ir.observable import Observable

MOST_QUBITS = 10_000
MOST_OPERATIONS = 100_000


@dataclass(frozen=True, slots=True)
class Operation:
    """A gate on one qubit, or on two with its form as a `Pair`; `source` is its place in the user's circuit."""

    source: int
    instruction: Instruction
    qubits: tuple[int, ...]
    letters: str = ""
    pair: Pair | None = None
    nodes: tuple[int, ...] = ()

    def append(self, builder: CircuitBuilder, qubits: list[int]) -> None:
        """Appends the gate as it is, on other qubits."""
        gate = self.instruction
        builder.gate(
            gate.name,
            qubits,
            gate.params,
            num_controls=gate.num_controls,
            ctrl_state=gate.ctrl_state if gate.num_controls else None,
            inverse=gate.inverse,
            power=gate.power,
            matrix=gate.matrix,
            pauli=self.letters or None,
        )


@dataclass(frozen=True, slots=True)
class Edge:
    """What joins two ends: a gate (`qubit` -1), or the wire of a qubit, which a cut parts just before `second`."""

    first: int
    second: int
    qubit: int
    gamma: float

    @property
    def weight(self) -> float:
        """The logarithm of the overhead of cutting it, and a little for each cut: among equals the fewest."""
        return 2.0 * log(self.gamma) + 1e-6


@dataclass(frozen=True)
class Wiring:
    """The operations an observable depends on, and their graph. Node `k` is an end of operation `owner[k]`."""

    num_qubits: int
    operations: tuple[Operation, ...]
    owner: tuple[int, ...]
    qubit: tuple[int, ...]
    edges: tuple[Edge, ...]
    alone: tuple[int, ...]
    """Qubits that no two-qubit gate touches."""

    def widths(self, cut: Collection[int]) -> list[int]:
        """How many wires each part takes when some edges are cut."""
        numbers = self.parts(cut)
        found = [0] * (max(numbers, default=-1) + 1)
        for number in numbers:
            found[number] += 1
        for index, edge in enumerate(self.edges):
            if edge.qubit >= 0 and index not in cut:
                found[numbers[edge.first]] -= 1
        return found

    def parts(self, cut: Collection[int]) -> list[int]:
        """The number of the connected part of each end when some edges are cut, counted by first appearance."""
        parent = list(range(len(self.owner)))

        def root(node: int) -> int:
            while parent[node] != node:
                parent[node] = parent[parent[node]]
                node = parent[node]
            return node

        for index, edge in enumerate(self.edges):
            if index not in cut:
                parent[root(edge.second)] = root(edge.first)
        numbers: dict[int, int] = {}
        return [numbers.setdefault(root(node), len(numbers)) for node in range(len(parent))]


def wiring(circuit: Circuit, observable: Observable) -> Wiring:
    """The graph of a circuit.

    Raises EigenError EIGEN_SIM_UNSUPPORTED for one that measures, resets or decides and for an observable beyond its
    qubits, EIGEN_LIMIT_EXCEEDED beyond 10,000 qubits or 100,000 operations.
    """
    _refuse_large(circuit)
    beyond = max(support(observable), default=0)
    if beyond >= max(1, circuit.num_qubits):
        message = f"the observable acts on qubit `{beyond}`, beyond the {circuit.num_qubits} qubits of the circuit"
        raise EigenError("EIGEN_SIM_UNSUPPORTED", message)
    kept = _light_cone(list(_pieces(circuit)), observable)
    owner: list[int] = []
    qubit: list[int] = []
    edges: list[Edge] = []
    operations: list[Operation] = []
    last: dict[int, int] = {}
    for operation in kept:
        if operation.pair is not None:
            nodes = (len(owner), len(owner) + 1)
            owner += [len(operations)] * 2
            qubit += operation.qubits
            for node, wire in zip(nodes, operation.qubits, strict=True):
                if wire in last:
                    edges.append(Edge(last[wire], node, wire, WIRE_GAMMA))
                last[wire] = node
            edges.append(Edge(*nodes, -1, gamma(operation.pair.angle)))
            operations.append(replace(operation, nodes=nodes))
        else:
            operations.append(operation)
    used = {wire for operation in kept for wire in operation.qubits} | support(observable)
    alone = tuple(sorted(used - last.keys()))
    return Wiring(circuit.num_qubits, tuple(operations), tuple(owner), tuple(qubit), tuple(edges), alone)


def support(observable: Observable) -> set[int]:
    """The qubits that an observable acts on."""
    return {int(factor[1:]) for label, _ in observable.terms for factor in label.split()}


def _refuse_large(circuit: Circuit) -> None:
    for what, found, most in (
        ("qubits", circuit.num_qubits, MOST_QUBITS),
        ("operations", len(circuit), MOST_OPERATIONS),
    ):
        if found > most:
            raise EigenError(
                "EIGEN_LIMIT_EXCEEDED",
                f"{what} of a circuit to cut: `{found}` is beyond {most:,}",
                hint="ask about a part of it",
            )


def _pieces(circuit: Circuit) -> Iterator[Operation]:
    single = [row.name for row in gate_table() if row.num_qubits == 1]
    basis = [*single, *NAMES, "GPHASE"]
    count = 0
    for source, gate in enumerate(circuit.instructions()):
        if gate.name in {"BARRIER", "DELAY"}:
            continue
        if gate.name in {"MEASURE", "RESET"} or gate.blocks or gate.condition is not None:
            message = f"operation {source} (`{gate.name}`) cannot be cut: only gates without conditions can"
            raise EigenError("EIGEN_SIM_UNSUPPORTED", message, hint="`without_measurements()` leaves the gates")
        if len(gate.qubits) == 0:
            continue
        whole = _whole(source, gate)
        if whole is not None:
            yield whole
            continue
        for part in _decomposed(circuit, gate, basis):
            if not part.qubits:
                continue
            count += 1
            if count > MOST_OPERATIONS:
                raise EigenError(
                    "EIGEN_LIMIT_EXCEEDED",
                    f"decomposed gates are more than {MOST_OPERATIONS:,}",
                    hint="ask about a part of it",
                )
            piece = _whole(source, part)
            assert piece is not None, part.name  # the basis has no other gates
            yield piece


def _whole(source: int, gate: Instruction) -> Operation | None:
    if len(gate.qubits) == 1:
        return Operation(source, gate, gate.qubits, gate.pauli)
    acting = [(qubit, letter) for qubit, letter in zip(gate.qubits, gate.pauli, strict=False) if letter != "I"]
    letters = "".join(letter for _, letter in acting)
    pair = pair_of(gate, letters)
    if pair is None:
        return None
    qubits = tuple(qubit for qubit, _ in acting) if letters else gate.qubits
    return Operation(source, gate, qubits, letters, pair)


def _decomposed(circuit: Circuit, gate: Instruction, basis: list[str]) -> list[Instruction]:
    builder = CircuitBuilder(circuit.num_qubits, parameters=list(circuit.parameters))
    Operation(0, gate, gate.qubits, gate.pauli).append(builder, list(gate.qubits))
    with core_errors():
        return decompose(builder.build(), basis).instructions()


def _light_cone(operations: list[Operation], observable: Observable) -> list[Operation]:
    touched = support(observable)
    kept: list[Operation] = []
    for operation in reversed(operations):
        if touched.isdisjoint(operation.qubits):
            continue
        touched.update(operation.qubits)
        kept.append(operation)
    return kept[::-1]

"""The parts of a cut circuit, as circuits: one with an ancilla for each cut, or one for each choice of a sampled cut.

A part has a qubit for each of its wires. A wire that was cut leaves an open end in the part above ("out") and one in
the part below ("in"); a gate that was cut leaves one on each side ("gate").
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from eigen.cutting.gates import number
from eigen.ir.circuit import CircuitBuilder, core_errors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from eigen.cutting.gates import Angle
    from eigen.cutting.wiring import Operation, Wiring
    from eigen.ir.circuit import Circuit

Kind = Literal["gate", "out", "in"]

_PREPARED: dict[str, tuple[tuple[str, float | None], ...]] = {
    "0": (),
    "1": (("X", None),),
    "+": (("H", None),),
    "-": (("X", None), ("H", None)),
    "+i": (("H", None), ("S", None)),
    "-i": (("H", None), ("Sdg", None)),
}
_TURNS = {"half": math.pi, "quarter": math.pi / 2, "back": -math.pi / 2}


@dataclass(frozen=True, slots=True)
class End:
    """One side of cut number `cut`, on wire `wire` of its part. Side 0 is a gate's first qubit, or what lies before a
    cut of a wire."""

    cut: int
    kind: Kind
    wire: int
    side: int


@dataclass(frozen=True, slots=True)
class Step:
    """An operation, as far as it lies in a part: on which wires, and the end before it or in its place, if any."""

    operation: Operation
    wires: tuple[int, ...]
    side: int | None = None
    """The side of a gate that is cut; None of one that is not."""
    end: int = -1


@dataclass(frozen=True, slots=True)
class Fragment:
    """One part. `qubits[k]` is the qubit of the whole circuit that wire k is a piece of; wires that end in a cut are
    the last ones. `ends` are in the order of the cuts."""

    qubits: tuple[int, ...]
    ends: tuple[End, ...]
    steps: tuple[Step, ...]
    parameters: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many qubits it takes on a device."""
        return len(self.qubits)

    @property
    def exact_width(self) -> int:
        """How many qubits exact values take: one more for each end that is no open wire."""
        return self.width + sum(end.kind != "out" for end in self.ends)

    @property
    def kept(self) -> int:
        """How many wires go to the end of the circuit: these come first."""
        return self.width - sum(end.kind == "out" for end in self.ends)

    @property
    def settings(self) -> int:
        """How many circuits sampling can ask for, for one basis that the observable is measured in."""
        total = 1
        for end in self.ends:
            total *= {"gate": 5, "out": 3, "in": 6}[end.kind]
        return total

    def circuit(self) -> Circuit:
        """The part with its ends open: end k is qubit `kept + k`.

        An open wire is its own end. A wire that comes in is half of the state (|00> + |11>)/sqrt(2), the end the other
        half. A gate's end starts in |+> and controls a Z on the wire, with the axis of the gate taken to Z.
        """
        places = list(range(self.kept)) + [0] * (self.width - self.kept)
        for index, end in enumerate(self.ends):
            if end.kind == "out":
                places[end.wire] = self.kept + index
        builder = CircuitBuilder(self.kept + len(self.ends), parameters=list(self.parameters))
        with core_errors():
            for index, end in enumerate(self.ends):
                if end.kind != "out":
                    builder.gate("H", [self.kept + index])
                if end.kind == "in":
                    builder.gate("CX", [self.kept + index, places[end.wire]])
            for step in self.steps:
                wires = [places[wire] for wire in step.wires]
                if step.side is None:
                    step.operation.append(builder, wires)
                    continue
                assert step.operation.pair is not None
                step.operation.pair.enter(builder, step.side, wires[0])
                builder.gate("CZ", [self.kept + step.end, wires[0]])
                step.operation.pair.leave(builder, step.side, wires[0])
            return builder.build()

    def sampled(self, choice: Sequence[str], basis: Sequence[tuple[int, str]]) -> tuple[Circuit, int]:
        """The part with something done at each end, and how many of its classical bits make the sign.

        `choice[k]` at end k is for a gate `none`, `half`, `quarter` or `back` (turns about Z) or `measure`; for a wire
        that comes in the state it starts in; for one that goes out the letter it is measured in, or I. The bits of the
        sign come first, then those of `basis`, pairs of wire and letter.
        """
        signs = sum(name in {"measure", "X", "Y", "Z"} for name in choice)
        builder = CircuitBuilder(self.width, signs + len(basis), parameters=list(self.parameters))
        bit = 0
        with core_errors():
            for end, name in zip(self.ends, choice, strict=True):
                if end.kind == "in":
                    for gate, angle in _PREPARED[name]:
                        builder.gate(gate, [end.wire], None if angle is None else [angle])
            for step in self.steps:
                if step.side is None:
                    step.operation.append(builder, list(step.wires))
                    continue
                assert step.operation.pair is not None
                step.operation.pair.enter(builder, step.side, step.wires[0])
                if choice[step.end] == "measure":
                    builder.measure([step.wires[0]], [bit])
                    bit += 1
                elif choice[step.end] != "none":
                    builder.gate("RZ", [step.wires[0]], [_TURNS[choice[step.end]]])
                step.operation.pair.leave(builder, step.side, step.wires[0])
            for end, name in zip(self.ends, choice, strict=True):
                if end.kind == "out" and name != "I":
                    builder.measure([end.wire], [bit], basis=name)
                    bit += 1
            for wire, letter in basis:
                builder.measure([wire], [bit], basis=letter)
                bit += 1
            return builder.build(), signs


@dataclass(frozen=True, slots=True)
class Split:
    """A circuit in parts. `where[q]` is the part that qubit q ends in and its wire in there; `joints[k]` is the angle
    of the gate that cut k takes apart, None for a wire."""

    fragments: tuple[Fragment, ...]
    where: Mapping[int, tuple[int, int]]
    joints: tuple[Angle | None, ...]
    parameters: tuple[str, ...]

    def angles(self, values: NDArray[np.float64]) -> list[float | None]:
        """The angles of the gates that are cut, at values of the parameters."""
        named = dict(zip(self.parameters, values.tolist(), strict=True))
        return [None if angle is None else number(angle, named) for angle in self.joints]


def split(wiring: Wiring, cuts: Sequence[int], parameters: tuple[str, ...]) -> Split:
    """The parts when the edges `cuts` are cut."""
    numbers = wiring.parts(frozenset(cuts))
    number_of = {edge: index for index, edge in enumerate(cuts)}
    entering = {edge.second: number_of.get(k) for k, edge in enumerate(wiring.edges) if edge.qubit >= 0}
    across = {edge.first: number_of.get(k) for k, edge in enumerate(wiring.edges) if edge.qubit < 0}
    first: dict[int, int] = {}
    for node, qubit in enumerate(wiring.qubit):
        first.setdefault(qubit, numbers[node])
    joined = max(numbers, default=-1) + 1
    first.update({qubit: joined + index for index, qubit in enumerate(wiring.alone)})
    drafts = [_Draft([], [], []) for _ in range(joined + len(wiring.alone))]
    where = {qubit: (part, drafts[part].open(qubit)) for qubit, part in first.items()}
    for operation in wiring.operations:
        for node, qubit in zip(operation.nodes, operation.qubits, strict=bool(operation.nodes)):
            cut = entering.get(node)
            if cut is not None:
                part, wire = where[qubit]
                drafts[part].ends.append(End(cut, "out", wire, 0))
                part = numbers[node]
                where[qubit] = part, drafts[part].open(qubit)
                drafts[part].ends.append(End(cut, "in", where[qubit][1], 1))
        places = [where[qubit] for qubit in operation.qubits]
        cut = across[operation.nodes[0]] if operation.nodes else None
        if cut is None:
            drafts[places[0][0]].steps.append(Step(operation, tuple(wire for _, wire in places)))
            continue
        for side, (part, wire) in enumerate(places):
            drafts[part].ends.append(End(cut, "gate", wire, side))
            drafts[part].steps.append(Step(operation, (wire,), side, cut))
    orders = [draft.order() for draft in drafts]
    done = tuple(draft.finished(order, parameters) for draft, order in zip(drafts, orders, strict=True))
    ends_at = {qubit: (part, orders[part].index(wire)) for qubit, (part, wire) in where.items()}
    return Split(done, ends_at, tuple(_angle(wiring, cut) for cut in cuts), parameters)


def _angle(wiring: Wiring, cut: int) -> Angle | None:
    edge = wiring.edges[cut]
    pair = wiring.operations[wiring.owner[edge.first]].pair
    return pair.angle if edge.qubit < 0 and pair is not None else None


@dataclass(frozen=True, slots=True)
class _Draft:
    """A part as it is put together; the ends of its steps are numbers of cuts."""

    qubits: list[int]
    ends: list[End]
    steps: list[Step]

    def open(self, qubit: int) -> int:
        self.qubits.append(qubit)
        return len(self.qubits) - 1

    def order(self) -> list[int]:
        """The wires, those that end in a cut last and in the order of the cuts."""
        out = [end.wire for end in sorted(self.ends, key=lambda end: end.cut) if end.kind == "out"]
        return [wire for wire in range(len(self.qubits)) if wire not in set(out)] + out

    def finished(self, order: list[int], parameters: tuple[str, ...]) -> Fragment:
        place = {wire: index for index, wire in enumerate(order)}
        ends = tuple(
            End(end.cut, end.kind, place[end.wire], end.side) for end in sorted(self.ends, key=lambda end: end.cut)
        )
        index_of = {end.cut: index for index, end in enumerate(ends)}
        steps = tuple(
            Step(step.operation, tuple(place[wire] for wire in step.wires), step.side, index_of.get(step.end, -1))
            for step in self.steps
        )
        return Fragment(tuple(self.qubits[wire] for wire in order), ends, steps, parameters)

"""Fifty circuits from ten families, five each, whose counts must come from the distributions that the native engine
computes. Each comparison blames a device that is right with a probability of at most 1e-9.
"""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING

from eigen import _core
from eigen.conformance import oracle
from eigen.conformance.check import Check, InapplicableError
from eigen.conformance.subject import builder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from eigen.conformance.subject import Subject
    from eigen.ir import Circuit

NOUN = "families"
EACH = 5
SHOTS = 4000
Made = tuple["Circuit", tuple[float, ...]]


def _ended(build: _core.CircuitBuilder) -> Circuit:
    """With all qubits measured, the last one into the first bit of all."""
    width = build.num_qubits
    build.add_clbits(width)
    build.measure(range(width), [(qubit + 1) % width for qubit in range(width)])
    return build.build()


def ghz(number: int) -> Made:
    width = number + 2
    build = builder(width)
    build.gate("H", [width // 2])
    for qubit in range(width // 2, width - 1):
        build.gate("CX", [qubit, qubit + 1])
    for qubit in range(width // 2, 0, -1):
        build.gate("CX", [qubit, qubit - 1])
    build.gate("X", [0])
    return _ended(build), ()


def graph(number: int) -> Made:
    """Graph states, seen in other bases than the one they are sparse in."""
    random = _core.Philox(number, 1)
    width = 3 + number % 3
    build = builder(width)
    for qubit in range(width):
        build.gate("H", [qubit])
    for first in range(width):
        for second in range(first + 1, width):
            if random.uniform(1)[0] < 0.6:
                build.gate("CZ", [first, second])
    for qubit in range(width):
        build.gate("Sdg", [qubit])
        build.gate("H", [qubit])
    return _ended(build), ()


def hidden_string(number: int) -> Made:
    """Bernstein and Vazirani, SIAM Journal on Computing 26 (1997)."""
    secret, width = (0b101, 0b0110, 0b11, 0b1001, 0b10110)[number], (3, 4, 2, 4, 5)[number]
    build = builder(width + 1)
    build.gate("X", [width])
    for qubit in range(width + 1):
        build.gate("H", [qubit])
    for qubit in range(width):
        if secret >> qubit & 1:
            build.gate("CX", [qubit, width])
    for qubit in range(width + 1):
        build.gate("H", [qubit])
    return _ended(build), ()


def clifford(number: int) -> Made:
    """Random Clifford circuits, a Pauli string, and the circuit back: one outcome; Proctor et al., Nature Physics 18
    (2022)."""
    random = _core.Philox(number, 2)
    width = 3 + number % 3
    there = builder(width)
    for qubit in range(width):
        there.gate("H", [qubit])
        if qubit % 2:
            there.gate("S", [qubit])
    for place in range(20):
        first, second = random.permutation(width)[:2]
        if place % 2:
            there.gate(("CX", "CZ", "SWAP")[place % 3], [first, second])
        else:
            there.gate(("H", "S", "SX", "Sdg", "Y", "X")[random.integers(0, 5, 1)[0]], [first])
    build = builder(width)
    build.append(there.build(), range(width))
    for qubit in range(width):
        build.gate("XYZ"[random.integers(0, 2, 1)[0]], [qubit])
    build.append(there.build().inverse(), range(width))
    return _ended(build), ()


def fourier(number: int) -> Made:
    """The quantum Fourier transform of a product state, swaps included."""
    width = 2 + number % 4
    build = builder(width)
    for qubit in range(width):
        build.gate("RY", [qubit], [0.4 + 0.5 * qubit + 0.3 * number])
        build.gate("RZ", [qubit], [0.9 * qubit + 0.2 * number])
    for target in reversed(range(width)):
        build.gate("H", [target])
        for control in range(target):
            build.gate("CP", [control, target], [pi / (1 << (target - control))])
    for qubit in range(width // 2):
        build.gate("SWAP", [qubit, width - 1 - qubit])
    return _ended(build), ()


def grover(number: int) -> Made:
    """Grover, STOC 1996: one marked outcome of three qubits, one or two rounds."""
    marked, rounds = (5, 2, 7, 4, 1)[number], 1 + number % 2
    build = builder(3)
    for qubit in range(3):
        build.gate("H", [qubit])
    for _ in range(rounds):
        for value in (marked, 0):
            flips = [qubit for qubit in range(3) if not value >> qubit & 1]
            for qubit in flips:
                build.gate("X", [qubit])
            build.gate("CCZ", [0, 1, 2])
            for qubit in flips:
                build.gate("X", [qubit])
            if value == marked:
                for qubit in range(3):
                    build.gate("H", [qubit])
        for qubit in range(3):
            build.gate("H", [qubit])
    return _ended(build), ()


def qaoa(number: int) -> Made:
    """Farhi, Goldstone and Gutmann, arXiv:1411.4028: weighted cuts of a ring with a chord, its angles as parameters."""
    width = 3 + number % 3
    build = builder(width)
    for qubit in range(width):
        build.gate("H", [qubit])
    for layer in range(2):
        gamma = _core.Affine.symbol(f"gamma{layer}")
        for qubit in range(width):
            weight = 1.0 + 0.3 * qubit
            build.gate("RZZ", [qubit, (qubit + 1) % width], [gamma * weight])
        build.gate("RZ", [0], [gamma * 0.7])
        for qubit in range(width):
            build.gate("RX", [qubit], [_core.Affine.symbol(f"beta{layer}") * 2.0])
    return _ended(build), (0.4 + 0.1 * number, 0.3, 0.7, 0.2 + 0.1 * number)


def ansatz(number: int) -> Made:
    """Hardware-efficient layers; Kandala et al., Nature 549 (2017)."""
    width = 2 + number % 4
    build = builder(width)
    count = 0
    for layer in range(3):
        for qubit in range(width):
            for name in ("RY", "RZ"):
                build.gate(name, [qubit], [f"t{count}"])
                count += 1
        for qubit in range(layer % 2, width - 1, 2):
            build.gate("CX", [qubit, qubit + 1])
    values = _core.Philox(number, 3).uniform(count)
    return _ended(build), tuple(2 * pi * value for value in values)


def trotter(number: int) -> Made:
    """Two steps of a Heisenberg chain in a tilted field; Trotter, Proceedings of the AMS 10 (1959)."""
    width = 3 + number % 3
    build = builder(width)
    build.gate("X", [0])
    build.gate("H", [1])
    for step in range(2):
        for first in [*range(0, width - 1, 2), *range(1, width - 1, 2)]:
            for name, angle in (("RXX", 0.5), ("RYY", 0.3 + 0.1 * number), ("RZZ", 0.7)):
                build.gate(name, [first, first + 1], [angle])
        for qubit in range(width):
            build.gate("RX", [qubit], [0.2 + 0.1 * qubit])
            build.gate("RZ", [qubit], [0.4 - 0.1 * step])
    return _ended(build), ()


def volume(number: int) -> Made:
    """Random gates on random pairs; Cross et al., Physical Review A 100 (2019)."""
    random = _core.Philox(number, 4)
    width = 2 + number % 4
    build = builder(width)
    for _ in range(width):
        order = random.permutation(width)
        for place in range(0, width - 1, 2):
            first, second = order[place], order[place + 1]
            for _ in range(3):
                for qubit in (first, second):
                    build.gate("U", [qubit], [2 * pi * value for value in random.uniform(3)])
                build.gate("CX", [first, second])
        if width == 2:
            build.gate("T", [0])
    return _ended(build), ()


FAMILIES: dict[str, Callable[[int], Made]] = {
    made.__name__: made
    for made in (ghz, graph, hidden_string, clifford, fourier, grover, qaoa, ansatz, trotter, volume)
}


def circuits() -> Iterator[tuple[str, Circuit, tuple[float, ...]]]:
    """All fifty, with their names and the values of their parameters."""
    for name, made in FAMILIES.items():
        for number in range(EACH):
            yield f"{name} {number + 1}", *made(number)


def reference(circuit: Circuit, values: tuple[float, ...]) -> dict[str, float]:
    """The distribution of outcomes, by the native engine."""
    reads: dict[int, int] = {}
    for item in circuit.instructions():
        if item.name == "MEASURE":
            reads |= dict(zip(item.clbits, item.qubits, strict=True))
    weights = _core.Plan(circuit.without_measurements()).probabilities(values)
    return oracle.read_out(weights.tolist(), reads, circuit.num_clbits)


def _family(subject: Subject, name: str) -> str:
    done = 0
    for number in range(EACH):
        circuit, values = FAMILIES[name](number)
        if circuit.num_qubits > subject.device.num_qubits or not subject.can(circuit, values):
            continue
        expected = reference(circuit, values)
        subject.follows(circuit, expected, values, shots=SHOTS, seed=17 + number, what=f"{name} {number + 1}")
        done += 1
    if not done:
        raise InapplicableError("its gates or its width go as far as none of the five circuits")
    return f"{done} of {EACH} circuits" if done < EACH else ""


def _check(name: str) -> Check:
    title = {"ghz": "GHZ states", "graph": "graph states", "hidden_string": "Bernstein-Vazirani circuits"}
    title |= {"clifford": "random Clifford circuits", "fourier": "Fourier transforms", "grover": "Grover searches"}
    title |= {"qaoa": "QAOA circuits", "ansatz": "hardware-efficient ansätze", "trotter": "Trotter steps"}
    title |= {"volume": "quantum-volume circuits"}
    return Check(f"family_{name}", NOUN, f"five {title[name]} have the native engine's distributions",
                 lambda subject: _family(subject, name))  # fmt: skip


CHECKS = tuple(map(_check, FAMILIES))

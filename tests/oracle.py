"""A dense simulator that is slow and obviously right: one pass for each entry of a matrix, gates by their formulas.

It shares nothing with the engine but the description of a circuit (`Circuit.instructions()`). Qubit 0 is the least
significant bit of an index; the first qubit of a gate is the least significant bit of its matrix index.
"""

from __future__ import annotations

import cmath
import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eigen._core import Circuit, Condition, Instruction, Observable

Array = np.ndarray

I2 = np.eye(2, dtype=complex)
X = np.array([[0, 1], [1, 0]], dtype=complex)
Y = np.array([[0, -1j], [1j, 0]], dtype=complex)
Z = np.array([[1, 0], [0, -1]], dtype=complex)
H = np.array([[1, 1], [1, -1]], dtype=complex) / math.sqrt(2)
PAULI = {"I": I2, "X": X, "Y": Y, "Z": Z}


def exponential(generator: Array, angle: float) -> Array:
    """exp(-i angle generator) through the eigenvectors of a Hermitian generator."""
    values, vectors = np.linalg.eigh(generator)
    return vectors @ np.diag(np.exp(-1j * angle * values)) @ vectors.conj().T


def product(letters: str) -> Array:
    """The Pauli string whose first letter acts on the least significant qubit."""
    total = np.eye(1, dtype=complex)
    for letter in letters:
        total = np.kron(PAULI[letter], total)
    return total


def phase(angle: float) -> Array:
    return np.diag([1, cmath.exp(1j * angle)])


def u(theta: float, phi: float, lam: float) -> Array:
    c, s = math.cos(theta / 2), math.sin(theta / 2)
    return np.array(
        [[c, -cmath.exp(1j * lam) * s], [cmath.exp(1j * phi) * s, cmath.exp(1j * (phi + lam)) * c]], dtype=complex
    )


def equator(turns: float) -> Array:
    """The Pauli matrix about an axis in the equator."""
    return math.cos(2 * math.pi * turns) * X + math.sin(2 * math.pi * turns) * Y


def swap_block(a: complex, b: complex, c: complex, d: complex, last: complex = 1) -> Array:
    m = np.diag([1, a, d, last]).astype(complex)
    m[1, 2], m[2, 1] = b, c
    return m


def fsim(theta: float, phi: float) -> Array:
    c, s = math.cos(theta), -1j * math.sin(theta)
    return swap_block(c, s, s, c, cmath.exp(-1j * phi))


def xx_plus_yy(theta: float, beta: float) -> Array:
    frame = np.kron(I2, exponential(Z, beta / 2))
    return frame.conj().T @ exponential(product("XX") + product("YY"), theta / 4) @ frame


def molmer_sorensen(phi0: float, phi1: float, theta: float) -> Array:
    return exponential(np.kron(equator(phi1), equator(phi0)), math.pi * theta)


def root_x(sign: int) -> Array:
    return ((1 + sign * 1j) * I2 + (1 - sign * 1j) * X) / 2


PLAIN = {
    "I": lambda: I2,
    "X": lambda: X,
    "Y": lambda: Y,
    "Z": lambda: Z,
    "H": lambda: H,
    "S": lambda: phase(math.pi / 2),
    "Sdg": lambda: phase(-math.pi / 2),
    "T": lambda: phase(math.pi / 4),
    "Tdg": lambda: phase(-math.pi / 4),
    "SX": lambda: root_x(1),
    "SXdg": lambda: root_x(-1),
    "RX": lambda t: exponential(X, t / 2),
    "RY": lambda t: exponential(Y, t / 2),
    "RZ": lambda t: exponential(Z, t / 2),
    "P": phase,
    "U": u,
    "SWAP": lambda: swap_block(0, 1, 1, 0),
    "ISWAP": lambda: swap_block(0, 1j, 1j, 0),
    "ECR": lambda: (product("XI") - product("YX")) / math.sqrt(2),
    "RXX": lambda t: exponential(product("XX"), t / 2),
    "RYY": lambda t: exponential(product("YY"), t / 2),
    "RZZ": lambda t: exponential(product("ZZ"), t / 2),
    "RZX": lambda t: exponential(product("ZX"), t / 2),
    "FSIM": fsim,
    "XXPLUSYY": xx_plus_yy,
    "GPI": equator,
    "GPI2": lambda t: exponential(equator(t), math.pi / 4),
    "MS": molmer_sorensen,
    "GPHASE": lambda t: np.array([[cmath.exp(1j * t)]]),
}
"""Gates without controls."""

CONTROLLED = {
    "CX": ("X", 1),
    "CY": ("Y", 1),
    "CZ": ("Z", 1),
    "CH": ("H", 1),
    "CP": ("P", 1),
    "CRX": ("RX", 1),
    "CRY": ("RY", 1),
    "CRZ": ("RZ", 1),
    "CCX": ("X", 2),
    "CCZ": ("Z", 2),
    "CSWAP": ("SWAP", 1),
    "MCX": ("X", None),
    "MCP": ("P", None),
}
"""Gates that are another one under controls; None: all qubits but the last."""

SCALED = {"RX", "RY", "RZ", "P", "RXX", "RYY", "RZZ", "RZX", "FSIM", "PAULI_ROT", "GPHASE"}


def control(matrix: Array, bits: Sequence[int]) -> Array:
    """The matrix when the low index bits equal `bits` (first control lowest), else the identity."""
    n, wanted = len(bits), sum(bit << k for k, bit in enumerate(bits))
    out = np.eye(len(matrix) << n, dtype=complex)
    for row in range(len(matrix)):
        for column in range(len(matrix)):
            out[(row << n) | wanted, (column << n) | wanted] = matrix[row, column]
    return out


def principal_power(matrix: Array, power: float) -> Array:
    """Every eigenphase, in (-pi, pi], times the power."""
    values, vectors = np.linalg.eig(matrix)
    # A normal matrix with equal eigenvalues needs its eigenvectors made orthogonal: within a space it is any basis.
    vectors, _ = np.linalg.qr(vectors[:, np.argsort(np.angle(values).round(9))])
    values = np.diag(vectors.conj().T @ matrix @ vectors)
    angles = np.angle(values)
    angles[angles < -math.pi + 1e-9] += 2 * math.pi
    return vectors @ np.diag(np.exp(1j * power * angles)) @ vectors.conj().T


def parts(gate: Instruction, values: Mapping[str, float]) -> tuple[list[int], Array]:
    """The bits that the controls of an instruction wait for, first qubit first, and the matrix on its other qubits."""
    params = [p if isinstance(p, float) else p.value(values) for p in gate.params]
    inner, name = 0, gate.name
    if name in CONTROLLED:
        name, count = CONTROLLED[name]
        inner = len(gate.qubits) - gate.num_controls - 1 if count is None else count
    if name == "CU":
        inner, matrix = 1, cmath.exp(1j * params[3]) * u(*params[:3])
    elif name == "UNITARY":
        assert gate.matrix is not None
        matrix = np.array(gate.matrix)
    elif name == "PAULI_ROT":
        word = product(gate.pauli)  # its square is 1
        matrix = math.cos(params[0] / 2) * np.eye(len(word)) - 1j * math.sin(params[0] / 2) * word
    else:
        matrix = PLAIN[name](*params)
    if gate.power != 1.0:
        assert name not in SCALED, "the builder scales the angle of a rotation"
        matrix = principal_power(matrix, gate.power)
    if gate.inverse:
        matrix = matrix.conj().T
    added = [int(bit) for bit in reversed(gate.ctrl_state)]
    return added + [1] * inner, matrix


def gate_matrix(gate: Instruction, values: Mapping[str, float]) -> Array:
    """The matrix of an instruction on all its qubits, modifiers included."""
    bits, matrix = parts(gate, values)
    return control(matrix, bits)


def apply(vector: Array, matrix: Array, qubits: Sequence[int]) -> Array:
    """A matrix on some qubits of a state vector."""
    indices = np.arange(len(vector))
    rest = indices[(indices & sum(1 << qubit for qubit in qubits)) == 0]
    offsets = [sum(((row >> k) & 1) << qubit for k, qubit in enumerate(qubits)) for row in range(len(matrix))]
    out = np.zeros_like(vector)
    for row, target in enumerate(offsets):
        for column, source in enumerate(offsets):
            if matrix[row, column] != 0:
                out[rest + target] += matrix[row, column] * vector[rest + source]
    return out


def spelled(letters: str, qubits: Sequence[int], vector: Array) -> Array:
    """A Pauli string times a state vector."""
    for letter, qubit in zip(letters, qubits, strict=True):
        vector = apply(vector, PAULI[letter], [qubit])
    return vector


def act(vector: Array, gate: Instruction, values: Mapping[str, float]) -> Array:
    """A gate on a state vector: its matrix where all its controls are as they should be."""
    if gate.name == "PAULI_ROT" and len(gate.pauli) > 8:  # its matrix would be large
        bits = [int(bit) for bit in reversed(gate.ctrl_state)]
        angle = gate.params[0] if isinstance(gate.params[0], float) else gate.params[0].value(values)
        half = -angle / 2 if gate.inverse else angle / 2
        word = spelled(gate.pauli, gate.qubits[len(bits) :], vector)
        turned = math.cos(half) * vector - 1j * math.sin(half) * word
    else:
        bits, matrix = parts(gate, values)
        turned = apply(vector, matrix, gate.qubits[len(bits) :])
    indices = np.arange(len(vector))
    holds = np.ones(len(vector), dtype=bool)
    for qubit, bit in zip(gate.qubits, bits, strict=False):
        holds &= (indices >> qubit) & 1 == bit
    return np.where(holds, turned, vector)


def zero(num_qubits: int) -> Array:
    vector = np.zeros(1 << num_qubits, dtype=complex)
    vector[0] = 1
    return vector


def evolve(vector: Array, instructions: Sequence[Instruction], values: Mapping[str, float]) -> Array:
    """A state after gates, FOR blocks of gates, barriers and delays; anything else is refused."""
    for gate in instructions:
        if gate.name in {"BARRIER", "DELAY"}:
            continue
        if gate.name == "FOR":
            for _ in range(gate.bound):
                vector = evolve(vector, gate.blocks[0], values)
            continue
        assert gate.name not in {"MEASURE", "RESET", "IF", "WHILE"}, f"{gate.name} is not unitary"
        assert gate.condition is None, "a condition is not unitary"
        vector = act(vector, gate, values)
    return vector


def state(circuit: Circuit, values: Mapping[str, float] | None = None) -> Array:
    """The state vector of a circuit without measurements, from all zeros."""
    return evolve(zero(circuit.num_qubits), circuit.instructions(), values or {})


def unitary(circuit: Circuit, values: Mapping[str, float] | None = None) -> Array:
    """The unitary of a circuit, column by column."""
    columns = []
    for index in range(1 << circuit.num_qubits):
        vector = np.zeros(1 << circuit.num_qubits, dtype=complex)
        vector[index] = 1
        columns.append(evolve(vector, circuit.instructions(), values or {}))
    return np.array(columns).T


def observable_matrix(observable: Observable) -> Array:
    """The dense matrix of a Pauli sum."""
    total = np.zeros((1 << observable.num_qubits,) * 2, dtype=complex)
    for label, coefficient in observable.terms:
        letters = ["I"] * observable.num_qubits
        for factor in label.split():
            letters[int(factor[1:])] = factor[0]
        total += coefficient * product("".join(letters))
    return total


def observed(observable: Observable, vector: Array) -> Array:
    """A Pauli sum times a state vector."""
    total = np.zeros_like(vector)
    for label, coefficient in observable.terms:
        factors = label.split()
        word = "".join(factor[0] for factor in factors)
        total += coefficient * spelled(word, [int(factor[1:]) for factor in factors], vector)
    return total


def expectation(circuit: Circuit, observable: Observable, values: Mapping[str, float] | None = None) -> float:
    """The expectation value in the state of a circuit without measurements."""
    vector = state(circuit, values)
    return float(np.vdot(vector, observed(observable, vector)).real)


STEP = 1e-4


def slopes(circuit: Circuit, observable: Observable, values: Mapping[str, float]) -> list[float]:
    """Derivatives of the expectation value by each symbol: central differences of fourth order."""
    found = []
    for name in values:
        ends = [expectation(circuit, observable, {**values, name: values[name] + h * STEP}) for h in (2, 1, -1, -2)]
        found.append((8 * (ends[1] - ends[2]) - (ends[0] - ends[3])) / (12 * STEP))
    return found


def marginal(probabilities: Array, qubits: Sequence[int]) -> Array:
    """Probabilities of some qubits: bit k of the index is `qubits[k]`."""
    indices = np.arange(len(probabilities))
    keys = np.zeros_like(indices)
    for k, qubit in enumerate(qubits):
        keys |= ((indices >> qubit) & 1) << k
    return np.bincount(keys, probabilities, 1 << len(qubits))


def holds(condition: Condition | None, bits: Sequence[bool]) -> bool:
    """The value of a condition, read from its JSON form."""
    import json

    return condition is None or _holds(json.loads(condition.to_json()), bits)


def _holds(json: dict, bits: Sequence[bool]) -> bool:
    ((key, value),) = [(k, v) for k, v in json.items() if k not in {"cmp", "value"}]
    if key == "const":
        return value
    if key == "bit":
        return bits[value]
    if key == "not":
        return not _holds(value, bits)
    if key == "bits":
        number, other = sum(int(bits[bit]) << k for k, bit in enumerate(value)), json["value"]
        compared = {"==": number == other, "!=": number != other, "<": number < other, "<=": number <= other}
        return (compared | {">": number > other, ">=": number >= other})[json["cmp"]]
    parts = [_holds(part, bits) for part in value]
    return {"and": all(parts), "or": any(parts), "xor": sum(parts) % 2 == 1}[key]


TURN = {"X": H, "Y": H @ phase(-math.pi / 2), "Z": I2}
"""What turns the basis of a measurement into the computational one."""


def split(vector: Array, qubit: int, basis: str = "Z") -> list[tuple[float, Array]]:
    """Probability and normalised state after a measurement, for both outcomes."""
    turned = apply(vector, TURN[basis], [qubit])
    results = []
    for outcome in (0, 1):
        kept = turned.copy()
        for index in range(len(kept)):
            if (index >> qubit) & 1 != outcome:
                kept[index] = 0
        probability = float(np.linalg.norm(kept) ** 2)
        if probability > 1e-15:
            kept = apply(kept / math.sqrt(probability), TURN[basis].conj().T, [qubit])
        results.append((probability, kept))
    return results


class LoopBoundError(Exception):
    """A WHILE wants to go on after its last round."""


def branches(
    vector: Array,
    bits: tuple[bool, ...],
    instructions: Sequence[Instruction],
    values: Mapping[str, float],
) -> Iterator[tuple[float, Array, tuple[bool, ...]]]:
    """Every way a dynamic circuit can go: probability, final state, classical bits."""
    if not instructions:
        yield 1.0, vector, bits
        return
    first, rest = instructions[0], instructions[1:]
    for probability, after, read in _step(vector, bits, first, values):
        if probability > 1e-15:
            for more, last, final in branches(after, read, rest, values):
                yield probability * more, last, final


def _step(
    vector: Array, bits: tuple[bool, ...], op: Instruction, values: Mapping[str, float]
) -> Iterator[tuple[float, Array, tuple[bool, ...]]]:
    if op.name == "IF":
        taken = holds(op.condition, bits)
        block = op.blocks[0] if taken else op.blocks[1] if len(op.blocks) > 1 else []
        yield from branches(vector, bits, block, values)
    elif op.name == "WHILE":
        yield from _rounds(vector, bits, op, op.bound, values)
    elif op.name == "FOR":
        yield from branches(vector, bits, op.blocks[0] * op.bound, values)
    elif op.name in {"BARRIER", "DELAY"} or not holds(op.condition, bits):
        yield 1.0, vector, bits
    elif op.name in {"MEASURE", "RESET"}:
        targets = op.clbits if op.name == "MEASURE" else [None] * len(op.qubits)
        yield from _measured(vector, bits, list(zip(op.qubits, targets, strict=True)), op.basis)
    else:
        yield 1.0, act(vector, op, values), bits


def _rounds(
    vector: Array, bits: tuple[bool, ...], op: Instruction, left: int, values: Mapping[str, float]
) -> Iterator[tuple[float, Array, tuple[bool, ...]]]:
    if not holds(op.condition, bits):
        yield 1.0, vector, bits
        return
    if left == 0:
        raise LoopBoundError
    for probability, after, read in branches(vector, bits, op.blocks[0], values):
        for more, last, final in _rounds(after, read, op, left - 1, values):
            yield probability * more, last, final


def _measured(
    vector: Array, bits: tuple[bool, ...], pairs: list[tuple[int, int | None]], basis: str
) -> Iterator[tuple[float, Array, tuple[bool, ...]]]:
    if not pairs:
        yield 1.0, vector, bits
        return
    (qubit, clbit), *rest = pairs
    for outcome, (probability, after) in enumerate(split(vector, qubit, basis if clbit is not None else "Z")):
        if probability <= 1e-15:
            continue
        read, left = bits, after
        if clbit is not None:
            read = (*bits[:clbit], bool(outcome), *bits[clbit + 1 :])
        elif outcome:
            left = apply(after, X, [qubit])
        for more, last, final in _measured(left, read, rest, basis):
            yield probability * more, last, final


def distribution(circuit: Circuit, values: Mapping[str, float] | None = None) -> dict[str, float]:
    """The exact probability of every outcome `c[n-1] … c[0]`, mid-circuit measurement and feed-forward included."""
    out: dict[str, float] = {}
    start = (False,) * circuit.num_clbits
    for probability, _, bits in branches(zero(circuit.num_qubits), start, circuit.instructions(), values or {}):
        key = "".join("1" if bit else "0" for bit in reversed(bits))
        out[key] = out.get(key, 0.0) + probability
    return out


def density(circuit: Circuit, values: Mapping[str, float] | None = None) -> Array:
    """The density matrix after a circuit, classical bits forgotten."""
    size = 1 << circuit.num_qubits
    total = np.zeros((size, size), dtype=complex)
    start = (False,) * circuit.num_clbits
    for probability, vector, _ in branches(zero(circuit.num_qubits), start, circuit.instructions(), values or {}):
        total += probability * np.outer(vector, vector.conj())
    return total

"""Parametrised circuits of the variational family, as pure functions: hardware-efficient and QAOA.

Parameters are named p0, p1, … in the order in which the documentation of each function counts them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen._core import Affine, CircuitBuilder
from eigen.lang.library.arguments import ArgumentError, choice, flag, integer, is_word, sequence, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen._core import Circuit, Observable

    Charge = Callable[[int], None]

ROTATIONS = ("rx", "ry", "rz", "p")
ENTANGLERS = ("cx", "cy", "cz", "ch", "swap", "iswap", "ecr")
PARAMETRISED_ENTANGLERS = ("crx", "cry", "crz", "cp", "rxx", "ryy", "rzz", "rzx")
ENTANGLEMENTS = ("linear", "reverse_linear", "circular", "full", "pairwise", "none")
MAX_QUBITS = 100_000


def free(_operations: int) -> None:
    """The charge of a caller that does not count."""


def rotation_names(value: Any) -> list[str]:
    """The rotations of one layer, from `"ry"`, `"ryrz"`, `["ry", "rz"]` or `"ry,rz"`."""
    words = [value] if isinstance(value, str) else sequence(value, "rotations")
    names: list[str] = []
    for word in words:
        names += _split_rotations(word)
    if not names:
        raise ArgumentError("`rotations` must name at least one rotation")
    return names


def _split_rotations(word: Any) -> list[str]:
    if not is_word(word):
        raise ArgumentError(f"`rotations` must hold names of rotations, not `{show(word)}`")
    rest, names = word.lower().replace(",", "").replace(" ", ""), list[str]()
    while rest:
        name = next((known for known in ROTATIONS if rest.startswith(known)), None)
        if name is None:
            listed = ", ".join(f"`{known}`" for known in ROTATIONS)
            raise ArgumentError(f"`rotations` is made of {listed}, not `{show(word)}`")
        names.append(name)
        rest = rest[len(name) :]
    return names


def entangled_pairs(pattern: Any, size: int, charge: Charge = free) -> list[tuple[int, int]]:
    """The qubit pairs of one entangling layer: a pattern by name, or an explicit list of pairs."""
    if not isinstance(pattern, str):
        return _explicit_pairs(pattern, size)
    name = choice(pattern, "entanglement", ENTANGLEMENTS)
    charge(size * (size - 1) // 2 if name == "full" else size)
    linear = [(qubit, qubit + 1) for qubit in range(size - 1)]
    if name == "linear":
        return linear
    if name == "reverse_linear":
        return linear[::-1]
    if name == "circular":
        return [*linear, (size - 1, 0)] if size > 2 else linear
    if name == "full":
        return [(i, j) for i in range(size) for j in range(i + 1, size)]
    return linear[0::2] + linear[1::2] if name == "pairwise" else []


def _explicit_pairs(pattern: Any, size: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for position, item in enumerate(sequence(pattern, "entanglement")):
        name = f"entanglement[{position}]"
        ends = [integer(end, name, high=size - 1) for end in sequence(item, name)]
        if len(ends) != 2 or ends[0] == ends[1]:
            raise ArgumentError(f"`{name}` must be a pair of two different qubits")
        pairs.append((ends[0], ends[1]))
    return pairs


def hardware_efficient(
    n_qubits: Any,
    depth: Any = 1,
    entanglement: Any = "linear",
    rotations: Any = "ry",
    entangler: Any = "cx",
    final_rotation: Any = False,
    *,
    name: str = "hea",
    charge: Charge = free,
) -> Circuit:
    """`depth` layers of rotations on every qubit followed by entanglers, and a last rotation layer when asked.

    Within a layer, rotation r of qubit q takes parameter `(layer * len(rotations) + r) * n_qubits + q`; an
    entangler with an angle takes one more parameter for each pair, after the rotations of its layer. Without
    those, num_params = (depth + final_rotation) * n_qubits * len(rotations).
    Source: A. Kandala et al., Nature 549, 242 (2017).
    """
    size = integer(n_qubits, "n_qubits", low=1, high=MAX_QUBITS)
    layers = integer(depth, "depth", high=MAX_QUBITS)
    names = rotation_names(rotations)
    gate = choice(entangler, "entangler", ENTANGLERS + PARAMETRISED_ENTANGLERS)
    has_angle = gate in PARAMETRISED_ENTANGLERS
    last = flag(final_rotation, "final_rotation")
    pairs = entangled_pairs(entanglement, size, charge)
    per_layer = size * len(names) + (len(pairs) if has_angle else 0)
    count = layers * per_layer + (size * len(names) if last else 0)
    charge(layers * (size * len(names) + len(pairs)) + size * len(names))

    builder = CircuitBuilder(size, name=name, parameters=[f"p{index}" for index in range(count)])
    used = 0
    for layer in range(layers + last):
        for rotation in names:
            for qubit in range(size):
                builder.gate(rotation, [qubit], [f"p{used}"])
                used += 1
        for pair in pairs if layer < layers else []:
            builder.gate(gate, pair, [f"p{used}"] if has_angle else [])
            used += has_angle
    return builder.build()


def real_amplitudes(n_qubits: Any, depth: Any = 3, entanglement: Any = "linear", *, charge: Charge = free) -> Circuit:
    """RY layers and CX entanglers with a last RY layer: real amplitudes, (depth + 1) * n_qubits parameters."""
    return hardware_efficient(
        n_qubits, depth, entanglement, "ry", final_rotation=True, name="real_amplitudes", charge=charge
    )


def efficient_su2(n_qubits: Any, depth: Any = 3, entanglement: Any = "linear", *, charge: Charge = free) -> Circuit:
    """RY and RZ layers and CX entanglers with a last rotation layer; 2 * (depth + 1) * n_qubits parameters."""
    return hardware_efficient(
        n_qubits, depth, entanglement, "ryrz", final_rotation=True, name="efficient_su2", charge=charge
    )


def qaoa(hamiltonian: Observable, layers: Any = 1, *, charge: Charge = free) -> Circuit:
    """The quantum approximate optimisation ansatz: H on all qubits, then layers of exp(-i gamma C) exp(-i beta sum X).

    Parameters alternate: gamma of layer l is `p{2l}`, beta is `p{2l+1}`. Terms of C that do not commute are
    applied one after the other in canonical order (one Trotter step); a constant in C is a global phase and left out.
    Source: E. Farhi, J. Goldstone, S. Gutmann, arXiv:1411.4028.
    """
    depth = integer(layers, "layers", low=1, high=MAX_QUBITS)
    size = hamiltonian.num_qubits
    charge(size + depth * (size + len(hamiltonian.terms)))
    builder = CircuitBuilder(size, name="qaoa", parameters=[f"p{index}" for index in range(2 * depth)])
    for qubit in range(size):
        builder.gate("h", [qubit])
    terms = [(label.split(), weight) for label, weight in hamiltonian.terms if label]
    for layer in range(depth):
        gamma, beta = Affine.symbol(f"p{2 * layer}"), Affine.symbol(f"p{2 * layer + 1}")
        for words, weight in terms:
            add_pauli_rotation(builder, words, gamma * (2.0 * weight))
        for qubit in range(size):
            builder.gate("rx", [qubit], [beta * 2.0])
    return builder.build()


def add_pauli_rotation(builder: CircuitBuilder, words: list[str], angle: Affine | float) -> None:
    """exp(-i angle/2 P) for a product of Paulis given as words such as `X0`, by the plainest gate there is."""
    letters = "".join(word[0] for word in words)
    qubits = [int(word[1:]) for word in words]
    named = {"X": "rx", "Y": "ry", "Z": "rz", "XX": "rxx", "YY": "ryy", "ZZ": "rzz"}.get(letters)
    if named is not None:
        builder.gate(named, qubits, [angle])
    else:
        builder.gate("pauli_rot", qubits, [angle], pauli=letters)

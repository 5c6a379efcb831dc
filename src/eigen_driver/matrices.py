"""Matrices of the gates of Eigen OS's table, for engines that take matrices.

The first qubit of a gate is the least significant bit of a row's index. `xp` is the module that arrays are made with:
NumPy, or one that does as NumPy does (`jax.numpy`), whose angles may be traced and differentiated.

>>> matrix("RZ", (0.0,)).real.tolist()
[[1.0, 0.0], [0.0, 1.0]]
"""

# NumPy belongs to the environment of the engine that asks, and is loaded when it does.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from functools import cache
from math import pi, sqrt
from typing import TYPE_CHECKING, Any

from eigen_driver.failure import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen_driver.circuit import Operation

PARAMETERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("RX", "RY", "RZ", "CRX", "CRY", "CRZ", "RXX", "RYY", "RZZ", "RZX", "PAULI_ROT"), ("theta",)),
    **dict.fromkeys(("P", "CP", "MCP"), ("lambda",)),
    "U": ("theta", "phi", "lambda"),
    "CU": ("theta", "phi", "lambda", "gamma"),
    "FSIM": ("theta", "phi"),
    "XXPLUSYY": ("theta", "beta"),
    "GPI": ("phi",),
    "GPI2": ("phi",),
    "MS": ("phi0", "phi1", "theta"),
}
"""The parameters of each gate that has any, in the order of the table; GPI, GPI2 and MS count in turns, all others in
radians."""
FIXED = ("I", "X", "Y", "Z", "H", "S", "Sdg", "T", "Tdg", "SX", "SXdg", "SWAP", "ISWAP", "ECR")
CONTROLLED = {
    **{f"C{name}": (1, name) for name in ("X", "Y", "Z", "H", "P", "RX", "RY", "RZ")},
    "CSWAP": (1, "SWAP"),
    "CCX": (2, "X"),
    "CCZ": (2, "Z"),
}
"""How many of a gate's first qubits control which other gate on the rest."""
ANY_WIDTH = ("MCX", "MCP", "PAULI_ROT")
"""Gates on any number of qubits, whose matrices grow with it."""
GATES = (*FIXED, *CONTROLLED, *(name for name in PARAMETERS if name not in {*CONTROLLED, *ANY_WIDTH}), "UNITARY")
"""Those whose number of qubits is fixed, and matrices."""


def matrix(name: str, angles: Sequence[Any] = (), xp: Any = None) -> Any:
    """The matrix of a gate on a fixed number of qubits, shape (2^k, 2^k); RefusedError for any other."""
    xp = _numpy() if xp is None else xp
    if name in FIXED:
        return xp.asarray(_fixed()[name])
    if name in CONTROLLED:
        controls, base = CONTROLLED[name]
        return controlled(matrix(base, angles, xp), controls, xp)
    if name in _ROTATIONS:
        return pauli_rotation(_ROTATIONS[name], angles[0], xp)
    made = _TURNED.get(name)
    if made is None:
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", f"there is no matrix of a gate `{name}`")
    return made(xp, *angles)


def matrix_of(item: Operation, values: Mapping[str, Any], xp: Any = None) -> Any:
    """The matrix of an operation at these values of its circuit's parameters, shape (2^k, 2^k)."""
    xp = _numpy() if xp is None else xp
    if item.name == "UNITARY":
        return xp.asarray(_numpy().array(item.matrix))
    angles = item.angles(values, *PARAMETERS.get(item.name, ()))
    if item.name == "PAULI_ROT":
        return pauli_rotation(item.pauli, angles[0], xp)
    if item.name in {"MCX", "MCP"}:
        return controlled(matrix(item.name[2:], angles, xp), len(item.qubits) - 1, xp)
    return matrix(item.name, angles, xp)


def pauli(letters: str) -> Any:
    """A product of Pauli letters, the first on the first qubit, as a NumPy array of shape (2^k, 2^k)."""
    np = _numpy()
    whole = np.ones((1, 1), complex)
    for letter in letters:
        whole = np.kron(_fixed()[letter], whole)
    return whole


def pauli_rotation(letters: str, angle: Any, xp: Any = None) -> Any:
    """exp(-i angle/2 P) of a product P of Pauli letters, the first on the first qubit."""
    xp = _numpy() if xp is None else xp
    product = xp.asarray(pauli(letters))
    return xp.cos(angle / 2) * xp.asarray(_numpy().eye(len(product))) - 1j * xp.sin(angle / 2) * product


def controlled(inner: Any, controls: int, xp: Any = None) -> Any:
    """A matrix under as many controls, which are the first qubits."""
    xp = _numpy() if xp is None else xp
    np = _numpy()
    every = np.zeros((1 << controls, 1 << controls))
    every[-1, -1] = 1.0
    return xp.kron(inner, xp.asarray(every)) + xp.asarray(
        np.kron(np.eye(inner.shape[-1]), np.eye(1 << controls) - every)
    )


def _numpy() -> Any:
    import numpy

    return numpy


@cache
def _fixed() -> dict[str, Any]:
    np = _numpy()
    x, y, z = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])
    root = np.array([[1 + 1j, 1 - 1j], [1 - 1j, 1 + 1j]]) / 2
    swap = np.eye(4)[[0, 2, 1, 3]]
    found = {
        "I": np.eye(2),
        "X": x,
        "Y": y,
        "Z": z,
        "H": (x + z) / sqrt(2),
        "S": np.diag([1, 1j]),
        "Sdg": np.diag([1, -1j]),
        "T": np.diag([1, (1 + 1j) / sqrt(2)]),
        "Tdg": np.diag([1, (1 - 1j) / sqrt(2)]),
        "SX": root,
        "SXdg": root.conj(),
        "SWAP": swap,
        "ISWAP": swap * np.array([1, 1j, 1j, 1]),
        "ECR": (np.kron(np.eye(2), x) - np.kron(x, y)) / sqrt(2),
    }
    return {name: value.astype(complex) for name, value in found.items()}


def _diagonal(xp: Any, *entries: Any) -> Any:
    """A diagonal matrix, whose entries may be traced."""
    return xp.diag(xp.stack([xp.asarray(entry, dtype=complex) for entry in entries]))


def _unit(row: int, column: int, size: int) -> Any:
    found = _numpy().zeros((size, size), complex)
    found[row, column] = 1.0
    return found


def _exchange(xp: Any, cosine: Any, lower: Any, upper: Any, last: Any) -> Any:
    """`cosine` on the diagonal of 01 and 10, beside it `lower` to and `upper` from index 2, and `last` on 11."""
    outer = xp.asarray(_unit(0, 0, 4)) + last * xp.asarray(_unit(3, 3, 4))
    inner = cosine * xp.asarray(_unit(1, 1, 4) + _unit(2, 2, 4))
    return outer + inner + lower * xp.asarray(_unit(2, 1, 4)) + upper * xp.asarray(_unit(1, 2, 4))


def _phase(xp: Any, angle: Any) -> Any:
    return _diagonal(xp, 1.0, xp.exp(1j * angle))


def _u(xp: Any, theta: Any, phi: Any, lam: Any) -> Any:
    return _phase(xp, phi) @ pauli_rotation("Y", theta, xp) @ _phase(xp, lam)


def _cu(xp: Any, theta: Any, phi: Any, lam: Any, gamma: Any) -> Any:
    return controlled(xp.exp(1j * gamma) * _u(xp, theta, phi, lam), 1, xp)


def _fsim(xp: Any, theta: Any, phi: Any) -> Any:
    sine = -1j * xp.sin(theta)
    return _exchange(xp, xp.cos(theta), sine, sine, xp.exp(-1j * phi))


def _xx_plus_yy(xp: Any, theta: Any, beta: Any) -> Any:
    sine = -1j * xp.sin(theta / 2)
    return _exchange(xp, xp.cos(theta / 2), sine * xp.exp(1j * beta), sine * xp.exp(-1j * beta), 1.0)


def _gpi(xp: Any, phi: Any) -> Any:
    up, down = xp.asarray(_unit(0, 1, 2)), xp.asarray(_unit(1, 0, 2))
    return xp.exp(-2j * pi * phi) * up + xp.exp(2j * pi * phi) * down


def _gpi2(xp: Any, phi: Any) -> Any:
    return (xp.asarray(_numpy().eye(2)) - 1j * _gpi(xp, phi)) / sqrt(2)


def _ms(xp: Any, phi0: Any, phi1: Any, theta: Any) -> Any:
    axes = xp.kron(_gpi(xp, phi1), _gpi(xp, phi0))
    return xp.cos(pi * theta) * xp.asarray(_numpy().eye(4)) - 1j * xp.sin(pi * theta) * axes


_ROTATIONS = {"RX": "X", "RY": "Y", "RZ": "Z", "RXX": "XX", "RYY": "YY", "RZZ": "ZZ", "RZX": "ZX"}
_TURNED: dict[str, Callable[..., Any]] = {
    "P": _phase,
    "U": _u,
    "CU": _cu,
    "FSIM": _fsim,
    "XXPLUSYY": _xx_plus_yy,
    "GPI": _gpi,
    "GPI2": _gpi2,
    "MS": _ms,
}

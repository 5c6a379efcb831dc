"""Photonic programs in a truncated Fock space, slowly and plainly: each operation is the exponential that the table
defines it by. It shares nothing with any engine."""

from __future__ import annotations

from math import factorial, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.linalg import expm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from eigen.ir import ModeObservable, ModeOperation, Modes


class FockSpace:
    """The density matrix of a few modes, each of at most `cutoff` - 1 photons; mode 0 is the first factor."""

    def __init__(self, num_modes: int, cutoff: int) -> None:
        self.cutoff = cutoff
        self.num_modes = num_modes
        one = np.diag(np.sqrt(np.arange(1, cutoff, dtype=complex)), 1)
        self.lower = [self._embedded({mode: one}) for mode in range(num_modes)]
        self.state = self._pure([self._basis(0)] * num_modes)

    @staticmethod
    def of(modes: Modes, cutoff: int) -> list[float]:
        """The values of the observables of a program without parameters."""
        space = FockSpace(modes.num_modes, cutoff)
        for operation in modes.operations:
            space.apply(operation)
        return [space.value(observable) for observable in modes.observables]

    def apply(self, operation: ModeOperation) -> None:
        """Do an operation that measures nothing."""
        p: dict[str, Any] = dict(operation.params)
        if operation.name in {"VACUUM", "COHERENT", "SQUEEZED", "THERMAL", "FOCK", "CAT"}:
            self._prepare(operation.name, operation.modes[0], p)
        elif operation.name == "LOSS":
            self._lose(operation.modes[0], p["transmissivity"])
        else:
            unitary = expm(self._exponent(operation.name, operation.modes, p))
            self.state = unitary @ self.state @ unitary.conj().T

    def value(self, observable: ModeObservable) -> float:
        """What is asked of the state."""
        if observable.kind == "pattern":
            place = 0
            for count in observable.pattern:
                place = place * self.cutoff + count
            return float(self.state[place, place].real)
        a = self.lower[observable.modes[0]]
        if observable.kind == "photons":
            return self._mean(a.conj().T @ a)
        turn = np.exp(-1j * observable.phi)
        x = turn * a + np.conj(turn) * a.conj().T
        return self._mean(x) if observable.kind == "quadrature" else self._mean(x @ x) - self._mean(x) ** 2

    def _exponent(self, name: str, modes: Sequence[int], p: dict[str, Any]) -> NDArray[np.complex128]:
        a = self.lower[modes[0]]
        up, number = a.conj().T, a.conj().T @ a
        b = self.lower[modes[1]] if len(modes) > 1 else a
        z = p.get("r", 0.0) * np.exp(1j * p.get("phi", 0.0))
        turn = np.exp(1j * p.get("phi", 0.0))
        x = a + up
        exponents: dict[str, Any] = {
            "ROTATE": lambda: 1j * p["phi"] * number,
            "DISPLACE": lambda: z * up - np.conj(z) * a,
            "SQUEEZE": lambda: (np.conj(z) * a @ a - z * up @ up) / 2,
            "TWO_MODE_SQUEEZE": lambda: z * up @ b.conj().T - np.conj(z) * a @ b,
            "BEAMSPLITTER": lambda: p["theta"] * (turn * a @ b.conj().T - np.conj(turn) * up @ b),
            "KERR": lambda: 1j * p["kappa"] * number @ number,
            "CROSS_KERR": lambda: 1j * p["kappa"] * number @ b.conj().T @ b,
            "CUBIC_PHASE": lambda: 1j * p["gamma"] * x @ x @ x / 6,
        }
        return exponents[name]()

    def _prepare(self, name: str, mode: int, p: dict[str, Any]) -> None:
        alone = FockSpace(1, self.cutoff)
        one = alone.lower[0]
        if name in {"COHERENT", "SQUEEZED"}:
            unitary = expm(alone._exponent({"COHERENT": "DISPLACE", "SQUEEZED": "SQUEEZE"}[name], [0], p))
            state = unitary @ alone.state @ unitary.conj().T
        elif name == "THERMAL":
            weights = np.array([(p["n"] / (1 + p["n"])) ** k / (1 + p["n"]) for k in range(self.cutoff)])
            state = np.diag(weights).astype(complex)
        elif name == "CAT":
            up, z = one.conj().T, p["r"] * np.exp(1j * p["phi"])
            halves = [expm(sign * (z * up - np.conj(z) * one))[:, 0] for sign in (1, -1)]
            vector = halves[0] + (1 - 2 * p["parity"]) * halves[1]
            vector /= np.linalg.norm(vector)
            state = np.outer(vector, vector.conj())
        else:
            vector = self._basis(int(p.get("n", 0)))
            state = np.outer(vector, vector)
        rest = self._without(mode)
        whole = np.kron(state, rest).reshape([self.cutoff] * (2 * self.num_modes))
        n = self.num_modes  # kron put the new mode first: move it to its place, in rows and in columns
        whole = np.moveaxis(np.moveaxis(whole, 0, mode), n, n + mode)
        self.state = whole.reshape(self.cutoff**n, self.cutoff**n)

    def _without(self, mode: int) -> NDArray[np.complex128]:
        n, size = self.num_modes, self.cutoff ** (self.num_modes - 1)
        tensor = self.state.reshape([self.cutoff] * (2 * n))
        return np.trace(tensor, axis1=mode, axis2=n + mode).reshape(size, size)

    def _lose(self, mode: int, kept: float) -> None:
        one = np.diag(np.sqrt(np.arange(1, self.cutoff, dtype=complex)), 1)
        stays = np.diag(np.power(kept, np.arange(self.cutoff) / 2))
        found = np.zeros_like(self.state)
        for lost in range(self.cutoff):
            kraus = sqrt((1 - kept) ** lost / factorial(lost)) * stays @ np.linalg.matrix_power(one, lost)
            whole = self._embedded({mode: kraus})
            found += whole @ self.state @ whole.conj().T
        self.state = found

    def _mean(self, operator: NDArray[np.complex128]) -> float:
        return float(np.trace(operator @ self.state).real)

    def _basis(self, count: int) -> NDArray[np.complex128]:
        return np.eye(self.cutoff, dtype=complex)[count]

    def _pure(self, vectors: Sequence[NDArray[np.complex128]]) -> NDArray[np.complex128]:
        whole = np.ones(1, dtype=complex)
        for vector in vectors:
            whole = np.kron(whole, vector)
        return np.outer(whole, whole.conj())

    def _embedded(self, factors: dict[int, NDArray[np.complex128]]) -> NDArray[np.complex128]:
        whole = np.ones((1, 1), dtype=complex)
        for mode in range(self.num_modes):
            whole = np.kron(whole, factors.get(mode, np.eye(self.cutoff, dtype=complex)))
        return whole

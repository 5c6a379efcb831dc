"""The channels of a noise model as Aer's errors, and readout errors in counts, expectation values and probabilities."""

# Qiskit has hints for some of its names only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false, reportMissingImports=false

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from qiskit_aer.noise import NoiseModel as AerNoise
from qiskit_aer.noise import (
    ReadoutError,
    kraus_error,
    pauli_error,
    reset_error,
    thermal_relaxation_error,
)

from eigen_driver.failure import RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen_driver.circuit import Operation
    from eigen_driver.noise import Channel, NoiseModel, Site

MOST_TERMS = 1 << 16
"""Terms of an observable that stands for outcomes recorded wrongly."""

Factors = tuple[tuple[str, int], ...]
Rates = tuple[float, float]
"""How often 1 is recorded for 0, and 0 for 1."""


class ModelErrors:
    """A noise model as `Errors` of a circuit of so many qubits."""

    def __init__(self, model: NoiseModel, num_qubits: int) -> None:
        self._walk = model.walk(num_qubits)
        self._made: dict[int, tuple[Channel, Any]] = {}

    def before(self, operation: Operation) -> list[tuple[Any, tuple[int, ...]]]:
        """See `Errors`."""
        return [self._error(site) for site in self._walk.before(operation)]

    def after(self, operation: Operation) -> list[tuple[Any, tuple[int, ...]]]:
        """See `Errors`."""
        return [self._error(site) for site in self._walk.after(operation)]

    def edge(self) -> None:
        """See `Errors`."""
        self._walk.edge()

    def _error(self, site: Site) -> tuple[Any, tuple[int, ...]]:
        channel, qubits = site
        if id(channel) not in self._made:
            self._made[id(channel)] = (channel, error_of(channel))
        return self._made[id(channel)][1], qubits


def error_of(channel: Channel) -> Any:
    """A channel as Aer's `QuantumError`."""
    document = channel.document
    if channel.paulis is not None:  # Qiskit writes the last qubit first
        return pauli_error([(letters[::-1], odd) for letters, odd in channel.paulis.items()])
    if document["kind"] == "thermal_relaxation":
        times = (document["t1_ns"], document["t2_ns"], document["duration_ns"])
        return thermal_relaxation_error(*times, document.get("excited", 0.0))
    if document["kind"] == "reset":
        return reset_error(document["zero"], document["one"])
    return kraus_error([np.array(operator, dtype=complex) for operator in channel.operators])


def readout_model(rates: Mapping[int, Rates]) -> Any:
    """Aer's model of records that err, by qubit; None where none does."""
    if not rates:
        return None
    made = AerNoise()
    for qubit, (one_given_zero, zero_given_one) in rates.items():
        rows = [[1.0 - one_given_zero, one_given_zero], [zero_given_one, 1.0 - zero_given_one]]
        made.add_readout_error(ReadoutError(rows), [qubit])
    return made


def recorded(terms: Sequence[tuple[Factors, float]], rates: Callable[[int], Rates | None]) -> dict[Factors, float]:
    """The observable whose exact mean is that of the recorded outcomes: of a letter with the rates a (1 for 0) and b
    (0 for 1) they make (1 - a - b) times the letter and b - a."""
    found: dict[Factors, float] = {}
    for factors, weight in terms:
        choices: list[list[tuple[tuple[tuple[str, int], ...], float]]] = []
        for letter, qubit in factors:
            a, b = rates(qubit) or (0.0, 0.0)
            choices.append([(((letter, qubit),), 1.0 - a - b)] + ([((), b - a)] if a != b else []))
        if np.prod([len(choice) for choice in choices], dtype=float) > MOST_TERMS:
            message = f"a term of {len(factors)} letters has too many ways to be recorded wrongly for an exact value"
            raise RefusedError("EIGEN_SIM_UNSUPPORTED", message, hint="estimate it from shots")
        for pick in product(*choices):
            key = tuple(pair for part, _ in pick for pair in part)
            found[key] = found.get(key, 0.0) + weight * float(np.prod([factor for _, factor in pick]))
    return found


def recorded_probability(probabilities: Any, bits: str, rates: Callable[[int], Rates | None]) -> float:
    """The probability that `bits`, q[n-1] … q[0], are recorded, from those of all outcomes, shape (2^n,)."""
    left = np.asarray(probabilities, dtype=float)
    for qubit, bit in enumerate(reversed(bits)):
        a, b = rates(qubit) or (0.0, 0.0)
        row = (a, 1.0 - b) if bit == "1" else (1.0 - a, b)
        pairs = left.reshape(-1, 2)
        left = pairs[:, 0] * row[0] + pairs[:, 1] * row[1]
    return float(left[0])

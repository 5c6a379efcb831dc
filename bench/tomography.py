"""How often the intervals of a tomography hold the fidelity: `python bench/tomography.py [RUNS]`.

The state is known, counts are drawn from its probabilities, and each run reconstructs it as `eigen.tomography` does,
with 200 resamples. `projected` is the interval by the bootstrap, `direct` is 1.96 standard errors; `bias` is the mean
of the projected fidelity less the true one.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np

from eigen.reconstruction.states import born, fidelity, linear_inversion, nearest_state
from eigen.reconstruction.uncertainty import basic_interval, bootstrap, direct_fidelity

if TYPE_CHECKING:
    from numpy.typing import NDArray

RESAMPLES = 200
ROUNDING = 1e-9
ROWS = [("GHZ", 2, 0.0, 1000), ("GHZ", 2, 0.05, 1000), ("W", 3, 0.05, 1000), ("GHZ", 3, 0.1, 100)]
ROWS += [("GHZ", 3, 0.1, 1000), ("GHZ", 4, 0.1, 1000)]


def pure(kind: str, size: int) -> NDArray[np.complex128]:
    """The density matrix of a GHZ or a W state."""
    state = np.zeros(2**size, dtype=np.complex128)
    state[[0, -1] if kind == "GHZ" else [1 << qubit for qubit in range(size)]] = 1.0
    state /= np.linalg.norm(state)
    return np.outer(state, state.conj())


def row(kind: str, size: int, depolarised: float, shots: int, runs: int) -> str:
    """One line of the table."""
    ideal = pure(kind, size)
    state = (1 - depolarised) * ideal + depolarised * np.eye(2**size) / 2**size
    truth = float(fidelity(state, ideal))
    odds = np.maximum(born(state), 0.0)
    odds /= odds.sum(axis=1, keepdims=True)
    random = np.random.Generator(np.random.Philox(key=1))
    held = direct_held = 0
    values: list[float] = []
    for number in range(runs):
        frequencies = random.multinomial(shots, odds) / shots
        found = nearest_state(linear_inversion(frequencies))
        value = float(fidelity(found, ideal))
        low, high = basic_interval(value, bootstrap(found, ideal, shots=shots, resamples=RESAMPLES, seed=number))
        held += low - ROUNDING <= truth <= high + ROUNDING
        direct, error = direct_fidelity(frequencies, ideal, shots)
        direct_held += abs(direct - truth) <= 1.96 * error + ROUNDING
        values.append(value)
    return (
        f"| {kind} | {size} | {depolarised} | {shots:,} | {truth:.4f} | {np.mean(values) - truth:+.4f} | "
        f"{held / runs:.1%} | {direct_held / runs:.1%} |"
    )


if __name__ == "__main__":
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print("| state | qubits | depolarised | shots | fidelity | bias | projected | direct |")
    print("|" + "---|" * 8)
    for entry in ROWS:
        print(row(*entry, runs), flush=True)

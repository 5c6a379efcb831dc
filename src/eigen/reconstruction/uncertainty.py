"""How sure a fidelity is: without the projection from the Pauli expectation values, with it by the bootstrap.

The projection on states biases the fidelity: it takes from the large eigenvalues what noise put below zero. The
bootstrap repeats it on samples of the reconstructed state, which shows the bias once more; its interval is therefore
the basic one, reflected at the estimate (Davison and Hinkley, Bootstrap Methods and their Application (1997), section
5.2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.reconstruction.states import born, fidelity, linear_inversion, nearest_state, weights

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEVEL = 0.95
MOST_AT_ONCE = 1 << 20  # numbers that are resampled at a time


def direct_fidelity(frequencies: NDArray[np.float64], ideal: NDArray[np.complex128], shots: int) -> tuple[float, float]:
    """`<psi|rho|psi>` of a pure ideal state, linear in the frequencies and so unbiased, and its standard error.

    It may lie beyond 1. The error is the sample one of each setting, of `shots` each.
    """
    import numpy as np

    weight = weights(ideal)
    means = np.sum(frequencies * weight, axis=1)
    squares = np.sum(frequencies * weight**2, axis=1)
    variance = np.maximum(squares - means**2, 0.0) / (shots - 1)
    return float(means.sum()), float(np.sqrt(variance.sum()))


def bootstrap(
    state: NDArray[np.complex128], ideal: NDArray[np.complex128], *, shots: int, resamples: int, seed: int
) -> NDArray[np.float64]:
    """The fidelities of states reconstructed from samples of `state`, shape (resamples,): `shots` in each setting."""
    import numpy as np

    random = np.random.Generator(np.random.Philox(key=seed))
    odds = np.maximum(born(state), 0.0)
    odds /= odds.sum(axis=1, keepdims=True)
    at_once = max(1, MOST_AT_ONCE // odds.size)
    found: list[NDArray[np.float64]] = []
    for begin in range(0, resamples, at_once):
        many = min(at_once, resamples - begin)
        counts = random.multinomial(shots, odds, size=(many, len(odds)))
        found.append(fidelity(nearest_state(linear_inversion(counts / shots)), ideal))
    return np.concatenate(found)


def basic_interval(estimate: float, resampled: NDArray[np.float64]) -> tuple[float, float]:
    """The basic bootstrap interval of 95 %, within 0 and 1."""
    import numpy as np

    low, high = np.quantile(resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]).tolist()
    return max(0.0, min(1.0, 2 * estimate - high)), max(0.0, min(1.0, 2 * estimate - low))

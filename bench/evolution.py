"""Time evolution beside SciPy and QuTiP: `python bench/evolution.py {ising,heisenberg} QUBITS TIME`.

QuTiP is taken where it is installed. Times are the best of a few runs; every state is compared with ours.
"""

from __future__ import annotations

import sys
from functools import reduce
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import expm_multiply

from eigen.ir import Evolution, Propagation

if TYPE_CHECKING:
    from collections.abc import Callable

BUDGET_SEC = 6.0
LETTERS: dict[str, Any] = {
    "I": sp.identity(2, format="csr", dtype=complex),
    "X": sp.csr_matrix([[0, 1], [1, 0]], dtype=complex),
    "Y": sp.csr_matrix([[0, -1j], [1j, 0]]),
    "Z": sp.csr_matrix([[1, 0], [0, -1]], dtype=complex),
}


def terms(kind: str, width: int) -> list[tuple[str, float]]:
    """An open chain."""
    if kind == "ising":
        bonds = [(f"Z{k} Z{k + 1}", -1.0) for k in range(width - 1)]
        return bonds + [(f"X{k}", -0.8) for k in range(width)]
    return [(f"{p}{k} {p}{k + 1}", 1.0) for k in range(width - 1) for p in "XYZ"]


def matrix(hamiltonian: list[tuple[str, float]], width: int) -> Any:
    """The sparse matrix, qubit 0 least significant."""
    total = sp.csr_matrix((1 << width, 1 << width), dtype=complex)
    for label, value in hamiltonian:
        letters = {int(word[1:]): word[0] for word in label.split()}
        factors = [LETTERS[letters.get(qubit, "I")] for qubit in reversed(range(width))]
        total = total + value * reduce(lambda a, b: sp.kron(a, b, format="csr"), factors)
    return total


def best(run: Callable[[], Any]) -> tuple[float, Any]:
    """The shortest time of up to five runs, and the result."""
    shortest, result, begun = float("inf"), None, perf_counter()
    for _ in range(5):
        start = perf_counter()
        result = run()
        shortest = min(shortest, perf_counter() - start)
        if perf_counter() - begun > BUDGET_SEC:
            break
    return shortest, result


def report(name: str, seconds: float, state: Any, ours: Any) -> None:
    """One line."""
    print(f"{name:24s} {1e3 * seconds:10.2f} ms   distance {np.linalg.norm(state - ours):.1e}", flush=True)


def main() -> None:
    """Compare."""
    kind, width, time = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    hamiltonian, start = terms(kind, width), ("01" * width)[:width]
    ours = Propagation(Evolution(hamiltonian, time, initial=start)).state()
    for method in ("auto", "krylov", "chebyshev"):
        plan = Propagation(Evolution(hamiltonian, time, initial=start), method=method)
        seconds, state = best(plan.state)
        report(f"eigen {method} ({plan.facts()['applications']})", seconds, state, ours)
    sparse, psi = matrix(hamiltonian, width), np.zeros(1 << width, dtype=complex)
    psi[int(start, 2)] = 1
    seconds, state = best(lambda: expm_multiply(-1j * time * sparse, psi, traceA=0.0))
    report("scipy expm_multiply", seconds, state, ours)
    try:
        import qutip
    except ImportError:
        return
    settings = {"vern9": {"atol": 1e-11, "rtol": 1e-11}, "krylov": {"krylov_dim": 30, "atol": 1e-10}}
    operator, ket = qutip.Qobj(sparse), qutip.Qobj(psi.reshape(-1, 1))
    for method, chosen in settings.items():
        options = {"method": method, "progress_bar": "", "nsteps": 10**6, **chosen}
        seconds, found = best(lambda options=options: qutip.sesolve(operator, ket, [0, time], options=options))
        report(f"qutip sesolve {method}", seconds, found.states[-1].full().ravel(), ours)


if __name__ == "__main__":
    main()

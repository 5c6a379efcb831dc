"""Pattern A: your optimiser on your side, the quantum part held open on the other.

The program is compiled, placed and lowered once; each iteration sends parameters and gets a number back. Here SciPy
minimises it twice: without derivatives, and with the exact gradient. Without arguments the quantum part is held in
this process, else on the server named: `python optimise.py grpc://localhost:50051`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from scipy.optimize import OptimizeResult, minimize

import eigen

PROGRAM = Path(__file__).with_name("energy.eigen.py")
PARAMETERS = 6


def ground_state(endpoint: str | None = None) -> tuple[OptimizeResult, OptimizeResult]:
    """The energy minimised without and with derivatives, from the same start."""
    with (
        eigen.connect(endpoint) as client,
        client.session(PROGRAM, parameters={"theta": PARAMETERS}) as energy,
    ):
        start = [0.1 * (1 + i) for i in range(PARAMETERS)]
        rough = minimize(energy, start, method="COBYLA", options={"maxiter": 300})
        fine = minimize(energy.value_and_gradient, start, jac=True, method="L-BFGS-B")
        return rough, fine


if __name__ == "__main__":
    for found in ground_state(sys.argv[1] if len(sys.argv) > 1 else None):
        print(f"energy {found.fun:.8f} after {found.nfev} evaluations")

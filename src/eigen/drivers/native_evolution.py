"""Time evolution on the native state-vector device: pure states, density matrices, trajectories."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from eigen import _core
from eigen.errors import EigenError
from eigen.types import WorkResult

if TYPE_CHECKING:
    from eigen.types import EvolutionWork

STATES_USED = 43
"""States that a Krylov basis and what stands beside it may take; a density matrix finds out itself."""
SETTINGS = frozenset({"method", "tolerance", "order", "steps", "trajectories"})


def run_evolution(work: EvolutionWork, *, threads: int) -> WorkResult:
    """Values of the observables at the times, counts when shots are asked for, and what the propagator did."""
    unknown = set(work.settings) - SETTINGS
    if unknown:
        raise EigenError("EIGEN_DEVICE_OPTION", f"an evolution has no setting `{min(unknown)}`")
    started = perf_counter()
    try:
        propagation = _core.Propagation(work.evolution, threads=threads, **work.settings)
        values, errors, counts = propagation.run(work.values, seed=work.seed, shots=work.shots)
    except _core.CoreError as refusal:
        raise EigenError.from_core(refusal) from None
    return WorkResult(
        counts=counts,
        series=tuple(values.ravel().tolist()),
        series_errors=None if errors is None else tuple(errors.ravel().tolist()),
        execution_time_sec=perf_counter() - started,
        metadata={
            "engine": "evolution",
            "version": _core.__version__,
            "precision": "f64",
            "seed": work.seed,
            **propagation.facts(),
        },
    )

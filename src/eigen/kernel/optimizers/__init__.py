"""Classical optimisers for hybrid loops: `minimize` runs one by name. They never see a device, only an objective.

Each is deterministic: the same answers give the same questions, bit for bit, so that an interrupted search can be
repeated from a journal of its answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.ir.methods import METHODS
from eigen.kernel.optimizers.search import (
    Batches,
    Objective,
    Optimizer,
    Optimum,
    Search,
    SearchEndedError,
    Settings,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Batches", "Objective", "Optimizer", "Optimum", "Search", "Settings", "minimize", "optimizer_for"]


def optimizer_for(method: str) -> Optimizer:
    """The optimiser of a method of `eigen.ir.methods.METHODS`; its libraries are imported now."""
    if method == "spsa":
        from eigen.kernel.optimizers.spsa import spsa

        return spsa
    if method in {"adam", "sgd"}:
        from eigen.kernel.optimizers.descent import adam, sgd

        return adam if method == "adam" else sgd
    if method == "rotosolve":
        from eigen.kernel.optimizers.rotosolve import rotosolve

        return rotosolve
    from eigen.kernel.optimizers.scientific import scientific

    return scientific(method)


def minimize(method: str, objective: Objective, initial: Sequence[float], settings: Settings) -> Optimum:
    """Search for the parameters of the smallest value, from `initial`.

    `method` and `settings` must have been checked with `eigen.ir.methods`. Raises EIGEN_RUN_FAILED when the
    objective is not finite, and whatever the objective raises.
    """
    search = Search(objective, settings)
    start = search.clip([float(x) for x in initial])
    try:
        if start:
            success, message = optimizer_for(method)(search, start)
        else:
            search.value(start)
            success, message = True, "there are no parameters to vary"
    except SearchEndedError as ended:
        success, message = False, str(ended)
    value, parameters = search.outcome(start)
    return Optimum(
        parameters=parameters,
        value=value,
        success=success,
        iterations=len(search.history),
        evaluations=search.evaluations,
        history=tuple(search.history),
        message=message,
        method=method,
        gradient_method=objective.gradient_method if METHODS[method].gradient else "none",
    )

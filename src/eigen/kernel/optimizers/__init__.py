"""Classical optimisers for hybrid loops: `minimize` runs one by name. They never see a device, only an objective.

Most are the core's (`native.py`), the others SciPy's (`scientific.py`). Each is deterministic: the same answers give
the same questions, bit for bit, so that an interrupted search can be repeated from a journal of its answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.ir.loops import NATIVE, Optimum
from eigen.ir.methods import METHODS
from eigen.kernel.optimizers.native import minimize_natively, native_search
from eigen.kernel.optimizers.search import Batches, Objective, Search, SearchEndedError, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen import _core

__all__ = ["Batches", "Objective", "Optimum", "Settings", "minimize"]


def minimize(
    method: str,
    objective: Objective,
    initial: Sequence[float],
    settings: Settings,
    *,
    advance: Callable[[_core.Search], _core.Search | None] = lambda search: None,
) -> Optimum:
    """Search for the parameters of the smallest value, from `initial`.

    `method` and `settings` must have been checked with `eigen.ir.methods`. `advance` may do a piece of a search of the
    core elsewhere. Raises EIGEN_RUN_FAILED when the objective is not finite, and whatever the objective raises.
    """
    if method in NATIVE:
        search = native_search(method, objective, initial, settings)
        return minimize_natively(search, objective, settings, advance=advance)
    return _scientifically(method, objective, initial, settings)


def _scientifically(method: str, objective: Objective, initial: Sequence[float], settings: Settings) -> Optimum:
    from eigen.kernel.optimizers.scientific import scientific

    search = Search(objective, settings)
    start = search.clip([float(x) for x in initial])
    try:
        if start:
            success, message = scientific(method)(search, start)
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

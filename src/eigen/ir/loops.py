"""Minimisation of expectation values in this process: the optimiser and the engine both run in the core.

>>> from eigen import _core
>>> from eigen.ir.loops import minimize
>>> builder = _core.CircuitBuilder(1)
>>> builder.gate("RY", [0], ["angle"])
>>> plan, energy = _core.Plan(builder.build()), _core.Observable.from_terms(1, [("Z0", 1.0)])
>>> found = minimize(plan, energy, [0.4], "l-bfgs-b")
>>> round(found.value, 9), found.success
(-1.0, True)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.errors import EigenError
from eigen.ir.circuit import core_errors
from eigen.ir.methods import (
    MethodError,
    check_bounds,
    check_count,
    check_options,
    check_tolerance,
    method_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

MAX_ITERATIONS = 100_000
MAX_EVALUATIONS = 100_000
NATIVE = frozenset({"adam", "cobyla", "l-bfgs-b", "nelder-mead", "rotosolve", "sgd", "spsa"})
"""The methods that the core has; the others are SciPy's."""


@dataclass(frozen=True, slots=True)
class Optimum:
    """What a search found.

    `parameters` and `value` are the best evaluated point (with mini-batches: the last point, over all samples).
    `success` tells whether the method's own criterion of convergence was met; methods without one (SPSA, and
    Adam or SGD without a tolerance) succeed when they do all their iterations. `history[k]` is the value at
    the end of iteration k + 1; `evaluations` counts evaluations of the objective, those of gradients included.
    """

    parameters: tuple[float, ...]
    value: float
    success: bool
    iterations: int
    evaluations: int
    history: tuple[float, ...]
    message: str
    method: str
    gradient_method: str


def search(
    method: str,
    initial: Sequence[float],
    *,
    max_iter: int | None = None,
    tolerance: float | None = None,
    bounds: Sequence[tuple[float | None, float | None]] | tuple[float | None, float | None] | None = None,
    options: Mapping[str, float | int | bool | None] | None = None,
    seed: int = 0,
    max_evaluations: int = MAX_EVALUATIONS,
) -> _core.Search:
    """A search by one of the methods of `minimize` that the core has, checked, with the defaults of the language.

    Drive it with `Plan.minimize`, in pieces if you like, or answer it yourself: `question()`, `tell(values)`;
    `checkpoint()` keeps it. Raises EIGEN_REQUEST_INVALID for what does not fit the method.
    """
    try:
        row = method_of(method)
        if row.name not in NATIVE:
            raise MethodError(
                f"`{row.name}` is not a method of the core", "its methods are " + ", ".join(sorted(NATIVE))
            )
        chosen = check_options(row, None if options is None else dict(options))
        pairs = check_bounds(row, bounds, len(initial))
        count = row.max_iter if max_iter is None else check_count("`max_iter`", max_iter, MAX_ITERATIONS)
        limit = check_tolerance(tolerance)
    except MethodError as error:
        raise EigenError("EIGEN_REQUEST_INVALID", error.message, hint=error.hint) from None
    with core_errors():
        return _core.Search(
            row.name,
            [float(x) for x in initial],
            max_iter=count,
            options=chosen,
            seed=seed,
            tolerance=limit,
            bounds=pairs,
            max_evaluations=max_evaluations,
        )


def minimize(
    plan: _core.Plan,
    observable: _core.Observable,
    initial: Sequence[float],
    method: str = "l-bfgs-b",
    *,
    scale: float = 1.0,
    offset: float = 0.0,
    callback: Callable[[int, int, float], object] | None = None,
    every: int = 1,
    **settings: Any,
) -> Optimum:
    """The parameters of a plan at which `scale <observable> + offset` is least, searched from `initial`.

    `settings` are those of `search`. `callback(iterations, evaluations, value)` is called every so many iterations;
    when it returns False the search ends where it is, without success.
    """
    running = search(method, initial, **settings)
    with core_errors():
        ended = plan.minimize(running, observable, scale=scale, offset=offset, callback=callback, every=every)
    return optimum_of(running) if ended else _interrupted(running)


def optimum_of(ended: _core.Search, *, gradient_method: str = "exact") -> Optimum:
    """What a search found that has ended. `gradient_method` says where its gradients came from."""
    found = ended.outcome()
    if found is None:
        raise ValueError("the search has not ended")
    return _optimum(ended, *found, gradient_method)


def _interrupted(running: _core.Search) -> Optimum:
    value, parameters = running.best() or (float("nan"), [])
    return _optimum(running, parameters, value, False, "stopped by the callback", "exact")


def _optimum(
    ran: _core.Search, parameters: Sequence[float], value: float, success: bool, message: str, gradient_method: str
) -> Optimum:
    return Optimum(
        parameters=tuple(parameters),
        value=value,
        success=success,
        iterations=ran.iterations,
        evaluations=ran.evaluations,
        history=tuple(ran.history()),
        message=message,
        method=ran.method,
        gradient_method=gradient_method if method_of(ran.method).gradient else "none",
    )

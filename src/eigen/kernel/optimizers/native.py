"""The optimisers of the core, answered one question at a time by an objective of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen import _core
from eigen.ir.circuit import core_errors
from eigen.ir.loops import optimum_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.ir.loops import Optimum
    from eigen.kernel.optimizers.search import Objective, Settings


def native_search(method: str, objective: Objective, initial: Sequence[float], settings: Settings) -> _core.Search:
    """A search at its beginning."""
    plan = settings.batches
    with core_errors():
        return _core.Search(
            method,
            [float(x) for x in initial],
            max_iter=settings.max_iter,
            options=settings.options,
            seed=settings.seed,
            tolerance=settings.tolerance,
            bounds=settings.bounds,
            batches=None if plan is None else (plan.count, plan.size, plan.epochs),
            max_evaluations=settings.max_evaluations,
            gradient_cost=objective.gradient_cost(len(initial)),
            exact=objective.exact,
        )


def minimize_natively(
    search: _core.Search,
    objective: Objective,
    settings: Settings,
    *,
    advance: Callable[[_core.Search], _core.Search | None] = lambda search: None,
) -> Optimum:
    """Answer a search until it ends. `advance` may do a piece of it elsewhere and give the search as it then is."""
    told = 0
    while (question := search.question()) is not None:
        further = advance(search)
        if further is None:
            _answer(search, question, objective)
            told = _report(search, told, settings)
        else:
            search = further
            told = _report(search, max(told, search.iterations - 1), settings)
    return optimum_of(search, gradient_method=objective.gradient_method)


def _report(search: _core.Search, told: int, settings: Settings) -> int:
    """Tell of the iterations after number `told`; of a whole piece only the last one is told."""
    for number, value in enumerate(search.history(told), start=told + 1):
        if settings.on_iteration is not None:
            settings.on_iteration(number, value)
    return search.iterations


def _answer(
    search: _core.Search, question: tuple[str, list[list[float]], list[int] | None], objective: Objective
) -> None:
    wants, points, samples = question
    batch = None if samples is None else tuple(samples)
    values: list[float] = []
    slopes: list[Sequence[float]] = []
    for point in points:
        if wants == "value":
            values.append(objective.value(tuple(point), batch))
        else:
            value, slope = objective.gradient(tuple(point), batch)
            values.append(value)
            slopes.append(slope)
    with core_errors():
        search.tell(values, slopes)

"""How many evaluations a minimisation takes: at most, and usually when it does all its iterations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.ir.loops import MAX_EVALUATIONS
from eigen.ir.methods import METHODS, check_options, method_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eigen.ir.program import Node

USUAL_LINE_SEARCH = 1.25
"""Evaluations of one iteration of a quasi-Newton method: most first steps are taken."""
USUAL_SIMPLEX = 1.7
"""Evaluations of one step of a simplex: a reflection, and often an expansion or a contraction."""
POWELL_LINE = 9.0
"""Evaluations of one line search of Powell's method."""


@dataclass(frozen=True, slots=True)
class Search:
    """One `minimize` stage: its iterations (epochs, with batches) and the evaluations of its objective. A gradient
    counts as one; `batch` is how many samples each evaluation sees, None for all of them."""

    method: str
    line: int
    parameters: int
    iterations: int
    usual: float
    most: float
    gradient: bool
    batch: int | None = None


def search_of(node: Node, parameters: int, max_iters: int | None) -> Search:
    """The bound of a `minimize` stage; `max_iters` is the job's cap of iterations."""
    method = method_of(node.attrs["method"])
    given = node.attrs.get("max_iter")
    iterations = method.max_iter if given is None else int(given)
    plan: Mapping[str, Any] | None = node.attrs.get("batches") if method.batches else None
    if max_iters is not None:
        iterations = min(iterations, max_iters)
    steps, batch = iterations, None
    if plan is not None:
        count, epochs = int(plan["count"]), int(plan.get("epochs", 1))
        iterations = epochs if max_iters is None else min(epochs, max_iters)
        batch = count if plan.get("size") is None else min(int(plan["size"]), count)
        steps = iterations * -(-count // batch)
    options = check_options(method, node.attrs.get("options"))
    usual, most = _COUNTS[method.name](steps, max(parameters, 1), options)
    return Search(
        method.name,
        node.line,
        parameters,
        iterations,
        min(usual, MAX_EVALUATIONS),
        min(most, MAX_EVALUATIONS),
        method.gradient,
        batch,
    )


Count = tuple[float, float]


def _one_each(steps: int, size: int, options: Mapping[str, Any]) -> Count:
    return steps, steps + 1


def _simplex(steps: int, size: int, options: Mapping[str, Any]) -> Count:
    first = size + 1
    return first + USUAL_SIMPLEX * steps, first + steps * (size + 2)


def _powell(steps: int, size: int, options: Mapping[str, Any]) -> Count:
    return 1 + steps * size * POWELL_LINE, float("inf")


def _quasi_newton(steps: int, size: int, options: Mapping[str, Any]) -> Count:
    lines = options.get("maxls")
    return 1 + USUAL_LINE_SEARCH * steps, float("inf") if lines is None else 1 + steps * (float(lines) + 1)


def _spsa(steps: int, size: int, options: Mapping[str, Any]) -> Count:
    pairs = 0 if options.get("a") is not None else max(int(options["calibration"] or 0), 1)
    count = 2 * pairs + 2 * steps + 1
    return count, count + 1


def _descent(steps: int, size: int, options: Mapping[str, Any]) -> Count:
    return steps + 1, steps + 2


def _rotosolve(steps: int, size: int, options: Mapping[str, Any]) -> Count:
    return 2 + 2 * size * steps + size, 2 + steps * (2 * size + 1) + size


_COUNTS: dict[str, Callable[[int, int, Mapping[str, Any]], Count]] = {
    "cobyla": _one_each,
    "nelder-mead": _simplex,
    "powell": _powell,
    "l-bfgs-b": _quasi_newton,
    "slsqp": _quasi_newton,
    "bfgs": _quasi_newton,
    "cg": _quasi_newton,
    "spsa": _spsa,
    "adam": _descent,
    "sgd": _descent,
    "rotosolve": _rotosolve,
}
assert _COUNTS.keys() == METHODS.keys()

"""The optimisers of SciPy behind our `Optimizer` face: Powell, SLSQP, BFGS and CG.

SciPy's arithmetic is deterministic on one installation; another build may round otherwise, and the journal then refuses
to continue a run that it began.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from eigen.ir.methods import METHODS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.kernel.optimizers.search import Optimizer, Point, Search

_TOLERANCES = {
    "powell": ("xtol", "ftol"),
    "slsqp": ("ftol",),
    "bfgs": ("gtol",),
    "cg": ("gtol",),
}
_LIMITLESS = 2**31 - 1


def scientific(method: str) -> Optimizer:
    """The optimiser of one of SciPy's methods."""

    def search_with_scipy(search: Search, initial: Point) -> tuple[bool, str]:
        from scipy import optimize  # pyright: ignore[reportMissingTypeStubs]

        wants_gradient = METHODS[method].gradient

        def ask(point: Sequence[float]) -> Any:
            inside = search.clip(point)  # a method may step over a bound by rounding
            return search.gradient(inside) if wants_gradient else search.value(inside)

        def end_of_iteration(point: Sequence[float]) -> None:
            search.finish_iteration(at=search.clip(point))

        solve: Any = optimize.minimize  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what SciPy warns about stands in its message
            found = solve(
                ask,
                list(initial),
                jac=wants_gradient or None,
                method=method,
                bounds=search.settings.bounds,
                callback=end_of_iteration,
                options=_options(method, search),
            )
        return bool(found.success), str(found.message)

    return search_with_scipy


def _options(method: str, search: Search) -> dict[str, Any]:
    settings = search.settings
    options: dict[str, Any] = {name: value for name, value in settings.options.items() if value is not None}
    options["maxiter"] = settings.max_iter
    if settings.tolerance is not None:
        options |= dict.fromkeys(_TOLERANCES[method], settings.tolerance)
    if method == "powell":
        options["maxfev"] = _LIMITLESS
    return options

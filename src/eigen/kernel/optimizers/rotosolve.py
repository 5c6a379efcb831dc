"""Rotosolve: the exact minimum along one rotation angle at a time (Ostaszewski et al., Quantum 5, 391, 2021)."""

from __future__ import annotations

from math import pi
from typing import TYPE_CHECKING

from eigen import _core
from eigen.errors import EigenError

if TYPE_CHECKING:
    from eigen.kernel.optimizers.search import Point, Search

_PROBE = 1.0
_AGREEMENT = 1e-6
_DEFAULT_TOLERANCE = 1e-8


def rotosolve(search: Search, initial: Point) -> tuple[bool, str]:
    """Sweep over the parameters; along each the objective must be `m + a cos(x) + b sin(x)`.

    With exact values the first sweep proves that at a fourth point of each parameter and raises
    EIGEN_RUN_FAILED when it is not so; with values from shots it cannot be proved, which the message says.
    Ends when a sweep improves the value by less than the tolerance (1e-8; from shots, all sweeps are done).
    """
    settings = search.settings
    tolerance = settings.tolerance
    if tolerance is None and search.exact:
        tolerance = _DEFAULT_TOLERANCE
    note = "" if search.exact else "; values come from shots, so their sinusoidal form was not checked"
    point = list(initial)
    value = search.value(point)
    for sweep in range(settings.max_iter):
        before = value
        for place in range(len(point)):
            value = _solve_one(search, point, place, value, check=search.exact and sweep == 0)
        if not search.exact or sweep % 8 == 7:
            value = search.value(point)  # the predictions must not drift away from what is measured
        search.finish_iteration(value)
        if tolerance is not None and before - value < tolerance:
            search.value(point)
            return True, f"a sweep improved the value by less than {tolerance}{note}"
    search.value(point)
    return tolerance is None, f"all sweeps done{note}"


def _solve_one(search: Search, point: list[float], place: int, value: float, *, check: bool) -> float:
    """Move one parameter to its minimum in place; returns the value there as the sinusoid predicts it."""
    here = point[place]

    def at(x: float) -> float:
        return search.value([*point[:place], x, *point[place + 1 :]])

    above, below = at(here + pi / 2), at(here - pi / 2)
    mean = (above + below) / 2
    cosine, sine = value - mean, (above - below) / 2
    amplitude = _core.math.hypot(cosine, sine)
    if check:
        expected = mean + cosine * _core.math.cos(_PROBE) + sine * _core.math.sin(_PROBE)
        found = at(here + _PROBE)
        if abs(found - expected) > _AGREEMENT * (1.0 + amplitude):
            raise EigenError(
                "EIGEN_RUN_FAILED",
                f"`rotosolve` does not fit: along parameter `{place}` the objective is not a sinusoid of period 2 pi",
                hint="each parameter must be the angle of exactly one rotation, and the objective linear in the "
                "expectation values; another method, such as l-bfgs-b, takes any objective",
            )
    if amplitude == 0:
        return value
    moved = here + _core.math.atan2(-sine, -cosine)
    point[place] = moved - 2 * pi * round(moved / (2 * pi)) if abs(moved) > pi else moved
    return mean - amplitude

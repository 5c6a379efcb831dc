"""What every optimiser shares: the objective it asks and the settings it obeys; and the record of a search by SciPy."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Protocol

from eigen.errors import EigenError
from eigen.ir.loops import MAX_EVALUATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Point = tuple[float, ...]
Batch = tuple[int, ...]


class Objective(Protocol):
    """A real function of parameters, over all samples or a batch of them.

    `exact` is False when values carry shot noise. `gradient_method` says how `gradient` finds its answer: `exact`
    or `finite differences`.
    """

    exact: bool
    gradient_method: str

    def value(self, point: Point, batch: Batch | None) -> float:
        """The value."""
        ...

    def gradient(self, point: Point, batch: Batch | None) -> tuple[float, Sequence[float]]:
        """The value and the gradient."""
        ...

    def gradient_cost(self, size: int) -> int:
        """How many evaluations a gradient with respect to `size` parameters takes."""
        ...


@dataclass(frozen=True, slots=True)
class Batches:
    """Mini-batches: `epochs` passes over `count` samples in shuffled batches of `size`."""

    count: int
    size: int
    epochs: int


@dataclass(frozen=True, slots=True)
class Settings:
    """How far to search. `tolerance` replaces the method's own convergence tolerances; None keeps them."""

    max_iter: int
    seed: int = 0
    tolerance: float | None = None
    bounds: tuple[tuple[float, float], ...] | None = None
    options: Mapping[str, float | int | bool | None] = field(default_factory=dict[str, "float | int | bool | None"])
    batches: Batches | None = None
    max_evaluations: int = MAX_EVALUATIONS
    on_iteration: Callable[[int, float], None] | None = None


class Optimizer(Protocol):
    """One method: searches from `initial` and returns the verdict as `(success, message)`."""

    def __call__(self, search: Search, initial: Point) -> tuple[bool, str]:
        """Search; every evaluation and iteration goes through `search`."""
        ...


class SearchEndedError(Exception):
    """Raised through a method when a limit of the search is reached."""


class Search:
    """One search under way: asks the objective, refuses NaN, remembers the best point, counts and reports."""

    def __init__(self, objective: Objective, settings: Settings) -> None:
        self.settings = settings
        self.exact = objective.exact
        self.evaluations = 0
        self.history: list[float] = []
        self.best: tuple[float, Point] | None = None
        self._objective = objective
        self._last: tuple[Point, float] | None = None

    def value(self, point: Sequence[float], batch: Batch | None = None) -> float:
        """The objective at a point. Raises EIGEN_RUN_FAILED when it is not a finite number."""
        where = self._enter(point)
        return self._learn(where, self._objective.value(where, batch), batch)

    def gradient(self, point: Sequence[float], batch: Batch | None = None) -> tuple[float, list[float]]:
        """Value and gradient at a point. Raises EIGEN_RUN_FAILED when one is not finite."""
        where = self._enter(point, self._objective.gradient_cost(len(point)))
        value, slope = self._objective.gradient(where, batch)
        self._learn(where, value, batch)
        if not all(map(isfinite, slope)):
            raise _not_finite("gradient of the objective", list(slope), where)
        return value, list(slope)

    def finish_iteration(self, value: float | None = None, *, at: Sequence[float] | None = None) -> None:
        """Report the end of an iteration with its value, or that of the point `at` if it was evaluated last."""
        if value is None:
            known = self._last is not None and at is not None and self._last[0] == tuple(map(float, at))
            value = self._last[1] if known and self._last else self.best[0] if self.best else float("nan")
        self.history.append(value)
        if self.settings.on_iteration is not None:
            self.settings.on_iteration(len(self.history), value)

    def outcome(self, start: Point) -> tuple[float, Point]:
        """The best value over all samples and its point; the start when nothing was evaluated over all samples."""
        if self.best is None:
            self.best = (self._objective.value(start, None), start)
        return self.best

    def clip(self, point: Sequence[float]) -> Point:
        """The point moved inside the bounds."""
        if self.settings.bounds is None:
            return tuple(map(float, point))
        return tuple(min(max(float(x), low), high) for x, (low, high) in zip(point, self.settings.bounds, strict=True))

    def _enter(self, point: Sequence[float], cost: int = 1) -> Point:
        if self.evaluations + cost > self.settings.max_evaluations and self.evaluations:
            raise SearchEndedError(
                f"stopped after {self.evaluations} evaluations: {self.settings.max_evaluations} are allowed"
            )
        self.evaluations += cost
        return tuple(map(float, point))

    def _learn(self, point: Point, value: float, batch: Batch | None) -> float:
        if not isfinite(value):
            raise _not_finite("objective", value, point)
        self._last = (point, value)
        if batch is None and (self.best is None or value < self.best[0]):
            self.best = (value, point)
        return value


def _not_finite(what: str, value: object, point: Point) -> EigenError:
    shown = ", ".join(f"{x:.6g}" for x in point[:8]) + (", …" if len(point) > 8 else "")
    return EigenError("EIGEN_RUN_FAILED", f"the {what} is `{value}` at the parameters [{shown}]"[:500])

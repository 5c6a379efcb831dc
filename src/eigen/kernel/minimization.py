"""The `minimize` stage: a region as the objective of an optimiser, with exact gradients where they exist."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.errors import EigenError
from eigen.ir.array import Array, is_sequence
from eigen.ir.autodiff import is_differentiable, value_and_gradient
from eigen.ir.loops import MAX_ITERATIONS
from eigen.ir.methods import (
    METHODS,
    MethodError,
    check_bounds,
    check_count,
    check_options,
    check_tolerance,
    method_of,
)
from eigen.ir.values import Record, type_of
from eigen.kernel.linear_energy import linear_energy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.ir.program import Node, Region
    from eigen.kernel.evaluation import Path
    from eigen.kernel.interpreter import Interpreter
    from eigen.kernel.optimizers import Batches, Settings
    from eigen.kernel.optimizers.search import Batch, Point

FIRST_PIECE_SECONDS = 1 / 16
PIECE_SECONDS = 0.5  # how long a cancelled job may go on
MAX_PARAMETERS = 10_000
UNFINISHED = "stopped before its end: the best so far"
_EXACT_STEP = 6.0554544523933395e-06  # cube root of the double's epsilon: best for central differences
_NOISY_STEP = 0.5  # wide, so that shot noise is not blown up; 1 / (2 sin h) makes it exact for rotation angles


def minimize_stage(interpreter: Interpreter, node: Node, args: Sequence[Any], path: Path, label: str) -> Record:
    """The record:minimize of a stage. Raises EIGEN_RUN_FAILED for options that do not fit the method."""
    from eigen.kernel.optimizers import minimize

    initial = _initial(args[0])
    try:
        settings = _settings(interpreter, node, initial, path, label)
        method = method_of(node.attrs["method"])
    except MethodError as error:
        raise EigenError("EIGEN_RUN_FAILED", error.message, hint=error.hint) from None
    objective = RegionObjective(interpreter, node, args, (*path, 0))
    settings = replace(settings, on_iteration=_counting(objective, settings.on_iteration))
    try:
        found = minimize(method.name, objective, initial, settings, advance=objective.advance)
    except Exception:
        if objective.best is not None and interpreter.searching == 1:
            interpreter.minimizations.append((label, _unfinished(objective.best, objective.iterations, method.name)))
        raise
    message = found.message
    if method.gradient:
        message += f" (gradients: {found.gradient_method}{objective.why})"
        if objective.why and not objective.exact:
            interpreter.warn(f"`{label}`: gradients by finite differences of values from shots are imprecise")
    return Record(
        "minimize",
        {
            "optimal_value": found.value,
            "optimal_parameters": Array.vector(found.parameters),
            "success": found.success,
            "iterations": found.iterations,
            "evaluations": found.evaluations,
            "history": Array.vector(found.history),
            "message": message,
            "method": found.method,
        },
    )


def _counting(objective: RegionObjective, told: Callable[[int, float], None] | None) -> Callable[[int, float], None]:
    """Keeps the number of the last iteration with the objective."""

    def report(iteration: int, value: float) -> None:
        objective.iterations = iteration
        if told is not None:
            told(iteration, value)

    return report


def _unfinished(best: tuple[float, Sequence[float]], iterations: int, method: str) -> Record:
    """The record of a search that was stopped: the best it had found. How many evaluations it had asked for is that of
    the whole run."""
    return Record(
        "minimize",
        {
            "optimal_value": best[0],
            "optimal_parameters": Array.vector(best[1]),
            "success": False,
            "iterations": iterations,
            "message": UNFINISHED,
            "method": method,
        },
    )


def _initial(value: Any) -> list[float]:
    flat: Sequence[Any] = value.data if isinstance(value, Array) else value if is_sequence(value) else (value,)
    if not all(isinstance(item, (int, float)) for item in flat):
        raise EigenError("EIGEN_RUN_FAILED", "the initial parameters of `minimize` are real numbers")
    if len(flat) > MAX_PARAMETERS:
        raise EigenError(
            "EIGEN_LIMIT_EXCEEDED", f"parameters to minimise over: `{len(flat)}` is beyond the limit {MAX_PARAMETERS}"
        )
    return [float(item) for item in flat]


def _settings(interpreter: Interpreter, node: Node, initial: list[float], path: Path, label: str) -> Settings:
    from eigen.kernel.optimizers import Settings

    method = method_of(node.attrs["method"])
    given = node.attrs.get("max_iter")
    max_iter = method.max_iter if given is None else check_count("`max_iter`", given, MAX_ITERATIONS)
    batches = _batches(node.attrs.get("batches")) if method.batches else None
    if interpreter.max_iters is not None:
        max_iter = min(max_iter, interpreter.max_iters)
        batches = batches and replace(batches, epochs=min(batches.epochs, interpreter.max_iters))
    total = max_iter if batches is None else batches.epochs * -(-batches.count // batches.size)

    def report(iteration: int, value: float) -> None:
        interpreter.control.progress(label, iteration, value, of=total)

    return Settings(
        max_iter=max_iter,
        seed=interpreter.evaluator.derive("optimizer", path),
        tolerance=check_tolerance(node.attrs.get("tolerance")),
        bounds=check_bounds(method, node.attrs.get("bounds"), len(initial)),
        options=check_options(method, node.attrs.get("options")),
        batches=batches,
        on_iteration=report,
    )


def _count_of(plan: Any) -> int:
    return check_count("the number of samples", plan["count"], 1_000_000)


def _batches(plan: Any) -> Batches | None:
    from eigen.kernel.optimizers import Batches

    if plan is None:
        return None
    count = _count_of(plan)
    size = count if plan.get("size") is None else check_count("the batch size", plan["size"], 1_000_000)
    return Batches(count, min(size, count), check_count("the number of epochs", plan.get("epochs", 1), 100_000))


class RegionObjective:
    """A region `(params, [batch,] *captures) -> (value,)` as the objective of a search.

    Gradients are exact when the region is differentiable and the engine gives exact gradients of every
    expectation value in it. Else they are central differences, which `why` explains; of values from shots with
    the wide shift 0.5, unbiased where a parameter is one rotation angle (Mitarai et al., PRA 98, 032309, 2018).
    """

    def __init__(self, interpreter: Interpreter, node: Node, args: Sequence[Any], path: Path) -> None:
        first, region = args[0], node.regions[0]
        self._interpreter = interpreter
        self._region = region
        self._captures = tuple(args[1:])
        self._path = path
        self._shape = first.shape if isinstance(first, Array) else None
        plan = node.attrs.get("batches")
        self._all = None if plan is None else Array.vector(range(_count_of(plan)), "i")
        self.exact = _is_exact(region)
        differentiable, reason = is_differentiable(region, has_gradient=interpreter.evaluator.has_gradient)
        self.gradient_method = "exact" if differentiable else "finite differences"
        self.why = "" if differentiable else f", because {reason}"
        self._energy = None if self._all is not None else linear_energy(region, self._captures)
        self._piece_seconds = FIRST_PIECE_SECONDS
        self.best: tuple[float, Sequence[float]] | None = None
        self.iterations = 0

    def value(self, point: Point, batch: Batch | None) -> float:
        """The value of the region."""
        (answer,) = self._interpreter.region(self._region, self._arguments(point, batch), self._path)
        value = _objective_value(answer)
        self._learn(value, point, batch)
        return value

    def gradient(self, point: Point, batch: Batch | None) -> tuple[float, Sequence[float]]:
        """Value and gradient, one evaluation for both when exact."""
        if self.gradient_method != "exact":
            return self._differences(point, batch)
        interpreter = self._interpreter
        value, slope = value_and_gradient(
            self._region,
            self._arguments(point, batch),
            self._path,
            evaluate=interpreter.node,
            expectation=interpreter.expectation_gradient,
        )
        self._learn(value, point, batch)
        return value, slope

    def gradient_cost(self, size: int) -> int:
        """How many evaluations a gradient with respect to `size` parameters takes."""
        return 1 if self.gradient_method == "exact" else 2 * size + 1

    def advance(self, search: _core.Search) -> _core.Search | None:
        """A search taken further by the engine itself, in pieces that grow; None when it cannot do that."""
        energy = self._energy
        if energy is None or (METHODS[search.method].gradient and self.gradient_method != "exact"):
            return None
        further = self._interpreter.loop_piece(energy, search, self._piece_seconds)
        if further is not None:
            self._piece_seconds = min(2 * self._piece_seconds, PIECE_SECONDS)
            self.best, self.iterations = further.best(), further.iterations
        return further

    def _differences(self, point: Point, batch: Batch | None) -> tuple[float, Sequence[float]]:
        slope: list[float] = []
        for place, x in enumerate(point):
            width = _EXACT_STEP * max(1.0, abs(x)) if self.exact else _NOISY_STEP
            ends = [self.value((*point[:place], y, *point[place + 1 :]), batch) for y in (x + width, x - width)]
            slope.append((ends[0] - ends[1]) / (2.0 * (width if self.exact else _core.math.sin(width))))
        return self.value(point, batch), slope

    def _learn(self, value: float, point: Point, batch: Batch | None) -> None:
        """Remember the least value over all samples."""
        if batch is None and (self.best is None or value < self.best[0]):
            self.best = value, point

    def _arguments(self, point: Point, batch: Batch | None) -> tuple[Any, ...]:
        parameters = Array((len(point),) if self._shape is None else self._shape, point)
        if self._all is None:
            return (parameters, *self._captures)
        return (parameters, self._all if batch is None else Array.vector(batch, "i"), *self._captures)


def _objective_value(value: Any) -> float:
    if isinstance(value, Array) and value.size == 1:
        value = value.data[0]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise EigenError("EIGEN_RUN_FAILED", f"an objective gives a real number, not a `{type_of(value)}`")
    return float(value)


def _is_exact(region: Region) -> bool:
    """Whether no value in a region comes from shots."""
    return all(
        node.op != "run"
        and (node.op != "modes" or node.attrs["exact"])
        and (node.op not in {"expectation", "probability", "evolve"} or node.attrs.get("shots") is None)
        for node in region.walk()
    )

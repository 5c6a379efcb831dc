"""One contract for every optimiser, and what each promises of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import cos, nan, pi, sin
from typing import TYPE_CHECKING, Any

import pytest

from eigen.errors import EigenError
from eigen.ir.methods import METHODS, MethodError, check_bounds, check_options, method_of
from eigen.kernel.optimizers import Batches, Settings, minimize

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass
class Function:
    """An objective in closed form that remembers what it was asked."""

    formula: Callable[[Sequence[float]], float]
    slope: Callable[[Sequence[float]], list[float]]
    exact: bool = True
    gradient_method: str = "exact"
    asked: list[tuple[str, tuple[float, ...]]] = field(default_factory=list)

    def value(self, point: tuple[float, ...], batch: Any) -> float:
        self.asked.append(("value", point))
        return self.formula(point)

    def gradient(self, point: tuple[float, ...], batch: Any) -> tuple[float, list[float]]:
        self.asked.append(("gradient", point))
        return self.formula(point), self.slope(point)

    def gradient_cost(self, size: int) -> int:
        return 1


def ripple() -> Function:
    """-cos(x - 0.5) - 2 cos(y + 1): a sinusoid in each, smallest -3 at (0.5, -1)."""
    return Function(
        lambda p: -cos(p[0] - 0.5) - 2 * cos(p[1] + 1),
        lambda p: [sin(p[0] - 0.5), 2 * sin(p[1] + 1)],
    )


def settings(method: str, **given: Any) -> Settings:
    row = METHODS[method]
    return Settings(
        max_iter=given.pop("max_iter", row.max_iter),
        seed=given.pop("seed", 5),
        options=check_options(row, given.pop("options", None)),
        bounds=check_bounds(row, given.pop("bounds", None), given.pop("size", 2)),
        **given,
    )


every_method = pytest.mark.parametrize("method", sorted(METHODS))
GRADIENT = sorted(name for name, row in METHODS.items() if row.gradient)
BOUNDED = sorted(name for name, row in METHODS.items() if row.bounds)


@every_method
def test_finds_the_minimum(method: str) -> None:
    found = minimize(method, ripple(), [0.1, 0.1], settings(method))
    assert found.success, found.message
    assert found.value == pytest.approx(-3.0, abs=1e-3)
    assert found.parameters == pytest.approx((0.5, -1.0), abs=5e-2)
    assert found.message


@every_method
def test_same_answers_same_questions(method: str) -> None:
    first, second = ripple(), ripple()
    results = [minimize(method, f, [0.3, 0.2], settings(method, max_iter=30)) for f in (first, second)]
    assert first.asked == second.asked
    assert results[0] == results[1]


@every_method
def test_result_is_the_best_evaluated_point(method: str) -> None:
    objective = ripple()
    found = minimize(method, objective, [0.3, 0.2], settings(method, max_iter=7))
    values = [objective.formula(point) for _, point in objective.asked]
    assert found.value == min(values)
    assert objective.formula(found.parameters) == found.value
    assert found.evaluations == len(objective.asked)


@every_method
def test_iterations_are_reported_in_order(method: str) -> None:
    heard: list[tuple[int, float]] = []
    found = minimize(
        method, ripple(), [0.3, 0.2], settings(method, max_iter=6, on_iteration=lambda k, v: heard.append((k, v)))
    )
    assert [number for number, _ in heard] == list(range(1, found.iterations + 1))
    assert tuple(value for _, value in heard) == found.history
    assert 1 <= found.iterations <= 6


@every_method
def test_not_a_number_ends_the_search_with_an_error(method: str) -> None:
    broken = Function(lambda p: nan, lambda p: [0.0, 0.0])
    with pytest.raises(EigenError) as caught:
        minimize(method, broken, [0.3, 0.2], settings(method))
    assert caught.value.code == "EIGEN_RUN_FAILED"
    assert "nan" in caught.value.message


@every_method
def test_what_the_objective_raises_comes_out(method: str) -> None:
    class StopError(Exception):
        pass

    count = 0

    def stop(point: Sequence[float]) -> float:
        nonlocal count
        count += 1
        if count > 3:
            raise StopError
        return ripple().formula(point)

    with pytest.raises(StopError):
        minimize(method, Function(stop, ripple().slope), [0.3, 0.2], settings(method))


@every_method
def test_the_guard_of_evaluations_holds(method: str) -> None:
    objective = ripple()
    found = minimize(method, objective, [2.0, 2.0], settings(method, max_evaluations=5))
    assert len(objective.asked) <= 5
    assert not found.success
    assert "evaluations" in found.message


@every_method
def test_without_parameters_there_is_one_value(method: str) -> None:
    found = minimize(method, Function(lambda p: 4.0, lambda p: []), [], settings(method, size=0))
    assert (found.value, found.parameters, found.success) == (4.0, (), True)


@pytest.mark.parametrize("method", BOUNDED)
def test_bounds_are_kept(method: str) -> None:
    objective = ripple()
    bounds = [(0.0, 0.25), (-0.5, 3.0)]
    found = minimize(method, objective, [0.1, 0.1], settings(method, bounds=bounds))
    assert found.parameters == pytest.approx((0.25, -0.5), abs=2e-2)
    for x, y in (point for _, point in objective.asked):
        assert 0.0 <= x <= 0.25
        assert -0.5 <= y <= 3.0


@pytest.mark.parametrize("method", sorted(set(METHODS) - set(BOUNDED)))
def test_methods_without_bounds_refuse_them(method: str) -> None:
    with pytest.raises(MethodError, match="does not take bounds"):
        check_bounds(METHODS[method], [(0, 1)], 1)


@pytest.mark.parametrize("method", GRADIENT)
def test_gradient_methods_ask_for_gradients(method: str) -> None:
    objective = ripple()
    found = minimize(method, objective, [0.3, 0.2], settings(method, max_iter=5))
    assert any(kind == "gradient" for kind, _ in objective.asked)
    assert found.gradient_method == "exact"


def test_unknown_names_get_a_suggestion() -> None:
    with pytest.raises(MethodError) as caught:
        method_of("nelder-meed")
    assert "nelder-mead" in caught.value.hint
    with pytest.raises(MethodError) as caught:
        check_options(METHODS["adam"], {"learning_rat": 1.0})
    assert "learning_rate" in caught.value.hint
    assert method_of("COBYLA").name == "cobyla"
    assert method_of("L-BFGS-B").name == "l-bfgs-b"


@pytest.mark.parametrize(
    ("method", "options"),
    [
        ("adam", {"learning_rate": 0.0}),
        ("adam", {"learning_rate": nan}),
        ("adam", {"learning_rate": "fast"}),
        ("adam", {"beta1": 1.0}),
        ("adam", [1]),
        ("spsa", {"calibration": 2.5}),
        ("nelder-mead", {"adaptive": 1}),
        ("rotosolve", {"anything": 1}),
    ],
)
def test_bad_options_are_refused(method: str, options: Any) -> None:
    with pytest.raises(MethodError):
        check_options(METHODS[method], options)


@pytest.mark.parametrize("bounds", [[(1, 0)], [(0, 0)], [("a", 1)], 5, [(0, 1, 2)], [(nan, 1)]])
def test_bad_bounds_are_refused(bounds: Any) -> None:
    with pytest.raises(MethodError):
        check_bounds(METHODS["cobyla"], bounds, 1)
    with pytest.raises(MethodError):
        check_bounds(METHODS["cobyla"], [(0, 1)], 2)


def test_one_pair_bounds_every_parameter() -> None:
    assert check_bounds(METHODS["adam"], (0, None), 2) == ((0.0, float("inf")),) * 2


def test_tolerance_ends_earlier() -> None:
    for method in ("cobyla", "nelder-mead", "powell", "l-bfgs-b", "slsqp", "bfgs", "adam", "sgd", "spsa"):
        loose = minimize(method, ripple(), [0.1, 0.1], settings(method, tolerance=0.3))
        tight = minimize(method, ripple(), [0.1, 0.1], settings(method, tolerance=1e-7, max_iter=150))
        assert loose.evaluations < tight.evaluations, method


def test_adam_without_convergence_is_no_success() -> None:
    found = minimize("adam", ripple(), [0.1, 0.1], settings("adam", max_iter=3, tolerance=1e-9))
    assert not found.success


def test_spsa_depends_on_its_seed() -> None:
    found = [minimize("spsa", ripple(), [0.1, 0.1], settings("spsa", max_iter=20, seed=s)) for s in (1, 1, 2)]
    assert found[0] == found[1]
    assert found[0].history != found[2].history


def test_spsa_takes_two_evaluations_a_step() -> None:
    objective = ripple()
    minimize("spsa", objective, [0.1, 0.1], settings("spsa", max_iter=20, options={"a": 0.2}))
    assert len(objective.asked) == 2 * 20 + 1


def test_rotosolve_is_exact_after_one_sweep_of_separable_sinusoids() -> None:
    found = minimize("rotosolve", ripple(), [2.0, 2.0], settings("rotosolve"))
    assert found.history[0] == pytest.approx(-3.0, abs=1e-12)
    assert found.parameters == pytest.approx((0.5, -1.0), abs=1e-7)


@pytest.mark.parametrize("formula", [lambda p: cos(2 * p[0]), lambda p: p[0] ** 2, lambda p: cos(p[0]) ** 2])
def test_rotosolve_refuses_what_is_no_sinusoid(formula: Any) -> None:
    with pytest.raises(EigenError) as caught:
        minimize("rotosolve", Function(formula, lambda p: [0.0]), [0.3], settings("rotosolve", size=1))
    assert "sinusoid" in caught.value.message
    assert caught.value.hint


def test_rotosolve_says_that_noise_was_not_checked() -> None:
    noisy = ripple()
    noisy.exact = False
    found = minimize("rotosolve", noisy, [2.0, 2.0], settings("rotosolve", max_iter=2))
    assert "not checked" in found.message
    assert found.parameters == pytest.approx((0.5, -1.0), abs=pi / 100)


@dataclass
class Samples:
    """A least-squares fit of samples `x_k`; the gradient of a batch is that of its samples."""

    targets: tuple[float, ...]
    exact: bool = True
    gradient_method: str = "exact"
    batches: list[Any] = field(default_factory=list)

    def value(self, point: tuple[float, ...], batch: Any) -> float:
        self.batches.append(batch)
        return self._mean([(point[0] - self.targets[k]) ** 2 for k in self._chosen(batch)])

    def gradient(self, point: tuple[float, ...], batch: Any) -> tuple[float, list[float]]:
        value = self.value(point, batch)
        return value, [self._mean([2 * (point[0] - self.targets[k]) for k in self._chosen(batch)])]

    def gradient_cost(self, size: int) -> int:
        return 1

    def _chosen(self, batch: Any) -> Sequence[int]:
        return range(len(self.targets)) if batch is None else batch

    @staticmethod
    def _mean(values: list[float]) -> float:
        return sum(values) / len(values)


@pytest.mark.parametrize("method", sorted(name for name, row in METHODS.items() if row.batches))
def test_mini_batches_cover_every_epoch_once(method: str) -> None:
    objective = Samples(tuple(0.1 * k for k in range(10)))
    plan = Batches(count=10, size=4, epochs=60)
    options = {"learning_rate": 0.05} if method != "spsa" else {"a": 0.5}
    found = minimize(method, objective, [2.0], settings(method, batches=plan, options=options, size=1))
    assert found.iterations == 60 * 3
    assert found.parameters[0] == pytest.approx(0.45, abs=0.1)
    seen = [batch for batch in objective.batches if batch is not None]
    step = 1 if method != "spsa" else 2
    epochs = [seen[start : start + 3 * step : step] for start in range(0, len(seen), 3 * step)]
    assert all(sorted(k for batch in epoch for k in batch) == list(range(10)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 50
    assert objective.batches[-1] is None
    assert found.value == pytest.approx(objective.value(found.parameters, None))

"""Loops in the core from Python: known minima, stopping by count, cancelling, going on; and SciPy as the measure."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from eigen import _core
from eigen.errors import EigenError
from eigen.ir.loops import NATIVE, minimize, optimum_of, search
from eigen.ir.methods import METHODS, check_options

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = Callable[[np.ndarray], float]


def ansatz(width: int, layers: int = 2) -> _core.Circuit:
    builder = _core.CircuitBuilder(width)
    for layer in range(layers):
        for qubit in range(width):
            builder.gate("RY", [qubit], [f"t{layer}_{qubit}"])
        for qubit in range(width - 1):
            builder.gate("CX", [qubit, qubit + 1])
    return builder.build()


def ising(width: int) -> _core.Observable:
    chain = [(f"Z{q} Z{q + 1}", -1.0) for q in range(width - 1)]
    return _core.Observable.from_terms(width, chain + [(f"X{q}", -1.0) for q in range(width)])


PAIR, ENERGY = _core.Plan(ansatz(2), threads=1), ising(2)
GROUND = float(np.linalg.eigvalsh(ENERGY.matrix())[0])
START = [0.3, 0.1, -0.2, 0.4]


@pytest.mark.parametrize("method", sorted(NATIVE))
def test_the_ground_state_of_two_spins(method: str) -> None:
    found = minimize(PAIR, ENERGY, START, method, scale=2.0, offset=1.0)
    assert found.value == pytest.approx(2 * GROUND + 1, abs=1e-3)
    assert 2 * PAIR.expectation(found.parameters, [ENERGY])[0] + 1 == pytest.approx(found.value, abs=1e-12)
    assert found.iterations == len(found.history)
    assert (found.success, found.method) == (True, method)


@pytest.mark.parametrize("method", sorted(NATIVE))
def test_stopped_anywhere_and_read_again_it_is_the_same_search(method: str) -> None:
    whole, piece = search(method, START, max_iter=60), search(method, START, max_iter=60)
    assert PAIR.minimize(whole, ENERGY)
    while not PAIR.minimize(piece, ENERGY, evaluations=3):
        piece = _core.Search.resume(piece.checkpoint())
    assert optimum_of(piece) == optimum_of(whole)


def test_evaluations_and_seconds_end_a_call() -> None:
    running = search("nelder-mead", START)
    assert not PAIR.minimize(running, ENERGY, evaluations=7)
    assert running.evaluations == 7
    assert not PAIR.minimize(running, ENERGY, seconds=0.0)
    assert running.evaluations == 7


def test_a_cancelled_search_asks_nothing_more() -> None:
    running = search("spsa", START)
    told: list[int] = []

    def callback(iterations: int, evaluations: int, value: float) -> None:
        told.append(iterations)
        if iterations == 5:
            running.cancel()

    assert not PAIR.minimize(running, ENERGY, callback=callback)
    assert told == [1, 2, 3, 4, 5]
    after = running.evaluations
    assert after <= 10 + 2 * 5 + 2  # calibration, five steps, and at most the step that was under way
    assert not PAIR.minimize(running, ENERGY)
    assert running.evaluations == after


def test_a_callback_may_stop_and_may_raise() -> None:
    found = minimize(PAIR, ENERGY, START, "adam", callback=lambda *_: False, every=4)
    assert (found.success, found.iterations) == (False, 4)

    def broken(*_: object) -> None:
        raise KeyError("mine")

    running = search("adam", START)
    with pytest.raises(KeyError, match="mine"):
        PAIR.minimize(running, ENERGY, callback=broken)
    assert running.iterations == 1
    assert PAIR.minimize(running, ENERGY)


def test_while_it_runs_others_can_only_cancel() -> None:
    running = search("spsa", START, max_iter=40_000)
    refused: list[str] = []

    def callback(*_: object) -> None:
        with pytest.raises(_core.CoreError) as caught:
            running.checkpoint()
        refused.append(caught.value.code)
        threading.Thread(target=running.cancel).start()

    PAIR.minimize(running, ENERGY, callback=callback, every=1000)
    assert set(refused) == {"EIGEN_SIM_ARGUMENTS"}
    assert running.question() is not None


@pytest.mark.parametrize("method", ["spsa", "nelder-mead", "l-bfgs-b", "rotosolve"])
def test_threads_do_not_matter(method: str) -> None:
    circuit, observable = ansatz(10, 1), ising(10)
    found = [
        minimize(_core.Plan(circuit, threads=threads), observable, [0.2] * 10, method, max_iter=8)
        for threads in (1, 2, 5)
    ]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    ("method", "settings"),
    [
        ("newton", {}),
        ("powell", {}),
        ("cobyla", {"max_iter": 0}),
        ("cobyla", {"options": {"rho": 1}}),
        ("cobyla", {"bounds": [(0, 1)]}),
        ("rotosolve", {"bounds": (0, 1)}),
        ("adam", {"tolerance": -1}),
    ],
)
def test_what_does_not_fit_is_refused(method: str, settings: dict[str, Any]) -> None:
    with pytest.raises(EigenError) as caught:
        search(method, START, **settings)
    assert caught.value.code == "EIGEN_REQUEST_INVALID"


def test_another_number_of_parameters_is_refused_and_the_search_lives() -> None:
    running = search("cobyla", [0.1])
    with pytest.raises(_core.CoreError, match="4 parameters"):
        PAIR.minimize(running, ENERGY)
    with pytest.raises(_core.CoreError, match="no option `speed`"):
        PAIR.minimize(running, ENERGY, speed=1)  # type: ignore[call-arg]
    assert running.question() is not None


def test_an_objective_that_does_not_suit_the_method_says_so() -> None:
    builder = _core.CircuitBuilder(1)
    builder.gate("RY", [0], ["t"])
    builder.gate("RY", [0], ["t"])
    with pytest.raises(EigenError, match="sinusoid") as caught:
        minimize(_core.Plan(builder.build()), _core.Observable.from_terms(1, [("Z0", 1.0)]), [0.4], "rotosolve")
    assert caught.value.code == "EIGEN_RUN_FAILED"


# ---- SciPy as the measure ----------------------------------------------------------------------------------


def ours(method: str, function: Function, slope: Callable[..., Any], start: np.ndarray, **given: Any) -> _core.Search:
    running = search(method, list(start), **given)
    while (question := running.question()) is not None:
        wants, points, _ = question
        values = [float(function(np.array(point))) for point in points]
        slopes = [list(map(float, slope(np.array(point)))) for point in points] if wants == "gradient" else []
        running.tell(values, slopes)
    return running


def scipys(
    method: str, function: Function, slope: Callable[..., Any], start: np.ndarray, bounds: Any = None, max_iter: int = 0
) -> tuple[float, int]:
    from scipy import optimize

    values: list[float] = []

    def counted(point: np.ndarray) -> float:
        inside = point if bounds is None else np.clip(point, *np.array(bounds).T)
        values.append(float(function(inside)))
        return values[-1]

    options = {name: value for name, value in check_options(METHODS[method], None).items() if value is not None}
    options |= {"maxiter": max_iter, **({"maxfev": 10**9} if method == "nelder-mead" else {})}
    jac = slope if method == "l-bfgs-b" else None
    optimize.minimize(counted, start, jac=jac, method=method, bounds=bounds, options=options)
    return min(values), len(values)


def bed(seed: int) -> list[tuple[Function, Callable[..., Any], np.ndarray, Any]]:
    """Rosenbrock, an ill-conditioned quadratic form, and energies of spin chains; with and without bounds."""
    from scipy import optimize

    draw = np.random.default_rng(seed)
    basis, _ = np.linalg.qr(draw.normal(size=(5, 5)))
    form, centre = basis @ np.diag(np.logspace(0, 2, 5)) @ basis.T, draw.normal(size=5)
    plan, observable = _core.Plan(ansatz(4), threads=1), ising(4)
    angles = draw.uniform(-0.5, 0.5, 8)

    def quadratic(x: np.ndarray) -> float:
        return float((x - centre) @ form @ (x - centre))

    def energy(x: np.ndarray) -> float:
        return plan.expectation(list(x), [observable])[0]

    def energy_slope(x: np.ndarray) -> Any:
        return plan.gradient(list(x), observable)[1]

    return [
        (optimize.rosen, optimize.rosen_der, draw.uniform(-2, 2, 4), None),
        (quadratic, lambda x: 2 * form @ (x - centre), draw.normal(size=5), None),
        (quadratic, lambda x: 2 * form @ (x - centre), draw.uniform(-0.4, 0.4, 5), [(-0.5, 0.5)] * 5),
        (energy, energy_slope, angles, None),
        (energy, energy_slope, angles, [(-0.6, 0.9)] * 8),
    ]


@pytest.mark.parametrize("method", ["cobyla", "nelder-mead", "l-bfgs-b"])
def test_as_good_as_scipy_on_the_test_bed(method: str) -> None:
    """Over all problems and seeds: not more often worse than better by a quarter of the cases, at the same cost."""
    most, worse, better, evaluations = 150, 0, 0, [0, 0]
    cases = [case for seed in range(2 if method == "cobyla" else 6) for case in bed(seed)]
    for function, slope, start, bounds in cases:
        mine = ours(method, function, slope, start, bounds=bounds, max_iter=most)
        value, count = scipys(method, function, slope, start, bounds, most)
        best = mine.best()
        assert best is not None
        worse += best[0] > value + 1e-4 * (1 + abs(value))
        better += best[0] < value - 1e-4 * (1 + abs(value))
        evaluations[0] += mine.evaluations
        evaluations[1] += count
    assert worse <= better + len(cases) / 4
    assert evaluations[0] <= 1.15 * evaluations[1]

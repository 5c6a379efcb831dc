"""Budgets of shots, seconds and money: kept over every attempt, and what was reached is there and goes on."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from doubles import house
from doubles.flaky import FlakyDriver
from doubles.metered import METERED, MeteredDriver
from eigen.compiler.lower import lower
from eigen.drivers.native import NativeDriver
from eigen.errors import EigenError
from eigen.ir import Circuit, CircuitBuilder, Evolution, Observable
from eigen.ir.program import Program, Region
from eigen.jobspec import Budget
from eigen.kernel.clock import rfc3339
from eigen.kernel.effects.device_engine import DeviceEngine
from eigen.kernel.jobs import LOST
from eigen.kernel.running_time import running_seconds
from eigen.kernel.worker import Worker
from eigen.types import JobEvent, JobState, ResumeLimits

if TYPE_CHECKING:
    from conftest import Bench
    from eigen.types import Device, Work, WorkResult

CENTS = "EUR"


class Shop(MeteredDriver):
    """The paid provider with other prices."""

    def __init__(self, bench: Bench, **prices: object) -> None:
        super().__init__(bench.root / "ledger")
        self.device = replace(self.device, properties=prices)


def at_the_shop(bench: Bench, **prices: object) -> Bench:
    return bench.having(devices=house.Drivers(Shop(bench, **prices)))


def test_a_loop_that_reached_its_cost_has_its_best_and_goes_on_identically(bench: Bench) -> None:
    bench = at_the_shop(bench, price_per_shot=0.001, price_per_task=0.05, price_currency=CENTS, price_sheet="test")
    whole = bench.run(bench.submit("vqe-shots", METERED.id))
    stopped = bench.submit("vqe-shots", METERED.id, budget=Budget(max_cost=5.1))
    short = bench.run(stopped)
    assert (short.error or {})["code"] == "EIGEN_RUN_BUDGET"
    assert "over `budget.max_cost` of `5.1`" in (short.error or {})["message"]
    assert "5.25 EUR" in (short.error or {})["message"]  # 0.25 for 200 shots in one task
    cost = short.metadata["cost"]
    assert cost == {"amount": pytest.approx(5.0), "currency": CENTS, "sheet": "test", "tasks": 20, "shots": 4000}
    (best,) = short.metadata["minimizations"]
    assert best["success"] is False
    assert best["optimal_value"] <= min(whole.metadata["minimizations"][0]["history"][: best["iterations"]])
    with pytest.raises(EigenError, match="max_cost") as caught:
        bench.kernel.resume(stopped, ResumeLimits(max_cost=4.0))
    assert caught.value.code == "EIGEN_RUN_BUDGET"
    ended = bench.run(bench.kernel.resume(stopped, ResumeLimits(max_cost=0)))
    assert ended.state is JobState.DONE
    assert ended.outputs == whole.outputs
    assert ended.metadata["cost"] == whole.metadata["cost"]


def test_what_was_paid_stays_below_the_budget(bench: Bench) -> None:
    bench = at_the_shop(bench, price_per_shot=0.001, price_per_task=0.05)
    bench.run(bench.submit("vqe-shots", METERED.id, budget=Budget(max_cost=1.0)))
    rows = MeteredDriver(bench.root / "ledger").rows()
    assert 0.75 < sum(0.05 + 0.001 * row["shots"] for row in rows) <= 1.0


@pytest.mark.parametrize(
    ("prices", "complaint"),
    [({}, "no price sheet says how much"), ({"price_per_second": 1.0}, "charges by the second")],
)
def test_a_cost_that_cannot_be_kept_is_refused(bench: Bench, prices: dict[str, Any], complaint: str) -> None:
    bench = at_the_shop(bench, **prices)
    results = bench.run(bench.submit("vqe-shots", METERED.id, budget=Budget(max_cost=5.0)))
    assert (results.error or {})["code"] == "EIGEN_ROUTER_NO_DEVICE"
    assert complaint in (results.error or {})["message"]
    assert MeteredDriver(bench.root / "ledger").rows() == []
    assert bench.run(bench.submit("bell", METERED.id)).state is JobState.DONE  # without that budget it runs


@pytest.mark.parametrize("most", [0.001, 0.0])
def test_a_device_that_charges_nothing_keeps_any_cost(bench: Bench, most: float) -> None:
    results = bench.run(bench.submit("vqe-shots", budget=Budget(max_cost=most)))
    assert results.state is JobState.DONE
    assert "cost" not in results.metadata


@pytest.mark.parametrize("prices", [{}, {"price_per_task": 0.05}, {"price_per_shot": 1e-9}, {"price_per_second": 1.0}])
def test_nothing_that_charges_runs_a_job_that_may_cost_nothing(bench: Bench, prices: dict[str, Any]) -> None:
    bench = at_the_shop(bench, **prices)
    results = bench.run(bench.submit("vqe-shots", METERED.id, budget=Budget(max_cost=0.0)))
    assert (results.error or {})["code"] == "EIGEN_ROUTER_NO_DEVICE"
    assert "charges for its use, and `budget.max_cost` is 0" in (results.error or {})["message"]
    assert MeteredDriver(bench.root / "ledger").rows() == []


def test_a_sheet_whose_prices_are_nothing_charges_nothing(bench: Bench) -> None:
    bench = at_the_shop(bench, price_per_task=0.0, price_currency=CENTS)
    results = bench.run(bench.submit("bell", METERED.id, budget=Budget(max_cost=0.0)))
    assert results.state is JobState.DONE
    assert results.metadata["cost"]["amount"] == 0.0


class SteppingClock:
    """Time that passes only when somebody sleeps."""

    seconds: float = 1_800_000_000.0

    def now(self) -> float:
        return self.seconds

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds


def test_seconds_of_earlier_attempts_count(bench: Bench) -> None:
    """A worker that is stopped after three evaluations of three seconds leaves one second of ten to the next."""
    clock, stop = SteppingClock(), threading.Event()
    driver = FlakyDriver(lambda count: (clock.sleep(3.0), stop.set() if count == 3 else None))
    bench = bench.having(devices=house.Drivers(driver), clock=clock)
    job_id = bench.submit("vqe", budget=Budget(max_seconds=10.0))
    Worker(bench.ports).run_until(job_id, stop=stop)
    assert bench.kernel.get(job_id).state is JobState.QUEUED
    assert driver.calls == 3
    clock.sleep(1000.0)  # waiting is not running
    results = bench.run(job_id)
    assert (results.error or {})["code"] == "EIGEN_RUN_BUDGET"
    assert "max_seconds` of 10 s" in (results.error or {})["message"]
    assert driver.calls == 4


def test_a_budget_that_was_used_up_before_a_crash_still_leaves_the_best(bench: Bench) -> None:
    clock, stop = SteppingClock(), threading.Event()
    driver = FlakyDriver(lambda count: (clock.sleep(3.0), stop.set() if count == 5 else None))
    bench = bench.having(devices=house.Drivers(driver), clock=clock)
    job_id = bench.submit("vqe", budget=Budget(max_seconds=15.0))
    Worker(bench.ports).run_until(job_id, stop=stop)
    results = bench.run(job_id)
    assert driver.calls == 5
    (best,) = results.metadata["minimizations"]
    assert best["success"] is False


def event(seq: int, at: float, state: JobState, message: str = "") -> JobEvent:
    return JobEvent("job", seq, state, state.value.lower(), 0.0, message, rfc3339(1_800_000_000.0 + at))


def test_running_is_from_each_start_to_its_end() -> None:
    running, queued = JobState.RUNNING, JobState.QUEUED
    events = [
        event(1, 0, JobState.PENDING),
        event(2, 1, JobState.COMPILING),
        event(3, 2, queued),
        event(4, 10, running),
        event(5, 12, running),
        event(6, 15, queued, "the worker stopped"),
        event(7, 100, running),
        event(8, 104, running),
        event(9, 900, queued, f"{LOST}; continuing after 3 recorded evaluations"),
        event(10, 1000, running),
    ]
    assert running_seconds(events) == pytest.approx(5 + 4)
    assert running_seconds([*events, event(11, 1007, JobState.DONE)]) == pytest.approx(5 + 4 + 7)
    assert running_seconds([]) == 0.0


# ---- what is charged is what is handed over --------------------------------------------------------------------


class Counting:
    """A hand that counts the circuits and shots that reach the device."""

    has_loop = False

    def __init__(self, device: Device) -> None:
        self._driver = NativeDriver()
        self._driver.initialize({})
        self._device = device
        self.seen: Counter[str] = Counter()

    def run(self, key: str, work: Work) -> WorkResult:
        self.seen["tasks"] += 1
        self.seen["shots"] += getattr(work, "shots", None) or 0
        return self._driver.execute_circuit("sim:statevector", work)

    def foresee(self, coming: object, *, nested: bool = False) -> None:
        """It counts what is asked for."""

    def advance(self, work: object) -> Any:
        raise NotImplementedError


def ansatz() -> Circuit:
    builder = CircuitBuilder(2, parameters=["a", "b"])
    builder.gate("RY", [0], ["a"])
    builder.gate("RX", [1], ["b"])
    builder.gate("CX", [0, 1])
    builder.gate("RY", [1], ["a"])
    return builder.build()


ENERGY = Observable.from_terms(2, [("Z0 Z1", 1.0), ("X0", 0.5), ("Y1", 0.25), ("Z0", 0.1), ("", 2.0)])
VALUES = (0.3, -0.4)
ALL = frozenset({"exact", "expectation", "gradient", "evolution", "dynamic"})


@pytest.mark.parametrize("features", [ALL, ALL - {"gradient", "evolution"}, frozenset({"dynamic"})])
@pytest.mark.parametrize("stage", ["run", "expectation", "exact", "probability", "gradient", "evolve"])
def test_what_is_charged_is_what_is_handed_over(stage: str, features: frozenset[str]) -> None:
    ising = Observable.from_terms(2, [("Z0 Z1", 1.0), ("X0", 0.5), ("X1", 0.5)])
    evolution = Evolution(ising, 1.0, times=[0.5, 1.0], observables=[ENERGY, Observable.from_terms(2, [("Z0", 1.0)])])
    program = Program((ansatz(), ansatz().measure_all()), (ENERGY,), Region((), (), ()), evolutions=(evolution,))
    device = replace(METERED, num_qubits=4, features=features)
    hand = Counting(device)
    low = [lower(circuit, device, level=1) for circuit in program.circuits]
    engine = DeviceEngine(program, device, low, hand, lower=lower, level=1, options={})
    if stage in {"exact", "gradient"} and "exact" not in features:
        pytest.skip("the device has no exact values")
    shots = None if stage in {"exact", "gradient"} else 600
    match stage:
        case "run":
            engine.sample(1, VALUES, 600, 1, key="k")
        case "expectation" | "exact":
            engine.expectation(0, 0, VALUES, shots, 1, key="k")
        case "probability":
            engine.probability(0, "01", VALUES, 600, 1, key="k")
        case "gradient":
            engine.gradient(0, 0, VALUES, key="k")
        case _:
            engine.evolve(0, (), 600, 1, settings={}, key="k")
    name = "expectation" if stage == "exact" else stage
    observable = 0 if name in {"expectation", "gradient"} else None
    assert engine.load(name, 1 if stage == "run" else 0, observable, shots) == (hand.seen["tasks"], hand.seen["shots"])

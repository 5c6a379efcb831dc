"""JAX as a device: the laws of every engine, batches, precision, and evolutions by product formulas."""

from __future__ import annotations

import json
from math import pi
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from doubles.engine_laws import Bench, EngineLaws, started
from doubles.packages import needed
from eigen.ir import CircuitBuilder, Coefficient, Evolution, Observable, Propagation
from eigen_driver import Circuit, Evolve, Expectation, Gradient, Probability, RefusedError, Sample
from eigen_driver import Observable as Theirs

if TYPE_CHECKING:
    from eigen.ir import Circuit as Ours

needed("jax")

from eigen_driver.engines.jax.engine import JaxEngine  # noqa: E402


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench.of(
        started(JaxEngine(), {"cpu_devices": 4}), "jax:statevector"
    )  # once in a process: see test_jax_slices


class TestJax(EngineLaws):
    """The laws of every engine."""


def layers(width: int, depth: int) -> Ours:
    builder = CircuitBuilder(width)
    for layer in range(depth):
        for qubit in range(width):
            builder.gate("RY", [qubit], [f"a{layer}_{qubit}"])
        for qubit in range(width - 1):
            builder.gate("CX", [qubit, qubit + 1])
    return builder.build()


def test_a_batch_answers_as_each_alone(bench: Bench) -> None:
    circuit, observable = bench.read(layers(4, 2)), Observable.from_terms(4, [("Z0 Z1", 1.0), ("X2 Y3", -0.5)])
    theirs = Theirs.from_json(observable.digest, observable.to_json())
    values = np.random.default_rng(3).uniform(-3, 3, (5, 8))
    asks: list[Any] = [Gradient(circuit, tuple(row), theirs) for row in values]
    asks += [Expectation(circuit, tuple(row), theirs) for row in values]
    asks += [Probability(circuit, tuple(row), "0110") for row in values]
    together = bench.engine.run(bench.device, asks)
    for ask, found in zip(asks, together, strict=True):
        (alone,) = bench.engine.run(bench.device, [ask])
        assert found.value == pytest.approx(alone.value, abs=1e-13)
        assert found.metadata["batch"] == 5
        if isinstance(ask, Gradient):
            assert found.gradient == pytest.approx(alone.gradient, abs=1e-13)


def test_samples_of_a_batch_have_seeds_of_their_own(bench: Bench) -> None:
    circuit = bench.read(layers(3, 1).measure_all())
    asks: list[Any] = [Sample(circuit, (0.3 * row, 1.0, 2.0), 500, row) for row in range(6)]
    together = bench.engine.run(bench.device, asks)
    for ask, found in zip(asks, together, strict=True):
        assert dict(bench.engine.sample(bench.device, ask).found) == dict(found.found)


def test_a_batch_larger_than_its_memory_is_divided(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from eigen_driver.engines.jax import engine

    circuit = bench.read(layers(3, 1))
    asks: list[Any] = [Probability(circuit, (0.1 * row, 0.2, 0.3), "000") for row in range(7)]
    whole = [found.value for found in bench.engine.run(bench.device, asks)]
    monkeypatch.setattr(engine, "BATCH_BYTES", 4 * 16 * 8 * 3)
    parts = bench.engine.run(bench.device, asks)
    assert [found.value for found in parts] == pytest.approx(whole, abs=1e-15)
    assert [found.metadata.get("batch") for found in parts] == [3, 3, 3, 3, 3, 3, None]


def test_single_precision_is_told_and_is_single(bench: Bench) -> None:
    circuit = bench.read(layers(6, 3))
    values = tuple(np.random.default_rng(1).uniform(-3, 3, 18))
    fine, coarse = (
        bench.engine.probability(bench.device, Probability(circuit, values, "010101", {"precision": precision}))
        for precision in ("f64", "f32")
    )
    assert (fine.metadata["precision"], coarse.metadata["precision"]) == ("f64", "f32")
    assert coarse.value == pytest.approx(fine.value, abs=1e-5)
    assert coarse.value != fine.value
    with pytest.raises(RefusedError, match="`f16`") as error:
        bench.engine.probability(bench.device, Probability(circuit, values, "0" * 6, {"precision": "f16"}))
    assert error.value.code == "EIGEN_DEVICE_OPTION"


def test_one_circuit_after_another_compiles_nothing(bench: Bench) -> None:
    """Of the same width and length."""
    from eigen_driver.engines.jax import kernels

    def ask(angle: float, first: str) -> None:
        builder = CircuitBuilder(3)
        for qubit in range(3):
            builder.gate(first, [qubit])
            builder.gate("RX", [qubit], [angle])
        bench.probability(builder.build(), "000")

    ask(0.1, "H")
    known = kernels._forth._cache_size()  # pyright: ignore[reportPrivateUsage]
    ask(0.2, "S")
    ask(0.3, "X")
    assert kernels._forth._cache_size() == known  # pyright: ignore[reportPrivateUsage]


def evolved(bench: Bench, evolution: Evolution, values: tuple[float, ...] = (), **settings: Any) -> Any:
    ask = Evolve(json.loads(evolution.to_aqo()), values, settings.pop("shots", None), 3, settings)
    return bench.engine.evolve(bench.device, ask)


def test_evolutions_are_those_of_the_core(bench: Bench) -> None:
    drive = Coefficient.cos("w", 0.3) * 2.0 + Coefficient.table([0.0, 0.4, 0.9], [0.0, 1.0, -1.0], linear=False)
    evolution = Evolution(
        [("Z0 Z1", -1.0), ("X0", drive), ("Y1 X2", "g"), ("", 0.5)],
        1.2,
        times=[0.0, 0.5, 1.2],
        observables=[Observable.from_terms(3, [("Z0", 1.0), ("X1 Y2", 0.5)]), Observable.from_terms(3, [("X2", 1.0)])],
        initial=[(0.3, 0.1), (1.2, -0.4), (2.0, 0.0)],
        num_qubits=3,
    )
    wanted, _, _ = Propagation(evolution).run((0.7, 1.3))
    found = evolved(bench, evolution, (0.7, 1.3), tolerance=1e-9)
    assert found.values == pytest.approx(tuple(wanted.ravel()), abs=1e-8)
    assert found.metadata["error_estimate"] <= 1e-9
    assert found.metadata["method"] == "trotter"


@pytest.mark.parametrize("order", [1, 2, 4, 6])
def test_errors_shrink_by_the_order(bench: Bench, order: int) -> None:
    """Twice the steps, 2^order less: known to a factor of 1.5 at these steps."""
    chain = [("Z0 Z1", 1.0), ("X0", 0.8), ("X1", -0.6), ("Y0", 0.3)]
    evolution = Evolution(chain, 1.0, observables=[Observable.from_terms(2, [("Z0", 1.0)])], num_qubits=2)
    steps = {1: 64, 2: 16, 4: 6, 6: 3}[order]
    few, many = (
        evolved(bench, evolution, order=order, steps=count).metadata["error_estimate"]
        for count in (2 * steps, 4 * steps)
    )
    assert 2**order / 1.5 < few / many < 2**order * 1.5


def test_counts_of_a_final_state(bench: Bench) -> None:
    half = Evolution([("X0", "rate")], 1.0, num_qubits=2)
    found = evolved(bench, half, (pi / 2,), shots=20)
    assert found.values == ()
    assert dict(found.counts.found) == {1: 20}


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"method": "euler"}, "EIGEN_SIM_UNSUPPORTED"),
        ({"order": 3}, "EIGEN_DEVICE_OPTION"),
        ({"wind": 1}, "EIGEN_DEVICE_OPTION"),
        ({"tolerance": 1e-30}, "EIGEN_SIM_UNSUPPORTED"),
    ],
)
def test_evolutions_that_are_refused(bench: Bench, settings: dict[str, Any], code: str) -> None:
    evolution = Evolution([("X0", 1.0), ("Z0", 1.0)], 1.0, num_qubits=1)
    with pytest.raises(RefusedError) as error:
        evolved(bench, evolution, **settings)
    assert error.value.code == code


def test_collapse_operators_are_refused(bench: Bench) -> None:
    with pytest.raises(RefusedError, match="collapse"):
        evolved(bench, Evolution([("X0", 1.0)], 1.0, num_qubits=1, collapse=[("S-0", 0.1)]))


def test_settings(bench: Bench) -> None:
    with pytest.raises(RefusedError, match="`colour`"):
        JaxEngine().start({"colour": 1}, 0)
    assert Circuit.from_aqo("0", b'{"qubits":1,"operations":[]}').num_qubits == 1

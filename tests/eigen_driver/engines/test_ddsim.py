"""MQT DDSIM as a device: the laws of every engine, and states that are wide and repeat."""

from __future__ import annotations

from math import acos, sqrt

import pytest

from doubles.engine_laws import Bench, EngineLaws, started
from doubles.packages import needed
from eigen.ir import CircuitBuilder, Observable
from eigen_driver import Expectation, RefusedError
from eigen_driver import Observable as Theirs
from eigen_driver.engines import ddsim as engines

needed("mqt-ddsim")
needed("mqt-core")


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench.of(started(engines.DdsimEngine()), "ddsim:dd")


class TestDdsim(EngineLaws):
    """The laws of every engine."""


def test_a_wide_chain_stays_small(bench: Bench) -> None:
    """A hundred qubits all alike: a node for 0 and one for 1 at each, and one for both at the top."""
    builder = CircuitBuilder(100)
    builder.gate("H", [0])
    for qubit in range(99):
        builder.gate("CX", [qubit, qubit + 1])
    assert set(bench.counts(builder.build().measure_all(), 100)) == {0, (1 << 100) - 1}
    observable = Observable.from_terms(100, [("Z0 Z99", 1.0), (" ".join(f"X{qubit}" for qubit in range(100)), 0.5)])
    theirs = Theirs.from_json(observable.digest, observable.to_json())
    found = bench.engine.expectation(bench.device, Expectation(bench.read(builder.build()), (), theirs))
    assert found.value == pytest.approx(1.5, abs=1e-9)
    assert found.metadata["nodes"] <= 2 * 100 + 1
    assert bench.probability(builder.build(), "1" * 100) == pytest.approx(0.5, abs=1e-12)


def test_one_of_many(bench: Bench) -> None:
    """A W state of 40 qubits: each outcome has one 1, each with probability 1/40."""
    builder = CircuitBuilder(40)
    builder.gate("X", [0])
    for qubit in range(39):
        builder.gate("CRY", [qubit, qubit + 1], [2 * acos(sqrt(1 / (40 - qubit)))])
        builder.gate("CX", [qubit + 1, qubit])
    found = bench.counts(builder.build().measure_all(), 4000)
    assert set(found) == {1 << qubit for qubit in range(40)}  # each is missed with probability 40 (39/40)^4000 < 1e-42


def test_gates_with_many_controls(bench: Bench) -> None:
    builder = CircuitBuilder(6)
    for qubit in range(5):
        builder.gate("X", [qubit])
    builder.gate("MCX", [0, 1, 2, 3, 4, 5])
    assert bench.counts(builder.build().measure_all(), 10) == {63: 10}


def test_what_grows_too_large_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "MOST_NODES", 20)
    builder = CircuitBuilder(8)
    for layer in range(4):
        for qubit in range(8):
            builder.gate("RY", [qubit], [0.3 + 0.7 * qubit + layer])
        for qubit in range(7):
            builder.gate("CZ", [qubit, qubit + 1])
    with pytest.raises(RefusedError, match="20 nodes") as error:
        bench.counts(builder.build().measure_all(), 1)
    assert error.value.code == "EIGEN_SIM_MEMORY"

"""quimb as a device: the laws of every engine, wide chains, and cuts that are told."""

from __future__ import annotations

from typing import Any

import pytest

from doubles.engine_laws import Bench, EngineLaws, started
from doubles.packages import needed
from eigen._core import Plan
from eigen.ir import CircuitBuilder, Observable
from eigen_driver import Expectation, Probability, RefusedError, Sample
from eigen_driver import Observable as Theirs

needed("quimb")
needed("cotengra")

from eigen_driver.engines.quimb import network  # noqa: E402
from eigen_driver.engines.quimb.engine import QuimbEngine  # noqa: E402


@pytest.fixture(scope="module")
def engine() -> QuimbEngine:
    made = QuimbEngine()
    started(made)
    return made


@pytest.fixture(scope="module")
def bench(engine: QuimbEngine) -> Bench:
    return Bench.of(engine, "quimb:mps")


@pytest.fixture(scope="module")
def net(engine: QuimbEngine) -> Bench:
    return Bench.of(engine, "quimb:tn")


class TestQuimb(EngineLaws):
    """The laws of every engine."""


class TestNetworks(EngineLaws):
    """The same, without what is measured on the way."""

    @pytest.fixture
    def bench(self, net: Bench) -> Bench:
        return net


def entangling(width: int, layers: int) -> Any:
    builder = CircuitBuilder(width)
    for layer in range(layers):
        for qubit in range(width):
            builder.gate("RY", [qubit], [0.4 + 0.3 * qubit + 0.9 * layer])
        for qubit in range(layer % 2, width - 1, 2):
            builder.gate("CZ", [qubit, qubit + 1])
    return builder.build()


def test_a_wide_chain(bench: Bench) -> None:
    builder = CircuitBuilder(60)
    builder.gate("H", [0])
    for qubit in range(59):
        builder.gate("CX", [qubit, qubit + 1])
    assert set(bench.counts(builder.build().measure_all(), 100)) == {0, (1 << 60) - 1}
    observable = Observable.from_terms(60, [("Z0 Z59", 1.0), (" ".join(f"X{qubit}" for qubit in range(60)), 0.5)])
    assert bench.expectation(builder.build(), observable) == pytest.approx(1.5, abs=1e-9)
    assert bench.probability(builder.build(), "1" * 60) == pytest.approx(0.5, abs=1e-9)


def test_gates_between_distant_qubits_and_shots_in_chunks(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from eigen_driver.engines.quimb import engine

    builder = CircuitBuilder(6, 6)
    builder.gate("X", [5])
    builder.gate("CX", [5, 0])
    builder.gate("CX", [0, 3])
    builder.measure(range(6), [5, 4, 3, 2, 1, 0])
    monkeypatch.setattr(engine, "CHUNK_BYTES", 32 * 7)
    assert bench.counts(builder.build(), 100) == {0b100101: 100}


def test_cuts_are_told(bench: Bench) -> None:
    """At a bond of 2 a state that takes 16 is cut; at 64 it is not."""
    circuit = bench.read(entangling(8, 8))
    whole, cut = (
        bench.engine.probability(bench.device, Probability(circuit, (), "0" * 8, {"max_bond": bond}))
        for bond in (64, 2)
    )
    assert whole.metadata["fidelity_estimate"] == pytest.approx(1.0, abs=1e-9)
    assert whole.metadata["bond"] > 2
    assert cut.metadata["fidelity_estimate"] < 0.999
    assert (cut.metadata["bond"], cut.metadata["max_bond"]) == (2, 2)
    assert cut.value != pytest.approx(whole.value, abs=1e-6)


def test_cuts_before_a_measurement_are_told_after_it(bench: Bench) -> None:
    builder = CircuitBuilder(8, 2)
    builder.append(entangling(8, 8), range(8))
    builder.measure([3], [0])
    builder.gate("H", [3])
    builder.measure([3], [1])
    circuit = bench.read(builder.build())
    found = bench.engine.sample(bench.device, Sample(circuit, (), 50, 1, {"max_bond": 2}))
    assert found.metadata["fidelity_estimate"] < 0.999


def test_a_cut_state_is_normalised(bench: Bench) -> None:
    circuit, identity = bench.read(entangling(8, 8)), Observable.from_terms(8, [("", 1.0)])
    theirs = Theirs.from_json(identity.digest, identity.to_json())
    found = bench.engine.expectation(bench.device, Expectation(circuit, (), theirs, {"max_bond": 2}))
    assert found.value == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("options", [{"max_bond": 0}, {"max_bond": "8"}, {"cutoff": 1.5}, {"cutoff": True}])
def test_options_are_checked(bench: Bench, options: dict[str, Any]) -> None:
    with pytest.raises(RefusedError, match=next(iter(options))) as error:
        bench.engine.sample(bench.device, Sample(bench.read(entangling(2, 1).measure_all()), (), 1, 1, options))
    assert error.value.code == "EIGEN_DEVICE_OPTION"


def test_a_shallow_grid_of_gates_is_contracted_over_its_light_cones(net: Bench) -> None:
    """60 qubits of three layers: each mean needs eight of them at most, and is that of the engine of the core."""
    circuit, plan = entangling(60, 3), Plan(entangling(60, 3), engine="tn")
    observable = Observable.from_terms(60, [("Z30 X31", 1.0), ("Y7", 0.5), ("Z0 Z59", -0.25)])
    ask = Expectation(net.read(circuit), (), Theirs.from_json(observable.digest, observable.to_json()))
    found = net.engine.expectation(net.device, ask)
    assert found.value == pytest.approx(plan.expectation([], [observable])[0], abs=1e-9)
    assert found.metadata["contractions"] == 3
    assert found.metadata["width"] < 16


def test_outcomes_of_a_wide_network(net: Bench) -> None:
    builder = CircuitBuilder(30)
    builder.gate("X", [7])
    builder.gate("H", [0])
    for qubit in range(29):
        builder.gate("CX", [qubit, qubit + 1])
    circuit = builder.build()
    low, high = (1 << 30) - 1 - 127, 127
    found = net.counts(circuit.measure_all(), 1000)
    assert set(found) == {low, high}
    assert net.probability(circuit, format(low, "030b")) == pytest.approx(0.5, abs=1e-12)


def test_contractions_are_bounded(net: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    builder = CircuitBuilder(24)
    for qubit in range(24):
        builder.gate("H", [qubit])
    circuit = net.read(builder.build().measure_all())
    monkeypatch.setattr(network, "MOST_CONTRACTIONS", 20)
    with pytest.raises(RefusedError, match="more than 20 contractions") as error:
        net.engine.sample(net.device, Sample(circuit, (), 1000, 1))
    assert error.value.code == "EIGEN_SIM_MEMORY"
    monkeypatch.setattr(network, "MOST_OPERATIONS", 2)
    deep = net.read(entangling(8, 8))
    with pytest.raises(RefusedError, match="multiplications") as error:
        net.engine.probability(net.device, Probability(deep, (), "0" * 8))
    assert error.value.code == "EIGEN_SIM_MEMORY"


def test_how_long_paths_are_searched_is_an_option(net: Bench) -> None:
    ask = Probability(net.read(entangling(6, 4)), (), "0" * 6, {"searches": 3})
    assert net.engine.probability(net.device, ask).metadata["searches"] == 3
    with pytest.raises(RefusedError, match="`searches`") as error:
        net.engine.probability(net.device, Probability(ask.circuit, (), "0" * 6, {"searches": 0}))
    assert error.value.code == "EIGEN_DEVICE_OPTION"

"""PennyLane as devices: what every engine keeps, its precision, and its gradients by parameters that are used again."""

from __future__ import annotations

from math import cos, sin
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doubles.engine_laws import CHECKS, Bench, EngineLaws, started
from doubles.packages import needed
from eigen._core import NoiseModel
from eigen.ir import CircuitBuilder
from eigen_driver import Circuit, Expectation, Gradient, Observable, RefusedError, Sample
from eigen_driver.engines.pennylane import PennylaneEngine
from strategies import observables, unitary_circuits

if TYPE_CHECKING:
    from eigen_driver import Engine

needed("pennylane")
needed("pennylane-lightning")
METHODS = ("pennylane:default.qubit", "pennylane:lightning.qubit", "pennylane:default.mixed")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return started(PennylaneEngine())


@pytest.fixture(params=METHODS)
def bench(engine: Engine, request: pytest.FixtureRequest) -> Bench:
    return Bench.of(engine, request.param)


class TestLaws(EngineLaws):
    """Of all devices."""


@pytest.mark.parametrize("name", METHODS)
def test_a_parameter_that_is_used_again_is_differentiated_by_the_chain_rule(engine: Engine, name: str) -> None:
    """RX(2a + 0.1) RX(-a/2) on qubit 1 of three: <Z1> = cos(1.5 a + 0.1)."""
    document = b"""{"qubits":3,"operations":[
        {"op":"RX","q":[1],"params":{"theta":{"const":0.1,"terms":{"a":2.0}}}},
        {"op":"RX","q":[1],"params":{"theta":{"terms":{"a":-0.5}}}}],"parameters":["unused","a"]}"""
    observable = Observable("o", 3, (((("Z", 1),), 2.0), ((), 5.0)))
    ask = Gradient(Circuit.from_aqo("c", document), (9.0, 0.4), observable)
    found = engine.gradient(Bench.of(engine, name).device, ask)
    assert found.value == pytest.approx(5.0 + 2.0 * cos(0.7), abs=1e-12)
    assert found.gradient == pytest.approx((0.0, -3.0 * sin(0.7)), abs=1e-12)


def test_single_precision_is_lightnings_alone(bench: Bench) -> None:
    builder = CircuitBuilder(1, 1)
    builder.gate("X", [0])
    builder.measure([0], [0])
    ask = Sample(bench.read(builder.build()), (), 10, 1, {"precision": "f32"})
    if bench.device.id == METHODS[1]:
        found = bench.engine.sample(bench.device, ask)
        assert (dict(found.found), found.metadata["precision"]) == ({1: 10}, "f32")
        return
    with pytest.raises(RefusedError, match=r"`precision` of .* not `f32`") as error:
        bench.engine.sample(bench.device, ask)
    assert error.value.code == "EIGEN_DEVICE_OPTION"


@settings(max_examples=15, suppress_health_check=CHECKS)
@given(st.data())
def test_backpropagation_gives_what_adjoint_differentiation_gives(engine: Engine, data: st.DataObject) -> None:
    circuit = data.draw(unitary_circuits(3, 8, symbolic=True))
    observable = data.draw(observables(circuit.num_qubits))
    bench = Bench.of(engine, METHODS[0])
    values = tuple(data.draw(st.floats(-3, 3)) for _ in circuit.parameters)
    theirs = Observable.from_json(observable.digest, observable.to_json())
    found = [
        engine.gradient(bench.device, Gradient(bench.read(circuit), values, theirs, {"gradient_method": method}))
        for method in ("adjoint", "backprop")
    ]
    assert [each.metadata["gradient_method"] for each in found] == ["adjoint", "backprop"]
    assert found[1].value == pytest.approx(found[0].value, abs=1e-9)
    assert found[1].gradient == pytest.approx(found[0].gradient, abs=1e-9)


def test_noisy_circuits_are_differentiated(engine: Engine) -> None:
    """<Z> after RX(a) and depolarising of a gate by p: (1 - 4 p / 3) cos a."""
    bench = Bench.of(engine, METHODS[2])
    builder = CircuitBuilder(1)
    builder.gate("RX", [0], ["a"])
    options = {"noise_model": NoiseModel.parse("depolarizing(0.15)").to_json().decode()}
    ask = Gradient(bench.read(builder.build()), (0.7,), Observable("z", 1, (((("Z", 0),), 1.0),)), options)
    exact = [
        engine.expectation(bench.device, Expectation(ask.circuit, (0.7 + step,), ask.observable, options)).value
        for step in (-1e-5, 1e-5)
    ]
    found = engine.gradient(bench.device, ask)
    assert found.gradient == pytest.approx(((exact[1] - exact[0]) / 2e-5,), abs=1e-9)
    assert abs(found.gradient[0] + sin(0.7)) > 0.05


def test_a_circuit_that_is_too_deep_to_go_back_is_refused(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from eigen_driver.engines import pennylane

    monkeypatch.setattr(pennylane, "memory_limit_bytes", lambda: 1 << 20)
    bench = Bench.of(engine, METHODS[0])
    builder = CircuitBuilder(10)
    for _ in range(20):
        builder.gate("RX", [0], ["a"])
    observable = Observable("z", 10, (((("Z", 0),), 1.0),))
    ask = Gradient(bench.read(builder.build()), (0.1,), observable, {"gradient_method": "backprop"})
    with pytest.raises(RefusedError, match="20 gates") as error:
        engine.gradient(bench.device, ask)
    assert error.value.code == "EIGEN_SIM_MEMORY"
    assert engine.gradient(bench.device, Gradient(ask.circuit, ask.values, observable)).gradient is not None


def test_other_ways_to_differentiate_are_refused(bench: Bench) -> None:
    ask = Gradient(
        bench.read(CircuitBuilder(1).build()), (), Observable("z", 1, ()), {"gradient_method": "finite-diff"}
    )
    with pytest.raises(RefusedError, match=r"`gradient_method` of .* not `finite-diff`") as error:
        bench.engine.gradient(bench.device, ask)
    assert error.value.code == "EIGEN_DEVICE_OPTION"

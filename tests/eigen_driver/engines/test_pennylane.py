"""PennyLane as devices: what every engine keeps, its precision, and its gradients by parameters that are used again."""

from __future__ import annotations

from math import cos, sin
from typing import TYPE_CHECKING

import pytest

from doubles.engine_laws import Bench, EngineLaws, started
from doubles.packages import needed
from eigen.ir import CircuitBuilder
from eigen_driver import Circuit, Gradient, Observable, RefusedError, Sample
from eigen_driver.engines.pennylane import PennylaneEngine

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


@pytest.mark.parametrize("name", METHODS[:2])
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

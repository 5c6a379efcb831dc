"""PyTorch as a device, where it is installed beside the tests: no environment has it, for no lock of it ships."""

from __future__ import annotations

from math import pi

import pytest

from doubles.engine_laws import Bench, EngineLaws, started
from eigen.ir import CircuitBuilder, Observable
from eigen_driver import Engine, Estimate, Expectation, Gradient, RefusedError
from eigen_driver import Observable as Theirs
from eigen_driver.engines.torch import TorchEngine

pytest.importorskip("torch", reason="PyTorch is not installed beside the tests")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return started(TorchEngine())


@pytest.fixture
def bench(engine: Engine) -> Bench:
    return Bench.of(engine, "torch:statevector")


class TestLaws(EngineLaws):
    """Of the device."""


def turned(width: int = 2) -> CircuitBuilder:
    builder = CircuitBuilder(width)
    builder.gate("RX", [0], ["x"])
    builder.gate("CRY", [0, 1], ["y"])
    return builder


def question(bench: Bench, values: tuple[float, ...], **options: str) -> Gradient:
    observable = Observable.from_terms(2, [("Z0", 1.0), ("Z1 X0", -0.5), ("", 0.25)])
    theirs = Theirs.from_json(observable.digest, observable.to_json())
    return Gradient(bench.read(turned().build()), values, theirs, options)


def test_many_values_are_one_batch(bench: Bench) -> None:
    asks = [question(bench, (0.1 * row, pi - 0.2 * row)) for row in range(20)]
    for ask, found in zip(asks, bench.engine.run(bench.device, asks), strict=True):
        assert isinstance(found, Estimate)
        alone = bench.engine.gradient(bench.device, ask)
        assert found.value == pytest.approx(alone.value, abs=1e-14)
        assert found.gradient == pytest.approx(alone.gradient, abs=1e-14)
        assert found.metadata["batch"] == 20


def test_single_precision_is_told(bench: Bench) -> None:
    exact = bench.engine.gradient(bench.device, question(bench, (0.3, 0.4)))
    found = bench.engine.gradient(bench.device, question(bench, (0.3, 0.4), precision="f32"))
    assert found.metadata["precision"] == "f32"
    assert found.value == pytest.approx(exact.value, abs=1e-6)
    assert found.gradient == pytest.approx(exact.gradient, abs=1e-6)
    with pytest.raises(RefusedError, match="f32 or f64, not `f16`"):
        bench.engine.gradient(bench.device, question(bench, (0.3, 0.4), precision="f16"))


def test_a_gradient_that_would_keep_too_much_is_refused(bench: Bench) -> None:
    builder = turned(24)
    for _ in range(12):
        builder.gate("H", [0])
    observable = Observable.from_terms(24, [("Z0", 1.0)])
    theirs = Theirs.from_json(observable.digest, observable.to_json())
    with pytest.raises(RefusedError, match="MiB of states") as caught:
        bench.engine.gradient(bench.device, Gradient(bench.read(builder.build()), (0.1, 0.2), theirs))
    assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"


def test_what_has_no_parameters_has_an_empty_gradient(bench: Bench) -> None:
    builder = CircuitBuilder(1)
    builder.gate("H", [0])
    observable = Observable.from_terms(1, [("X0", 1.0)])
    theirs = Theirs.from_json(observable.digest, observable.to_json())
    circuit = bench.read(builder.build())
    assert bench.engine.gradient(bench.device, Gradient(circuit, (), theirs)).gradient == ()
    assert bench.engine.expectation(bench.device, Expectation(circuit, (), theirs)).value == pytest.approx(1.0)

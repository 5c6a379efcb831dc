"""State vectors in slices on several devices of JAX: as those on one, and no device has more than its slice."""

from __future__ import annotations

import json
from dataclasses import replace
from math import pi
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from doubles.engine_laws import Bench, EngineLaws, started
from doubles.packages import ENVIRONMENTS, needed
from eigen import _core
from eigen.drivers.hosts import manifest as manifests
from eigen.drivers.hosts.hosted import HostedDriver
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Coefficient, Evolution, Observable
from eigen.types import GradientWork
from eigen_driver import Evolve, Gradient, Probability, RefusedError, Sample
from eigen_driver import Observable as Theirs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eigen.ir import Circuit as Ours
    from eigen_driver import Device
    from eigen_driver.asks import Answer, Ask

needed("jax")

from eigen_driver.engines.jax.engine import JaxEngine  # noqa: E402

DEVICES = 4


class Sliced(JaxEngine):
    """The engine, asked for so many slices each time."""

    count = DEVICES

    def run(self, device: Device, asks: Sequence[Ask]) -> list[Answer]:
        return super().run(device, [replace(ask, options={**ask.options, "slices": self.count}) for ask in asks])


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench.of(started(Sliced(), {"cpu_devices": DEVICES}), "jax:statevector")


@pytest.fixture(scope="module")
def whole() -> Bench:
    return Bench.of(started(JaxEngine(), {"cpu_devices": DEVICES}), "jax:statevector")


class TestSliced(EngineLaws):
    """The laws of every engine, with a quarter of the state on each of four devices."""


def drawn(random: np.random.Generator) -> Ours:
    """A circuit on four qubits of gates on one and two, some with parameters."""
    builder = CircuitBuilder(4)
    for number in range(25):
        first, second = (int(qubit) for qubit in random.permutation(4)[:2])
        name = str(random.choice(["H", "RX", "RY", "P", "CX", "CRZ", "ISWAP", "RXX", "RZX"]))
        pair = name[0] == "C" or name in {"ISWAP", "RXX", "RZX"}
        angle: list[Any] = [] if name in {"H", "CX", "ISWAP"} else [random.choice([f"a{number}", "b"])]
        builder.gate(name, [first, second] if pair else [first], list(map(str, angle)))
    return builder.build()


@pytest.mark.parametrize(("slices", "precision", "close"), [(2, "f64", 1e-12), (4, "f64", 1e-12), (4, "f32", 1e-5)])
def test_slices_are_the_whole(whole: Bench, slices: int, precision: str, close: float) -> None:
    """Values, probabilities and gradients of circuits that are as wide, so that little is compiled."""
    random = np.random.default_rng(7)
    observable = Observable.from_terms(4, [("Z0 X3", 1.0), ("Y2 Y3", -0.7), ("X1", 0.3)])
    theirs = Theirs.from_json(observable.digest, observable.to_json())
    for _ in range(8):
        read = whole.read(drawn(random))
        values = tuple(random.uniform(-3, 3, len(read.parameters)))
        options = {"precision": precision}
        asks: list[Any] = [
            Gradient(read, values, theirs, options),
            Probability(read, values, "1011", options),
        ]
        for ask in asks:
            one: Any = whole.engine.run(whole.device, [ask])[0]
            sliced: Any = whole.engine.run(whole.device, [replace(ask, options={**options, "slices": slices})])[0]
            assert sliced.value == pytest.approx(one.value, abs=close)
            assert sliced.metadata["slices"] == slices
            if isinstance(ask, Gradient):
                assert sliced.gradient == pytest.approx(one.gradient, abs=10 * close)


@pytest.mark.parametrize(("precision", "amplitude"), [("f64", 16), ("f32", 8)])
def test_each_device_has_its_slice_and_no_more(bench: Bench, precision: str, amplitude: int) -> None:
    builder = CircuitBuilder(12)
    for qubit in range(12):
        builder.gate("H", [qubit])
        builder.gate("CX", [qubit, (qubit + 5) % 12])
    ask = Probability(bench.read(builder.build()), (), "0" * 12, {"precision": precision})
    found: Any = bench.engine.run(bench.device, [ask])[0]
    assert found.metadata["slice_bytes"] == amplitude * 2**12 // DEVICES


def test_what_is_diagonal_or_controlled_there_exchanges_nothing() -> None:
    """A gate asks for the slices of others only where its matrix has entries beside the diagonal of their qubits."""
    from eigen_driver.engines.jax.kernels import Gates

    names = ("CX", "CZ", "RZZ", "H", "RZ", "SWAP", "RXX", "FSIM")
    found = Gates.of(14, names, [(1, 0)] * len(names)).flips
    flips = {name: tuple(np.flatnonzero(row)) for name, row in zip(names, found, strict=False)}
    assert flips == {
        "CX": (0, 2),  # of its target alone
        "CZ": (0,),
        "RZZ": (0,),
        "H": (0, 1),
        "RZ": (0,),
        "SWAP": (0, 3),
        "RXX": (0, 3),
        "FSIM": (0, 3),
    }


def test_evolutions_in_slices(whole: Bench) -> None:
    drive = Coefficient.cos("w", 0.3) * 2.0
    evolution = Evolution(
        [("Z0 Z3", -1.0), ("X3", drive), ("Y1 X2", "g"), ("X0 X3", 0.5)],
        1.2,
        times=[0.0, 0.5, 1.2],
        observables=[Observable.from_terms(4, [("Z3", 1.0), ("X1 Y2", 0.5)])],
        initial=[(0.3, 0.1), (1.2, -0.4), (2.0, 0.0), (0.7, 0.2)],
        num_qubits=4,
    )

    def found(**options: Any) -> Any:
        ask = Evolve(json.loads(evolution.to_aqo()), (0.7, 1.3), 50, 3, {"tolerance": 1e-9}, options)
        return whole.engine.evolve(whole.device, ask)

    one, sliced = found(), found(slices=4)
    assert sliced.values == pytest.approx(one.values, abs=1e-12)
    assert dict(sliced.counts.found) == dict(one.counts.found)
    assert (sliced.metadata["slices"], "slices" in one.metadata) == (4, False)


def test_a_batch_in_slices(bench: Bench) -> None:
    builder = CircuitBuilder(5)
    for qubit in range(5):
        builder.gate("RY", [qubit], [f"a{qubit}"])
        builder.gate("ISWAP", [qubit, (qubit + 3) % 5])
    circuit = bench.read(builder.build().measure_all())
    values = np.random.default_rng(3).uniform(-3, 3, (5, 5))
    asks: list[Any] = [Sample(circuit, tuple(row), 300, seed) for seed, row in enumerate(values)]
    together: list[Any] = bench.engine.run(bench.device, asks)
    for ask, found in zip(asks, together, strict=True):
        alone: Any = bench.engine.run(bench.device, [ask])[0]
        assert dict(found.found) == dict(alone.found)
        assert found.metadata["slices"] == DEVICES


@pytest.mark.parametrize("slices", [0, 3, 8, -1, True, "two", 2.5])
def test_other_numbers_of_slices_are_refused(whole: Bench, slices: object) -> None:
    circuit = whole.read(CircuitBuilder(3).build())
    with pytest.raises(RefusedError, match="`slices`") as error:
        whole.engine.run(whole.device, [Probability(circuit, (), "000", {"slices": slices})])
    assert (error.value.code, error.value.where) == ("EIGEN_DEVICE_OPTION", "slices")


@pytest.mark.parametrize("config", [{"cpu_devices": 65}, {"cpu_devices": "2"}, {"cpu_devices": True}, {"platform": 1}])
def test_settings_that_make_no_sense(config: dict[str, Any]) -> None:
    with pytest.raises(RefusedError) as error:
        JaxEngine().start(config, 0)
    assert (error.value.code, error.value.where) == ("EIGEN_CONFIG_INVALID", next(iter(config)))


@pytest.fixture(scope="module")
def hosted() -> Iterator[HostedDriver]:
    row = next(row for row in manifests.shipped() if row.name == "jax")
    driver = HostedDriver("jax", lambda: row.launch(threads=1, memory_bytes=None, environments=ENVIRONMENTS))
    driver.initialize({"cpu_devices": 2, "platform": "cpu"})
    yield driver
    driver.close()


def test_the_setting_reaches_a_host(hosted: HostedDriver) -> None:
    """There the processor is two devices for JAX, though it is more or fewer here."""
    (device,) = hosted.get_devices()
    assert device.properties["slices"] == 2
    builder = CircuitBuilder(3)
    for qubit in range(3):
        builder.gate("RX", [qubit], ["a"])
    observable = _core.Observable.from_terms(3, [("Z0 Z2", 1.0)])

    def asked(slices: int) -> Any:
        work = GradientWork(builder.build(), (pi / 5,), observable, options={"slices": slices})
        return hosted.execute_circuit(device.id, work)

    found = asked(2)
    assert found.value == pytest.approx(np.cos(pi / 5) ** 2, abs=1e-12)
    assert found.gradient == pytest.approx([-np.sin(2 * pi / 5)], abs=1e-12)
    assert (found.metadata["slices"], found.metadata["slice_bytes"]) == (2, 16 * 4)
    with pytest.raises(EigenError, match="`slices`"):
        asked(4)

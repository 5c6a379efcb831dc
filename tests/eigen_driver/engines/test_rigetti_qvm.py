"""Rigetti's QVM as a device, over a server that speaks its protocol: what every engine keeps, and what is its own."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from doubles.engine_laws import Bench, EngineLaws, as_counts, started
from doubles.packages import needed
from doubles.qvm_server import QUBIT_LIMIT, VERSION, qvm_server
from eigen._core import Condition
from eigen.ir import CircuitBuilder
from eigen_driver import RefusedError, Sample
from eigen_driver.engines.rigetti_qvm import DEVICE, TRIALS, QvmEngine
from laws.law_statistics import agree

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    from doubles.qvm_server import Qvm

needed("pyquil")
needed("qcs-sdk-python")


@pytest.fixture(scope="module")
def served() -> Generator[tuple[str, Qvm]]:
    with qvm_server() as found:
        yield found


@pytest.fixture(scope="module")
def bench(served: tuple[str, Qvm]) -> Bench:
    return Bench.of(started(QvmEngine(), {"url": served[0]}), DEVICE)


class TestLaws(EngineLaws):
    """Of every device."""


def flipped(condition: Condition, given: int, width: int) -> Any:
    """Bits as given, and a qubit that is flipped where the condition holds."""
    builder = CircuitBuilder(width + 1, width + 1)
    for bit in range(width):
        if given >> bit & 1:
            builder.gate("X", [bit])
    builder.measure(range(width), range(width))
    builder.gate("X", [width], condition=condition)
    builder.measure([width], [width])
    return builder.build()


@pytest.mark.parametrize("comparison", ["==", "!=", "<", "<=", ">", ">="])
def test_numbers_are_compared_bit_by_bit(bench: Bench, comparison: str) -> None:
    from operator import eq, ge, gt, le, lt, ne

    meant = {"==": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge}[comparison]
    for value in (0, 1, 2, 3):
        for given in range(4):
            circuit = flipped(Condition.compare([0, 1], comparison, value), given, 2)
            assert bench.counts(circuit, 3) == {given | meant(given, value) << 2: 3}, (given, value)


def test_the_device_is_what_the_server_says(bench: Bench) -> None:
    assert bench.device.num_qubits == QUBIT_LIMIT
    assert bench.engine.version == VERSION
    assert {"exact", "expectation", "dynamic", "seed"} == bench.device.features
    assert "never" in bench.device.properties["tried"]


def test_a_server_of_density_matrices_gives_no_exact_values() -> None:
    with qvm_server(mixed=True) as (url, _):
        other = Bench.of(started(QvmEngine(), {"url": url}), DEVICE)
        assert other.device.features == {"dynamic", "seed", "expectation"}


def test_no_request_is_large_enough_to_be_shared_out(bench: Bench, served: tuple[str, Qvm]) -> None:
    served[1].asked.clear()
    builder = CircuitBuilder(1, 2)
    builder.gate("H", [0])
    builder.measure([0], [0])
    builder.measure([0], [1])
    found = bench.counts(builder.build(), 2 * TRIALS + 5)
    assert sum(found.values()) == 2 * TRIALS + 5
    assert set(found) == {0, 3}
    asked = served[1].asked
    assert [each["trials"] for each in asked] == [TRIALS, TRIALS, 5]
    assert len({each["rng-seed"] for each in asked}) == 3


def sampled(bench: Bench, options: dict[str, Any]) -> dict[int, int]:
    builder = CircuitBuilder(2, 2)
    builder.gate("X", [0])
    builder.measure([0, 1], [0, 1])
    return dict(bench.engine.sample(bench.device, Sample(bench.read(builder.build()), (), 4000, 5, options)).found)


def test_noise_of_its_own_is_passed_on(bench: Bench) -> None:
    gate = as_counts(sampled(bench, {"gate_noise": [0.1, 0.1, 0.3]}), 2)
    agree(gate, {"01": 0.8, "00": 0.2}, 4000)
    read = as_counts(sampled(bench, {"measurement_noise": [0.25, 0.0, 0.5]}), 2)
    agree(read, {"01": 0.5625, "00": 0.1875, "10": 0.0625, "11": 0.1875}, 4000)


@pytest.mark.parametrize("wrong", [0.1, [0.1], [0.5, 0.6, 0.0], [-0.1, 0, 0], ["a", 0, 0], [True, 0, 0]])
def test_what_is_no_noise_is_refused_by_name(bench: Bench, wrong: object) -> None:
    with pytest.raises(RefusedError, match="gate_noise") as error:
        sampled(bench, {"gate_noise": wrong})
    assert (error.value.code, error.value.where) == ("EIGEN_DEVICE_OPTION", "gate_noise")


def test_what_the_server_refuses_is_told(bench: Bench) -> None:
    wide = CircuitBuilder(QUBIT_LIMIT + 1, 1)
    wide.gate("X", [QUBIT_LIMIT])
    wide.measure([QUBIT_LIMIT], [0])
    with pytest.raises(RefusedError, match="over the limit") as error:
        bench.counts(wide.build(), 1)
    assert error.value.code == "EIGEN_DEVICE_FAILED"


def test_where_no_server_is_it_is_unavailable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        with pytest.raises(RefusedError, match=f"no qvm at {url}") as error:
            started(QvmEngine(), {"url": url})
    assert error.value.code == "EIGEN_NOT_AVAILABLE"
    assert "qvm -S" in error.value.hint


@pytest.mark.parametrize(
    "config",
    [
        {"url": "file:///etc/passwd"},
        {"url": 5},
        {"url": "http://a:b@c"},
        {"address": "x"},
        {"url": "http://127.0.0.1:1", "timeout_seconds": 0},
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(config: dict[str, Any]) -> None:
    with pytest.raises(RefusedError) as error:
        started(QvmEngine(), config)
    assert error.value.code == "EIGEN_CONFIG_INVALID"
    assert error.value.where in config


def test_it_needs_an_address() -> None:
    with pytest.raises(RefusedError, match="`url`") as error:
        started(QvmEngine())
    assert error.value.code == "EIGEN_NOT_AVAILABLE"

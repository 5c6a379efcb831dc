"""The driver in Go: its states and counts are those of the native engine, whatever its threads, and what it is not
asked rightly it refuses by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doubles.go_driver import go_driver
from eigen._core import Condition, gate_matrix, gate_table
from eigen.drivers.driver import WorkState
from eigen.drivers.hosts.host import Host
from eigen.drivers.native import NativeDriver
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Observable
from eigen.types import ExpectationWork, ProbabilityWork, SampleWork
from eigen.wire.driver import pb
from eigen.wire.work import Sent, work_message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eigen.drivers.hosts.hosted import HostedDriver
    from eigen.ir import Circuit

DEVICE = "go:statevector"
NAMES = [row.name for row in gate_table() if row.name != "GPHASE"]
ROWS = {row.name: row for row in gate_table()}
WIDTH = 4


@pytest.fixture(scope="module")
def driver() -> Iterator[HostedDriver]:
    made = go_driver(threads=2)
    yield made
    made.close()


@pytest.fixture(scope="module")
def native() -> NativeDriver:
    made = NativeDriver()
    made.initialize({})
    return made


def test_it_has_every_gate_of_the_table(driver: HostedDriver) -> None:
    (device,) = driver.get_devices()
    assert device.id == DEVICE
    assert set(device.gates) == set(NAMES)


@st.composite
def programs(draw: st.DrawFn) -> Circuit:
    builder = CircuitBuilder(WIDTH)
    for qubit in range(WIDTH):
        builder.gate("RY", [qubit], [0.3 + qubit])
    for _ in range(draw(st.integers(1, 12))):
        name = draw(st.sampled_from(NAMES))
        row = ROWS[name]
        size = row.num_qubits or draw(st.integers(2, WIDTH))
        payload: dict[str, object] = {}
        if name == "UNITARY":
            size, payload = 2, {"matrix": gate_matrix("FSIM", [0.3, 0.8])}
        if name == "PAULI_ROT":
            payload = {"pauli": draw(st.text("IXYZ", min_size=size, max_size=size))}
        qubits = draw(st.permutations(range(WIDTH)))[:size]
        builder.gate(name, list(qubits), [draw(st.floats(-7, 7)) for _ in row.param_names], **payload)  # type: ignore[arg-type]
    return builder.build()


@settings(max_examples=60)
@given(circuit=programs())
def test_exact_values_are_those_of_the_native_engine(
    driver: HostedDriver, native: NativeDriver, circuit: Circuit
) -> None:
    observable = Observable.from_terms(
        WIDTH, [("Z0 Y2", 0.5), ("X1 Z0 Y3 X2", -1.25), ("X2", 0.3), ("Y3", 0.7), ("", 2.0)]
    )
    for work in (
        ExpectationWork(circuit, (), observable, None, 0),
        *(ProbabilityWork(circuit, (), f"{outcome:0{WIDTH}b}", None, 0) for outcome in range(1 << WIDTH)),
    ):
        ours = native.execute_circuit("sim:statevector", work).value
        assert driver.execute_circuit(DEVICE, work).value == pytest.approx(ours, abs=1e-10)


def spread(width: int) -> Circuit:
    builder = CircuitBuilder(width, width)
    for qubit in range(width):
        builder.gate("RY", [qubit], [0.4 + 0.1 * qubit])
    for qubit in range(width - 1):
        builder.gate("CX", [qubit, qubit + 1])
    builder.measure(range(width), range(width))
    return builder.build()


def teleported() -> Circuit:
    """Qubit 0's state on qubit 2, by outcomes; then qubit 0 is put to 0."""
    builder = CircuitBuilder(3, 4)
    builder.gate("RY", [0], [0.8])
    builder.gate("H", [1])
    builder.gate("CX", [1, 2])
    builder.gate("CX", [0, 1])
    builder.measure([0], [0], basis="X")
    builder.measure([1], [1])
    builder.gate("X", [2], condition=Condition.bit(1))
    builder.gate("Z", [2], condition=Condition.bit(0))
    builder.gate("RY", [2], [-0.8])
    builder.measure([2], [2])
    builder.reset([0])
    builder.measure([0], [3])
    return builder.build()


def test_counts_are_those_of_the_state(driver: HostedDriver, native: NativeDriver) -> None:
    """Chi-square over 64 outcomes; a sum beyond 160 has a probability below 1e-9."""
    circuit = spread(6)
    shots = 100_000
    found = driver.execute_circuit(DEVICE, SampleWork(circuit, (), shots, 5)).counts
    assert found is not None
    counts = found.to_dict()
    bare = CircuitBuilder(6)
    for item in circuit.instructions():
        if item.name != "MEASURE":
            bare.gate(item.name, list(item.qubits), [float(value) for value in item.params])
    total = 0.0
    for outcome in range(64):
        bits = f"{outcome:06b}"
        weight = native.execute_circuit("sim:statevector", ProbabilityWork(bare.build(), (), bits, None, 0)).value
        assert weight is not None
        total += (counts.get(bits, 0) - shots * weight) ** 2 / (shots * weight)
    assert total < 160


def test_a_state_travels_by_outcomes(driver: HostedDriver) -> None:
    found = driver.execute_circuit(DEVICE, SampleWork(teleported(), (), 2000, 9)).counts
    assert found is not None
    assert {bits[:2] for bits in found.to_dict()} == {"00"}
    assert len(found.to_dict()) == 4


@pytest.mark.parametrize("circuit", [spread(17), teleported()], ids=["wide", "dynamic"])
def test_the_number_of_threads_changes_nothing(driver: HostedDriver, circuit: Circuit) -> None:
    one = go_driver(threads=1)
    try:
        work = SampleWork(circuit, (), 3000, 2**64 - 1)
        assert one.execute_circuit(DEVICE, work).counts == driver.execute_circuit(DEVICE, work).counts
    finally:
        one.close()


def test_more_bits_than_a_word_has(driver: HostedDriver) -> None:
    builder = CircuitBuilder(2, 130)
    builder.gate("X", [1])
    builder.gate("H", [0])
    builder.measure([0, 1], [7, 129])
    found = driver.execute_circuit(DEVICE, SampleWork(builder.build(), (), 400, 1)).counts
    assert found is not None
    assert [bits[0] + bits[130 - 8] for bits in found.to_dict()] == ["10", "11"]
    assert np.array(found.values).sum() == 400


def test_several_questions_in_one_request(driver: HostedDriver) -> None:
    """They are answered in their order, and a circuit that has not come is asked for by its sha256."""
    builder = CircuitBuilder(1, 1)
    builder.gate("RX", [0], ["a"])
    builder.measure([0], [0])
    circuit = builder.build()
    driver.get_devices()
    host: Host = driver._place().host  # pyright: ignore[reportPrivateUsage]
    sent = Sent()
    messages: list[pb.Work] = []
    for angle in (0.0, np.pi, 0.0):
        message, carried = work_message(SampleWork(circuit, (angle,), 10, 1), sent)
        messages.append(message)
        sent.add(carried)
    first, second, third = messages
    wrong = host.call("Submit", pb.SubmitRequest(device_id=DEVICE, key="few", works=[second, third]))
    assert list(wrong.missing.sha256) == [bytes.fromhex(circuit.digest)] * 2
    taken = host.call("Submit", pb.SubmitRequest(device_id=DEVICE, key="few", works=[first, second, third]))
    results = host.results(host.call("Result", pb.ResultRequest(handle=taken.handle, timeout_sec=60.0))).results
    assert [list(found.counts.keys) for found in results] == [[0], [1], [0]]
    assert host.call("Submit", pb.SubmitRequest(device_id=DEVICE, key="few")).handle == taken.handle


def test_work_that_is_cancelled_ends(driver: HostedDriver) -> None:
    """Shots that would take for ever."""
    builder = CircuitBuilder(1, 1)
    builder.begin_for(10**9)
    builder.begin_for(10**9)
    builder.gate("X", [0])
    builder.end()
    builder.end()
    builder.measure([0], [0])
    handle = driver.submit(DEVICE, "endless", SampleWork(builder.build(), (), 1, 1))
    assert driver.cancel(handle)
    assert driver.poll(handle) is WorkState.CANCELLED
    assert driver.execute_circuit(DEVICE, SampleWork(teleported(), (), 1, 1)).counts is not None


def test_a_setting_is_refused_by_name() -> None:
    made = go_driver()
    made.initialize({"turbo": True})
    try:
        with pytest.raises(EigenError) as caught:
            made.get_devices()
        assert (caught.value.code, caught.value.where) == ("EIGEN_CONFIG_INVALID", "turbo")
    finally:
        made.close()

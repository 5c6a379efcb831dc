"""The QDriver contract: one suite, every driver. What a device claims must hold; what it does not claim it refuses."""

from __future__ import annotations

import threading
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from math import pi, sqrt
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles.described_chip import chip, written
from doubles.go_driver import go_driver
from doubles.hosts import owner, shipped
from doubles.metered import MeteredDriver
from doubles.packages import needed
from doubles.photonic_programs import teleportation
from doubles.qvm_server import qvm_server
from doubles.restricted import RestrictedDriver
from doubles.role_servers import remote
from eigen import _core
from eigen.compiler.lower import lower
from eigen.drivers.driver import BatchDriver, QDriver, WorkState
from eigen.drivers.engines import DENSITY, MPS, PAULI, STABILIZER, TENSOR_NETWORK
from eigen.drivers.hosts.hosted import HostedDriver
from eigen.drivers.native import NativeDriver
from eigen.drivers.null import NullDriver
from eigen.drivers.probes import probe
from eigen.drivers.qvm import QvmDriver
from eigen.errors import EigenError
from eigen.types import Device, EvolutionWork, ExpectationWork, GradientWork, ModesWork, ProbabilityWork, SampleWork

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from numpy.typing import NDArray

    from eigen.types import Work

SIGMAS = 6.5  # two-sided false-positive rate below 1e-10 for each comparison


@dataclass(frozen=True)
class Rack:
    """A driver under test, and one of its devices."""

    driver: QDriver
    device: Device

    def has(self, *features: str) -> bool:
        return set(features) <= self.device.features

    @property
    def is_single(self) -> bool:
        """Whether it computes in single precision."""
        return self.device.properties.get("precision") == "f32"

    def lowered(self, build: Callable[[_core.CircuitBuilder], None]) -> _core.Circuit:
        builder = _core.CircuitBuilder()
        build(builder)
        try:
            circuit = lower(builder.build(), self.device, level=0).circuit
        except EigenError as error:
            if error.code != "EIGEN_COMPILER_UNSUPPORTED":
                raise
            pytest.skip(f"{self.device.id}: {error.message}")
        if self.device.properties.get("clifford_only") and (reason := self._beyond_clifford(circuit)):
            pytest.skip(f"{self.device.id}: {reason}")
        return circuit

    @staticmethod
    def _beyond_clifford(circuit: _core.Circuit) -> str | None:
        """Why a circuit is refused whatever its parameters are; those are tried at a quarter turn each."""
        return _core.not_clifford(circuit.bind([pi / 2] * len(circuit.parameters)))

    def counts(
        self,
        build: Callable[[_core.CircuitBuilder], None],
        values: Sequence[float] = (),
        shots: int = 50,
        seed: int = 3,
    ) -> dict[str, int]:
        result = self.driver.execute_circuit(
            self.device.id, SampleWork(self.lowered(build), tuple(values), shots, seed)
        )
        assert result.counts is not None
        assert (result.value, result.gradient) == (None, None)
        return result.counts.to_dict()

    def refusal(self, work: object) -> EigenError:
        with pytest.raises(EigenError) as caught:
            self.driver.execute_circuit(self.device.id, work)  # type: ignore[arg-type]
        return caught.value


AER = ["aer", "aer_density_matrix", "aer_stabilizer", "aer_matrix_product_state"]
REMOTE = ["remote_native", "remote_restricted", "remote_metered"]
METERED = ["metered", "metered_without_keys"]
QVM = "rigetti-qvm:qvm"
"""It has a server of its own, here a double."""
HOSTED = [
    "cirq:statevector",
    "cirq:density_matrix",
    "cirq:qsim",
    "braket:local_sv",
    "braket:local_dm",
    "pennylane:default.qubit",
    "pennylane:lightning.qubit",
    "pennylane:default.mixed",
    "qoqo:quest",
    "rigetti:wavefunction",
    "rigetti:density",
    "stim:tableau",
    "jax:statevector",
    "qutip:solver",
    "ddsim:dd",
    "quimb:mps",
    QVM,
    "tfq:statevector",
    "quimb:tn",
    "torch:statevector",
]
"""Devices of engines of other makers, in processes of their own."""
HEAVY = {"tfq:statevector"}
"""Those whose environments weigh gigabytes: `make soak` installs and asks them."""
DRIVERS = [
    "native",
    "native_density",
    "native_stabilizer",
    "native_mps",
    "native_tn",
    "native_pauli",
    "null",
    "qvm",
    "go",
    *AER,
    "restricted",
    "metered",
    "metered_without_keys",
    *REMOTE,
    *(pytest.param(name, marks=pytest.mark.soak) if name in HEAVY else name for name in HOSTED),
]


def faultless_chip(folders: pytest.TempPathFactory) -> dict[str, str]:
    """The configuration of a virtual device that makes no errors, so that it must do as every other one does."""
    described = chip("line", [(0, 1), (1, 2), (2, 3), (3, 4)], errors=0.0, features=["dynamic"])
    return {"folder": str(written(folders.mktemp("devices"), described))}


@contextmanager
def hosted(device_id: str) -> Generator[Rack]:
    """The driver of an engine of another maker, and one of its devices."""
    driver = shipped("rigetti-qvm") if device_id == QVM else owner(device_id)
    with ExitStack() as served:
        if device_id == QVM:
            needed("pyquil")
            driver.initialize({"url": served.enter_context(qvm_server())[0]})
        served.callback(driver.close)
        yield Rack(driver, next(device for device in driver.get_devices() if device.id == device_id))


@pytest.fixture(params=DRIVERS, scope="module")
def rack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Generator[Rack]:
    if request.param in HOSTED:
        with hosted(request.param) as house:
            yield house
        return
    ledger = tmp_path_factory.mktemp("provider") / "ledger"
    drivers: dict[str, Callable[[], QDriver]] = {
        "native": NativeDriver,
        "native_density": NativeDriver,
        "native_stabilizer": NativeDriver,
        "native_mps": NativeDriver,
        "native_tn": NativeDriver,
        "native_pauli": NativeDriver,
        "null": NullDriver,
        "qvm": QvmDriver,
        "go": go_driver,
        **dict.fromkeys(AER, lambda: shipped("qiskit")),
        "restricted": RestrictedDriver,
        "metered": lambda: MeteredDriver(ledger),
        "metered_without_keys": lambda: MeteredDriver(ledger, deduplicates=False),
    }
    driver = drivers[request.param.removeprefix("remote_")]()
    driver.initialize(faultless_chip(tmp_path_factory) if request.param == "qvm" else {})
    devices = {device.id: device for device in driver.get_devices()}
    engines = {
        "native_density": DENSITY,
        "native_stabilizer": STABILIZER,
        "native_mps": MPS,
        "native_tn": TENSOR_NETWORK,
        "native_pauli": PAULI,
    }
    named = engines.get(request.param, f"qiskit:{request.param}")
    device = devices.get(named, driver.get_devices()[0])
    if request.param not in REMOTE:
        yield Rack(driver, device)
        if isinstance(driver, HostedDriver):
            driver.close()
        return
    with remote(driver) as house:
        assert device in house.devices()
        yield Rack(house.driver_for(device.id), device)


def test_evolutions_run_where_the_device_says_so(rack: Rack) -> None:
    z = _core.Observable.pauli("Z")
    half = _core.Evolution([("X0", "rate")], 1.0, times=[0.0, 1.0], observables=[z], num_qubits=1)
    work = EvolutionWork(half, (pi / 2,), 20, 3, {"tolerance": 1e-9})
    if "evolution" not in rack.device.features:
        assert rack.refusal(work).code == "EIGEN_SIM_UNSUPPORTED"
        return
    result = rack.driver.execute_circuit(rack.device.id, work)
    assert result.series == pytest.approx((1.0, -1.0), abs=1e-8)
    assert result.series_errors is None
    assert result.counts is not None
    assert result.counts.to_dict() == {"1": 20}
    assert result.metadata["method"] in {"krylov", "chebyshev", "trotter", "vern9"}
    assert rack.refusal(EvolutionWork(half, (), None, 0)).code == "EIGEN_CIRCUIT_PARAMETERS"
    assert rack.refusal(EvolutionWork(half, (0.1,), None, 0, {"method": "euler"})).code == "EIGEN_SIM_UNSUPPORTED"


def test_devices_of_qubits_run_no_photonic_programs(rack: Rack) -> None:
    assert rack.refusal(ModesWork(teleportation(1.0, 0.5, 1.0), (), 5, 3)).code == "EIGEN_SIM_UNSUPPORTED"


def one_bit(builder: _core.CircuitBuilder) -> None:
    builder.add_qubits(1)
    builder.add_clbits(1)
    builder.gate("X", [0])
    builder.measure([0], [0])


# What every driver is


def test_it_is_a_driver_with_described_devices(rack: Rack) -> None:
    assert isinstance(rack.driver, QDriver)
    assert rack.driver.name
    assert rack.driver.version
    ids = [device.id for device in rack.driver.get_devices()]
    assert len(ids) == len(set(ids)) >= 1
    known = {row.name for row in _core.gate_table()}
    for device in rack.driver.get_devices():
        assert ":" in device.id
        assert device.num_qubits >= 1
        assert set(device.gates) <= known
        assert rack.driver.get_device_status(device.id) is device.status
        assert isinstance(rack.driver.calibrate_device(device.id), dict)


def test_an_unknown_device_is_an_error_everywhere(rack: Rack) -> None:
    work = SampleWork(rack.lowered(one_bit), (), 1, 1)
    for call in (
        lambda: rack.driver.get_device_status("no:device"),
        lambda: rack.driver.calibrate_device("no:device"),
        lambda: rack.driver.submit("no:device", "key", work),
        lambda: rack.driver.execute_circuit("no:device", work),
    ):
        with pytest.raises(EigenError) as caught:
            call()
        assert caught.value.code == "EIGEN_DEVICE_UNKNOWN"


def test_unknown_configuration_is_refused(rack: Rack) -> None:
    if isinstance(rack.driver, HostedDriver):  # its engine refuses what it does not know, once it starts
        if rack.device.id not in HOSTED:
            pytest.skip("its engine refuses settings when its host starts")
        with hosted(rack.device.id) as fresh:
            fresh.driver.close()  # type: ignore[attr-defined]
            fresh.driver.initialize({"no_such_key": 1})
            with pytest.raises(EigenError, match="`no_such_key`") as caught:
                fresh.driver.get_device_status(rack.device.id)
        assert caught.value.code == "EIGEN_CONFIG_INVALID"
        return
    with pytest.raises(EigenError) as caught:
        rack.driver.initialize({"no_such_key": 1})
    assert caught.value.code == "EIGEN_DEVICE_OPTION"
    assert "no_such_key" in caught.value.message


def test_it_passes_the_probes(rack: Rack) -> None:
    probe(rack.driver, rack.device)


# Bits and registers


@given(st.data())
def test_bits_arrive_where_they_were_asked(rack: Rack, data: st.DataObject) -> None:
    """Any flips, any wiring of qubits to bits, any split into registers, idle qubits and bits included."""
    width = data.draw(st.integers(1, min(5, rack.device.num_qubits)))
    bits = data.draw(st.integers(1, 6))
    flips = data.draw(st.lists(st.booleans(), min_size=width, max_size=width))
    qubits = data.draw(st.lists(st.integers(0, width - 1), min_size=1, max_size=min(width, bits), unique=True))
    clbits = data.draw(st.permutations(range(bits)))[: len(qubits)]
    cut = data.draw(st.integers(1, bits))

    def build(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(width, "q")
        builder.add_clbits(cut, "a")
        if cut < bits:
            builder.add_clbits(bits - cut, "b")
        for qubit, flip in enumerate(flips):
            if flip:
                builder.gate("X", [qubit])
        builder.measure(qubits, clbits)

    read = {clbit: flips[qubit] for qubit, clbit in zip(qubits, clbits, strict=True)}
    expected = "".join("1" if read.get(clbit) else "0" for clbit in reversed(range(bits)))
    assert rack.counts(build, shots=3) == {expected: 3}


def test_mid_circuit_measurement_feeds_forward(rack: Rack) -> None:
    def build(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(3)
        builder.add_clbits(5)
        builder.gate("X", [0])
        builder.measure([0], [0])
        builder.begin_if(_core.Condition.bit(0))
        builder.gate("X", [1])
        builder.begin_else()
        builder.gate("X", [2])
        builder.end()
        builder.reset([0])
        builder.measure([0, 1, 2], [1, 2, 3])
        builder.begin_while(~_core.Condition.bit(4), 3)
        builder.gate("X", [0])
        builder.measure([0], [4])
        builder.end()
        builder.begin_for(3)
        builder.gate("X", [2])
        builder.end()
        builder.measure([2], [3])

    if rack.has("dynamic"):
        assert rack.counts(build, shots=5) == {"11101": 5}
    else:
        builder = _core.CircuitBuilder()
        build(builder)
        assert rack.refusal(SampleWork(builder.build(), (), 5, 1)).code == "EIGEN_SIM_UNSUPPORTED"


def test_a_loop_that_never_ends_is_stopped(rack: Rack) -> None:
    def build(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(1)
        builder.add_clbits(1)
        builder.begin_while(~_core.Condition.bit(0), 4)
        builder.measure([0], [0])
        builder.end()

    if rack.has("dynamic"):
        assert rack.refusal(SampleWork(rack.lowered(build), (), 1, 1)).code == "EIGEN_SIM_LOOP_BOUND"


# Gates


def generic_arguments(name: str) -> tuple[int, list[float], dict[str, object]]:
    """Qubits, parameters and payload of one generic instance of a gate."""
    row = next(row for row in _core.gate_table() if row.name == name)
    params = [0.37 + 0.41 * k for k in range(len(row.param_names))]
    if name == "UNITARY":
        matrix = _core.gate_matrix("FSIM", [0.3, 0.8])
        return 2, [], {"matrix": matrix}
    if name == "PAULI_ROT":
        return 3, params or [0.7], {"pauli": "XYZ"}
    return row.num_qubits if row.num_qubits is not None else 3, params, {}


def embedded(matrix: NDArray[np.complex128], qubits: Sequence[int], width: int) -> NDArray[np.complex128]:
    """A gate's matrix on a register; qubits[0] is the least significant bit of the gate's index."""
    full = np.zeros((1 << width, 1 << width), dtype=complex)
    for column in range(1 << width):
        rest = column & ~sum(1 << q for q in qubits)
        inner = sum((column >> q & 1) << k for k, q in enumerate(qubits))
        for row in range(1 << len(qubits)):
            full[rest | sum((row >> k & 1) << q for k, q in enumerate(qubits)), column] += matrix[row, inner]
    return full


def claimed_gates(rack: Rack) -> list[str]:
    """The gates that the device runs at all angles."""
    if rack.device.properties.get("clifford_only"):
        return [row.name for row in _core.gate_table() if row.is_clifford]
    return list(rack.device.gates) or [row.name for row in _core.gate_table()]


def test_every_claimed_gate_keeps_its_matrix(rack: Rack) -> None:
    """Probabilities after a generic product state, the gate on scattered qubits, and a generic turn before reading."""
    shots = 40_000
    for name in claimed_gates(rack):
        size, params, payload = generic_arguments(name)
        width = max(size, 2)
        if width > rack.device.num_qubits:
            continue
        qubits = list(reversed(range(width)))[:size]
        if rack.device.coupling and size == 2:
            qubits = list(rack.device.coupling[0])
        turns = [(0.5 + 0.3 * q, 0.2 + 0.7 * q, 0.9 - 0.4 * q) for q in range(width)]
        if rack.device.properties.get("clifford_only"):
            turns = [(pi / 2 * (1 + q), pi / 2 * q, pi / 2 * (1 - q)) for q in range(width)]
        classical = "H" not in claimed_gates(rack) and "SX" not in claimed_gates(rack)

        def build(
            builder: _core.CircuitBuilder,
            *,
            measured: bool = True,
            name: str = name,
            width: int = width,
            qubits: list[int] = qubits,
            params: list[float] = params,
            payload: dict[str, object] = payload,
            turns: list[tuple[float, float, float]] = turns,
            classical: bool = classical,
        ) -> None:
            builder.add_qubits(width)
            for q, angles in enumerate(turns):
                if not classical:
                    builder.gate("U", [q], angles)
                elif q != 1:
                    builder.gate("X", [q])
            builder.gate(name, qubits, params, **payload)  # type: ignore[arg-type]
            for q, angles in enumerate(turns):
                if not classical:
                    builder.gate("U", [q], angles[::-1])
            if measured:
                builder.add_clbits(width)
                builder.measure(range(width), range(width))

        ideal = _core.CircuitBuilder()
        build(ideal, measured=False)
        state = np.zeros(1 << width, dtype=complex)
        state[0] = 1.0
        for item in ideal.build().instructions():
            gate = _core.gate_matrix(
                item.name, [float(p) for p in item.params], len(item.qubits), matrix=item.matrix,
                pauli=item.pauli or None, inverse=item.inverse, power=item.power, num_controls=item.num_controls,
                ctrl_state=item.ctrl_state or None,
            )  # fmt: skip
            state = embedded(np.array(gate), item.qubits, width) @ state
        expected = np.abs(state) ** 2
        counts = rack.counts(build, shots=shots)
        for index, probability in enumerate(expected):
            seen = counts.get(f"{index:0{width}b}", 0) / shots
            tolerance = SIGMAS * sqrt(probability * (1 - probability) / shots) + 1e-9
            assert abs(seen - probability) <= tolerance, (name, f"{index:0{width}b}", seen, probability)


# Parameters and values


def rotations(builder: _core.CircuitBuilder) -> None:
    builder.add_qubits(2)
    builder.add_clbits(2)
    builder.gate("RX", [1], ["late"])
    builder.gate("RX", [0], [_core.Affine.symbol("early") * 2.0 + pi])
    builder.measure([0, 1], [0, 1])


def test_parameters_bind_in_the_circuits_order(rack: Rack) -> None:
    circuit = rack.lowered(rotations)
    assert circuit.parameters == ("late", "early")
    assert rack.counts(rotations, [pi, 0.0]) == {"11": 50}
    assert rack.counts(rotations, [0.0, pi / 2]) == {"00": 50}


@pytest.mark.parametrize("values", [(), (0.1,), (0.1, 0.2, 0.3)])
def test_the_wrong_number_of_values_is_an_error(rack: Rack, values: tuple[float, ...]) -> None:
    error = rack.refusal(SampleWork(rack.lowered(rotations), values, 1, 1))
    assert error.code == "EIGEN_CIRCUIT_PARAMETERS"


OBSERVABLE = [("", 0.25), ("Z0", 0.5), ("Z0 Z2", -1.5), ("X1", 2.0), ("Y0 X1", 0.75)]


def prepared(rack: Rack) -> tuple[_core.Circuit, tuple[float, ...], float]:
    """A circuit, values, and the exact expectation of `OBSERVABLE` from dense matrices."""

    def build(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(3)
        if "RX" in claimed_gates(rack):
            builder.gate("RX", [0], ["a"])
            builder.gate("RY", [1], ["b"])
            builder.gate("CX", [0, 1])
        builder.gate("X", [2])

    circuit = rack.lowered(build)
    values = (0.4, 1.1)[: len(circuit.parameters)]
    if rack.device.properties.get("clifford_only"):
        values = (pi / 2, pi)[: len(values)]
    state = np.zeros(8, dtype=complex)
    state[0] = 1.0
    for item in circuit.bind(values).instructions():
        state = embedded(np.array(_core.gate_matrix(item.name, item.params)), item.qubits, 3) @ state
    return circuit, values, float(np.real(np.conj(state) @ dense_observable() @ state))


def dense_observable() -> NDArray[np.complex128]:
    total = np.zeros((8, 8), dtype=complex)
    for label, weight in OBSERVABLE:
        term = np.eye(8, dtype=complex)
        for factor in label.split():
            term = term @ embedded(np.array(_core.gate_matrix(factor[0])), [int(factor[1:])], 3)
        total += weight * term
    return total


def test_expectation_values_are_right(rack: Rack) -> None:
    observable = _core.Observable.from_terms(3, OBSERVABLE)
    if not rack.has("expectation"):
        circuit = rack.lowered(one_bit)
        assert rack.refusal(ExpectationWork(circuit, (), observable, 10, 1)).code == "EIGEN_SIM_UNSUPPORTED"
        return
    circuit, values, expected = prepared(rack)
    if rack.has("exact"):
        result = rack.driver.execute_circuit(rack.device.id, ExpectationWork(circuit, values, observable, None, 1))
        assert result.value == pytest.approx(expected, abs=1e-5 if rack.is_single else 1e-10)
        assert result.standard_error is None
    else:
        refused = rack.refusal(ExpectationWork(circuit, values, observable, None, 1))
        assert refused.code == "EIGEN_SIM_UNSUPPORTED"
    result = rack.driver.execute_circuit(rack.device.id, ExpectationWork(circuit, values, observable, 20_000, 5))
    assert result.standard_error is not None
    assert abs(result.value - expected) <= SIGMAS * result.standard_error + 1e-9


def test_gradients_are_right_or_refused(rack: Rack) -> None:
    observable = _core.Observable.from_terms(3, OBSERVABLE)
    circuit, values, expected = prepared(rack) if rack.has("expectation") else (rack.lowered(one_bit), (), 0.0)
    work = GradientWork(circuit, values, observable)
    if not rack.has("gradient"):
        assert rack.refusal(work).code == "EIGEN_SIM_UNSUPPORTED"
        return
    result = rack.driver.execute_circuit(rack.device.id, work)
    value_error, slope_error, step = (1e-5, 1e-3, 1e-2) if rack.is_single else (1e-10, 1e-7, 1e-5)
    assert result.value == pytest.approx(expected, abs=value_error)
    for k, slope in enumerate(result.gradient):
        ends = []
        for turn in (step, -step):
            moved = tuple(v + turn * (j == k) for j, v in enumerate(values))
            ends.append(
                rack.driver.execute_circuit(rack.device.id, ExpectationWork(circuit, moved, observable, None, 1)).value
            )
        assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), abs=slope_error)


def test_probability_of_one_outcome(rack: Rack) -> None:
    def build(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(3)
        builder.gate("X", [0])

    circuit = rack.lowered(build)
    for bits, expected in (("001", 1.0), ("100", 0.0)):
        work = ProbabilityWork(circuit, (), bits.rjust(circuit.num_qubits, "0"), None, 1)
        if rack.has("exact"):
            assert rack.driver.execute_circuit(rack.device.id, work).value == pytest.approx(expected, abs=1e-12)
        else:
            assert rack.refusal(work).code == "EIGEN_SIM_UNSUPPORTED"


# Shots, seeds, options


@pytest.mark.parametrize("shots", [1, 2, 999, 100_000, 1_000_000])
def test_exactly_as_many_shots_as_asked(rack: Rack, shots: int) -> None:
    if shots > rack.device.max_shots:
        assert rack.refusal(SampleWork(rack.lowered(one_bit), (), shots, 1)).code == "EIGEN_DEVICE_OPTION"
    else:
        assert rack.counts(one_bit, shots=shots) == {"1": shots}


@pytest.mark.parametrize("shots", [0, -1, 10_000_001])
def test_impossible_shots_are_refused(rack: Rack, shots: int) -> None:
    error = rack.refusal(SampleWork(rack.lowered(one_bit), (), shots, 1))
    assert error.code == "EIGEN_DEVICE_OPTION"
    assert f"`{shots}`" in error.message


def test_a_seed_fixes_the_counts(rack: Rack) -> None:
    def build(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(5)
        builder.add_clbits(5)
        for qubit in range(5):
            builder.gate("H", [qubit])
        builder.measure(range(5), range(5))

    assert rack.has("seed")
    first = rack.counts(build, shots=2000, seed=2**63 + 11)
    assert rack.counts(build, shots=2000, seed=2**63 + 11) == first
    assert rack.counts(build, shots=2000, seed=12) != first


def test_unknown_options_are_refused_by_name(rack: Rack) -> None:
    error = rack.refusal(SampleWork(rack.lowered(one_bit), (), 1, 1, {"wind_speed": 3}))
    assert error.code == "EIGEN_DEVICE_OPTION"
    assert "`wind_speed`" in error.message


def test_a_noise_model_is_applied_or_refused(rack: Rack) -> None:
    def flipped(builder: _core.CircuitBuilder) -> None:
        builder.add_qubits(1)
        builder.add_clbits(1)
        builder.gate("X", [0])
        builder.measure([0], [0])

    work = SampleWork(rack.lowered(flipped), (), 20, 1, {"noise_model": "readout(1.0)"})
    if not rack.has("noise"):
        error = rack.refusal(work)
        assert error.code == "EIGEN_DEVICE_OPTION"
        assert "`noise_model`" in error.message
        return
    if rack.device.id == PAULI:  # noise on exact expectation values alone
        assert rack.refusal(work).code == "EIGEN_SIM_UNSUPPORTED"
        return
    result = rack.driver.execute_circuit(rack.device.id, work)
    assert result.counts is not None
    assert result.counts.to_dict() == {"0": 20}
    assert result.metadata["noise_model"] == "readout(1.0)"
    assert result.metadata["noise_model_sha256"] == _core.NoiseModel.parse("readout(1.0)").digest
    assert rack.refusal(replace(work, options={"noise_model": "readout(1.5)"})).code == "EIGEN_NOISE_INVALID"


def test_gates_outside_the_list_are_refused(rack: Rack) -> None:
    for row in _core.gate_table():
        if not rack.device.gates or row.name in rack.device.gates or row.name == "GPHASE":
            continue
        size, params, payload = generic_arguments(row.name)
        builder = _core.CircuitBuilder(size)
        builder.gate(row.name, range(size), params, **payload)  # type: ignore[arg-type]
        builder.add_clbits(1)
        builder.measure([0], [0])
        error = rack.refusal(SampleWork(builder.build(), (), 1, 1))
        assert error.code in {"EIGEN_COMPILER_UNSUPPORTED", "EIGEN_DEVICE_FAILED"}
        assert f"`{row.name}`" in error.message


# Submission


def test_submitted_work_gives_the_same_as_executed_work(rack: Rack) -> None:
    work = SampleWork(rack.lowered(one_bit), (), 20, 9)
    handle = rack.driver.submit(rack.device.id, "same", work)
    result = rack.driver.result(handle, 60)
    assert result.counts == rack.driver.execute_circuit(rack.device.id, work).counts
    assert rack.driver.poll(handle) is WorkState.DONE
    known = rack.driver.adopt("same")
    if known is None:  # whoever recognises no key says so
        assert not rack.has("deduplicates")
    else:
        assert known == handle
        assert rack.driver.result(known, 60).counts == result.counts
    assert not rack.driver.cancel(handle)


def test_a_key_runs_once_where_that_is_claimed(rack: Rack) -> None:
    work = SampleWork(rack.lowered(one_bit), (), 20, 9)
    first = rack.driver.submit(rack.device.id, "once", work)
    second = rack.driver.submit(rack.device.id, "once", work)
    assert (first == second) is rack.has("deduplicates")


def test_what_travels_together_is_answered_as_one_by_one(rack: Rack) -> None:
    if not isinstance(rack.driver, BatchDriver):
        pytest.skip(f"{rack.device.id} takes one piece of work at a time")
    works: list[Work] = [
        SampleWork(rack.lowered(rotations), (pi, 0.0), 20, 9),
        SampleWork(rack.lowered(rotations), (0.0, pi / 2), 30, 10),
    ]
    if rack.has("expectation"):
        circuit, values, _ = prepared(rack)
        works.insert(1, ExpectationWork(circuit, values, _core.Observable.from_terms(3, OBSERVABLE), 500, 4))
    handle = rack.driver.submit_batch(rack.device.id, "together", works)
    for work, found in zip(works, rack.driver.results(handle, 60), strict=True):
        alone = rack.driver.execute_circuit(rack.device.id, work)
        assert (found.counts, found.value, found.standard_error) == (alone.counts, alone.value, alone.standard_error)
    assert rack.driver.poll(handle) is WorkState.DONE
    refused = [*works, replace(works[0], options={"wind_speed": 3})]
    with pytest.raises(EigenError) as caught:
        rack.driver.results(rack.driver.submit_batch(rack.device.id, "refused", refused), 60)
    assert caught.value.code == "EIGEN_DEVICE_OPTION"


def test_what_was_never_submitted_is_unknown(rack: Rack) -> None:
    assert rack.driver.adopt("never submitted") is None
    assert rack.driver.poll("no handle") is WorkState.UNKNOWN
    assert not rack.driver.cancel("no handle")
    with pytest.raises(EigenError) as caught:
        rack.driver.result("no handle", 1)
    assert caught.value.code == "EIGEN_DEVICE_FAILED"


def test_work_from_many_threads_does_not_mix(rack: Rack) -> None:
    def build(value: int) -> _core.Circuit:
        def flips(builder: _core.CircuitBuilder) -> None:
            builder.add_qubits(4)
            builder.add_clbits(4)
            for bit in range(4):
                if value >> bit & 1:
                    builder.gate("X", [bit])
            builder.measure(range(4), range(4))

        return rack.lowered(flips)

    circuits = [build(value) for value in range(16)]
    seen: dict[int, dict[str, int]] = {}

    def ask(value: int) -> None:
        result = rack.driver.execute_circuit(rack.device.id, SampleWork(circuits[value], (), 10, value))
        assert result.counts is not None
        seen[value] = result.counts.to_dict()

    if rack.has("metered"):
        pytest.skip("the double's ledger is one file and one caller")
    threads = [threading.Thread(target=ask, args=(value,)) for value in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {value: {f"{value:04b}": 10} for value in range(16)}

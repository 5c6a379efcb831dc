"""The devices of Qiskit Aer beyond the contract: their physics against the oracle, their limits, and their absence."""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from math import log, pi
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
from eigen import _core
from eigen.compiler.lower import lower
from eigen.drivers import qiskit_aer, qiskit_circuits
from eigen.drivers.engines import ENGINES
from eigen.drivers.native import STATEVECTOR, NativeDriver
from eigen.drivers.qiskit_aer import METHODS, AerDriver
from eigen.drivers.registry import DriverEntry, Registry
from eigen.errors import EigenError
from eigen.types import ExpectationWork, GradientWork, ProbabilityWork, SampleWork
from strategies import SYMBOLS, circuits, observables, unitary_circuits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.ir import Circuit
    from eigen.types import Device, WorkResult

ENTRY = DriverEntry("qiskit", "eigen.drivers.qiskit_aer:AerDriver")
UNIVERSAL = ("qiskit:aer", "qiskit:aer_statevector", "qiskit:aer_density_matrix", "qiskit:aer_matrix_product_state")
VALUES = dict(zip(SYMBOLS, (0.7, -1.9, 0.25), strict=True))


def made() -> AerDriver:
    driver = AerDriver()
    driver.initialize({})
    return driver


DRIVER = made()


def device(name: str) -> Device:
    return next(device for device in DRIVER.get_devices() if device.id == name)


def run(name: str, work: Any) -> WorkResult:
    return DRIVER.execute_circuit(name, work)


def refusal(name: str, work: Any) -> EigenError:
    with pytest.raises(EigenError) as caught:
        run(name, work)
    return caught.value


def lowered(circuit: Circuit, name: str) -> Circuit:
    return lower(circuit, device(name), level=0).circuit


def values_of(circuit: Circuit) -> tuple[float, ...]:
    return tuple(VALUES[name] for name in circuit.parameters)


def agree(counts: Mapping[str, int], expected: Mapping[str, float], shots: int) -> None:
    """Each outcome within its Chernoff bound, exp(-shots KL(seen, expected)): wrongly refused below 2e-13 each."""
    assert sum(counts.values()) == shots
    for bits in {*counts, *expected}:
        p, q = min(expected.get(bits, 0.0), 1.0), counts.get(bits, 0) / shots
        assert q == 0.0 or p > 0.0, (bits, counts, expected)
        distance = sum(x * log(x / y) if x > 0 and y > 0 else 0.0 for x, y in ((q, p), (1 - q, 1 - p)))
        if p > 1 - 1e-12:
            assert q == 1.0, (bits, counts, expected)
        assert shots * distance <= 30, (bits, counts, expected)


# ---- physics -----------------------------------------------------------------------------------------------


@settings(max_examples=60)
@given(st.data())
def test_exact_values_are_those_of_the_oracle(data: st.DataObject) -> None:
    """The whole gate table with controls, inverses, powers and symbols."""
    circuit = data.draw(unitary_circuits(symbolic=True))
    observable = data.draw(observables(circuit.num_qubits))
    name = data.draw(st.sampled_from(UNIVERSAL))
    bits = data.draw(st.text("01", min_size=circuit.num_qubits, max_size=circuit.num_qubits))
    low, values = lowered(circuit, name), values_of(circuit)
    expected = oracle.expectation(circuit, observable, VALUES)
    scale = 1 + sum(abs(weight) for _, weight in observable.terms)
    assert run(name, ExpectationWork(low, values, observable, None, 0)).value == pytest.approx(
        expected, abs=1e-9 * scale
    )
    amplitude = oracle.state(circuit, VALUES)[int(bits, 2)]
    found = run(name, ProbabilityWork(low, values, bits, None, 0))
    assert found.value == pytest.approx(abs(amplitude) ** 2, abs=1e-9)
    assert found.standard_error is None


@settings(max_examples=60)
@given(circuits(max_qubits=3), st.sampled_from(UNIVERSAL), st.integers(0, 2**64 - 1))
def test_counts_of_any_circuit_are_those_of_the_oracle(circuit: Circuit, name: str, seed: int) -> None:
    """Measurements in any basis, resets, conditions and control flow."""
    shots = 400
    work = SampleWork(lowered(circuit, name), values_of(circuit), shots, seed)
    try:
        expected = oracle.distribution(circuit, VALUES)
    except oracle.LoopBoundError:  # on some way through the circuit, which the shots may or may not take
        try:
            run(name, work)
        except EigenError as error:
            if error.code != "EIGEN_SIM_LOOP_BOUND":
                raise
        return
    counts = run(name, work).counts
    assert counts is not None
    agree(counts.to_dict(), expected, shots)


@pytest.mark.parametrize("entries", list(product([1, 1j, -1, -1j], repeat=2)))
@pytest.mark.parametrize("name", UNIVERSAL)
def test_diagonals_of_quarter_turns_keep_their_phases(name: str, entries: tuple[complex, complex]) -> None:
    """Aer itself takes diag(i, 1) for diag(1, i)."""
    builder = _core.CircuitBuilder(1)
    builder.gate("H", [0])
    builder.gate("UNITARY", [0], matrix=np.diag(entries))
    circuit = builder.build()
    for label in ("X0", "Y0"):
        observable = _core.Observable.from_terms(1, [(label, 1.0)])
        found = run(name, ExpectationWork(lowered(circuit, name), (), observable, None, 0)).value
        assert found == pytest.approx(oracle.expectation(circuit, observable), abs=1e-12)


def test_a_measurement_that_no_iteration_makes_leaves_zeros() -> None:
    builder = _core.CircuitBuilder(1, 1)
    builder.gate("X", [0])
    builder.begin_for(0)
    builder.measure([0], [0])
    builder.end()
    counts = run("qiskit:aer", SampleWork(builder.build(), (), 7, 0)).counts
    assert counts is not None
    assert counts.to_dict() == {"0": 7}


@settings(max_examples=30)
@given(unitary_circuits(max_qubits=4), st.integers(0, 2**63 - 1))
def test_counts_agree_with_the_native_engine(circuit: Circuit, seed: int) -> None:
    shots, measured = 1000, circuit.measure_all()
    native = NativeDriver()
    native.initialize({})
    counts = run("qiskit:aer", SampleWork(lowered(measured, "qiskit:aer"), (), shots, seed)).counts
    assert counts is not None
    width = circuit.num_qubits
    exact = {
        bits: native.execute_circuit(STATEVECTOR, ProbabilityWork(circuit, (), bits, None, 0)).value or 0.0
        for bits in ("".join(pick) for pick in product("01", repeat=width))
    }
    agree(counts.to_dict(), exact, shots)


@settings(max_examples=25)
@given(st.data())
def test_estimates_from_shots_carry_their_error(data: st.DataObject) -> None:
    """Within 7 standard errors, a chance below 3e-12 each where the error is a good one: with 5,000 shots it is."""
    circuit = data.draw(unitary_circuits(max_qubits=3))
    observable = data.draw(observables(circuit.num_qubits))
    low = lowered(circuit, "qiskit:aer")
    found = run("qiskit:aer", ExpectationWork(low, (), observable, 5_000, 3))
    assert found.value is not None
    assert found.standard_error is not None
    floor = 0.02 * (1 + sum(abs(weight) for _, weight in observable.terms))
    assert abs(found.value - oracle.expectation(circuit, observable)) <= 7 * found.standard_error + floor


def test_clifford_circuits_of_many_qubits() -> None:
    width = 150
    builder = _core.CircuitBuilder(width, width)
    builder.gate("H", [0])
    for qubit in range(width - 1):
        builder.gate("CX", [qubit, qubit + 1])
    builder.measure(range(width), range(width))
    counts = run("qiskit:aer_stabilizer", SampleWork(builder.build(), (), 60, 4)).counts
    assert counts is not None
    assert set(counts.to_dict()) == {"0" * width, "1" * width}


def test_long_chains_of_low_entanglement() -> None:
    width = 50
    builder = _core.CircuitBuilder(width)
    builder.gate("RY", [0], [pi / 3])
    for qubit in range(width - 1):
        builder.gate("CX", [qubit, qubit + 1])
    observable = _core.Observable.from_terms(width, [("Z0 Z49", 1.0), ("Z25", 1.0)])
    found = run("qiskit:aer_matrix_product_state", ExpectationWork(builder.build(), (), observable, None, 0))
    assert found.value == pytest.approx(1.5, abs=1e-9)
    assert found.metadata["truncation"] == 1e-16
    assert found.metadata["max_bond_dimension"] < 1 << 25


def test_entanglement_that_memory_may_not_hold_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    name, width = "qiskit:aer_matrix_product_state", 12
    builder = _core.CircuitBuilder(width)
    for layer in range(12):
        for qubit in range(width):
            builder.gate("U", [qubit], [0.3 + qubit, 0.7 * layer, 1.1])
        for qubit in range(layer % 2, width - 1, 2):
            builder.gate("CX", [qubit, qubit + 1])
    observable = _core.Observable.from_terms(width, [(f"Z{qubit} Z{qubit + 1}", 1.0) for qubit in range(11)])
    work = ExpectationWork(builder.build(), (), observable, None, 0)
    whole = run(name, work)
    assert whole.value == pytest.approx(oracle.expectation(work.circuit, observable), abs=1e-9)
    assert "max_bond_dimension" not in whole.metadata
    monkeypatch.setattr(qiskit_aer, "memory_limit_bytes", lambda: 1 << 16)
    cut = run(name, work)
    assert cut.metadata["max_bond_dimension"] == 6
    assert abs((cut.value or 0.0) - (whole.value or 0.0)) > 1e-3


# ---- control flow ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", list(product([False, True], repeat=3)))
def test_every_comparison_holds_where_it_should(bits: tuple[bool, bool, bool]) -> None:
    conditions = [
        _core.Condition.compare(order, relation, value)
        for order in ([0, 1, 2], [2, 0])
        for relation in ("==", "!=", "<", "<=", ">", ">=")
        for value in (0, 1, 2, 3, 5, 7, 8)
    ]
    conditions += [_core.Condition.const(True), ~_core.Condition.const(True) ^ _core.Condition.bit(1)]
    builder = _core.CircuitBuilder(4, 3 + len(conditions))
    for qubit, bit in enumerate(bits):
        if bit:
            builder.gate("X", [qubit])
    builder.measure([0, 1, 2], [0, 1, 2])
    for place, condition in enumerate(conditions):
        builder.gate("X", [3], condition=condition)
        builder.measure([3], [3 + place])
        builder.reset([3])
    counts = run("qiskit:aer", SampleWork(builder.build(), (), 1, 1)).counts
    assert counts is not None
    (key,) = counts.to_dict()
    assert [bit == "1" for bit in reversed(key)][3:] == [condition.holds(bits) for condition in conditions]


def test_a_circuit_may_begin_with_a_branch() -> None:
    """Aer loses the end of this branch when it drops what it takes for unused."""
    builder = _core.CircuitBuilder(1, 1)
    builder.measure([0], [0], condition=~_core.Condition.bit(0))
    builder.gate("X", [0], condition=_core.Condition.bit(0))
    for name in UNIVERSAL:
        counts = run(name, SampleWork(builder.build(), (), 5, 1)).counts
        assert counts is not None
        assert counts.to_dict() == {"0": 5}


def until_one(bound: int) -> Circuit:
    """Toss a coin until it shows one."""
    builder = _core.CircuitBuilder(1, 1)
    builder.begin_while(~_core.Condition.bit(0), bound)
    builder.gate("H", [0])
    builder.measure([0], [0])
    builder.end()
    return builder.build()


@pytest.mark.parametrize("name", [*UNIVERSAL, "qiskit:aer_stabilizer"])
def test_loops_end_when_they_should_and_are_stopped_when_they_do_not(name: str) -> None:
    found = run(name, SampleWork(until_one(60), (), 200, 3)).counts  # fails to end with 200 / 2^60
    assert found is not None
    assert found.to_dict() == {"1": 200}
    assert refusal(name, SampleWork(until_one(2), (), 200, 3)).code == "EIGEN_SIM_LOOP_BOUND"


def test_loops_that_are_too_long_written_out_are_refused() -> None:
    assert refusal("qiskit:aer", SampleWork(until_one(1_000_000), (), 1, 1)).code == "EIGEN_LIMIT_EXCEEDED"
    builder = _core.CircuitBuilder(1)
    builder.begin_for(1000)
    builder.begin_for(1000)
    builder.gate("X", [0])
    builder.end()
    builder.end()
    assert refusal("qiskit:aer", SampleWork(builder.build(), (), 1, 1)).code == "EIGEN_LIMIT_EXCEEDED"


# ---- seeds, methods, records -------------------------------------------------------------------------------


def coins(width: int = 6) -> Circuit:
    builder = _core.CircuitBuilder(width, width)
    for qubit in range(width):
        builder.gate("H", [qubit])
        builder.measure([qubit], [qubit])
        builder.gate("X", [qubit], condition=_core.Condition.bit(0))
    return builder.build()


@pytest.mark.parametrize("seed", [0, 1, 2**63 - 1, 2**64 - 1])
def test_counts_follow_from_the_seed_for_any_number_of_threads(seed: int) -> None:
    results = [
        run("qiskit:aer", SampleWork(coins(), (), 300, seed, {"threads": threads})).counts for threads in (1, 2, 4, 1)
    ]
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize("options", [{"threads": -1}, {"threads": 2.5}, {"method": "unitary"}])
def test_options_it_does_not_know_are_refused(options: dict[str, Any]) -> None:
    assert refusal("qiskit:aer", SampleWork(coins(), (), 1, 1, options)).code == "EIGEN_DEVICE_OPTION"


def test_the_record_names_engine_version_and_method() -> None:
    found = run("qiskit:aer_density_matrix", SampleWork(lowered(coins(2), "qiskit:aer_density_matrix"), (), 5, 8))
    assert found.metadata["engine"] == "qiskit-aer"
    assert found.metadata["method"] == "density_matrix"
    assert found.metadata["version"] == DRIVER.version
    assert found.metadata["seed"] == 8
    assert run("qiskit:aer", SampleWork(coins(2), (), 5, 8)).metadata["method"] == "stabilizer"


def test_a_circuit_is_translated_once_for_all_its_values(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Circuit] = []
    translate = qiskit_circuits.translate

    def counted(circuit: Circuit) -> Any:
        seen.append(circuit)
        return translate(circuit)

    monkeypatch.setattr(qiskit_circuits, "translate", counted)
    driver = made()
    builder = _core.CircuitBuilder(1, parameters=["angle"])
    builder.gate("RX", [0], [_core.Affine.symbol("angle") * 2.0 + 0.5])
    circuit, observable = builder.build(), _core.Observable.from_terms(1, [("Z0", 1.0)])
    for angle in np.linspace(0, 3, 20):
        work = ExpectationWork(circuit, (float(angle),), observable, None, 0)
        value = driver.execute_circuit("qiskit:aer", work).value
        assert value == pytest.approx(np.cos(2 * angle + 0.5), abs=1e-12)
    assert len(seen) == 1


def test_what_it_cannot_do_is_refused_by_name() -> None:
    wide = _core.CircuitBuilder(40, 1)
    wide.gate("H", [39])
    assert refusal("qiskit:aer_statevector", SampleWork(wide.build(), (), 1, 1)).code == "EIGEN_SIM_MEMORY"
    assert refusal("qiskit:aer_density_matrix", SampleWork(wide.build(), (), 1, 1)).code == "EIGEN_SIM_MEMORY"
    builder = _core.CircuitBuilder(2)
    builder.gate("X", [0, 1], num_controls=1)
    assert "`X`" in refusal("qiskit:aer", SampleWork(builder.build().measure_all(), (), 1, 1)).message
    observable = _core.Observable.from_terms(1, [("Z0", 1.0)])
    circuit = coins(1)
    for work in (
        GradientWork(circuit, (), observable),
        ExpectationWork(circuit, (), observable, None, 1),
        ProbabilityWork(circuit, (), "0", None, 1),
    ):
        assert refusal("qiskit:aer", work).code == "EIGEN_SIM_UNSUPPORTED"


def test_the_gate_lists_are_those_of_aer() -> None:
    from qiskit_aer import AerSimulator

    other = {"I": "id", "MCX": "mcx", "MCP": "mcphase", "UNITARY": "unitary"}
    for method, row in METHODS.items():
        known = set(AerSimulator(method=method).target.operation_names)
        assert {other.get(gate, gate.lower()) for gate in row.gates} <= known, method


# ---- the extra ---------------------------------------------------------------------------------------------


def test_without_the_extra_only_who_asks_for_it_hears_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    registry = Registry(installed=lambda: (ENTRY,))
    assert [found.id for found in registry.devices()] == [
        "null:classical",
        *sorted(engine.device_id for engine in ENGINES),
    ]
    assert not registry.rejected
    for ask in (registry.devices, registry.driver_for):
        for target in ("qiskit:aer", "aer:statevector"):
            with pytest.raises(EigenError) as caught:
                ask(target)
            assert caught.value.code == "EIGEN_NOT_AVAILABLE"
            assert "eigen-os[qiskit]" in caught.value.hint


def test_listing_devices_and_running_on_others_does_not_load_the_sdk() -> None:
    script = (
        "import sys\n"
        "from eigen.drivers.registry import DriverEntry, Registry\n"
        f"entry = DriverEntry({ENTRY.name!r}, {ENTRY.value!r})\n"
        "registry = Registry(installed=lambda: (entry,))\n"
        "assert 'qiskit:aer' in [device.id for device in registry.devices()]\n"
        "registry.driver_for('sim:statevector')\n"
        "assert not {'qiskit', 'qiskit_aer'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_device_that_runs_on_request_is_probed_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = Registry(installed=lambda: (ENTRY,))
    registry.devices()
    broken = registry.load("qiskit")
    monkeypatch.setattr(type(broken), "execute_circuit", lambda *_: (_ for _ in ()).throw(ValueError("no engine")))
    for _ in range(2):
        with pytest.raises(EigenError) as caught:
            registry.driver_for("qiskit:aer")
        assert caught.value.code == "EIGEN_DRIVER_REJECTED"

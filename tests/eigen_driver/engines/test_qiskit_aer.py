"""The devices of Qiskit Aer beyond the contract: their physics against the oracle, their limits, and their absence. All
of it but memory and translation through a host, as jobs have it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from math import log, pi
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
from doubles.hosts import shipped
from doubles.packages import needed
from eigen import _core
from eigen.compiler.lower import lower
from eigen.drivers.engines import DENSITY, ENGINES
from eigen.drivers.hosts.entries import hosted_entries
from eigen.drivers.native import STATEVECTOR, NativeDriver
from eigen.drivers.registry import Registry
from eigen.errors import EigenError
from eigen.types import ExpectationWork, GradientWork, ProbabilityWork, SampleWork
from eigen_driver import Circuit as TheirCircuit
from eigen_driver import Expectation
from eigen_driver import Observable as TheirObservable
from eigen_driver.engines.qiskit.aer import METHODS, AerEngine
from strategies import SYMBOLS, circuits, observables, unitary_circuits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from eigen.ir import Circuit
    from eigen.types import Device, WorkResult

needed("qiskit-aer")
UNIVERSAL = ("qiskit:aer", "qiskit:aer_statevector", "qiskit:aer_density_matrix", "qiskit:aer_matrix_product_state")
VALUES = dict(zip(SYMBOLS, (0.7, -1.9, 0.25), strict=True))


DRIVER = shipped("qiskit", threads=0)


@pytest.fixture(scope="module", autouse=True)
def closed() -> Iterator[None]:
    yield
    DRIVER.close()


@pytest.fixture
def engine() -> AerEngine:
    made = AerEngine()
    made.start({}, 1)
    return made


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


def entangled(width: int) -> Circuit:
    builder = _core.CircuitBuilder(width)
    for layer in range(width):
        for qubit in range(width):
            builder.gate("U", [qubit], [0.3 + qubit, 0.7 * layer, 1.1])
        for qubit in range(layer % 2, width - 1, 2):
            builder.gate("CX", [qubit, qubit + 1])
    return builder.build()


def neighbours(width: int) -> Any:
    return _core.Observable.from_terms(width, [(f"Z{qubit} Z{qubit + 1}", 1.0) for qubit in range(width - 1)])


def test_entanglement_that_memory_may_not_hold_is_declared(engine: AerEngine) -> None:
    circuit, observable = entangled(12), neighbours(12)
    ask = Expectation(
        TheirCircuit.from_aqo(circuit.digest, circuit.to_aqo()),
        (),
        TheirObservable.from_json(observable.digest, observable.to_json()),
    )
    chosen = next(device for device in engine.devices() if device.id == "qiskit:aer_matrix_product_state")
    whole = engine.expectation(chosen, ask)
    assert whole.value == pytest.approx(oracle.expectation(circuit, observable), abs=1e-9)
    assert "max_bond_dimension" not in whole.metadata
    engine._memory = 1 << 16  # pyright: ignore[reportPrivateUsage]
    cut = engine.expectation(chosen, ask)
    assert cut.metadata["max_bond_dimension"] == 6
    assert abs(cut.value - whole.value) > 1e-3


def test_truncation_that_is_asked_for_happens_and_is_told() -> None:
    name, work = "qiskit:aer_matrix_product_state", ExpectationWork(entangled(12), (), neighbours(12), None, 0)
    whole = run(name, work).value or 0.0
    narrow = run(name, replace(work, options={"max_bond": 4}))
    assert narrow.metadata["max_bond_dimension"] == 4
    assert abs((narrow.value or 0.0) - whole) > 1e-3
    rough = run(name, replace(work, options={"cutoff": 0.05}))
    assert rough.metadata["truncation"] == 0.05
    assert abs((rough.value or 0.0) - whole) > 1e-3


def test_single_precision_is_less_precise_and_told() -> None:
    work = ExpectationWork(entangled(8), (), neighbours(8), None, 0)
    for name in ("qiskit:aer", "qiskit:aer_statevector", "qiskit:aer_density_matrix"):
        low = lowered(work.circuit, name)
        double, single = (
            run(name, replace(work, circuit=low, options={"precision": precision})) for precision in ("f64", "f32")
        )
        assert (double.metadata["precision"], single.metadata["precision"]) == ("f64", "f32")
        assert double.value == pytest.approx(oracle.expectation(work.circuit, work.observable), abs=1e-10)
        assert 1e-10 < abs((single.value or 0.0) - (double.value or 0.0)) < 1e-3


def test_fusion_changes_no_value() -> None:
    work = ExpectationWork(entangled(10), (), neighbours(10), None, 0)
    values = [
        run("qiskit:aer_statevector", replace(work, options=options)).value
        for options in ({}, {"fusion": False}, {"fusion": True, "fusion_qubits": 2})
    ]
    assert values == [pytest.approx(values[0], abs=1e-12)] * 3


# ---- noise -------------------------------------------------------------------------------------------------

NOISES = (
    "depolarizing(0.02, 0.05) + readout(0.03, 0.1)",
    "pauli(0.05, 0.02, 0.1) + measure(0.07) + reset(0.2)",
    "amplitude_damping(0.2) + phase_damping(0.1) + readout(0.02)",
    "thermal(300ns, 400ns, 35ns, 120ns, 200ns, 100ns, 0.1)",
    '{"kind":"noise","version":"1","rules":[{"gates":["CX"],"qubits":[[0,1]],"channel":{"kind":"pauli","probabilities"'
    ':{"ZX":0.2,"XI":0.1}}},{"width":1,"channel":{"kind":"reset","zero":0.1,"one":0.05}}]}',
)
OF_TABLEAUX = (*NOISES[:2], NOISES[4])


def native(name: str, work: Any) -> float:
    driver = NativeDriver()
    driver.initialize({})
    return driver.execute_circuit(name, work).value or 0.0


@settings(max_examples=40)
@given(st.data())
def test_exact_values_of_noisy_circuits_are_those_of_the_native_density_matrix(data: st.DataObject) -> None:
    circuit = lowered(data.draw(unitary_circuits(max_qubits=3)), "qiskit:aer_density_matrix")
    observable = data.draw(observables(circuit.num_qubits))
    options = {"noise_model": data.draw(st.sampled_from(NOISES))}
    bits = data.draw(st.text("01", min_size=circuit.num_qubits, max_size=circuit.num_qubits))
    scale = 1 + sum(abs(weight) for _, weight in observable.terms)
    works = (
        (ExpectationWork(circuit, (), observable, None, 0, options), 1e-9 * scale),
        (ProbabilityWork(circuit, (), bits, None, 0, options), 1e-9),
    )
    for work, tolerance in works:
        try:
            expected = native(DENSITY, work)
        except EigenError as error:  # a gate on three qubits, of which a model says nothing
            codes = {refusal(name, work).code for name in ("qiskit:aer", "qiskit:aer_density_matrix")} | {error.code}
            if len(codes) > 1:
                raise
            continue
        for name in ("qiskit:aer", "qiskit:aer_density_matrix"):
            found = run(name, work)
            assert found.value == pytest.approx(expected, abs=tolerance)
            assert found.metadata["method"] == "density_matrix"
            assert found.metadata["noise_model"] == options["noise_model"]


@pytest.mark.parametrize("name", ["CRX", "CRY", "CRZ", "CU", "CSWAP", "CCZ", "MCX", "MCP"])
def test_where_aer_chooses_gates_are_noisy_that_the_density_matrix_lacks(name: str) -> None:
    row = next(row for row in _core.gate_table() if row.name == name)
    builder = _core.CircuitBuilder(3)
    for qubit in range(3):
        builder.gate("RY", [qubit], [0.4 + qubit])
    builder.gate(name, range(row.num_qubits or 3), [0.7 + 0.3 * place for place in range(len(row.param_names))])
    builder.gate("RX", [2], [1.1])
    observable = _core.Observable.from_terms(3, [("Z2 X0", 1.0), ("Y1 Z0", 0.5)])
    work = ExpectationWork(builder.build(), (), observable, None, 0, {"noise_model": "depolarizing(0.05)"})
    assert run("qiskit:aer", work).value == pytest.approx(native(DENSITY, work), abs=1e-9)


@pytest.mark.parametrize("name", [*UNIVERSAL, "qiskit:aer_stabilizer"])
def test_records_that_err_decide_how_long_a_loop_goes_on(name: str) -> None:
    """Until a qubit in |1> is read as one; bits that nothing measures stay zero."""
    builder = _core.CircuitBuilder(1, 3)
    builder.gate("X", [0])
    builder.begin_while(~_core.Condition.bit(1), 60)
    builder.measure([0], [1])
    builder.end()
    builder.gate("X", [0], condition=_core.Condition.bit(2))
    work = SampleWork(builder.build(), (), 100, 3, {"noise_model": "readout(0.0, 0.5)"})
    counts = run(name, work).counts
    assert counts is not None
    assert counts.to_dict() == {"010": 100}  # 60 misses come with 1e-18


def noisy_program() -> Circuit:
    """Clifford gates, a measurement that decides, a reset, a loop, and a measurement in another basis."""
    builder = _core.CircuitBuilder(3, 4)
    builder.gate("H", [0])
    builder.gate("CX", [0, 1])
    builder.delay([1], 80.0, "ns")
    builder.measure([0], [0])
    builder.begin_if(_core.Condition.bit(0))
    builder.gate("X", [2])
    builder.begin_else()
    builder.gate("SX", [2])
    builder.gate("CX", [2, 1])
    builder.end()
    builder.reset([0])
    builder.begin_for(2)
    builder.gate("S", [1])
    builder.end()
    builder.gate("X", [1], condition=_core.Condition.bit(0))
    builder.measure([1], [1], basis="Y")
    builder.measure([2, 0], [2, 3])
    return builder.build()


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("name", [*UNIVERSAL, "qiskit:aer_stabilizer"])
def test_counts_of_noisy_circuits_are_those_of_the_native_density_matrix(name: str, noise: str) -> None:
    """Two samples of 4,000: a chi-square of up to 16 outcomes above 90 comes with less than 1e-11."""
    work = SampleWork(noisy_program(), (), 4_000, 11, {"noise_model": noise})
    if name == "qiskit:aer_stabilizer" and noise not in OF_TABLEAUX:
        assert refusal(name, work).code == "EIGEN_SIM_UNSUPPORTED"
        return
    driver = NativeDriver()
    driver.initialize({})
    ours = driver.execute_circuit(DENSITY, work).counts
    theirs = run(name, work).counts
    assert ours is not None
    assert theirs is not None
    first, second = ours.to_dict(), theirs.to_dict()
    total = 0.0
    for outcome in {*first, *second}:
        a, b = first.get(outcome, 0), second.get(outcome, 0)
        total += (a - b) ** 2 / (a + b)
    assert total < 90, (first, second)
    assert run(name, work).counts == theirs


def test_where_no_density_matrix_is_there_is_no_exact_value_of_noise() -> None:
    observable = _core.Observable.from_terms(2, [("Z0", 1.0)])
    builder = _core.CircuitBuilder(2)
    builder.gate("H", [0])
    work = ExpectationWork(builder.build(), (), observable, None, 0, {"noise_model": "bit_flip(0.1)"})
    for name in ("qiskit:aer_statevector", "qiskit:aer_matrix_product_state", "qiskit:aer_stabilizer"):
        assert refusal(name, work).code == "EIGEN_SIM_UNSUPPORTED"
        assert abs(run(name, replace(work, shots=2_000)).value or 0.0) < 0.2


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


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("qiskit:aer", {"threads": -1}),
        ("qiskit:aer", {"threads": 2.5}),
        ("qiskit:aer", {"method": "unitary"}),
        ("qiskit:aer", {"precision": "f16"}),
        ("qiskit:aer", {"fusion": 1}),
        ("qiskit:aer", {"max_bond": 8}),
        ("qiskit:aer", {"noise_model": 3}),
        ("qiskit:aer_stabilizer", {"precision": "f32"}),
        ("qiskit:aer_matrix_product_state", {"max_bond": 0}),
        ("qiskit:aer_matrix_product_state", {"cutoff": float("nan")}),
    ],
)
def test_options_it_does_not_have_are_refused_by_name(name: str, options: dict[str, Any]) -> None:
    error = refusal(name, SampleWork(coins(), (), 1, 1, options))
    assert error.code == "EIGEN_DEVICE_OPTION"
    assert f"`{next(iter(options))}`" in error.message


def test_the_record_names_engine_version_and_method() -> None:
    found = run("qiskit:aer_density_matrix", SampleWork(lowered(coins(2), "qiskit:aer_density_matrix"), (), 5, 8))
    assert found.metadata["engine"] == "qiskit-aer"
    assert found.metadata["method"] == "density_matrix"
    assert found.metadata["version"] == DRIVER.version
    assert found.metadata["seed"] == 8
    assert run("qiskit:aer", SampleWork(coins(2), (), 5, 8)).metadata["method"] == "stabilizer"


def test_a_circuit_is_translated_once_for_all_its_values(engine: AerEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    from eigen_driver.engines.qiskit import circuits as translation

    seen: list[Any] = []
    translate = translation.translate

    def counted(circuit: Any, *given: Any) -> Any:
        seen.append(circuit)
        return translate(circuit, *given)

    monkeypatch.setattr(translation, "translate", counted)
    builder = _core.CircuitBuilder(1, parameters=["angle"])
    builder.gate("RX", [0], [_core.Affine.symbol("angle") * 2.0 + 0.5])
    ours, observable = builder.build(), _core.Observable.from_terms(1, [("Z0", 1.0)])
    circuit = TheirCircuit.from_aqo(ours.digest, ours.to_aqo())
    theirs = TheirObservable.from_json(observable.digest, observable.to_json())
    for angle in np.linspace(0, 3, 20):
        value = engine.expectation(engine.devices()[0], Expectation(circuit, (float(angle),), theirs)).value
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


# ---- how it is found ---------------------------------------------------------------------------------------


def registry(folder: Path) -> Registry:
    return Registry(installed=lambda: hosted_entries(folder, threads=1, memory_bytes=None, hosts=1))


def test_without_the_package_only_who_asks_for_it_hears_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    found = registry(tmp_path)
    ids = {device.id for device in found.devices()}
    assert {each.device_id for each in ENGINES} <= ids
    assert not {name for name in ids if name.startswith("qiskit:")}
    assert not found.rejected
    for ask in (found.devices, found.driver_for):
        for target in ("qiskit:aer", "aer:statevector"):
            with pytest.raises(EigenError) as caught:
                ask(target)
            assert caught.value.code == "EIGEN_NOT_AVAILABLE"
            assert caught.value.hint


def test_once_it_was_used_its_devices_are_known_without_a_process(tmp_path: Path) -> None:
    first = registry(tmp_path)
    told = first.devices("qiskit:aer")
    assert all(device.properties["warm"] is True for device in told)
    first.close()
    again = registry(tmp_path)
    cold = [{name: device.properties[name] for name in device.properties if name != "warm"} for device in told]
    assert again.devices("aer") == tuple(
        replace(device, properties=kept) for device, kept in zip(told, cold, strict=True)
    )
    assert {device.id for device in told} <= {device.id for device in again.devices()}
    assert again.load("qiskit").version == first.load("qiskit").version != ""
    assert not again.load("qiskit")._places  # type: ignore[attr-defined]  # pyright: ignore

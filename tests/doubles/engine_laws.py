"""What holds of every engine, by the slow oracle: values, counts and gradients, and what outcomes decide.

A test file of an engine has a fixture `bench` and a class that inherits `EngineLaws`.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import oracle
from eigen._core import Affine, Condition, Counts, NoiseModel, decompose, gate_table
from eigen.drivers.native import NativeDriver
from eigen.ir import CircuitBuilder, Observable
from eigen.types import ExpectationWork, ProbabilityWork
from eigen_driver import Circuit, Expectation, Gradient, Probability, RefusedError, Sample
from eigen_driver import Observable as Theirs
from laws.law_statistics import agree, outcomes
from strategies import circuits, observables, unitary_circuits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from eigen.ir import Circuit as Ours
    from eigen_driver import Device, Engine

ROWS = {row.name: row for row in gate_table()}
SHOTS = 4000
NOISE = ("depolarizing(0.02, 0.1)", "amplitude_damping(0.3)", "thermal(500ns, 700ns, 35ns, 300ns, 1us, 200ns, 0.1)")
CHECKS = [HealthCheck.differing_executors, HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


def started(engine: Engine, config: Mapping[str, Any] | None = None) -> Engine:
    engine.start(config or {}, 1)
    return engine


@dataclass(frozen=True)
class Bench:
    """An engine and one of its devices."""

    engine: Engine
    device: Device

    @classmethod
    def of(cls, engine: Engine, device_id: str) -> Bench:
        return cls(engine, next(device for device in engine.devices() if device.id == device_id))

    def read(self, circuit: Ours) -> Circuit:
        lowered = decompose(circuit, list(self.device.gates)) if self.device.gates else circuit
        return Circuit.from_aqo(lowered.digest, lowered.to_aqo())

    def counts(self, circuit: Ours, shots: int = SHOTS, seed: int = 3, values: Sequence[float] = ()) -> dict[int, int]:
        return dict(self.engine.sample(self.device, Sample(self.read(circuit), tuple(values), shots, seed)).found)

    def expectation(self, circuit: Ours, observable: Observable, values: Sequence[float] = ()) -> float:
        theirs = Theirs.from_json(observable.digest, observable.to_json())
        return self.engine.expectation(self.device, Expectation(self.read(circuit), tuple(values), theirs)).value

    def probability(self, circuit: Ours, bits: str) -> float:
        return self.engine.probability(self.device, Probability(self.read(circuit), (), bits)).value


def as_counts(found: Mapping[int, int], width: int) -> Counts:
    return Counts.from_dict({format(key, f"0{width}b") if width else "": n for key, n in found.items()}, width)


def lone(name: str, scale: float = 1.0) -> Ours:
    """A gate with generic angles between generic turns, its qubits the highest first."""
    row = ROWS[name]
    size = row.num_qubits or 2
    width = max(size, 2)
    builder = CircuitBuilder(width)
    for qubit in range(width):
        builder.gate("U", [qubit], [0.5 + 0.3 * qubit, 0.2 + 0.7 * qubit, 0.9 - 0.4 * qubit])
    payload: dict[str, Any] = {}
    if name == "UNITARY":
        turn = oracle.u(0.3, 0.8, -0.4)
        payload["matrix"] = (np.kron(turn, oracle.H) @ np.diag([1, 1j, 1, -1])).tolist()
    if name == "PAULI_ROT":
        payload["pauli"] = "XY"
    values = [scale * (0.37 + 0.41 * place) for place in range(len(row.param_names))]
    builder.gate(name, list(reversed(range(width)))[:size], values, **payload)
    for qubit in range(width):
        builder.gate("U", [qubit], [0.9 - 0.4 * qubit, 0.2 + 0.7 * qubit, 0.5 + 0.3 * qubit])
    return builder.build()


class EngineLaws:
    """What a device's features promise. Values are compared to `ABSOLUTE`."""

    ABSOLUTE = 1e-9

    def exact(self, bench: Bench) -> None:
        if not {"expectation", "exact"} <= bench.device.features:
            pytest.skip("it gives no exact values")

    @pytest.mark.parametrize("scale", [1.0, -7.3, 1e-9, 1e3])
    def test_every_gate_is_that_of_the_table(self, bench: Bench, scale: float) -> None:
        self.exact(bench)
        for name in bench.device.gates:
            circuit = lone(name, scale)
            for label in ("XY", "ZX", "YZ", "ZZ", "XI", "IY"):
                observable = Observable.from_terms(circuit.num_qubits, [(label.rjust(circuit.num_qubits, "X"), 1.0)])
                wanted = oracle.expectation(circuit, observable)
                assert bench.expectation(circuit, observable) == pytest.approx(wanted, abs=self.ABSOLUTE), name

    @settings(max_examples=25, suppress_health_check=CHECKS)
    @given(st.data())
    def test_exact_values_are_those_of_the_oracle(self, bench: Bench, data: st.DataObject) -> None:
        self.exact(bench)
        circuit = data.draw(unitary_circuits(3, 8))
        observable = data.draw(observables(circuit.num_qubits))
        size = 1 + sum(abs(weight) for _, weight in observable.terms)
        wanted = oracle.expectation(circuit, observable)
        assert bench.expectation(circuit, observable) == pytest.approx(wanted, abs=self.ABSOLUTE * size)
        state = oracle.state(circuit)
        for place in range(len(state)):
            bits = format(place, f"0{circuit.num_qubits}b")
            assert bench.probability(circuit, bits) == pytest.approx(abs(state[place]) ** 2, abs=self.ABSOLUTE)

    @settings(max_examples=25, suppress_health_check=CHECKS)
    @given(st.data())
    def test_counts_are_those_of_the_oracle(self, bench: Bench, data: st.DataObject) -> None:
        """Whatever is measured, reset and decided on the way, where the device says `dynamic`."""
        dynamic = "dynamic" in bench.device.features
        circuit = data.draw(circuits(3, 8, symbolic=False)) if dynamic else measured(data.draw(unitary_circuits(3, 8)))
        try:
            wanted = oracle.distribution(circuit)
        except oracle.LoopBoundError:
            with suppress(RefusedError):  # some shots may come to the bound
                bench.counts(circuit)
        else:
            agree(as_counts(bench.counts(circuit), circuit.num_clbits), wanted, SHOTS)

    def test_a_loop_beyond_its_bound_is_told(self, bench: Bench) -> None:
        builder = CircuitBuilder(1, 1)
        builder.begin_while(~Condition.bit(0), 3)
        builder.gate("X", [0])
        builder.end()
        builder.measure([0], [0])
        if "dynamic" in bench.device.features:
            with pytest.raises(RefusedError, match="beyond its bound") as error:
                bench.counts(builder.build(), 1)
            assert error.value.code == "EIGEN_SIM_LOOP_BOUND"

    def test_bits_and_bases(self, bench: Bench) -> None:
        """Qubit 2 is |-> and measured in X into bit 0, qubit 0 is |-i> in Y into bit 1, qubit 1 is |1> into bit 3."""
        builder = CircuitBuilder(3, 4)
        for name, qubit in (("X", 2), ("H", 2), ("H", 0), ("Sdg", 0), ("X", 1)):
            builder.gate(name, [qubit])
        builder.measure([2], [0], basis="X")
        builder.measure([0], [1], basis="Y")
        builder.measure([1], [3])
        assert bench.counts(builder.build(), 100) == {0b1011: 100}

    def test_parameters_are_bound_by_name(self, bench: Bench) -> None:
        builder = CircuitBuilder(2, 2)
        builder.gate("RX", [1], ["late"])
        builder.gate("RX", [0], [Affine.symbol("early") * 2.0 + np.pi])
        builder.measure([0, 1], [0, 1])
        circuit = builder.build()
        assert bench.counts(circuit, 50, values=(np.pi, 0.0)) == {3: 50}
        assert bench.counts(circuit, 50, values=(0.0, np.pi / 2)) == {0: 50}

    def test_a_seed_fixes_the_counts(self, bench: Bench) -> None:
        if "seed" not in bench.device.features:
            pytest.skip("it takes no seed")
        builder = CircuitBuilder(4, 5)
        for qubit in range(4):
            builder.gate("H", [qubit])
        circuit = measured(builder.build())
        first = bench.counts(circuit, 2000, seed=2**63 + 11)
        assert bench.counts(circuit, 2000, seed=2**63 + 11) == first
        assert bench.counts(circuit, 2000, seed=12) != first

    @settings(max_examples=15, suppress_health_check=CHECKS)
    @given(st.data())
    def test_gradients_are_those_of_the_oracle(self, bench: Bench, data: st.DataObject) -> None:
        if "gradient" not in bench.device.features:
            pytest.skip("it does not differentiate")
        circuit = data.draw(unitary_circuits(3, 8, symbolic=True))
        observable = data.draw(observables(circuit.num_qubits))
        values = tuple(data.draw(st.floats(-3, 3)) for _ in circuit.parameters)
        named = dict(zip(circuit.parameters, values, strict=True))
        theirs = Theirs.from_json(observable.digest, observable.to_json())
        found = bench.engine.gradient(bench.device, Gradient(bench.read(circuit), values, theirs))
        size = 1 + sum(abs(weight) for _, weight in observable.terms)
        assert found.value == pytest.approx(oracle.expectation(circuit, observable, named), abs=self.ABSOLUTE * size)
        slopes = oracle.slopes(circuit, observable, named)
        assert found.gradient == pytest.approx(slopes, abs=1e-6 * size)

    @pytest.mark.parametrize("text", NOISE)
    def test_noise_is_that_of_the_native_density_matrix(self, bench: Bench, text: str) -> None:
        """Exact values, and counts whose records err."""
        if "noise" not in bench.device.features or "exact" not in bench.device.features:
            pytest.skip("it has no noise in exact values")
        circuit = decompose(noisy(), list(bench.device.gates))
        model, records = NoiseModel.parse(text), np.array([[0.9, 0.2], [0.1, 0.8]])
        options = {"noise_model": model.to_json().decode()}
        native = NativeDriver()
        native.initialize({})
        observable = Observable.from_terms(3, [("Z0 Y2", 0.5), ("X1 Z0", -1.25), ("X2", 0.3), ("", 2.0)])
        work = ExpectationWork(circuit, (), observable, None, 0, {"noise_model": text})
        wanted = native.execute_circuit("sim:density", work).value
        theirs = Theirs.from_json(observable.digest, observable.to_json())
        ask = Expectation(bench.read(circuit), (), theirs, options)
        assert bench.engine.expectation(bench.device, ask).value == pytest.approx(wanted, abs=self.ABSOLUTE)
        odds: list[float] = []
        for state in range(8):
            bits = f"{state:03b}"
            exact = ProbabilityWork(circuit, (), bits, None, 0, {"noise_model": text})
            odds.append(native.execute_circuit("sim:density", exact).value or 0.0)
            found = bench.engine.probability(bench.device, Probability(bench.read(circuit), (), bits, options))
            assert found.value == pytest.approx(odds[-1], abs=self.ABSOLUTE)
        errs = NoiseModel.parse(f"{text} + readout(0.1, 0.2)").to_json().decode()
        builder = CircuitBuilder(3, 3)
        builder.append(circuit, range(3))
        builder.measure(range(3), range(3))
        ask_counts = Sample(bench.read(builder.build()), (), SHOTS, 3, {"noise_model": errs})
        counts = as_counts(bench.engine.sample(bench.device, ask_counts).found, 3)
        agree(counts, outcomes(np.kron(records, np.kron(records, records)) @ np.array(odds)), SHOTS)

    def test_a_wrong_record_decides_wrongly(self, bench: Bench) -> None:
        if not {"noise", "dynamic"} <= bench.device.features or "exact" not in bench.device.features:
            pytest.skip("it has no noise on the way")
        builder = CircuitBuilder(2, 2)
        builder.gate("X", [0])
        builder.measure([0], [0])
        builder.gate("X", [1], condition=Condition.bit(0))
        builder.measure([1], [1])
        options = {"noise_model": NoiseModel.parse("readout(1.0)").to_json().decode()}
        found = bench.engine.sample(bench.device, Sample(bench.read(builder.build()), (), 50, 3, options)).found
        assert dict(found) == {0b10: 50}
        half = {"noise_model": NoiseModel.parse("readout(0.0, 0.5)").to_json().decode()}
        found = bench.engine.sample(bench.device, Sample(bench.read(builder.build()), (), SHOTS, 3, half)).found
        agree(as_counts(found, 2), {"11": 0.25, "01": 0.25, "00": 0.5}, SHOTS)


def noisy() -> Ours:
    builder = CircuitBuilder(3)
    for name, qubits, angles in (
        ("H", [0], []),
        ("CX", [0, 1], []),
        ("RX", [2], [0.7]),
        ("CX", [2, 1], []),
        ("RY", [0], [1.1]),
        ("CX", [1, 0], []),
        ("RZ", [1], [0.4]),
    ):
        builder.gate(name, qubits, angles)
    return builder.build()


def measured(circuit: Ours) -> Ours:
    """All qubits measured at the end, the last one into bit 0."""
    builder = CircuitBuilder(circuit.num_qubits, circuit.num_qubits)
    builder.append(circuit, range(circuit.num_qubits))
    builder.measure(range(circuit.num_qubits), list(reversed(range(circuit.num_qubits))))
    return builder.build()

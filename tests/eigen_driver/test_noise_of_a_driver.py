"""A driver walks through a noisy circuit and meets the channels that the native density matrix meets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigen._core import NoiseModel as Ours
from eigen._core import Plan, gate_matrix
from eigen.ir import CircuitBuilder
from eigen_driver import Circuit, RefusedError
from eigen_driver.noise import Channel, NoiseModel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir import Circuit as OurCircuit

WIDTH = 3
GATES = {"X": 0, "H": 0, "SX": 0, "RY": 1, "CX": 0, "RZZ": 1, "ISWAP": 0}
TWO = frozenset({"CX", "RZZ", "ISWAP"})
NAMED = (
    "depolarizing(0.02, 0.1)",
    "depolarizing(0.05)",
    "bit_flip(0.1)",
    "phase_flip(0.2)",
    "pauli(0.1, 0.05, 0.2)",
    "amplitude_damping(0.3)",
    "phase_damping(0.4)",
    "thermal(500ns, 700ns, 35ns, 300ns, 1us, 200ns, 0.1)",
    "reset(0.25)",
)


def embedded(matrix: np.ndarray, qubits: Sequence[int]) -> np.ndarray:
    full = np.zeros((1 << WIDTH, 1 << WIDTH), dtype=complex)
    for column in range(1 << WIDTH):
        rest = column & ~sum(1 << qubit for qubit in qubits)
        inner = sum((column >> qubit & 1) << place for place, qubit in enumerate(qubits))
        for row in range(1 << len(qubits)):
            full[rest | sum((row >> place & 1) << qubit for place, qubit in enumerate(qubits)), column] = matrix[
                row, inner
            ]
    return full


def walked(circuit: OurCircuit, model: NoiseModel) -> np.ndarray:
    """The density matrix, by the channels that a walk tells."""
    rho = np.zeros((1 << WIDTH, 1 << WIDTH), dtype=complex)
    rho[0, 0] = 1
    read, walk = Circuit.from_aqo(circuit.digest, circuit.to_aqo()), model.walk(WIDTH)

    def act(sites: Any) -> None:
        nonlocal rho
        for channel, qubits in sites:
            kraus = [embedded(np.array(each), qubits) for each in channel.operators]
            rho = sum(each @ rho @ each.conj().T for each in kraus)

    for operation in read.operations:
        act(walk.before(operation))
        if operation.name not in {"DELAY", "BARRIER"}:
            values = [float(value) for value in operation.params.values()]  # type: ignore[arg-type]
            gate = embedded(np.array(gate_matrix(operation.name, values)), operation.qubits)
            rho = gate @ rho @ gate.conj().T
        act(walk.after(operation))
    return rho


@st.composite
def circuits(draw: st.DrawFn) -> OurCircuit:
    builder = CircuitBuilder(WIDTH)
    for _ in range(draw(st.integers(1, 10))):
        name = draw(st.sampled_from([*GATES, "DELAY", "BARRIER"]))
        qubits = draw(st.permutations(range(WIDTH)))
        if name == "DELAY":
            builder.delay([qubits[0]], draw(st.sampled_from([0.0, 40.0])), draw(st.sampled_from(["ns", "us"])))
        elif name == "BARRIER":
            builder.barrier(qubits[: draw(st.integers(0, WIDTH))])
        else:
            builder.gate(name, qubits[: 2 if name in TWO else 1], [0.7] * GATES[name])
    return builder.build()


def isometry(seed: int, size: int) -> list[Any]:
    numbers = np.random.default_rng(seed).normal(size=(2 * size, size, 2)) @ np.array([1, 1j])
    whole = np.linalg.qr(numbers)[0].reshape(2, size, size)
    return [[[[entry.real, entry.imag] for entry in row] for row in matrix] for matrix in whole]


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Rules that name gates, widths and qubits, in any combination."""
    rules: list[dict[str, Any]] = []
    for _ in range(draw(st.integers(1, 3))):
        two = draw(st.booleans())
        channel: dict[str, Any] = draw(
            st.sampled_from(
                [
                    {"kind": "kraus", "operators": isometry(3, 4 if two else 2)},
                    {"kind": "depolarizing", "probability": 0.3, "qubits": 2 if two else 1},
                    {"kind": "pauli", "probabilities": {"XZ": 0.2, "IY": 0.1} if two else {"Y": 0.3}},
                ]
                + ([] if two else [{"kind": "reset", "zero": 0.2, "one": 0.1}])
            )
        )
        rule: dict[str, Any] = {"channel": channel}
        if draw(st.booleans()):
            rule["gates"] = draw(st.lists(st.sampled_from(sorted(GATES)), min_size=1, max_size=3, unique=True))
        if draw(st.booleans()):
            rule["width"] = draw(st.sampled_from([1, 2]))
        if draw(st.booleans()):
            rule["qubits"] = draw(st.lists(st.sampled_from([[0], [1], [0, 1], [2, 0]]), min_size=1, max_size=3))
        rules.append(rule)
    relaxation = [{"t1_ns": 400.0, "t2_ns": 500.0, "qubits": [0, 2]}, {"t1_ns": 90.0, "t2_ns": 90.0, "qubits": [2]}]
    durations = [{"width": 1, "ns": 35.0}, {"gates": ["CX"], "qubits": [[0, 1]], "ns": 300.0}]
    whole: dict[str, Any] = {"kind": "noise", "version": "1", "rules": rules}
    if draw(st.booleans()):
        whole |= {"relaxation": relaxation, "durations": durations}
    return json.dumps(whole)


@settings(max_examples=80)
@given(circuits(), st.one_of(documents(), st.lists(st.sampled_from(NAMED), min_size=1, max_size=2).map(" + ".join)))
def test_what_a_walk_tells_is_what_the_density_matrix_meets(circuit: OurCircuit, text: str) -> None:
    model = Ours.parse(text)
    expected = Plan(circuit, engine="density", options={"noise": model}).density_matrix((), range(WIDTH))
    found = walked(circuit, NoiseModel.from_json(model.to_json()))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_calibration_data_are_a_model_as_any() -> None:
    document = {
        "kind": "calibration",
        "version": "1",
        "qubits": [{"t1_ns": 5e4, "t2_ns": 6e4, "one_given_zero": 0.01, "zero_given_one": 0.03}, {}],
        "gates": [{"gate": "CX", "qubits": [0, 1], "error": 0.02, "duration_ns": 300}],
    }
    model = NoiseModel.from_json(Ours.parse(json.dumps(document)).to_json())
    assert (model.readout(0), model.readout(1)) == ((0.01, 0.03), None)
    builder = CircuitBuilder(2)
    builder.gate("CX", [0, 1])
    circuit = builder.build()
    (operation,) = Circuit.from_aqo(circuit.digest, circuit.to_aqo()).operations
    kinds = [channel.document["kind"] for channel, _ in model.walk(2).after(operation)]
    assert kinds == ["depolarizing", "thermal_relaxation"]


def test_mixtures_of_pauli_strings_are_recognised() -> None:
    flip = Channel({"kind": "kraus", "operators": [[[[0.6, 0], [0, 0]], [[0, 0], [0.6, 0]]],
                                                   [[[0, 0], [0, -0.8]], [[0, 0.8], [0, 0]]]]})  # fmt: skip
    assert flip.paulis == pytest.approx({"I": 0.36, "Y": 0.64})
    assert Channel({"kind": "amplitude_damping", "gamma": 0.1, "excited": 0.0}).paulis is None
    assert Channel({"kind": "amplitude_damping", "gamma": 0.0, "excited": 0.0}).is_identity
    two = Channel({"kind": "depolarizing", "probability": 0.15, "qubits": 2})
    assert two.paulis is not None
    assert two.paulis["XI"] == pytest.approx(0.01)
    assert len(two.paulis) == 16


def test_where_a_model_has_no_channel_the_operation_is_named() -> None:
    model = NoiseModel.from_json(Ours.parse("depolarizing(0.1, 0.1)").to_json())
    builder = CircuitBuilder(3)
    builder.gate("CCX", [0, 1, 2])
    circuit = builder.build()
    (operation,) = Circuit.from_aqo(circuit.digest, circuit.to_aqo()).operations
    with pytest.raises(RefusedError, match="`CCX` on 3 qubits"):
        model.walk(3).after(operation)


@pytest.mark.parametrize("text", ["", "[]", '{"kind": "calibration"}', '{"kind": "noise", "rules": [3]}'])
def test_what_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(RefusedError) as caught:
        NoiseModel.from_json(text)
    assert caught.value.code == "EIGEN_NOISE_INVALID"

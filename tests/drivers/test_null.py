"""The classical device beyond the contract: the same as the state vector on every classical circuit, and its limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen import _core
from eigen.drivers import null
from eigen.drivers.null import CLASSICAL, GATES, NullDriver
from eigen.errors import EigenError
from eigen.types import ExpectationWork, ProbabilityWork, SampleWork, Work


def answer(work: Work) -> object:
    return NullDriver().execute_circuit(CLASSICAL.id, work)


def refusal(work: Work) -> EigenError:
    with pytest.raises(EigenError) as caught:
        answer(work)
    return caught.value


@st.composite
def classical(draw: st.DrawFn, width: int = 5) -> _core.Circuit:
    """Reversible gates with added controls of both polarities, measurements, resets and conditions."""
    builder = _core.CircuitBuilder(width, width)
    sizes = {"I": 1, "X": 1, "CX": 2, "CCX": 3, "SWAP": 2, "CSWAP": 3, "MCX": 3}
    for _ in range(draw(st.integers(0, 14))):
        order = draw(st.permutations(range(width)))
        bit = _core.Condition.bit(draw(st.integers(0, width - 1)))
        condition = draw(st.sampled_from([None, None, bit, ~bit]))
        kind = draw(st.sampled_from(["gate", "gate", "gate", "measure", "reset"]))
        if kind == "measure":
            builder.measure(order[:2], order[2:4], condition=condition)
        elif kind == "reset":
            builder.reset(order[:1], condition=condition)
        else:
            name = draw(st.sampled_from(sorted(sizes)))
            added = draw(st.integers(0, 2))
            state = "".join(draw(st.lists(st.sampled_from("01"), min_size=added, max_size=added)))
            builder.gate(
                name,
                order[: sizes[name] + added],
                num_controls=added,
                ctrl_state=state or None,
                inverse=draw(st.booleans()),
                condition=condition,
            )
    return builder.build()


@given(classical())
def test_it_agrees_with_the_state_vector(circuit: _core.Circuit) -> None:
    circuit = circuit.measure_all()
    counts = answer(SampleWork(circuit, (), 3, 1)).counts
    assert counts == _core.Plan(circuit).sample(shots=3, seed=1)


@given(st.lists(st.sampled_from(["X0", "X1", "X2"])), st.sampled_from(["", "Z0", "Z0 Z2", "X1", "Z1 Y2"]))
def test_expectation_values_on_basis_states(flips: list[str], label: str) -> None:
    builder = _core.CircuitBuilder(3)
    for flip in flips:
        builder.gate("X", [int(flip[1])])
    observable = _core.Observable.from_terms(3, [(label, 1.5), ("Z2", 0.5)])
    (expected,) = _core.Plan(builder.build()).expectation((), [observable])
    assert answer(ExpectationWork(builder.build(), (), observable, None, 1)).value == pytest.approx(expected)


def test_wide_circuits_are_cheap() -> None:
    builder = _core.CircuitBuilder(5000, 5000)
    builder.gate("X", [0])
    for qubit in range(4999):
        builder.gate("CX", [qubit, qubit + 1])
    builder.measure(range(5000), range(5000))
    assert answer(SampleWork(builder.build(), (), 7, 1)).counts.to_dict() == {"1" * 5000: 7}


@pytest.mark.parametrize("name", ["H", "RX", "CZ", "S"])
def test_gates_that_leave_the_bits_are_refused(name: str) -> None:
    builder = _core.CircuitBuilder(2)
    builder.gate(name, range(2 if name == "CZ" else 1), [0.1] if name == "RX" else None)
    error = refusal(SampleWork(builder.build(), (), 1, 1))
    assert error.code == "EIGEN_COMPILER_UNSUPPORTED"
    assert f"`{name}`" in error.message


def test_roots_and_turned_measurements_are_refused() -> None:
    root = _core.CircuitBuilder(1)
    root.gate("X", [0], power=0.5)
    turned = _core.CircuitBuilder(1, 1)
    turned.measure([0], [0], "X")
    for builder in (root, turned):
        assert refusal(SampleWork(builder.build(), (), 1, 1)).code == "EIGEN_COMPILER_UNSUPPORTED"


def test_runs_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(null, "MAX_STEPS", 100)
    builder = _core.CircuitBuilder(1)
    for _ in range(3):
        builder.begin_for(100)
    builder.gate("X", [0])
    for _ in range(3):
        builder.end()
    assert refusal(SampleWork(builder.build(), (), 1, 1)).code == "EIGEN_LIMIT_EXCEEDED"


def test_arguments_that_do_not_fit_are_refused() -> None:
    circuit = _core.CircuitBuilder(2).build()
    wide = _core.Observable.from_terms(3, [("Z2", 1.0)])
    assert refusal(ExpectationWork(circuit, (), wide, None, 1)).code == "EIGEN_SIM_UNSUPPORTED"
    assert refusal(ProbabilityWork(circuit, (), "000", None, 1)).code == "EIGEN_SIM_UNSUPPORTED"
    assert refusal(SampleWork(circuit, (0.5,), 1, 1)).code == "EIGEN_CIRCUIT_PARAMETERS"


def test_its_gates_stand_in_the_table_as_permutations() -> None:
    rows = {row.name: row for row in _core.gate_table()}
    assert all(rows[name].is_permutation for name in GATES)

"""Braket's circuits in and out, against Braket's own unitaries."""

from __future__ import annotations

import numpy as np
import pytest

from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Condition, load
from eigen.ir.equivalence import equivalence
from eigen.ir.formats.conversion import convert
from eigen.ir.formats.objects import dump

bk = pytest.importorskip("braket.circuits")

GATES = sorted(name for name in vars(bk.Gate) if name[0].isupper() and name not in {"PulseGate", "Unitary", "GPhase"})


@pytest.mark.parametrize("name", GATES)
def test_a_gate_is_the_one_that_braket_means(name: str) -> None:
    kind = getattr(bk.Gate, name)
    angles = [0.3, 0.5, 0.7]
    for count in range(4):
        try:
            gate = kind(*angles[:count])
            break
        except TypeError:
            continue
    width = gate.qubit_count
    theirs = bk.Circuit().add_instruction(bk.Instruction(gate, range(width)))
    builder = CircuitBuilder(width)
    builder.gate("UNITARY", range(width - 1, -1, -1), matrix=gate.to_matrix())
    circuit = load(theirs)
    assert equivalence(circuit, builder.build(), up_to_phase=False).verdict == "equal"
    assert convert(circuit, "braket").certificate.verdict == "equal"


def test_controls_powers_phases_and_bits() -> None:
    theirs = bk.Circuit().h(0).x(3, control=0, control_state=[0]).z(1, power=0.5).gphase(0.3)
    theirs.unitary(matrix=np.diag(np.exp(1j * np.arange(4))), targets=[0, 3]).ry(1, 0.2, control=0, power=-2)
    circuit = load(theirs)
    builder = CircuitBuilder(4)
    matrix = theirs.i(2).to_unitary()
    builder.gate("UNITARY", [3, 2, 1, 0], matrix=matrix)
    assert equivalence(circuit, builder.build(), up_to_phase=False).verdict == "equal"
    measured = load(bk.Circuit().x(1).i(2).measure([1, 0]))
    from eigen._core import Plan

    assert Plan(measured).sample(shots=3, seed=1).to_dict() == {"01": 3}
    assert load(dump(measured, "braket")).num_qubits == 3


@pytest.mark.parametrize("ones", [[], [0], [1], [0, 1]])
def test_states_of_controls_are_those_of_the_simulator(ones: list[int]) -> None:
    """The simulator and not `to_unitary`, which reads the states of two controls the other way round."""
    from braket.devices import LocalSimulator

    from eigen._core import Plan

    theirs = bk.Circuit().i(range(3)).x(ones).x(2, control=[0, 1], control_state=[0, 1])
    (key,) = Plan(load(theirs).measure_all()).sample(shots=3, seed=1).to_dict()
    assert dict(LocalSimulator().run(theirs, shots=3).result().measurement_counts) == {key[::-1]: 3}


def test_free_parameters_keep_their_names() -> None:
    a, b = bk.FreeParameter("a"), bk.FreeParameter("beta")
    circuit = load(bk.Circuit().rx(0, 2 * a - b / 4 + 1).xx(0, 1, a))
    assert circuit.parameters == ("a", "beta")
    again = load(dump(circuit, "braket"))
    assert again == circuit
    with pytest.raises(EigenError, match="not affine"):
        load(bk.Circuit().rx(0, a * b))


def test_names_stay_behind_only_when_asked() -> None:
    builder = CircuitBuilder()
    builder.add_qubits(2, "q")
    builder.gate("H", [1])
    with pytest.raises(EigenError, match="such as `q`"):
        dump(builder.build(), "braket")
    assert load(dump(builder.build(), "braket", names=False)).num_qubits == 2


def test_what_one_side_lacks_is_refused() -> None:
    with pytest.raises(EigenError, match="`BitFlip`"):
        load(bk.Circuit().bit_flip(0, 0.1))
    builder = CircuitBuilder(2, 1)
    builder.measure([0], [0])
    builder.gate("X", [1], condition=Condition.bit(0))
    with pytest.raises(EigenError, match="conditional"):
        dump(builder.build(), "braket")
    builder = CircuitBuilder(1, 1)
    builder.measure([0], [0])
    builder.gate("X", [0])
    with pytest.raises(EigenError, match="Braket refuses"):
        dump(builder.build(), "braket")

"""QuTiP's circuits in and out: matrices and statistics against its own, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given

import oracle
from eigen.errors import EigenError
from eigen.ir import Circuit, CircuitBuilder, Condition, gate_table
from eigen.ir.formats.objects import dump, load
from strategies import examples, lone_gate, unitary_circuits

qutip = pytest.importorskip("qutip")
pytest.importorskip("qutip_qip")

from qutip_qip.circuit import QubitCircuit  # noqa: E402
from qutip_qip.operations import GATE_CLASS_MAP, RX, Gate  # noqa: E402
from qutip_qip.operations.gateclass import ControlledGate  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

ANGLES: dict[str, Any] = dict.fromkeys(("RX", "RY", "RZ", "CPHASE", "CRX", "CRY", "CRZ", "RZX"), 0.37)
ANGLES |= {"SWAPALPHA": 0.37, "SWAPalpha": 0.37, "R": (0.37, -1.1), "MS": (0.37, -1.1), "QASMU": (0.37, -1.1, 2.3)}
PLACES: dict[str, dict[str, Any]] = {name: {"targets": [3, 0, 2]} for name in ("TOFFOLI", "FREDKIN")}
PLACES |= {name: {"targets": 0, "controls": 3} for name in GATE_CLASS_MAP if name[0] == "C"}
TWO = ("SWAP", "ISWAP", "iSWAP", "SQRTSWAP", "SQRTISWAP", "SWAPALPHA", "SWAPalpha", "BERKELEY", "MS", "RZX")
PLACES |= {name: {"targets": [3, 1]} for name in TWO}


def matrix(circuit: Any) -> np.ndarray:
    """QuTiP's matrix with the first qubit the least significant one."""
    turned = [int(format(k, f"0{circuit.N}b")[::-1], 2) for k in range(1 << circuit.N)]
    return circuit.compute_unitary().full()[np.ix_(turned, turned)]


def same(made: Circuit, theirs: Any) -> None:
    assert np.allclose(oracle.unitary(made), matrix(theirs), atol=1e-9)


def statistics(circuit: Any) -> dict[str, float]:
    """QuTiP's probability of each value of the classical bits, bit 0 rightmost."""
    zero = qutip.basis([2] * circuit.N, [0] * circuit.N)
    found: dict[str, float] = {}
    measured = sum(type(gate).__name__ == "Measurement" for gate in circuit.gates)
    for outcome in range(1 << measured):
        bits = tuple(outcome >> place & 1 for place in range(measured))
        done = _run(circuit, zero, bits)
        if done is not None:
            key, probability = done
            found[key] = found.get(key, 0.0) + probability
    return {key: value for key, value in found.items() if value > 1e-12}


def _run(circuit: Any, state: Any, bits: tuple[int, ...]) -> tuple[str, float] | None:
    from qutip_qip.circuit import CircuitSimulator

    simulator = CircuitSimulator(circuit)
    done = simulator.run(state, measure_results=bits)
    probability = float(done.get_probabilities(0))
    return ("".join(str(bit) for bit in reversed(simulator.cbits)), probability) if probability > 0 else None


@pytest.mark.parametrize("name", sorted(GATE_CLASS_MAP))
def test_every_gate_is_read_and_written(name: str) -> None:
    theirs = QubitCircuit(4)
    theirs.add_gate(name, **PLACES.get(name, {"targets": 2}), arg_value=ANGLES.get(name))
    made = load(theirs)
    same(made, theirs)
    same(made, dump(made, "qutip"))


@given(unitary_circuits())
@examples(30, 300)
def test_our_circuits_are_written_and_read(circuit: Circuit) -> None:
    if circuit.parameters:
        circuit = circuit.bind([0.3] * len(circuit.parameters))
    theirs = dump(circuit, "qutip")
    same(circuit, theirs)
    same(load(theirs), theirs)


@pytest.mark.parametrize("row", gate_table(), ids=lambda row: row.name)
@pytest.mark.parametrize("controls", ["", "10"])
@pytest.mark.parametrize("inverse", [False, True])
def test_every_gate_of_ours_is_written(row: Any, controls: str, inverse: bool) -> None:
    circuit = lone_gate(row, controls=controls, inverse=inverse)
    same(circuit, dump(circuit, "qutip"))


def test_tiny_angles_are_not_rounded() -> None:
    theirs = QubitCircuit(2)
    theirs.add_gate("CPHASE", targets=1, controls=0, arg_value=1e-17)
    theirs.add_gate("RZ", targets=1, arg_value=3e-300)
    assert [gate.params for gate in load(theirs).instructions()] == [(1e-17,), (3e-300,)]
    assert [gate.arg_value for gate in dump(load(theirs), "qutip").gates] == [1e-17, 3e-300]


def test_gates_of_the_user_are_read_by_their_matrices() -> None:
    class Own(Gate):
        def get_compact_qobj(self) -> Any:
            return qutip.Qobj(np.diag(np.exp(1j * np.arange(4))), dims=[[2, 2], [2, 2]])

    def turn(angle: float) -> Any:
        return (-0.5j * angle * qutip.sigmax()).expm()

    theirs = QubitCircuit(
        3, user_gates={"turn": turn, "T": lambda: qutip.sigmay(dtype="dense"), "fixed": qutip.rand_unitary(2, seed=1)}
    )
    theirs.add_gate("turn", targets=[2], arg_value=0.4)
    theirs.add_gate("T", targets=[0])  # the user's, not QuTiP's
    theirs.add_gate("fixed", targets=[1])
    theirs.add_gate(Own(targets=[2, 0]))
    theirs.gates.append(Gate("GLOBALPHASE", arg_value=0.7))
    theirs.gates.append(ControlledGate(controls=[2, 0], targets=1, control_value=1, target_gate=RX, arg_value=0.4))
    same(load(theirs), theirs)
    same(load(dump(load(theirs), "qutip")), theirs)


@pytest.mark.parametrize("value", range(4))
def test_classical_controls_have_the_first_bit_as_the_most_significant(value: int) -> None:
    theirs = QubitCircuit(3, num_cbits=3)
    theirs.add_gate("X", targets=0)
    theirs.add_gate("RX", targets=1, arg_value=1.1)
    theirs.add_measurement("M0", targets=[0], classical_store=1)
    theirs.add_measurement("M1", targets=[1], classical_store=0)
    theirs.add_gate("RY", targets=2, arg_value=0.8, classical_controls=[1, 0], classical_control_value=value)
    theirs.add_measurement("M2", targets=[2], classical_store=2)
    made = load(theirs)
    expected = statistics(theirs)
    for circuit in (made, load(dump(made, "qutip"))):
        assert oracle.distribution(circuit) == pytest.approx(expected, abs=1e-9)
    assert statistics(dump(made, "qutip")) == pytest.approx(expected, abs=1e-9)


def test_branches_of_a_bit_are_written_one_by_one() -> None:
    builder = CircuitBuilder(3, 3)
    builder.gate("RX", [0], [1.1])
    builder.gate("RX", [1], [0.6])
    builder.measure([0, 1], [0, 1])
    builder.begin_if(Condition.bit(0))
    builder.gate("X", [2])
    builder.gate("H", [2], condition=~Condition.bit(1))
    builder.gate("Z", [2], condition=~Condition.bit(0))  # never
    builder.begin_else()
    builder.gate("RY", [2], [0.3])
    builder.end()
    builder.measure([2], [2])
    ours = builder.build()
    theirs = dump(ours, "qutip")
    assert statistics(theirs) == pytest.approx(oracle.distribution(ours), abs=1e-9)
    assert oracle.distribution(load(theirs)) == pytest.approx(oracle.distribution(ours), abs=1e-9)


def test_a_measurement_that_is_stored_nowhere_gets_a_bit_of_its_own() -> None:
    theirs = QubitCircuit(2, num_cbits=1)
    theirs.add_gate("X", targets=1)
    theirs.add_measurement("M0", targets=[1])
    theirs.add_measurement("M1", targets=[0], classical_store=0)
    assert oracle.distribution(load(theirs)) == {"10": 1.0}


def _named() -> Circuit:
    builder = CircuitBuilder()
    builder.add_qubits(1, "alpha")
    return builder.build()


def _filled(fill: Callable[[CircuitBuilder], object]) -> Circuit:
    builder = CircuitBuilder(2, 2)
    fill(builder)
    return builder.build()


def _either(b: CircuitBuilder) -> None:
    b.gate("X", [0], condition=Condition.bit(0) | Condition.bit(1))


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (_named, "`alpha`"),
        (lambda: CircuitBuilder(1, metadata={"by": "hand"}).build(), "`by`"),
        (lambda: _filled(lambda b: b.gate("RX", [0], ["theta"])), "`theta`"),
        (lambda: _filled(lambda b: b.reset([0])), "RESET"),
        (lambda: _filled(lambda b: b.barrier([0])), "BARRIER"),
        (lambda: _filled(lambda b: b.measure([0], [0], condition=Condition.bit(1))), "conditional measurement"),
        (lambda: _filled(_either), "values of bits"),
    ],
)
def test_what_qutip_cannot_carry_is_refused_by_name(make: Callable[[], Circuit], word: str) -> None:
    with pytest.raises(EigenError, match=word) as caught:
        dump(make(), "qutip")
    assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"


def test_names_may_stay_behind() -> None:
    assert dump(_named(), "qutip", names=False).N == 1


def test_what_cannot_be_read_is_refused_by_name() -> None:
    levels = QubitCircuit(2, dims=[3, 2])
    text = QubitCircuit(1)
    text.add_gate("RX", targets=0, arg_value="theta")
    unknown = QubitCircuit(1)
    unknown.add_gate("nosuch", targets=0)
    value = QubitCircuit(1, num_cbits=1)
    value.add_gate("X", targets=0, classical_controls=[0], classical_control_value=2)
    wide = QubitCircuit(9, user_gates={"wide": qutip.qeye([2] * 9)})
    wide.add_gate("wide", targets=list(range(9)))
    words = ("no qubits", "`theta`", "`nosuch`", "the value `2`", "`9` qubits")
    for theirs, word in zip((levels, text, unknown, value, wide), words, strict=True):
        with pytest.raises(EigenError, match=word) as caught:
            load(theirs)
        assert caught.value.code == "EIGEN_FORMAT_UNSUPPORTED"
    with pytest.raises(EigenError, match="Qobj") as caught:
        load(qutip.sigmax())
    assert "load_evolution" in caught.value.hint

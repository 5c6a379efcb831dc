"""QuTiP's circuits as ours: gates by their names and numbers, gates of the user's by their matrices."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

import inspect
from math import isfinite
from typing import TYPE_CHECKING, Any

from qutip_qip.circuit import QubitCircuit
from qutip_qip.operations import Gate, Measurement
from qutip_qip.operations.gateclass import ControlledGate

from eigen.ir.circuit import Circuit, CircuitBuilder, Condition
from eigen.ir.formats.objects import refused
from eigen.ir.formats.qutip.circuits.gates import ADDED, PARTS, PLAIN

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAME = "qutip"
MATRIX_QUBITS = 8  # of a gate that is read as its matrix


def load(source: Any) -> Circuit:
    """The circuit of a `QubitCircuit`; qubit k is qubit k, and classical bit k is bit k.

    A measurement that QuTiP stores nowhere writes a bit of its own, behind the others. Gates of the user's are asked
    for their matrices, as QuTiP itself asks. `input_states` and `output_states` are labels of drawings and left out.
    """
    if not isinstance(source, QubitCircuit):
        hint = "operators: `load_observable`; problems of `mesolve`: `eigen.ir.formats.qutip.load_evolution`"
        raise refused(NAME, f"a `{type(source).__qualname__}` is no QubitCircuit of QuTiP", hint)
    if any(size != 2 for size in source.dims):
        raise refused(NAME, f"the circuit has the dims `{list(source.dims)}`, which are no qubits")
    gates: list[Any] = list(source.gates)
    unstored = [gate for gate in gates if isinstance(gate, Measurement) and gate.classical_store is None]
    builder = CircuitBuilder(source.N, source.num_cbits + len(unstored))
    extra = iter(range(source.num_cbits, source.num_cbits + len(unstored)))
    for gate in gates:
        if isinstance(gate, Measurement):
            _measure(builder, gate, extra)
        elif isinstance(gate, Gate):
            _conditional(builder, source, gate)
        else:
            raise refused(NAME, f"a `{type(gate).__qualname__}` is no gate and no measurement")
    return builder.build()


def _measure(builder: CircuitBuilder, measurement: Any, extra: Iterator[int]) -> None:
    if len(measurement.targets or ()) != 1:
        raise refused(NAME, f"the measurement `{measurement.name}` is not of one qubit")
    stored = measurement.classical_store
    builder.measure([int(measurement.targets[0])], [next(extra) if stored is None else int(stored)])


def _conditional(builder: CircuitBuilder, source: Any, gate: Any) -> None:
    """A gate under its classical controls; the first of them is the most significant bit of their value."""
    controls = gate.classical_controls
    if controls is None:
        _gate(builder, source, gate)
        return
    value = gate.classical_control_value
    if not controls or not 0 <= value < 1 << len(controls):
        raise refused(NAME, f"`{gate.name}` waits for the value `{value}` of {len(controls)} classical bits")
    builder.begin_if(Condition.compare([int(bit) for bit in reversed(controls)], "==", int(value)))
    _gate(builder, source, gate)
    builder.end()


def _gate(builder: CircuitBuilder, source: Any, gate: Any) -> None:
    name, qubits = gate.name, [int(qubit) for qubit in gate.get_all_qubits()]
    own = name in source.user_gates
    is_known = type(gate).__module__.startswith("qutip_qip.")
    if name == "GLOBALPHASE" and not own:
        builder.gate("GPHASE", [], _numbers(gate))
    elif name in PLAIN and is_known and not own:
        ours, controls = PLAIN[name]
        if gate.control_value not in (None, (1 << controls) - 1):
            raise refused(NAME, f"`{name}` with the control value `{gate.control_value}` is none of QuTiP's gates")
        builder.gate(ours, qubits, _numbers(gate), num_controls=ADDED.get(name, 0))
    elif name in PARTS and is_known and not own:
        for part, places, params in PARTS[name](*_numbers(gate)):
            builder.gate(part, [qubits[place] for place in places], params)
    elif isinstance(gate, ControlledGate) and len(qubits) == len(gate.controls) + 1 and not own:
        _controlled(builder, gate, qubits)
    else:
        _matrix(builder, qubits, _operator(source, gate), name)


def _numbers(gate: Any) -> list[float]:
    """The parameters, in radians."""
    value = gate.arg_value
    values: Sequence[Any] = [] if value is None else value if isinstance(value, (tuple, list)) else [value]
    try:
        numbers = [float(number) for number in values]
    except (TypeError, ValueError):
        raise refused(NAME, f"`{value}`, the parameter of `{gate.name}`, is no number") from None
    if not all(map(isfinite, numbers)):
        raise refused(NAME, f"`{value}`, the parameter of `{gate.name}`, is no finite number")
    return numbers


def _controlled(builder: CircuitBuilder, gate: Any, qubits: list[int]) -> None:
    """A gate on one qubit under controls; the first control is the most significant bit of the control value."""
    count = len(gate.controls)
    target = gate.target_gate(targets=gate.targets, **gate.kwargs).get_compact_qobj()
    if not 0 <= gate.control_value < 1 << count:
        raise refused(NAME, f"`{gate.name}` waits for the control value `{gate.control_value}` of {count} qubits")
    state = format(gate.control_value, f"0{count}b")[::-1]
    builder.gate("UNITARY", qubits, matrix=target.full(), num_controls=count, ctrl_state=state)


def _operator(source: Any, gate: Any) -> Any:
    """The matrix of a gate as QuTiP has it: what the circuit's user gates say, or what the gate itself says."""
    if gate.name not in source.user_gates:
        try:
            return gate.get_compact_qobj()
        except NotImplementedError:
            raise refused(NAME, f"`{gate.name}` is a gate that QuTiP has no matrix of") from None
    own = source.user_gates[gate.name]
    if not inspect.isfunction(own):
        return own
    return own(gate.arg_value) if inspect.signature(own).parameters else own()


def _matrix(builder: CircuitBuilder, qubits: list[int], operator: Any, name: str) -> None:
    if len(qubits) > MATRIX_QUBITS:
        raise refused(NAME, f"`{name}` acts on `{len(qubits)}` qubits; matrices are read up to {MATRIX_QUBITS}")
    if getattr(operator, "shape", None) != (1 << len(qubits), 1 << len(qubits)):
        raise refused(NAME, f"`{name}` gives no matrix on its {len(qubits)} qubits")
    builder.gate("UNITARY", qubits[::-1], matrix=operator.full())

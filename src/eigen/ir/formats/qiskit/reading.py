"""Qiskit's circuits as ours. What Qiskit itself writes out (`definition`) is read so; nothing is run or bound."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false

from __future__ import annotations

import re
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from qiskit.circuit import (
    CASE_DEFAULT,
    AnnotatedOperation,
    Barrier,
    BoxOp,
    ControlledGate,
    ControlModifier,
    Delay,
    ForLoopOp,
    IfElseOp,
    InverseModifier,
    Measure,
    Parameter,
    PowerModifier,
    QuantumCircuit,
    Reset,
    SwitchCaseOp,
    WhileLoopOp,
)
from qiskit.circuit import library as lib
from qiskit.quantum_info import SparsePauliOp
from qiskit.synthesis import synth_permutation_basic

from eigen.ir.circuit import Affine, Circuit, CircuitBuilder
from eigen.ir.formats.objects import refused
from eigen.ir.formats.qiskit.conditions import TRUE, matches, read
from eigen.ir.formats.qiskit.gates import READ, affine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

MAX_ROUNDS = 1_000_000  # of a while loop that comes without a bound
MAX_OPERATIONS = 2_000_000  # read from definitions and loops that are written out
MAX_DEPTH = 200  # of definitions inside definitions
MADE_UP = re.compile(r"circuit-\d+(-\d+)?")  # names that Qiskit gives; they differ from process to process
BOUND = re.compile(r"max_iterations=(\d+)")
UNITS = {"ns", "us", "ms", "s", "dt"}


def load(source: Any, *, max_iterations: int = MAX_ROUNDS) -> Circuit:
    """The circuit of a `QuantumCircuit`: bits, registers, names, parameters and global phase as they are.

    A `while_loop` has no bound in Qiskit: here it gets `max_iterations`, beyond which a run is an error, unless its
    label is `max_iterations=N`. A loop over a parameter is written out. Parameters stand in Qiskit's order.
    """
    if not isinstance(source, QuantumCircuit):
        raise refused("qiskit", f"a `{type(source).__qualname__}` is no QuantumCircuit")
    builder = CircuitBuilder(
        name="" if MADE_UP.fullmatch(source.name or "") else source.name or "",
        metadata=_metadata(source),
        parameters=[symbol.name for symbol in source.parameters],
    )
    _add_bits(source.qubits, source.qregs, builder.add_qubits)
    _add_bits(source.clbits, source.cregs, builder.add_clbits)
    reader = _Reader(builder, max_iterations)
    reader.block(source, range(source.num_qubits), range(source.num_clbits))
    return builder.build()


def _metadata(source: Any) -> dict[str, str]:
    for key, value in (source.metadata or {}).items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise refused("qiskit", f"metadata `{key}` is no text", "metadata of circuits is text; make it text")
    return dict(source.metadata or {})


def _add_bits(bits: Sequence[Any], registers: Iterable[Any], add: Callable[[int, str | None], object]) -> None:
    """All bits in order, registers as such. A register must be a run of bits that no other has."""
    places = {bit: index for index, bit in enumerate(bits)}
    spans: list[tuple[int, int, str]] = []
    for register in registers:
        found = [places[bit] for bit in register]
        if not found:
            raise refused("qiskit", f"register `{register.name}` is empty")
        if found != list(range(found[0], found[0] + len(found))):
            raise refused("qiskit", f"register `{register.name}` is not a run of neighbouring bits")
        spans.append((found[0], len(found), register.name))
    done = 0
    for start, size, name in sorted(spans):
        if start < done:
            raise refused("qiskit", f"register `{name}` shares bits with another")
        if start > done:
            add(start - done, None)
        add(size, name)
        done = start + size
    if done < len(bits):
        add(len(bits) - done, None)


class _Reader:
    """Reads operations into a builder. Places are indices of the builder's bits."""

    def __init__(self, builder: CircuitBuilder, max_iterations: int, depth: int = 0) -> None:
        self._builder = builder
        self._max_iterations = max_iterations
        self._depth = depth
        self._left = MAX_OPERATIONS
        self._kinds: dict[Any, Callable[[Any, Sequence[int], Sequence[int], Mapping[Any, int]], None]] = {
            Measure: lambda op, q, c, scope: builder.measure(q, c),
            Reset: lambda op, q, c, scope: builder.reset(q),
            Barrier: lambda op, q, c, scope: builder.barrier(q),
            Delay: self._delay,
            IfElseOp: self._if_else,
            SwitchCaseOp: self._switch,
            ForLoopOp: self._for,
            WhileLoopOp: self._while,
            BoxOp: self._box,
        }

    def block(self, circuit: Any, qubits: Sequence[int], clbits: Sequence[int]) -> None:
        """The operations of a circuit whose bits lie at these places."""
        if circuit.num_vars or circuit.num_stretches:
            name = next(iter([*circuit.iter_vars(), *circuit.iter_stretches()])).name
            raise refused("qiskit", f"the variable `{name}` is not carried: circuits here have classical bits only")
        phase = affine(circuit.global_phase, "the global phase")
        if phase != 0.0:
            self._builder.gate("GPHASE", [], [phase])
        place = dict(zip(circuit.qubits, qubits, strict=True))
        scope = dict(zip(circuit.clbits, clbits, strict=True))
        for item in circuit.data:
            self._left -= 1
            if self._left < 0:
                raise refused("qiskit", f"the circuit, written out, is over `{MAX_OPERATIONS}` operations")
            self._operation(item.operation, [place[q] for q in item.qubits], [scope[c] for c in item.clbits], scope)

    def _operation(self, op: Any, qubits: Sequence[int], clbits: Sequence[int], scope: Mapping[Any, int]) -> None:
        kind = getattr(op, "base_class", type(op))
        if kind in self._kinds:
            self._kinds[kind](op, qubits, clbits, scope)
        elif kind in READ and _fires_on_ones(op):
            name, arguments, controls = READ[kind]
            params = arguments(*(affine(value, f"`{op.name}`") for value in op.params))
            self._builder.gate(name, qubits, params, num_controls=controls)
        elif kind is lib.UnitaryGate:
            self._builder.gate("UNITARY", qubits, matrix=op.params[0])
        elif isinstance(op, AnnotatedOperation):
            self._builder.append(self._annotated(op), qubits)
        elif kind is lib.CUGate:
            self._open_cu(op, qubits)
        elif isinstance(op, ControlledGate) and _is_whole(op):
            state = f"{op.ctrl_state:0{op.num_ctrl_qubits}b}"
            self._builder.append(self._alone(op.base_gate).controlled(op.num_ctrl_qubits, state), qubits)
        elif kind is lib.PauliGate:
            for letter, qubit in zip(reversed(op.params[0]), qubits, strict=True):
                self._builder.gate(letter, [qubit])
        elif not self._rotations(kind, op, qubits):
            self._definition(op, qubits, clbits)

    def _rotations(self, kind: Any, op: Any, qubits: Sequence[int]) -> bool:
        """A rotation about a product of Pauli letters; an evolution under one term, or under terms that commute."""
        if kind is getattr(lib, "PauliProductRotationGate", None):
            self._turn(op.pauli().to_label().lstrip("+-"), affine(op.params[0], f"`{op.name}`"), qubits)
            return True
        if kind is not lib.PauliEvolutionGate or not isinstance(op.operator, SparsePauliOp):
            return False
        operator, time = op.operator, affine(op.time, "an evolution")
        if len(operator) > 1 and len(operator.group_commuting()) > 1:
            return False
        for label, weight in operator.to_list():
            if abs(weight.imag) > 0 or operator.parameters:
                return False
            if set(label) == {"I"}:
                self._builder.gate("GPHASE", [], [-weight.real * time])
            else:
                self._turn(label, 2 * weight.real * time, qubits)
        return True

    def _turn(self, label: str, angle: float | Affine, qubits: Sequence[int]) -> None:
        self._builder.gate("PAULI_ROT", qubits, [angle], pauli=label[::-1])

    def _open_cu(self, op: Any, qubits: Sequence[int]) -> None:
        """CU on a control that is 0: its phase goes with the control."""
        theta, phi, lam, gamma = (affine(value, "`cu`") for value in op.params)
        self._builder.gate("U", qubits, [theta, phi, lam], num_controls=1, ctrl_state="0")
        self._builder.gate("GPHASE", qubits[:1], [gamma], num_controls=1, ctrl_state="0")

    def _definition(self, op: Any, qubits: Sequence[int], clbits: Sequence[int]) -> None:
        """What Qiskit says that the operation consists of."""
        inner = getattr(op, "definition", None)
        if isinstance(op, lib.PermutationGate):
            inner = synth_permutation_basic(op.pattern)
        elif inner is None and hasattr(op, "to_circuit"):
            inner = op.to_circuit()
        if inner is None:
            raise refused("qiskit", f"`{op.name}` has no definition and no counterpart here")
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise refused("qiskit", f"definitions inside definitions beyond `{MAX_DEPTH}`, at `{op.name}`")
        self.block(inner, qubits, clbits)
        self._depth -= 1

    def _alone(self, op: Any) -> Circuit:
        """An operation on qubits only as a circuit of its own."""
        if op.num_clbits:
            raise refused("qiskit", f"`{op.name}` acts on classical bits and cannot have modifiers")
        builder = CircuitBuilder(op.num_qubits)
        reader = _Reader(builder, self._max_iterations, self._depth + 1)
        reader._left = self._left
        if reader._depth > MAX_DEPTH:
            raise refused("qiskit", f"definitions inside definitions beyond `{MAX_DEPTH}`, at `{op.name}`")
        reader._operation(op, range(op.num_qubits), (), {})
        return builder.build()

    def _annotated(self, op: Any) -> Circuit:
        made = self._alone(op.base_op)
        for modifier in op.modifiers:
            if isinstance(modifier, InverseModifier):
                made = made.inverse()
            elif isinstance(modifier, PowerModifier):
                made = made.power(float(modifier.power))
            elif isinstance(modifier, ControlModifier):
                count = modifier.num_ctrl_qubits
                made = made.controlled(count, f"{modifier.ctrl_state:0{count}b}") if count else made
            else:
                raise refused("qiskit", f"the modifier `{modifier}` has no counterpart here")
        return made

    # ---- time and control flow ---------------------------------------------------------------------------------

    def _delay(self, op: Any, qubits: Sequence[int], clbits: Sequence[int], scope: Mapping[Any, int]) -> None:
        if op.unit not in UNITS and op.unit != "ps":
            raise refused("qiskit", f"a delay in `{op.unit}` has no counterpart here")
        duration = affine(op.duration, "a delay")
        in_ps = op.unit == "ps"
        self._builder.delay(qubits, duration / 1000 if in_ps else duration, "ns" if in_ps else op.unit)

    def _if_else(self, op: Any, qubits: Sequence[int], clbits: Sequence[int], scope: Mapping[Any, int]) -> None:
        self._builder.begin_if(read(op.condition, scope))
        self.block(op.blocks[0], qubits, clbits)
        if len(op.blocks) > 1:
            self._builder.begin_else()
            self.block(op.blocks[1], qubits, clbits)
        self._builder.end()

    def _switch(self, op: Any, qubits: Sequence[int], clbits: Sequence[int], scope: Mapping[Any, int]) -> None:
        """The cases in turn, each the ELSE of those before it: at most one runs, so the target is read before any."""
        opened = 0
        for values, body in op.cases_specifier():
            if opened:
                self._builder.begin_else()
            tests = [TRUE if value is CASE_DEFAULT else matches(op.target, int(value), scope) for value in values]
            self._builder.begin_if(TRUE if TRUE in tests else reduce(or_, tests))
            opened += 1
            self.block(body, qubits, clbits)
        for _ in range(opened):
            self._builder.end()

    def _for(self, op: Any, qubits: Sequence[int], clbits: Sequence[int], scope: Mapping[Any, int]) -> None:
        values, symbol, body = op.params
        if symbol is None:
            self._builder.begin_for(len(values))
            self.block(body, qubits, clbits)
            self._builder.end()
            return
        if not isinstance(symbol, Parameter):
            raise refused("qiskit", f"the loop variable `{symbol.name}` is not carried", "loop over a Parameter")
        for value in values:
            bound = body.assign_parameters({symbol: value}) if symbol in body.parameters else body
            self.block(bound, qubits, clbits)

    def _while(self, op: Any, qubits: Sequence[int], clbits: Sequence[int], scope: Mapping[Any, int]) -> None:
        told = BOUND.fullmatch(op.label or "")
        self._builder.begin_while(read(op.condition, scope), int(told[1]) if told else self._max_iterations)
        self.block(op.blocks[0], qubits, clbits)
        self._builder.end()

    def _box(self, op: Any, qubits: Sequence[int], clbits: Sequence[int], scope: Mapping[Any, int]) -> None:
        if op.duration is not None:
            raise refused("qiskit", "a box with a duration has no counterpart here")
        self.block(op.body, qubits, clbits)


def _fires_on_ones(op: Any) -> bool:
    return not isinstance(op, ControlledGate) or op.ctrl_state == (1 << op.num_ctrl_qubits) - 1


def _is_whole(op: Any) -> bool:
    """Whether there are no qubits but controls and those of the controlled gate."""
    return op.num_qubits == op.num_ctrl_qubits + op.base_gate.num_qubits

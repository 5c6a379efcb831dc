"""The interpreter's engine straight on the state-vector core, a control that listens, and small programs for both."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eigen._core import Circuit, CircuitBuilder, Observable, Plan, Search
from eigen.ir.array import Array
from eigen.ir.program import Node, Program, Region
from eigen.kernel.interpreter import Interpreter
from eigen.kernel.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen._core import Counts
    from eigen.qfs.store import JournalEntry


class PlanEngine:
    """Evaluates a program's circuits in this process; `asked` lists what reached it.

    With `piece` it has loops, and does so many evaluations of one in each piece.
    """

    def __init__(self, program: Program, *, gradients: bool = True, piece: int | None = None) -> None:
        self._piece = piece
        self.asked: list[tuple[str, str]] = []
        self._program = program
        self._gradients = gradients
        self._plans = [Plan(circuit, threads=1) for circuit in program.circuits]

    def sample(self, circuit: int, values: Sequence[float], shots: int, seed: int, *, key: str) -> Counts:
        self.asked.append(("sample", key))
        return self._plans[circuit].sample(values, shots=shots, seed=seed)

    def expectation(
        self, circuit: int, observable: int, values: Sequence[float], shots: int | None, seed: int, *, key: str
    ) -> tuple[float, float | None]:
        self.asked.append(("expectation", key))
        target = self._program.observables[observable]
        if shots is None:
            return self._plans[circuit].expectation(values, [target])[0], None
        return self._plans[circuit].sample_expectation(values, target, shots=shots, seed=seed)

    def probability(
        self, circuit: int, bits: str, values: Sequence[float], shots: int | None, seed: int, *, key: str
    ) -> tuple[float, float | None]:
        self.asked.append(("probability", key))
        return self._plans[circuit].probability(values, bits), None

    def load(self, stage: str, index: int, observable: int | None, shots: int | None) -> tuple[int, int]:
        return 1, shots or 0

    def has_gradient(self, circuit: int, observable: int) -> bool:
        return self._gradients

    def gradient(
        self, circuit: int, observable: int, values: Sequence[float], *, key: str
    ) -> tuple[float, tuple[float, ...]]:
        self.asked.append(("gradient", key))
        value, slope = self._plans[circuit].gradient(values, self._program.observables[observable])
        return value, tuple(slope)

    def has_loop(self, circuit: int, observable: int) -> bool:
        return self._piece is not None

    def advance(
        self, circuit: int, observable: int, search: str, *, scale: float, offset: float, seconds: float
    ) -> tuple[str, int]:
        self.asked.append(("loop", search))
        running = Search.resume(search)
        known, before = running.iterations, running.evaluations
        target = self._program.observables[observable]
        self._plans[circuit].minimize(running, target, scale=scale, offset=offset, evaluations=self._piece)
        return running.checkpoint(known), running.evaluations - before


@dataclass
class Listener:
    """A control that lets everything pass, or raises what `stop` gives for the n-th evaluation."""

    stop: Callable[[int], Exception | None] = lambda count: None
    checks: list[tuple[int, bool]] = field(default_factory=list)
    iterations: list[tuple[str, int, float, int]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def check(self, *, tasks: int, shots: int, replayed: bool, device: str = "") -> None:
        self.checks.append((shots, replayed))
        error = self.stop(len(self.checks))
        if error is not None:
            raise error

    def unused(self, *, tasks: int, shots: int, device: str) -> None:
        """Nothing is counted."""

    def say(self, text: str) -> None:
        self.said.append(text)

    def progress(self, stage: str, iteration: int, value: float, *, of: int) -> None:
        self.iterations.append((stage, iteration, value, of))


@dataclass
class Ran:
    """One execution: its value, and everything around it."""

    output: Any
    interpreter: Interpreter
    engine: PlanEngine
    control: Listener
    journal: Journal
    stored: list[JournalEntry]


def run_program(
    program: Program,
    *,
    seed: int = 11,
    shots: int | None = None,
    arguments: Sequence[Any] = (),
    recorded: Sequence[JournalEntry] = (),
    control: Listener | None = None,
    gradients: bool = True,
    piece: int | None = None,
    fuel: int = 10_000_000,
    append: Callable[[Sequence[JournalEntry]], None] | None = None,
) -> Ran:
    """Execute a program here, every journal entry stored at once."""
    stored: list[JournalEntry] = list(recorded)
    engine, control = PlanEngine(program, gradients=gradients, piece=piece), control or Listener()
    journal = Journal(recorded, append or stored.extend, clock=lambda: 0.0, immediate=True)
    interpreter = Interpreter(program, engine, seed=seed, journal=journal, control=control, shots=shots, fuel=fuel)
    (output,) = interpreter.region(program.body, arguments, ())
    journal.flush()
    return Ran(output, interpreter, engine, control, journal, stored)


# ---- programs ----------------------------------------------------------------------------------------------


def circuit(num_qubits: int, *gates: tuple[Any, ...], measured: bool = False) -> Circuit:
    """A circuit of `(name, qubits, params…)`; parameters in order of appearance."""
    builder = CircuitBuilder(num_qubits, num_qubits if measured else 0)
    for name, qubits, *params in gates:
        builder.gate(name, qubits, params)
    if measured:
        builder.measure(list(range(num_qubits)), list(range(num_qubits)))
    return builder.build()


ROTATION = circuit(1, ("RY", [0], "t"))
MEASURED_ROTATION = circuit(1, ("RY", [0], "t"), measured=True)
Z = Observable.from_terms(1, [("Z0", 1.0)])


def const(value: Any, line: int = 0) -> Node:
    """A static value."""
    return Node("const", (), {"value": value}, line=line)


def expectation(argument: int, circuit: int = 0, observable: int = 0, *, line: int = 0, **attrs: Any) -> Node:
    """An expectation stage."""
    return Node("expectation", (argument,), {"circuit": circuit, "observable": observable, **attrs}, "float", line=line)


def straight(*nodes: Node, circuits: Sequence[Circuit] = (), observables: Sequence[Observable] = ()) -> Program:
    """A program of nodes in a row; its value is the last."""
    program = Program(tuple(circuits), tuple(observables), Region((), nodes, (len(nodes) - 1,)))
    program.verify()
    return program


def minimisation(
    method: str,
    initial: Sequence[float],
    *objective: Node,
    circuits: Sequence[Circuit] = (ROTATION,),
    observables: Sequence[Observable] = (Z,),
    **attrs: Any,
) -> Program:
    """A program that minimises a row of nodes over parameter 0; its value is the record."""
    region = Region(("array",), objective, (len(objective),))
    return straight(
        const(Array.vector(initial)),
        Node("minimize", (0,), {"method": method, **attrs}, "record:minimize", (region,), line=9),
        circuits=circuits,
        observables=observables,
    )

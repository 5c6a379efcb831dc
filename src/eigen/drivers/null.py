"""A device that needs nothing: `null:classical` runs reversible classical circuits on a list of bits.

It is exact, because such circuits never leave the computational basis; whatever would (an `H`, a measurement in
the X basis) is refused by its gate list. It runs only when a job names it. It is also the shortest real driver.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

from eigen import _core
from eigen.drivers.in_process import (
    InProcessDriver,
    check_observable,
    check_outcome,
    check_shots,
    check_values,
    refuse_evolution,
    refuse_modes,
)
from eigen.drivers.options import refuse_unknown
from eigen.errors import EigenError
from eigen.ir.ordered import ordered_sum
from eigen.types import (
    Device,
    EvolutionWork,
    ExpectationWork,
    GradientWork,
    ModesWork,
    ProbabilityWork,
    SampleWork,
    WorkResult,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.types import Json, Work

GATES = ("I", "X", "CX", "CCX", "SWAP", "CSWAP", "MCX")
SWAPS = {"SWAP", "CSWAP"}
MAX_STEPS = 10_000_000  # operations of one run, rounds of loops included
CLASSICAL = Device(
    id="null:classical",
    name="Classical bits",
    backend_type="simulator",
    num_qubits=1_000_000,
    gates=GATES,
    features=frozenset({"dynamic", "expectation", "exact", "seed", "deduplicates"}),
    properties={"engine": "bits", "on_request": True},
)


class NullDriver(InProcessDriver):
    """The QDriver of `null:classical`. It takes no configuration and no options."""

    name = "null"
    version = _core.__version__

    def __init__(self) -> None:
        super().__init__()
        self.devices = (CLASSICAL,)

    def initialize(self, config: Mapping[str, Json]) -> None:
        """Refuse every key."""
        refuse_unknown(config, (), where=self.name)

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        """Run the work here and now."""
        self.known(device_id)
        refuse_unknown(work.options, (), where=device_id)
        if isinstance(work, EvolutionWork):
            raise refuse_evolution(device_id)
        if isinstance(work, ModesWork):
            raise refuse_modes(device_id)
        if isinstance(work, GradientWork):
            raise EigenError("EIGEN_SIM_UNSUPPORTED", f"`{device_id}` has no gradients")
        _check(work)
        started = perf_counter()
        run = Run(work.circuit)
        counts = value = None
        seed: dict[str, Json] = {} if work.shots is None else {"seed": work.seed}
        if isinstance(work, SampleWork):
            counts = _core.Counts.from_dict({_text(run.clbits): work.shots}, len(run.clbits))
        elif isinstance(work, ExpectationWork):
            value = ordered_sum(weight * _sign(label, run.qubits) for label, weight in work.observable.terms)
        else:
            value = float(work.bits == _text(run.qubits))
        return WorkResult(
            counts=counts,
            value=value,
            # Every shot would give the same value, so that an estimate from shots has no error.
            standard_error=None if counts or work.shots is None else 0.0,
            execution_time_sec=perf_counter() - started,
            metadata={"engine": "bits", "version": self.version, "precision": "exact"} | seed,
        )


class Run:
    """One run of a classical circuit: `qubits` and `clbits` hold the final bits."""

    def __init__(self, circuit: _core.Circuit) -> None:
        self.qubits = [False] * circuit.num_qubits
        self.clbits = [False] * circuit.num_clbits
        self._steps = 0
        self._block(circuit.instructions())

    def _block(self, instructions: Sequence[_core.Instruction]) -> None:
        for instruction in instructions:
            self._steps += 1
            if self._steps > MAX_STEPS:
                raise EigenError("EIGEN_LIMIT_EXCEEDED", f"the run takes more than {MAX_STEPS} operations")
            if instruction.blocks:
                self._control_flow(instruction)
            elif instruction.condition is None or instruction.condition.holds(self.clbits):
                self._operation(instruction)

    def _control_flow(self, instruction: _core.Instruction) -> None:
        blocks, condition = instruction.blocks, instruction.condition
        if condition is None:  # FOR
            for _ in range(instruction.bound):
                self._block(blocks[0])
        elif instruction.name == "WHILE":
            rounds = 0
            while condition.holds(self.clbits):
                if rounds == instruction.bound:
                    raise EigenError("EIGEN_SIM_LOOP_BOUND", f"a WHILE wants to go on after `{rounds}` rounds")
                self._block(blocks[0])
                rounds += 1
        elif condition.holds(self.clbits):
            self._block(blocks[0])
        elif len(blocks) > 1:
            self._block(blocks[1])

    def _operation(self, instruction: _core.Instruction) -> None:
        name, qubits = instruction.name, instruction.qubits
        if name == "MEASURE" and instruction.basis == "Z":
            for qubit, clbit in zip(qubits, instruction.clbits, strict=True):
                self.clbits[clbit] = self.qubits[qubit]
        elif name == "RESET":
            for qubit in qubits:
                self.qubits[qubit] = False
        elif name in GATES and instruction.power == 1.0:
            self._gate(instruction)
        elif name not in {"BARRIER", "DELAY"}:
            raise EigenError("EIGEN_COMPILER_UNSUPPORTED", f"`{CLASSICAL.id}` cannot run `{name}`")

    def _gate(self, instruction: _core.Instruction) -> None:
        """Every gate of the list is its own inverse, so the inverse modifier changes nothing."""
        name, qubits, added = instruction.name, instruction.qubits, instruction.num_controls
        wanted = (instruction.ctrl_state or "1" * added)[::-1]  # control 0 is the rightmost character
        split = len(qubits) - (2 if name in SWAPS else 1)
        for position, qubit in enumerate(qubits[:split]):
            if self.qubits[qubit] != (position >= added or wanted[position] == "1"):
                return
        if name in SWAPS:
            first, second = qubits[split:]
            self.qubits[first], self.qubits[second] = self.qubits[second], self.qubits[first]
        elif name != "I":
            self.qubits[qubits[split]] ^= True


def _sign(label: str, qubits: Sequence[bool]) -> float:
    """The expectation value of one Pauli product (`"Z0 Z2"`) on a basis state: ±1, or 0 with an X or Y in it."""
    sign = 1.0
    for factor in label.split():
        if factor[0] in "XY":
            return 0.0
        if factor[0] == "Z" and qubits[int(factor[1:])]:
            sign = -sign
    return sign


def _text(bits: Sequence[bool]) -> str:
    """Bits as a key, bit 0 rightmost."""
    return "".join("1" if bit else "0" for bit in reversed(bits))


def _check(work: SampleWork | ExpectationWork | ProbabilityWork) -> None:
    if work.shots is not None:
        check_shots(CLASSICAL, work.shots)
    check_values(work.circuit, work.values)
    if isinstance(work, ProbabilityWork):
        check_outcome(work)
    elif isinstance(work, ExpectationWork):
        check_observable(work.circuit, work.observable)

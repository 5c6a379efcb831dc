"""What is compiled and for what, what a compiler must offer to be measured, and what it gives back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

from bench.compile.families import FAMILIES

if TYPE_CHECKING:
    from bench.sim.circuit import Circuit

BASES = {"u+cx": ("U", "CX"), "rz+sx+cz": ("RZ", "SX", "X", "CZ")}


@dataclass(frozen=True, slots=True)
class Job:
    """One cell: a circuit, a shape of device on which it fits (`all`, `line`, `grid`, `heavy-hex`) and its gates."""

    family: str
    num_qubits: int
    topology: str
    basis: str = "u+cx"

    @property
    def circuit(self) -> Circuit:
        """The circuit of the family at this width."""
        return FAMILIES[self.family].build(self.num_qubits)

    @property
    def key(self) -> str:
        """The name of the cell, of its file too."""
        return f"{self.family}-{self.num_qubits}-{self.topology}-{self.basis}"

    def to_json(self) -> dict[str, Any]:
        """For the cell and the workers."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Device:
    """Qubits and the pairs of them that are coupled, either way round; no pairs: all to all."""

    num_qubits: int
    pairs: tuple[tuple[int, int], ...]
    basis: tuple[str, ...]

    @staticmethod
    def of(value: dict[str, Any]) -> Device:
        """The device of a request."""
        pairs = tuple((first, second) for first, second in value["pairs"])
        return Device(value["num_qubits"], pairs, tuple(value["basis"]))


@dataclass(frozen=True, slots=True)
class Output:
    """A compiled circuit in gates of our table; logical qubit k starts on `initial[k]` and ends on `final[k]`."""

    num_qubits: int
    gates: tuple[tuple[str, tuple[int, ...], tuple[float, ...]], ...]
    initial: tuple[int, ...]
    final: tuple[int, ...]

    @property
    def two_qubit_gates(self) -> int:
        """Gates on two qubits."""
        return sum(len(qubits) == 2 for _, qubits, _ in self.gates)

    @property
    def two_qubit_depth(self) -> int:
        """The longest chain of gates on two qubits."""
        depth = [0] * self.num_qubits
        for _, qubits, _ in self.gates:
            if len(qubits) == 2:
                depth[qubits[0]] = depth[qubits[1]] = 1 + max(depth[qubits[0]], depth[qubits[1]])
        return max(depth, default=0)


class Compiler(Protocol):
    """A compiler in a worker process of its own, in the environment that has it."""

    name: str
    settings: tuple[str, ...]

    def version(self) -> str:
        """Its release."""
        ...

    def load(self, circuit: Circuit) -> None:
        """Holds the circuit in the compiler's own form; not timed."""
        ...

    def prepare(self, device: Device, setting: str, trials: int | None) -> None:
        """Makes the passes of a setting ready; not timed. `trials`: of layout and of routing, where it has them."""
        ...

    def run(self) -> Any:
        """Compiles: what is timed."""
        ...

    def read(self, raw: Any) -> Output:
        """What `run` gave; not timed."""
        ...

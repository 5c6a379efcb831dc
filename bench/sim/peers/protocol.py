"""What an engine must offer to be measured: circuits prepared once, run many times, their results read for checking."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from bench.sim.families import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bench.sim.circuit import Circuit

Output = Literal["state", "array", "energy", "energies", "gradient", "shots", "noisy", "frames"]
ERROR_PROBABILITY = 1e-3
"""Noisy runs: after each gate one of the other Paulis on its qubits, 3 or 15, all as likely, with this probability."""


@dataclass(frozen=True, slots=True)
class Job:
    """What every engine is asked for in one cell.

    state     the final state where the engine keeps it
    array     the final state as an array in Python
    energy    the exact energy of the Ising chain in a transverse field, with new angles at each call
    energies  the same for `batch` sets of angles in one call
    gradient  that energy and its derivatives by all parameters, with new angles at each call
    shots     `shots` samples of all qubits: run and draw
    noisy     `shots` samples under depolarising noise
    frames    `shots` records of a noisy Clifford circuit with measurements on the way, packed bits
    """

    family: str
    num_qubits: int
    output: Output = "state"
    precision: Literal["f64", "f32"] = "f64"
    shots: int = 0
    batch: int = 1

    @property
    def circuit(self) -> Circuit:
        """The circuit of the family at this width."""
        return FAMILIES[self.family].build(self.num_qubits)

    @property
    def output_name(self) -> str:
        """The output with its number of shots."""
        return f"shots-{self.shots}" if self.output == "shots" else self.output

    @property
    def key(self) -> str:
        """The name of the cell, of its file too."""
        return f"{self.family}-{self.num_qubits}-{self.precision}-{self.output_name}"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A job made ready. `run(k)` is what is timed: call number k, which fixes the angles; `read` is not timed.

    `read` turns what `run` returned into: for state and array the amplitudes (index bit k is qubit k), for an energy a
    float, for energies and gradients an array, for shots and noisy the array of outcomes or a pair (outcomes, counts).
    """

    run: Callable[[int], Any]
    read: Callable[[Any], Any] = lambda raw: raw


class Peer(Protocol):
    """An engine. It lives in a worker process of its own, in the environment that has it."""

    name: str

    def version(self) -> str: ...

    def settings(self, job: Job) -> list[dict[str, Any]]:
        """The settings that a small search tries, the likely best first; {} where there is nothing to choose."""
        ...

    def prepare(self, job: Job, setting: Mapping[str, Any]) -> Prepared:
        """What is done here, parsing and planning included, is told but no part of a run. Raises UnsupportedError."""
        ...

    def facts(self) -> dict[str, Any]:
        """What the engine says of its last run."""
        ...


def ising_terms(num_qubits: int) -> list[tuple[float, tuple[tuple[int, str], ...]]]:
    """-Σ Z Z along the line - Σ X: coefficients and the Pauli letters by qubit."""
    bonds = [(-1.0, ((qubit, "Z"), (qubit + 1, "Z"))) for qubit in range(num_qubits - 1)]
    return bonds + [(-1.0, ((qubit, "X"),)) for qubit in range(num_qubits)]


def angle_sets(circuit: Circuit, count: int) -> list[tuple[float, ...]]:
    """`count` different sets of angles, the same for every engine."""
    return [tuple(angle + 0.01 * number for angle in circuit.angles) for number in range(count)]


def changes(job: Job, rows: np.ndarray) -> np.ndarray:
    """How many checks of a memory of the surface code changed from one round to the next, for each record.

    Without noise none does: it is what noise shows in.
    """
    checks = (job.num_qubits - 1) // 2
    bits = np.unpackbits(rows, axis=1, bitorder="little")[:, : checks * math.isqrt(checks + 1)]
    return (bits[:, checks:] != bits[:, :-checks]).sum(axis=1, dtype=np.int64)

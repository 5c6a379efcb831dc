"""Proposers: what may offer a compilation something to try, learned or remembered. They offer, the compiler decides.

Whatever is offered counts only if it is legal on the device and verified to be the same circuit, layouts only if they
cost less than what the compiler finds by itself: a proposer can make a result better or sooner, never wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from eigen._core import CircuitBuilder, canonical_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eigen.ir.circuit import Circuit
    from eigen.ir.targets.target import Target


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a compilation, as far as its circuit depends on it."""

    circuit: Circuit
    target: Target
    level: int
    seed: int
    layout: tuple[int, ...] | None
    trials: int | None
    tolerance: float = 0.0

    @property
    def key(self) -> str:
        """sha256 of the question: of the circuit's operations and parameters, not of what anything in it is called."""
        builder = CircuitBuilder(self.circuit.num_qubits, self.circuit.num_clbits)
        builder.append(self.circuit, range(self.circuit.num_qubits), range(self.circuit.num_clbits))
        target = self.target
        value = {
            "circuit": builder.build().digest,
            "num_qubits": target.num_qubits,
            "coupling": [list(pair) for pair in target.coupling],
            "basis": list(target.basis),
            "errors": [[*pair, rate] for pair, rate in sorted(target.errors.items())],
            "readout_errors": [list(row) for row in sorted(target.readout_errors.items())],
            "qubit_errors": [list(row) for row in sorted(target.qubit_errors.items())],
            "level": self.level,
            "seed": self.seed,
            "layout": None if self.layout is None else list(self.layout),
            "trials": self.trials,
            "tolerance": self.tolerance,
        }
        return sha256(canonical_json(value)).hexdigest()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A circuit for the device, where its logical qubits start and end, and how many SWAPs were inserted."""

    circuit: Circuit
    initial: tuple[int, ...]
    final: tuple[int, ...]
    swaps: int


class Proposer(Protocol):
    """Offers answers to a question; each method may offer nothing."""

    def circuits(self, question: Question) -> Iterable[Candidate]:
        """Whole answers. The first that is legal and verified ends the compilation."""
        ...

    def layouts(self, question: Question) -> Iterable[Sequence[int]]:
        """Device qubits on which the logical ones might start; tried beside what the compiler chooses."""
        ...

    def learn(self, question: Question, answer: Candidate) -> None:
        """Called with what the compiler found by itself, once it is verified."""
        ...

"""What is known about two circuits: the verdict, how it was reached, and what it proves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Certificate:
    """The answer to one question of equivalence.

    `method` names the ways that were gone, joined by ` + `:

    - `interface`: qubits, classical bits or measurements do not match;
    - `structure`: operations that correspond one by one;
    - `unitary`: whole unitaries; `windows`: unitaries of few qubits at a time, at any width;
    - `chain`: a compiled circuit by the circuits between the passes, each compared with the next: as rotations about
      Pauli operators, up to the order of those that commute, or run by run on pairs of qubits by their unitaries;
    - `tableau`: what both do to every Pauli product; `probes`: random product states through both;
    - `channel`: every history of outcomes of measurements and resets, for every input;
    - `none`: nothing that is there could decide.

    `max_error` is the largest distance found, up to the phase unless that was asked for: a bound on the 2-norm distance
    of the final states over all inputs for `unitary`, `windows`, `chain` and `tableau`, the largest 2-norm over the
    probes for `probes`, half the trace norm of the difference of the normalised Choi states for `channel`; None where
    nothing was measured. `is_equivalent` is None when it is undecided. `is_proof` says whether the verdict holds for
    certain, to the tolerance: probes that agree prove nothing for certain, one that disagrees does.
    """

    method: str
    qubits: int
    max_error: float | None
    is_equivalent: bool | None
    is_proof: bool
    details: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """`equal`, `different` or `undecided`."""
        return "undecided" if self.is_equivalent is None else "equal" if self.is_equivalent else "different"

    def to_json(self) -> dict[str, Any]:
        """The certificate as a JSON object."""
        return {
            "verdict": self.verdict,
            "method": self.method,
            "qubits": self.qubits,
            "max_error": self.max_error,
            "is_equivalent": self.is_equivalent,
            "is_proof": self.is_proof,
            "details": list(self.details),
        }

    def __str__(self) -> str:
        """The certificate in words, one line for each detail."""
        proof = "" if self.is_equivalent is None else ", proven" if self.is_proof else ", not proven"
        error = "" if self.max_error is None else f", error at most {self.max_error:.1e}"
        if self.max_error is not None and (self.method.endswith("probes") or not self.is_equivalent):
            error = f", largest distance {self.max_error:.1e}"
        first = f"{self.verdict}{proof}: {self.method} on {self.qubits} qubits{error}"
        return "\n".join([first, *(f"  {detail}" for detail in self.details)])


@dataclass(frozen=True, slots=True)
class Finding:
    """What one method found out about a part of two circuits. `phase` is that of the first relative to the second."""

    method: str
    is_equivalent: bool | None
    error: float | None
    is_proof: bool
    phase: complex | None = None
    details: tuple[str, ...] = ()

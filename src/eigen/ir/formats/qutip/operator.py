"""`Qobj` operators on qubits as sums of Pauli strings. QuTiP itself is not loaded here: who has a `Qobj` has it."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

from typing import Any

from eigen.ir.formats.objects import refused
from eigen.ir.formats.pauli_sums import pauli_terms

NAME = "qutip"


def width(source: Any, what: str) -> int:
    """The number of qubits that an operator acts on; what is no operator on qubits is refused."""
    if getattr(source, "type", None) != "oper":
        raise refused(
            NAME, f"{what} is no operator, but of the type `{getattr(source, 'type', type(source).__name__)}`"
        )
    left, right = source.dims
    if left != right or any(size != 2 for size in left):
        raise refused(
            NAME, f"{what} has the dims `{source.dims}`, which are no qubits", "qubits have dims [[2, 2], [2, 2]]"
        )
    return len(left)


def terms_of(source: Any, num_qubits: int, what: str) -> dict[str, complex]:
    """Label to weight of an operator on so many qubits."""
    found = width(source, what)
    if found != num_qubits:
        raise refused(NAME, f"{what} acts on `{found}` qubits, and the others on {num_qubits}")
    is_dense = type(source.data).__name__ == "Dense"  # QuTiP drops small entries where it makes it sparse
    return pauli_terms(source.full() if is_dense else source.to("CSR").data_as("csr_matrix"), num_qubits)


def real_terms(source: Any, num_qubits: int, what: str) -> dict[str, float]:
    """Label to weight of a Hermitian operator; others are refused."""
    terms = terms_of(source, num_qubits, what)
    for label, weight in terms.items():
        if weight.imag:
            raise refused(NAME, f"{what} is not Hermitian: `{label or 'the identity'}` has the weight `{weight}`")
    return {label: weight.real for label, weight in terms.items()}

"""Collapse operators of QuTiP's as jumps with rates: Pauli strings, and the ladder operators of a qubit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from eigen.ir.formats.objects import refused
from eigen.ir.formats.qutip.operator import NAME, terms_of

if TYPE_CHECKING:
    from collections.abc import Mapping

ROUNDING = 1e-14  # relative; of a ladder operator's two weights
_LADDER = re.compile(r"X(\d+)")


def jumps_of(operator: Any, num_qubits: int, what: str) -> tuple[list[tuple[str, float]], dict[str, float]]:
    """(jump, rate) of a collapse operator, and what it adds to the Hamiltonian.

    D[L + a] is D[L] and the Hamiltonian i(a* L - a L†)/2 (Wiseman and Milburn, Quantum Measurement and Control, 3.2):
    so a part of the identity goes, and |1><1| and |0><0| are a Z. What is left must be one Pauli string, or |0><1|
    or |1><0| of one qubit.
    """
    terms = terms_of(operator, num_qubits, what)
    shift = terms.pop("", 0j)
    extra = {label: -(shift.conjugate() * weight).imag for label, weight in terms.items()}
    return _jumps(terms, what), {label: weight for label, weight in extra.items() if weight}


def _jumps(terms: Mapping[str, complex], what: str) -> list[tuple[str, float]]:
    if len(terms) < 2:
        return [(label, abs(weight) ** 2) for label, weight in terms.items()]
    for label, weight in terms.items():
        found = _LADDER.fullmatch(label)
        other = terms.get(f"Y{found[1]}") if found and len(terms) == 2 else None
        for sign, name in ((1j, "S-"), (-1j, "S+")):
            if found and other is not None and abs(other - sign * weight) <= ROUNDING * abs(weight):
                return [(f"{name}{found[1]}", abs(2 * weight) ** 2)]
    hint = "one Pauli string, |0><1|, |1><0|, |0><0| or |1><1| of a qubit, each times a number"
    raise refused(NAME, f"{what} is a sum of `{len(terms)}` Pauli strings that is no jump of an evolution", hint)

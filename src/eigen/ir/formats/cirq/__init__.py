"""Cirq's `Circuit`, in and out. It needs the extra `cirq`, which is loaded with this package.

Cirq writes the first qubit as the most significant one, has no registers, no idle qubits and no global phase beside an
operation for it. What it has no place for stands in a tag of an identity at the beginning, which Cirq ignores.
"""

from __future__ import annotations

from eigen.ir.formats.cirq.gates import NAME
from eigen.ir.formats.cirq.reading import load
from eigen.ir.formats.cirq.writing import dump

__all__ = ["NAME", "dump", "load"]

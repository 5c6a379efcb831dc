"""Whether two circuits are the same, with a certificate that says how it was found out and what that proves.

>>> from eigen.ir import CircuitBuilder, decompose
>>> from eigen.ir.equivalence import equivalence
>>> builder = CircuitBuilder(3)
>>> builder.gate("CCX", [0, 1, 2])
>>> toffoli = builder.build()
>>> certificate = equivalence(toffoli, decompose(toffoli, ["CX", "RZ", "SX"]))
>>> certificate.verdict, certificate.method, certificate.is_proof
('equal', 'unitary', True)
"""

from __future__ import annotations

from eigen.ir.equivalence.certificate import Certificate
from eigen.ir.equivalence.check import equivalence

__all__ = ["Certificate", "equivalence"]

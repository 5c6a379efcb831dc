"""From one format to another, with the certificate that what was written reads back as the same circuit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.ir.equivalence.certificate import Certificate
from eigen.ir.formats.table import named

if TYPE_CHECKING:
    from eigen.ir.circuit import Circuit


@dataclass(frozen=True, slots=True)
class Conversion:
    """A document, the circuit that it was made from, and what shows that they are the same, global phase included."""

    format: str
    document: bytes
    circuit: Circuit
    certificate: Certificate


def convert(circuit: Circuit, format: str, *, seed: int = 0) -> Conversion:
    """The document of a circuit in a format of the table, read back and compared.

    The certificate says `undecided` where nothing could decide. Raises EigenError as `dump` does, and EIGEN_INTERNAL
    when the document turns out to be another circuit: it is a defect of this program, and nothing is given out.

    >>> from eigen.ir import load
    >>> done = convert(load("OPENQASM 2.0; qreg q[1]; U(0.1, 0.2, 0.3) q[0];"), "aqo")
    >>> done.certificate.verdict, done.certificate.is_proof
    ('equal', True)
    """
    row = named(format)
    codec = row.codec()
    document = codec.dump(circuit)
    certificate = certify(circuit, codec.load(document), seed=seed, up_to_phase=not row.keeps_phase)
    if certificate.is_equivalent is False:
        message = f"the {format} document of the circuit is another circuit ({certificate.method})"
        raise EigenError("EIGEN_INTERNAL", message, details={"certificate": certificate.to_json()})
    return Conversion(format, document, circuit, certificate)


def certify(before: Circuit, after: Circuit, *, seed: int = 0, up_to_phase: bool = False) -> Certificate:
    """What shows that two circuits are the same, by default with their global phase; at once where all bytes are."""
    if before == after:
        return Certificate("structure", before.num_qubits, 0.0, True, True, ("both have the same digest",))
    from eigen.ir.equivalence import equivalence

    return equivalence(before, after, up_to_phase=up_to_phase, seed=seed)

"""From one format to another, with the certificate that what was written reads back as the same circuit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.equivalence.certificate import Certificate
from eigen.ir.formats import objects
from eigen.ir.formats.table import FORMATS, named

if TYPE_CHECKING:
    from eigen.ir.circuit import Circuit

CHEAP_WORK = 1 << 28
"""Amplitudes times gates that probes of wide circuits may take when nobody asked for more: under a second."""
CHEAP_PROBES = 4


@dataclass(frozen=True, slots=True)
class Conversion:
    """A document or an object of a package, the circuit that it was made from, and what shows that they are the same.

    The global phase is included, but for the formats that have none.
    """

    format: str
    document: Any
    circuit: Circuit
    certificate: Certificate


def convert(source: Any, format: str, *, seed: int = 0, **options: Any) -> Conversion:
    """A circuit, or anything that `load` takes, in a format of the table or as an object of a package, compared.

    What was written is read back. The certificate says `undecided` where nothing could decide. Raises EigenError as
    `load` and `dump` do, and EIGEN_INTERNAL when what was written turns out to be another circuit: it is a defect of
    this program, and nothing is given out.

    >>> done = convert("OPENQASM 2.0; qreg q[1]; U(0.1, 0.2, 0.3) q[0];", "aqo")
    >>> done.certificate.verdict, done.certificate.is_proof
    ('equal', True)
    """
    from eigen.ir.formats import load

    circuit = load(source)
    document = write(circuit, format, **options)
    return Conversion(format, document, circuit, checked(circuit, document, format, seed=seed))


def write(circuit: Circuit, format: str, **options: Any) -> Any:
    """The document or object, unchecked."""
    if format in objects.PACKAGES:
        return objects.dump(circuit, format, **options)
    return named(format).codec().dump(circuit, **options)


def checked(circuit: Circuit, document: Any, format: str, *, seed: int = 0, is_cheap: bool = False) -> Certificate:
    """The certificate of what was written; EIGEN_INTERNAL when it is another circuit.

    `is_cheap` bounds the work on circuits that are too wide for a proof; the verdict is then sooner `undecided`.
    """
    row = FORMATS.get(format)
    try:
        again = objects.load(document, format) if row is None else row.codec().load(document)
    except EigenError as error:
        if error.code != "EIGEN_LIMIT_EXCEEDED":
            raise EigenError("EIGEN_INTERNAL", f"what was written as {format} is not read: {error.message}") from error
        details = (f"what was written is too large to be read back: {error.message}",)
        return Certificate("none", circuit.num_qubits, None, None, False, details)
    keeps_phase = objects.PACKAGES[format].keeps_phase if row is None else row.keeps_phase
    work: dict[str, Any] = {"probes": CHEAP_PROBES, "most_work": CHEAP_WORK} if is_cheap else {}
    certificate = certify(circuit, again, seed=seed, up_to_phase=not keeps_phase, **work)
    if certificate.is_equivalent is False:
        message = f"the {format} document of the circuit is another circuit ({certificate.method})"
        raise EigenError("EIGEN_INTERNAL", message, details={"certificate": certificate.to_json()})
    return certificate


def certify(before: Circuit, after: Circuit, *, seed: int = 0, up_to_phase: bool = False, **work: Any) -> Certificate:
    """What shows that two circuits are the same, by default with their global phase; at once where all bytes are."""
    if before == after:
        return Certificate("structure", before.num_qubits, 0.0, True, True, ("both have the same digest",))
    from eigen.ir.equivalence import equivalence

    return equivalence(before, after, up_to_phase=up_to_phase, seed=seed, **work)

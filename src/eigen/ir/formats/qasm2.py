"""OpenQASM 2, read and written by the core: no global names, no free parameters, one register in a condition."""

from __future__ import annotations

from eigen._core import CoreError, dump_qasm2, load_qasm2
from eigen.errors import EigenError
from eigen.ir.circuit import Circuit, core_errors
from eigen.ir.formats.places import placed


def load(data: bytes, *, where: str = "") -> Circuit:
    """The circuit of an OpenQASM 2 program; registers keep names and order.

    The only include is `qelib1.inc`, which is built in, with the gates that Qiskit added to it. Everything is counted
    before it is expanded. Raises EigenError whose `where` ends in `line:column`: EIGEN_FORMAT_INVALID for a program
    that is not OpenQASM 2, EIGEN_FORMAT_UNSUPPORTED for another include, a gate that is only declared (`opaque`) or a
    newer version, EIGEN_LIMIT_EXCEEDED with the limit and the number.
    """
    try:
        return load_qasm2(data)
    except CoreError as error:
        raise placed(EigenError.from_core(error), where) from None


def dump(circuit: Circuit) -> bytes:
    """The program of a circuit, exact: numbers have all their digits, other gates become gates of `qelib1.inc`.

    Raises EIGEN_FORMAT_UNSUPPORTED for what the language lacks, by name: parameters, WHILE, most conditions on more
    than one register, delays other than in `dt`, registers with names that it does not allow.
    """
    with core_errors():
        return dump_qasm2(circuit)

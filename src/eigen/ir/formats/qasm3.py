"""OpenQASM 3, read and executed by the core: what is known is computed while it is read, the rest while it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen._core import CoreError, dump_qasm3, load_qasm3
from eigen.errors import EigenError
from eigen.ir.circuit import Circuit, core_errors
from eigen.ir.formats.places import placed

if TYPE_CHECKING:
    from collections.abc import Mapping


def load(data: bytes, *, where: str = "", inputs: Mapping[str, float] | None = None) -> Circuit:
    """The circuit of an OpenQASM 3 program.

    `inputs` gives values to `input` variables; those of type `float` and `angle` that have none become parameters of
    the circuit. Its classical bits, and so the keys of its counts, are the `output` variables or, without any, the
    `bit` variables outside of all blocks, in the order of their declaration.

    The only include is `stdgates.inc`, which is built in. Raises EigenError whose `where` ends in `line:column`:
    EIGEN_FORMAT_INVALID for a program that is not OpenQASM 3, EIGEN_FORMAT_UNSUPPORTED for what needs a binding
    (`extern`, `defcal`) or a device (`stretch`, `durationof`) and for what circuits cannot carry, EIGEN_LIMIT_EXCEEDED
    with the limit and the number.
    """
    try:
        return load_qasm3(data, dict(inputs or {}))
    except CoreError as error:
        raise placed(EigenError.from_core(error), where) from None


def dump(circuit: Circuit) -> bytes:
    """The program of a circuit, exact: numbers have all their digits, parameters are inputs, blocks stay blocks.

    Raises EIGEN_FORMAT_UNSUPPORTED for what is not written, by name: a delay by a parameter, and a COMPUTE that the
    language has no form for.
    """
    with core_errors():
        return dump_qasm3(circuit)

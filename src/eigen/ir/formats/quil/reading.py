"""Quil as ours, read by the core: bits as classical registers, reals as parameters, structured jumps as blocks."""

from __future__ import annotations

from eigen._core import CoreError, load_quil
from eigen.errors import EigenError
from eigen.ir.circuit import Circuit
from eigen.ir.formats.places import placed


def load(data: bytes, *, where: str = "") -> Circuit:
    """The circuit of a Quil program; jumps must be those of branches and loops, as pyQuil writes them.

    A loop gets a bound of 1,000,000 rounds unless a pragma tells one. Other pragmas are advice to Rigetti's compiler
    and are left out. Raises EigenError with line and column: EIGEN_FORMAT_INVALID, EIGEN_FORMAT_UNSUPPORTED for what
    circuits do not have, by name, EIGEN_LIMIT_EXCEEDED.
    """
    try:
        return load_quil(data)
    except CoreError as error:
        raise placed(EigenError.from_core(error), where) from None

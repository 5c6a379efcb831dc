"""Stim's circuits as ours, read by the core: each measurement writes the next classical bit, as in Stim's record."""

from __future__ import annotations

from eigen._core import CoreError, load_stim
from eigen.errors import EigenError
from eigen.ir.circuit import Circuit
from eigen.ir.formats.places import placed


def load(data: bytes, *, where: str = "") -> Circuit:
    """The circuit of a Stim document; measurement k of the record is classical bit k.

    A REPEAT without measurements and feedback is a FOR, any other is written out, which is counted before it is done.
    Detectors, observables and coordinates are kept as metadata; TICK is a barrier on all qubits. Raises EigenError
    with line and column: EIGEN_FORMAT_INVALID; EIGEN_FORMAT_UNSUPPORTED for noise, sweep bits and MPAD, by name;
    EIGEN_LIMIT_EXCEEDED.
    """
    try:
        return load_stim(data)
    except CoreError as error:
        raise placed(EigenError.from_core(error), where) from None

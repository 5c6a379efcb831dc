"""QIR as LLVM's bitcode, in and out, by way of its text. It needs the extra `qir`, which never enters this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.ir.formats import qir
from eigen.ir.formats.qir import bitcode

if TYPE_CHECKING:
    from eigen.ir.circuit import Circuit


def load(data: bytes, *, where: str = "") -> Circuit:
    """The circuit of QIR bitcode. Raises as `qir.load`; places are those of the text that LLVM writes for it."""
    return qir.load(bitcode.text_of(data, where).encode(), where=where)


def dump(circuit: Circuit, *, profile: str | None = None) -> bytes:
    """The bitcode of a circuit, of the LLVM in pyqir, which has verified it. Raises as `qir.dump`, and
    EIGEN_NOT_AVAILABLE without the extra."""
    return bitcode.bitcode_of(qir.dump(circuit, profile=profile))

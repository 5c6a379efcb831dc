"""QIR, base and adaptive profiles, as LLVM text in and out; no package is needed. Bitcode is `formats.qir_bitcode`."""

from eigen.ir.formats.qir.reading import load
from eigen.ir.formats.qir.writing import dump

__all__ = ["dump", "load"]

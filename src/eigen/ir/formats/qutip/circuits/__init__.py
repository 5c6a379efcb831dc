"""QuTiP's `QubitCircuit`, in and out. It needs the package qutip-qip, which is loaded with this module."""

from __future__ import annotations

from eigen.ir.formats.qutip.circuits.reading import load
from eigen.ir.formats.qutip.circuits.writing import dump

__all__ = ["dump", "load"]

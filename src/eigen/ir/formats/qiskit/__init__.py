"""Qiskit's `QuantumCircuit`, in and out. It needs the extra `qiskit`, which is loaded with this package."""

from __future__ import annotations

from eigen.ir.formats.qiskit.reading import MAX_ROUNDS, load
from eigen.ir.formats.qiskit.writing import dump

NAME = "qiskit"

__all__ = ["MAX_ROUNDS", "NAME", "dump", "load"]

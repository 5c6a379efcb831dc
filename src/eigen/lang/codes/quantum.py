"""Diagnostic codes of the quantum library (E08xx, W02x)."""

from __future__ import annotations

from eigen.lang.codes.code import Code

QUANTUM_CODES: tuple[Code, ...] = ()

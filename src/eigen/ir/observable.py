"""Observables: the Python door to the Rust core. Real sums of Pauli strings, measured in groups."""

from __future__ import annotations

from eigen._core import Observable, ObservableGroup

__all__ = ["Observable", "ObservableGroup"]

"""The compilers that are measured, by name: which environment each lives in, and which settings it has."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.compile.protocol import Compiler

OURS = "eigen"
ENVIRONMENTS = {OURS: "", "qiskit": "compilers", "pytket": "compilers"}
SETTINGS = {OURS: ("1", "2", "3"), "qiskit": ("1", "2", "3"), "pytket": ("1", "2")}
RAISED = "raised"
"""Qiskit's level 3 with its trials raised until it takes as long as our level 3."""


def compiler(name: str) -> Compiler:
    """The compiler of a name; ImportError where it is not installed."""
    module = {OURS: "ours", "qiskit": "from_qiskit", "pytket": "from_pytket"}[name]
    found: Compiler = import_module(f"bench.compile.compilers.{module}").compiler()
    return found

"""Compiling for devices: their descriptions, and circuits in their terms."""

from __future__ import annotations

from eigen.ir.targets.compilation import Compilation, compile_for
from eigen.ir.targets.knowledge import KnowledgeBase
from eigen.ir.targets.proposals import Candidate, Proposer, Question
from eigen.ir.targets.target import Target, gates_named
from eigen.ir.targets.work import Stage, Timing

__all__ = [
    "Candidate",
    "Compilation",
    "KnowledgeBase",
    "Proposer",
    "Question",
    "Stage",
    "Target",
    "Timing",
    "compile_for",
    "gates_named",
]

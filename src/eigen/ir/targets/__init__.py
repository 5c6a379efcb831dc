"""Compiling for devices: their descriptions, and circuits in their terms."""

from __future__ import annotations

from eigen.ir.targets.compilation import Compilation, Stage, Timing, compile_for
from eigen.ir.targets.target import Target, gates_named

__all__ = ["Compilation", "Stage", "Target", "Timing", "compile_for", "gates_named"]

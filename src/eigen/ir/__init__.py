"""The shared nouns: `Circuit` and its parts, `Observable`, `Evolution`, `Modes`, and the formats they are written in.

All but `Modes` is Rust behind `eigen._core`; `Program` and the compute operations live in their own modules.
"""

from __future__ import annotations

from eigen._core import Counts, NoiseModel, canonical_json
from eigen.ir.circuit import (
    Affine,
    Circuit,
    CircuitBuilder,
    Condition,
    GateInfo,
    Instruction,
    PassStep,
    apply_pass,
    core_errors,
    decompose,
    elide_swaps,
    gate_matrix,
    gate_table,
    optimise,
    optimise_relabelled,
    pass_names,
    simplify,
    verify,
)
from eigen.ir.evolution import Coefficient, Evolution, Propagation
from eigen.ir.formats import dump, load
from eigen.ir.modes import ModeObservable, ModeOperation, Modes
from eigen.ir.observable import Observable, ObservableGroup
from eigen.ir.targets import Compilation, Target, compile_for

__all__ = [
    "Affine",
    "Circuit",
    "CircuitBuilder",
    "Coefficient",
    "Compilation",
    "Condition",
    "Counts",
    "Evolution",
    "GateInfo",
    "Instruction",
    "ModeObservable",
    "ModeOperation",
    "Modes",
    "NoiseModel",
    "Observable",
    "ObservableGroup",
    "PassStep",
    "Propagation",
    "Target",
    "apply_pass",
    "canonical_json",
    "compile_for",
    "core_errors",
    "decompose",
    "dump",
    "elide_swaps",
    "gate_matrix",
    "gate_table",
    "load",
    "optimise",
    "optimise_relabelled",
    "pass_names",
    "simplify",
    "verify",
]

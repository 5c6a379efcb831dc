"""Circuits: the Python door to the Rust core. Holds names and the translation of errors, no logic."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from eigen._core import (
    Affine,
    Circuit,
    CircuitBuilder,
    Condition,
    CoreError,
    GateInfo,
    Instruction,
    PassStep,
    apply_pass,
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
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = [
    "Affine",
    "Circuit",
    "CircuitBuilder",
    "Condition",
    "CoreError",
    "GateInfo",
    "Instruction",
    "PassStep",
    "apply_pass",
    "core_errors",
    "decompose",
    "elide_swaps",
    "gate_matrix",
    "gate_table",
    "optimise",
    "optimise_relabelled",
    "pass_names",
    "simplify",
    "verify",
]


@contextmanager
def core_errors(where: str = "") -> Generator[None]:
    """Raises errors of the core as `EigenError` with the same code, message and hint.

    `where` says what was worked on, such as a file name.

    >>> with core_errors():
    ...     CircuitBuilder(1).gate("H", [0, 1])
    Traceback (most recent call last):
    ...
    eigen.errors.EigenError: operation 0 (H): H acts on 1 qubit, not on `2`
    """
    try:
        yield
    except CoreError as error:
        public = EigenError.from_core(error)
        public.where = where
        raise public from None

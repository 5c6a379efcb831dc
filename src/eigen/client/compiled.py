"""`CompiledRemotely`: a program that a server compiled, read when it is looked at."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from eigen.ir import Circuit, core_errors
from eigen.ir.program import Program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.types import CompiledDocument, Json


class CompiledRemotely:
    """A `Compilation` from documents."""

    def __init__(self, document: CompiledDocument) -> None:
        self.document = document

    @property
    def report(self) -> Mapping[str, Json]:
        """What the compiler did."""
        return self.document.report

    @cached_property
    def program(self) -> Program:
        """The program; EIGEN_PROGRAM_INVALID for a document that is none."""
        return Program.from_json(self.document.program)

    @cached_property
    def circuit(self) -> Circuit | None:
        """The main circuit; EIGEN_AQO_INVALID for a document that is none."""
        if self.document.circuit is None:
            return None
        with core_errors("circuit.aqo.json"):
            return Circuit.from_aqo(self.document.circuit)

"""pyQuil's `Program`, in and out, through its text. It needs the extra `pyquil`, which is loaded with this module."""

# pyright: reportMissingTypeStubs=false, reportMissingImports=false, reportUnknownMemberType=false
# pyright: reportUnknownVariableType=false, reportUnknownArgumentType=false, reportAttributeAccessIssue=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pyquil import Program

from eigen.ir.formats import quil
from eigen.ir.formats.objects import refused

if TYPE_CHECKING:
    from eigen.ir.circuit import Circuit

NAME = "pyquil"


def load(source: Any) -> Circuit:
    """The circuit of a `Program`, as its text says it; labels that are only placeholders are numbered first."""
    if not isinstance(source, Program):
        raise refused(NAME, f"a `{type(source).__qualname__}` is no Program of pyQuil")
    resolved: Any = source.copy()
    resolved.resolve_placeholders()
    return quil.load(resolved.out().encode(), where=NAME)


def dump(circuit: Circuit) -> Any:
    """The `Program`; refused is what Quil cannot say."""
    return Program(quil.dump(circuit).decode())

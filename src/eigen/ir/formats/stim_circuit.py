"""Stim's `Circuit`, in and out, through its text. It needs the extra `stim`, which is loaded with this module."""

# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import stim

from eigen.ir.formats import stim as text
from eigen.ir.formats.objects import refused

if TYPE_CHECKING:
    from eigen.ir.circuit import Circuit

NAME = "stim.Circuit"


def load(source: Any) -> Circuit:
    """The circuit of a `stim.Circuit`, as its text says it."""
    if not isinstance(source, stim.Circuit):
        raise refused(NAME, f"a `{type(source).__qualname__}` is no Circuit of Stim")
    return text.load(str(source).encode(), where=NAME)


def dump(circuit: Circuit) -> Any:
    """The `stim.Circuit`; refused is what its text cannot say."""
    return stim.Circuit(text.dump(circuit).decode())

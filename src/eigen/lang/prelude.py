"""The names of the language: what a program may use without defining it. Made from the table of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.lang.library.catalogue import ENTRIES
from eigen.lang.values import Builtin, Object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.lang.values import Value

_DECORATORS = frozenset({"hybrid_program", "quantum_circuit", "ansatz", "cost_function"})

__all__ = ["ENTRIES", "PRELUDE"]

PRELUDE: Mapping[str, Value] = {
    entry.name: entry.value
    if isinstance(entry.value, Object)
    else Builtin(
        entry.name,
        entry.value,
        signature=entry.signature,
        doc=entry.doc,
        module="eigen_lang",
        decorator=entry.name in _DECORATORS,
    )
    for entry in ENTRIES
}
"""Name -> value, for every name that `from eigen_lang import …` knows."""

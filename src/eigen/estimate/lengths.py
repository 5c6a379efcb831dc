"""How long the sequences of a region are, as far as that is known before it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.ir.array import Array, is_sequence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir.program import Node

ITEMS = frozenset({"list", "tuple", "stack"})
"""Operations whose value has an item for each argument."""
ARITHMETIC = frozenset({"add", "sub", "mul", "truediv", "neg", "pos", "pow", "clip", "astype"})
KEEPS = ARITHMETIC | {"sorted", "reversed", "flip", "sort", "roll", "to_list", "to_tuple", "tolist", "enumerate"}
"""Operations whose value is as long as an argument."""


def length_of(node: Node, args: Sequence[int | None]) -> int | None:
    """The length of a node's value, or None: from what is static, and the lengths of its arguments."""
    if node.op == "const":
        return _static(node.attrs["value"])
    if node.op in ITEMS:
        return len(args)
    known = [length for length in args if length is not None]
    if node.op == "zip":
        return min(known) if known and len(known) == len(args) else None
    if node.op in KEEPS:
        return max(known, default=None)
    if node.op == "index":  # with an array of places: as many rows as it has places
        return args[1] if node.type in {"array", "list"} else None
    if node.op == "map":
        return args[0]
    return None


def _static(value: Any) -> int | None:
    if isinstance(value, Array):
        return value.shape[0] if value.shape else None
    return len(value) if is_sequence(value) else None

"""The scalars that GraphQL lacks: whole numbers of 64 bits, and JSON."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any, NewType

from graphql import FloatValueNode, GraphQLError, IntValueNode, ListValueNode, ObjectValueNode, value_from_ast_untyped
from strawberry import scalar

if TYPE_CHECKING:
    from graphql import ValueNode

if TYPE_CHECKING:
    Long = int
    JSON = Any
else:
    Long = NewType("Long", int)
    JSON = NewType("JSON", object)

LOWEST, HIGHEST = -(2**63), 2**64 - 1
MAX_LITERAL_DEPTH = 20


def _long(value: Any) -> int:
    """A whole number, or its decimal digits as text (for callers whose numbers are doubles)."""
    number = value
    if isinstance(value, str) and len(value) <= 20 and value.isascii() and value.removeprefix("-").isdigit():
        number = int(value)
    if isinstance(number, bool) or not isinstance(number, int) or not LOWEST <= number <= HIGHEST:
        raise GraphQLError("a Long is a whole number of 64 bits")
    return number


def _literal(node: ValueNode, variables: dict[str, Any] | None = None) -> Any:
    _check_literal(node, 0)
    return value_from_ast_untyped(node, variables)


def _check_literal(node: ValueNode, depth: int) -> None:
    if depth > MAX_LITERAL_DEPTH:
        raise GraphQLError(f"a JSON literal nests deeper than {MAX_LITERAL_DEPTH}; use a variable")
    if isinstance(node, FloatValueNode) and not isfinite(float(node.value)):
        raise GraphQLError("a number of a JSON literal does not fit into 64 bits")
    if isinstance(node, IntValueNode) and len(node.value) > 1_233:
        raise GraphQLError("a whole number of a JSON literal has too many digits")
    if isinstance(node, ListValueNode):
        for item in node.values:
            _check_literal(item, depth + 1)
    elif isinstance(node, ObjectValueNode):
        for entry in node.fields:
            _check_literal(entry.value, depth + 1)


SCALARS: dict[object, Any] = {
    Long: scalar(
        name="Long",
        description="A whole number of up to 64 bits, written in full; digits as text are accepted too.",
        serialize=int,
        parse_value=_long,
    ),
    JSON: scalar(
        name="JSON",
        description="Any JSON value; whole numbers are written in full.",
        serialize=lambda value: value,
        parse_value=lambda value: value,
        parse_literal=_literal,
    ),
}

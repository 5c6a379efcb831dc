"""`get_program_ast`: the program's own syntax tree as plain lists and dicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.ir.values import is_list
from eigen.lang.binding import bind
from eigen.lang.evaluate.names import is_node
from eigen.lang.parse import FIELDS

if TYPE_CHECKING:
    from eigen.lang.context import Context
    from eigen.lang.values import Call, Value

MAX_DEPTH = 24
"""Deeper parts are named by their kind only, so that the result stays within the nesting of values."""


def get_program_ast(ctx: Context, call: Call) -> Value:
    """`get_program_ast()`: {"kind": "Module", "body": […]}; each node has `kind`, `line`, `column` and its fields."""
    bind(call, "")
    tree = ctx.evaluator.tree if ctx.evaluator is not None else []
    budget = [ctx.limits.container_elements // 2]
    body = [_node(ctx, node, 1, budget) for node in tree]
    if budget[0] < 0:
        ctx.fail("E0605", "the program's tree has too many parts to be a value", call.span)
    return {"kind": "Module", "body": body}


def _node(ctx: Context, value: Any, depth: int, budget: list[int]) -> Value:
    ctx.charge(1)
    budget[0] -= 1
    if not is_list(value) or budget[0] < 0:
        return value if isinstance(value, (str, int, float, bool, type(None))) else "…"
    items = value
    if not is_node(items):
        return [_node(ctx, item, depth + 1, budget) for item in items] if depth < 2 * MAX_DEPTH else []
    kind = items[0]
    made: dict[str, Value] = {"kind": kind, "line": items[1], "column": items[2]}
    if depth >= MAX_DEPTH:
        return made
    names = ["branches", "orelse"] if kind == "If" else [name for name, how in FIELDS.get(kind, ()) if how != "skip"]
    for name, item in zip(names, items[5:], strict=False):
        made[name] = _node(ctx, item, depth + 1, budget)
    return made

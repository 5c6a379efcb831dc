"""`and`, `or`, `x if c else y`: decided now where the condition is static, else at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.lang.evaluate.fork import evaluate_side, fork, is_conditional
from eigen.lang.evaluate.operate import truth
from eigen.lang.regions import Dyn
from eigen.lang.reification import describe
from eigen.lang.values import Object

if TYPE_CHECKING:
    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.evaluate.frame import Expression, Frame
    from eigen.lang.values import Value


def conjunction(
    ctx: Context, frame: Frame, word: str, left: Value, right: Expression, left_span: Span, right_span: Span
) -> tuple[bool, Value]:
    """`left and right`, `left or right`: whether that decides the whole chain, and the value."""
    if isinstance(left, Dyn):
        return False, _runtime_conjunction(ctx, frame, word, left, right, right_span)
    if is_conditional(ctx, left, left_span) is not None:
        return False, _bit_conjunction(ctx, word, left, right(frame), right_span)
    if truth(ctx, left, left_span) == (word == "or"):
        return True, left
    return False, right(frame)


def _runtime_conjunction(ctx: Context, frame: Frame, word: str, left: Dyn, right: Expression, span: Span) -> Value:
    side = evaluate_side(ctx, frame, right)
    other = side.result
    if not side.region.nodes and not side.changes and side.variables == frame.vars:
        if isinstance(other, Object):
            ctx.fail("E0402", f"`{word}` of a run-time value and {describe(other)} is not defined", span)
        return ctx.emit(word, [left, other], span=span)

    def kept(inner: Frame) -> Value:
        return left

    runs = (right, kept) if word == "and" else (kept, right)
    return fork(ctx, frame, left, runs, span, lambda a, b: [(a, b)])[0]


def _bit_conjunction(ctx: Context, word: str, left: Object, right: Value, span: Span) -> Value:
    if isinstance(right, bool):
        return left if right == (word == "and") else right
    result = left.binary(ctx, word, right, False, span)
    if result is NotImplemented:
        ctx.fail("E0402", f"`{word}` of measured bits and {describe(right)} is not defined", span)
    return result


def choose(ctx: Context, frame: Frame, condition: Value, body: Expression, orelse: Expression, span: Span) -> Value:
    """`body if condition else orelse` for a condition that is no plain bool."""
    if isinstance(condition, Dyn):
        return fork(ctx, frame, condition, (body, orelse), span, lambda a, b: [(a, b)])[0]
    if is_conditional(ctx, condition, span) is not None:
        ctx.fail(
            "E0502",
            "a value cannot be chosen by a measured bit while the circuit runs",
            span,
            hint="write `if bit:` with gates in it, or decide after the run from its counts",
        )
    return body(frame) if truth(ctx, condition, span) else orelse(frame)

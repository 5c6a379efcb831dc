"""Tracing: a user function evaluated with run-time arguments into a region of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.ir.values import type_of
from eigen.lang.context import RuntimeParameter, Traced
from eigen.lang.journal import Journal
from eigen.lang.regions import Dyn, Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Value


def trace(ctx: Context, function: Value, params: Sequence[RuntimeParameter | Value], span: Span) -> Traced:
    """Evaluate a function into a region; see `Context.trace`."""
    outer_region, outer_journal = ctx.region, ctx.journal
    region = ctx.new_region()
    arguments: list[Value] = []
    for param in params:
        if isinstance(param, RuntimeParameter):
            made = region.parameter(param.type, Origin(param.what, span), length=param.length)
            arguments.append(made)
        else:
            arguments.append(param)
    ctx.region, ctx.journal = region, Journal(outer_journal, "a function that runs many times")
    ctx.push_circuit(None)
    try:
        value = ctx.call(function, arguments, span=span)
        held = ctx.reify(value, span)
        index = ctx.use(held, span)
    finally:
        ctx.pop_circuit()
        ctx.region, ctx.journal = outer_region, outer_journal
    kind = held.type if isinstance(held, Dyn) else type_of(held)
    return Traced(region.finish([index]), region.captures, (kind,), value, tuple(arguments))

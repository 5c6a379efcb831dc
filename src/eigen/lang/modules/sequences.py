"""Built-ins over sequences: sum, min, max, sorted, map, filter, zip, enumerate, any, all, reversed, range, len."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.lang.binding import bind
from eigen.lang.evaluate.access import elements, iterate, length_of
from eigen.lang.evaluate.operate import binary, compare, truth
from eigen.lang.journal import own
from eigen.lang.regions import Dyn
from eigen.lang.reification import describe, find_dynamic
from eigen.lang.values import Sym

if TYPE_CHECKING:
    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Call, Value


def runs_later(value: Value) -> bool:
    """Whether a value is a run-time value whose elements cannot be listed at compile time."""
    return isinstance(value, Dyn) and (value.length is None or value.type == "dict")


def _keys(ctx: Context, value: Value, span: Span) -> Value:
    """Python iterates over the keys of dicts and counts."""
    if isinstance(value, Dyn) and value.type in {"dict", "counts"}:
        return ctx.emit("keys", [value], type="list", span=span)
    return value


def length(ctx: Context, call: Call) -> Value:
    """`len(x)`."""
    (value,) = bind(call, "x")
    return length_of(ctx, value, call.span)


def make_range(ctx: Context, call: Call) -> Value:
    """`range(stop)`, `range(start, stop, step)`."""
    (bounds,) = bind(call, "*bounds")
    if not 1 <= len(bounds) <= 3:
        ctx.fail("E0401", f"`range` takes one to three bounds, not {len(bounds)}", call.span)
    for place, bound in enumerate(bounds):
        span = call.span_of(place)
        ctx.require_static(bound, "a bound of `range`", span, hint="loop with `while`, or over a run-time list")
        if isinstance(bound, bool) or not isinstance(bound, int):
            ctx.fail("E0402", f"a bound of `range` is an integer, not {describe(bound)}", span)
        if abs(bound) >= 1 << 62:
            ctx.fail("E0403", "a bound of `range` must fit into 62 bits", span)
    if len(bounds) == 3 and bounds[2] == 0:
        ctx.fail("E0403", "the step of `range` cannot be zero", call.span)
    return range(*bounds)


def total(ctx: Context, call: Call) -> Value:
    """`sum(items, start=0)`: left to right."""
    items, start = bind(call, "items, start=0")
    if isinstance(items, Dyn) and (runs_later(items) or items.type == "array"):
        args = [_keys(ctx, items, call.span)] + ([start] if start != 0 or isinstance(start, (Dyn, float)) else [])
        kind = "float" if items.type == "array" and items.length is not None else None
        return ctx.emit("sum", args, type=kind, span=call.span)
    result: Value = start
    if isinstance(start, str):
        ctx.fail("E0402", "`sum` does not join strings", call.span, hint='write `"".join(items)`')
    for item in iterate(ctx, items, call.span):
        ctx.charge(2)
        result = binary(ctx, "+", "add", result, item, call.span)
    return own(ctx, result)


def _extreme(word: str) -> Any:
    symbol, op = ("<", "lt") if word == "min" else (">", "gt")

    def extreme(ctx: Context, call: Call) -> Value:
        items, key, default = bind(call, "*items, key=None, default='_MISSING_'")
        if not items:
            ctx.fail("E0401", f"`{word}` needs something to compare", call.span)
        source: Value = items[0] if len(items) == 1 else items
        if runs_later(source):
            if key is not None:
                ordered = sort_values(ctx, source, key, word == "max", call.span)
                return ctx.emit("index", [ordered, 0], span=call.span)
            return ctx.emit(word, [_keys(ctx, source, call.span)], span=call.span)
        values = elements(ctx, source, call.span)
        if not values:
            if default != "_MISSING_":
                return default
            ctx.fail("E0403", f"`{word}` of nothing", call.span, hint=f"write `{word}(items, default=0)`")
        keys = values if key is None else [ctx.call(key, (item,), span=call.span) for item in values]
        if any(isinstance(item, Dyn) for item in keys):
            if key is None:
                return ctx.emit(word, values, span=call.span)
            ordered = ctx.emit("sorted_by", [values, keys], attrs={"reverse": word == "max"}, span=call.span)
            return ctx.emit("index", [ordered, 0], span=call.span)
        best = 0
        for place in range(1, len(values)):
            ctx.charge(1)
            if truth(ctx, compare(ctx, symbol, op, keys[place], keys[best], call.span), call.span):
                best = place
        return values[best]

    return extreme


smallest = _extreme("min")
largest = _extreme("max")


def sort_values(ctx: Context, items: Value, key: Value, reverse: Value, span: Span) -> Value:
    """`sorted(items, key=key, reverse=reverse)`: a list, or a run-time list."""
    ctx.require_static(reverse, "`reverse`", span)
    backwards = truth(ctx, reverse, span)
    if runs_later(items):
        rows = _keys(ctx, items, span)
        if key is None:
            return ctx.emit("sorted", [rows], attrs={"reverse": backwards}, type="list", span=span)
        order = map_rows(ctx, key, rows, span)
        return ctx.emit("sorted_by", [rows, order], attrs={"reverse": backwards}, type="list", span=span)
    values = elements(ctx, items, span)
    keys = values if key is None else [ctx.call(key, (item,), span=span) for item in values]
    if any(isinstance(find_dynamic(item), Dyn) for item in keys):
        return ctx.emit(
            "sorted_by", [values, keys], attrs={"reverse": backwards}, type="list", span=span, length=len(values)
        )
    places = ctx.apply("sorted_by", [list(range(len(keys))), keys], attrs={"reverse": backwards}, span=span)
    return own(ctx, [values[place] for place in places])


def in_order(ctx: Context, call: Call) -> Value:
    """`sorted(items, key=None, reverse=False)`."""
    items, key, reverse = bind(call, "items, *, key=None, reverse=False")
    return sort_values(ctx, items, key, reverse, call.span)


def map_rows(ctx: Context, function: Value, rows: Value, span: Span) -> Value:
    """A function applied to every element of a run-time list, as a `map` stage."""
    from eigen.lang.context import RuntimeParameter

    traced = ctx.trace(function, [RuntimeParameter("any", what="this loop over a run-time value")], span=span)
    made = ctx.emit("map", [rows, *traced.captures], type="any", regions=[traced.region], span=span)
    return ctx.emit("to_list", [made], type="list", span=span)


def apply_map(ctx: Context, call: Call) -> Value:
    """`map(function, *items)`: evaluated as a list."""
    function, sources = bind(call, "function, *items")
    if len(sources) == 1 and runs_later(sources[0]):
        return map_rows(ctx, function, _keys(ctx, sources[0], call.span), call.span)
    columns = [elements(ctx, source, call.span) for source in sources]
    if not columns:
        ctx.fail("E0401", "`map` needs something to go through", call.span)
    rows = zip(*columns, strict=False)
    return own(ctx, [ctx.call(function, row, span=call.span) for row in rows])


def apply_filter(ctx: Context, call: Call) -> Value:
    """`filter(function, items)`: evaluated as a list."""
    function, items = bind(call, "function, items")
    made: list[Value] = []
    for item in elements(ctx, items, call.span):
        chosen = item if function is None else ctx.call(function, (item,), span=call.span)
        if truth(ctx, chosen, call.span):
            made.append(item)
    return own(ctx, made)


def pair_up(ctx: Context, call: Call) -> Value:
    """`zip(*items, strict=False)`: evaluated as a list."""
    sources, strict = bind(call, "*items, strict=False")
    if any(runs_later(source) for source in sources):
        return ctx.emit("zip", [_keys(ctx, source, call.span) for source in sources], type="list", span=call.span)
    columns = [iterate(ctx, source, call.span) for source in sources]
    if strict is True and len({len(column) for column in columns}) > 1:
        ctx.fail("E0403", "`zip` got sequences of different lengths", call.span)
    shortest = min((len(column) for column in columns), default=0)
    if shortest > ctx.limits.container_elements:
        ctx.fail("E0605", f"the list has more than {ctx.limits.container_elements} elements", call.span)
    ctx.charge(shortest * len(columns))
    return own(ctx, list(zip(*columns, strict=False)))


def number_items(ctx: Context, call: Call) -> Value:
    """`enumerate(items, start=0)`: evaluated as a list."""
    items, start = bind(call, "items, start=0")
    if runs_later(items):
        return ctx.emit("enumerate", [_keys(ctx, items, call.span), start], type="list", span=call.span)
    if type(start) is not int:
        ctx.fail("E0402", f"the start of `enumerate` is an integer, not {describe(start)}", call.span)
    values = iterate(ctx, items, call.span)
    if len(values) > ctx.limits.container_elements:
        ctx.fail("E0605", f"the list has more than {ctx.limits.container_elements} elements", call.span)
    ctx.charge(2 * len(values))
    return own(ctx, list(enumerate(values, start)))


def backwards(ctx: Context, call: Call) -> Value:
    """`reversed(items)`: evaluated as a list."""
    (items,) = bind(call, "items")
    if runs_later(items):
        return ctx.emit("reversed", [_keys(ctx, items, call.span)], type="list", span=call.span)
    if isinstance(items, range):
        return items[::-1]
    return own(ctx, elements(ctx, items, call.span)[::-1])


def _quantifier(word: str) -> Any:
    def quantifier(ctx: Context, call: Call) -> Value:
        (items,) = bind(call, "items")
        if runs_later(items):
            return ctx.emit(word, [_keys(ctx, items, call.span)], type="bool", span=call.span)
        values = iterate(ctx, items, call.span)
        if any(isinstance(item, Dyn) for item in values):
            return ctx.emit(word, [list(values)], type="bool", span=call.span)
        return any(truth(ctx, item, call.span) == (word == "any") for item in values) == (word == "any")

    return quantifier


any_of = _quantifier("any")
all_of = _quantifier("all")


def as_list(ctx: Context, value: Value, span: Span) -> Value:
    """`list(x)`."""
    if runs_later(value):
        return ctx.emit("to_list", [_keys(ctx, value, span)], type="list", span=span)
    if isinstance(value, (Sym, int, float, complex)) or value is None:
        ctx.fail("E0402", f"{describe(value)} cannot be made a list", span)
    values = iterate(ctx, value, span)
    if len(values) > ctx.limits.container_elements:
        ctx.fail("E0605", f"the list has {len(values)} elements; the limit is {ctx.limits.container_elements}", span)
    ctx.charge(2 * len(values))
    return own(ctx, list(values))

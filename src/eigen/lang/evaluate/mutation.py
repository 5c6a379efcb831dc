"""Methods that change a list or dict in place: append, extend, insert, pop, remove, sort, reverse, update, …"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.lang.binding import bind
from eigen.lang.journal import announce
from eigen.lang.regions import Dyn
from eigen.lang.reification import describe, find_dynamic

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Call, Value


def _room(ctx: Context, container: list[Any] | dict[Any, Any], more: int, span: Span) -> None:
    if len(container) + more > ctx.limits.container_elements:
        kind = type(container).__name__
        ctx.fail("E0605", f"a {kind} has more than {ctx.limits.container_elements} elements", span)
    ctx.charge(2 * more)


def _static_list(ctx: Context, value: Any, call: Call) -> list[Any]:
    if not isinstance(value, list):
        name = call.name or "this method"
        reason = "a run-time value cannot" if isinstance(value, Dyn) else f"{describe(value)} cannot"
        ctx.fail(
            "E0504",
            f"{reason} be changed in place by `{name}`",
            call.span,
            hint="make a new one: `x = x + [y]`",
            secondary=ctx.provenance(value) if isinstance(value, Dyn) else (),
        )
    announce(ctx, value, call.span)
    return value  # pyright: ignore[reportUnknownVariableType]


def _append(ctx: Context, value: Any, call: Call) -> Value:
    (item,) = bind(call, "item")
    items = _static_list(ctx, value, call)
    _room(ctx, items, 1, call.span)
    items.append(item)


def _extend(ctx: Context, value: Any, call: Call) -> Value:
    from eigen.lang.evaluate.access import elements

    (more,) = bind(call, "items")
    found = elements(ctx, more, call.span)
    items = _static_list(ctx, value, call)
    _room(ctx, items, len(found), call.span)
    items.extend(found)


def _index(ctx: Context, index: Value, call: Call) -> int:
    ctx.require_static(index, "a place in a list", call.span)
    if type(index) is not int:
        ctx.fail("E0402", f"a place in a list is an integer, not {describe(index)}", call.span)
    return index


def _insert(ctx: Context, value: Any, call: Call) -> Value:
    index, item = bind(call, "index, item")
    items = _static_list(ctx, value, call)
    _room(ctx, items, 1, call.span)
    ctx.charge(len(items))
    items.insert(_index(ctx, index, call), item)


def _pop(ctx: Context, value: Any, call: Call) -> Value:
    (index,) = bind(call, "index=-1")
    items = _static_list(ctx, value, call)
    place = _index(ctx, index, call)
    if not -len(items) <= place < len(items):
        ctx.fail("E0404", f"index `{place}` is out of range: there are {len(items)} elements", call.span)
    ctx.charge(len(items) - place if place >= 0 else -place)
    return items.pop(place)


def _remove(ctx: Context, value: Any, call: Call) -> Value:
    from eigen.lang.evaluate.operate import compare, truth

    (item,) = bind(call, "item")
    items = _static_list(ctx, value, call)
    for place, other in enumerate(items):
        ctx.charge(1)
        if truth(ctx, compare(ctx, "==", "eq", other, item, call.span), call.span):
            del items[place]
            return
    ctx.fail("E0404", "the list holds no such element", call.span)


def _sort(ctx: Context, value: Any, call: Call) -> Value:
    from eigen.lang.modules.sequences import sort_values

    key, reverse = bind(call, "*, key=None, reverse=False")
    items = _static_list(ctx, value, call)
    result = sort_values(ctx, items, key, reverse, call.span)
    if isinstance(result, Dyn):
        ctx.fail_runtime(result, "what `sort` orders", call.span, hint="use `sorted(x)`: it gives a new list")
    items[:] = result


def _reverse(ctx: Context, value: Any, call: Call) -> Value:
    bind(call, "")
    items = _static_list(ctx, value, call)
    ctx.charge(len(items))
    items.reverse()


def _clear(ctx: Context, value: Any, call: Call) -> Value:
    bind(call, "")
    if isinstance(value, dict):
        announce(ctx, value, call.span)
        value.clear()  # pyright: ignore[reportUnknownMemberType]
    else:
        _static_list(ctx, value, call).clear()


def _static_dict(ctx: Context, value: Any, call: Call) -> dict[Any, Any]:
    if not isinstance(value, dict):
        ctx.fail(
            "E0504",
            f"{describe(value)} cannot be changed in place by `{call.name or 'this method'}`",
            call.span,
            hint="make a new one: `{**x, key: value}`",
        )
    announce(ctx, value, call.span)
    return value  # pyright: ignore[reportUnknownVariableType]


def _update(ctx: Context, value: Any, call: Call) -> Value:
    from eigen.lang.evaluate.access import check_key

    other, named = bind(call, "other=None, **named")
    items = _static_dict(ctx, value, call)
    found: dict[Any, Any] = dict(named)
    if other is not None:
        if not isinstance(other, dict):
            ctx.fail("E0402", f"`update` takes a dict here, not {describe(other)}", call.span)
        found = {**other, **named}  # pyright: ignore[reportUnknownVariableType]
    for key in found:
        check_key(ctx, key, call.span)
    _room(ctx, items, 2 * len(found), call.span)
    items.update(found)


def _setdefault(ctx: Context, value: Any, call: Call) -> Value:
    from eigen.lang.evaluate.access import check_key

    key, default = bind(call, "key, default=None")
    items = _static_dict(ctx, value, call)
    check_key(ctx, key, call.span)
    _room(ctx, items, 1, call.span)
    return items.setdefault(key, default)


def _dict_pop(ctx: Context, value: Any, call: Call) -> Value:
    (key, rest) = bind(call, "key, *default")
    items = _static_dict(ctx, value, call)
    if find_dynamic(key) is not None or isinstance(key, (list, dict)):
        ctx.fail("E0402", f"{describe(key)} cannot be a key", call.span)
    if key in items:
        return items.pop(key)
    if not rest:
        ctx.fail("E0404", "the dict holds no such key", call.span)
    return rest[0]


LIST_MUTATIONS: dict[str, Callable[[Context, Any, Call], Value]] = {
    "append": _append,
    "extend": _extend,
    "insert": _insert,
    "pop": _pop,
    "remove": _remove,
    "sort": _sort,
    "reverse": _reverse,
    "clear": _clear,
}

DICT_MUTATIONS: dict[str, Callable[[Context, Any, Call], Value]] = {
    "update": _update,
    "setdefault": _setdefault,
    "pop": _dict_pop,
    "clear": _clear,
}

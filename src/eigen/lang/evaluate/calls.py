"""Calls to closures: arguments in order, `*args` and `**kwargs`, methods of plain values without a detour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.lang.binding import bind
from eigen.lang.diagnostics import Span
from eigen.lang.evaluate.access import elements
from eigen.lang.evaluate.attributes import call_method
from eigen.lang.evaluate.compiler import span_of
from eigen.lang.evaluate.names import GROWING
from eigen.lang.regions import Dyn
from eigen.lang.reification import describe
from eigen.lang.values import Call, Object

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.lang.evaluate.compiler import Compiler
    from eigen.lang.evaluate.frame import Expression, Frame
    from eigen.lang.tree import TreeNode
    from eigen.lang.values import Value


def compile_call(c: Compiler, node: TreeNode) -> Expression:
    """`f(...)` and `x.method(...)`."""
    function, span, ctx = node[5], span_of(node), c.ctx
    make = _compile_arguments(c, node[6], node[7], span, _name_of(function))
    if function[0] == "Attribute" and not function[6].startswith("__"):
        receiver, name, place = c.expression(function[5]), function[6], span_of(function)
        grow = _compile_growth(c, function[5]) if name in GROWING else None

        def method(frame: Frame) -> Value:
            target = receiver(frame)
            if isinstance(target, Object):
                return ctx_call(target.get_attr(ctx, name, place), make(frame))
            if grow is not None and isinstance(target, Dyn) and target.type in {"list", "any"}:
                return grow(frame, target, name, make(frame))
            return call_method(ctx, target, name, make(frame), place)

        def ctx_call(value: Value, call: Call) -> Value:
            if isinstance(value, Object):
                return value.call(ctx, call)
            return ctx.fail("E0402", f"{describe(value)} cannot be called", span)

        return method
    target = c.expression(function)

    def call(frame: Frame) -> Value:
        value = target(frame)
        if isinstance(value, Object):
            return value.call(ctx, make(frame))
        return ctx.fail("E0402", f"{describe(value)} cannot be called", span)

    return call


def _compile_growth(c: Compiler, node: TreeNode) -> Callable[[Frame, Dyn, str, Call], None] | None:
    """`x.append(y)` of a run-time list in a local variable: the variable gets the longer list."""
    found = c.scope.find(node[5]) if node[0] == "Name" else None
    if found is None or found[0] != 0:
        return None
    slot, ctx = found[1], c.ctx

    def grow(frame: Frame, target: Dyn, name: str, call: Call) -> None:
        (value,) = bind(call, "item")
        more = [value] if name == "append" else value
        frame.vars[slot] = ctx.emit("add", [target, more], type="list", span=call.span)

    return grow


def _name_of(node: TreeNode) -> str:
    if node[0] == "Name":
        return node[5]
    return node[6] if node[0] == "Attribute" else ""


def _compile_arguments(
    c: Compiler, args: list[Any], keywords: list[Any], span: Span, name: str
) -> Callable[[Frame], Call]:
    starred = any(node[0] == "Starred" for node in args) or any(key is None for key, _, _ in keywords)
    places = tuple(span_of(node) for node in args)
    keys = {key: span_of(value) for key, value, _ in keywords if key is not None}
    seen: set[str] = set()
    for key, _, place in keywords:
        if key is not None and key in seen:
            c.refuse("E0101", f"the argument `{key}` stands twice", Span(*place))
        seen.add(key or "")
        if key is not None and key.startswith("__"):
            c.refuse("E0209", f"the argument `{key}` is not part of the language", Span(*place))
    if starred:
        return _compile_starred(c, args, keywords, span, name)
    parts = [c.expression(node) for node in args]
    named = [(key, c.expression(value)) for key, value, _ in keywords]
    if not named:
        if len(parts) == 1:
            only = parts[0]
            return lambda frame: Call((only(frame),), _NOTHING, span, name, places, keys)
        return lambda frame: Call(tuple([part(frame) for part in parts]), _NOTHING, span, name, places, keys)
    return lambda frame: Call(
        tuple([part(frame) for part in parts]),
        {key: value(frame) for key, value in named},
        span,
        name,
        places,
        keys,
    )


_NOTHING: dict[str, Any] = {}


def _compile_starred(
    c: Compiler, args: list[Any], keywords: list[Any], span: Span, name: str
) -> Callable[[Frame], Call]:
    ctx = c.ctx
    parts = [
        (c.expression(node[5] if node[0] == "Starred" else node), node[0] == "Starred", span_of(node)) for node in args
    ]
    named = [(key, c.expression(value), span_of(value)) for key, value, _ in keywords]

    def make(frame: Frame) -> Call:
        values: list[Value] = []
        for part, starred, place in parts:
            value = part(frame)
            values.extend(elements(ctx, value, place)) if starred else values.append(value)
        kwargs: dict[str, Value] = {}
        for key, part, place in named:
            value = part(frame)
            found: dict[Any, Value] = {key: value} if key is not None else _mapping(c, value, place)
            for inner, item in found.items():
                if inner in kwargs:
                    ctx.fail("E0401", f"the argument `{inner}` is given twice", place)
                kwargs[inner] = item
        if len(values) + len(kwargs) > ctx.limits.container_elements:
            ctx.fail("E0605", f"the call has more than {ctx.limits.container_elements} arguments", span)
        return Call(tuple(values), kwargs, span, name)

    return make


def _mapping(c: Compiler, value: Value, span: Span) -> dict[str, Value]:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):  # pyright: ignore[reportUnknownVariableType]
        c.ctx.fail("E0402", f"`**` needs a dict with string keys, not {describe(value)}", span)
    c.ctx.charge(len(value))  # pyright: ignore[reportUnknownArgumentType]
    return value  # pyright: ignore[reportUnknownVariableType]

"""Expressions to closures: constants, names, operators, conditions, f-strings, elements, attributes, displays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.lang.diagnostics import Failure
from eigen.lang.evaluate import operate
from eigen.lang.evaluate.access import check_key, elements, get_item
from eigen.lang.evaluate.attributes import get_attribute
from eigen.lang.evaluate.calls import compile_call
from eigen.lang.evaluate.compiler import span_of
from eigen.lang.evaluate.comprehensions import COMPREHENSIONS
from eigen.lang.evaluate.decisions import choose, conjunction
from eigen.lang.evaluate.functions import compile_lambda
from eigen.lang.journal import own
from eigen.lang.regions import Dyn
from eigen.lang.reification import describe
from eigen.lang.values import Undefined

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.lang.diagnostics import Span
    from eigen.lang.evaluate.compiler import Compiler
    from eigen.lang.evaluate.frame import Expression, Frame
    from eigen.lang.tree import TreeNode
    from eigen.lang.values import Value


def _constant(c: Compiler, node: TreeNode) -> Expression:
    value: Any = node[5]
    if isinstance(value, dict):
        span = span_of(node)
        if "imaginary" in value:
            value = complex(0.0, float(value["imaginary"]))  # pyright: ignore[reportUnknownArgumentType]
        elif "long" in value:
            return c.refuse("E0107", f"the string has {value['long']} bytes; the limit is 4096", span)
        else:
            return c.refuse("E0107", f"{value.get('bad', 'this constant')} is not part of the language", span)  # pyright: ignore[reportUnknownMemberType]
    return lambda frame: value


def _name(c: Compiler, node: TreeNode) -> Expression:
    name: str = node[5]
    span = span_of(node)
    if name.startswith("__") and name.endswith("__"):
        return c.refuse_name(name, span)
    found = c.scope.find(name)
    if found is None:
        if not c.is_outer(name):
            return c.refuse_name(name, span)
        value = c.outer_name(name, span)
        return lambda frame: value
    depth, slot = found
    if depth == 0:

        def local(frame: Frame) -> Value:
            try:
                value = frame.vars[slot]
            except KeyError:
                return _unbound(c, name, span)
            return _unusable(c, name, value, span) if value.__class__ is Undefined else value

        return local

    def outer(frame: Frame) -> Value:
        owner: Any = frame
        for _ in range(depth):
            owner = owner.parent
        try:
            value = owner.vars[slot]
        except KeyError:
            return _unbound(c, name, span)
        return _unusable(c, name, value, span) if value.__class__ is Undefined else value

    return outer


def _unbound(c: Compiler, name: str, span: Span) -> Value:
    if c.is_outer(name):
        hint = f"`{name}` is also a name of the language; rename the variable"
    else:
        hint = "assign it on every path before it is used"
    c.ctx.fail("E0302", f"the variable `{name}` has no value here", span, hint=hint)


def _unusable(c: Compiler, name: str, value: Undefined, span: Span) -> Value:
    if value.silent:
        raise Failure(None)
    c.ctx.fail(value.code, f"the variable `{name}` {value.reason}", span, secondary=[(value.span, value.note)])


def _binary(c: Compiler, node: TreeNode) -> Expression:
    left, right = c.expression(node[5]), c.expression(node[7])
    symbol, op = operate.BINARY[node[6]]
    span, ctx, binary = span_of(node), c.ctx, operate.binary
    return lambda frame: binary(ctx, symbol, op, left(frame), right(frame), span)


def _unary(c: Compiler, node: TreeNode) -> Expression:
    kind, operand = node[5], c.expression(node[6])
    span, ctx, unary = span_of(node), c.ctx, operate.unary
    return lambda frame: unary(ctx, kind, operand(frame), span)


def _boolean(c: Compiler, node: TreeNode) -> Expression:
    word = "and" if node[5] == "And" else "or"
    parts = [(c.expression(part), span_of(part)) for part in node[6]]
    ctx = c.ctx

    def short(frame: Frame) -> Value:
        value = parts[0][0](frame)
        for place, (part, span) in enumerate(parts[1:]):
            decided, value = conjunction(ctx, frame, word, value, part, parts[place][1], span)
            if decided:
                return value
        return value

    return short


def _compare(c: Compiler, node: TreeNode) -> Expression:
    span, ctx, compare = span_of(node), c.ctx, operate.compare
    first = c.expression(node[5])
    rest = [(*operate.COMPARISONS[kind], c.expression(operand)) for kind, operand in zip(node[6], node[7], strict=True)]
    if len(rest) == 1:
        symbol, op, operand = rest[0]
        return lambda frame: compare(ctx, symbol, op, first(frame), operand(frame), span)

    last = len(rest) - 1

    def link(place: int, left: Value) -> Expression:
        """The comparison from one operand on: what follows is evaluated only when it decides."""
        symbol, op, operand = rest[place]

        def step(frame: Frame) -> Value:
            right = operand(frame)
            result = compare(ctx, symbol, op, left, right, span)
            if place == last:
                return result
            return conjunction(ctx, frame, "and", result, link(place + 1, right), span, span)[1]

        return step

    def chain(frame: Frame) -> Value:
        return link(0, first(frame))(frame)

    return chain


def _conditional(c: Compiler, node: TreeNode) -> Expression:
    test, body, orelse = (c.expression(part) for part in node[5:8])
    span, ctx = span_of(node[5]), c.ctx

    def conditional(frame: Frame) -> Value:
        condition = test(frame)
        if condition is True:
            return body(frame)
        if condition is False:
            return orelse(frame)
        return choose(ctx, frame, condition, body, orelse, span)

    return conditional


def _walrus(c: Compiler, node: TreeNode) -> Expression:
    from eigen.lang.evaluate.assign import compile_store

    value, store = c.expression(node[6]), compile_store(c, node[5])

    def walrus(frame: Frame) -> Value:
        result = value(frame)
        store(frame, result)
        return result

    return walrus


def _attribute(c: Compiler, node: TreeNode) -> Expression:
    name, span, ctx = node[6], span_of(node), c.ctx
    if name.startswith("__"):
        c.expression(node[5])
        return c.refuse("E0209", f"the attribute `{name}` is not part of the language", span)
    value = c.expression(node[5])
    return lambda frame: get_attribute(ctx, value(frame), name, span)


def _subscript(c: Compiler, node: TreeNode) -> Expression:
    value, key = c.expression(node[5]), c.expression(node[6])
    span, ctx = span_of(node), c.ctx
    return lambda frame: get_item(ctx, value(frame), key(frame), span)


def _slice(c: Compiler, node: TreeNode) -> Expression:
    lower, upper, step = (c.optional(part) for part in node[5:8])

    def bounds(frame: Frame) -> slice:
        return slice(lower(frame) if lower else None, upper(frame) if upper else None, step(frame) if step else None)

    return bounds


def _elements(c: Compiler, nodes: list[TreeNode], span: Span) -> Callable[[Frame], list[Value]]:
    """The elements of a display, with `*rest` spread."""
    ctx = c.ctx
    if not any(node[0] == "Starred" for node in nodes):
        parts = [c.expression(node) for node in nodes]
        if len(parts) > ctx.limits.container_elements:
            c.refuse("E0605", f"the display has more than {ctx.limits.container_elements} elements", span)
        return lambda frame: [part(frame) for part in parts]
    mixed = [
        (c.expression(node[5]), True, span_of(node)) if node[0] == "Starred" else (c.expression(node), False, span)
        for node in nodes
    ]

    def spread(frame: Frame) -> list[Value]:
        values: list[Value] = []
        for part, starred, place in mixed:
            value = part(frame)
            if starred:
                values.extend(elements(ctx, value, place))
            else:
                values.append(value)
            if len(values) > ctx.limits.container_elements:
                ctx.fail("E0605", f"the display has more than {ctx.limits.container_elements} elements", span)
        return values

    return spread


def _list(c: Compiler, node: TreeNode) -> Expression:
    elements, ctx = _elements(c, node[5], span_of(node)), c.ctx
    return lambda frame: own(ctx, elements(frame))


def _tuple(c: Compiler, node: TreeNode) -> Expression:
    elements = _elements(c, node[5], span_of(node))
    return lambda frame: tuple(elements(frame))


def _set(c: Compiler, node: TreeNode) -> Expression:
    elements, span, ctx = _elements(c, node[5], span_of(node)), span_of(node), c.ctx

    def display(frame: Frame) -> Value:
        from eigen.lang.evaluate.sets import make_set

        return make_set(ctx, elements(frame), span)

    return display


def _dict(c: Compiler, node: TreeNode) -> Expression:
    span, ctx = span_of(node), c.ctx
    pairs = [
        (c.optional(key), c.expression(value), span_of(key or value))
        for key, value in zip(node[5], node[6], strict=True)
    ]

    def display(frame: Frame) -> Value:
        made: dict[Any, Value] = {}
        for key, value, place in pairs:
            if key is None:
                other = value(frame)
                if not isinstance(other, dict):
                    ctx.fail("E0402", f"`**` needs a dict, not {describe(other)}", place)
                ctx.charge(len(other))  # pyright: ignore[reportUnknownArgumentType]
                made.update(other)  # pyright: ignore[reportUnknownArgumentType]
            else:
                name = key(frame)
                check_key(ctx, name, place)
                made[name] = value(frame)
            if len(made) > ctx.limits.container_elements:
                ctx.fail("E0605", f"the dict has more than {ctx.limits.container_elements} elements", span)
        return own(ctx, made)

    return display


_CONVERSIONS = {-1: "", 115: "str", 114: "repr", 97: "ascii"}


def _joined(c: Compiler, node: TreeNode) -> Expression:
    parts = [c.expression(part) for part in node[5]]
    span, ctx = span_of(node), c.ctx

    def joined(frame: Frame) -> Value:
        values = [part(frame) for part in parts]
        if any(isinstance(value, Dyn) for value in values):
            return ctx.emit("concat_str", values, type="str", span=span)
        size = sum(len(value) for value in values)
        if size > ctx.limits.string_bytes:
            ctx.fail("E0604", f"the string has {size} characters; the limit is {ctx.limits.string_bytes}", span)
        return "".join(values)

    return joined


def _formatted(c: Compiler, node: TreeNode) -> Expression:
    value, spec = c.expression(node[5]), c.optional(node[7])
    conversion = _CONVERSIONS.get(node[6], "")
    span, ctx = span_of(node), c.ctx

    def formatted(frame: Frame) -> Value:
        item = value(frame)
        layout = spec(frame) if spec else ""
        if conversion in {"repr", "ascii"}:
            item = ctx.apply("repr", [ctx.reify(item, span)], span=span)
        elif conversion == "str" or not layout:
            item = ctx.to_text(item, span)
        if not layout:
            return item
        return ctx.apply("format", [ctx.reify(item, span), layout], span=span)

    return formatted


def _starred(c: Compiler, node: TreeNode) -> Expression:
    return c.refuse("E0212", "a starred expression cannot stand here", span_of(node))


EXPRESSIONS: dict[str, Callable[[Compiler, TreeNode], Expression]] = {
    "Constant": _constant,
    "Name": _name,
    "BinOp": _binary,
    "UnaryOp": _unary,
    "BoolOp": _boolean,
    "Compare": _compare,
    "IfExp": _conditional,
    "NamedExpr": _walrus,
    "Attribute": _attribute,
    "Subscript": _subscript,
    "Slice": _slice,
    "List": _list,
    "Tuple": _tuple,
    "Set": _set,
    "Dict": _dict,
    "JoinedStr": _joined,
    "FormattedValue": _formatted,
    "Starred": _starred,
    "Lambda": compile_lambda,
    "Call": compile_call,
    **COMPREHENSIONS,
}

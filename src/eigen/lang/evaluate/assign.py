"""Assignment targets to closures: names, elements, unpacking with a star; augmented assignment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.ir.values import Array
from eigen.lang.evaluate.access import elements, get_item, set_item
from eigen.lang.evaluate.compiler import span_of
from eigen.lang.evaluate.operate import BINARY, binary
from eigen.lang.journal import announce
from eigen.lang.regions import Dyn
from eigen.lang.values import Object

if TYPE_CHECKING:
    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.evaluate.compiler import Compiler
    from eigen.lang.evaluate.frame import Frame, Statement, Store
    from eigen.lang.tree import TreeNode
    from eigen.lang.values import Value


def compile_store(c: Compiler, target: TreeNode) -> Store:
    """The closure that assigns a value to a target."""
    kind, span, ctx = target[0], span_of(target), c.ctx
    if kind == "Name":
        return _compile_name(c, target[5], span)
    if kind in {"Tuple", "List"}:
        return _compile_unpacking(c, target[5], span)
    if kind == "Subscript":
        container, key = c.expression(target[5]), c.expression(target[6])
        rebind = compile_store(c, target[5]) if target[5][0] in {"Name", "Subscript"} else None

        def element(frame: Frame, value: Value) -> None:
            _store_item(ctx, frame, container(frame), key(frame), value, rebind, span)

        return element
    if kind == "Attribute":
        c.expression(target[5])
        c.refuse("E0212", "attributes cannot be assigned", span, hint="keep the value in a variable or a dict")
    else:
        c.refuse("E0212", "this cannot be assigned to", span)
    return lambda frame, value: None


def _compile_name(c: Compiler, name: str, span: Span) -> Store:
    if name.startswith("__"):
        c.refuse_name(name, span)
    found = c.scope.find(name)
    slot = found[1] if found else name

    def store(frame: Frame, value: Value) -> None:
        frame.vars[slot] = value

    return store


def _store_item(
    ctx: Context, frame: Frame, container: Value, key: Value, value: Value, rebind: Store | None, span: Span
) -> None:
    made = set_item(ctx, container, key, value, span)
    if made is None:
        return
    if rebind is None:
        ctx.fail("E0504", "this array cannot be changed in place here", span, hint="keep it in a variable")
    if isinstance(container, Array):
        aliases = sum(1 for other in frame.vars.values() if other is container)
        if aliases != 1:
            ctx.fail(
                "E0504",
                "the array is named by several variables, or lives outside the function",
                span,
                hint="change a copy: `x = x.copy()`",
            )
    rebind(frame, made)


def _compile_unpacking(c: Compiler, targets: list[TreeNode], span: Span) -> Store:
    ctx = c.ctx
    stars = [place for place, target in enumerate(targets) if target[0] == "Starred"]
    if len(stars) > 1:
        c.refuse("E0101", "several starred targets in one assignment", span)
    stores = [compile_store(c, target[5] if target[0] == "Starred" else target) for target in targets]
    count = len(targets)
    if not stars:

        def unpack(frame: Frame, value: Value) -> None:
            items = _unpacked(ctx, value, count, span)
            if len(items) != count:
                ctx.fail("E0407", f"{len(items)} values are unpacked into {count} names", span)
            for store, item in zip(stores, items, strict=True):
                store(frame, item)

        return unpack
    star = stars[0]

    def unpack_starred(frame: Frame, value: Value) -> None:
        items = elements(ctx, value, span)
        if len(items) < count - 1:
            ctx.fail("E0407", f"{len(items)} values are unpacked into at least {count - 1} names", span)
        after = count - 1 - star
        middle = items[star : len(items) - after]
        parts = [*items[:star], middle, *items[len(items) - after :]]
        for store, item in zip(stores, parts, strict=True):
            store(frame, item)

    return unpack_starred


def _unpacked(ctx: Context, value: Value, count: int, span: Span) -> list[Value]:
    """The elements; a run-time value of unknown length is taken to have as many as there are names."""
    if isinstance(value, Dyn) and value.length is None and value.type in {"tuple", "list", "array", "str", "any"}:
        return [get_item(ctx, value, place, span) for place in range(count)]
    return elements(ctx, value, span)


def compile_augmented(c: Compiler, node: TreeNode) -> Statement:
    """`target op= value`; lists are extended in place, as in Python."""
    target, (symbol, op), span, ctx = node[5], BINARY[node[6]], span_of(node), c.ctx
    value = c.expression(node[7])
    if target[0] == "Subscript":
        container, key = c.expression(target[5]), c.expression(target[6])
        rebind = compile_store(c, target[5]) if target[5][0] in {"Name", "Subscript"} else None

        def element(frame: Frame) -> None:
            owner, place = container(frame), key(frame)
            old = get_item(ctx, owner, place, span)
            made = _augmented(ctx, symbol, op, old, value(frame), span)
            _store_item(ctx, frame, owner, place, made, rebind, span)

        return element
    read, store = c.expression(target), compile_store(c, target)

    def variable(frame: Frame) -> None:
        old = read(frame)
        store(frame, _augmented(ctx, symbol, op, old, value(frame), span))

    return variable


def _augmented(ctx: Context, symbol: str, op: str, old: Value, value: Value, span: Span) -> Value:
    if isinstance(old, list) and symbol == "+" and not isinstance(value, (Dyn, Array, Object)):
        items = elements(ctx, value, span)
        if len(old) + len(items) > ctx.limits.container_elements:  # pyright: ignore[reportUnknownArgumentType]
            ctx.fail("E0605", f"a list has more than {ctx.limits.container_elements} elements", span)
        announce(ctx, old, span)
        ctx.charge(2 * len(items))
        old.extend(items)  # pyright: ignore[reportUnknownMemberType]
        return old  # pyright: ignore[reportUnknownVariableType]
    return binary(ctx, symbol, op, old, value, span)

"""Comprehensions: evaluated now over static values; over a run-time value of unknown length they become a `map`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.ir.values import type_of
from eigen.lang.evaluate.access import check_key, elements, iterate
from eigen.lang.evaluate.assign import compile_store
from eigen.lang.evaluate.compiler import span_of
from eigen.lang.evaluate.fork import evaluate_side, fork
from eigen.lang.evaluate.names import Scope, target_names
from eigen.lang.evaluate.operate import truth
from eigen.lang.journal import own
from eigen.lang.regions import Dyn, Origin

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.lang.diagnostics import Span
    from eigen.lang.evaluate.compiler import Compiler
    from eigen.lang.evaluate.frame import Expression, Frame, Store
    from eigen.lang.tree import TreeNode
    from eigen.lang.values import Value


@dataclass(slots=True)
class _Generator:
    """One `for … in … if …` of a comprehension."""

    iterable: Expression
    store: Store
    conditions: list[tuple[Expression, Span]]
    span: Span


@dataclass(slots=True)
class _Comprehension:
    """A compiled comprehension: its generators, and what it makes of each combination."""

    c: Compiler
    generators: list[_Generator]
    element: Callable[[Frame], Value]
    weight: int
    span: Span


def _compile(c: Compiler, node: TreeNode, generators: list[Any], elements: list[TreeNode]) -> _Comprehension:
    """The variables of a comprehension live in the frame of its function under keys no name can have."""
    outer, before = c.scope, c.weight
    mark = f"{node[1]}:{node[2]}"
    first = c.expression(generators[0][1])
    slots = {name: f"{name}@{mark}" for target, _, _, _ in generators for name in target_names(target)}
    c.scope = Scope("comprehension", outer, slots)
    try:
        made: list[_Generator] = []
        for place, (target, iterable, conditions, is_async) in enumerate(generators):
            span = span_of(iterable)
            if is_async:
                c.refuse("E0204", "`async for` is not part of the language", span)
            source = first if place == 0 else c.expression(iterable)
            store = compile_store(c, target)
            tests = [(c.expression(test), span_of(test)) for test in conditions]
            made.append(_Generator(source, store, tests, span))
        parts = [c.expression(element) for element in elements]
    finally:
        c.scope = outer
    weight = c.weight - before
    element: Callable[[Frame], Value] = parts[0] if len(parts) == 1 else lambda frame: tuple(p(frame) for p in parts)
    return _Comprehension(c, made, element, weight, span_of(node))


def _run(comprehension: _Comprehension, frame: Frame) -> Value:
    """The list of elements, or a run-time list."""
    made: list[Value] = []
    if len(comprehension.generators) == 1:
        only = comprehension.generators[0]
        source = only.iterable(frame)
        if isinstance(source, Dyn) and (source.length is None or source.type == "dict"):
            return _run_time(comprehension, only, source, frame)
        _loop(comprehension, frame, 0, made, source)
    else:
        _loop(comprehension, frame, 0, made, comprehension.generators[0].iterable(frame))
    return made


def _loop(comprehension: _Comprehension, frame: Frame, depth: int, made: list[Value], source: Value) -> None:
    ctx = comprehension.c.ctx
    generator = comprehension.generators[depth]
    last = depth == len(comprehension.generators) - 1
    charge, store, weight = ctx.fuel.charge, generator.store, comprehension.weight + 1
    limit = ctx.limits.container_elements
    for item in iterate(ctx, source, generator.span):
        charge(weight)
        store(frame, item)
        if generator.conditions and not _holds(comprehension, generator, frame):
            continue
        if not last:
            _loop(comprehension, frame, depth + 1, made, comprehension.generators[depth + 1].iterable(frame))
            continue
        made.append(comprehension.element(frame))
        if len(made) > limit:
            ctx.fail("E0605", f"the comprehension has more than {limit} elements", comprehension.span)


def _holds(comprehension: _Comprehension, generator: _Generator, frame: Frame) -> bool:
    ctx = comprehension.c.ctx
    for test, span in generator.conditions:
        condition = test(frame)
        if isinstance(condition, Dyn):
            ctx.fail_runtime(
                condition,
                "whether an element is taken",
                span,
                hint="take all elements and multiply by the condition, or loop with `for` and `x = x + [y]`",
            )
        if not truth(ctx, condition, span):
            return False
    return True


def _run_time(comprehension: _Comprehension, generator: _Generator, source: Dyn, frame: Frame) -> Value:
    """A `map` over a run-time list; conditions give lists of no or one element, which are joined."""
    ctx, span = comprehension.c.ctx, generator.span
    rows = rows_of(comprehension.c, source, span)
    region = ctx.new_region()
    origin = Origin("this loop over a run-time value", span)
    row = region.parameter(row_type(source), origin)
    filtered = bool(generator.conditions)

    def body(inner: Frame) -> Value:
        generator.store(inner, row)
        return _filtered(comprehension, generator, inner, 0) if filtered else comprehension.element(inner)

    side = evaluate_side(ctx, frame, body, refusal="a run-time loop", region=region)
    outer, ctx.region = ctx.region, region
    try:
        value = ctx.reify(side.result, comprehension.span)
        index = ctx.use(value, comprehension.span)
    finally:
        ctx.region = outer
    stage = region.finish([index])
    kind = value.type if isinstance(value, Dyn) else type_of(value)
    made = "array" if kind == "float" and not filtered else "any"
    result = ctx.emit("map", [rows, *region.captures], type=made, regions=[stage], span=comprehension.span)
    if filtered:
        return ctx.emit("chain", [result], type="list", span=comprehension.span)
    return ctx.emit("to_list", [result], type="list", span=comprehension.span)


def _filtered(comprehension: _Comprehension, generator: _Generator, frame: Frame, place: int) -> Value:
    ctx = comprehension.c.ctx
    if place == len(generator.conditions):
        return ctx.emit("list", [comprehension.element(frame)], type="list", span=comprehension.span)
    test, span = generator.conditions[place]
    condition = test(frame)

    def taken(inner: Frame) -> Value:
        return _filtered(comprehension, generator, inner, place + 1)

    if isinstance(condition, Dyn):
        empty = ctx.emit("list", [], type="list", span=span)
        return fork(ctx, frame, condition, (taken, lambda _: empty), span, lambda a, b: [(a, b)])[0]
    return taken(frame) if truth(ctx, condition, span) else ctx.emit("list", [], type="list", span=span)


def rows_of(c: Compiler, source: Dyn, span: Span) -> Value:
    """What a run-time loop goes through: keys of dicts and counts, else the elements; E0402 where there are none."""
    ctx = c.ctx
    if source.type in {"int", "float", "bool", "none", "complex"} or source.type.startswith("record:"):
        iterate(ctx, source, span)
    if source.type in {"dict", "counts"}:
        return ctx.emit("keys", [source], type="list", span=span)
    return source if source.type == "list" else ctx.emit("to_list", [source], type="list", span=span)


def row_type(source: Dyn) -> str:
    """The type of an element of a run-time value, where its type tells."""
    return {"str": "str", "counts": "str"}.get(source.type, "float" if source.length is not None else "any")


def _list(c: Compiler, node: TreeNode) -> Expression:
    comprehension, ctx = _compile(c, node, node[6], [node[5]]), c.ctx
    return lambda frame: own(ctx, _run(comprehension, frame))


def _set(c: Compiler, node: TreeNode) -> Expression:
    comprehension, ctx, span = _compile(c, node, node[6], [node[5]]), c.ctx, span_of(node)

    def made(frame: Frame) -> Value:
        from eigen.lang.evaluate.sets import make_set

        return make_set(ctx, elements(ctx, _run(comprehension, frame), span), span)

    return made


def _dict(c: Compiler, node: TreeNode) -> Expression:
    comprehension, ctx = _compile(c, node, node[7], [node[5], node[6]]), c.ctx
    span = span_of(node)

    def made(frame: Frame) -> Value:
        pairs = _run(comprehension, frame)
        if isinstance(pairs, Dyn):
            return ctx.emit("to_dict", [pairs], type="dict", span=span)
        ctx.charge(2 * len(pairs))
        for key, _ in pairs:
            check_key(ctx, key, span)
        return own(ctx, dict(pairs))

    return made


COMPREHENSIONS: dict[str, Callable[[Compiler, TreeNode], Expression]] = {
    "ListComp": _list,
    "GeneratorExp": _list,
    "SetComp": _set,
    "DictComp": _dict,
}

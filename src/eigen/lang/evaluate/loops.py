"""Loops whose end is known only at run time: a `loop` stage that carries the variables its body assigns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.ir.values import type_of
from eigen.lang.evaluate.fork import Side, evaluate_side, join_types
from eigen.lang.regions import Dyn, Origin, RegionBuilder
from eigen.lang.reification import describe, find_dynamic
from eigen.lang.values import Undefined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.evaluate.frame import Frame
    from eigen.lang.values import Value

_ROUNDS = 12


class _Carried:
    """The variables a loop carries, with the types and lengths they keep."""

    def __init__(self, ctx: Context, frame: Frame, names: Iterable[str], span: Span) -> None:
        self.initial: dict[str, Value] = {}
        for name in names:
            value = frame.vars.get(name)
            if name not in frame.vars or isinstance(value, Undefined):
                continue
            if isinstance(value, (list, dict)) and is_shared(frame, value):  # pyright: ignore[reportUnknownArgumentType]
                continue  # it stays as it is: changing it in the loop is refused
            found = find_dynamic(value)
            if found is None or isinstance(found, Dyn):
                self.initial[name] = ctx.reify(value, span) if _is_value(value) else value
        self.initial = {name: value for name, value in self.initial.items() if _is_value(value)}
        self.fresh: dict[str, str] = {}  # first assigned in the body: they have a value after the loop only
        self.types = {name: _type(value) for name, value in self.initial.items()}
        self.lengths = {name: _length(value) for name, value in self.initial.items()}
        self.records: dict[str, dict[str, int]] = {
            name: dict(value.lengths) if isinstance(value, Dyn) else {} for name, value in self.initial.items()
        }

    def parameters(self, region: RegionBuilder, origin: Origin) -> dict[str, Dyn]:
        made: dict[str, Dyn] = {}
        for name, kind in self.types.items():
            parameter = region.parameter(kind, origin, length=self.lengths[name])
            made[name] = Dyn(region, parameter.index, kind, origin, self.lengths[name], self.records[name])
        for _ in self.fresh:
            region.parameter("any", origin)
        return made

    def discover(self, before: dict[str, Value], after: dict[str, Value]) -> bool:
        """Note the variables that the body assigns first; False when there are new ones."""
        known = dict(self.fresh)
        self.fresh = {
            name: _type(value)
            for name, value in after.items()
            if name not in before and "@" not in name and not isinstance(value, Undefined) and _is_value(value)
        }
        return known == self.fresh

    def settle(self, ctx: Context, after: dict[str, Value], parameters: dict[str, Dyn], span: Span) -> bool:
        """Compare types after one iteration with those assumed; False when another round is needed."""
        settled = True
        for name in list(self.types):
            value = after[name]
            if isinstance(value, Undefined):
                ctx.fail(
                    value.code, f"the variable `{name}` {value.reason}", span, secondary=[(value.span, value.note)]
                )
            if isinstance(value, Dyn) and value.key == parameters[name].key:
                self._drop(name)  # never changes: it stays what it was outside
                settled = False
                continue
            kind, length = _type(value), _length(value)
            joined = self._join(ctx, name, kind, value, span)
            if joined != self.types[name] or (self.lengths[name] is not None and length != self.lengths[name]):
                self.types[name] = joined
                if length != self.lengths[name]:
                    self.lengths[name] = None
                settled = False
        return settled

    def _drop(self, name: str) -> None:
        tables: tuple[dict[str, Any], ...] = (self.initial, self.types, self.lengths, self.records)
        for table in tables:
            table.pop(name, None)

    def _join(self, ctx: Context, name: str, kind: str, value: Value, span: Span) -> str:
        before = self.types[name]
        joined = join_types(before, kind)
        if joined == "any" and "any" not in {before, kind} and "none" not in {before, kind}:
            ctx.fail(
                "E0508",
                f"the variable `{name}` is {describe(self.initial[name])} before the loop and {describe(value)} in it",
                span,
                hint="keep one type, or use another variable",
            )
        return joined


def is_shared(frame: Frame, item: Any) -> bool:
    """Whether a list or dict can be reached by another way than one variable of the frame."""
    if any(value is item for value in frame.given):
        return True
    ways = 0
    stack: list[Any] = list(frame.vars.values())
    seen: set[int] = set()
    while stack:
        value = stack.pop()
        if value is item:
            ways += 1
        elif isinstance(value, (list, tuple, dict)) and id(value) not in seen:  # pyright: ignore[reportUnknownArgumentType]
            seen.add(id(value))  # pyright: ignore[reportUnknownArgumentType]
            stack.extend(value.values() if isinstance(value, dict) else value)  # pyright: ignore[reportUnknownArgumentType,reportUnknownMemberType]
    return ways > 1


def _is_value(value: Value) -> bool:
    return isinstance(value, Dyn) or type_of(value) != "any" or isinstance(value, range)


def _type(value: Value) -> str:
    return value.type if isinstance(value, Dyn) else "list" if isinstance(value, range) else type_of(value)


def _length(value: Value) -> int | None:
    if isinstance(value, Dyn):
        return value.length
    if isinstance(value, (list, tuple)):
        return len(value)  # pyright: ignore[reportUnknownArgumentType]
    return value.shape[0] if type_of(value) == "array" and len(value.shape) == 1 else None


def write_loop(
    ctx: Context,
    frame: Frame,
    names: Iterable[str],
    step: Callable[[Frame], Value],
    span: Span,
    *,
    bound: int,
) -> None:
    """Write a `loop` stage: `step` evaluates one iteration and gives whether another follows.

    The loop runs at least once; afterwards the frame holds the final values.
    """
    before = dict(frame.vars)
    names = tuple(names)
    carried = _Carried(ctx, frame, names, span)
    origin = Origin("this run-time loop", span)
    for _ in range(_ROUNDS):
        region = ctx.new_region()
        parameters = carried.parameters(region, origin)
        side = _iterate_once(ctx, frame, step, region, parameters, span)
        settled = carried.discover(before, side.variables)
        values = _reified(ctx, region, side, (*carried.types, *carried.fresh), span)
        if carried.settle(ctx, values, parameters, span) and settled:
            break
    else:
        ctx.fail("E0508", "the variables of this run-time loop do not settle to types", span)
    _check_others(ctx, before, side, carried, span)
    _emit_loop(ctx, frame, carried, side, values, bound, span)
    _forget_inner(ctx, frame, before, side, carried, span)


def _iterate_once(
    ctx: Context,
    frame: Frame,
    step: Callable[[Frame], Value],
    region: RegionBuilder,
    parameters: dict[str, Dyn],
    span: Span,
) -> Side:
    circuit = ctx.circuit.snapshot() if ctx.circuit is not None else None
    draws = dict(ctx.draw_counts)

    def run(inner: Frame) -> Value:
        inner.vars.update(parameters)
        outer, inner.loop = inner.loop, True
        try:
            return step(inner)
        finally:
            inner.loop = outer

    side = evaluate_side(ctx, frame, run, refusal="a run-time loop", region=region)
    ctx.draw_counts = draws
    if ctx.circuit is not None and ctx.circuit.snapshot() != circuit:
        ctx.fail(
            "E0503",
            "gates of the program's circuit cannot be repeated by a run-time value",
            span,
            hint="put the gates into a `@quantum_circuit` function, and `run` it in the loop",
        )
    return side


def _reified(ctx: Context, region: RegionBuilder, side: Side, names: tuple[str, ...], span: Span) -> dict[str, Value]:
    """The values of the carried variables after one iteration, as values of the loop's region."""
    outer, ctx.region = ctx.region, region
    try:
        return {
            name: value if isinstance(value := side.variables[name], Undefined) else ctx.reify(value, span)
            for name in names
        }
    finally:
        ctx.region = outer


def _check_others(ctx: Context, before: dict[str, Value], side: Side, carried: _Carried, span: Span) -> None:
    """Variables that a loop cannot carry (functions, circuits) must not change in it."""
    for name, value in side.variables.items():
        if name in carried.initial or name not in before or isinstance(before[name], Undefined):
            continue
        old = before[name]
        if value is not old and not (isinstance(value, Dyn) and isinstance(old, Dyn) and value.key == old.key):
            if not isinstance(value, Dyn) and type(value) is type(old) and _is_value(old) and value == old:
                continue
            if name.partition("@")[2]:
                continue  # a variable of a comprehension
            ctx.fail(
                "E0502",
                f"the variable `{name}` is {describe(old)} before the run-time loop and {describe(value)} after it",
                span,
                hint="use another variable inside the loop",
            )


def _emit_loop(
    ctx: Context, frame: Frame, carried: _Carried, side: Side, values: dict[str, Value], bound: int, span: Span
) -> None:
    region = side.region
    outer, ctx.region = ctx.region, region
    try:
        again = ctx.use(ctx.reify(side.result, span), span)
        results = [again, *(ctx.use(values[name], span) for name in (*carried.types, *carried.fresh))]
    finally:
        ctx.region = outer
    stage = ctx.emit(
        "loop",
        [*carried.initial.values(), *(None for _ in carried.fresh), *region.captures],
        attrs={"carried": len(carried.types) + len(carried.fresh), "bound": bound},
        type="tuple",
        regions=[region.finish(results)],
        span=span,
        origin="this run-time loop",
    )
    for place, (name, kind) in enumerate(carried.types.items()):
        made = ctx.emit("index", [stage, place], type=kind, span=span, length=carried.lengths[name])
        frame.vars[name] = Dyn(made.region, made.index, kind, made.origin, made.length, carried.records[name])
    for place, (name, kind) in enumerate(carried.fresh.items(), len(carried.types)):
        frame.vars[name] = ctx.emit("index", [stage, place], type=kind, span=span)


def _forget_inner(
    ctx: Context, frame: Frame, before: dict[str, Any], side: Side, carried: _Carried, span: Span
) -> None:
    """Variables first assigned in the loop live only there."""
    for name in side.variables:
        if name not in carried.types and name not in carried.fresh and name not in before:
            frame.vars[name] = Undefined(
                "is first assigned inside a run-time loop, so it has no value after it",
                span,
                code="E0302",
                note="this loop ends at run time; assign the variable before it",
            )

"""Branches on run-time conditions: both sides are evaluated, and what differs afterwards is chosen at run time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from eigen.ir.values import is_dict, is_list, is_tuple, type_of
from eigen.lang.journal import Journal, refill
from eigen.lang.regions import Dyn, Origin, RegionBuilder
from eigen.lang.reification import describe, find_dynamic
from eigen.lang.values import Object, Sym, Undefined

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.evaluate.frame import Frame
    from eigen.lang.values import Value


@dataclass(slots=True)
class Side:
    """One evaluated side of a branch."""

    region: RegionBuilder
    variables: dict[str, Value]
    changes: dict[int, tuple[Any, Any]]
    result: Any


def join_types(left: str, right: str) -> str:
    """The type of a value that has one of two types."""
    if left == right:
        return left
    return "float" if {left, right} == {"int", "float"} else "any"


class Merge:
    """Two versions of some values, merged: equal parts stay, others become a choice at run time (phi)."""

    def __init__(self, ctx: Context, span: Span, *, allow_choice: bool) -> None:
        self.ctx = ctx
        self.span = span
        self.allow_choice = allow_choice
        self.pairs: list[tuple[Value, Value]] = []

    def plan(self, left: Value, right: Value, depth: int = 0) -> Callable[[list[Dyn]], Value]:
        """A recipe that gives the merged value once the choices are known."""
        if _same(left, right):
            return lambda chosen: left
        if isinstance(left, Undefined) or isinstance(right, Undefined):
            lost = self._lost(left, right)
            return lambda chosen: lost
        self.ctx.charge(1)
        inner = self._inside(left, right, depth)
        if inner is not None:
            return inner
        if not self.allow_choice or not (_choosable(left) and _choosable(right)):
            lost = self._conflict(left, right)
            return lambda chosen: lost
        self.pairs.append((left, right))
        place = len(self.pairs) - 1
        return lambda chosen: chosen[place]

    def _inside(self, left: Value, right: Value, depth: int) -> Callable[[list[Dyn]], Value] | None:
        """Containers of the same shape merge element by element."""
        if depth > 8:
            return None
        builders: tuple[tuple[Any, Callable[[Any], Any]], ...] = ((is_list, list), (is_tuple, tuple))
        for check, build in builders:
            if check(left) and check(right) and len(left) == len(right):
                parts = [self.plan(a, b, depth + 1) for a, b in zip(left, right, strict=True)]
                return partial(_rebuild, build, parts)
        if is_dict(left) and is_dict(right) and list(left) == list(right):
            fields = {key: self.plan(left[key], right[key], depth + 1) for key in left}
            return lambda chosen: {key: part(chosen) for key, part in fields.items()}
        return None

    def _lost(self, left: Value, right: Value) -> Undefined:
        known = left if isinstance(left, Undefined) else right
        assert isinstance(known, Undefined)
        if known.reason:
            return known
        return Undefined(
            "has a value only on one side of a run-time condition",
            self.span,
            note="this condition is known only at run time",
        )

    def _conflict(self, left: Value, right: Value) -> Undefined:
        when = "at run time" if self.allow_choice else "by a measured bit"
        one, other = describe(left), describe(right)
        note = "this condition is known only at run time"
        if one == other == "a measured bit":
            other = "another one"
            note += ": measure into the same bit again, `c = ClassicalRegister(1)`, `measure(q[0], c[0])`"
        return Undefined(f"is {one} or {other}, which cannot be chosen {when}", self.span, code="E0502", note=note)


def _rebuild(build: Callable[[Any], Any], parts: list[Callable[[list[Dyn]], Value]], chosen: list[Dyn]) -> Value:
    return build(part(chosen) for part in parts)


MISSING = Undefined("", None)  # pyright: ignore[reportArgumentType]  # no value on this side


def _same(left: Value, right: Value) -> bool:
    if left is right:
        return True
    if isinstance(left, Dyn) and isinstance(right, Dyn):
        return left.key == right.key
    if type(left) is not type(right):
        return False
    if isinstance(left, float):
        return repr(left) == repr(right)
    if isinstance(left, Sym):
        return left.affine == right.affine
    return isinstance(left, (bool, int, str, complex, range)) and left == right


def _choosable(value: Value) -> bool:
    found = find_dynamic(value)
    return found is None or isinstance(found, Dyn)


def evaluate_side(
    ctx: Context, frame: Frame, run: Callable[[Frame], Any], *, refusal: str = "", region: RegionBuilder | None = None
) -> Side:
    """Evaluate a block in a region of its own, and take back what it did to variables and containers."""
    outer_region, outer_journal, before = ctx.region, ctx.journal, frame.vars
    made = region or ctx.new_region()
    journal = Journal(outer_journal, refusal)
    ctx.region, ctx.journal, frame.vars = made, journal, dict(before)
    try:
        result = run(frame)
        return Side(made, frame.vars, journal.take_back(), result)
    finally:
        ctx.region, ctx.journal, frame.vars = outer_region, outer_journal, before


def fork(
    ctx: Context,
    frame: Frame,
    condition: Dyn,
    runs: tuple[Callable[[Frame], Any], Callable[[Frame], Any]],
    span: Span,
    results: Callable[[Any, Any], Sequence[tuple[Value, Value]]],
) -> list[Value]:
    """Write a `branch`: evaluates both sides, merges variables and containers into the frame.

    `results` says which values of the two results of `runs` to merge; gives the merged values.
    """
    then, other = (evaluate_side(ctx, frame, run) for run in runs)
    merge = Merge(ctx, span, allow_choice=True)
    plans = [merge.plan(a, b) for a, b in results(then.result, other.result)]
    finish = _plan_state(merge, then, other)
    chosen = _emit_branch(ctx, condition, then.region, other.region, merge.pairs, span)
    merged = [plan(chosen) for plan in plans]
    finish(ctx, frame, chosen)
    return merged


def _plan_state(merge: Merge, then: Side, other: Side) -> Callable[[Context, Frame, list[Dyn]], None]:
    names = dict.fromkeys([*then.variables, *other.variables])
    variables = {
        name: merge.plan(then.variables.get(name, MISSING), other.variables.get(name, MISSING)) for name in names
    }
    contents: list[tuple[Any, Callable[[list[Dyn]], Value]]] = []
    for key in dict.fromkeys([*then.changes, *other.changes]):
        container = (then.changes.get(key) or other.changes[key])[0]
        left, right = (side.changes.get(key, (None, container))[1] for side in (then, other))
        contents.append((container, merge.plan(left.copy(), right.copy())))

    def finish(ctx: Context, frame: Frame, chosen: list[Dyn]) -> None:
        for container, plan in contents:
            content = plan(chosen)
            if isinstance(content, (Undefined, Dyn)):
                ctx.fail(
                    "E0504",
                    f"the two sides of a run-time condition leave different {type(container).__name__}s behind",
                    merge.span,
                    hint="change the same elements on both sides, or assign a new value to the variable",
                )
            if ctx.journal is not None:
                ctx.journal.change(container, merge.span)
            refill(container, content)
        frame.vars = {name: plan(chosen) for name, plan in variables.items()}

    return finish


def _emit_branch(
    ctx: Context,
    condition: Dyn,
    then: RegionBuilder,
    other: RegionBuilder,
    pairs: list[tuple[Value, Value]],
    span: Span,
) -> list[Dyn]:
    """Emit the stage and one `index` for each choice; nothing when neither side does anything."""
    results: list[list[int]] = []
    held: list[list[Value]] = []
    for side, region in enumerate((then, other)):
        outer, ctx.region = ctx.region, region
        try:
            values = [ctx.reify(pair[side], span) for pair in pairs]
            results.append([ctx.use(value, span) for value in values])
            held.append(values)
        finally:
            ctx.region = outer
    if not pairs and not then.nodes and not other.nodes:
        return []
    captures = list({value.key: value for value in (*then.captures, *other.captures)}.values())
    regions = (then.finish(results[0], captures), other.finish(results[1], captures))
    stage = ctx.emit("branch", [condition, *captures], type="tuple", regions=regions, span=span)
    chosen: list[Dyn] = []
    for place, (left, right) in enumerate(zip(*held, strict=True)):
        kind = join_types(_type(left), _type(right))
        length = _length(left) if _length(left) == _length(right) else None
        made = ctx.emit("index", [stage, place], type=kind, span=span, length=length)
        origin = Origin("this condition", span)
        chosen.append(Dyn(made.region, made.index, made.type, origin, made.length, _lengths(left, right)))
    return chosen


def _type(value: Value) -> str:
    return value.type if isinstance(value, Dyn) else type_of(value)


def _length(value: Value) -> int | None:
    if isinstance(value, Dyn):
        return value.length
    if is_list(value) or is_tuple(value):
        return len(value)
    return value.shape[0] if type_of(value) == "array" and len(value.shape) == 1 else None


def _lengths(left: Value, right: Value) -> dict[str, int]:
    same = isinstance(left, Dyn) and isinstance(right, Dyn) and left.lengths == right.lengths
    return dict(left.lengths) if same and isinstance(left, Dyn) else {}


def fork_on_bits(
    ctx: Context, frame: Frame, then: Callable[[], None], other: Callable[[], None] | None, span: Span
) -> None:
    """Both sides of an `if` on measured bits: gates go into the circuit's blocks, variables must agree."""
    ctx.conditional += 1
    outer, before = ctx.journal, frame.vars
    sides: list[Side] = []
    try:
        for run in (then, other):
            journal = Journal(outer)
            ctx.journal, frame.vars = journal, dict(before)
            if run is not None:
                run()
            sides.append(Side(ctx.region, frame.vars, journal.take_back(), None))
    finally:
        ctx.conditional -= 1
        ctx.journal, frame.vars = outer, before
    merge = Merge(ctx, span, allow_choice=False)
    _plan_state(merge, sides[0], sides[1])(ctx, frame, [])


def is_conditional(ctx: Context, value: Value, span: Span) -> Any | None:
    """The condition on measured bits that a value stands for, if it does."""
    return value.condition(ctx, span) if isinstance(value, Object) else None

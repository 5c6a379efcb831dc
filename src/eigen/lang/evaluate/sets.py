"""Sets: distinct static values in order of insertion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from eigen.lang.evaluate.access import check_key, elements
from eigen.lang.values import Object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Builtin, Call, Value


class SetValue(Object):
    """A set. It has no order that a result could show: `sorted(x)` gives a list."""

    type_name: ClassVar[str] = "set"
    __slots__ = ("items",)

    def __init__(self, items: dict[Any, None]) -> None:
        self.items = items

    def attributes(self) -> tuple[str, ...]:
        """The methods."""
        return ("add", "union", "intersection", "difference", "issubset")

    def get_attr(self, ctx: Context, name: str, span: Span) -> Builtin:
        """A method."""
        from eigen.lang.binding import bind
        from eigen.lang.values import Builtin

        if name not in self.attributes():
            ctx.unknown_attribute("a set", name, self.attributes(), span)

        def method(context: Context, call: Call) -> Value:
            (other,) = bind(call, "other")
            if name == "add":
                return self._add(context, other, call.span)
            items = make_set(context, elements(context, other, call.span), call.span)
            symbol = {"union": "|", "intersection": "&", "difference": "-", "issubset": "<="}[name]
            return self.binary(context, symbol, items, False, call.span)

        return Builtin(name, method, "other")

    def _add(self, ctx: Context, value: Value, span: Span) -> None:
        if ctx.journal is not None:
            ctx.fail("E0504", "a set cannot be changed under a run-time condition", span, hint="write `s = s | {x}`")
        check_key(ctx, value, span)
        ctx.charge(4)
        if len(self.items) >= ctx.limits.container_elements:
            ctx.fail("E0605", f"a set has more than {ctx.limits.container_elements} elements", span)
        self.items[value] = None

    def iterate(self, ctx: Context, span: Span) -> Sequence[Value]:
        """The elements in order of insertion."""
        ctx.charge(len(self.items))
        return list(self.items)

    def length(self, ctx: Context, span: Span) -> int:
        """The number of elements."""
        return len(self.items)

    def truth(self, ctx: Context, span: Span) -> bool:
        """Whether there is an element."""
        return bool(self.items)

    def binary(self, ctx: Context, op: str, other: Value, reflected: bool, span: Span) -> Value:
        """Set algebra, comparison and membership."""
        if op == "in":
            check_key(ctx, other, span)
            return other in self.items
        if not isinstance(other, SetValue):
            return {"==": False, "!=": True}.get(op, NotImplemented)
        ctx.charge(len(self.items) + len(other.items))
        left, right = (other.items, self.items) if reflected else (self.items, other.items)
        if op == "|":
            return SetValue({**left, **right})
        if op in {"&", "-"}:
            return SetValue({key: None for key in left if (key in right) == (op == "&")})
        if op == "^":
            both = {**left, **right}
            return SetValue({key: None for key in both if (key in left) != (key in right)})
        compare = {
            "==": left.keys() == right.keys(),
            "!=": left.keys() != right.keys(),
            "<=": left.keys() <= right.keys(),
            "<": left.keys() < right.keys(),
            ">=": left.keys() >= right.keys(),
            ">": left.keys() > right.keys(),
        }
        return compare.get(op, NotImplemented)

    def reify(self, ctx: Context, span: Span) -> Value:
        """A set has no order to show."""
        ctx.fail("E0506", "a set has no order that a result could show", span, hint="use `sorted(x)`")


def make_set(ctx: Context, items: Sequence[Value], span: Span) -> SetValue:
    """A set of static values; E0402 for what cannot be an element."""
    for item in items:
        check_key(ctx, item, span)
    ctx.charge(4 * len(items))
    if len(items) > ctx.limits.container_elements:
        ctx.fail("E0605", f"a set has more than {ctx.limits.container_elements} elements", span)
    return SetValue(dict.fromkeys(items))

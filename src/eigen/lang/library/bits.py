"""Classical bits as values of the language: conditions inside the circuit, counts once it has run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from eigen._core import Condition
from eigen.lang.library.guard import guarded
from eigen.lang.library.parameters import Element
from eigen.lang.library.registers import check_name, check_size, pick, program_scope
from eigen.lang.regions import Dyn
from eigen.lang.values import Object

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.library.parameters import Bindings
    from eigen.lang.library.scope import Scope
    from eigen.lang.values import Value

_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_HINT = "a measured bit has one value in each shot: use it in `if` or `while`, or read its counts"


class Test(Object):
    """A Boolean expression on measured bits; it has a value in each shot, so only conditions can use it."""

    type_name: ClassVar[str] = "condition on measured bits"
    __slots__ = ("scope", "test")

    def __init__(self, scope: Scope, test: Condition) -> None:
        self.scope = scope
        self.test = test

    def condition(self, ctx: Context, span: Span) -> Condition | None:
        """Itself, where its circuit is being written."""
        if self.scope.closed_at is not None:
            ctx.fail(
                "E0804",
                "the circuit of this condition has already run",
                span,
                secondary=[(self.scope.closed_at, "its result is used here")],
            )
        if ctx.circuit is not self.scope:
            ctx.fail("E0803", "the measured bits of this condition belong to another circuit", span)
        return self.test

    def unary(self, ctx: Context, op: str, span: Span) -> Value:
        """`not c` and `~c`."""
        if op in {"not", "~"}:
            return Test(self.scope, ~self.test)
        return ctx.fail("E0805", f"`{op}` is not defined for {self.describe()}", span, hint=_HINT)

    def binary(self, ctx: Context, op: str, other: Value, reflected: bool, span: Span) -> Value:
        """`&`, `|`, `^`, `==`, `!=` with another condition, a bit, or a truth value."""
        right = self._other(ctx, other, span)
        if right is None:
            return ctx.fail("E0805", f"`{op}` cannot be computed with {self.describe()}", span, hint=_HINT)
        if op in {"&", "and"}:
            return Test(self.scope, guarded(ctx, span, lambda: self.test & right))
        if op in {"|", "or"}:
            return Test(self.scope, guarded(ctx, span, lambda: self.test | right))
        if op in {"^", "!="}:
            return Test(self.scope, _differ(self.test, right))
        if op == "==":
            return Test(self.scope, ~_differ(self.test, right))
        return ctx.fail("E0805", f"`{op}` cannot be computed with {self.describe()}", span, hint=_HINT)

    def _other(self, ctx: Context, other: Value, span: Span) -> Condition | None:
        if isinstance(other, Test):
            if other.scope is not self.scope:
                ctx.fail("E0803", "the measured bits belong to different circuits", span)
            return other.test
        if isinstance(other, int) and other in (0, 1):
            return Condition.const(bool(other))
        return None

    def reify(self, ctx: Context, span: Span) -> Value:
        """A condition has no value outside its circuit."""
        ctx.fail("E0805", "a condition on measured bits has no single value", span, hint=_HINT)


def _differ(left: Condition, right: Condition) -> Condition:
    if right == Condition.const(False):
        return left
    return ~left if right == Condition.const(True) else left ^ right


class Bits(Object):
    """Several classical bits; `bits[0]` is the first of them and the rightmost in counts."""

    type_name: ClassVar[str] = "classical register"
    __slots__ = ("indices", "name", "scope")

    def __init__(self, scope: Scope, indices: Sequence[int], name: str = "") -> None:
        self.scope = scope
        self.indices = indices
        self.name = name

    def attributes(self) -> Iterable[str]:
        """Of the register, and of the counts of its bits."""
        return ("size", "name", "counts", "probabilities", "most_common", "shots", "items", "keys", "values", "get")

    def get_attr(self, ctx: Context, name: str, span: Span) -> Value:
        """`size`, `name`; `counts`, `probabilities`, `most_common()`, `shots` of these bits once the circuit ran."""
        if name == "size":
            return len(self.indices)
        if name == "name":
            return self.name
        if name == "shots":
            return read_attribute(ctx, run_scope(ctx, self.scope, span), name, span)
        if name == "counts":
            return self.reify(ctx, span)
        if name == "probabilities":
            return ctx.emit("probabilities", [self.reify(ctx, span)], type="dict", span=span)
        if name in {"most_common", "items", "keys", "values", "get"}:
            return read_attribute(ctx, self.reify(ctx, span), name, span)
        return super().get_attr(ctx, name, span)

    def get_item(self, ctx: Context, key: Value, span: Span) -> Value:
        """A bit by position, bits by slice, or the number of shots of an outcome such as `"011"` (0 when never met)."""
        if isinstance(key, str) and (len(key) != len(self.indices) or key.strip("01")):
            ctx.fail("E0404", f"an outcome of these bits is a string of {len(self.indices)} characters 0 and 1", span)
        if isinstance(key, str) or (isinstance(key, Dyn) and key.type in {"str", "any"}):
            return ctx.emit("counts_get", [self.reify(ctx, span), key], type="int", span=span)
        found = pick(ctx, len(self.indices), key, "this register", span)
        if isinstance(found, int):
            return Bit(self.scope, self.indices[found])
        return Bits(self.scope, [self.indices[position] for position in found], self.name)

    def iterate(self, ctx: Context, span: Span) -> Sequence[Value]:
        """Its bits."""
        del span
        ctx.charge(len(self.indices))
        return [Bit(self.scope, index) for index in self.indices]

    def length(self, ctx: Context, span: Span) -> Value:
        """The number of bits."""
        del ctx, span
        return len(self.indices)

    def binary(self, ctx: Context, op: str, other: Value, reflected: bool, span: Span) -> Value:
        """Comparison of the bits, as an unsigned number with bit 0 least significant, with an integer."""
        if op in _COMPARISONS and isinstance(other, int):
            word = _MIRRORED.get(op, op) if reflected else op
            return Test(self.scope, guarded(ctx, span, Condition.compare, list(self.indices), word, int(other)))
        if op == "+" and isinstance(other, Bits) and not reflected and other.scope is self.scope:
            return Bits(self.scope, [*self.indices, *other.indices])
        return ctx.fail("E0805", f"`{op}` cannot be computed with measured bits", span, hint=_HINT)

    def condition(self, ctx: Context, span: Span) -> Condition | None:
        """A register by itself is no condition."""
        del ctx, span
        return None

    def truth(self, ctx: Context, span: Span) -> bool:
        """Several bits have no truth value of their own."""
        ctx.fail("E0805", "several measured bits have no single truth value", span, hint="compare: `bits == 3`")

    def reify(self, ctx: Context, span: Span) -> Value:
        """The counts of these bits: the circuit runs."""
        return counts_of(ctx, self.scope, self.indices, span)


class Bit(Test):
    """One classical bit of a circuit: a condition by itself."""

    type_name: ClassVar[str] = "measured bit"
    __slots__ = ("index",)

    def __init__(self, scope: Scope, index: int) -> None:
        super().__init__(scope, Condition.bit(index))
        self.index = index

    def attributes(self) -> Iterable[str]:
        """Of the counts of this bit."""
        return ("index", "counts", "probabilities", "most_common", "shots")

    def get_attr(self, ctx: Context, name: str, span: Span) -> Value:
        """`index`; `counts`, `probabilities`, `most_common()`, `shots` once the circuit ran."""
        if name == "index":
            return self.index
        if name in {"counts", "probabilities", "most_common", "shots"}:
            return Bits(self.scope, (self.index,)).get_attr(ctx, name, span)
        return super().get_attr(ctx, name, span)

    def get_item(self, ctx: Context, key: Value, span: Span) -> Value:
        """The number of shots in which the bit was `"0"` or `"1"`."""
        return Bits(self.scope, (self.index,)).get_item(ctx, key, span)

    def reify(self, ctx: Context, span: Span) -> Value:
        """The counts of this bit: the circuit runs."""
        return counts_of(ctx, self.scope, (self.index,), span)


def new_bits(ctx: Context, size: Value, name: Value, span: Span) -> Bits:
    """A new classical register in the circuit being written."""
    count = check_size(ctx, size, "classical register", span)
    scope = program_scope(ctx)
    label = check_name(ctx, name, span)
    return Bits(scope, scope.add_clbits(ctx, count, label, span), label or "")


def run_scope(ctx: Context, scope: Scope, span: Span) -> Dyn:
    """The run of the program's own circuit: written when its bits are first read, then the circuit is closed."""
    if scope.value is not None:
        return scope.value
    if not scope.implicit:
        ctx.fail(
            "E0805",
            "inside a circuit a measured bit has no counts yet",
            span,
            hint="return nothing from the circuit function and use `run(circuit).counts`",
        )
    if scope.open_blocks or ctx.conditional:
        ctx.fail("E0805", "counts cannot be read inside a block that depends on a measured bit", span, hint=_HINT)
    if scope.region is not ctx.region:
        ctx.fail(
            "E0805",
            "the counts of a circuit are first read in the function or loop that writes it",
            span,
            hint="read them there, for example `counts = bits.counts`",
        )
    circuit = scope.build(ctx, span)
    missing = [name for name in circuit.parameters if name not in scope.bindings]
    if missing:
        ctx.fail(
            "E0806",
            f"the parameter `{missing[0]}` has no value when the circuit runs",
            span,
            hint="put the gates into a `@quantum_circuit` function and give values in `run(circuit, params)`",
        )
    scope.closed_at = span
    if ctx.circuit is scope and scope.nested:
        ctx.pop_circuit()
    elif ctx.circuit is scope:
        ctx.replace_circuit(None)
    scope.value = emit_run(ctx, circuit, dict(scope.bindings), None, span)
    return scope.value


def emit_run(ctx: Context, circuit: Any, values: Bindings, shots: int | None, span: Span) -> Dyn:
    """The `run` stage of a circuit, with a value for each of its parameters."""
    arguments = stage_arguments(ctx, circuit, values, span)
    attrs = {"circuit": ctx.add_circuit(circuit), "shots": shots, "label": circuit.name}
    return ctx.emit("run", arguments, attrs=attrs, type="record:run", span=span, origin="a circuit's run")


def stage_arguments(ctx: Context, circuit: Any, values: Bindings, span: Span) -> list[Value]:
    """The argument of a quantum stage: one array with the values of the circuit's parameters in its order.

    A run-time vector that gives exactly these values in this order is passed on as it is.
    """
    names = circuit.parameters
    if not names:
        return []
    missing = next((name for name in names if name not in values), None)
    if missing is not None:
        ctx.fail("E0806", f"the parameter `{missing}` of the circuit has no value", span)
    ordered = [values[name] for name in names]
    sources = [item.source if isinstance(item, Element) else None for item in ordered]
    first = sources[0]
    if (
        first is not None
        and first.length == len(names)
        and all(
            isinstance(item, Element) and item.source is first and item.position == place
            for place, item in enumerate(ordered)
        )
    ):
        return [first]
    numbers = [item.value(ctx, span) if isinstance(item, Element) else item for item in ordered]
    return [ctx.apply("array", numbers, attrs={"kind": "f"}, span=span)]


def counts_of(ctx: Context, scope: Scope, indices: Sequence[int], span: Span) -> Dyn:
    """The counts of some bits of the program's circuit."""
    run = run_scope(ctx, scope, span)
    counts = ctx.emit("getattr", [run], attrs={"name": "counts"}, type="counts", span=span)
    if list(indices) == list(range(scope.builder.num_clbits)):
        return counts
    return ctx.emit("marginal", [counts, list(indices)], type="counts", span=span)


def read_attribute(ctx: Context, value: Value, name: str, span: Span) -> Value:
    """An attribute or method of a run-time value, by the evaluator's own rules."""
    from eigen.lang.evaluate.attributes import get_attribute

    return get_attribute(ctx, value, name, span)

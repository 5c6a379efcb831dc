"""Qubits, classical bits and registers of them, as values of the language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from eigen.ir.values import is_list, is_tuple
from eigen.lang.library.scope import Scope
from eigen.lang.values import Object

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Value

MAX_QUBITS = 100_000


def pick(ctx: Context, size: int, key: Value, owner: str, span: Span) -> int | range:
    """The position (or positions) that `key` selects among `size` elements; a diagnostic when there is none."""
    if isinstance(key, slice):
        return _positions(ctx, size, key, span)  # pyright: ignore[reportUnknownArgumentType]
    ctx.require_static(key, f"an index of {owner}", span)
    if isinstance(key, bool) or not isinstance(key, int):
        ctx.fail("E0402", f"{owner} is indexed by integers or slices", span)
    if not -size <= key < size:
        hint = f"valid indices are 0 to {size - 1}" if size else ""
        ctx.fail("E0404", f"index `{key}` is out of range: {owner} has {size} elements", span, hint=hint)
    return key % size


def _positions(ctx: Context, size: int, bounds: slice[Any, Any, Any], span: Span) -> range:
    ctx.require_static([bounds.start, bounds.stop, bounds.step], "a slice of a register", span)
    try:
        return range(size)[bounds]
    except (TypeError, ValueError) as error:
        return ctx.fail("E0402", str(error), span)


class Qubit(Object):
    """One qubit of a circuit under construction."""

    type_name: ClassVar[str] = "qubit"
    __slots__ = ("index", "scope")

    def __init__(self, scope: Scope, index: int) -> None:
        self.scope = scope
        self.index = index

    def attributes(self) -> Iterable[str]:
        """`index`."""
        return ("index",)

    def get_attr(self, ctx: Context, name: str, span: Span) -> Value:
        """The qubit's position in its circuit."""
        if name == "index":
            return self.index
        return super().get_attr(ctx, name, span)

    def binary(self, ctx: Context, op: str, other: Value, reflected: bool, span: Span) -> Value:
        """Identity: `q[0] == r[1]`."""
        del ctx, reflected, span
        if op in {"==", "!="} and isinstance(other, Qubit):
            return (self.scope is other.scope and self.index == other.index) == (op == "==")
        return NotImplemented


class Qubits(Object):
    """A quantum register, a slice of one, or several qubits together."""

    type_name: ClassVar[str] = "qubit register"
    __slots__ = ("indices", "name", "scope")

    def __init__(self, scope: Scope, indices: Sequence[int], name: str = "") -> None:
        self.scope = scope
        self.indices = indices
        self.name = name

    def attributes(self) -> Iterable[str]:
        """`size`, `name`."""
        return ("size", "n_qubits", "num_qubits", "name")

    def get_attr(self, ctx: Context, name: str, span: Span) -> Value:
        """The number of qubits, or the register's name."""
        if name in {"size", "n_qubits", "num_qubits"}:
            return len(self.indices)
        if name == "name":
            return self.name
        return super().get_attr(ctx, name, span)

    def get_item(self, ctx: Context, key: Value, span: Span) -> Value:
        """A qubit, or the qubits of a slice."""
        if type(key) is int and -len(self.indices) <= key < len(self.indices):
            return Qubit(self.scope, self.indices[key])
        found = pick(ctx, len(self.indices), key, "this register", span)
        if isinstance(found, int):
            return Qubit(self.scope, self.indices[found])
        return Qubits(self.scope, [self.indices[position] for position in found], self.name)

    def iterate(self, ctx: Context, span: Span) -> Sequence[Value]:
        """Its qubits."""
        del span
        ctx.charge(len(self.indices))
        return [Qubit(self.scope, index) for index in self.indices]

    def length(self, ctx: Context, span: Span) -> Value:
        """The number of qubits."""
        del ctx, span
        return len(self.indices)

    def truth(self, ctx: Context, span: Span) -> bool:
        """Whether there is any qubit."""
        del ctx, span
        return bool(self.indices)

    def binary(self, ctx: Context, op: str, other: Value, reflected: bool, span: Span) -> Value:
        """`a + b`: the qubits of both; `qubit in register`."""
        if op == "+" and isinstance(other, Qubits) and not reflected:
            if other.scope is not self.scope:
                ctx.fail("E0803", "the registers belong to different circuits", span)
            return Qubits(self.scope, [*self.indices, *other.indices])
        if op in {"in", "not in"} and isinstance(other, Qubit) and reflected:
            return (other.scope is self.scope and other.index in self.indices) == (op == "in")
        return NotImplemented


def program_scope(ctx: Context) -> Scope:
    """The circuit that new registers belong to: the one being written, else a new circuit of the program."""
    current = ctx.circuit
    if isinstance(current, Scope) and current.closed_at is None:
        if not current.implicit or current.region is ctx.region:
            return current
        inner = Scope(ctx.region, name="main", implicit=True, nested=True)  # of a loop or branch at run time
        ctx.push_circuit(inner)
        return inner
    scope = Scope(ctx.region, name="main", implicit=True)
    ctx.replace_circuit(scope)
    return scope


def check_size(ctx: Context, value: Value, what: str, span: Span) -> int:
    """A register's size: a positive static integer."""
    ctx.require_static(value, f"the size of a {what}", span, hint="pass it as a job input (`spec.inputs`) instead")
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_QUBITS:
        ctx.fail("E0403", f"the size of a {what} must be an integer from 1 to {MAX_QUBITS}", span)
    return value


def check_name(ctx: Context, value: Value, span: Span) -> str | None:
    """A register's name: a static string, or None."""
    ctx.require_static(value, "the name of a register", span)
    if value is not None and not isinstance(value, str):
        ctx.fail("E0402", "the name of a register is a string", span)
    return value


def new_qubits(ctx: Context, size: int, name: str | None, span: Span) -> Qubits:
    """A new quantum register in the circuit being written."""
    scope = program_scope(ctx)
    if scope.open_blocks:
        ctx.fail("E0403", "a register cannot be created inside a conditional block", span)
    return Qubits(scope, scope.add_qubits(ctx, size, name, span), name or "")


def qubit_indices(ctx: Context, values: Iterable[Any], span: Span) -> tuple[Scope, list[int]]:
    """The circuit and the indices of qubits given one by one, as registers, or as lists of them."""
    scope: Scope | None = None
    indices: list[int] = []
    for value in values:
        found, some = _one(ctx, value, span)
        if scope is not None and found is not scope:
            ctx.fail("E0803", "the qubits belong to different circuits", span)
        scope = found
        indices.extend(some)
    if scope is None:
        ctx.fail("E0801", "at least one qubit is needed", span)
    return scope, indices


def _one(ctx: Context, value: Value, span: Span) -> tuple[Scope, Sequence[int]]:
    from eigen.lang.reification import describe

    if isinstance(value, Qubit):
        return value.scope, (value.index,)
    if isinstance(value, Qubits):
        return value.scope, value.indices
    if (is_list(value) or is_tuple(value)) and value:
        return qubit_indices(ctx, value, span)
    hint = "write `q[0]` for the first qubit of register `q`" if isinstance(value, int) else ""
    return ctx.fail("E0801", f"expected a qubit, not {describe(value)}", span, hint=hint)

"""Drives: the functions of time that a coefficient of a Hamiltonian may be, as values of the language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from eigen._core import Coefficient
from eigen.lang.binding import bind
from eigen.lang.library.arguments import flag, number, numbers
from eigen.lang.library.guard import guarded
from eigen.lang.values import Object, Sym

if TYPE_CHECKING:
    from collections.abc import Iterable

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Call, Value


class DriveValue(Object):
    """A real function of time. Drives add, subtract and multiply, with each other, numbers and `Param`s."""

    type_name: ClassVar[str] = "drive"
    __slots__ = ("coefficient",)

    def __init__(self, coefficient: Coefficient) -> None:
        self.coefficient = coefficient

    def describe(self) -> str:
        """How the value is named in messages."""
        return "a drive"

    def attributes(self) -> Iterable[str]:
        """None."""
        return ()

    def unary(self, ctx: Context, op: str, span: Span) -> Value:
        """`-d`, `+d`."""
        if op == "-":
            return DriveValue(guarded(ctx, span, lambda: -self.coefficient))
        return self if op == "+" else super().unary(ctx, op, span)

    def binary(self, ctx: Context, op: str, other: Value, reflected: bool, span: Span) -> Value:
        """`d + e`, `d - e`, `d * e`; each may be a number or a `Param` too."""
        if op in {"==", "!="}:
            same = isinstance(other, DriveValue) and self.coefficient == other.coefficient
            return same == (op == "==")
        left, right = (other, self) if reflected else (self, other)
        return guarded(ctx, span, _arithmetic, op, left, right)


def _arithmetic(op: str, left: Value, right: Value) -> Value:
    a, b = _operand(left), _operand(right)
    if a is None or b is None or op not in {"+", "-", "*"}:
        return NotImplemented
    return DriveValue(a + b if op == "+" else a - b if op == "-" else a * b)


def _operand(value: Value) -> Coefficient | None:
    if isinstance(value, DriveValue):
        return value.coefficient
    if isinstance(value, Sym):
        return Coefficient.constant(value.affine)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Coefficient.constant(number(value, "the factor"))
    return None


def _symbol_or_number(value: Any, name: str) -> Any:
    return value.affine if isinstance(value, Sym) else number(value, name)


def cosine(ctx: Context, call: Call) -> Value:
    """`cosine_drive(omega, phase=0.0)`."""
    return _two(ctx, call, "omega, phase=0.0", Coefficient.cos)


def sine(ctx: Context, call: Call) -> Value:
    """`sine_drive(omega, phase=0.0)`."""
    return _two(ctx, call, "omega, phase=0.0", Coefficient.sin)


def gaussian(ctx: Context, call: Call) -> Value:
    """`gaussian_drive(center, width)`."""
    return _two(ctx, call, "center, width", Coefficient.gaussian)


def _two(ctx: Context, call: Call, signature: str, make: Any) -> Value:
    values: tuple[Any, ...] = bind(call, signature)
    names = [part.partition("=")[0].strip() for part in signature.split(",")]
    ctx.require_static(list(values), "a drive", call.span)

    def made() -> Coefficient:
        return make(*(_symbol_or_number(value, f"`{name}`") for value, name in zip(values, names, strict=True)))

    return DriveValue(guarded(ctx, call.span, made))


def polynomial(ctx: Context, call: Call) -> Value:
    """`polynomial_drive(coefficients)`."""
    (coefficients,) = bind(call, "coefficients")
    ctx.require_static(coefficients, "a drive", call.span)
    read = guarded(ctx, call.span, numbers, coefficients, "coefficients")
    ctx.charge(len(read))
    return DriveValue(guarded(ctx, call.span, Coefficient.polynomial, read))


def table(ctx: Context, call: Call) -> Value:
    """`table_drive(times, values, linear=True)`."""
    times, values, linear = bind(call, "times, values, linear=True")
    ctx.require_static([times, values, linear], "a drive", call.span)
    columns = [
        guarded(ctx, call.span, numbers, column, name) for column, name in ((times, "times"), (values, "values"))
    ]
    ctx.charge(2 * len(columns[0]))
    joined = guarded(ctx, call.span, flag, linear, "linear")
    return DriveValue(guarded(ctx, call.span, Coefficient.table, *columns, linear=joined))

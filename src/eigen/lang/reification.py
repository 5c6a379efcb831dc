"""From language values to values a node may hold: constants, containers with run-time parts, operations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.ops import OPS, OpError
from eigen.ir.ops import apply as apply_op
from eigen.ir.values import Array, decode_value, encode_value, is_dict, is_list, is_tuple, type_of
from eigen.lang.regions import Dyn, Origin
from eigen.lang.values import Object, Sym, Undefined, class_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Value

_SCALARS = (bool, int, float, str, complex, Array, range, type(None))


def find_dynamic(value: Value) -> Dyn | Sym | Object | None:
    """The first part of a value that a static operation cannot take, or None."""
    if isinstance(value, _SCALARS):
        return None
    if isinstance(value, (Dyn, Sym, Object)):
        return value
    stack: list[Any] = [value]
    seen: set[int] = set()
    while stack:
        item = stack.pop()
        if isinstance(item, (Dyn, Sym, Object)):
            return item
        if (is_list(item) or is_tuple(item) or is_dict(item)) and id(item) not in seen:
            seen.add(id(item))
            stack.extend(item.values() if is_dict(item) else item)
    return None


def describe(value: Value) -> str:
    """A value's kind as it reads in a message: "a list", "a run-time float"."""
    if isinstance(value, Object):
        return value.describe()
    if isinstance(value, Dyn):
        return "a run-time value" if value.type == "any" else f"a run-time {value.type.removeprefix('record:')}"
    if isinstance(value, Sym):
        return "a circuit parameter"
    if isinstance(value, Undefined):
        return "an undefined value"
    if value is None:
        return "`None`"
    name = "range" if isinstance(value, range) else type_of(value)
    if name == "any":
        name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


_LIMIT_CODES = (
    ("bits of an integer", "E0603"),
    ("characters of a string", "E0604"),
    ("numbers of an array", "E0606"),
)

_ERROR_CODES = {
    "TypeError": "E0402",
    "ValueError": "E0403",
    "OverflowError": "E0403",
    "IndexError": "E0404",
    "KeyError": "E0404",
    "ZeroDivisionError": "E0405",
}


def fail_operation(ctx: Context, error: OpError | EigenError, span: Span) -> Any:
    """Turn an error of `eigen.ir` into a diagnostic."""
    if isinstance(error, OpError):
        ctx.fail(_ERROR_CODES.get(error.kind, "E0403"), error.message, span)
    if error.code == "EIGEN_LIMIT_EXCEEDED":
        code = next((code for text, code in _LIMIT_CODES if error.message.startswith(text)), "E0605")
        ctx.fail(code, error.message, span)
    ctx.fail("E0403", error.message, span, hint=error.hint)


def apply(ctx: Context, op: str, args: Sequence[Value], attrs: Mapping[str, Any], span: Span) -> Value:
    """Compute an operation now, or emit it when an argument is known only at run time."""
    for value in args:
        if not isinstance(value, _SCALARS) and find_dynamic(value) is not None:
            return ctx.emit(op, args, attrs=attrs, span=span)
    try:
        value = apply_op(op, args, attrs, ctx.fuel)
    except (OpError, EigenError) as error:
        return fail_operation(ctx, error, span)
    charge_memory(ctx, value)
    return value


def charge_memory(ctx: Context, value: Value) -> None:
    """Charge for the memory of a new value, so that fuel bounds all memory ever taken."""
    kind = class_of(value)
    if kind is int:
        if value >> 256 not in {0, -1}:
            ctx.charge(value.bit_length() >> 5)
    elif kind is str:
        ctx.charge(len(value) >> 3)
    elif kind is list or kind is tuple:
        ctx.charge(2 * len(value))
    elif kind is dict:
        ctx.charge(4 * len(value))
    elif kind is Array:
        ctx.charge(2 * value.size)


def result_type(op: str, args: Sequence[Value]) -> str:
    """The type of an operation's result by its rule in the table."""
    if op not in OPS:
        return "any"
    return OPS[op].types([value.type if isinstance(value, Dyn) else type_of(value) for value in args])


def inherited_origin(args: Sequence[Value], op: str, span: Span) -> Origin:
    """The origin of the first run-time argument."""
    return next((value.origin for value in args if isinstance(value, Dyn)), Origin(f"`{op}`", span))


def constant(ctx: Context, value: Value, span: Span) -> int:
    """The index of a constant in the current region."""
    if is_list(value) or is_tuple(value) or is_dict(value):
        try:
            value = decode_value(encode_value(value))  # a copy: the program may change its own later
        except EigenError as error:
            return fail_operation(ctx, error, span)
    return ctx.region.constant(value, type_of(value), span.line)


def reify(ctx: Context, value: Value, span: Span) -> Value:
    """A plain static value or a Dyn: containers with run-time parts become `list`, `tuple`, `dict` nodes."""
    return _reify(ctx, value, span, 0)


def _reify(ctx: Context, value: Value, span: Span, depth: int) -> Value:
    if isinstance(value, range):
        ctx.charge(len(value))
        if len(value) > ctx.limits.container_elements:
            ctx.fail("E0605", f"a range of {len(value)} numbers is too large to be a value", span)
        return list(value)
    if isinstance(value, (Dyn, *_SCALARS)):
        return value
    if depth > 60:
        ctx.fail("E0605", "the value nests more than 60 containers", span)
    if isinstance(value, Object):
        return _reify(ctx, value.reify(ctx, span), span, depth + 1)
    if isinstance(value, Sym):
        ctx.fail(
            "E0506",
            "a circuit parameter has no value outside circuits",
            span,
            hint="bind it: pass numbers as `params=` when the circuit runs",
        )
    if is_list(value) or is_tuple(value):
        ctx.charge(2 + 3 * len(value))
        parts = [_reify(ctx, item, span, depth + 1) for item in value]
        kind = "list" if is_list(value) else "tuple"
        if any(isinstance(part, Dyn) for part in parts):
            return _container(ctx, kind, parts, span, length=len(parts))
        return parts if kind == "list" else tuple(parts)
    if is_dict(value):
        ctx.charge(2 + 4 * len(value))
        parts = [_reify(ctx, item, span, depth + 1) for item in value.values()]
        if any(isinstance(part, Dyn) for part in parts):
            flat = [part for pair in zip(value, parts, strict=True) for part in pair]
            return _container(ctx, "dict", flat, span, length=len(parts))
        return dict(zip(value, parts, strict=True))
    if type_of(value) != "any":
        return value
    return ctx.fail("E0506", f"{describe(value)} cannot be part of a result or of a run-time value", span)


def _container(ctx: Context, kind: str, parts: list[Value], span: Span, *, length: int) -> Dyn:
    return ctx.emit(kind, parts, type=kind, span=span, length=length)


def to_text(ctx: Context, value: Value, span: Span) -> Value:
    """`str(value)`, emitted when it is known only at run time."""
    if isinstance(value, str):
        return value
    if isinstance(value, Object):
        return value.to_text(ctx, span)
    return apply(ctx, "str", [reify(ctx, value, span)], {}, span)

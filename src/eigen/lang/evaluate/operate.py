"""Operators on values: Python's meaning for static numbers, circuit parameters, run-time values and objects."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.ir.ops import OpError
from eigen.ir.ops import apply as apply_op
from eigen.ir.values import Array, is_dict, is_list, is_tuple
from eigen.lang.journal import own
from eigen.lang.regions import Dyn
from eigen.lang.reification import describe, fail_operation, find_dynamic
from eigen.lang.values import Object, Sym, class_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Value

BINARY: dict[str, tuple[str, str]] = {
    "Add": ("+", "add"),
    "Sub": ("-", "sub"),
    "Mult": ("*", "mul"),
    "Div": ("/", "truediv"),
    "FloorDiv": ("//", "floordiv"),
    "Mod": ("%", "mod"),
    "Pow": ("**", "pow"),
    "MatMult": ("@", "matmul"),
    "LShift": ("<<", "lshift"),
    "RShift": (">>", "rshift"),
    "BitAnd": ("&", "bitand"),
    "BitOr": ("|", "bitor"),
    "BitXor": ("^", "bitxor"),
}
"""Python's operator node -> (symbol, operation of `eigen.ir.ops`)."""

COMPARISONS: dict[str, tuple[str, str]] = {
    "Eq": ("==", "eq"),
    "NotEq": ("!=", "ne"),
    "Lt": ("<", "lt"),
    "LtE": ("<=", "le"),
    "Gt": (">", "gt"),
    "GtE": (">=", "ge"),
    "In": ("in", "in"),
    "NotIn": ("not in", "not_in"),
    "Is": ("is", "is"),
    "IsNot": ("is not", "is_not"),
}

UNARY: dict[str, tuple[str, str]] = {
    "USub": ("-", "neg"),
    "UAdd": ("+", "pos"),
    "Invert": ("~", "invert"),
    "Not": ("not", "not"),
}

_FAST: dict[str, Callable[[Any, Any], Any]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_FAST_DIVISION: dict[str, Callable[[Any, Any], Any]] = {
    "/": lambda a, b: a / b,
    "//": lambda a, b: a // b,
    "%": operator.mod,
}
_FAST_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_SMALL = 1 << 53  # integers that a float holds exactly


def binary(ctx: Context, symbol: str, op: str, left: Value, right: Value, span: Span) -> Value:
    """`left symbol right`."""
    kind = class_of(left)
    other = class_of(right)
    if (kind is float or (kind is int and -_SMALL < left < _SMALL)) and (
        other is float or (other is int and -_SMALL < right < _SMALL)
    ):
        fast = _FAST.get(symbol)
        if fast is not None:
            return fast(left, right)
        if right and (symbol == "/" or kind is other is int):
            exact = _FAST_DIVISION.get(symbol)
            if exact is not None:
                return exact(left, right)
    if isinstance(left, Object) or isinstance(right, Object):
        return _object_binary(ctx, symbol, op, left, right, span)
    if isinstance(left, Sym) or isinstance(right, Sym):
        return _symbolic(ctx, symbol, left, right, span)
    if op == "mod" and isinstance(left, str):
        ctx.fail("E0402", "`%` does not format strings here", span, hint='write an f-string: f"{value:.3f}"')
    return own(ctx, ctx.apply(op, [_plain(left), _plain(right)], span=span))


def _plain(value: Value) -> Value:
    return list(value) if isinstance(value, range) else value


def _object_binary(ctx: Context, symbol: str, op: str, left: Value, right: Value, span: Span) -> Value:
    result: Value = NotImplemented
    if isinstance(left, Object):
        result = left.binary(ctx, symbol, right, False, span)
    if result is NotImplemented and isinstance(right, Object):
        result = right.binary(ctx, symbol, left, True, span)
    if result is not NotImplemented:
        return result
    if symbol == "==":
        return left is right
    if symbol == "!=":
        return left is not right
    del op
    return ctx.fail("E0402", f"`{symbol}` is not defined for {describe(left)} and {describe(right)}", span)


def _symbolic(ctx: Context, symbol: str, left: Value, right: Value, span: Span) -> Value:
    """Affine arithmetic with circuit parameters."""
    other = right if isinstance(left, Sym) else left
    if isinstance(other, Dyn):
        ctx.fail(
            "E0505",
            "a circuit parameter cannot be combined with a run-time value",
            span,
            hint="bind the parameter, or compute the whole angle from run-time values",
            secondary=ctx.provenance(other),
        )
    if isinstance(left, Sym) and isinstance(right, Sym):
        if symbol in {"+", "-"}:
            return Sym(left.affine + right.affine if symbol == "+" else left.affine - right.affine)
    elif isinstance(other, (int, float)):
        number = float(other) if abs(other) < 1e300 else ctx.fail("E0403", "the number is too large here", span)
        affine = left.affine if isinstance(left, Sym) else right.affine
        if symbol == "*":
            return Sym(affine * number)
        if symbol == "+":
            return Sym(affine + number)
        if symbol == "-":
            return Sym(affine + (-number)) if isinstance(left, Sym) else Sym(-affine + number)
        if symbol == "/" and isinstance(left, Sym):
            if number == 0:
                ctx.fail("E0405", "division by zero", span)
            return Sym(affine / number)
    return ctx.fail(
        "E0505",
        f"`{symbol}` of {describe(left)} and {describe(right)} is not affine in the circuit parameters",
        span,
        hint="a gate angle is a sum of parameters times numbers; compute other expressions from run-time values",
    )


def unary(ctx: Context, kind: str, value: Value, span: Span) -> Value:
    """`-x`, `+x`, `~x`, `not x`."""
    symbol, op = UNARY[kind]
    if kind == "Not":
        return negate(ctx, value, span)
    if isinstance(value, Object):
        return value.unary(ctx, symbol, span)
    if isinstance(value, Sym):
        if kind == "Invert":
            ctx.fail("E0505", "`~` is not defined for circuit parameters", span)
        return Sym(-value.affine) if kind == "USub" else value
    if type(value) is float or (type(value) is int and kind != "Invert"):
        return -value if kind == "USub" else value
    return ctx.apply(op, [_plain(value)], span=span)


def negate(ctx: Context, value: Value, span: Span) -> Value:
    """`not x`: a bool, a run-time bool, or a negated condition on measured bits."""
    if isinstance(value, Object) and value.condition(ctx, span) is not None:
        return value.unary(ctx, "not", span)
    if isinstance(value, Dyn):
        return ctx.emit("not", [value], span=span)
    return not truth(ctx, value, span)


def truth(ctx: Context, value: Value, span: Span) -> bool:
    """`bool(x)` of a static value."""
    if value is True or value is False:
        return value
    if isinstance(value, Dyn):
        ctx.fail_runtime(value, "this condition", span)
    if isinstance(value, Object):
        return value.truth(ctx, span)
    if isinstance(value, Sym):
        ctx.fail("E0501", "a circuit parameter has no truth value", span)
    if isinstance(value, Array):
        if value.size != 1:
            ctx.fail(
                "E0403",
                "the truth value of an array with several elements is not defined",
                span,
                hint="use `np.any(x)` or `np.all(x)`",
            )
        return bool(value.data[0])
    return bool(value)


def compare(ctx: Context, symbol: str, op: str, left: Value, right: Value, span: Span) -> Value:
    """One comparison: a bool, a run-time bool, an array of bools, or what objects make of it."""
    kind = class_of(left)
    other = class_of(right)
    if (kind is other and (kind is int or kind is float or kind is str)) or (
        kind is int and other is float and -_SMALL < left < _SMALL
    ):
        fast = _FAST_COMPARE.get(symbol)
        if fast is not None:
            return fast(left, right)
    if op in {"is", "is_not"}:
        return _identity(ctx, op, left, right, span)
    if isinstance(left, Object) or isinstance(right, Object):
        if op in {"in", "not_in"}:
            return _object_membership(ctx, op, left, right, span)
        return _object_binary(ctx, symbol, op, left, right, span)
    if op in {"in", "not_in"} and isinstance(right, range):
        found = type(left) in {int, bool} and left in right
        return found == (op == "in") if not isinstance(left, Dyn) else ctx.apply(op, [left, list(right)], span=span)
    if isinstance(left, Sym) or isinstance(right, Sym):
        ctx.fail("E0505", "circuit parameters cannot be compared", span)
    if op in {"in", "not_in", "eq", "ne"} and _holds_objects(left, right):
        return _structural(ctx, op, left, right, span)
    return ctx.apply(op, [_plain(left), _plain(right)], span=span)


def _identity(ctx: Context, op: str, left: Value, right: Value, span: Span) -> Value:
    positive = op == "is"
    if left is None or right is None:
        other = right if left is None else left
        if isinstance(other, Dyn) and other.type == "any":
            made = ctx.emit("is_none", [other], span=span)
            return made if positive else ctx.emit("not", [made], span=span)
        return (other is None) == positive
    if isinstance(left, bool) and isinstance(right, bool):
        return (left is right) == positive
    if isinstance(left, Dyn) or isinstance(right, Dyn):
        ctx.fail("E0402", "`is` compares with `None` only; use `==`", span)
    if isinstance(left, (int, float, str, complex)) and isinstance(right, (int, float, str, complex)):
        ctx.fail("E0402", "`is` on numbers and strings depends on the interpreter; use `==`", span)
    return (left is right) == positive


def _object_membership(ctx: Context, op: str, left: Value, right: Value, span: Span) -> Value:
    if isinstance(right, Object):
        result = right.binary(ctx, "in", left, True, span)
        if result is NotImplemented:
            result = any(item is left for item in right.iterate(ctx, span))
        return result if op == "in" else negate(ctx, result, span)
    if is_list(right) or is_tuple(right) or is_dict(right):
        return any(item is left for item in right) == (op == "in")
    return ctx.fail("E0402", f"`in` is not defined for {describe(right)}", span)


def _holds_objects(left: Value, right: Value) -> bool:
    for value in (left, right):
        if is_list(value) or is_tuple(value) or is_dict(value):
            found = find_dynamic(value)
            if isinstance(found, (Object, Sym)):
                return True
    return False


def _structural(ctx: Context, op: str, left: Value, right: Value, span: Span) -> bool:
    """Equality and membership where containers hold objects: objects are equal when they are the same."""
    if op in {"in", "not_in"}:
        items: list[Any] = list(right) if is_list(right) or is_tuple(right) or is_dict(right) else []
        ctx.charge(len(items))
        return any(_same(ctx, left, item, span, 0) for item in items) == (op == "in")
    return _same(ctx, left, right, span, 0) == (op == "eq")


def _same(ctx: Context, left: Value, right: Value, span: Span, depth: int) -> bool:
    if left is right:
        return True
    if depth > 60:
        ctx.fail("E0605", "the values nest more than 60 containers", span)
    if (is_list(left) and is_list(right)) or (is_tuple(left) and is_tuple(right)):
        ctx.charge(len(left))
        return len(left) == len(right) and all(
            _same(ctx, a, b, span, depth + 1) for a, b in zip(left, right, strict=True)
        )
    if is_dict(left) and is_dict(right):
        ctx.charge(len(left))
        return left.keys() == right.keys() and all(_same(ctx, left[k], right[k], span, depth + 1) for k in left)
    if find_dynamic(left) is not None or find_dynamic(right) is not None:
        return False
    try:
        return bool(apply_op("eq", [left, right], {}, ctx.fuel))
    except (OpError, EigenError) as error:
        return fail_operation(ctx, error, span)

"""Arithmetic, comparison and logic: Python's meaning on scalars, NumPy's on arrays.

Scalars raise as Python does (division by zero, overflow of a float power); arrays follow IEEE 754. Powers and
complex numbers go through our own deterministic mathematics.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from math import copysign, inf, isfinite, isinf, nan
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.ir.array import Array
from eigen.ir.ops import complexes
from eigen.ir.ops.broadcast import as_operand, broadcast_cost, elementwise
from eigen.ir.ops.limits import check_bits, check_items, check_text
from eigen.ir.ops.table import Args, Attrs, bool_or_array, deep, float_or_array, linear, numeric, op
from eigen.ir.values import is_list, is_number, is_tuple

if TYPE_CHECKING:
    from collections.abc import Sequence


def unsupported(symbol: str, *args: Any) -> TypeError:
    """Python's complaint about operand types."""
    names = " and ".join(f"`{type(value).__name__}`" for value in args)
    return TypeError(f"unsupported operand types for {symbol}: {names}")


def _binary(symbol: str, scalar: Callable[[Any, Any], Any], args: Args) -> Any:
    a, b = args
    if isinstance(a, Array) or isinstance(b, Array):
        a, b = as_operand(a), as_operand(b)
    if not all(isinstance(value, Array) or is_number(value) for value in (a, b)):
        raise unsupported(symbol, a, b)
    return elementwise(scalar, (a, b))


def _is_repeatable(value: Any) -> bool:
    return isinstance(value, str) or is_list(value) or is_tuple(value)


# ---- scalars -----------------------------------------------------------------------------------------------


def add_scalars(a: Any, b: Any) -> Any:
    """a + b."""
    if type(a) is int and type(b) is int:
        check_bits(max(a.bit_length(), b.bit_length()))
    return a + b


def multiply_scalars(a: Any, b: Any) -> Any:
    """a * b; complex products without fused operations."""
    if isinstance(a, int) and isinstance(b, int):
        check_bits(a.bit_length() + b.bit_length() - 1)
        return a * b
    if isinstance(a, complex):
        return complexes.multiply(a, complex(b)) if isinstance(b, complex) else complex(a.real * b, a.imag * b)
    if isinstance(b, complex):
        return complex(a * b.real, a * b.imag)
    return a * b


def divide_scalars(a: Any, b: Any) -> Any:
    """a / b. Raises ZeroDivisionError."""
    if isinstance(b, complex):
        return complexes.divide(complex(a), b)
    if isinstance(a, complex):
        return complex(a.real / b, a.imag / b)
    return a / b


def power_scalars(a: Any, b: Any) -> Any:
    """a ** b: exact for integers, a complex number for a fractional power of a negative one, as in Python."""
    if isinstance(a, int) and isinstance(b, int) and b >= 0:
        check_bits((abs(a).bit_length() - 1) * b if abs(a) > 1 else 1)
        return int(a) ** int(b)
    if isinstance(a, complex) or isinstance(b, complex):
        return _finite_power(complex(a), complex(b))
    x, y = float(a), float(b)
    if x == 0 and y < 0:
        raise ZeroDivisionError("0.0 cannot be raised to a negative power")
    if x < 0 and isfinite(x) and isfinite(y) and y != int(y):
        return _finite_power(complex(x), complex(y))
    result = _core.math.pow(x, y)
    if isinf(result) and isfinite(x) and isfinite(y):
        raise OverflowError("the result of a power is too large")
    return result


def _finite_power(a: complex, b: complex) -> complex:
    result = complexes.power(a, b)
    if not (isfinite(result.real) and isfinite(result.imag)) and all(map(isfinite, (a.real, a.imag, b.real, b.imag))):
        raise OverflowError("the result of a complex power is too large")
    return result


def _ieee_divide(a: Any, b: Any) -> Any:
    if b != 0:
        return divide_scalars(a, b)
    if isinstance(a, complex) or isinstance(b, complex):
        return complex(nan, nan)
    if a == 0 or a != a:
        return nan
    return copysign(inf, a) * copysign(1.0, b)


def _ieee_power(a: Any, b: Any) -> Any:
    if isinstance(a, int) and isinstance(b, int):
        if b < 0:
            raise ValueError("integers to negative integer powers are not allowed: make the base a float")
        return power_scalars(a, b)
    if isinstance(a, complex) or isinstance(b, complex):
        return complexes.power(complex(a), complex(b))
    return _core.math.pow(float(a), float(b))


def _real_pair(symbol: str, a: Any, b: Any) -> None:
    if isinstance(a, complex) or isinstance(b, complex):
        raise unsupported(symbol, a, b)


def _floor_divide(a: Any, b: Any) -> Any:
    _real_pair("//", a, b)
    return a // b


def _modulo(a: Any, b: Any) -> Any:
    _real_pair("%", a, b)
    return a % b


def _ieee_floor_divide(a: Any, b: Any) -> Any:
    return _floor_divide(a, b) if b != 0 else _ieee_divide(a, b)


def _ieee_modulo(a: Any, b: Any) -> Any:
    return _modulo(a, b) if b != 0 else nan


# ---- operations --------------------------------------------------------------------------------------------


def _add_types(types: Sequence[str]) -> str:
    if len(set(types)) == 1 and types[0] in {"str", "list", "tuple"}:
        return types[0]
    return numeric(types)


def _mul_types(types: Sequence[str]) -> str:
    for name in ("str", "list", "tuple"):
        if name in types and "array" not in types:
            return name
    return numeric(types)


def _linear_or_broadcast(args: Args, attrs: Attrs) -> int:
    return broadcast_cost(args, attrs) if any(isinstance(value, Array) for value in args) else linear(args, attrs)


@op("add", 2, types=_add_types, cost=_linear_or_broadcast, derivative=True, help="`a + b`; joins strings and lists")
def add(args: Args, attrs: Attrs) -> Any:
    a, b = args
    if isinstance(a, str) and isinstance(b, str):
        check_text(len(a) + len(b))
        return a + b
    if is_list(a) and is_list(b):
        check_items(len(a) + len(b))
        return a + b
    if is_tuple(a) and is_tuple(b):
        check_items(len(a) + len(b))
        return a + b
    return _binary("+", add_scalars, args)


@op("sub", 2, types=numeric, cost=broadcast_cost, derivative=True, help="`a - b`")
def sub(args: Args, attrs: Attrs) -> Any:
    def subtract(a: Any, b: Any) -> Any:
        if type(a) is int and type(b) is int:
            check_bits(max(a.bit_length(), b.bit_length()))
        return a - b

    return _binary("-", subtract, args)


@op("mul", 2, types=_mul_types, cost=_linear_or_broadcast, derivative=True, help="`a * b`; repeats strings and lists")
def mul(args: Args, attrs: Attrs) -> Any:
    a, b = args
    for sequence, times in ((a, b), (b, a)):
        if _is_repeatable(sequence) and isinstance(times, int):
            length = len(sequence) * max(times, 0)
            (check_text if isinstance(sequence, str) else check_items)(length)
            return sequence * times
    return _binary("*", multiply_scalars, args)


def _on_arrays(args: Args) -> bool:
    return any(isinstance(value, Array) for value in args)


@op("truediv", 2, types=float_or_array, cost=broadcast_cost, derivative=True, help="`a / b`")
def truediv(args: Args, attrs: Attrs) -> Any:
    return _binary("/", _ieee_divide if _on_arrays(args) else divide_scalars, args)


@op("floordiv", 2, types=numeric, cost=broadcast_cost, help="`a // b`")
def floordiv(args: Args, attrs: Attrs) -> Any:
    return _binary("//", _ieee_floor_divide if _on_arrays(args) else _floor_divide, args)


@op("mod", 2, types=numeric, cost=broadcast_cost, help="`a % b`")
def mod(args: Args, attrs: Attrs) -> Any:
    return _binary("%", _ieee_modulo if _on_arrays(args) else _modulo, args)


def _pow_types(types: Sequence[str]) -> str:
    found = numeric(types)
    return found if found in {"array", "complex"} else "any"


@op("pow", 2, types=_pow_types, cost=broadcast_cost, derivative=True, help="`a ** b`")
def pow_(args: Args, attrs: Attrs) -> Any:
    return _binary("**", _ieee_power if _on_arrays(args) else power_scalars, args)


def _unary(symbol: str, function: Callable[[Any], Any], value: Any) -> Any:
    if not (isinstance(value, Array) or is_number(value)):
        raise unsupported(symbol, value)
    return elementwise(function, (value,))


@op("neg", 1, types=numeric, cost=linear, derivative=True, help="`-a`")
def neg(args: Args, attrs: Attrs) -> Any:
    return _unary("unary -", lambda a: -a, args[0])


@op("pos", 1, types=numeric, cost=linear, derivative=True, help="`+a`")
def pos(args: Args, attrs: Attrs) -> Any:
    return _unary("unary +", lambda a: +a, args[0])


@op("invert", 1, types=numeric, cost=linear, help="`~a` of integers; logical not of bool arrays")
def invert(args: Args, attrs: Attrs) -> Any:
    value = args[0]
    if isinstance(value, Array) and value.kind == "b":
        return elementwise(lambda a: not a, args)
    return _unary("~", lambda a: -1 - _integer("~", a), value)


def _integer(symbol: str, value: Any) -> int:
    if not isinstance(value, int):
        raise unsupported(symbol, value)
    return int(value)


@op("lshift", 2, types="int", help="`a << b`")
def lshift(args: Args, attrs: Attrs) -> Any:
    a, b = (_integer("<<", value) for value in args)
    check_bits(a.bit_length() + max(b, 0))
    return a << b


@op("rshift", 2, types="int", help="`a >> b`")
def rshift(args: Args, attrs: Attrs) -> Any:
    a, b = (_integer(">>", value) for value in args)
    return a >> b


def _bitwise(symbol: str, function: Callable[[Any, Any], Any]) -> Callable[[Args, Attrs], Any]:
    def checked(a: Any, b: Any) -> Any:
        if not (isinstance(a, int) and isinstance(b, int)):
            raise unsupported(symbol, a, b)
        return function(a, b)

    return lambda args, attrs: _binary(symbol, checked, args)


def _bit_types(types: Sequence[str]) -> str:
    return "bool" if set(types) == {"bool"} else numeric(types)


def _and(a: int, b: int) -> int:
    return a & b


def _or(a: int, b: int) -> int:
    return a | b


def _xor(a: int, b: int) -> int:
    return a ^ b


for _name, _symbol, _function in (("bitand", "&", _and), ("bitor", "|", _or), ("bitxor", "^", _xor)):
    op(_name, 2, types=_bit_types, cost=broadcast_cost, help=f"`a {_symbol} b`")(_bitwise(_symbol, _function))


# ---- comparison and logic ----------------------------------------------------------------------------------


def _comparison(symbol: str, function: Callable[[Any, Any], Any]) -> Callable[[Args, Attrs], Any]:
    def compare(args: Args, attrs: Attrs) -> Any:
        a, b = args
        if isinstance(a, Array) or isinstance(b, Array):
            return elementwise(function, (as_operand(a), as_operand(b)), kind="b")
        return function(a, b)

    return compare


for _name, _symbol, _function in (
    ("eq", "==", operator.eq),
    ("ne", "!=", operator.ne),
    ("lt", "<", operator.lt),
    ("le", "<=", operator.le),
    ("gt", ">", operator.gt),
    ("ge", ">=", operator.ge),
):
    op(_name, 2, types=bool_or_array, cost=deep, help=f"`a {_symbol} b`, elementwise on arrays")(
        _comparison(_symbol, _function)
    )


@op("is_none", 1, types="bool", help="`a is None`")
def is_none(args: Args, attrs: Attrs) -> bool:
    return args[0] is None


def truth(value: Any) -> bool:
    """Python's truth of a value; ValueError for an array of several elements."""
    if isinstance(value, Array):
        if value.size != 1:
            raise ValueError("the truth of an array with several elements is ambiguous: use any() or all()")
        return bool(value.data[0])
    return bool(value)


@op("not", 1, types="bool", help="`not a`")
def not_(args: Args, attrs: Attrs) -> bool:
    return not truth(args[0])


def _same(types: Sequence[str]) -> str:
    return types[-1] if len(set(types[-2:])) == 1 else "any"


@op("and", 2, types=_same, help="`a and b` of computed values")
def and_(args: Args, attrs: Attrs) -> Any:
    return args[1] if truth(args[0]) else args[0]


@op("or", 2, types=_same, help="`a or b` of computed values")
def or_(args: Args, attrs: Attrs) -> Any:
    return args[0] if truth(args[0]) else args[1]


@op("select", 3, types=_same, derivative=True, help="`a if condition else b` of computed values: (condition, a, b)")
def select(args: Args, attrs: Attrs) -> Any:
    return args[1] if truth(args[0]) else args[2]

"""Elementary functions, twice: by NumPy's name with IEEE results on scalars and arrays, and as `math.NAME`, which
takes scalars and raises ValueError or OverflowError as Python's module does. All from the core's own mathematics.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.ir.array import Array, is_sequence
from eigen.ir.ops import complexes
from eigen.ir.ops.broadcast import as_array, as_operand, broadcast_cost, elementwise
from eigen.ir.ops.containers import integer, items_of
from eigen.ir.ops.limits import check_bits
from eigen.ir.ops.table import Args, Attrs, float_or_array, kept, linear, mask, op
from eigen.ir.values import is_number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.ir.ops.broadcast import Scalar

ONE_ARGUMENT = (
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "exp",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "sqrt",
    "cbrt",
    "erf",
    "erfc",
    "gamma",
    "lgamma",
)
_TWO_ARGUMENTS = ("atan2", "hypot")
DIFFERENTIABLE = frozenset({*ONE_ARGUMENT, *_TWO_ARGUMENTS} - {"erfc", "gamma", "lgamma"})
_NUMPY_NAMES = {
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
    "atan2": "arctan2",
}
_COMPLEX: dict[str, Callable[[complex], complex]] = {
    "sin": complexes.sin,
    "cos": complexes.cos,
    "exp": complexes.exp,
    "log": complexes.log,
    "sqrt": complexes.sqrt,
}


def real(value: Any, name: str) -> float:
    """A real number as a float. Raises TypeError for anything else."""
    if not isinstance(value, (int, float)):
        raise TypeError(f"`{name}` takes real numbers, not `{type(value).__name__}`")
    return float(value)


def _core_function(name: str, numbers: Sequence[float]) -> float:
    return getattr(_core.math, name)(*numbers)


def _ieee(name: str) -> Callable[..., Any]:
    def scalar(*values: Any) -> Any:
        if len(values) == 1 and isinstance(values[0], complex):
            if name not in _COMPLEX:
                raise TypeError(f"`{name}` takes real numbers, not `complex`")
            return _COMPLEX[name](values[0])
        return _core_function(name, [real(value, name) for value in values])

    return scalar


def strict(name: str, *values: Any) -> float:
    """A function of `math`: ValueError outside its domain, OverflowError when the result is too large."""
    numbers = [real(value, name) for value in values]
    result = _core_function(name, numbers)
    if math.isnan(result) and not any(map(math.isnan, numbers)):
        raise _outside(name, numbers)
    if not math.isinf(result) or not all(map(math.isfinite, numbers)):
        return result
    if name in _POLES and _at_pole(name, numbers):
        raise _outside(name, numbers)
    raise OverflowError(f"the result of `{name}` is too large")


_POLES = frozenset({"log", "log2", "log10", "log1p", "atanh", "gamma", "lgamma", "pow"})


def _outside(name: str, numbers: Sequence[float]) -> ValueError:
    return ValueError(f"math domain error: `{name}` of {', '.join(map(repr, numbers))}")


def _at_pole(name: str, numbers: list[float]) -> bool:
    x = numbers[0]
    if name in {"gamma", "lgamma"}:
        return x <= 0
    if name == "pow":
        return x == 0
    return abs(x) <= 1


def _enter(name: str, arity: int) -> None:
    known = name in DIFFERENTIABLE
    what = "a" if arity == 1 else "a, b"
    scalar = _ieee(name)

    def wide(args: Args, attrs: Attrs) -> Any:
        return elementwise(scalar, [as_operand(value) for value in args])

    for label in {name, _NUMPY_NAMES.get(name, name)}:
        op(label, arity, types=float_or_array, cost=broadcast_cost, derivative=known, help=f"`np.{label}({what})`")(
            wide
        )
    op(f"math.{name}", arity, types="float", derivative=known, help=f"`math.{name}({what})`")(
        lambda args, attrs: strict(name, *args)
    )


for _name in ONE_ARGUMENT:
    _enter(_name, 1)
for _name in _TWO_ARGUMENTS:
    _enter(_name, 2)
op("math.pow", 2, types="float", derivative=True, help="`math.pow(a, b)`")(lambda args, attrs: strict("pow", *args))


# ---- rounding and parts ------------------------------------------------------------------------------------


def _round_even(value: Any, digits: int | None = None) -> Any:
    return round(value) if digits is None else round(value, digits)


@op(
    "round",
    (1, 2),
    types=lambda t: "int" if len(t) == 1 and t[0] in {"int", "float", "bool"} else "any",
    cost=linear,
    help="`round(a, digits)`; arrays keep their kind",
)
def round_(args: Args, attrs: Attrs) -> Any:
    value = args[0]
    digits = integer(args[1], "the number of digits") if len(args) > 1 and args[1] is not None else None
    if digits is not None and abs(digits) > 400:
        raise ValueError("the number of digits is out of range")
    if isinstance(value, Array):
        places = digits or 0
        return elementwise(
            lambda a: round(a, places) if not isinstance(a, complex) else _round_complex(a, places), (value,)
        )
    return _round_even(_real_number(value, "round"), digits)


def _round_complex(value: complex, digits: int) -> complex:
    return complex(round(value.real, digits), round(value.imag, digits))


def _real_number(value: Any, name: str) -> Any:
    if not isinstance(value, (int, float)):
        raise TypeError(f"`{name}` takes real numbers, not `{type(value).__name__}`")
    return value


def _whole(name: str, function: Callable[[Any], int]) -> None:
    def wide(args: Args, attrs: Attrs) -> Any:
        def scalar(value: Any) -> float:
            number = float(_real_number(value, name))
            return math.copysign(float(function(number)), number) if math.isfinite(number) else number

        return elementwise(scalar, [as_operand(args[0])])

    op(name, 1, types=float_or_array, cost=linear, help=f"`np.{name}(a)`: a float")(wide)
    op(f"math.{name}", 1, types="int", help=f"`math.{name}(a)`: an integer")(
        lambda args, attrs: function(_real_number(args[0], name))
    )


_whole("floor", math.floor)
_whole("ceil", math.ceil)
_whole("trunc", math.trunc)


def _wide(
    name: str,
    scalar: Scalar,
    *,
    arity: int = 1,
    types: Any = kept,
    derivative: bool = False,
    help: str,
    kind: str | None = None,
) -> None:
    def apply(args: Args, attrs: Attrs) -> Any:
        operands = [as_operand(value) for value in args]
        if not all(is_number(value) or isinstance(value, Array) for value in operands):
            raise TypeError(f"`{name}` takes numbers")
        return elementwise(scalar, operands, kind=kind)

    op(name, arity, types=types, cost=broadcast_cost, derivative=derivative, help=help)(apply)


def _sign(a: Any) -> Any:
    _real_number(a, "sign")
    if a != a:
        return a
    return type(a)((a > 0) - (a < 0)) if not isinstance(a, bool) else int(a)


_wide("sign", _sign, help="-1, 0 or 1")
_wide("square", lambda a: complexes.multiply(a, a) if isinstance(a, complex) else a * a, derivative=True, help="a * a")
_wide("deg2rad", lambda a: real(a, "deg2rad") * (math.pi / 180.0), derivative=True, help="degrees to radians")
_wide("rad2deg", lambda a: real(a, "rad2deg") * (180.0 / math.pi), derivative=True, help="radians to degrees")
_wide("real", lambda a: a.real, help="the real part")
_wide("imag", lambda a: a.imag, help="the imaginary part")
_wide("conj", lambda a: a.conjugate(), help="the complex conjugate")
_wide("angle", lambda a: complexes.phase(complex(a)), help="the phase in radians")
_wide("isnan", lambda a: a != a, types=mask, kind="b", help="whether it is not a number")
_wide(
    "isinf",
    lambda a: math.isinf(complex(a).real) or math.isinf(complex(a).imag),
    types=mask,
    kind="b",
    help="whether it is infinite",
)
_wide(
    "isfinite",
    lambda a: math.isfinite(complex(a).real) and math.isfinite(complex(a).imag),
    types=mask,
    kind="b",
    help="whether it is finite",
)
_wide("minimum", lambda a, b: a if a != a or a <= b else b, arity=2, derivative=True, help="the smaller, elementwise")
_wide("maximum", lambda a, b: a if a != a or a >= b else b, arity=2, derivative=True, help="the larger, elementwise")
_wide("logical_not", lambda a: not a, types=mask, kind="b", help="not, elementwise")
_wide("logical_and", lambda a, b: bool(a and b), arity=2, types=mask, kind="b", help="and, elementwise")
_wide("logical_or", lambda a, b: bool(a or b), arity=2, types=mask, kind="b", help="or, elementwise")
_wide("sinc", lambda a: _core.math.sin(math.pi * a) / (math.pi * a) if a else 1.0, help="sin(pi a) / (pi a)")


@op("clip", 3, types=kept, cost=broadcast_cost, derivative=True, help="a between bounds: (a, low, high)")
def clip(args: Args, attrs: Attrs) -> Any:
    def between(a: Any, low: Any, high: Any) -> Any:
        a = low if low is not None and a < low else a
        return high if high is not None and a > high else a

    value, low, high = (as_operand(item) for item in args)
    if low is None or high is None:
        return elementwise(lambda a: between(a, low, high), (value,))
    return elementwise(between, (value, low, high))


@op(
    "where",
    3,
    types="any",
    cost=broadcast_cost,
    derivative=True,
    help="a where the condition holds, else b, elementwise",
)
def where(args: Args, attrs: Attrs) -> Any:
    return elementwise(lambda condition, a, b: a if condition else b, [as_operand(value) for value in args])


# ---- the rest of `math` ------------------------------------------------------------------------------------


@op("math.fabs", 1, types="float", derivative=True, help="`math.fabs(a)`")
def fabs(args: Args, attrs: Attrs) -> float:
    return abs(real(args[0], "fabs"))


@op("math.fmod", 2, types="float", help="`math.fmod(a, b)`")
def fmod(args: Args, attrs: Attrs) -> float:
    return math.fmod(real(args[0], "fmod"), real(args[1], "fmod"))


@op("math.copysign", 2, types="float", help="`math.copysign(a, b)`")
def copysign(args: Args, attrs: Attrs) -> float:
    return math.copysign(real(args[0], "copysign"), real(args[1], "copysign"))


@op("math.radians", 1, types="float", derivative=True, help="degrees to radians")
def radians(args: Args, attrs: Attrs) -> float:
    return real(args[0], "radians") * (math.pi / 180.0)


@op("math.degrees", 1, types="float", derivative=True, help="radians to degrees")
def degrees(args: Args, attrs: Attrs) -> float:
    return real(args[0], "degrees") * (180.0 / math.pi)


@op("math.fsum", 1, types="float", cost=linear, help="`math.fsum(items)`: the exactly rounded sum")
def fsum(args: Args, attrs: Attrs) -> float:
    return math.fsum(real(item, "fsum") for item in items_of(args[0]))


@op("math.prod", 1, types="any", cost=linear, help="`math.prod(items)`")
def prod(args: Args, attrs: Attrs) -> Any:
    from eigen.ir.ops.arithmetic import multiply_scalars

    total: Any = 1
    for item in items_of(args[0]):
        total = multiply_scalars(total, _real_number(item, "prod"))
    return total


@op("math.isqrt", 1, types="int", help="`math.isqrt(a)`")
def isqrt(args: Args, attrs: Attrs) -> int:
    return math.isqrt(integer(args[0], "`isqrt`"))


@op("math.gcd", (0, None), types="int", help="`math.gcd(…)`")
def gcd(args: Args, attrs: Attrs) -> int:
    return math.gcd(*(integer(value, "`gcd`") for value in args))


@op("math.lcm", (0, None), types="int", help="`math.lcm(…)`")
def lcm(args: Args, attrs: Attrs) -> int:
    numbers = [integer(value, "`lcm`") for value in args]
    check_bits(sum(number.bit_length() for number in numbers))
    return math.lcm(*numbers)


@op("math.factorial", 1, types="int", help="`math.factorial(a)`")
def factorial(args: Args, attrs: Attrs) -> int:
    number = integer(args[0], "`factorial`")
    check_bits(0 if number < 550 else number.bit_length() * number)
    return math.factorial(number)


def _choose(name: str, function: Callable[[int, int], int]) -> None:
    def apply(args: Args, attrs: Attrs) -> int:
        n, k = integer(args[0], f"`{name}`"), integer(args[1], f"`{name}`")
        if n >= 0 and k >= 0:
            picked = max(0, min(k, n - k)) if name == "comb" else min(k, n)
            most = picked * n.bit_length()
            check_bits(min(n, most) if name == "comb" else most)
        return function(n, k)

    op(f"math.{name}", 2, types="int", help=f"`math.{name}(n, k)`")(apply)


_choose("comb", math.comb)
_choose("perm", math.perm)


@op("math.isclose", 2, types="bool", attrs=("rel_tol", "abs_tol"), help="`math.isclose(a, b)`")
def isclose(args: Args, attrs: Attrs) -> bool:
    a, b = real(args[0], "isclose"), real(args[1], "isclose")
    return math.isclose(a, b, rel_tol=attrs.get("rel_tol", 1e-9), abs_tol=attrs.get("abs_tol", 0.0))


for _name, _function in (("isnan", math.isnan), ("isinf", math.isinf), ("isfinite", math.isfinite)):
    op(f"math.{_name}", 1, types="bool", help=f"`math.{_name}(a)`")(
        lambda args, attrs, function=_function, label=_name: function(real(args[0], label))
    )


@op("math.dist", 2, types="float", cost=linear, help="`math.dist(p, q)`: the Euclidean distance")
def dist(args: Args, attrs: Attrs) -> float:
    if not all(is_sequence(value) or isinstance(value, Array) for value in args):
        raise TypeError("`dist` takes two points")
    p, q = (as_array(value, "f") for value in args)
    if p.shape != q.shape:
        raise ValueError("both points must have the same number of coordinates")
    total = 0.0
    for a, b in zip(p.data, q.data, strict=True):
        total += (a - b) * (a - b)
    return _core.math.sqrt(total)

"""The subset of `numpy`: arrays without NumPy, the same results on every host."""

from __future__ import annotations

import math as _constants
from typing import TYPE_CHECKING, Any

from eigen.lang.binding import bind
from eigen.lang.modules.numpy_tools import draw, kind_of_dtype, number_or_array
from eigen.lang.regions import Dyn
from eigen.lang.values import Builtin, Inert, Module

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eigen.lang.context import Context
    from eigen.lang.values import Call, Value

    Function = Callable[[Context, Call], Value]


def _operation(
    op: str, signature: str, attrs: tuple[str, ...] = (), fixed: Mapping[str, Any] | None = None
) -> Function:
    """A function that is an operation: `attrs` among its parameters are static, `dtype` becomes `kind`."""
    names = [part.partition("=")[0].strip().lstrip("*") for part in signature.split(",")]
    names = [name for name in names if name]

    def function(ctx: Context, call: Call) -> Value:
        bound = dict(zip(names, bind(call, signature), strict=True))
        settings = dict(fixed or {})
        if "dtype" in bound:
            kind = kind_of_dtype(ctx, bound.pop("dtype"), call.span)
            if kind is not None:
                settings["kind"] = kind
        for name in attrs:
            value = ctx.require_static(bound.pop(name), f"`{name}`", call.span_of(name))
            if value is not None:
                settings[name] = value
        args = [number_or_array(ctx, value, call.span) for value in bound.values()]
        while args and args[-1] is None:
            args.pop()
        result = ctx.apply(op, args, attrs=settings, span=call.span)
        return _sized(result, op, args)

    return function


_KEEP_LENGTH = {"asarray", "clip", "where", "sort", "cumsum", "cumprod", "flip", "roll", "minimum", "maximum"}


def _sized(result: Value, op: str, args: list[Value]) -> Value:
    """Elementwise functions of a run-time vector of known length give one of the same length."""
    if not isinstance(result, Dyn) or result.length is not None:
        return result
    lengths = {value.length for value in args if isinstance(value, Dyn) and value.length is not None}
    if len(lengths) == 1 and (op in _KEEP_LENGTH or op in _ELEMENTWISE):
        return Dyn(result.region, result.index, "array", result.origin, lengths.pop())
    return result


_ELEMENTWISE = [
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
    "sinh",
    "cosh",
    "tanh",
    "arcsinh",
    "arccosh",
    "arctanh",
    "exp",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "sqrt",
    "cbrt",
    "abs",
    "floor",
    "ceil",
    "trunc",
    "sign",
    "square",
    "deg2rad",
    "rad2deg",
    "real",
    "imag",
    "conj",
    "angle",
    "isnan",
    "isinf",
    "isfinite",
    "logical_not",
    "sinc",
    "asin",
    "acos",
    "atan",
]
_PAIRS = [
    "arctan2",
    "hypot",
    "minimum",
    "maximum",
    "logical_and",
    "logical_or",
    "dot",
    "vdot",
    "outer",
    "kron",
    "cross",
    "array_equal",
    "matmul",
    "solve",
]
_OPERATORS = {
    "add": "add",
    "subtract": "sub",
    "multiply": "mul",
    "divide": "truediv",
    "power": "pow",
    "mod": "mod",
    "floor_divide": "floordiv",
    "equal": "eq",
    "not_equal": "ne",
    "less": "lt",
    "less_equal": "le",
    "greater": "gt",
    "greater_equal": "ge",
}
_REDUCTIONS = {
    "sum": "array_sum",
    "prod": "prod",
    "mean": "mean",
    "median": "median",
    "min": "array_min",
    "max": "array_max",
    "amin": "array_min",
    "amax": "array_max",
    "argmin": "argmin",
    "argmax": "argmax",
    "any": "array_any",
    "all": "array_all",
    "cumsum": "cumsum",
    "cumprod": "cumprod",
}
_OTHERS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("array", "asarray", "object, dtype=None", ()),
    ("asarray", "asarray", "a, dtype=None", ()),
    ("zeros", "zeros", "shape, dtype=None", ()),
    ("ones", "ones", "shape, dtype=None", ()),
    ("full", "full", "shape, fill_value, dtype=None", ()),
    ("arange", "arange", "start, stop=None, step=None", ()),
    ("linspace", "linspace", "start, stop, num=50, endpoint=True", ("endpoint",)),
    ("eye", "eye", "N, M=None", ()),
    ("identity", "eye", "n", ()),
    ("diag", "diag", "v", ()),
    ("reshape", "reshape", "a, shape", ()),
    ("ravel", "ravel", "a", ()),
    ("transpose", "transpose", "a, axes=None", ()),
    ("concatenate", "concatenate", "arrays, axis=0", ("axis",)),
    ("stack", "stack", "arrays, axis=0", ("axis",)),
    ("flip", "flip", "m", ()),
    ("roll", "roll", "a, shift", ()),
    ("repeat", "repeat", "a, repeats", ()),
    ("tile", "tile", "A, reps", ()),
    ("sort", "sort", "a", ()),
    ("argsort", "argsort", "a", ()),
    ("unique", "unique", "ar", ()),
    ("meshgrid", "meshgrid", "x, y", ()),
    ("trace", "trace", "a", ()),
    ("diff", "diff", "a", ()),
    ("where", "where", "condition, x, y", ()),
    ("clip", "clip", "a, a_min, a_max", ()),
    ("round", "round", "a, decimals=0", ()),
    ("std", "std", "a, axis=None, ddof=0", ("axis", "ddof")),
    ("var", "var", "a, axis=None, ddof=0", ("axis", "ddof")),
    ("allclose", "allclose", "a, b, rtol=1e-05, atol=1e-08", ("rtol", "atol")),
)


def _like(op: str) -> Function:
    """`zeros_like` and `ones_like`."""

    def function(ctx: Context, call: Call) -> Value:
        (value,) = bind(call, "a")
        if isinstance(value, Dyn) and value.length is not None:
            return ctx.apply(op, [value.length], span=call.span)
        array = ctx.apply("asarray", [value], span=call.span)
        shape = ctx.apply("shape", [array], span=call.span)
        return ctx.apply(op, [shape], span=call.span)

    return function


def _normal(ctx: Context, call: Call) -> Value:
    centre, scale, size = bind(call, "loc=0.0, scale=1.0, size=None")
    return draw(ctx, "random_normal", [centre, scale], size, call.span)


def _uniform(ctx: Context, call: Call) -> Value:
    low, high, size = bind(call, "low=0.0, high=1.0, size=None")
    return draw(ctx, "random_uniform", [low, high], size, call.span)


def _shaped(op: str) -> Function:
    """`randn(2, 3)` and `rand(2, 3)`: the extents are the arguments."""

    def function(ctx: Context, call: Call) -> Value:
        (extents,) = bind(call, "*shape")
        return draw(ctx, op, [], tuple(extents) or None, call.span)

    return function


def _sized_draw(op: str) -> Function:
    def function(ctx: Context, call: Call) -> Value:
        (size,) = bind(call, "size=None")
        return draw(ctx, op, [], size, call.span)

    return function


def _integers(ctx: Context, call: Call) -> Value:
    low, high, size = bind(call, "low, high=None, size=None")
    return draw(ctx, "random_integers", [low] if high is None else [low, high], size, call.span)


def _choice(ctx: Context, call: Call) -> Value:
    items, size, replace, weights = bind(call, "a, size=None, replace=True, p=None")
    args = [items] if weights is None else [items, weights]
    return draw(ctx, "random_choice", args, size, call.span, replace=replace)


def _permutation(ctx: Context, call: Call) -> Value:
    (items,) = bind(call, "x")
    return draw(ctx, "random_permutation", [items], None, call.span)


def _seed(ctx: Context, call: Call) -> Value:
    ctx.fail(
        "E0303",
        "draws are seeded by the job, not by the program",
        call.span,
        hint="write `@hybrid_program(seed=7)`, or set `seed` in job.yaml",
    )


_DRAWS: dict[str, tuple[Function, str]] = {
    "normal": (_normal, "loc=0.0, scale=1.0, size=None"),
    "uniform": (_uniform, "low=0.0, high=1.0, size=None"),
    "randn": (_shaped("random_normal"), "*shape"),
    "rand": (_shaped("random_uniform"), "*shape"),
    "random": (_sized_draw("random_uniform"), "size=None"),
    "standard_normal": (_sized_draw("random_normal"), "size=None"),
    "randint": (_integers, "low, high=None, size=None"),
    "integers": (_integers, "low, high=None, size=None"),
    "choice": (_choice, "a, size=None, replace=True, p=None"),
    "permutation": (_permutation, "x"),
    "seed": (_seed, "seed"),
}


def _default_rng(ctx: Context, call: Call) -> Value:
    (seed,) = bind(call, "seed=None")
    if seed is not None:
        _seed(ctx, call)
    return _RANDOM


def _random() -> Module:
    members: dict[str, Value] = {
        name: Builtin(name, function, signature, "", "numpy.random") for name, (function, signature) in _DRAWS.items()
    }
    members["default_rng"] = Builtin("default_rng", _default_rng, "", "", "numpy.random")
    return Module("numpy.random", members)


_RANDOM = _random()


def _table() -> dict[str, Value]:
    from eigen.ir.ops import OPS

    table: dict[str, Value] = {
        "pi": _constants.pi,
        "e": _constants.e,
        "inf": _constants.inf,
        "nan": _constants.nan,
        "newaxis": None,
        "random": _RANDOM,
        "zeros_like": Builtin("zeros_like", _like("zeros"), "a", "", "numpy"),
        "ones_like": Builtin("ones_like", _like("ones"), "a", "", "numpy"),
    }
    for name in ("ndarray", "float64", "float32", "int64", "int32", "complex128", "bool_"):
        table[name] = Inert(f"numpy.{name}")
    rows: list[tuple[str, str, str, tuple[str, ...]]] = [
        *((name, name, "x", ()) for name in _ELEMENTWISE),
        *((name, name, "x1, x2", ()) for name in _PAIRS if name != "solve"),
        *((name, op, "x1, x2", ()) for name, op in _OPERATORS.items()),
        *((name, op, "a, axis=None", ("axis",)) for name, op in _REDUCTIONS.items()),
        ("absolute", "abs", "x", ()),
        ("negative", "neg", "x", ()),
        *_OTHERS,
    ]
    for name, op, signature, attrs in rows:
        if op in OPS:
            table[name] = Builtin(name, _operation(op, signature, attrs), signature, OPS[op].help, "numpy")
    linear = {
        "norm": Builtin("norm", _operation("norm", "x"), "x", OPS["norm"].help, "numpy.linalg"),
        "solve": Builtin("solve", _operation("solve", "a, b"), "a, b", OPS["solve"].help, "numpy.linalg"),
    }
    table["linalg"] = Module("numpy.linalg", linear)
    return table


NUMPY: dict[str, Value] = _table()
"""Every member of the module."""

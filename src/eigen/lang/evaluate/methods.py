"""The methods of strings, lists, dicts, tuples, arrays, counts and numbers.

Most are operations of `eigen.ir.ops`, so that they work on run-time values too; those that change a list or dict
in place exist for static ones only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from eigen.ir.values import Array
from eigen.lang.binding import bind
from eigen.lang.evaluate.mutation import DICT_MUTATIONS, LIST_MUTATIONS
from eigen.lang.journal import own
from eigen.lang.regions import Dyn

if TYPE_CHECKING:
    from eigen.lang.context import Context
    from eigen.lang.values import Call, Value

Method = Callable[["Context", Any, "Call"], "Value"]


def _operation(op: str, signature: str = "", *, attrs: tuple[str, ...] = (), type: str | None = None) -> Method:
    """A method that is an operation; trailing arguments left at None are not passed; `attrs` must be static."""

    def method(ctx: Context, value: Any, call: Call) -> Value:
        names = [part.partition("=")[0].strip().lstrip("*") for part in signature.split(",")] if signature else []
        bound = dict(zip(names, bind(call, signature), strict=True))
        static = {name: ctx.require_static(bound.pop(name), f"`{name}`", call.span_of(name)) for name in attrs}
        args = list(bound.values())
        while args and args[-1] is None:
            args.pop()
        plain = list(value) if isinstance(value, range) else value
        result = ctx.apply(op, [plain, *args], attrs=static, span=call.span)
        if isinstance(result, Dyn) and type is not None and result.type == "any":
            return Dyn(result.region, result.index, type, result.origin, result.length)
        return own(ctx, result)

    return method


def _join(ctx: Context, value: Any, call: Call) -> Value:
    from eigen.lang.evaluate.access import iterate

    (items,) = bind(call, "items")
    if isinstance(items, Dyn):
        return ctx.emit("join", [value, items], span=call.span)
    return ctx.apply("join", [value, list(iterate(ctx, items, call.span))], span=call.span)


def _format(ctx: Context, value: Any, call: Call) -> Value:
    ctx.fail("E0303", "strings have no `format` here", call.span, hint='write an f-string: f"{value:.3f}"')


def _astype(ctx: Context, value: Any, call: Call) -> Value:
    from eigen.lang.modules.numpy_tools import kind_of_dtype

    (dtype,) = bind(call, "dtype")
    return ctx.apply("astype", [value], attrs={"kind": kind_of_dtype(ctx, dtype, call.span)}, span=call.span)


def _reshape(ctx: Context, value: Any, call: Call) -> Value:
    shape = call.args[0] if len(call.args) == 1 else call.args
    return ctx.apply("reshape", [value, shape], span=call.span)


def _copy(ctx: Context, value: Any, call: Call) -> Value:
    bind(call, "")
    if isinstance(value, Array):
        return Array(value.shape, value.data, value.kind)
    ctx.charge(1 if isinstance(value, Dyn) else 2 * len(value))
    return value if isinstance(value, Dyn) else own(ctx, value.copy())


def _get(ctx: Context, value: Any, call: Call) -> Value:
    from eigen.lang.evaluate.access import check_key

    key, default = bind(call, "key, default=None")
    if isinstance(value, dict) and not isinstance(key, Dyn):
        check_key(ctx, key, call.span)
        return value.get(key, default)  # pyright: ignore[reportUnknownVariableType,reportUnknownMemberType]
    args: list[Any] = [value, key]
    return ctx.apply("dict_get", args if default is None else [*args, default], span=call.span)


def _mapping(value: Any) -> Any:
    return value if isinstance(value, dict) else value.to_dict()  # pyright: ignore[reportUnknownVariableType]


def _view(op: str) -> Method:
    def method(ctx: Context, value: Any, call: Call) -> Value:
        bind(call, "")
        if isinstance(value, Dyn):
            return ctx.emit(op, [value], span=call.span, length=value.length if value.type == "dict" else None)
        ctx.charge(3 * len(value))
        content = _mapping(value)
        view: Any = content if op == "keys" else content.values() if op == "values" else content.items()
        return own(ctx, list(view))

    return method


_REDUCTIONS = {
    "sum": "array_sum",
    "mean": "mean",
    "min": "array_min",
    "max": "array_max",
    "std": "std",
    "var": "var",
    "prod": "prod",
    "argmin": "argmin",
    "argmax": "argmax",
    "any": "array_any",
    "all": "array_all",
    "cumsum": "cumsum",
}

_STR: dict[str, Method] = {
    **{name: _operation(name) for name in ("upper", "lower", "title", "capitalize", "isdigit", "isalpha")},
    **{name: _operation(name, "characters=None") for name in ("strip", "lstrip", "rstrip")},
    **{name: _operation(name, "text") for name in ("startswith", "endswith", "find", "count")},
    **{name: _operation(name, "width, fill=None") for name in ("ljust", "rjust", "center")},
    "zfill": _operation("zfill", "width"),
    "split": _operation("split", "sep=None, maxsplit=None"),
    "replace": _operation("replace", "old, new"),
    "index": _operation("index_of", "text"),
    "join": _join,
    "format": _format,
}

_SEQUENCE: dict[str, Method] = {"index": _operation("index_of", "value"), "count": _operation("count", "value")}

_ARRAY: dict[str, Method] = {
    **{
        name: _operation(op, "axis=None", attrs=("axis",), type="float" if name in {"mean", "std", "var"} else None)
        for name, op in _REDUCTIONS.items()
    },
    "tolist": _operation("tolist", type="list"),
    "copy": _copy,
    "ravel": _operation("ravel"),
    "flatten": _operation("ravel"),
    "transpose": _operation("transpose"),
    "dot": _operation("dot", "other"),
    "round": _operation("round", "decimals=0"),
    "clip": _operation("clip", "low, high"),
    "conj": _operation("conj"),
    "item": _operation("float"),
    "astype": _astype,
    "reshape": _reshape,
}

_COUNTS: dict[str, Method] = {
    "get": _get,
    "items": _view("items"),
    "keys": _view("keys"),
    "values": _view("values"),
    "most_common": _operation("most_common", "n=None"),
    "probabilities": _operation("probabilities"),
    "marginal": _operation("marginal", "bits"),
    "expectation": _operation("counts_expectation", "bits=None"),
    "total": _operation("counts_total"),
}

_DICT: dict[str, Method] = {
    "get": _get,
    "items": _view("items"),
    "keys": _view("keys"),
    "values": _view("values"),
    "copy": _copy,
}

METHODS: dict[str, dict[str, Method]] = {
    "str": _STR,
    "list": {**_SEQUENCE, **LIST_MUTATIONS, "copy": _copy},
    "tuple": _SEQUENCE,
    "dict": {**_DICT, **DICT_MUTATIONS},
    "array": _ARRAY,
    "counts": _COUNTS,
    "complex": {"conjugate": _operation("conj")},
    "int": {},
    "float": {
        "is_integer": lambda ctx, value, call: ctx.apply(
            "eq", [ctx.apply("floor", [value], span=call.span), value], span=call.span
        )
    },
    "any": {**_ARRAY, **_COUNTS, **_STR, **_SEQUENCE},
}
"""Family of values -> method name -> method."""

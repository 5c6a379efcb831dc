"""What the functions of the `numpy` subset share: kinds of elements, array arguments, random draws."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.errors import suggest
from eigen.lang.modules.math import plain
from eigen.lang.reification import describe
from eigen.lang.values import Inert, TypeName

if TYPE_CHECKING:
    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Value

_KINDS = {
    "float": "f",
    "float64": "f",
    "float32": "f",
    "double": "f",
    "int": "i",
    "int64": "i",
    "int32": "i",
    "bool": "b",
    "bool_": "b",
    "complex": "c",
    "complex128": "c",
}


def kind_of_dtype(ctx: Context, dtype: Value, span: Span) -> str | None:
    """The kind of array elements for a dtype (`float`, `np.int64`, `"complex"`); None for None."""
    if dtype is None:
        return None
    name = dtype if isinstance(dtype, str) else dtype.name if isinstance(dtype, (TypeName, Inert)) else ""
    name = name.rpartition(".")[2]
    if name not in _KINDS:
        ctx.fail("E0403", f"{describe(dtype)} is no kind of array elements", span, hint=suggest(name, list(_KINDS)))
    return _KINDS[name]


def number_or_array(ctx: Context, value: Value, span: Span) -> Value:
    """An argument of an array function."""
    return plain(ctx, value, span)


def draw(ctx: Context, op: str, args: list[Value], size: Value, span: Span, **attrs: Any) -> Value:
    """A random draw: counter-based, seeded by the job's seed and the place of the call."""
    ctx.require_static(size, "the size of a random draw", span)
    for value in args:
        ctx.require_static(value, "a parameter of a random draw", span)
    shape = list(size) if isinstance(size, tuple) else size  # pyright: ignore[reportUnknownArgumentType,reportUnknownVariableType]
    stream = ctx.random_stream(op, span)
    settings = {"seed": ctx.job_seed, "stream": stream, **attrs}
    if op != "random_permutation":
        settings["shape"] = shape
    return ctx.apply(op, args, attrs=settings, span=span)

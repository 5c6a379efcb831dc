"""Attributes and methods of plain values and of run-time values, by tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.ir.values import Array, Record, is_counts
from eigen.lang.evaluate.methods import METHODS
from eigen.lang.records import RECORDS, record_attribute
from eigen.lang.regions import Dyn
from eigen.lang.reification import describe
from eigen.lang.values import Builtin, Object, Sym, Undefined, class_of

if TYPE_CHECKING:
    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Call, Value

_FAMILIES: dict[type, str] = {
    str: "str",
    list: "list",
    dict: "dict",
    tuple: "tuple",
    range: "list",
    Array: "array",
    complex: "complex",
    int: "int",
    float: "float",
    bool: "int",
}


def family_of(value: Value) -> str:
    """Which table of methods a plain or run-time value has."""
    if isinstance(value, Dyn):
        return value.type
    if is_counts(value):
        return "counts"
    kind = class_of(value)
    return f"record:{value.name}" if isinstance(value, Record) else _FAMILIES.get(kind, "")


def get_attribute(ctx: Context, value: Value, name: str, span: Span) -> Value:
    """`value.name`."""
    if isinstance(value, Object):
        return value.get_attr(ctx, name, span)
    found = _property(ctx, value, name, span)
    if found is not MISSING:
        return found
    if name in METHODS.get(family_of(value), {}) or _is_any(value, name):
        return Builtin(name, lambda context, call: call_method(context, value, name, call, span))
    return _unknown(ctx, value, name, span)


class _Missing:
    """No such property."""


MISSING = _Missing()

_ARRAY_OPS = {"T": "transpose", "real": "real", "imag": "imag"}


def _property(ctx: Context, value: Value, name: str, span: Span) -> Value:
    if isinstance(value, Dyn) and value.type.startswith("record:"):
        return record_attribute(ctx, value, name, span, MISSING)
    if isinstance(value, Record):
        return value.fields.get(name, MISSING)
    family = family_of(value)
    if family == "array":
        return _array_property(ctx, value, name, span)
    if family in {"int", "float", "complex"} and name in {"real", "imag"}:
        return ctx.apply(name, [value], span=span) if isinstance(value, Dyn) else getattr(complex(value), name)
    if family == "counts" and name in {"shots", "num_clbits"} and isinstance(value, Dyn):
        return ctx.emit("counts_total", [value], span=span) if name == "shots" else MISSING
    return MISSING


def _array_property(ctx: Context, value: Value, name: str, span: Span) -> Value:
    if isinstance(value, Array):
        if name == "shape":
            return value.shape
        if name in {"ndim", "size"}:
            return value.ndim if name == "ndim" else value.size
        if name == "dtype":
            return {"f": "float64", "i": "int64", "b": "bool", "c": "complex128"}[value.kind]
    elif name in {"shape", "ndim", "size"}:
        if isinstance(value, Dyn) and value.length is not None:
            return {"shape": (value.length,), "ndim": 1, "size": value.length}[name]
        return ctx.emit(name, [value], span=span)
    return ctx.apply(_ARRAY_OPS[name], [value], span=span) if name in _ARRAY_OPS else MISSING


def _is_any(value: Value, name: str) -> bool:
    """A run-time value of unknown type may have any method that works at run time."""
    return isinstance(value, Dyn) and value.type == "any" and name in METHODS["any"]


def call_method(ctx: Context, value: Value, name: str, call: Call, span: Span) -> Value:
    """`value.name(...)` for what is no object."""
    method = METHODS.get(family_of(value), {}).get(name)
    if method is not None:
        return method(ctx, value, call)
    found = _property(ctx, value, name, span)
    if isinstance(found, Object):
        return found.call(ctx, call)
    if found is not MISSING:
        ctx.fail("E0402", f"`{name}` is a value, not a method", span, hint=f"write `.{name}` without parentheses")
    return _unknown(ctx, value, name, span)


def _unknown(ctx: Context, value: Value, name: str, span: Span) -> Value:
    family = family_of(value)
    known = [*METHODS.get(family, {})]
    if family.startswith("record:"):
        record = RECORDS.get(family)
        known = [*record.fields, *record.methods] if record else []
    if isinstance(value, (Sym, Undefined)):
        known = []
    ctx.unknown_attribute(describe(value), name, known, span)

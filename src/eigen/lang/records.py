"""The records that stages give (`run`, `evolve`, `modes`, `minimize`, `train`): fields with types, and methods."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from eigen.lang.binding import bind
from eigen.lang.values import Builtin

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.regions import Dyn
    from eigen.lang.values import Call, Value


@dataclass(frozen=True, slots=True)
class RecordType:
    """Field -> type, method -> (operation on the field `counts`, signature)."""

    fields: Mapping[str, str]
    methods: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])


_MINIMIZE = {
    "optimal_value": "float",
    "optimal_parameters": "array",
    "success": "bool",
    "iterations": "int",
    "evaluations": "int",
    "history": "array",
    "message": "str",
    "method": "str",
}

_TRAIN = {
    "weights": "array",
    "loss_history": "array",
    "train_metric": "float",
    "test_metric": "float",
    "baseline_metric": "float",
    "predictions": "array",
    "test_labels": "array",
    "metric": "str",
}

RECORDS: dict[str, RecordType] = {
    "record:run": RecordType(
        {"counts": "counts", "shots": "int", "num_clbits": "int", "probabilities": "dict"},
        {"most_common": ("most_common", "n=None"), "expectation": ("counts_expectation", "bits=None")},
    ),
    "record:minimize": RecordType(_MINIMIZE),
    "record:evolution": RecordType(
        {"times": "array", "values": "array", "errors": "array", "final": "array", "counts": "counts"},
        {"most_common": ("most_common", "n=None"), "expectation": ("counts_expectation", "bits=None")},
    ),
    "record:modes": RecordType({"values": "array", "samples": "array", "counts": "dict", "shots": "int"}),
    "record:train": RecordType({**_MINIMIZE, **_TRAIN}),
}


def record_attribute(ctx: Context, value: Dyn, name: str, span: Span, missing: Value) -> Value:
    """A field as a `getattr` node, a method as a function, or `missing`."""
    record = RECORDS.get(value.type)
    if record is None:
        return missing
    kind = record.fields.get(name)
    if kind is not None:
        return ctx.emit("getattr", [value], attrs={"name": name}, type=kind, span=span, length=value.lengths.get(name))
    if name not in record.methods:
        return missing
    op, signature = record.methods[name]

    def method(context: Context, call: Call) -> Value:
        (argument,) = bind(call, signature)
        counts = context.emit("getattr", [value], attrs={"name": "counts"}, type="counts", span=call.span)
        if argument is None:
            return context.emit(op, [counts], type="str" if op == "most_common" else "float", span=call.span)
        return context.emit(op, [counts, argument], type="list" if op == "most_common" else "float", span=call.span)

    return Builtin(name, method, signature)

"""The entry point of a program: which function it is, and how job inputs become its arguments."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from eigen.errors import suggest
from eigen.ir.values import Array, is_dict, is_list, is_tuple
from eigen.lang.diagnostics import NOWHERE, Diagnostic, Failure
from eigen.lang.evaluate.functions import Function
from eigen.lang.regions import Dyn, Origin
from eigen.lang.values import Undefined, fail

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.lang.binding import Parameter
    from eigen.lang.context import Context
    from eigen.lang.values import Value


@dataclass(frozen=True, slots=True)
class Entry:
    """The function that a program starts with, and the options of its decorator."""

    name: str
    function: Function
    options: Mapping[str, Any]


def choose_entry(names: Mapping[str, Value], entrypoint: str | None) -> Entry:
    """The entry point: the named function, else the single `@hybrid_program`, else `main`. E0701, E0702."""
    from eigen.lang.library.program import HybridProgram

    hybrids = {name: value for name, value in names.items() if isinstance(value, HybridProgram)}
    functions = {name: value for name, value in names.items() if isinstance(value, (Function, HybridProgram))}
    wanted = entrypoint or "main"
    if wanted in functions:
        return _entry(wanted, functions[wanted])
    if any(isinstance(value, Undefined) for value in names.values()):
        raise Failure(None)  # a definition failed: that is reported
    if entrypoint in {None, "main"}:
        if len(hybrids) == 1:
            return _entry(*next(iter(hybrids.items())))
        if hybrids:
            listed = ", ".join(f"`{name}`" for name in hybrids)
            fail(
                "E0702",
                f"several functions are decorated with `@hybrid_program`: {listed}",
                next(reversed(hybrids.values())).span,
                hint="choose one by `entrypoint:` in job.yaml, or call one of them `main`",
            )
        fail(
            "E0701",
            "the program has no entry point",
            NOWHERE,
            hint="decorate one function with `@hybrid_program()`",
        )
    return fail(
        "E0701",
        f"the program has no function `{wanted}`",
        NOWHERE,
        hint=suggest(wanted, list(functions)) or f"it has {', '.join(f'`{name}`' for name in functions) or 'none'}",
    )


def _entry(name: str, value: Any) -> Entry:
    if isinstance(value, Function):
        return Entry(name, value, {})
    function: Any = value.function
    if not isinstance(function, Function):
        fail("E0706", f"the entry point `{name}` must be a plain function", value.span)
    return Entry(name, function, value.options)


def bind_inputs(ctx: Context, entry: Entry) -> tuple[Value, ...]:
    """A value for every parameter of the entry point, from inputs, data sets and defaults. E0703, E0704, E0705."""
    span = entry.function.span
    parameters = entry.function.parameters
    known = [item.name for item in parameters if item.kind in {"any", "keyword"}]
    for what, names in (("for the input ", ctx.inputs), ("", ctx.parameters)):
        for name in names:
            if name not in known:
                hint = suggest(name, known) or f"it takes {', '.join(f'`{item}`' for item in known) or 'no inputs'}"
                message = f"`{entry.name}` has no parameter {what}`{name}`"
                ctx.report(Failure(Diagnostic("E0703", message, span, hint=hint)))
    values: list[Value] = []
    for parameter in parameters:
        try:
            values.append(_argument(ctx, entry, parameter))
        except Failure as failure:
            ctx.report(failure)
    if any(item.is_error for item in ctx.diagnostics):
        raise Failure(None)
    return tuple(values)


def _argument(ctx: Context, entry: Entry, parameter: Parameter) -> Value:
    span = entry.function.span
    if parameter.kind in {"*", "**"}:
        return () if parameter.kind == "*" else {}
    if parameter.name in ctx.parameters:
        return _open_parameter(ctx, entry, parameter.name)
    if parameter.name in ctx.inputs:
        value = ctx.inputs[parameter.name]
        complaint = _complaint(ctx, value)
        if complaint:
            ctx.fail("E0705", f"the input `{parameter.name}` cannot be used: {complaint}", span)
        return _converted(_copied(value), parameter.default)
    if parameter.name in ctx.datasets:
        from eigen.lang.prelude import PRELUDE

        return ctx.call(PRELUDE["load_dataset"], (parameter.name,), span=span)
    if parameter.required:
        ctx.fail(
            "E0704",
            f"the parameter `{parameter.name}` of `{entry.name}` has no value",
            span,
            hint=f"give it a default, or set `inputs: {{{parameter.name}: …}}` in job.yaml",
        )
    return parameter.default


def _open_parameter(ctx: Context, entry: Entry, name: str) -> Dyn:
    """A value that is given when the program runs: a number, or an array of a length known now."""
    span = entry.function.span
    if name in ctx.inputs or name in ctx.datasets:
        ctx.fail("E0705", f"the input `{name}` cannot be used: the parameter of that name stays open", span)
    length = ctx.parameters[name]
    origin = Origin(f"the open parameter `{name}`", span)
    return ctx.region.parameter("array" if length else "float", origin, length=length or None)


def _complaint(ctx: Context, value: Any) -> str:
    """Why a JSON value is no input; empty when it is."""
    count = 0
    stack: list[tuple[Any, int]] = [(value, 0)]
    while stack:
        item, depth = stack.pop()
        count += 1
        if depth > 32:
            return "it nests more than 32 levels"
        if count > ctx.limits.array_elements:
            return f"it has more than {ctx.limits.array_elements} elements"
        if is_list(item) or is_tuple(item) or is_dict(item):
            if len(item) > ctx.limits.container_elements:
                return f"a container has more than {ctx.limits.container_elements} elements"
            if is_dict(item) and not all(isinstance(key, str) for key in item):
                return "its keys are not all strings"
            stack.extend((inner, depth + 1) for inner in (item.values() if is_dict(item) else item))
        elif complaint := _scalar_complaint(ctx, item):
            return complaint
    return ""


def _scalar_complaint(ctx: Context, item: Any) -> str:
    if item is None or isinstance(item, bool):
        return ""
    if isinstance(item, int):
        return "" if item.bit_length() <= ctx.limits.integer_bits else "an integer is too large"
    if isinstance(item, float):
        return "" if isfinite(item) else "a number is not finite"
    if isinstance(item, str):
        try:
            size = len(item.encode("utf-8"))
        except UnicodeEncodeError:
            return "a string is not valid Unicode"
        return "" if size <= ctx.limits.string_bytes else "a string is too long"
    return f"a value of type `{type(item).__name__}` is not JSON"


def _copied(value: Any) -> Any:
    """A deep copy of JSON (at most 32 deep), so that a program never changes the job's own inputs."""
    if is_list(value) or is_tuple(value):
        return [_copied(item) for item in value]
    if is_dict(value):
        return {key: _copied(item) for key, item in value.items()}
    return value


def _converted(value: Any, default: Value) -> Value:
    """The input in the type of the parameter's default, where JSON has only a near one."""
    if isinstance(default, float) and type(value) is int and abs(value) < 1 << 53:
        return float(value)
    if isinstance(default, tuple) and is_list(value):
        return tuple(value)
    if isinstance(default, Array) and is_list(value):
        try:
            return Array.of(value)
        except (TypeError, ValueError):
            return value
    return value

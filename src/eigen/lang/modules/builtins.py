"""The built-in functions and types of Python that are part of the language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.ir.values import is_dict
from eigen.lang.binding import bind
from eigen.lang.evaluate.access import check_key, elements, iterate
from eigen.lang.evaluate.operate import binary, truth
from eigen.lang.evaluate.sets import SetValue, make_set
from eigen.lang.journal import own
from eigen.lang.modules import sequences
from eigen.lang.regions import Dyn
from eigen.lang.reification import describe
from eigen.lang.values import Builtin, Inert, Object, TypeName

if TYPE_CHECKING:
    from collections.abc import Callable

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Call, Value


def _number(ctx: Context, call: Call, op: str, empty: Value) -> Value:
    (values,) = bind(call, "*values")
    if len(values) > 2 or (len(values) == 2 and op == "float"):
        ctx.fail("E0401", f"`{op}` does not take {len(values)} arguments", call.span)
    if not values:
        return empty
    if type(values[0]) is type(empty) and len(values) == 1:
        return values[0]
    held = [_held(ctx, value, call.span) for value in values]
    return ctx.apply(op, held, span=call.span)


def _held(ctx: Context, value: Value, span: Span) -> Value:
    return ctx.reify(value, span) if isinstance(value, Object) else value


def _int(ctx: Context, call: Call) -> Value:
    return _number(ctx, call, "int", 0)


def _float(ctx: Context, call: Call) -> Value:
    return _number(ctx, call, "float", 0.0)


def _complex(ctx: Context, call: Call) -> Value:
    return _number(ctx, call, "complex", 0j)


def _bool(ctx: Context, call: Call) -> Value:
    (value,) = bind(call, "x=False")
    if isinstance(value, Object):
        value = value.truth(ctx, call.span) if value.condition(ctx, call.span) is None else value.reify(ctx, call.span)
    if isinstance(value, Dyn):
        return ctx.emit("bool", [value], type="bool", span=call.span)
    return truth(ctx, value, call.span)


def _str(ctx: Context, call: Call) -> Value:
    (value,) = bind(call, "x=''")
    return ctx.to_text(value, call.span)


def _list(ctx: Context, call: Call) -> Value:
    (value,) = bind(call, "items=()")
    return sequences.as_list(ctx, value, call.span)


def _tuple(ctx: Context, call: Call) -> Value:
    (value,) = bind(call, "items=()")
    if sequences.runs_later(value):
        return ctx.emit("to_tuple", [value], type="tuple", span=call.span)
    return tuple(sequences.as_list(ctx, value, call.span))


def _set(ctx: Context, call: Call) -> Value:
    (value,) = bind(call, "items=()")
    return make_set(ctx, elements(ctx, value, call.span), call.span)


def _dict(ctx: Context, call: Call) -> Value:
    items, named = bind(call, "items=(), **named")
    if isinstance(items, Dyn):
        made = ctx.emit("to_dict", [items], type="dict", span=call.span)
        return ctx.emit("dict_merge", [made, named], type="dict", span=call.span) if named else made
    if is_dict(items):
        ctx.charge(2 * len(items))
        return own(ctx, {**items, **named})
    result: dict[Any, Value] = {}
    for pair in iterate(ctx, items, call.span):
        parts = iterate(ctx, pair, call.span)
        if len(parts) != 2:
            ctx.fail("E0407", f"an element of {len(parts)} values is no (key, value) pair", call.span)
        check_key(ctx, parts[0], call.span)
        result[parts[0]] = parts[1]
    return own(ctx, {**result, **named})


def _abs(ctx: Context, call: Call) -> Value:
    (value,) = bind(call, "x")
    return ctx.apply("abs", [_held(ctx, value, call.span)], span=call.span)


def _round(ctx: Context, call: Call) -> Value:
    value, digits = bind(call, "number, ndigits=None")
    args = [_held(ctx, value, call.span)]
    return ctx.apply("round", args if digits is None else [*args, digits], span=call.span)


def _pow(ctx: Context, call: Call) -> Value:
    base, exponent, modulus = bind(call, "base, exp, mod=None")
    if modulus is None:
        return binary(ctx, "**", "pow", base, exponent, call.span)
    if not all(type(value) is int for value in (base, exponent, modulus)) or modulus == 0 or exponent < 0:
        ctx.fail("E0403", "`pow` with a modulus takes integers, an exponent >= 0 and a modulus other than 0", call.span)
    ctx.charge(1 + exponent.bit_length())
    result: int = pow(int(base), int(exponent), int(modulus))
    return result


def _divmod(ctx: Context, call: Call) -> Value:
    left, right = bind(call, "a, b")
    return (
        binary(ctx, "//", "floordiv", left, right, call.span),
        binary(ctx, "%", "mod", left, right, call.span),
    )


def _text(op: str) -> Callable[[Context, Call], Value]:
    def convert(ctx: Context, call: Call) -> Value:
        (value,) = bind(call, "x")
        return ctx.apply(op, [_held(ctx, value, call.span)], span=call.span)

    return convert


def _format(ctx: Context, call: Call) -> Value:
    value, spec = bind(call, "value, spec=''")
    return ctx.apply("format", [_held(ctx, value, call.span), spec], span=call.span)


def _print(ctx: Context, call: Call) -> Value:
    """A line of the job's log, written when the program runs."""
    values, sep, _, _ = bind(call, "*values, sep=' ', end='', flush=False")
    ctx.log_lines += 1
    if ctx.log_lines > ctx.limits.log_lines:
        ctx.fail("E0605", f"the program prints more than {ctx.limits.log_lines} lines", call.span)
    parts: list[Value] = []
    for place, value in enumerate(values):
        if place:
            parts.append(sep)
        parts.append(ctx.to_text(value, call.span))
    if any(not isinstance(part, (str, Dyn)) for part in parts):
        ctx.fail("E0402", "the separator of `print` is a string", call.span)
    ctx.emit("print", [ctx.apply("concat_str", parts, span=call.span)], type="none", span=call.span)


def _isinstance(ctx: Context, call: Call) -> Value:
    value, types = bind(call, "x, types")
    wanted: list[Value] = list(types) if isinstance(types, tuple) else [types]  # pyright: ignore[reportUnknownArgumentType]
    for item in wanted:
        if not isinstance(item, TypeName):
            ctx.fail(
                "E0402",
                f"`isinstance` takes types such as `int` or `str`, not {describe(item)}",
                call.span,
            )
    return any(item.matches(value) for item in wanted)


def _is(*types: type, dynamic: tuple[str, ...] = ()) -> Callable[[Value], bool]:
    def matches(value: Value) -> bool:
        return value.type in dynamic if isinstance(value, Dyn) else isinstance(value, types)

    return matches


_TYPES: tuple[TypeName, ...] = (
    TypeName("int", _int, _is(int, dynamic=("int", "bool")), "x, base=10", "An integer."),
    TypeName("float", _float, _is(float, dynamic=("float",)), "x", "A floating-point number."),
    TypeName("complex", _complex, _is(complex, dynamic=("complex",)), "real, imag=0", "A complex number."),
    TypeName("bool", _bool, _is(bool, dynamic=("bool",)), "x", "True or False."),
    TypeName("str", _str, _is(str, dynamic=("str",)), "x", "The value as text."),
    TypeName("list", _list, _is(list, dynamic=("list",)), "items", "A list of the elements."),
    TypeName("tuple", _tuple, _is(tuple, dynamic=("tuple",)), "items", "A tuple of the elements."),
    TypeName("dict", _dict, _is(dict, dynamic=("dict",)), "items, **named", "A dict from pairs or keywords."),
    TypeName("set", _set, lambda value: isinstance(value, SetValue), "items", "A set of static values."),
    TypeName("frozenset", _set, lambda value: isinstance(value, SetValue), "items", "The same as `set`."),
    TypeName("range", sequences.make_range, _is(range), "start, stop, step=1", "Integers in even steps."),
)

_FUNCTIONS: tuple[tuple[str, Callable[[Context, Call], Value], str, str], ...] = (
    ("len", sequences.length, "x", "The number of elements."),
    ("sum", sequences.total, "items, start=0", "The sum, from left to right."),
    ("min", sequences.smallest, "*items, key=None, default=…", "The smallest element."),
    ("max", sequences.largest, "*items, key=None, default=…", "The largest element."),
    ("sorted", sequences.in_order, "items, *, key=None, reverse=False", "A sorted list."),
    ("map", sequences.apply_map, "function, *items", "The results of a function, as a list."),
    ("filter", sequences.apply_filter, "function, items", "The elements for which a function holds, as a list."),
    ("zip", sequences.pair_up, "*items, strict=False", "Tuples of elements, as a list."),
    ("enumerate", sequences.number_items, "items, start=0", "(number, element) pairs, as a list."),
    ("reversed", sequences.backwards, "items", "The elements backwards, as a list."),
    ("any", sequences.any_of, "items", "Whether any element is true."),
    ("all", sequences.all_of, "items", "Whether every element is true."),
    ("abs", _abs, "x", "The absolute value."),
    ("round", _round, "number, ndigits=None", "The nearest integer (even for ties), or with digits."),
    ("pow", _pow, "base, exp, mod=None", "A power."),
    ("divmod", _divmod, "a, b", "Quotient and remainder."),
    ("print", _print, "*values, sep=' '", "A line in the job's log, when the program runs."),
    ("isinstance", _isinstance, "x, types", "Whether a value has one of the types."),
    ("repr", _text("repr"), "x", "The value as Python writes it."),
    ("ord", _text("ord"), "x", "The code point of a character."),
    ("chr", _text("chr"), "x", "The character of a code point."),
    ("bin", _text("bin"), "x", "An integer in binary."),
    ("hex", _text("hex"), "x", "An integer in hexadecimal."),
    ("oct", _text("oct"), "x", "An integer in octal."),
    ("format", _format, "value, spec=''", "The value as text by a format specification."),
)

_ANNOTATIONS = ("Any", "Callable", "Dict", "Iterable", "List", "Mapping", "Optional", "Sequence", "Tuple", "Union")


def _table() -> dict[str, Value]:
    table: dict[str, Value] = {item.name: item for item in _TYPES}
    for name, function, signature, doc in _FUNCTIONS:
        table[name] = Builtin(name, function, signature, doc, "builtins")
    table.update({name: Inert(name) for name in _ANNOTATIONS})
    return table


BUILTINS: dict[str, Value] = _table()
"""Every built-in name. Annotations of `typing` are inert: they resolve, and do nothing."""

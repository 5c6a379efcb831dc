"""Binding the arguments of a call to a signature written as text: `"circuit, params=None, *, shots=None"`."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from eigen.errors import suggest
from eigen.lang.values import fail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.lang.values import Call, Value


class Parameter(NamedTuple):
    """One parameter; `kind` is `any`, `keyword`, `*` (all further positions) or `**` (all further names)."""

    name: str
    kind: str
    required: bool
    default: Any


@cache
def parse_signature(text: str) -> tuple[Parameter, ...]:
    """The parameters of a signature; defaults are None, True, False, numbers and quoted words."""
    parameters: list[Parameter] = []
    kind = "any"
    for part in (piece.strip() for piece in text.split(",")):
        if not part or part == "/":
            continue
        if part == "*":
            kind = "keyword"
        elif part.startswith("**"):
            parameters.append(Parameter(part[2:], "**", False, None))
        elif part.startswith("*"):
            parameters.append(Parameter(part[1:], "*", False, None))
            kind = "keyword"
        else:
            name, equals, default = part.partition("=")
            parameters.append(Parameter(name.strip(), kind, not equals, _literal(default.strip()) if equals else None))
    return tuple(parameters)


_WORDS: dict[str, Any] = {"None": None, "True": True, "False": False, "()": ()}


def _literal(text: str) -> Any:
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in "\"'":
        return text[1:-1]
    return float(text) if any(mark in text for mark in ".e") else int(text)


def bind(call: Call, signature: str) -> tuple[Value, ...]:
    """The argument values in the order of the signature (`*rest` gives a tuple, `**rest` a dict).

    Raises the diagnostic E0401 for a missing, unexpected or doubled argument.
    """
    return bind_parameters(call, parse_signature(signature))


def bind_parameters(call: Call, parameters: Sequence[Parameter]) -> tuple[Value, ...]:
    """As `bind`, for parameters already parsed."""
    name = f"`{call.name}`" if call.name else "the function"
    kwargs = dict(call.kwargs)
    position = 0
    values: list[Value] = []
    for parameter in parameters:
        if parameter.kind == "*":
            values.append(tuple(call.args[position:]))
            position = len(call.args)
        elif parameter.kind == "**":
            values.append(kwargs)
            kwargs = {}
        elif parameter.kind == "any" and position < len(call.args):
            if parameter.name in kwargs:
                fail("E0401", f"{name} got two values for `{parameter.name}`", call.span_of(parameter.name))
            values.append(call.args[position])
            position += 1
        elif parameter.name in kwargs:
            values.append(kwargs.pop(parameter.name))
        elif parameter.required:
            fail("E0401", f"{name} needs the argument `{parameter.name}`", call.span, hint=_usage(call, parameters))
        else:
            values.append(parameter.default)
    if position < len(call.args):
        fail(
            "E0401",
            f"{name} takes {position} positional arguments, not {len(call.args)}",
            call.span_of(position),
            hint=_usage(call, parameters),
        )
    for unknown in kwargs:
        known = [parameter.name for parameter in parameters if parameter.kind in {"any", "keyword"}]
        fail(
            "E0401",
            f"{name} has no argument `{unknown}`",
            call.span_of(unknown),
            hint=suggest(unknown, known) or _usage(call, parameters),
        )
    return tuple(values)


def _usage(call: Call, parameters: Sequence[Parameter]) -> str:
    parts: list[str] = []
    star = False
    for parameter in parameters:
        if parameter.kind == "keyword" and not star:
            parts.append("*")
        star = star or parameter.kind in {"keyword", "*"}
        if parameter.kind in {"*", "**"}:
            parts.append(parameter.kind + parameter.name)
        elif parameter.required:
            parts.append(parameter.name)
        else:
            parts.append(f"{parameter.name}={_text(parameter.default)}")
    return f"call it as `{call.name or 'function'}({', '.join(parts)})`"


def _text(value: Any) -> str:
    if value is None or isinstance(value, (bool, int, float, str)):
        return repr(value)
    return "…"

"""Circuit parameters: `Param`, vectors of them, and matching values to the parameters of a circuit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen._core import Affine
from eigen.errors import suggest
from eigen.ir.values import Array, is_dict, is_list, is_tuple
from eigen.lang.binding import bind
from eigen.lang.regions import Dyn
from eigen.lang.values import Object, Sym

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.lang.context import Context
    from eigen.lang.diagnostics import Span
    from eigen.lang.values import Call, Value

MAX_VECTOR = 100_000


def param(ctx: Context, call: Call) -> Value:
    """`Param(name, size=None)`: one circuit parameter, or a list of `size` of them named `name[0]`, `name[1]`, …"""
    name, size = bind(call, "name, size=None")
    ctx.require_static([name, size], "the name and size of a `Param`", call.span)
    if not isinstance(name, str) or not name or "@" in name or len(name) > 64:
        ctx.fail("E0802", "a `Param` is named by a string of 1 to 64 characters without `@`", call.span)
    if size is None:
        return Sym(Affine.symbol(name))
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= MAX_VECTOR:
        ctx.fail("E0802", f"the size of a `Param` must be an integer from 1 to {MAX_VECTOR}", call.span)
    ctx.charge(size)
    return [Sym(Affine.symbol(f"{name}[{index}]")) for index in range(size)]


Bindings = dict[str, Any]
"""Values of circuit parameters by name: numbers, run-time numbers (`Dyn`), or an `Element` of a run-time vector."""


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """Element `position` of a run-time vector; its node is written only where the vector cannot be passed whole."""

    source: Dyn
    position: int

    def value(self, ctx: Context, span: Span) -> Dyn:
        """The element as a run-time number."""
        return ctx.emit("index", [self.source, self.position], type="float", span=span)


def bindings_for(
    ctx: Context, names: Sequence[str], values: Value, span: Span, *, owner: str = "the circuit"
) -> Bindings:
    """The given values matched to parameter names: by position from a sequence or an array, by name from a dict.

    E0806 when the numbers do not match.
    """
    if is_dict(values):
        return _by_name(ctx, names, values, span, owner)
    if isinstance(values, Object):
        values = values.reify(ctx, span)
    if isinstance(values, Dyn) and values.type not in {"float", "int"}:
        return _from_run_time(ctx, names, values, span, owner)
    items = values if is_list(values) or is_tuple(values) else [values]
    if isinstance(values, Array):
        items = list(values.data)
    if isinstance(values, range):
        items = list(values)
    if len(items) != len(names):
        _mismatch(ctx, names, len(items), span, owner)
    for name, item in zip(names, items, strict=True):
        _check_number(ctx, name, item, span)
    return dict(zip(names, items, strict=True))


def _from_run_time(ctx: Context, names: Sequence[str], values: Dyn, span: Span, owner: str) -> Bindings:
    if values.length is not None and values.length != len(names):
        _mismatch(ctx, names, values.length, span, owner)
    ctx.charge(len(names))
    return {name: Element(values, position) for position, name in enumerate(names)}


def _by_name(ctx: Context, names: Sequence[str], values: Mapping[Any, Any], span: Span, owner: str) -> Bindings:
    found: Bindings = {}
    for key, value in values.items():
        if not isinstance(key, str):
            ctx.fail("E0806", "parameter values in a dict are named by strings", span)
        vector = [name for name in names if name.startswith(f"{key}[")]
        if key in names:
            _check_number(ctx, key, value, span)
            found[key] = value
        elif vector:
            found.update(bindings_for(ctx, vector, value, span, owner=f"`{key}`"))
        else:
            ctx.fail("E0806", f"{owner} has no parameter `{key}`", span, hint=suggest(key, list(names)))
    missing = [name for name in names if name not in found]
    if missing:
        ctx.fail("E0806", f"the parameter `{missing[0]}` of {owner} has no value", span)
    return found


def _check_number(ctx: Context, name: str, value: Value, span: Span) -> None:
    from eigen.lang.reification import describe

    if isinstance(value, (Dyn, Element)):
        return
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        ctx.fail("E0806", f"the parameter `{name}` must be a number, not {describe(value)}", span)


def _mismatch(ctx: Context, names: Sequence[str], given: int, span: Span, owner: str) -> None:
    plural = "" if len(names) == 1 else "s"
    ctx.fail("E0806", f"{owner} has {len(names)} parameter{plural}, but {given} values are given", span)

"""The table of compute operations and the one way to apply them: fuel first, then the work, then the limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen._core import CoreError
from eigen.ir.ops.limits import OpError, check_result, extent
from eigen.ir.values import weight

if TYPE_CHECKING:
    from eigen.ir.ops.limits import Fuel

Args = Sequence[Any]
Attrs = Mapping[str, Any]
Function = Callable[[Args, Attrs], Any]
TypeRule = Callable[[Sequence[str]], str]
Cost = Callable[[Args, Attrs], int]


@dataclass(frozen=True, slots=True)
class Op:
    """One operation: its function, the rule for its result type, its cost in fuel and its arity.

    `arity` is `(least, most)` with None for no bound; `attrs` names the static attributes it reads;
    `derivative` tells whether reverse-mode differentiation knows it.
    """

    name: str
    fn: Function
    types: TypeRule
    cost: Cost
    arity: tuple[int, int | None]
    attrs: frozenset[str]
    derivative: bool
    help: str


OPS: dict[str, Op] = {}


def op(
    name: str,
    arity: int | tuple[int, int | None],
    *,
    types: str | TypeRule,
    cost: Cost | None = None,
    attrs: Sequence[str] = (),
    derivative: bool = False,
    help: str,
) -> Callable[[Function], Function]:
    """Enter a function into the table; a type given as text is the type of every result."""
    rule: TypeRule = (lambda _types, fixed=types: fixed) if isinstance(types, str) else types

    def register(fn: Function) -> Function:
        if name in OPS:
            raise KeyError(f"operation {name!r} stands in the table already")
        bounds = (arity, arity) if isinstance(arity, int) else arity
        OPS[name] = Op(name, fn, rule, cost or unit, bounds, frozenset(attrs), derivative, help)
        return fn

    return register


def apply(name: str, args: Args, attrs: Attrs, fuel: Fuel) -> Any:
    """The value of an operation.

    Raises EIGEN_LIMIT_EXCEEDED when fuel or a limit is exceeded (before the work is done), and `OpError` where
    Python would raise TypeError, ValueError, ZeroDivisionError, OverflowError, IndexError or KeyError.
    """
    operation = OPS[name]
    least, most = operation.arity
    if len(args) < least or (most is not None and len(args) > most):
        raise OpError("TypeError", f"`{name}` does not take {len(args)} arguments")
    try:
        fuel.charge(operation.cost(args, attrs))
        return check_result(operation.fn(args, attrs))
    except OpError:
        raise
    except CoreError as error:
        raise OpError("ValueError", error.message) from None
    except (TypeError, ValueError, ZeroDivisionError, OverflowError, IndexError, KeyError) as error:
        raise OpError(type(error).__name__, str(error.args[0]) if error.args else str(error)) from None


def result_type(name: str, types: Sequence[str]) -> str:
    """The type name of an operation's result for arguments of these types; `any` where it depends on values."""
    return OPS[name].types(types)


# ---- costs -------------------------------------------------------------------------------------------------


def unit(args: Args, attrs: Attrs) -> int:
    """One step."""
    return 1


def linear(args: Args, attrs: Attrs) -> int:
    """One step and one for each element of each argument."""
    return 1 + sum(map(extent, args))


def deep(args: Args, attrs: Attrs) -> int:
    """One step and one for each leaf of each argument; refuses values nested too deep to walk."""
    return 1 + sum(map(weight, args))


def sorting(args: Args, attrs: Attrs) -> int:
    """n log2 n steps over the leaves of the arguments."""
    total = sum(map(weight, args))
    return 1 + total * max(1, total.bit_length())


# ---- type rules --------------------------------------------------------------------------------------------

_RANK = {"bool": 0, "int": 1, "float": 2, "complex": 3}


def numeric(types: Sequence[str]) -> str:
    """The promoted number type: array if any is, any if unknown."""
    if "array" in types:
        return "array"
    ranks = [_RANK.get(name, -1) for name in types]
    if not ranks or min(ranks) < 0:
        return "any"
    return ("int", "int", "float", "complex")[max(ranks)]


def first(types: Sequence[str]) -> str:
    """The type of the first argument."""
    return types[0] if types else "any"


def float_or_array(types: Sequence[str]) -> str:
    """float, or array for arrays, lists and tuples; complex for complex."""
    if any(name in {"array", "list", "tuple"} for name in types):
        return "array"
    if "any" in types:
        return "any"
    return "complex" if "complex" in types else "float"


def bool_or_array(types: Sequence[str]) -> str:
    """bool, or array when an argument is one."""
    return "array" if "array" in types else "any" if "any" in types else "bool"


_WIDE = frozenset({"array", "list", "tuple"})


def kept(types: Sequence[str]) -> str:
    """array for arrays, lists and tuples; float for floats; else it depends on the values."""
    if any(name in _WIDE for name in types):
        return "array"
    return "float" if set(types) == {"float"} else "any"


def mask(types: Sequence[str]) -> str:
    """bool, or array for arrays, lists and tuples."""
    return "array" if any(name in _WIDE for name in types) else "any" if "any" in types else "bool"

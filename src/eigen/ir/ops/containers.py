"""Containers: making, reading and going through lists, tuples, dicts and records. Values are never changed in place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.ir.array import Array, is_sequence
from eigen.ir.ops.arithmetic import add_scalars, truth
from eigen.ir.ops.broadcast import elementwise
from eigen.ir.ops.limits import check_items, extent
from eigen.ir.ops.shaping import pick, subscript
from eigen.ir.ops.table import Args, Attrs, bool_or_array, deep, first, linear, numeric, op, sorting, unit
from eigen.ir.values import Record, is_counts, is_dict, is_key, is_list, is_number, is_tuple

if TYPE_CHECKING:
    pass


def items_of(value: Any) -> list[Any]:
    """What a `for` over a value goes through. Raises TypeError when it cannot be gone through."""
    if is_list(value):
        return value
    if is_sequence(value):
        check_items(len(value))
        return list(value)
    if isinstance(value, Array):
        check_items(value.shape[0])
        return value.rows()
    if isinstance(value, str) or is_dict(value):
        return list(value)
    if is_counts(value):
        return list(value.to_dict())
    raise TypeError(f"`{type(value).__name__}` is not iterable")


def integer(value: Any, what: str) -> int:
    """A value as a Python int. Raises TypeError for anything but an integer."""
    if not isinstance(value, int):
        raise TypeError(f"{what} must be an integer, not `{type(value).__name__}`")
    return int(value)


def _key(value: Any) -> Any:
    if not is_key(value):
        raise TypeError(f"a dict key cannot be a `{type(value).__name__}`")
    return value


# ---- making ------------------------------------------------------------------------------------------------


@op("const", 0, types="any", attrs=("value",), help="a static value, decoded from `attrs['value']`")
def const(args: Args, attrs: Attrs) -> Any:
    return attrs["value"]


@op(
    "list", (0, None), types="list", cost=lambda args, _: 1 + len(args), derivative=True, help="a list of the arguments"
)
def list_(args: Args, attrs: Attrs) -> list[Any]:
    return list(args)


@op("tuple", (0, None), types="tuple", cost=lambda args, _: 1 + len(args), derivative=True, help="a tuple of them")
def tuple_(args: Args, attrs: Attrs) -> tuple[Any, ...]:
    return tuple(args)


@op("dict", (0, None), types="dict", cost=lambda args, _: 1 + len(args), help="a dict of alternating keys and values")
def dict_(args: Args, attrs: Attrs) -> dict[Any, Any]:
    if len(args) % 2:
        raise TypeError("`dict` takes keys and values in pairs")
    return {_key(key): value for key, value in zip(args[::2], args[1::2], strict=True)}


@op("to_list", 1, types="list", cost=linear, derivative=True, help="`list(a)`")
def to_list(args: Args, attrs: Attrs) -> list[Any]:
    return list(items_of(args[0]))


@op("to_tuple", 1, types="tuple", cost=linear, derivative=True, help="`tuple(a)`")
def to_tuple(args: Args, attrs: Attrs) -> tuple[Any, ...]:
    return tuple(items_of(args[0]))


@op("to_dict", 1, types="dict", cost=linear, help="`dict(a)` of a dict, counts, a record or pairs")
def to_dict(args: Args, attrs: Attrs) -> dict[Any, Any]:
    value = args[0]
    if is_dict(value):
        return dict(value)
    if is_counts(value):
        return dict(value.to_dict())
    if isinstance(value, Record):
        return dict(value.fields)
    pairs = [items_of(item) for item in items_of(value)]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError("`dict` of a sequence needs pairs")
    return {_key(pair[0]): pair[1] for pair in pairs}


@op("dict_merge", (0, None), types="dict", cost=linear, help="one dict of all the arguments; later ones win")
def dict_merge(args: Args, attrs: Attrs) -> dict[Any, Any]:
    return {key: item for value in args for key, item in to_dict((value,), attrs).items()}


@op("record", (0, None), types=lambda _: "any", attrs=("name", "names"), help="a record of named values")
def record(args: Args, attrs: Attrs) -> Record:
    return Record(attrs["name"], dict(zip(attrs["names"], args, strict=True)))


# ---- reading -----------------------------------------------------------------------------------------------


@op("index", 2, types="any", derivative=True, help="`a[i]` of a sequence, array, dict, counts or string")
def index(args: Args, attrs: Attrs) -> Any:
    container, key = args
    if is_dict(container):
        if _key(key) not in container:
            raise KeyError(repr(key))
        return container[key]
    if isinstance(container, Array):
        return pick(container, key)
    if is_counts(container):
        return container.to_dict()[key] if key in container.to_dict() else _missing(key)
    if isinstance(container, str) or is_sequence(container):
        return container[integer(key, "an index")]
    raise TypeError(f"`{type(container).__name__}` cannot be indexed")


def _missing(key: Any) -> Any:
    raise KeyError(repr(key))


@op("slice", 4, types=first, cost=linear, derivative=True, help="`a[start:stop:step]`; None for what is left out")
def slice_(args: Args, attrs: Attrs) -> Any:
    container, *bounds = args
    start, stop, step = (None if bound is None else integer(bound, "a slice bound") for bound in bounds)
    if isinstance(container, Array):
        return subscript(container, [slice(start, stop, step)])
    if isinstance(container, str) or is_list(container) or is_tuple(container):
        return container[start:stop:step]
    if is_sequence(container):
        return list(container[start:stop:step])
    raise TypeError(f"`{type(container).__name__}` cannot be sliced")


@op("set_index", 3, types=first, cost=linear, help="a copy of `a` with `a[i] = value`: (a, i, value)")
def set_index(args: Args, attrs: Attrs) -> Any:
    container, key, value = args
    if is_dict(container):
        return {**container, _key(key): value}
    if is_list(container):
        changed = list(container)
        changed[integer(key, "an index")] = value
        return changed
    if isinstance(container, Array):
        return _set_element(container, key, value)
    raise TypeError(f"`{type(container).__name__}` does not support item assignment")


def _set_element(array: Array, key: Any, value: Any) -> Array:
    where = pick(Array(array.shape, tuple(range(array.size)), "i"), key)
    places = where.data if isinstance(where, Array) else (where,)
    shape = where.shape if isinstance(where, Array) else ()
    given = value if isinstance(value, Array) else Array.of(value)
    spread: Any = elementwise(lambda _, item: item, (Array(shape, places, "i"), given))
    if spread.shape != shape:
        raise ValueError(f"a value of shape {given.shape} does not fit into {shape}")
    data = list(array.data)
    for place, item in zip(places, spread.astype(array.kind).data, strict=True):
        data[place] = item
    return Array(array.shape, tuple(data), array.kind)


@op("getattr", 1, types="any", attrs=("name",), help="a field of a record")
def getattr_(args: Args, attrs: Attrs) -> Any:
    value, name = args[0], attrs["name"]
    if isinstance(value, Record) and name in value.fields:
        return value.fields[name]
    raise TypeError(f"`{value.name if isinstance(value, Record) else type(value).__name__}` has no field `{name}`")


@op("len", 1, types="int", help="`len(a)`")
def len_(args: Args, attrs: Attrs) -> int:
    value = args[0]
    if isinstance(value, Array):
        return value.shape[0]
    if isinstance(value, str) or is_sequence(value) or is_dict(value) or is_counts(value):
        return len(value)
    raise TypeError(f"`{type(value).__name__}` has no length")


@op("in", 2, types="bool", cost=deep, help="`a in b`")
def in_(args: Args, attrs: Attrs) -> bool:
    value, container = args
    if isinstance(container, str):
        if not isinstance(value, str):
            raise TypeError("only a string can be in a string")
        return value in container
    if is_dict(container):
        return _key(value) in container
    if isinstance(container, Array):
        return value in container.data
    return value in items_of(container)


@op("not_in", 2, types="bool", cost=deep, help="`a not in b`")
def not_in(args: Args, attrs: Attrs) -> bool:
    return not in_(args, attrs)


@op("dict_get", (2, 3), types="any", help="`d.get(key, default)` of a dict or counts")
def dict_get(args: Args, attrs: Attrs) -> Any:
    container, key, *default = args
    mapping: Any = container.to_dict() if is_counts(container) else container
    if not is_dict(mapping):
        raise TypeError(f"`{type(container).__name__}` has no `get`")
    return mapping.get(_key(key), default[0] if default else None)


def _mapping(value: Any) -> dict[Any, Any]:
    if is_counts(value):
        return value.to_dict()
    if is_dict(value):
        return value
    raise TypeError(f"`{type(value).__name__}` has no keys and values")


@op("keys", 1, types="list", cost=linear, help="the keys as a list")
def keys(args: Args, attrs: Attrs) -> list[Any]:
    return list(_mapping(args[0]))


@op("values", 1, types="list", cost=linear, help="the values as a list")
def values(args: Args, attrs: Attrs) -> list[Any]:
    return list(_mapping(args[0]).values())


@op("items", 1, types="list", cost=linear, help="(key, value) pairs as a list")
def items(args: Args, attrs: Attrs) -> list[Any]:
    return list(_mapping(args[0]).items())


@op(
    "copy", 1, types=first, derivative=True, help="a copy; values are never changed in place, so it is the value itself"
)
def copy(args: Args, attrs: Attrs) -> Any:
    return args[0]


@op("tolist", 1, types="any", cost=linear, derivative=True, help="an array as nested lists")
def tolist(args: Args, attrs: Attrs) -> Any:
    return args[0].tolist() if isinstance(args[0], Array) else list(items_of(args[0]))


# ---- going through -----------------------------------------------------------------------------------------


@op("sum", (1, 2), types="any", cost=linear, derivative=True, help="`sum(items, start)`, left to right")
def sum_(args: Args, attrs: Attrs) -> Any:
    total: Any = args[1] if len(args) > 1 else 0
    for item in items_of(args[0]):
        if not (is_number(item) or isinstance(item, Array)):
            raise TypeError(f"`sum` adds numbers, not `{type(item).__name__}`")
        total = elementwise(add_scalars, (total, item))
    return total


def _extreme(args: Args, name: str) -> Any:
    found = items_of(args[0]) if len(args) == 1 else list(args)
    if any(isinstance(item, Array) for item in found):
        raise TypeError(f"`{name}` compares numbers, not arrays: use the array's own `{name}`")
    if not found:
        raise ValueError(f"`{name}` of an empty sequence")
    return min(found) if name == "min" else max(found)


@op("min", (1, None), types="any", cost=deep, derivative=True, help="the smallest of one iterable or of the arguments")
def min_(args: Args, attrs: Attrs) -> Any:
    return _extreme(args, "min")


@op("max", (1, None), types="any", cost=deep, derivative=True, help="the largest of one iterable or of the arguments")
def max_(args: Args, attrs: Attrs) -> Any:
    return _extreme(args, "max")


@op("any", 1, types=bool_or_array, cost=linear, help="whether any item is true")
def any_(args: Args, attrs: Attrs) -> bool:
    return any(truth(item) for item in items_of(args[0]))


@op("all", 1, types=bool_or_array, cost=linear, help="whether every item is true")
def all_(args: Args, attrs: Attrs) -> bool:
    return all(truth(item) for item in items_of(args[0]))


@op("sorted", 1, types="list", cost=sorting, attrs=("reverse",), help="a sorted list")
def sorted_(args: Args, attrs: Attrs) -> list[Any]:
    return sorted(items_of(args[0]), reverse=bool(attrs.get("reverse", False)))


@op("sorted_by", 2, types="list", cost=sorting, attrs=("reverse",), help="the first list in the order of the second")
def sorted_by(args: Args, attrs: Attrs) -> list[Any]:
    found, order = items_of(args[0]), items_of(args[1])
    if len(found) != len(order):
        raise ValueError("`sorted_by` needs one key for each item")
    places = sorted(range(len(found)), key=order.__getitem__, reverse=bool(attrs.get("reverse", False)))
    return [found[place] for place in places]


@op("reversed", 1, types="list", cost=linear, derivative=True, help="the items backwards, as a list")
def reversed_(args: Args, attrs: Attrs) -> list[Any]:
    return items_of(args[0])[::-1]


@op("enumerate", (1, 2), types="list", cost=linear, help="(number, item) pairs as a list")
def enumerate_(args: Args, attrs: Attrs) -> list[Any]:
    return list(enumerate(items_of(args[0]), integer(args[1], "start") if len(args) > 1 else 0))


@op("zip", (0, None), types="list", cost=linear, help="tuples of items as a list, as long as the shortest")
def zip_(args: Args, attrs: Attrs) -> list[Any]:
    return list(zip(*(items_of(value) for value in args), strict=False))


def _range_cost(args: Args, attrs: Attrs) -> int:
    if all(isinstance(value, int) for value in args):
        return 1 + len(range(*args)) if len(args) < 3 or args[2] else 1
    return unit(args, attrs)


def _chain_cost(args: Args, attrs: Attrs) -> int:
    return 1 + sum(extent(part) for part in items_of(args[0]))


@op("chain", 1, types="list", cost=_chain_cost, derivative=True, help="the items of the items, as one list")
def chain(args: Args, attrs: Attrs) -> list[Any]:
    parts = [items_of(part) for part in items_of(args[0])]
    check_items(sum(map(len, parts)))
    return [item for part in parts for item in part]


@op("range", (1, 3), types="list", cost=_range_cost, help="`range(start, stop, step)` as a list")
def range_(args: Args, attrs: Attrs) -> list[int]:
    bounds = range(*(integer(value, "a bound of range") for value in args))
    check_items(len(bounds))
    return list(bounds)


@op(
    "abs",
    1,
    types=lambda types: "float" if types[0] == "complex" else numeric(types),
    cost=linear,
    derivative=True,
    help="`abs(a)`, elementwise on arrays",
)
def abs_(args: Args, attrs: Attrs) -> Any:
    from eigen.ir.ops.complexes import modulus

    value = args[0]
    if not (is_number(value) or isinstance(value, Array)):
        raise TypeError(f"`abs` of `{type(value).__name__}`")
    return elementwise(lambda a: modulus(a) if isinstance(a, complex) else abs(a), args)

"""The values that programs compute with, their type names, and their JSON forms (lossless, and plain for people).

Values are None, bool, int, float, complex, str, list, tuple, dict, `Array`, `Counts` and `Record`: the same at
compile time and at run time.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, nan
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from eigen.errors import EigenError
from eigen.ir.array import KINDS, MAX_RANK, Array, is_sequence, kind_of, size_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen._core import Counts

__all__ = [
    "Array",
    "Record",
    "decode_value",
    "encode_value",
    "is_counts",
    "is_dict",
    "is_list",
    "is_number",
    "is_sequence",
    "is_tuple",
    "to_plain",
    "type_of",
    "weight",
]

MAX_VALUE_DEPTH = 64
"""How deeply containers may nest where a value is walked: compared, printed, encoded."""

MAX_VALUE_LEAVES = 1_000_000
"""How many elements a value may hold in all, shared ones counted each time they are met."""

_EXACT_JSON_INT = 1 << 53


@dataclass(frozen=True, slots=True)
class Record:
    """A named tuple of values that a stage gives: `run`, `minimize` or `train`."""

    name: str
    fields: Mapping[str, Any]


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Whether a value is a list."""
    return isinstance(value, list)


def is_tuple(value: Any) -> TypeGuard[tuple[Any, ...]]:
    """Whether a value is a tuple."""
    return isinstance(value, tuple)


def is_dict(value: Any) -> TypeGuard[dict[Any, Any]]:
    """Whether a value is a dict."""
    return isinstance(value, dict)


def is_number(value: Any) -> TypeGuard[int | float | complex]:
    """Whether a value is a number; bool counts, as in Python."""
    return isinstance(value, (int, float, complex))


def is_counts(value: Any) -> TypeGuard[Counts]:
    """Whether a value is the counts of a run."""
    from eigen._core import Counts

    return isinstance(value, Counts)


_SIMPLE_TYPES: dict[type, str] = {
    type(None): "none",
    bool: "bool",
    int: "int",
    float: "float",
    complex: "complex",
    str: "str",
    Array: "array",
    list: "list",
    tuple: "tuple",
    dict: "dict",
}


def type_of(value: Any) -> str:
    """The type name of a value as nodes carry it; `any` for what is no run-time value.

    >>> type_of(1.5), type_of(Record("run", {}))
    ('float', 'record:run')
    """
    known = _SIMPLE_TYPES.get(cast("Any", type(value)))
    if known is not None:
        return known
    if isinstance(value, Record):
        return f"record:{value.name}"
    return "counts" if is_counts(value) else "any"


def weight(value: Any) -> int:
    """The number of leaves under a value, shared ones counted each time they are met.

    Raises EIGEN_LIMIT_EXCEEDED beyond MAX_VALUE_LEAVES leaves or MAX_VALUE_DEPTH levels, so that what walks a
    value after this cannot recurse or run without bound.
    """
    total = 0
    stack: list[tuple[Any, int]] = [(value, 0)]
    while stack:
        item, depth = stack.pop()
        total += 1
        if isinstance(item, Array):
            total += item.size
        elif isinstance(item, str):
            total += len(item) // 64
        elif is_list(item) or is_tuple(item):
            stack.extend([(inner, depth + 1) for inner in item])
        elif is_dict(item):
            total += len(item)
            stack.extend([(inner, depth + 1) for inner in item.values()])
        elif isinstance(item, Record):
            stack.extend([(inner, depth + 1) for inner in item.fields.values()])
        if depth > MAX_VALUE_DEPTH:
            raise _too_deep()
        if total > MAX_VALUE_LEAVES:
            raise EigenError("EIGEN_LIMIT_EXCEEDED", f"a value holds more than {MAX_VALUE_LEAVES} elements in all")
    return total


# ---- lossless JSON -----------------------------------------------------------------------------------------


def encode_value(value: Any) -> Any:
    """A value as JSON that `decode_value` reads back exactly. Raises EIGEN_PROGRAM_INVALID for other objects."""
    weight(value)
    return _encode(value, 0)


def _encode(value: Any, depth: int) -> Any:
    if depth > MAX_VALUE_DEPTH:
        raise _too_deep()
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if abs(value) <= _EXACT_JSON_INT else {"int": str(value)}
    if isinstance(value, float):
        return _encode_float(value)
    if isinstance(value, complex):
        return {"complex": [_encode_float(value.real), _encode_float(value.imag)]}
    if is_list(value):
        return [_encode(item, depth + 1) for item in value]
    if is_tuple(value):
        return {"tuple": [_encode(item, depth + 1) for item in value]}
    if is_dict(value):
        pairs = [[_encode(key, depth + 1), _encode(item, depth + 1)] for key, item in value.items()]
        return {"dict": pairs}
    if isinstance(value, Array):
        return {
            "array": [_encode(item, depth + 1) for item in value.data],
            "shape": list(value.shape),
            "kind": value.kind,
        }
    if isinstance(value, Record):
        fields = {name: _encode(item, depth + 1) for name, item in value.fields.items()}
        return {"record": value.name, "fields": fields}
    if is_counts(value):
        return {"counts": value.to_dict(), "clbits": value.num_clbits}
    raise _invalid(f"a value of type `{type(value).__name__}` cannot be written to a program")


def _encode_float(value: float) -> Any:
    if isfinite(value):
        return value
    return {"float": "nan" if value != value else "inf" if value > 0 else "-inf"}


def decode_value(data: Any) -> Any:
    """The value that `encode_value` wrote; foreign input is checked: EIGEN_PROGRAM_INVALID names what is wrong."""
    return _decode(data, 0)


def _decode(data: Any, depth: int) -> Any:
    if depth > 2 * MAX_VALUE_DEPTH:
        raise _too_deep()
    if data is None or isinstance(data, (bool, int, str)):
        return data
    if isinstance(data, float):
        if not isfinite(data):
            raise _invalid("a value holds a bare NaN or infinity")
        return data
    if is_list(data):
        return [_decode(item, depth + 1) for item in data]
    if not is_dict(data):
        raise _invalid(f"a value cannot be a `{type(data).__name__}`")
    for tag, (names, read) in _TAGS.items():
        if tag in data:
            if set(data) != names:
                raise _invalid(f"a value tagged `{tag}` has the fields {', '.join(sorted(map(str, data)))}")
            return read(data, depth + 1)
    raise _invalid(f"a value has no known tag: {', '.join(sorted(map(str, data)))[:80]}")


def _read_int(data: dict[str, Any], depth: int) -> int:
    text = data["int"]
    if not isinstance(text, str) or len(text) > 1300 or not text.lstrip("-").isdecimal() or not text.isascii():
        raise _invalid("a tagged `int` is not a decimal number")
    try:
        return int(text)
    except ValueError:
        raise _invalid("a tagged `int` is not a decimal number") from None


_SPECIAL_FLOATS = {"nan": nan, "inf": inf, "-inf": -inf}


def _read_float(data: dict[str, Any], depth: int) -> float:
    if not isinstance(data["float"], str) or data["float"] not in _SPECIAL_FLOATS:
        raise _invalid("a tagged `float` is one of nan, inf, -inf")
    return _SPECIAL_FLOATS[data["float"]]


def _read_items(data: Any, depth: int) -> list[Any]:
    if not is_list(data):
        raise _invalid("a tagged value must hold a list")
    return [_decode(item, depth) for item in data]


def _read_complex(data: dict[str, Any], depth: int) -> complex:
    parts = _read_items(data["complex"], depth)
    if len(parts) != 2 or not all(isinstance(part, (int, float)) for part in parts):
        raise _invalid("a tagged `complex` holds two numbers")
    return complex(*parts)


def _read_tuple(data: dict[str, Any], depth: int) -> tuple[Any, ...]:
    return tuple(_read_items(data["tuple"], depth))


def _read_dict(data: dict[str, Any], depth: int) -> dict[Any, Any]:
    result: dict[Any, Any] = {}
    pairs = data["dict"]
    if not is_list(pairs):
        raise _invalid("a tagged `dict` holds a list of pairs")
    for pair in pairs:
        if not is_list(pair) or len(pair) != 2:
            raise _invalid("a tagged `dict` holds pairs")
        key = _decode(pair[0], depth)
        if not is_key(key):
            raise _invalid(f"a dict key cannot be a `{type_of(key)}`")
        result[key] = _decode(pair[1], depth)
    return result


def _read_array(data: dict[str, Any], depth: int) -> Array:
    shape, kind = data["shape"], data["kind"]
    flat = _read_items(data["array"], depth)
    if not isinstance(kind, str) or len(kind) != 1 or kind not in KINDS:
        raise _invalid(f"an array has the unknown kind `{kind}`")
    if not is_list(shape) or len(shape) > MAX_RANK or not all(type(n) is int and n >= 0 for n in shape):
        raise _invalid("an array's shape is a list of extents")
    if size_of(shape) != len(flat) or not all(is_number(item) and kind_of(item) == kind for item in flat):
        raise _invalid("an array's elements do not fit its shape and kind")
    return Array(tuple(shape), tuple(flat), kind)


def _read_counts(data: dict[str, Any], depth: int) -> Any:
    from eigen._core import CoreError, Counts

    counts, clbits = data["counts"], data["clbits"]
    good = is_dict(counts) and type(clbits) is int and clbits >= 0
    if not good or not all(
        isinstance(key, str) and len(key) == clbits and type(number) is int and 0 <= number < 1 << 63
        for key, number in counts.items()
    ):
        raise _invalid("tagged `counts` map bit strings to numbers of shots")
    try:
        return Counts.from_dict(counts, clbits)
    except CoreError as error:
        raise _invalid(error.message) from None


def _read_record(data: dict[str, Any], depth: int) -> Record:
    fields = data["fields"]
    if not isinstance(data["record"], str) or not is_dict(fields) or not all(isinstance(key, str) for key in fields):
        raise _invalid("a tagged `record` has a name and named fields")
    return Record(data["record"], {key: _decode(item, depth) for key, item in fields.items()})


_TAGS: dict[str, tuple[set[str], Any]] = {
    "int": ({"int"}, _read_int),
    "float": ({"float"}, _read_float),
    "complex": ({"complex"}, _read_complex),
    "tuple": ({"tuple"}, _read_tuple),
    "dict": ({"dict"}, _read_dict),
    "array": ({"array", "shape", "kind"}, _read_array),
    "counts": ({"counts", "clbits"}, _read_counts),
    "record": ({"record", "fields"}, _read_record),
}


def is_key(value: Any) -> bool:
    """Whether a value may be a dict key: None, bool, int, float, str, or a tuple of these."""
    if is_tuple(value):
        return all(item is None or isinstance(item, (bool, int, float, str)) for item in value)
    return value is None or isinstance(value, (bool, int, float, str))


# ---- plain JSON --------------------------------------------------------------------------------------------


def to_plain(value: Any) -> Any:
    """A value as people see it in results.json: arrays as nested lists, records and counts as objects.

    Complex numbers become `{"re", "im"}`, NaN and infinities the strings `NaN`, `Infinity`, `-Infinity`, integers
    beyond 64 bits strings, and keys that are not strings their text.
    """
    weight(value)
    return _plain(value, 0)


def _plain(value: Any, depth: int) -> Any:
    if depth > MAX_VALUE_DEPTH:
        raise _too_deep()
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return value if -(1 << 63) <= value < 1 << 64 else str(value)
    if isinstance(value, float):
        return value if isfinite(value) else "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, complex):
        return {"re": _plain(value.real, depth), "im": _plain(value.imag, depth)}
    if is_sequence(value):
        return [_plain(item, depth + 1) for item in value]
    if is_dict(value):
        return _plain_dict(value, depth)
    if isinstance(value, Array):
        return _plain(value.tolist(), depth)
    if isinstance(value, Record):
        return {name: _plain(item, depth + 1) for name, item in value.fields.items()}
    if is_counts(value):
        return value.to_dict()
    raise _invalid(f"a value of type `{type(value).__name__}` cannot be a result")


def _plain_dict(value: dict[Any, Any], depth: int) -> dict[str, Any]:
    """Keys that would read the same stay apart: the one that is no string says its type."""
    found: dict[str, Any] = {}
    for key, item in value.items():
        name = _plain_key(key)
        if not isinstance(key, str) and (name in value or name in found):
            name = f"{name} ({type_of(key)})"
        found[name] = _plain(item, depth + 1)
    return found


def _plain_key(key: Any) -> str:
    if is_tuple(key):
        return ",".join(_plain_key(item) for item in key)
    return key if isinstance(key, str) else str(key)


def _invalid(message: str) -> EigenError:
    return EigenError("EIGEN_PROGRAM_INVALID", message)


def _too_deep() -> EigenError:
    return EigenError("EIGEN_LIMIT_EXCEEDED", f"a value nests deeper than {MAX_VALUE_DEPTH} containers")

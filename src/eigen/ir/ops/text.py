"""Text and conversions between scalars: `str`, `format`, `int`, `float`, … and the pure methods of strings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from eigen.ir.array import Array
from eigen.ir.ops.containers import integer, items_of
from eigen.ir.ops.limits import check_bits, check_text, exceeded
from eigen.ir.ops.table import Args, Attrs, deep, linear, op
from eigen.ir.values import Record, is_counts, is_dict, is_list, is_number, is_sequence, is_tuple

if TYPE_CHECKING:
    from collections.abc import Callable


def text_of(value: Any) -> str:
    """`str(value)`: strings as they are, arrays as nested lists, records and counts as dicts."""
    return value if isinstance(value, str) else _representation(value)


def _representation(value: Any) -> str:
    if is_list(value):
        return "[" + ", ".join(map(_representation, value)) + "]"
    if is_tuple(value):
        return "(" + ", ".join(map(_representation, value)) + (",)" if len(value) == 1 else ")")
    if is_counts(value):
        return _representation(value.to_dict())
    if is_dict(value):
        return "{" + ", ".join(f"{_representation(key)}: {_representation(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Array):
        return _representation(value.tolist())
    if isinstance(value, Record):
        return _representation(dict(value.fields))
    if value is None or isinstance(value, str) or is_number(value) or is_sequence(value):
        return repr(value)
    raise TypeError(f"`{type(value).__name__}` cannot be written as text")


@op("str", 1, types="str", cost=deep, help="`str(a)`")
def str_(args: Args, attrs: Attrs) -> str:
    return text_of(args[0])


@op("repr", 1, types="str", cost=deep, help="`repr(a)`")
def repr_(args: Args, attrs: Attrs) -> str:
    return _representation(args[0])


_SPEC_NUMBER = re.compile(r"\d+")


@op(
    "format",
    (1, 2),
    types="str",
    cost=deep,
    attrs=("spec",),
    help="`format(a, spec)`; the spec is an attribute or argument",
)
def format_(args: Args, attrs: Attrs) -> str:
    value, spec = args[0], args[1] if len(args) > 1 else attrs.get("spec", "")
    if not isinstance(spec, str):
        raise TypeError("a format specification must be a string")
    check_text(len(spec))
    for number in _SPEC_NUMBER.findall(spec):
        if len(number) > 4 or int(number) > 4096:
            raise exceeded("width of a format specification", number, 4096)
    if not spec:
        return text_of(value)
    if spec.endswith("n"):
        raise ValueError("the format type `n` depends on the host's locale and is not available")
    if isinstance(value, str) or is_number(value):
        return format(value, spec)
    raise TypeError(f"a `{type(value).__name__}` takes no format specification")


@op("concat_str", (0, None), types="str", cost=deep, help="the texts of the arguments joined (an f-string)")
def concat_str(args: Args, attrs: Attrs) -> str:
    parts = [text_of(value) for value in args]
    check_text(sum(map(len, parts)))
    return "".join(parts)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a string is needed, not `{type(value).__name__}`")
    return value


@op("join", 2, types="str", cost=linear, help="`separator.join(items)`")
def join(args: Args, attrs: Attrs) -> str:
    separator, parts = _string(args[0]), [_string(item) for item in items_of(args[1])]
    check_text(sum(map(len, parts)) + len(separator) * max(0, len(parts) - 1))
    return separator.join(parts)


@op("split", (1, 3), types="list", cost=linear, help="`a.split(separator, most)`")
def split(args: Args, attrs: Attrs) -> list[str]:
    separator = None if len(args) < 2 or args[1] is None else _string(args[1])
    return _string(args[0]).split(separator, integer(args[2], "the number of splits") if len(args) > 2 else -1)


@op("replace", 3, types="str", cost=linear, help="`a.replace(old, new)`")
def replace(args: Args, attrs: Attrs) -> str:
    text, old, new = map(_string, args)
    found = text.count(old)
    check_text(len(text) + found * max(0, len(new) - len(old)))
    return text.replace(old, new)


def _method(name: str, most: int, types: str, function: Callable[..., Any], help: str) -> None:
    op(name, (1, most), types=types, cost=linear, help=help)(lambda args, attrs: function(*map(_string, args)))


_method("upper", 1, "str", str.upper, "`a.upper()`")
_method("lower", 1, "str", str.lower, "`a.lower()`")
_method("title", 1, "str", str.title, "`a.title()`")
_method("capitalize", 1, "str", str.capitalize, "`a.capitalize()`")
_method("strip", 2, "str", str.strip, "`a.strip(characters)`")
_method("lstrip", 2, "str", str.lstrip, "`a.lstrip(characters)`")
_method("rstrip", 2, "str", str.rstrip, "`a.rstrip(characters)`")
_method("startswith", 2, "bool", str.startswith, "`a.startswith(prefix)`")
_method("endswith", 2, "bool", str.endswith, "`a.endswith(suffix)`")
_method("isdigit", 1, "bool", str.isdigit, "`a.isdigit()`")
_method("isalpha", 1, "bool", str.isalpha, "`a.isalpha()`")


def _pad(name: str, function: Callable[[str, int, str], str]) -> None:
    def pad(args: Args, attrs: Attrs) -> str:
        width = integer(args[1], "a width")
        check_text(width)
        return function(_string(args[0]), width, _string(args[2]) if len(args) > 2 else " ")

    op(name, (2, 3), types="str", cost=linear, help=f"`a.{name}(width)`")(pad)


_pad("ljust", str.ljust)
_pad("rjust", str.rjust)
_pad("center", str.center)
_pad("zfill", lambda text, width, _: text.zfill(width))


@op("find", 2, types="int", cost=linear, help="`a.find(b)`: the first place of a text, or -1")
def find(args: Args, attrs: Attrs) -> int:
    return _string(args[0]).find(_string(args[1]))


@op("count", 2, types="int", cost=deep, help="`a.count(b)` of a string or sequence")
def count(args: Args, attrs: Attrs) -> int:
    if isinstance(args[0], str):
        return args[0].count(_string(args[1]))
    return items_of(args[0]).count(args[1])


@op("index_of", 2, types="int", cost=deep, help="`a.index(b)` of a string or sequence")
def index_of(args: Args, attrs: Attrs) -> int:
    if isinstance(args[0], str):
        return args[0].index(_string(args[1]))
    found = items_of(args[0])
    if args[1] not in found:
        raise ValueError(f"{_representation(args[1])} is not in the sequence")
    return found.index(args[1])


@op("ord", 1, types="int", help="`ord(a)`")
def ord_(args: Args, attrs: Attrs) -> int:
    return ord(_string(args[0]))


@op("chr", 1, types="str", help="`chr(a)`")
def chr_(args: Args, attrs: Attrs) -> str:
    return chr(integer(args[0], "a code point"))


def _radix(name: str, function: Callable[[int], str]) -> None:
    op(name, 1, types="str", help=f"`{name}(a)`")(lambda args, attrs: function(integer(args[0], f"`{name}`")))


_radix("bin", bin)
_radix("hex", hex)
_radix("oct", oct)


# ---- conversions -------------------------------------------------------------------------------------------


def _scalar(value: Any) -> Any:
    if isinstance(value, Array):
        if value.size != 1:
            raise TypeError("only an array of one element converts to a scalar")
        return value.data[0]
    return value


@op("int", (1, 2), types="int", help="`int(a)`, `int(text, base)`")
def int_(args: Args, attrs: Attrs) -> int:
    value = _scalar(args[0])
    if isinstance(value, str):
        base = integer(args[1], "a base") if len(args) > 1 else 10
        if base not in {0, *range(2, 37)}:
            raise ValueError("a base is 0 or 2 to 36")
        check_bits(4 * len(value.strip().lstrip("+-0")) if base != 32 else 5 * len(value))
        return int(value, base)
    if not isinstance(value, (int, float)):
        raise TypeError(f"`int` of `{type(value).__name__}`")
    return int(value)


@op("float", 1, types="float", derivative=True, help="`float(a)`")
def float_(args: Args, attrs: Attrs) -> float:
    value = _scalar(args[0])
    if not isinstance(value, (int, float, str)):
        raise TypeError(f"`float` of `{type(value).__name__}`")
    return float(value)


@op("bool", 1, types="bool", help="`bool(a)`")
def bool_(args: Args, attrs: Attrs) -> bool:
    from eigen.ir.ops.arithmetic import truth

    return truth(args[0])


@op("complex", (1, 2), types="complex", help="`complex(re, im)`")
def complex_(args: Args, attrs: Attrs) -> complex:
    parts = [_scalar(value) for value in args]
    if len(parts) == 1 and isinstance(parts[0], (str, complex)):
        return complex(parts[0])
    if not all(isinstance(part, (int, float)) for part in parts):
        raise TypeError("`complex` takes real numbers here")
    return complex(*parts)

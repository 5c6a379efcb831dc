"""JSON that a stranger sent: text → values, and values already read, both within counted limits.

The same as what job.yaml may hold: 20 deep, 100,000 values, integers of 4,096 bits, finite numbers, no key twice.
"""

from __future__ import annotations

import json
import math
import re
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError

if TYPE_CHECKING:
    from eigen.types import Json

MAX_DEPTH = 20
MAX_VALUES = 100_000
MAX_INTEGER_BITS = 4_096
MAX_INTEGER_DIGITS = 1_233
MAX_BYTES = 16 * 1024 * 1024


def read_json(data: bytes, name: str, *, max_depth: int = MAX_DEPTH, max_values: int = MAX_VALUES) -> Json:
    """The value of a JSON text; EIGEN_REQUEST_INVALID or EIGEN_LIMIT_EXCEEDED, which call it `name`."""
    if len(data) > MAX_BYTES:
        raise _limit(name, f"has {len(data):,} bytes; the limit is {MAX_BYTES:,}")
    if nesting(data, max_values) > max_depth:
        raise _limit(name, f"is nested deeper than {max_depth} or holds more than {max_values:,} values")
    try:
        value = json.loads(
            data.decode("utf-8"),
            parse_constant=_no_constant,
            parse_int=_integer,
            object_pairs_hook=_object,
        )
    except ValueError as error:
        raise _invalid(name, f"is not valid JSON: {str(error)[:120]}") from error
    check_values(value, name, max_depth=max_depth, max_values=max_values)
    return value


def check_values(value: Json, name: str, *, max_depth: int = MAX_DEPTH, max_values: int = MAX_VALUES) -> None:
    """Walk a value without recursion; EIGEN_LIMIT_EXCEEDED when it is too deep, too large or holds a huge integer,
    EIGEN_REQUEST_INVALID for what JSON cannot say."""
    waiting: list[tuple[Any, int]] = [(value, 0)]
    seen = 0
    while waiting:
        item, depth = waiting.pop()
        seen += 1
        if seen > max_values:
            raise _limit(name, f"holds more than {max_values:,} values")
        if depth > max_depth:
            raise _limit(name, f"is nested deeper than {max_depth}")
        if isinstance(item, dict):
            entries: dict[Any, Any] = item  # pyright: ignore[reportUnknownVariableType]
            for key in entries:
                if not isinstance(key, str):
                    raise _invalid(name, "has a key that is not text")
                _check_text(key, name)
            waiting += [(inner, depth + 1) for inner in entries.values()]
        elif isinstance(item, list | tuple):
            items: list[Any] = list(item)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            waiting += [(inner, depth + 1) for inner in items]
        else:
            _check_scalar(item, name)


def _check_scalar(item: Any, name: str) -> None:
    if isinstance(item, str):
        _check_text(item, name)
    elif isinstance(item, float):
        if not math.isfinite(item):
            raise _invalid(name, f"holds `{item}`, which is not a finite number")
    elif isinstance(item, int):
        if item.bit_length() > MAX_INTEGER_BITS:
            raise _limit(name, f"holds an integer of more than {MAX_INTEGER_BITS:,} bits")
    elif item is not None:
        raise _invalid(name, f"holds a value of type `{type(item).__name__}`, which is not JSON")


def _check_text(text: str, name: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _invalid(name, "holds a lone surrogate: it is not Unicode") from error


def nesting(data: bytes, max_openings: int) -> int:
    """The deepest nesting of brackets outside of text; more than any limit when there are too many of them."""
    bare = _TEXT.sub(b"", data).translate(_STEPS, _PLAIN)
    if len(bare) > 2 * max_openings:
        return max_openings
    return max(accumulate(memoryview(bare).cast("b")), default=0)


_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"?', re.DOTALL)
_PLAIN = bytes(byte for byte in range(256) if byte not in b"[]{}")
_STEPS = bytes.maketrans(b"[{]}", b"\x01\x01\xff\xff")
"""Brackets as what they add to the nesting, one signed byte each."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _integer(text: str) -> int:
    if len(text) > MAX_INTEGER_DIGITS + 1:
        raise ValueError(f"an integer of {len(text)} digits; the limit is {MAX_INTEGER_DIGITS}")
    return int(text)


def _no_constant(word: str) -> float:
    raise ValueError(f"`{word}` is not a finite number")


def _invalid(name: str, message: str) -> EigenError:
    return EigenError("EIGEN_REQUEST_INVALID", f"`{name}` {message}", where=name)


def _limit(name: str, message: str) -> EigenError:
    return EigenError("EIGEN_LIMIT_EXCEEDED", f"`{name}` {message}", where=name)

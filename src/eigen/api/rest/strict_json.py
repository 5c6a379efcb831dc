"""JSON from outside: strict, and bounded by counts. Not the reading of HTTP, not the checking of fields."""

from __future__ import annotations

import json
import re
from math import isfinite
from typing import Any, NoReturn

from eigen.api.rest.problems import invalid
from eigen.errors import EigenError

MAX_DEPTH = 100
_NO_BRACKETS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[^][{}"]++', re.DOTALL)  # one pass, also over unclosed texts
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def parse(data: bytes) -> Any:
    """The value of a JSON text in UTF-8; EIGEN_REQUEST_INVALID, EIGEN_LIMIT_EXCEEDED.

    Refused: duplicate keys, NaN and infinities, numbers that only fit as infinity, halves of surrogate pairs, and more
    than 100 nested containers.
    """
    _check_depth(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise invalid(f"the body is not UTF-8: byte {error.start} is {error.reason}") from error
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_float=_float, parse_constant=_constant)
    except json.JSONDecodeError as error:
        message = f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise invalid(message, where=f"body:{error.lineno}:{error.colno}") from error
    except ValueError as error:  # a whole number of thousands of digits
        raise invalid("a number of the body has too many digits") from error
    if _SURROGATE.search(data):
        _check_text(value)
    return value


def _check_depth(data: bytes) -> None:
    depth = 0
    for byte in _NO_BRACKETS.sub(b"", data):
        if byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise EigenError("EIGEN_LIMIT_EXCEEDED", f"the body nests deeper than {MAX_DEPTH} containers")
        elif byte in b"]}":
            depth -= 1


def _check_text(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise invalid("a text of the body holds half of a surrogate pair") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise invalid(f"the key `{twice[:60].encode('utf-8', 'replace').decode()}` stands twice in one object")
    return value


def _float(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise invalid(f"the number `{text[:60]}` does not fit into 64 bits")
    return value


def _constant(text: str) -> NoReturn:
    raise invalid(f"`{text}` is no JSON number")

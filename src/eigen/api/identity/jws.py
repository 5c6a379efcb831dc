"""The outer form of a token: three segments of base64url, a header and claims in strict JSON. Nothing is verified here.

JSON Web Signature, compact serialisation (RFC 7515, sections 3.1 and 4.1).
"""

from __future__ import annotations

import base64
import json
import math
import re
from dataclasses import dataclass
from typing import Any, cast

from eigen.api.identity.refusal import RefusedError

FORM = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
MAX_HEADER_CHARACTERS = 2048
MAX_BRACKETS = 64
"""Braces and brackets of one document, which also bounds how deep it nests."""
MAX_KEY_ID_CHARACTERS = 256
TYPES = {"jwt", "at+jwt", "application/at+jwt"}
CARRIED_KEYS = {"jwk", "jku", "x5u", "x5c"}
"""Header parameters by which a token brings its own key. None is ever looked at; a token with one is refused."""
NUMBERS = ("exp", "iat", "nbf")


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says and we use."""

    algorithm: str
    key_id: str


def read_token(token: str) -> tuple[Header, dict[str, Any]]:
    """The header and the claims, unverified; RefusedError when the token has not the form that ours have."""
    match = FORM.fullmatch(token)
    if match is None:
        raise RefusedError("the token is neither an API key nor a signed JWT")
    if len(match[1]) > MAX_HEADER_CHARACTERS:
        raise RefusedError("the header of the token is too long")
    return _header(_json(match[1])), _claims(_json(match[2]))


def _header(values: dict[str, Any]) -> Header:
    algorithm, key_id = values.get("alg"), values.get("kid")
    if not isinstance(algorithm, str):
        raise RefusedError("the token names no algorithm")
    if not isinstance(key_id, str) or not 0 < len(key_id) <= MAX_KEY_ID_CHARACTERS:
        raise RefusedError("the token names no key id")
    if "crit" in values or "b64" in values:
        raise RefusedError("the token asks for an extension (`crit`)")
    if values.keys() & CARRIED_KEYS:
        raise RefusedError("the token brings a key of its own")
    kind = values.get("typ", "JWT")
    if not isinstance(kind, str) or kind.lower() not in TYPES:
        raise RefusedError("the token is of another type (`typ`)")
    return Header(algorithm, key_id)


def _claims(values: dict[str, Any]) -> dict[str, Any]:
    for name in NUMBERS:
        value = values.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
            raise RefusedError(f"`{name}` is no time")
    audience = values.get("aud", "")
    if not isinstance(audience, str) and not is_texts(audience):
        raise RefusedError("`aud` is neither text nor a list of texts")
    for name in ("iss", "sub"):
        if not isinstance(values.get(name, ""), str):
            raise RefusedError(f"`{name}` is no text")
    return values


def is_texts(value: object) -> bool:
    """Whether the value is a list of texts."""
    return isinstance(value, list) and all(isinstance(item, str) for item in cast("list[object]", value))


def _json(segment: str) -> dict[str, Any]:
    if len(segment) % 4 == 1:
        raise RefusedError("a segment of the token is no base64url")
    data = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    if data.count(b"{") + data.count(b"[") > MAX_BRACKETS:
        raise RefusedError("a segment of the token nests too much")
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite
        )
    except ValueError as error:  # UnicodeDecodeError and JSONDecodeError are such
        raise RefusedError("a segment of the token is no JSON") from error
    if not isinstance(value, dict):
        raise RefusedError("a segment of the token is no JSON object")
    return cast("dict[str, Any]", value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are all different: of two equal ones, two readers may believe different ones."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise RefusedError("the token says something twice")
    return value


def _no_number(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number

"""The small change of the conversions: JSON bytes, moments, states, numbers."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from google.protobuf.struct_pb2 import ListValue, Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp

from eigen.errors import EigenError
from eigen.jobspec.json_text import nesting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.message import Message

    from eigen.types import Json

STRUCT_DEPTH = 16
STRUCT_VALUES = 10_000
JSON_DEPTH = 256
"""How deeply an answer may nest: more than any value of the house does. A reader that goes down until the stack ends
leaves no room for what the garbage collector may have to run there."""


def to_json(value: Json) -> bytes:
    """A JSON value as bytes, in its own order; nothing is lost."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def from_json(data: bytes) -> Any:
    """The value that `to_json` wrote on the other side; EIGEN_CONTRACT_VERSION when it is none."""
    if data.count(b"[") + data.count(b"{") > JSON_DEPTH and nesting(data, len(data)) > JSON_DEPTH:
        raise EigenError("EIGEN_CONTRACT_VERSION", f"the answer carries JSON that nests deeper than {JSON_DEPTH}")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        message = "the answer carries something that is not JSON where the contract says JSON"
        raise EigenError("EIGEN_CONTRACT_VERSION", message) from error


def moment(text: str) -> Timestamp | None:
    """A moment of the house (RFC 3339, UTC); None for the empty text."""
    if not text:
        return None
    found = Timestamp()
    found.FromJsonString(text)
    return found


def text_of(message: Message, field: str) -> str:
    """The moment in a field as the house writes it: UTC with microseconds; empty when it is not set.

    EIGEN_CONTRACT_VERSION for one outside the years 1 to 9999.
    """
    if not message.HasField(field):
        return ""
    stamp: Timestamp = getattr(message, field)
    try:
        found = stamp.ToDatetime()
    except (ValueError, OverflowError) as error:
        raise EigenError("EIGEN_CONTRACT_VERSION", f"`{field}` lies outside the calendar") from error
    return found.isoformat(timespec="microseconds") + "Z"


def whole_seconds(seconds: float) -> int:
    """Seconds rounded up, as an int32 holds them."""
    return min(2**31 - 1, max(0, math.ceil(seconds))) if math.isfinite(seconds) else 2**31 - 1


def texts(values: Mapping[str, Json]) -> dict[str, str]:
    """A string map of JSON values: text as it is, anything else as JSON."""
    return {key: value if isinstance(value, str) else to_json(value).decode() for key, value in values.items()}


def struct_of(value: Json) -> Struct | None:
    """A JSON object as a Struct, any other value under the key `value`; None for what a Struct cannot carry well.

    That is: more than 16 levels (a message nests at most 100), more than 10,000 values, numbers beyond the doubles.
    """
    top: dict[str, Any] = value if isinstance(value, dict) else {"value": value}  # pyright: ignore[reportUnknownVariableType]
    found = Struct()
    waiting: list[tuple[Value, Any, int]] = [(found.fields[key], item, 1) for key, item in top.items()]
    seen = 0
    while waiting:
        place, item, depth = waiting.pop()
        seen += 1
        if seen > STRUCT_VALUES or depth > STRUCT_DEPTH:
            return None
        if isinstance(item, dict):
            entries: dict[str, Any] = item  # pyright: ignore[reportUnknownVariableType]
            place.struct_value.CopyFrom(Struct())
            waiting += [(place.struct_value.fields[key], inner, depth + 1) for key, inner in entries.items()]
        elif isinstance(item, list | tuple):
            items: list[Any] = list(item)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
            place.list_value.CopyFrom(ListValue())
            waiting += [(place.list_value.values.add(), inner, depth + 1) for inner in items]
        elif not _set_scalar(place, item):
            return None
    return found


def _set_scalar(place: Value, item: Any) -> bool:
    if item is None:
        place.null_value = 0  # pyright: ignore[reportAttributeAccessIssue]
    elif isinstance(item, bool):
        place.bool_value = item
    elif isinstance(item, str):
        place.string_value = item
    else:
        try:
            place.number_value = float(item)
        except OverflowError:
            return False
    return True


def value_of(message: Struct | Value | ListValue) -> Json:
    """A Struct, Value or ListValue as JSON; whole numbers below 2**53 become integers, because JSON has no other way to
    say so. A message nests at most 100 deep, so this recursion ends."""
    if isinstance(message, Struct):
        return {key: value_of(item) for key, item in message.fields.items()}
    if isinstance(message, ListValue):
        return [value_of(item) for item in message.values]
    kind = message.WhichOneof("kind")
    if kind == "number_value":
        number = message.number_value
        return int(number) if number.is_integer() and abs(number) <= 2**53 else number
    if kind is None or kind == "null_value":
        return None
    inner: Any = getattr(message, kind)
    return value_of(inner) if kind in {"struct_value", "list_value"} else inner

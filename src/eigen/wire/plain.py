"""JSON values in fields of messages whose names end in `_json`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eigen.types import Json


def to_json(value: Json) -> bytes:
    """A JSON value as ASCII bytes, in the order it has."""
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def from_json(data: bytes) -> Any:
    """The value that `to_json` wrote."""
    return json.loads(data)

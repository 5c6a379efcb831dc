"""Values of the house as JSON documents between roles: whatever `to_document` wrote, `from_document` reads back equal.

Both sides are ours and of one version; this is no door for foreign text.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from eigen.types import Device, DeviceStatus, JobEvent, JobResults, JobState, JobView, Session
from eigen.wire.plain import to_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")


def _pairs(value: Any) -> tuple[tuple[Any, ...], ...]:
    return tuple(tuple(pair) for pair in value)


_READERS: Mapping[type, Mapping[str, Callable[[Any], Any]]] = {
    Device: {"gates": tuple, "coupling": _pairs, "features": frozenset, "status": DeviceStatus},
    JobEvent: {"state": JobState},
    JobResults: {"state": JobState, "circuits": tuple},
    JobView: {"state": JobState},
    Session: {"parameters": _pairs},
}
"""Fields that JSON does not give back as they were; `roles` of an API key stand below for every type."""

_EVERYWHERE: Mapping[str, Callable[[Any], Any]] = {"roles": tuple}


def to_document(value: Any) -> bytes:
    """A frozen value of `eigen.types` as a JSON object of its fields."""
    return to_json({entry.name: _plain(getattr(value, entry.name)) for entry in fields(value)})


def from_document(kind: type[T], data: bytes) -> T:
    """The value of type `kind` that `to_document` wrote."""
    parts: dict[str, Any] = json.loads(data)
    for name, read in (*_READERS.get(kind, {}).items(), *_EVERYWHERE.items()):
        if name in parts:
            parts[name] = read(parts[name])
    return kind(**parts)


def _plain(value: Any) -> Any:
    """What JSON cannot say by itself: sets, in an order that does not depend on the process, and nested values."""
    if isinstance(value, frozenset):
        return sorted(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: _plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]  # pyright: ignore[reportUnknownVariableType]
    return value

"""The shapes of which the job.yaml tables are built: each checks a value and writes its own JSON Schema.

A shape never raises: it reports complaints and returns the value as it should be used, of the type it checks; a value
of another type becomes None.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from eigen.errors import suggest
from eigen.jobspec.complaints import Path, show_path, show_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.jobspec.complaints import Complaints
    from eigen.types import Json

MAX_DEPTH = 20
MAX_VALUES = 100_000
NOT_UNICODE = "the text holds a lone surrogate: it is not Unicode"


class Shape(Protocol):
    """What a value at some place must look like."""

    def check(self, value: Json, path: Path, complaints: Complaints) -> Json:
        """The value, after reporting what is wrong with it."""
        ...

    def schema(self) -> dict[str, Json]:
        """The same rule as JSON Schema (draft 2020-12)."""
        ...


def _wrong_type(value: Json, path: Path, complaints: Complaints, expected: str) -> None:
    hint = ""
    if isinstance(value, str) and expected == "true or false" and value.lower() in {"yes", "no", "on", "off"}:
        hint = "YAML 1.2 knows only `true` and `false`"
    elif isinstance(value, str) and "number" in expected:
        hint = "remove the quotes" if re.fullmatch(r"\s*[-+]?[0-9.]+\s*", value) else ""
    complaints.add(path, f"expected {expected}, found {show_value(value)}", hint=hint)


def _is_unicode(text: str) -> bool:
    """Whether the text can be written as UTF-8; arguments that are not valid text arrive with lone surrogates."""
    return re.search("[\ud800-\udfff]", text) is None


@dataclass(frozen=True, slots=True)
class Text:
    """Text of `min_length` characters to `max_bytes` UTF-8 bytes, without control characters unless `multiline`."""

    max_bytes: int = 4096
    min_length: int = 1
    pattern: str = ""
    expected: str = "text"
    multiline: bool = False

    def check(self, value: Json, path: Path, complaints: Complaints) -> Json:
        """See `Shape.check`."""
        if not isinstance(value, str):
            _wrong_type(value, path, complaints, self.expected)
            return None
        if not _is_unicode(value):
            complaints.add(path, NOT_UNICODE)
            return None
        size = len(value.encode())
        if size > self.max_bytes:
            complaints.add(path, f"{size:,} bytes; the limit is {self.max_bytes:,}", kind="limit")
        elif len(value) < self.min_length:
            complaints.add(path, "must not be empty")
        elif self.pattern and not re.fullmatch(self.pattern, value):
            complaints.add(path, f"expected {self.expected}, found {show_value(value)}")
        elif not self.multiline and re.search(r"[\x00-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]", value):
            complaints.add(path, "control characters are not allowed")
        return value

    def schema(self) -> dict[str, Json]:
        """See `Shape.schema`."""
        rule: dict[str, Json] = {"type": "string", "minLength": self.min_length, "maxLength": self.max_bytes}
        return rule | ({"pattern": f"^(?:{self.pattern})$"} if self.pattern else {})


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words; words in `unavailable` are known but not offered by this installation."""

    values: tuple[str, ...]
    unavailable: tuple[str, ...] = ()

    def check(self, value: Json, path: Path, complaints: Complaints) -> Json:
        """See `Shape.check`."""
        known = (*self.values, *self.unavailable)
        if not isinstance(value, str) or value not in known:
            hint = suggest(value, known) if isinstance(value, str) else ""
            complaints.add(path, f"expected one of {', '.join(known)}, found {show_value(value)}", hint=hint)
            return None
        if value in self.unavailable:
            message = f"`{path[-1]}: {value}` is not available in this installation"
            complaints.add(path, message, hint=f"available: {', '.join(self.values)}", kind="unavailable")
        return value

    def schema(self) -> dict[str, Json]:
        """See `Shape.schema`."""
        return {"enum": [*self.values, *self.unavailable]}


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number from `low` to `high`; `1e3` counts as 1000. Beyond a `limit` is exhaustion, not a mistake."""

    low: int
    high: int
    limit: str = ""

    def check(self, value: Json, path: Path, complaints: Complaints) -> Json:
        """See `Shape.check`."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            _wrong_type(value, path, complaints, "a whole number")
            return None
        if value > self.high and self.limit:
            message = f"`{value}` is above the limit `{self.limit}` of {self.high:,}"
            complaints.add(path, message, kind="limit")
        elif not self.low <= value <= self.high:
            complaints.add(path, f"expected {self.low} to {self.high:,}, found {show_value(value)}")
        return value

    def schema(self) -> dict[str, Json]:
        """See `Shape.schema`."""
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number from `low` (exclusive when `positive`) to `high`."""

    low: float = 0.0
    high: float = 1e300
    positive: bool = False

    def check(self, value: Json, path: Path, complaints: Complaints) -> Json:
        """See `Shape.check`."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            _wrong_type(value, path, complaints, "a number")
            return None
        if not self.low <= value <= self.high or (self.positive and value <= 0):
            bound = "above 0" if self.positive else f"from {self.low:g}"
            complaints.add(path, f"expected a number {bound} up to {self.high:g}, found {show_value(value)}")
            return value
        return float(value)

    def schema(self) -> dict[str, Json]:
        """See `Shape.schema`."""
        low = {"exclusiveMinimum": 0} if self.positive else {"minimum": self.low}
        return {"type": "number", **low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Boolean:
    """`true` or `false`."""

    def check(self, value: Json, path: Path, complaints: Complaints) -> Json:
        """See `Shape.check`."""
        if not isinstance(value, bool):
            _wrong_type(value, path, complaints, "true or false")
            return None
        return value

    def schema(self) -> dict[str, Json]:
        """See `Shape.schema`."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class JsonValue:
    """Any JSON value: finite numbers, text, lists and mappings with text keys, at most 20 deep and 100,000 large."""

    def check(self, value: Json, path: Path, complaints: Complaints) -> Json:
        """See `Shape.check`."""
        waiting: list[tuple[Any, Path]] = [(value, path)]
        seen = 0
        while waiting:
            item, place = waiting.pop()
            seen += 1
            if seen > MAX_VALUES or len(place) - len(path) > MAX_DEPTH:
                complaints.add(
                    path, f"nested deeper than {MAX_DEPTH} or larger than {MAX_VALUES:,} values", kind="limit"
                )
                return None
            if isinstance(item, dict):
                entries: dict[Any, Any] = item  # pyright: ignore[reportUnknownVariableType]
                if not all(isinstance(key, str) and _is_unicode(key) for key in entries):
                    complaints.add(place, "the keys of a mapping must be text")
                    return None
                waiting += [(inner, (*place, key)) for key, inner in entries.items()]
            elif isinstance(item, list):
                inside: list[Any] = item  # pyright: ignore[reportUnknownVariableType]
                waiting += [(inner, (*place, index)) for index, inner in enumerate(inside)]
            elif isinstance(item, str) and not _is_unicode(item):
                complaints.add(place, NOT_UNICODE)
                return None
            elif isinstance(item, float) and not math.isfinite(item):
                complaints.add(place, f"`{item}` is not a finite number")
                return None
            elif item is not None and not isinstance(item, bool | int | float | str):
                complaints.add(place, f"a value of type `{type(item).__name__}` is not JSON")
                return None
        return value

    def schema(self) -> dict[str, Json]:
        """See `Shape.schema`."""
        return {}


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text, a number or a boolean, kept as text: what the string maps of v0.1 hold."""

    max_bytes: int = 4096

    def check(self, value: Json, path: Path, complaints: Complaints) -> Json:
        """See `Shape.check`."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return repr(value)
        return Text(self.max_bytes, min_length=0).check(value, path, complaints)

    def schema(self) -> dict[str, Json]:
        """See `Shape.schema`."""
        return {"type": ["string", "number", "boolean"]}


@dataclass(frozen=True, slots=True)
class OptionValue:
    """The value of a device's option: a number, a truth value or a short text."""

    def check(self, value: Json, path: Path, complaints: Complaints) -> Json:
        """See `Shape.check`."""
        if isinstance(value, str):
            return Text(256).check(value, path, complaints)
        if not isinstance(value, bool | int | float) or (isinstance(value, float) and not math.isfinite(value)):
            _wrong_type(value, path, complaints, "a finite number, true, false or a text")
            return None
        if not isinstance(value, bool) and isinstance(value, int) and abs(value) > 2**53:
            complaints.add(path, f"`{value}` is larger than 2^53", kind="limit")
        return value

    def schema(self) -> dict[str, Json]:
        """See `Shape.schema`."""
        return {"anyOf": [{"type": ["boolean", "number"]}, Text(256).schema()]}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of at most `max_items` values of one shape."""

    item: Shape
    max_items: int

    def check(self, value: Json, path: Path, complaints: Complaints) -> Json:
        """See `Shape.check`."""
        if not isinstance(value, list):
            _wrong_type(value, path, complaints, "a list")
            return []
        items: list[Json] = value  # pyright: ignore[reportUnknownVariableType]
        if len(items) > self.max_items:
            complaints.add(path, f"{len(items)} entries; the limit is {self.max_items}", kind="limit")
            return []
        return [self.item.check(item, (*path, index), complaints) for index, item in enumerate(items)]

    def schema(self) -> dict[str, Json]:
        """See `Shape.schema`."""
        return {"type": "array", "items": self.item.schema(), "maxItems": self.max_items}


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping of at most `max_items` keys (matching `key`, of at most 128 bytes) to values of one shape."""

    item: Shape
    max_items: int = 64
    key: str = r"[^\x00-\x1f\x7f]+"

    def check(self, value: Json, path: Path, complaints: Complaints) -> Json:
        """See `Shape.check`."""
        if not isinstance(value, dict):
            _wrong_type(value, path, complaints, "a mapping")
            return {}
        entries: dict[str, Json] = value  # pyright: ignore[reportUnknownVariableType]
        if len(entries) > self.max_items:
            complaints.add(path, f"{len(entries)} entries; the limit is {self.max_items}", kind="limit")
            return {}
        checked: dict[str, Json] = {}
        for key, item in entries.items():
            if not _is_unicode(key):
                complaints.add(path, f"a key: {NOT_UNICODE}")
                continue
            if len(key.encode()) > 128:
                complaints.add(path, f"the key `{key[:37]}...` is longer than 128 bytes", kind="limit")
            elif not re.fullmatch(self.key, key):
                complaints.add((*path, key), f"`{key}` is not a name that can stand here")
            checked[key] = self.item.check(item, (*path, key), complaints)
        return checked

    def schema(self) -> dict[str, Json]:
        """See `Shape.schema`."""
        return {
            "type": "object",
            "propertyNames": {"pattern": f"^(?:{self.key})$", "maxLength": 128},
            "additionalProperties": self.item.schema(),
            "maxProperties": self.max_items,
        }


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a `Record`. `unavailable` says in a few words what this installation does not have."""

    shape: Shape
    help: str
    required: bool = False
    unavailable: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys. Unknown ones are errors with a did-you-mean, or warnings when `lenient`.

    `at_most_one` names keys that exclude each other.
    """

    fields: Mapping[str, Field]
    lenient: bool = False
    at_most_one: tuple[str, ...] = ()

    def check(self, value: Json, path: Path, complaints: Complaints) -> dict[str, Any]:
        """See `Shape.check`; keys that are absent, null or of the wrong type stay absent."""
        if value is None:
            value = {}
        if not isinstance(value, dict):
            _wrong_type(value, path, complaints, "a mapping")
            return {}
        entries: dict[str, Json] = value  # pyright: ignore[reportUnknownVariableType]
        checked: dict[str, Any] = {}
        given: set[str] = set()
        for key, item in entries.items():
            entry = self.fields.get(key)
            if entry is None:
                self._unknown(key, path, complaints)
            elif item is not None:
                given.add(key)
                found = entry.shape.check(item, (*path, key), complaints)
                if found is not None:
                    checked[key] = found
                if entry.unavailable:
                    message = f"`{show_path((*path, key))}` is not available: {entry.unavailable}"
                    complaints.add((*path, key), message, kind="unavailable", hint="remove the key")
        for key, entry in self.fields.items():
            if entry.required and key not in given:
                complaints.add((*path, key), f"this key is required: {entry.help}")
        rivals = [key for key in self.at_most_one if key in given]
        if len(rivals) > 1:
            complaints.add((*path, rivals[1]), f"only one of {', '.join(self.at_most_one)} can be given")
        return checked

    def schema(self) -> dict[str, Json]:
        """See `Shape.schema`."""
        properties: dict[str, Json] = {}
        for key, entry in self.fields.items():
            inner = entry.shape.schema()
            if not entry.required and isinstance(inner.get("type"), str):
                inner["type"] = [inner["type"], "null"]
            note = f" (not available in this version: {entry.unavailable})" if entry.unavailable else ""
            properties[key] = inner | {"description": entry.help + note}
        rule: dict[str, Json] = {"type": "object", "properties": properties, "additionalProperties": self.lenient}
        required = [key for key, entry in self.fields.items() if entry.required]
        exclusive = [{"required": [key]} for key in self.at_most_one]
        if required:
            rule["required"] = required
        if exclusive:
            rule["oneOf"] = [*exclusive, {"not": {"anyOf": exclusive}}]
        return rule

    def _unknown(self, key: str, path: Path, complaints: Complaints) -> None:
        hint = suggest(key, list(self.fields))
        if self.lenient:
            complaints.warn((*path, key), f"unknown key, ignored{'; ' + hint if hint else ''}")
        else:
            complaints.add((*path, key), f"unknown key `{key}`", hint=hint or f"known: {', '.join(self.fields)}")

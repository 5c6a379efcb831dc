"""YAML without its dangers, built on PyYAML's event stream: data only, and not all YAML.

No anchors, aliases, tags, merge keys, directives, duplicate or non-string keys, NaN or infinity; the scalars of
the YAML 1.2 core schema (`no` is text, `1e3` is a number). Depth, size and node count are limited and counted.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.jobspec.complaints import Complaint, source_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from eigen.jobspec.complaints import Path
    from eigen.types import Json

MAX_BYTES = 512 * 1024
MAX_DEPTH = 20
MAX_NODES = 100_000
MAX_INTEGER_DIGITS = 1_233  # 4,096 bits

_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_OTHER_BASE = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")
_WORDS: dict[str, Json] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """One document: its value, and the (line, column) of every value by path, both counted from 1."""

    value: Json
    marks: dict[Path, tuple[int, int]]
    text: str


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being read; `key` is the key that waits for its value."""

    value: Any
    path: Path
    is_mapping: bool
    key: str | None = None


@dataclass(slots=True)
class _Builder:
    """Folds events into a value with an explicit stack, so that depth costs memory that is counted."""

    name: str
    text: str
    marks: dict[Path, tuple[int, int]] = field(default_factory=dict[Any, Any])
    stack: list[_Open] = field(default_factory=list[_Open])
    root: Any = None
    nodes: int = 0

    def fail(self, event: Any, message: str, hint: str = "", *, code: str = "EIGEN_JOBSPEC_INVALID") -> EigenError:
        """An error that points at the event."""
        line, column = _position(event)
        complaint = Complaint(
            "(document)", message, hint, line=line, column=column, source=source_line(self.text, line)
        )
        where = f"{self.name}:{line}:{column}"
        details = {"document": self.name, "field_violations": [complaint.to_json()]}
        return EigenError(code, message, hint=hint, where=where, details=details)

    def open(self, event: Any, value: Any, *, is_mapping: bool) -> None:
        """A mapping or list begins."""
        if len(self.stack) >= MAX_DEPTH:
            message = f"nested deeper than {MAX_DEPTH} levels (limit `yaml_depth`)"
            raise self.fail(event, message, code="EIGEN_LIMIT_EXCEEDED")
        if self.stack and self.stack[-1].is_mapping and self.stack[-1].key is None:
            raise self.fail(event, "a key must be text, not a mapping or a list")
        self.stack.append(_Open(value, self.place(event, value), is_mapping))

    def place(self, event: Any, value: Any) -> Path:
        """Put a value where it belongs and return its path."""
        if not self.stack:
            self.root = value
            path: Path = ()
        else:
            parent = self.stack[-1]
            if parent.is_mapping:
                assert parent.key is not None
                parent.value[parent.key] = value
                path = (*parent.path, parent.key)
                parent.key = None
            else:
                parent.value.append(value)
                path = (*parent.path, len(parent.value) - 1)
        self.marks[path] = _position(event)
        return path

    def scalar(self, event: Any) -> None:
        """A scalar: a key where a mapping waits for one, else a value."""
        value = _resolve(self, event)
        parent = self.stack[-1] if self.stack else None
        if parent is None or not parent.is_mapping or parent.key is not None:
            self.place(event, value)
            return
        if not isinstance(value, str):
            raise self.fail(event, f"a key must be text, not `{event.value}`", hint=f'quote it: "{event.value}"')
        if value == "<<":
            raise self.fail(event, "merge keys (`<<`) are not allowed", hint="write the keys out")
        if value in parent.value:
            raise self.fail(event, f"the key `{_short(value)}` occurs twice")
        parent.key = value
        parent.value[value] = None
        self.marks[(*parent.path, value)] = _position(event)


def read_yaml(data: bytes | str, *, name: str = "job.yaml") -> YamlDocument:
    """Read one YAML document; raises EIGEN_JOBSPEC_INVALID or EIGEN_LIMIT_EXCEEDED with the position.

    >>> read_yaml("shots: 1e3").value
    {'shots': 1000.0}
    """
    text = _decode(data, name)
    builder = _Builder(name, text)
    for event in _events(text, builder):
        kind = type(event).__name__
        builder.nodes += 1
        if builder.nodes > MAX_NODES:
            message = f"more than {MAX_NODES:,} values (limit `yaml_nodes`)"
            raise builder.fail(event, message, code="EIGEN_LIMIT_EXCEEDED")
        _refuse_features(builder, event, kind)
        if kind == "ScalarEvent":
            builder.scalar(event)
        elif kind == "MappingStartEvent":
            builder.open(event, {}, is_mapping=True)
        elif kind == "SequenceStartEvent":
            builder.open(event, [], is_mapping=False)
        elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
            builder.stack.pop()
    return YamlDocument(builder.root, builder.marks, text)


def _decode(data: bytes | str, name: str) -> str:
    size = len(data.encode("utf-8", "surrogatepass")) if isinstance(data, str) else len(data)
    if size > MAX_BYTES:
        message = f"`{name}` has {size:,} bytes; the limit `yaml_bytes` is {MAX_BYTES:,}"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message, where=name)
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        text.encode("utf-8")
    except UnicodeError as error:
        message = f"`{name}` is not UTF-8 text"
        raise EigenError("EIGEN_JOBSPEC_INVALID", message, where=name, hint="save it as UTF-8") from error
    return text


def _events(text: str, builder: _Builder) -> Iterator[Any]:
    """The events of PyYAML's parser (in C when it is there); its errors become ours."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        yield from yaml.parse(text, Loader=loader)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    except yaml.YAMLError as error:
        problem = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "malformed text")
        mark: Any = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        raise builder.fail(_AtMark(mark), f"not valid YAML: {problem}") from error


@dataclass(frozen=True, slots=True)
class _AtMark:
    start_mark: Any


def _position(event: Any) -> tuple[int, int]:
    mark = event.start_mark
    return (int(mark.line) + 1, int(mark.column) + 1) if mark is not None else (1, 1)


def _refuse_features(builder: _Builder, event: Any, kind: str) -> None:
    if kind == "AliasEvent":
        raise builder.fail(event, f"aliases (`*{_short(event.anchor)}`) are not allowed", hint="write the value out")
    if getattr(event, "anchor", None) is not None:
        raise builder.fail(event, f"anchors (`&{_short(event.anchor)}`) are not allowed", hint="write the value out")
    if getattr(event, "tag", None) is not None:
        raise builder.fail(event, f"tags (`{_short(event.tag)}`) are not allowed", hint="write plain data")
    if kind == "DocumentStartEvent":
        if event.tags or event.version:
            raise builder.fail(event, "YAML directives are not allowed", hint="remove the line that begins with `%`")
        if builder.marks:
            raise builder.fail(event, "only one document is allowed", hint="split the file at `---`")


def _resolve(builder: _Builder, event: Any) -> Json:
    """The value of a scalar by the YAML 1.2 core schema; quoted and block scalars are text."""
    text: str = event.value
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise builder.fail(event, "a lone surrogate is not a character")
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text) or _OTHER_BASE.match(text):
        if len(text) > MAX_INTEGER_DIGITS:
            message = f"an integer of {len(text)} digits; the limit is {MAX_INTEGER_DIGITS}"
            raise builder.fail(event, message, code="EIGEN_LIMIT_EXCEEDED")
        return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
    if _NOT_FINITE.match(text) or (_FLOAT.match(text) and not math.isfinite(float(text))):
        raise builder.fail(event, f"`{_short(text)}` is not a finite number")
    return float(text) if _FLOAT.match(text) else text


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."

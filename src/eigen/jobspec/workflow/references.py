"""References in the values of a workflow, `${steps.scan.outputs.energy}`: read as data, never evaluated as code.

A text that is one reference stands for the value as it is; within a longer text a number, a truth value or a text is
written out. `$${` writes `${`. A path goes down by keys and, into lists, by whole numbers or by `*`, which takes the
rest of the path of every entry.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eigen.types import Json

FIELDS = ("outputs", "counts", "state", "error")
"""What may be asked of a step."""

MAX_REFERENCE = 512
MAX_PARTS = 32
OPENING = "${"
_PLACE = re.compile(r"\$\$\{|\$\{([^}]*)\}?")
_PART = re.compile(r"[A-Za-z0-9_-]+|\*")


class MisreferenceError(ValueError):
    """A reference that is not written as one; the text says why."""


@dataclass(frozen=True, slots=True)
class Reference:
    """`parts` of a reference by the dots; the first is `steps`, `inputs`, `item` or `index`."""

    parts: tuple[str, ...]

    @property
    def step(self) -> str | None:
        """The step that it asks, or None."""
        return self.parts[1] if self.parts[0] == "steps" else None

    def __str__(self) -> str:
        return f"${{{'.'.join(self.parts)}}}"


@dataclass(frozen=True, slots=True)
class Scope:
    """What references can name: the `inputs` of the workflow, the records of ended `steps` and, in what is done for
    each item, the `item` with its `index`."""

    inputs: Mapping[str, Json]
    steps: Mapping[str, Mapping[str, Json]]
    item: Json = None
    index: int | None = None


def reference(text: str) -> Reference:
    """The reference that stands between the braces; MisreferenceError."""
    if len(text) > MAX_REFERENCE:
        raise MisreferenceError(f"a reference has at most {MAX_REFERENCE} characters")
    parts = tuple(text.strip().split("."))
    shown = f"`${{{text[:60]}}}`"
    if len(parts) > MAX_PARTS or not all(_PART.fullmatch(part) for part in parts):
        raise MisreferenceError(f"{shown} is not a reference such as `${{steps.NAME.outputs}}`")
    root = parts[0]
    if root not in {"steps", "inputs", "item", "index"}:
        hint = suggest(root, ["steps", "inputs", "item", "index"])
        raise MisreferenceError(f"{shown} begins with none of `steps`, `inputs`, `item`, `index`{_also(hint)}")
    if root == "steps" and (len(parts) < 3 or parts[2] not in FIELDS):
        hint = suggest(parts[2], list(FIELDS)) if len(parts) > 2 else ""
        raise MisreferenceError(f"{shown} must ask a step for one of {', '.join(FIELDS)}{_also(hint)}")
    if root == "inputs" and len(parts) < 2:
        raise MisreferenceError(f"{shown} must name an input")
    if root == "index" and len(parts) > 1:
        raise MisreferenceError(f"{shown}: the index is a whole number and has no parts")
    return Reference(parts)


def references(value: Json) -> Iterator[Reference]:
    """Every reference within a JSON value; MisreferenceError for one that is written wrongly."""
    waiting: list[Any] = [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, dict):
            waiting += inner.values()  # pyright: ignore[reportUnknownArgumentType]
        elif isinstance(inner, list):
            waiting += inner
        elif isinstance(inner, str) and OPENING in inner:
            for _, found in _pieces(inner):
                if found is not None:
                    yield found


def resolved(value: Json, scope: Scope) -> Json:
    """The value with every reference in it replaced by what it names; EIGEN_WORKFLOW_REFERENCE."""
    if isinstance(value, dict):
        entries: dict[str, Json] = value  # pyright: ignore[reportUnknownVariableType]
        return {key: resolved(inner, scope) for key, inner in entries.items()}
    if isinstance(value, list):
        return [resolved(inner, scope) for inner in value]  # pyright: ignore[reportUnknownVariableType]
    if not isinstance(value, str) or OPENING not in value:
        return value
    pieces = list(_pieces(value))
    if len(pieces) == 1 and pieces[0][1] is not None:
        return look_up(pieces[0][1], scope)
    return "".join(text if found is None else _in_text(found, scope) for text, found in pieces)


def look_up(wanted: Reference, scope: Scope) -> Json:
    """What a reference names; EIGEN_WORKFLOW_REFERENCE when there is no such thing."""
    root, rest = wanted.parts[0], wanted.parts[1:]
    if root == "index" or root == "item":
        if scope.index is None:
            raise _nothing(wanted, "there is an item only in a step with `foreach`")
        return scope.index if root == "index" else _down(wanted, scope.item, rest)
    if root == "inputs":
        return _down(wanted, dict(scope.inputs), rest)
    record = scope.steps.get(rest[0])
    if record is None:
        raise _nothing(wanted, f"the step `{rest[0]}` has not ended")
    value = record.get(rest[1])
    return value if record.get("state") == "SKIPPED" else _down(wanted, value, rest[2:])


def _down(wanted: Reference, value: Json, parts: Sequence[str]) -> Json:
    for position, part in enumerate(parts):
        if part == "*":
            if not isinstance(value, list):
                raise _nothing(wanted, f"`*` goes through a list, and there is {_kind(value)}")
            rest = parts[position + 1 :]
            return [_down(wanted, entry, rest) for entry in value]  # pyright: ignore[reportUnknownVariableType]
        if isinstance(value, dict):
            entries: dict[str, Json] = value  # pyright: ignore[reportUnknownVariableType]
            if part not in entries:
                known = ", ".join(f"`{key}`" for key in list(entries)[:8]) or "nothing"
                raise _nothing(wanted, f"there is no `{part}`, but {known}{_also(suggest(part, list(entries)))}")
            value = entries[part]
        elif isinstance(value, list):
            entry: list[Json] = value  # pyright: ignore[reportUnknownVariableType]
            if not part.isdecimal() or len(part) > 9 or int(part) >= len(entry):
                raise _nothing(wanted, f"the list has the entries 0 to {len(entry) - 1}, and no `{part}`")
            value = entry[int(part)]
        else:
            raise _nothing(wanted, f"`{part}` is no part of {_kind(value)}")
    return value


def _in_text(wanted: Reference, scope: Scope) -> str:
    value = look_up(wanted, scope)
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    raise _nothing(wanted, f"{_kind(value)} cannot stand within a text")


def _pieces(text: str) -> Iterator[tuple[str, Reference | None]]:
    """The text in pieces: what is only text, and the references."""
    at = 0
    for match in _PLACE.finditer(text):
        if match.start() > at:
            yield text[at : match.start()], None
        at = match.end()
        if match[0] == "$${":
            yield OPENING, None
        elif not match[0].endswith("}"):
            raise MisreferenceError(f"the reference `{match[0][:60]}` has no `}}` at its end")
        else:
            yield "", reference(match[1])
    if at < len(text):
        yield text[at:], None


def _nothing(wanted: Reference, why: str) -> EigenError:
    return EigenError("EIGEN_WORKFLOW_REFERENCE", f"`{wanted}` names nothing: {why}", where=str(wanted))


def _kind(value: Json) -> str:
    if value is None:
        return "null"
    names: dict[Any, str] = {bool: "a truth value", int: "a number", float: "a number", str: "a text", list: "a list"}
    return names.get(type(value), "a mapping")


def _also(hint: str) -> str:
    return f"; {hint}" if hint else ""

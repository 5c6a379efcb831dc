"""Complaints about a job description: collected with their field paths, raised together as one error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.types import Json

Path = tuple[str | int, ...]
Kind = Literal["invalid", "limit", "unavailable"]
MAX_COMPLAINTS = 50
MAX_LINE_SHOWN = 160


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong: the field path as in the YAML, what is wrong there, and what helps."""

    field: str
    message: str
    hint: str = ""
    kind: Kind = "invalid"
    line: int = 0
    column: int = 0
    source: str = ""

    def to_json(self) -> dict[str, Json]:
        """The complaint in the shape of a google.rpc.BadRequest field violation, with its position and line of text."""
        value: dict[str, Json] = {"field": self.field, "description": self.message, "kind": self.kind}
        if self.hint:
            value["hint"] = self.hint
        if self.line:
            value |= {"line": self.line, "column": self.column, "source": self.source}
        return value


class Complaints:
    """Collects complaints and warnings while a document is read; `marks` places them in its `text`."""

    def __init__(self, document: str, marks: Mapping[Path, tuple[int, int]] | None = None, *, text: str = "") -> None:
        self.document = document
        self.marks = marks or {}
        self.text = text
        self.found: list[Complaint] = []
        self.warnings: list[str] = []

    def add(self, path: Path, message: str, *, hint: str = "", kind: Kind = "invalid") -> None:
        """Record a complaint about the value at `path`."""
        if len(self.found) >= MAX_COMPLAINTS:
            return
        line, column = self._mark(path)
        source = source_line(self.text, line)
        self.found.append(Complaint(show_path(path), message, hint, kind, line, column, source))

    def concern(self, path: Path) -> bool:
        """Whether something was said about the value at `path`, or about a part of it."""
        shown = show_path(path)
        return any(entry.field == shown or entry.field.startswith((f"{shown}.", f"{shown}[")) for entry in self.found)

    def warn(self, path: Path, message: str) -> None:
        """Record something that is kept and ignored."""
        if len(self.warnings) < MAX_COMPLAINTS:
            self.warnings.append(f"{show_path(path)}: {message}")

    def raise_if_any(self) -> None:
        """Raise everything found as one error; its code is that of the gravest kind."""
        if not self.found:
            return
        kinds = {complaint.kind for complaint in self.found}
        code = "EIGEN_NOT_AVAILABLE"
        if "invalid" in kinds:
            code = "EIGEN_JOBSPEC_INVALID"
        elif "limit" in kinds:
            code = "EIGEN_LIMIT_EXCEEDED"
        ordered = sorted(self.found, key=lambda complaint: (complaint.line, complaint.column))
        said = "; ".join(f"{complaint.field}: {complaint.message}" for complaint in ordered)
        first = ordered[0]
        where = f"{self.document}:{first.line}:{first.column}" if first.line else self.document
        details = {"document": self.document, "field_violations": [complaint.to_json() for complaint in ordered]}
        raise EigenError(code, said, hint=first.hint if len(ordered) == 1 else "", where=where, details=details)

    def _mark(self, path: Path) -> tuple[int, int]:
        """The position of the value, or of the nearest thing around it that has one."""
        while path:
            if path in self.marks:
                return self.marks[path]
            path = path[:-1]
        return self.marks.get((), (0, 0))


def source_line(text: str, line: int) -> str:
    """Line number `line` (from 1) of a text, shortened; empty when there is none."""
    lines = text.splitlines()
    return lines[line - 1][:MAX_LINE_SHOWN] if 1 <= line <= len(lines) else ""


def show_path(path: Path) -> str:
    """A field path as a person writes it.

    >>> show_path(("spec", "dependencies", 2))
    'spec.dependencies[2]'
    """
    shown = ""
    for part in path:
        if isinstance(part, int):
            shown += f"[{part}]"
        else:
            shown += f".{part}" if shown else part
    return shown or "(document)"


def show_value(value: Json) -> str:
    """An offending value in backticks, shortened to what a line can hold.

    >>> show_value("sim:local")
    '`"sim:local"`'
    """
    from json import dumps

    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = dumps(value, ensure_ascii=True)
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"

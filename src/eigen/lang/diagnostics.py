"""Spans and diagnostics: what is wrong, where, why, and what to write instead; as text and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Span(NamedTuple):
    """A stretch of source: lines from 1, columns from 0 in characters, the end column exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


NOWHERE = Span(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `secondary` spans say where the reason lies; `hint` is a rewrite or the next thing to do."""

    code: str
    message: str
    span: Span
    label: str = ""
    secondary: tuple[tuple[Span, str], ...] = ()
    hint: str = ""

    @property
    def is_error(self) -> bool:
        """Whether the program is refused."""
        return self.code.startswith("E")

    def to_json(self, filename: str = "") -> dict[str, Any]:
        """The diagnostic as JSON: lines from 1, columns from 0 (characters)."""
        value: dict[str, Any] = {
            "code": self.code,
            "severity": "error" if self.is_error else "warning",
            "message": self.message,
            "span": _span_json(self.span),
        }
        if filename:
            value["file"] = filename
        if self.label:
            value["label"] = self.label
        if self.secondary:
            value["secondary"] = [{"span": _span_json(span), "message": text} for span, text in self.secondary]
        if self.hint:
            value["hint"] = self.hint
        return value

    def render(self, source: str, *, filename: str) -> str:
        """The diagnostic as text: header, each span with its source line and carets, hint."""
        kind = "error" if self.is_error else "warning"
        parts = [f"{kind}[{self.code}]: {self.message}"]
        lines = source.split("\n")
        spans = [(self.span, self.label), *self.secondary]
        width = len(str(max(span.line for span, _ in spans)))
        for number, (span, text) in enumerate(spans):
            if not 1 <= span.line <= len(lines):
                continue
            if number == 0:
                parts.append(f"{' ' * width}--> {filename}:{span.line}:{span.column + 1}")
            parts.extend(_excerpt(lines[span.line - 1], span, text, "^" if number == 0 else "-", width))
        if self.hint:
            parts.append(f"{' ' * width} = hint: {self.hint}")
        return "\n".join(parts)


class Failure(Exception):  # noqa: N818 - not an error of ours: it carries a diagnostic to the recovery point
    """Carries one diagnostic from where it was found to where checking goes on."""

    def __init__(self, diagnostic: Diagnostic | None) -> None:
        super().__init__(diagnostic.message if diagnostic else "")
        self.diagnostic = diagnostic  # None: a value that already failed was used again


def render_all(diagnostics: Sequence[Diagnostic], source: str, *, filename: str) -> str:
    """All diagnostics as text, with a blank line between them."""
    return "\n\n".join(item.render(source, filename=filename) for item in diagnostics)


_TEXT_WIDTH = 160


def _excerpt(line: str, span: Span, text: str, mark: str, width: int) -> list[str]:
    end = span.end_column if span.end_line == span.line else len(line)
    start = min(span.column, len(line))
    count = max(1, min(end, len(line)) - start)
    if len(line) > _TEXT_WIDTH:  # show a window around the span
        left = max(0, start - 40)
        line, start = line[left : left + _TEXT_WIDTH], start - left
        count = max(1, min(count, _TEXT_WIDTH - start))
    pad = "".join("\t" if char == "\t" else " " for char in line[:start])
    note = f" {text}" if text else ""
    return [
        f"{' ' * width} |",
        f"{span.line:>{width}} | {_printable(line)}",
        f"{' ' * width} | {pad}{mark * count}{note}",
    ]


def _printable(line: str) -> str:
    return "".join(char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in line)


def _span_json(span: Span) -> dict[str, int]:
    return {"line": span.line, "column": span.column, "end_line": span.end_line, "end_column": span.end_column}

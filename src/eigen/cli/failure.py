"""Failures as text and exit codes: the one place that turns an exception into what a person reads."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from eigen.cli.output import plural, say, show_json
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


MOST = 20
"""Jobs of a refused batch that are shown."""


def report(error: BaseException, *, as_json: bool, source: str | None = None) -> int:
    """Print an error and return its exit code; what is not ours becomes EIGEN_INTERNAL with a traceback on file."""
    if not isinstance(error, EigenError):
        error = as_ours(error)
    try:
        if as_json:
            show_json({"error": error.to_json()})
            sys.stdout.flush()
    except OSError:  # nobody reads it, or the disk is full: the person is told all the same
        pass
    say(render(error, source=source))
    return error.status.exit


def stdout_error(error: BaseException) -> EigenError | None:
    """The error when stdout does not take what is written to it, such as a file on a full disk; else None.

    Whoever opens a file has a code of its own for its troubles: a bare OSError without a file name is stdout's.
    """
    if not isinstance(error, OSError) or error.filename is not None:
        return None
    return EigenError("EIGEN_FILE_UNREADABLE", f"stdout cannot be written: {error.strerror or error}")


def render(error: EigenError, *, source: str | None = None) -> str:
    """The error as text; diagnostics and complaints each with their source line and a caret."""
    diagnostics = error.details.get("diagnostics")
    if diagnostics:
        filename = str(error.details.get("filename") or error.details.get("file") or "program.eigen.py")
        shown = render_diagnostics(diagnostics, source or "", filename=filename)
        return f"{shown}\n\n" + (error.render() if source is None else f"error[{error.code}]: {error.message}")
    violations = error.details.get("field_violations")
    if violations:
        return _render_complaints(error, violations)
    if refused := error.details.get("jobs"):
        return _render_batch(error, refused)
    return error.render()


def _render_batch(error: EigenError, refused: Sequence[Mapping[str, Any]]) -> str:
    """What is wrong with each job of a batch, by its file or its place."""
    shown = [
        f"  {entry.get('file') or 'jobs[' + str(entry['index']) + ']'}: {_reasons(entry)}" for entry in refused[:MOST]
    ]
    left = len(refused) - len(shown)
    more = [f"  and {plural(left, 'job')} more, in `--json`"] if left else []
    said = error.message.partition(";")[0]
    return "\n".join([f"error[{error.code}]: {said}", *shown, *more])


def _reasons(entry: Mapping[str, Any]) -> str:
    """One line of what is wrong with a job: its complaints by their fields, or the error."""
    found: Sequence[Mapping[str, Any]] = entry.get("details", {}).get("field_violations", ())
    if not found:
        return str(entry["message"])
    return "; ".join(f"{complaint['field']}: {complaint['description']}" for complaint in found)


def render_diagnostics(diagnostics: Sequence[Mapping[str, Any]], source: str, *, filename: str) -> str:
    """Diagnostics from their JSON form, with the source lines they point at."""
    from eigen.lang.diagnostics import Diagnostic, Span, render_all

    def span(value: Mapping[str, int] | None) -> Span:
        value = value or {}
        names = ("line", "column", "end_line", "end_column")
        return Span(*(int(value.get(name, 0)) for name in names))

    rebuilt = [
        Diagnostic(
            code=str(entry.get("code", "E0000")),
            message=str(entry.get("message", "")),
            span=span(entry.get("span")),
            label=str(entry.get("label", "")),
            secondary=tuple((span(other.get("span")), str(other["message"])) for other in entry.get("secondary", ())),
            hint=str(entry.get("hint", "")),
        )
        for entry in diagnostics
    ]
    return render_all(rebuilt, source, filename=filename)


def _render_complaints(error: EigenError, violations: Sequence[Mapping[str, Any]]) -> str:
    document = str(error.details.get("document", "job.yaml"))
    parts: list[str] = []
    for entry in violations:
        line, column = int(entry.get("line", 0)), int(entry.get("column", 0))
        place = f"{document}:{line}:{column}" if line else document
        parts.append(f"error[{error.code}]: {entry['field']}: {entry['description']}")
        parts.append(f"  --> {place}")
        if source := entry.get("source"):
            pad = "".join("\t" if character == "\t" else " " for character in source[: column - 1])
            parts += [f"{line} | {source}", f"{' ' * len(str(line))} | {pad}^"]
        if entry.get("hint"):
            parts.append(f"hint: {entry['hint']}")
        parts.append("")
    count = len(violations)
    return "\n".join(parts) + f"{plural(count, 'complaint')} about `{document}`"


def as_ours(error: BaseException) -> EigenError:
    """A foreign error as ours: the core's keep their code; of a defect, the traceback goes to a file that is named."""
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(error))
    kind = type(error).__name__
    if kind == "CoreError":
        return EigenError.from_core(error)  # pyright: ignore[reportArgumentType]
    try:
        with tempfile.NamedTemporaryFile("w", prefix="eigen-error-", suffix=".log", delete=False) as file:
            file.write(text)
        hint = f"please report it with the traceback in {file.name}"
    except OSError:
        hint = "please report it; the traceback could not be written"
    return EigenError("EIGEN_INTERNAL", f"unexpected {kind}: {str(error)[:200]}", hint=hint)

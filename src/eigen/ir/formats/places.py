"""Where in a text an error is: the `line:column` that readers put before a message becomes its place and diagnostic."""

from __future__ import annotations

import re

from eigen.errors import EigenError

_PLACE = re.compile(r"(\d+):(\d+): ")


def placed(error: EigenError, where: str) -> EigenError:
    """The error with the `line:column` that its message begins with behind its `where`, and as a diagnostic.

    Columns count from 1 in messages and in `where`, from 0 in diagnostics, as everywhere. An error of no place keeps
    its message and gets `where`.
    """
    place = _PLACE.match(error.message)
    if place is None:
        error.where = where
        return error
    message, line, column = error.message[place.end() :], int(place[1]), int(place[2]) - 1
    span = {"line": line, "column": column, "end_line": line, "end_column": column + 1}
    diagnostic = {"code": error.code, "severity": "error", "message": message, "span": span, "file": where}
    if error.hint:
        diagnostic["hint"] = error.hint
    at = f"{line}:{column + 1}"
    found = EigenError(error.code, message, hint=error.hint, where=f"{where}:{at}" if where else f"line {at}")
    found.details = {"diagnostics": [diagnostic], "filename": where}
    return found


def at(line: int, column: int, code: str, message: str, *, where: str = "", hint: str = "") -> EigenError:
    """An error at a place of a text; lines and columns count from 1."""
    return placed(EigenError(code, f"{line}:{column}: {message}", hint=hint), where)

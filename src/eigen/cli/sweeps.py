"""Sweeps on the command line: `--sweep NAME=VALUES`, and the head of a table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from eigen.cli.output import plural, table
from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.client.table import Table

HEAD = 10
MAX_CELL = 40
HINT = "for example --sweep theta=0:3.14:100, --sweep n=2,3,4 or --sweep 'theta=[[0.1, 0.2], [0.3, 0.4]]'"


def swept(words: Sequence[str], *, zipped: bool) -> dict[str, Any] | None:
    """The field `sweep` of `spec`: `start:stop:num`, values with commas between them, or JSON."""
    if not words:
        if zipped:
            raise EigenError("EIGEN_USAGE", "`--zip` is about the parameters of `--sweep`", hint=HINT)
        return None
    found: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or not name.isidentifier():
            raise EigenError("EIGEN_USAGE", f"`--sweep` needs NAME=VALUES, not `{word[:60]}`", hint=HINT)
        if name in found:
            raise EigenError("EIGEN_USAGE", f"`--sweep` names `{name}` twice", hint="give all its values at once")
        found[name] = _values(name, text)
    return {"mode": "zip" if zipped else "grid", "parameters": found}


def _values(name: str, text: str) -> Any:
    if text.lstrip().startswith(("[", "{")):
        try:
            return json.loads(text, parse_constant=lambda word: _refuse(name, word))
        except (ValueError, RecursionError):
            raise EigenError("EIGEN_USAGE", f"`--sweep {name}`: `{text[:60]}` is no JSON", hint=HINT) from None
    if ":" in text:
        parts = [_scalar(name, part) for part in text.split(":")]
        if len(parts) != 3 or not all(isinstance(part, int | float) for part in parts):
            raise EigenError(
                "EIGEN_USAGE", f"`--sweep {name}`: a range is start:stop:num, not `{text[:60]}`", hint=HINT
            )
        return dict(zip(("start", "stop", "num"), parts, strict=True))
    return [_scalar(name, part.strip()) for part in text.split(",")]


def _scalar(name: str, text: str) -> Any:
    """A number or a truth value as JSON has it, else a text."""
    try:
        value = json.loads(text, parse_constant=lambda word: _refuse(name, word))
    except (ValueError, RecursionError):
        return text
    return text if isinstance(value, dict | list) or value is None else value


def _refuse(name: str, word: str) -> Any:
    raise EigenError("EIGEN_USAGE", f"`--sweep {name}`: `{word}` is not a finite number")


def head(found: Table) -> str:
    """The first rows of a table, and how many there are."""
    rows = [
        (str(index), *(_cell(value) for value in row.values()))
        for index, row in zip(range(HEAD), found.rows(), strict=False)
    ]
    left = found.done - len(rows)
    more = [f"… {plural(left, 'more point')}; `--json` has them all"] if left else []
    stopped = [f"{found.done} of {found.points} points were reached"] if found.done < found.points else []
    return "\n".join([table(rows, ("POINT", *found)), *more, *stopped])


def _cell(value: Any) -> str:
    """A value, shortened to what a column can hold."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        return _counts(value)  # pyright: ignore[reportUnknownArgumentType]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…"


def _counts(value: dict[str, Any]) -> str:
    """Counts, the most frequent first; any other mapping as JSON."""
    if not value or not all(isinstance(count, int) for count in value.values()):
        text = json.dumps(value, ensure_ascii=False)
    else:
        ordered = sorted(value.items(), key=lambda entry: (-entry[1], entry[0]))
        text = " ".join(f"{bits}:{count}" for bits, count in ordered)
    return text if len(text) <= MAX_CELL else text[: MAX_CELL - 1] + "…"

"""Printing: data to stdout, talk to stderr. Readable without colour; foreign text cannot move the cursor."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def say(text: str) -> None:
    """A line for the person, on stderr."""
    talk(printable(text) + "\n")


def talk(text: str) -> None:
    """Text for the person, as it is; a stderr that takes none loses the talk and nothing else."""
    with suppress(OSError):
        sys.stderr.write(text)
        sys.stderr.flush()


def show(text: str) -> None:
    """A line of data, on stdout."""
    sys.stdout.write(printable(text) + "\n")


def show_json(value: Any) -> None:
    """One JSON object, on stdout: keys in their order, no NaN."""
    import json

    sys.stdout.write(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2, default=str) + "\n")


def printable(text: str) -> str:
    """The text with control characters (but line breaks and tabs) and lone surrogates made visible."""
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() or character in "\n\t"
        else character.encode("unicode_escape", "replace").decode("ascii")
        for character in text
    )


def table(rows: Sequence[Sequence[str]], heads: Sequence[str]) -> str:
    """Columns aligned with two spaces between them; the last one is not padded."""
    lines = [list(heads), *[list(row) for row in rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    return "\n".join(
        "  ".join(cell if column == len(heads) - 1 else f"{cell:{widths[column]}}" for column, cell in enumerate(line))
        for line in lines
    )


def pairs(values: Mapping[str, Any]) -> str:
    """Names and values, one pair a line, aligned; empty values are left out."""
    given = {name: value for name, value in values.items() if value not in (None, "", (), [])}
    width = max(map(len, given), default=0)
    return "\n".join(f"{name:{width}}  {value}" for name, value in given.items())


def plural(count: int, noun: str) -> str:
    """A number with its noun.

    >>> plural(1, "qubit"), plural(2, "qubit")
    ('1 qubit', '2 qubits')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"

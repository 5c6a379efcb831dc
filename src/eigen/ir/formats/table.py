"""The table of text formats: what each is called, how a file of it is known, and the module that does the work."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from eigen.errors import EigenError, suggest

if TYPE_CHECKING:
    from eigen.ir.circuit import Circuit

MAX_TEXT_BYTES = 16 * 1024 * 1024
"""How long a document of any format may be."""


class Codec(Protocol):
    """What a format's module offers."""

    def load(self, data: bytes, *, where: str = "") -> Circuit:
        """The circuit of a document."""
        ...

    def dump(self, circuit: Circuit, **options: Any) -> bytes:
        """The document of a circuit."""
        ...


@dataclass(frozen=True, slots=True)
class Format:
    """One row: a text format."""

    name: str
    title: str
    suffixes: tuple[str, ...]
    opening: str
    """A pattern that a document begins with, after white space and `//` comments."""

    def codec(self) -> Codec:
        """The module that reads and writes it, loaded when it is first asked for."""
        return cast("Codec", import_module(f"eigen.ir.formats.{self.name}"))


FORMATS: dict[str, Format] = {
    row.name: row
    for row in (
        Format("aqo", "AQO, the canonical JSON of circuits", (".aqo.json", ".aqo", ".json"), r"\{"),
        Format("qasm2", "OpenQASM 2", (".qasm2", ".qasm"), r"OPENQASM\s+2\b"),
    )
}

_BLANK = re.compile(r"(?:\s+|//[^\n]*(?:\n|$))*+")
_OPENQASM = re.compile(r"OPENQASM\s+(\d{1,3})")


def named(name: str) -> Format:
    """The row of a name. Raises EIGEN_USAGE."""
    if name not in FORMATS:
        hint = suggest(name, list(FORMATS)) or f"formats: {', '.join(sorted(FORMATS))}"
        raise EigenError("EIGEN_USAGE", f"there is no circuit format `{name[:40]}`", hint=hint)
    return FORMATS[name]


def of_suffix(filename: str) -> Format | None:
    """The format that the end of a file name speaks for."""
    lower = filename.lower()
    return next((row for row in FORMATS.values() if lower.endswith(row.suffixes)), None)


def of_text(data: bytes, *, where: str = "") -> Format:
    """The format that a document begins like. Raises EIGEN_FORMAT_INVALID, which quotes nothing of the document.

    >>> of_text(b"// a pair\\nOPENQASM 2.0;").name
    'qasm2'
    """
    head = data[:65536].decode("utf-8", "replace").removeprefix("\ufeff")
    start = _BLANK.match(head)
    begin = start.end() if start else 0
    for row in FORMATS.values():
        if re.compile(row.opening).match(head, begin):
            return row
    newer = _OPENQASM.match(head, begin)
    if newer:
        message = f"OpenQASM {newer[1]} is not read here"
        raise EigenError("EIGEN_FORMAT_UNSUPPORTED", message, where=where, hint="write the circuit as OpenQASM 2.0")
    titles = "; ".join(f"{row.name}: {row.title}" for row in FORMATS.values())
    raise EigenError("EIGEN_FORMAT_INVALID", "the document is in none of the known formats", where=where, hint=titles)

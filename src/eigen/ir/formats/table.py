"""The table of formats of documents: their names, how a file is known, and the module that does the work."""

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
    """One row: a format of documents."""

    name: str
    title: str
    suffixes: tuple[str, ...]
    opening: str
    """A pattern that a document begins with, after white space and comments."""
    keeps_phase: bool = True
    """Whether documents have a global phase; where they have none, circuits are compared up to it."""
    has_header: bool = True
    """Whether a document says what it is; where it does not, the name of a file counts more than its beginning."""

    as_text: str = ""
    """The format of text that takes the place of this one, which is none, in a job."""

    def codec(self) -> Codec:
        """The module that reads and writes it, loaded when it is first asked for."""
        return cast("Codec", import_module(f"eigen.ir.formats.{self.name}"))


_QUIL = (
    r"(?:DECLARE|DEFGATE|DEFCIRCUIT|DEFCAL|DEFFRAME|PRAGMA|MEASURE|RESET|LABEL|JUMP|JUMP-WHEN|JUMP-UNLESS|HALT|NOP|FENCE"
    r"|DELAY|CONTROLLED|DAGGER|FORKED|CCNOT|CSWAP)(?:\s|\Z)"
    r"|(?:T\s|(?:PHASE|CPHASE(?:00|01|10)?|PSWAP|XY|FSIM|R(?:X|Y|Z|XX|YY|ZZ))[ \t]*\()"
    r"|(?:[IXYZHS]|CNOT|CZ|SWAP|ISWAP)[ \t](?=[\s\S]*^(?:DECLARE|MEASURE|RESET|LABEL|HALT|(?:T|PHASE|R[XYZ])\b))"
)
"""A first line of Quil that is none of Stim, or one of both before a line of Quil."""

_STIM = (
    r"(?i:QUBIT_COORDS|REPEAT|TICK|DETECTOR|OBSERVABLE_INCLUDE|SHIFT_COORDS|MPAD|MPP|SPP(?:_DAG)?|MR?[XYZ]?|R[XYZ]?"
    r"|M(?:XX|YY|ZZ)|[HXYZISE]|S_DAG|SQRT_\w+|H_\w+|C_\w+|[XYZ]?C[XYZ]|CNOT|II|I?SWAP(?:_DAG)?|C[XZ]SWAP|SWAPC[XZ]"
    r"|[XYZI]{1,2}_ERROR|CORRELATED_ERROR|DEPOLARIZE[12]|PAULI_CHANNEL_[12]|HERALDED_\w+)"
    r"(?:\[[^\]\n]*\]|\([^)\n]*\))*(?:[ \t]+[!\dXYZr{]|[ \t]*(?:\n|\Z))"
)
"""A first line of Stim: a name of its own and targets."""

_AQO = r'\{(?!\s*"directed"\s*:)'
"""An object that is no graph of NetworkX's, whose first key is `directed`."""

_QIR = (
    r"(?:;[^\n]*\n\s*)*(?:source_filename\s*=|target\s+(?:datalayout|triple)\s*=|module\s+asm\b|attributes\s+#\d"
    r"|[%@$](?:[-\w.$]+|\"[^\"\n]*\")\s*=|define\s|declare\s|![\w.]+\s*=)"
)
"""A first definition of LLVM's text, behind its comments."""

_BITCODE = "BC\ufffd|\ufffd\ufffd\x17\x0b"
"""What LLVM's bitcode begins with, and the wrapper around it, where bytes that are no text are replaced."""

FORMATS: dict[str, Format] = {
    row.name: row
    for row in (
        Format(
            "aqo", "AQO, the canonical JSON of circuits", (".aqo.json", ".aqo", ".json"), r'\{(?!\s*"directed"\s*:)'
        ),
        Format("graph", "graphs of circuits in JSON", (".graph.json",), r'\{\s*"directed"\s*:'),
        Format("qasm2", "OpenQASM 2", (".qasm2", ".qasm"), r"OPENQASM\s+2\b"),
        Format("qasm3", "OpenQASM 3", (".qasm3",), r"OPENQASM\s+3\b"),
        Format("qir", "QIR, as LLVM's text", (".ll", ".qir"), _QIR, keeps_phase=False),
        Format("qir_bitcode", "QIR, as LLVM's bitcode", (".bc",), _BITCODE, keeps_phase=False, as_text="qir"),
        Format("quil", "Quil", (".quil",), _QUIL, has_header=False),
        Format("stim", "Stim", (".stim",), _STIM, keeps_phase=False, has_header=False),
    )
}

_BLANK = re.compile(r"(?:\s+|(?://|#)[^\n]*(?:\n|$)|/\*(?:[^*]|\*(?!/))*+\*/)*+")
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
    ends = [(len(end), row) for row in FORMATS.values() for end in row.suffixes if lower.endswith(end)]
    return max(ends, key=lambda found: found[0])[1] if ends else None


def of_text(data: bytes, *, where: str = "") -> Format:
    """The format that a document begins like; the one that its file name `where` says, where documents do not.

    Raises EIGEN_FORMAT_INVALID, which quotes nothing of the document.

    >>> of_text(b"// a pair\\nOPENQASM 2.0;").name
    'qasm2'
    """
    head = data[:65536].decode("utf-8", "replace").removeprefix("\ufeff")
    usual = of_suffix(where) if where else None
    if usual is not None and not usual.has_header:
        return usual
    start = _BLANK.match(head)
    begin = start.end() if start else 0
    for row in FORMATS.values():
        if re.compile(row.opening, re.MULTILINE).match(head, begin):
            return row
    newer = _OPENQASM.match(head, begin)
    if newer:
        message = f"OpenQASM {newer[1]} is not read here"
        raise EigenError("EIGEN_FORMAT_UNSUPPORTED", message, where=where, hint="write the circuit as OpenQASM 2 or 3")
    titles = "; ".join(f"{row.name}: {row.title}" for row in FORMATS.values())
    raise EigenError("EIGEN_FORMAT_INVALID", "the document is in none of the known formats", where=where, hint=titles)

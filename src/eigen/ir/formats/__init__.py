"""Circuits in and out: `load` takes a document, a path or another package's object, `dump` writes a format.

Formats of text are rows of `table.FORMATS`, one module each with `load` and `dump`; packages are rows of
`objects.PACKAGES`. Text is always a document, never the name of a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from eigen.errors import EigenError
from eigen.ir.circuit import Circuit
from eigen.ir.formats import objects
from eigen.ir.formats.table import FORMATS, MAX_TEXT_BYTES, Format, named, of_text

if TYPE_CHECKING:
    from typing import BinaryIO

__all__ = ["FORMATS", "MAX_TEXT_BYTES", "Format", "dump", "load", "read"]


@runtime_checkable
class Readable(Protocol):
    """A path: what opens itself, as `pathlib.Path` does."""

    def open(self, mode: Literal["rb"]) -> BinaryIO: ...


def load(source: object, format: str | None = None, *, where: str = "", **options: Any) -> Circuit:
    """The circuit of a document (bytes or text), of a `pathlib.Path`, or of an object of a known package.

    The format is found by inspection unless it is named; `where`, by default the path, goes into errors; `inputs` is an
    option of OpenQASM 3. Raises
    EigenError: EIGEN_FILE_UNREADABLE, EIGEN_USAGE for a name that is no format, EIGEN_FORMAT_INVALID for a document
    that is not what it should be, EIGEN_FORMAT_UNSUPPORTED for one that says what circuits cannot carry,
    EIGEN_LIMIT_EXCEEDED, and those of AQO.

    >>> load("OPENQASM 2.0; qreg q[2]; U(0, 0, 1) q[0];")
    Circuit(2 qubits, 0 clbits, 1 operations)
    """
    if isinstance(source, Circuit) and format is None:
        return source
    if isinstance(source, str):
        data = source.encode("utf-8", "surrogatepass")
    elif isinstance(source, (bytes, bytearray)):
        data = bytes(source)
    elif isinstance(source, Readable):
        where = where or str(source)
        data = read(source)
    else:
        return objects.load(source, format, **options)
    row = of_text(data, where=where) if format is None else named(format)
    try:
        return row.codec().load(data, where=where, **options)
    except (MemoryError, RecursionError):
        message = f"reading the document as `{row.name}` takes more memory or nesting than there is"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message, where=where) from None
    except TypeError:
        if not options:
            raise
        message = f"`{row.name}` has no option `{next(iter(options))}`"
        raise EigenError("EIGEN_USAGE", message) from None


def dump(circuit: Circuit, format: str = "aqo", *, check: bool = True, **options: Any) -> Any:
    """The document (bytes) of a circuit, or for the name of a package its object; `version` is an option of AQO.

    What was written is read back and compared, cheaply where the circuit is wide, unless `check` is False; `convert`
    of `eigen.ir.formats.conversion` gives the certificate. AQO is the circuit's own form and needs none.
    Raises EigenError: EIGEN_USAGE for a name that is neither, EIGEN_FORMAT_UNSUPPORTED (for AQO
    EIGEN_AQO_UNSUPPORTED) for what the format cannot carry, EIGEN_NOT_AVAILABLE without the package.
    """
    from eigen.ir.formats import conversion

    document = conversion.write(circuit, format, **options)
    if check and format != "aqo":
        conversion.checked(circuit, document, format, is_cheap=True)
    return document


def read(path: Readable) -> bytes:
    """What a path holds, to the length that a document may have. Raises EIGEN_FILE_UNREADABLE, EIGEN_LIMIT_EXCEEDED."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_TEXT_BYTES + 1)
    except OSError as error:
        message = f"`{path}` cannot be read: {error.strerror or error}"
        raise EigenError("EIGEN_FILE_UNREADABLE", message) from error
    if len(data) > MAX_TEXT_BYTES:
        message = f"a document of a circuit has at most {MAX_TEXT_BYTES} bytes, and `{path}` more"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message)
    return data

"""The formats circuits are read from and written in: one file per format, one `load` and one `dump`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from eigen.errors import EigenError
from eigen.ir.formats import aqo

if TYPE_CHECKING:
    from eigen.ir.circuit import Circuit


class Format(Protocol):
    """What a format's module offers."""

    @property
    def NAME(self) -> str:  # noqa: N802
        """The name on the command line."""
        ...

    @property
    def SUFFIXES(self) -> tuple[str, ...]:  # noqa: N802
        """Endings of file names."""
        ...

    def load(self, data: bytes, *, where: str = "") -> Circuit:
        """The circuit of a document."""
        ...

    def dump(self, circuit: Circuit, *, version: str | None = None) -> bytes:
        """The document of a circuit."""
        ...


FORMATS: dict[str, Format] = {aqo.NAME: aqo}


def load(data: bytes, format_name: str = aqo.NAME, *, where: str = "") -> Circuit:
    """The circuit of a document; `where` (a file name) goes into errors. Raises EigenError."""
    return _format(format_name).load(data, where=where)


def dump(circuit: Circuit, format_name: str = aqo.NAME, *, version: str | None = None) -> bytes:
    """The document of a circuit, in a version of the format where there are several. Raises EigenError."""
    return _format(format_name).dump(circuit, version=version)


def _format(name: str) -> Format:
    if name not in FORMATS:
        known = ", ".join(sorted(FORMATS))
        raise EigenError("EIGEN_USAGE", f"there is no circuit format `{name}`", hint=f"formats: {known}")
    return FORMATS[name]

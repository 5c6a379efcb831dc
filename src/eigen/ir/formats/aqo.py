"""AQO, the circuit's canonical JSON (versions 0.1, 1.0.0 and 1.1). The work is done in the core."""

from __future__ import annotations

from eigen.ir.circuit import Circuit, core_errors


def load(data: bytes, *, where: str = "") -> Circuit:
    """The circuit of an AQO document of any version.

    Raises EigenError: EIGEN_JSON_INVALID for text that is not strict JSON, EIGEN_AQO_INVALID for a document of
    another form, EIGEN_AQO_UNSUPPORTED for an operation the version does not have (named with its index),
    EIGEN_LIMIT_EXCEEDED beyond 16 MiB or a limit of circuits.
    """
    with core_errors(where):
        return Circuit.from_aqo(data)


def dump(circuit: Circuit, *, version: str | None = None) -> bytes:
    """The canonical bytes; `version` 0.1 or 1.0.0 where the circuit fits, else EIGEN_AQO_UNSUPPORTED."""
    with core_errors():
        return circuit.to_aqo(version)

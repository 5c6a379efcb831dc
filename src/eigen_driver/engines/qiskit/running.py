"""A run on Aer: seeded, on one thread of shots, and its failures in our words."""

# Qiskit has hints for some of its names only.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportUnknownParameterType=false, reportMissingImports=false

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import qiskit_aer

from eigen_driver.failure import RefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping

SEED_BITS = 63  # of Aer's own seeds


def simulator(method: str, threads: int, memory_bytes: int) -> Any:
    """A simulator of Aer. What it has to say about failures is in its results: it need not log them too."""
    logging.getLogger(qiskit_aer.__name__).setLevel(logging.CRITICAL)
    return qiskit_aer.AerSimulator(
        method=method,
        max_parallel_threads=threads,
        max_parallel_shots=1,  # several would make the counts of a seed depend on the host
        max_memory_mb=memory_bytes >> 20,
    )


def ran(where: str, on: Any, circuit: Any, shots: int, seed: int, given: Mapping[str, Any]) -> tuple[Any, str]:
    """What Aer has of a circuit: its data, and the method that made them. RefusedError."""
    result = on.run(circuit, shots=shots, seed_simulator=seed % (1 << SEED_BITS), **given).result()
    found = result.results[0] if result.results else None
    if result.success and found is not None:
        return result.data(0), found.metadata.get("method", "")
    status = str(getattr(found, "status", "") or result.status)
    short = status.removeprefix("ERROR: ")[:500]
    if "nsufficient memory" in status or "bad_alloc" in status:
        raise RefusedError("EIGEN_SIM_MEMORY", f"`{where}`: {short}")
    raise RefusedError("EIGEN_DEVICE_FAILED", f"`{where}` failed: {short}")

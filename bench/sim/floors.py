"""The floors of bench/sim/floors.toml in bytes, multiply-adds and, on a measured host, seconds."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

WIDTHS = (16, 20, 22, 24, 26)
AMPLITUDE_BYTES = {"f64": 16, "f32": 8}


@dataclass(frozen=True, slots=True)
class Floor:
    """What a family costs at least at one width and precision."""

    passes: int
    num_bytes: int
    multiply_adds: int

    def seconds(self, host: Mapping[str, float], precision: str) -> float:
        """On a host as `roofline()` found it."""
        return max(self.num_bytes / host["bytes_per_sec"], self.multiply_adds / host[f"{precision}_fma_per_sec"])


def floor(family: str, num_qubits: int, precision: str) -> Floor | None:
    """The floor of a family; None for those that have none written down, and for other widths."""
    entry = _table().get(family)
    if entry is None or num_qubits not in WIDTHS:
        return None
    passes = entry["passes"][WIDTHS.index(num_qubits)]
    amplitudes, halved = 2**num_qubits, 2 if entry.get("real") else 1
    each = sum(coefficient * num_qubits**power for power, coefficient in enumerate(entry["multiply_adds"]))
    num_bytes = (2 * passes - 1) * amplitudes * AMPLITUDE_BYTES[precision] // halved
    return Floor(passes, num_bytes, amplitudes * each)


@cache
def _table() -> dict[str, dict[str, Any]]:
    return tomllib.loads(Path(__file__).with_name("floors.toml").read_text())

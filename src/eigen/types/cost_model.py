"""`CostModel`: how long work takes on a device of another maker, as it was measured on this host."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eigen.types.device import Device
    from eigen.types.json import Json

PROPERTY = "cost_model"
"""Of a device: its model, as `to_json` writes it."""
IGNORED = "cost_model_ignored"
"""Of a device: why a model that was measured does not count, in words that follow `was measured`."""
OPEN = "open_to_auto"
"""Of a device: true where `auto` may choose it by its model."""

GROWTHS: Mapping[str, Callable[[int], float]] = {
    "qubits": float,
    "amplitudes": lambda qubits: 2.0 ** min(qubits, 500),
    "entries": lambda qubits: 4.0 ** min(qubits, 250),
}
"""How a state grows: with the qubits, as a state vector, as a density matrix."""

TERMS = ("call", "state", "gate", "gate_state", "shot", "shot_qubit", "shot_gate", "term", "term_state")
"""What seconds are counted for: the call, the state it makes, each gate, each gate on the state, each shot, each
measured bit of it, each gate of it, and each term of an exact observable, by itself and on the state."""
MOST_TEXT = 80


@dataclass(frozen=True, slots=True)
class CostModel:
    """Seconds of one piece of work, as a sum over `TERMS` with a weight each, where a state grows as `growth` says.

    It was measured at `measured_at` (RFC 3339) with a `version` of the engine up to `widest` qubits, and missed nine in
    ten of the measurements that it was fitted to by a factor of `off` at most. `first` are the seconds that an engine
    takes besides for a circuit that it has not seen, `start` those of its process from nothing to the first answer.
    """

    growth: str
    weights: tuple[float, ...]
    off: float
    widest: int
    first: float = 0.0
    start: float = 0.0
    version: str = ""
    measured_at: str = ""

    def seconds(self, qubits: int, gates: int, *, shots: int = 0, terms: int = 0) -> float:
        """What so many gates on so many qubits take, and so many shots, or an exact observable of so many terms, of a
        circuit that the engine has seen."""
        counts = columns(self.growth, qubits, gates, shots, terms)
        return sum(weight * count for weight, count in zip(self.weights, counts, strict=True))

    def in_words(self) -> str:
        """What a prediction rests on."""
        engine = f" (version {self.version})" if self.version else ""
        when = f" at {self.measured_at}" if self.measured_at else ""
        return f"measured on this host{when}{engine} up to {self.widest} qubits, to within a factor of {self.off:.2g}"

    def to_json(self) -> dict[str, Json]:
        """As a JSON object."""
        return {
            "growth": self.growth,
            "seconds": dict(zip(TERMS, self.weights, strict=True)),
            "off": self.off,
            "widest": self.widest,
            "first": self.first,
            "start": self.start,
            "version": self.version,
            "measured_at": self.measured_at,
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> CostModel:
        """The model that `to_json` wrote; ValueError for anything else."""
        try:
            weights = tuple(float(value["seconds"][name]) for name in TERMS)
            numbers = [*weights, *(float(value[name]) for name in ("off", "first", "start"))]
            widest = int(value["widest"])
            texts = [str(value[name])[:MOST_TEXT] for name in ("growth", "version", "measured_at")]
        except (KeyError, TypeError, OverflowError, IndexError, AttributeError) as error:
            raise ValueError(f"it is no cost model: {error!r}") from None
        off, first, start = numbers[len(TERMS) :]
        sane = all(isfinite(each) and 0.0 <= each <= 1e9 for each in numbers) and off >= 1.0 and 0 < widest <= 1_000_000
        if texts[0] not in GROWTHS or not sane:
            raise ValueError("it is no cost model")
        return CostModel(texts[0], weights, off, widest, first, start, texts[1], texts[2])

    @staticmethod
    def of(device: Device) -> CostModel | None:
        """That of a device; None where there is none."""
        value: Any = device.properties.get(PROPERTY)
        try:
            return None if value is None else CostModel.from_json(value)
        except ValueError:
            return None


def columns(growth: str, qubits: int, gates: int, shots: int, terms: int) -> tuple[float, ...]:
    """How often each of `TERMS` counts."""
    state = GROWTHS[growth](qubits)
    return (1.0, state, gates, gates * state, shots, shots * qubits, shots * gates, terms, terms * state)

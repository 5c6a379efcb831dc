"""What engines would take for a program: predicted seconds, or why they cannot run it. Of ours by the cost models of
the core, of others by what was measured on this host. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eigen import _core
from eigen.router.features import NOT_GATES
from eigen.types.cost_model import CostModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.router.features import Features
    from eigen.types import Device

FREE = NOT_GATES | {"GPHASE"}
NEGLIGIBLE_SEC = 1e-3
"""A job costs more than this besides: below it no engine is faster than another."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One evaluation of each circuit of a program on one engine; `seconds` is None when the engine cannot. `start` are
    the seconds until its process runs, where it does not yet."""

    seconds: float | None
    why: str
    start: float = 0.0

    def in_words(self) -> str:
        """The prediction as the placement prints it."""
        if self.seconds is None:
            return self.why
        begins = f" and {duration(self.start)} to start" if self.start else ""
        return f"predicted {duration(self.seconds)}{begins}: {self.why}"


def estimates(features: Features, devices: Sequence[Device]) -> Mapping[str, Estimate]:
    """The estimates by device id, for devices that have `estimated` or a cost model among their properties.

    One that is `estimated` says its `engine`, the `memory_bytes` that it may use and, where that was measured, the
    `speed` of its host as a multiple of the machine that the cost models were fitted on. Noisy runs, evolutions and
    photonic programs are not estimated: the device that takes them chooses how. A cost model
    knows no circuits whose outcomes decide, either.
    """
    fitted = {device.id: known for device in devices if (known := _fitted(features, device)) is not None}
    native = [device for device in devices if device.properties.get("estimated") is True]
    if not native or _is_beyond_models(features):
        return fitted
    found: dict[str, Estimate] = {}
    for question in features.questions:
        rows = _core.engine_verdicts(
            question.circuit,
            shots=question.shots,
            observables=question.observables,
            memory_limit_bytes=int(native[0].properties.get("memory_bytes", 2**64 - 1)),
        )
        for engine, seconds, _, why in rows:
            found[engine] = _both(found.get(engine), Estimate(seconds, why))
    return fitted | {
        device.id: _for_device(features, device, found[name]) for device in native if (name := _engine(device)) in found
    }


def _is_beyond_models(features: Features) -> bool:
    return features.noise_model is not None or bool(features.evolutions or features.modes)


def _fitted(features: Features, device: Device) -> Estimate | None:
    """By the cost model that was measured on this host."""
    model = CostModel.of(device)
    if model is None or not features.questions or features.dynamic or _is_beyond_models(features):
        return None
    if features.num_qubits > device.num_qubits:
        return None
    total = 0.0
    for question in features.questions:
        gates = _gates(question.circuit, device)
        if gates is None:
            return None
        terms = sum(each.num_terms for each in question.observables)
        total += model.first + model.seconds(
            question.circuit.num_qubits, gates, shots=question.shots or 0, terms=0 if question.shots else terms
        )
    return Estimate(total, model.in_words(), 0.0 if device.properties.get("warm") is True else model.start)


def _gates(circuit: _core.Circuit, device: Device) -> int | None:
    """The gates of a circuit in those of a device; None where they cannot be expressed."""
    counts = circuit.count_ops()
    if device.gates and not counts.keys() - FREE <= set(device.gates):
        try:
            counts = _core.decompose(circuit, list(device.gates)).count_ops()
        except _core.CoreError:
            return None
    return sum(count for name, count in counts.items() if name not in FREE)


def _engine(device: Device) -> str:
    return str(device.properties.get("engine"))


def _for_device(features: Features, device: Device, estimate: Estimate) -> Estimate:
    """The estimate, unless the program would be served badly."""
    if features.gradient and "gradient" not in device.features and any(c.parameters for c in features.circuits):
        return Estimate(None, "has no gradients, which the program would use")
    if estimate.seconds is None:
        return estimate
    return Estimate(estimate.seconds / device.speed, estimate.why)


def _both(first: Estimate | None, second: Estimate) -> Estimate:
    """Both evaluations; the reason is that of the longer one, or of the first that the engine cannot do."""
    if first is None or second.seconds is None:
        return second if first is None or first.seconds is not None else first
    if first.seconds is None:
        return first
    why = first.why if first.seconds >= second.seconds else second.why
    return Estimate(first.seconds + second.seconds, why)


def duration(seconds: float) -> str:
    """Seconds, for people."""
    for factor, unit in ((1.0, "s"), (1e3, "ms")):
        if seconds * factor >= 1.0:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"

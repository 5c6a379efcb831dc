"""What the native engines would take for a program: predicted seconds and bytes, or why they cannot run it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eigen import _core

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.router.features import Features
    from eigen.types import Device

NEGLIGIBLE_SEC = 1e-3
"""A job costs more than this besides: below it no engine is faster than another."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One evaluation of each circuit of a program on one engine; `seconds` is None when the engine cannot."""

    seconds: float | None
    why: str

    def in_words(self) -> str:
        """The prediction as the placement prints it."""
        return self.why if self.seconds is None else f"predicted {_duration(self.seconds)}: {self.why}"


def estimates(features: Features, devices: Sequence[Device]) -> Mapping[str, Estimate]:
    """The estimates by device id, for devices that have `estimated` among their properties.

    Such a device says its `engine`, the `memory_bytes` that it may use and, where that was measured, the `speed` of its
    host as a multiple of the machine that the cost models were fitted on. Noisy runs, evolutions and photonic programs
    are not estimated:
    the device that takes them chooses how.
    """
    native = [device for device in devices if device.properties.get("estimated") is True]
    if not native or features.noise_model is not None or features.evolutions or features.modes:
        return {}
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
    return {
        device.id: _for_device(features, device, found[name]) for device in native if (name := _engine(device)) in found
    }


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


def _duration(seconds: float) -> str:
    for factor, unit in ((1.0, "s"), (1e3, "ms")):
        if seconds * factor >= 1.0:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} µs"

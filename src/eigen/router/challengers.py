"""Engines of other makers that `auto` considers: simulators that were measured on this host.

They run unasked in two cases: no other device can do the work, or one is predicted to be clearly faster than the native
engine that would do it. Without a measurement there is no challenger, and all is as if there were no such engines.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

from eigen import _core
from eigen.router.capability import refusal
from eigen.router.estimates import duration
from eigen.types.cost_model import OPEN, CostModel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.router.estimates import Estimate
    from eigen.router.features import Features
    from eigen.router.policy import Policy
    from eigen.types import Device

MARGIN = 5.0
"""A challenger must be predicted to be so many times as fast, the start of its process included: predictions of native
engines may be 2.5 times too long, those of measured ones about twice too short."""
LEAST_SECONDS = 1.0
"""And to save so much: for less nobody waits for another engine."""
MOST_OFF = 3.0
"""A model that misses its own measurements by more than this factor is not what a choice rests on."""


@dataclass(frozen=True, slots=True)
class Challenger:
    """A measured engine that can do the work; `seconds` until it is done, None where that is not predicted, with the
    reason in `why`."""

    device: Device
    seconds: float | None
    why: str


def is_open(device: Device) -> bool:
    """Whether `auto` may choose a device that otherwise runs on request only."""
    known = device.properties
    return known.get("on_request") is True and known.get(OPEN) is True and CostModel.of(device) is not None


def challengers(
    features: Features, devices: Sequence[Device], policy: Policy, predicted: Mapping[str, Estimate]
) -> tuple[list[Challenger], dict[str, str]]:
    """Those of the devices that can do the work, the fastest one first, and why others cannot, by id."""
    able: list[Challenger] = []
    refused: dict[str, str] = {}
    for device in devices:
        reason = (
            refusal(features, device, policy, named=True)
            or _only_when_named(features, device)
            or _not_clifford(features, device)
        )
        if reason is not None:
            refused[device.id] = reason
            continue
        estimate = predicted.get(device.id)
        why = _not_comparable(features, device)
        if estimate is None or estimate.seconds is None:
            able.append(Challenger(device, None, why or "what was measured says nothing of such work"))
        else:
            able.append(Challenger(device, None if why else estimate.seconds + estimate.start, why))
    able.sort(key=lambda each: (inf if each.seconds is None else each.seconds, each.device.id))
    return able, refused


def faster(able: Sequence[Challenger], native: Estimate | None) -> Challenger | None:
    """The one that is clearly faster than a native engine; None where none is, or the rival is none of ours."""
    if not able or native is None or native.seconds is None:
        return None
    best = able[0]
    if best.seconds is None or best.seconds * MARGIN > native.seconds or native.seconds - best.seconds < LEAST_SECONDS:
        return None
    return best


def passed_over(each: Challenger, estimate: Estimate | None) -> str:
    """Why a challenger was not chosen though it could do the work."""
    said = f": {estimate.in_words()}" if estimate is not None else ""
    if each.seconds is None:
        return f"runs unasked only where no other device can do the work, as {each.why}{said}"
    return f"runs unasked only where it is {MARGIN:g} times as fast and saves {duration(LEAST_SECONDS)}{said}"


def _only_when_named(features: Features, device: Device) -> str | None:
    """Why nobody but who names it should get a device."""
    model = CostModel.of(device)
    widest = 0 if model is None else model.widest
    if features.num_qubits > widest:
        return f"was measured up to {widest} qubits: for wider programs it runs only when it is named as the target"
    if device.properties.get("approximate") is True:
        return "may leave something out, and runs only when it is named as the target"
    return None


def _not_clifford(features: Features, device: Device) -> str | None:
    if device.properties.get("clifford_only") is not True:
        return None
    reasons = (_core.not_clifford(circuit) for circuit in features.circuits)
    return next((f"runs Clifford circuits only: {why}" for why in reasons if why is not None), None)


def _not_comparable(features: Features, device: Device) -> str:
    """Why the prediction is not one to choose by; empty when it is."""
    model = CostModel.of(device)
    if model is not None and model.off > MOST_OFF:
        return f"its measurements are met to within a factor of {model.off:.2g} only"
    if features.gradient and "gradient" not in device.features and any(c.parameters for c in features.circuits):
        return "it has no gradients, which the program would use"
    return ""

"""Whether a device can run a program at all: the first reason why not, in plain words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen import _core
from eigen.ir.modes.asked import modes_refusal
from eigen.types import DeviceStatus
from eigen.types.cost_model import IGNORED

if TYPE_CHECKING:
    from eigen.router.estimates import Estimate
    from eigen.router.features import Features
    from eigen.router.policy import Policy
    from eigen.types import Device


def refusal(
    features: Features,
    device: Device,
    policy: Policy,
    *,
    named: bool,
    one: bool = False,
    estimate: Estimate | None = None,
) -> str | None:
    """Why the device cannot run the program under this policy, or None when it can.

    `named`: the target names the device or its backend; `one`: it names exactly this device; `estimate`: what its
    engine says to the program. Of devices that run on request only, those with modes are asked for by photonic programs
    too. Who names a device gets it against that, as parameters are known when circuits run.
    """
    if device.properties.get("on_request") is True and not (named or features.modes):
        return _closed(device)
    if device.properties.get("by_name_only") is True and estimate is None and not one:
        return "runs without a prediction of its time only when it is named itself as the target"
    if device.status is not DeviceStatus.ONLINE:
        return f"is {device.status.value.lower()}"
    if estimate is not None and estimate.seconds is None and not one:
        return estimate.why
    widest = max((circuit.num_qubits for circuit in features.circuits), default=0)
    fits = estimate is not None and estimate.seconds is not None and features.num_qubits <= widest
    return (
        _refuse_modes(features, device)
        or _refuse_size(features, device, fits=fits)
        or _refuse_features(features, device)
        or _refuse_evolutions(features, device)
        or _refuse_policy(device, policy)
        or _refuse_gates(features, device)
    )


def _closed(device: Device) -> str:
    """Why a device that runs on request is not considered."""
    ignored = device.properties.get(IGNORED)
    because = f"; how fast it is was measured {ignored}" if isinstance(ignored, str) else ""
    return f"runs only when it is named as the target{because}"


def _refuse_size(features: Features, device: Device, *, fits: bool) -> str | None:
    if features.num_qubits > device.num_qubits and not fits:
        what = "modes" if features.modes else "qubits"
        return f"has {device.num_qubits} {what}, the program needs {features.num_qubits}"
    if device.coupling and (connected := largest_component(device)) < features.num_qubits:
        return f"has only {connected} connected qubits, the program needs {features.num_qubits}"
    if features.shots is not None and features.shots > device.max_shots:
        return f"takes at most {device.max_shots} shots, the program asks for {features.shots}"
    return None


def _refuse_features(features: Features, device: Device) -> str | None:
    wanted = [
        (features.dynamic, "dynamic", "cannot measure in mid-circuit, reset or branch on results"),
        (features.classical, "classical", "computes no classical values while a circuit runs"),
        (features.exact, "exact", "has no exact values (shots=None)"),
        # From shots an expectation value can be put together of counts; only an exact one needs the device's own.
        (features.exact and features.expectation, "expectation", "has no exact expectation values"),
    ]
    for needed, feature, reason in wanted:
        if needed and feature not in device.features:
            return reason
    if features.noise_model is not None and (reason := _refuse_noise(features.noise_model, device)) is not None:
        return reason
    unknown = [name for name in features.options if name not in device.properties.get("options", features.options)]
    if unknown:
        return f"has no option `{unknown[0]}`"
    return None


def _refuse_modes(features: Features, device: Device) -> str | None:
    """A device has qubits or modes, and a program must find all that it asks for on one device."""
    has_modes = "modes" in device.features
    if not features.modes:
        return "has modes of light, and runs no circuits" if has_modes and features.num_qubits else None
    if not has_modes:
        return "has qubits, and runs no photonic programs"
    if features.circuits or features.evolutions:
        return "has modes of light, and the program asks for circuits too"
    return next((reason for modes in features.modes if (reason := modes_refusal(device, modes))), None)


def _refuse_evolutions(features: Features, device: Device) -> str | None:
    """Open systems need a device that has collapse operators. A device without time evolution of its own gets a product
    formula, which its gates must be able to express."""
    if not features.evolutions:
        return None
    is_open = any(evolution.is_open for evolution in features.evolutions)
    if "evolution" in device.features:
        closed = is_open and device.properties.get("closed_only") is True
        return "evolves closed systems only, without collapse operators" if closed else None
    if is_open:
        return "has no time evolution, and collapse operators make no circuit"
    if device.properties.get("clifford_only") is True:
        return "has no time evolution, and a product formula is no Clifford circuit"
    if device.gates and not _expresses(device, "RX", "RZZ"):
        return "has no time evolution, and its gates cannot express a product formula"
    return None


def _expresses(device: Device, *names: str) -> bool:
    builder = _core.CircuitBuilder(2)
    for name in names:
        builder.gate(name, [0, 1] if name == "RZZ" else [0], [0.3])
    try:
        _core.decompose(builder.build(), list(device.gates))
    except _core.CoreError:
        return False
    return True


def _refuse_policy(device: Device, policy: Policy) -> str | None:
    if policy.needs_seed and "seed" not in device.features:
        return "does not repeat the same counts for the same seed"
    return None


def _refuse_gates(features: Features, device: Device) -> str | None:
    if not device.gates or features.gates <= set(device.gates):
        return None
    for circuit in features.circuits:
        try:
            _core.decompose(circuit, list(device.gates))
        except _core.CoreError as error:
            return f"cannot express the gates: {error.message}"
    return None


def _refuse_noise(model: str, device: Device) -> str | None:
    if "noise" not in device.features:
        return f"cannot apply the noise model `{model if len(model) <= 128 else model[:125] + '...'}`"
    if device.properties.get("clifford_only") is not True:
        return None
    try:
        is_pauli = _core.NoiseModel.parse(model).is_pauli
    except _core.CoreError as error:
        return f"cannot apply the noise model: {error.message}"
    return None if is_pauli else "applies noise of Pauli channels only"


def largest_component(device: Device) -> int:
    """The number of qubits in the largest connected part of the device's coupling graph."""
    neighbours: dict[int, set[int]] = {}
    for a, b in device.coupling:
        neighbours.setdefault(a, set()).add(b)
        neighbours.setdefault(b, set()).add(a)
    best = 1 if device.num_qubits else 0
    unseen = set(neighbours)
    while unseen:
        stack, size = [unseen.pop()], 1
        while stack:
            for other in neighbours[stack.pop()] & unseen:
                unseen.discard(other)
                stack.append(other)
                size += 1
        best = max(best, size)
    return best

"""`route`: choose a device for a program, with the reasons and with why not for every rival."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from eigen.errors import EigenError, suggest
from eigen.router.capability import refusal
from eigen.router.challengers import MARGIN, challengers, faster, is_open, passed_over
from eigen.router.estimates import estimates
from eigen.router.facts import facts
from eigen.router.policy import POLICIES, VERSION, score
from eigen.router.target import resolve
from eigen.types import Placement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.router.challengers import Challenger
    from eigen.router.estimates import Estimate
    from eigen.router.features import Features
    from eigen.router.policy import Score
    from eigen.types import Device


def route(
    features: Features,
    devices: Sequence[Device],
    target: str = "auto",
    policy: str = "balanced",
    *,
    withheld: Mapping[str, str] | None = None,
) -> Placement:
    """The device with the lowest score among those that can run the program; or, where the target leaves it open, an
    engine of another maker that was measured on this host and is clearly faster (see `challengers`).

    Ties go to a device that is the `default` of its kind, then to the one that is predicted to be faster, then to the
    smaller id.

    `target` and `policy` are those of job.yaml; a policy name given as the target wins over `policy`. `withheld`
    maps devices that may not be chosen now to the reason, in words that follow the device's name.
    Raises EIGEN_DEVICE_UNKNOWN for a target that names nothing, EIGEN_ROUTER_NO_DEVICE (with every device and
    why not in `details`) when no device is left, EIGEN_JOBSPEC_INVALID for an unknown policy.
    """
    wanted = resolve(target, devices)
    policy_name = wanted.policy or policy
    weights = POLICIES.get(policy_name)
    if weights is None:
        hint = suggest(policy_name, list(POLICIES)) or f"one of {', '.join(POLICIES)}"
        raise EigenError("EIGEN_JOBSPEC_INVALID", f"there is no policy `{policy_name}`", hint=hint, where="policy")
    rivals: dict[str, str] = {}
    able: list[tuple[tuple[float, bool, float, str], Score, Device]] = []
    others: list[Device] = []
    predicted = estimates(features, [device for device in devices if device.id in wanted.device_ids])
    for device in devices:
        estimate = predicted.get(device.id)
        if device.id not in wanted.device_ids:
            rivals[device.id] = f"is not what the target `{target}` asks for"
        elif device.id in (withheld or {}):
            rivals[device.id] = (withheld or {})[device.id]
        elif not (wanted.named or features.modes) and is_open(device):
            others.append(device)
        elif reason := refusal(features, device, weights, named=wanted.named, one=wanted.one, estimate=estimate):
            rivals[device.id] = reason
        else:
            points = score(features, device, weights, estimate)
            seconds = inf if estimate is None or estimate.seconds is None else estimate.seconds
            order = points.total, device.properties.get("default") is not True, seconds, device.id
            able.append((order, points, device))
    able.sort(key=lambda item: item[0])
    measured, refused = challengers(features, others, weights, predicted)
    rivals |= refused
    winner = faster(measured, predicted.get(able[0][2].id)) if able else next(iter(measured), None)
    rivals |= {
        each.device.id: passed_over(each, predicted.get(each.device.id)) for each in measured if each is not winner
    }
    if winner is not None:
        return _challenged(features, winner, [item[2] for item in able], predicted, rivals, target, policy_name)
    if not able:
        raise _no_device(features, target, wanted.device_ids, rivals)
    _, points, chosen = able[0]
    for _, its, other in able[1:]:
        verdict = "ties with the chosen one, which comes first" if its.total == points.total else "scores higher"
        rivals[other.id] = f"{verdict}: {its.in_words()}"
        if other.id in predicted:
            rivals[other.id] += f"; {predicted[other.id].in_words()}"
    return Placement(
        device_id=chosen.id,
        device_digest=chosen.digest,
        policy=policy_name,
        reasons=_reasons(
            features, chosen, points, predicted.get(chosen.id), target=target, policy=policy_name, able=len(able)
        ),
        rivals=tuple(sorted(rivals.items())),
        codes=_codes(features, chosen, predicted.get(chosen.id), named=wanted.named, able=len(able)),
        policy_version=VERSION,
    )


def _challenged(
    features: Features,
    winner: Challenger,
    able: Sequence[Device],
    predicted: Mapping[str, Estimate],
    rivals: dict[str, str],
    target: str,
    policy: str,
) -> Placement:
    """A measured engine of another maker in place of the devices that `auto` takes otherwise."""
    chosen, estimate = winner.device, predicted.get(winner.device.id)
    for place, other in enumerate(able):
        verdict = "would do it, and is predicted to be clearly slower" if place == 0 else "comes after those"
        said = f": {predicted[other.id].in_words()}" if other.id in predicted else ""
        rivals[other.id] = verdict + said
    reasons = _offers(features, chosen, target=target)
    if estimate is not None:
        reasons.append(estimate.in_words())
    if able:
        reasons.append(f"it is {MARGIN:g} times as fast as `{able[0].id}`, the start of its process included")
    else:
        reasons.append("no device that runs unasked can do the work, and this one was measured here")
    codes = _codes(features, chosen, estimate, named=False, able=1)[:-1]
    return Placement(
        device_id=chosen.id,
        device_digest=chosen.digest,
        policy=policy,
        reasons=tuple(reasons),
        rivals=tuple(sorted(rivals.items())),
        codes=(*codes, "MEASURED_FASTER" if able else "MEASURED_ONLY"),
        policy_version=VERSION,
    )


def refusals(
    features: Features, devices: Sequence[Device], target: str = "auto", policy: str = "balanced"
) -> dict[str, str]:
    """Why devices cannot run the program, for each one that cannot, under the same rules as `route`; those that the
    target does not admit are left out. Raises EIGEN_DEVICE_UNKNOWN."""
    wanted = resolve(target, devices)
    weights = POLICIES.get(wanted.policy or policy, POLICIES["balanced"])
    admitted = [device for device in devices if device.id in wanted.device_ids]
    predicted = estimates(features, admitted)
    found: dict[str, str] = {}
    for device in admitted:
        known = predicted.get(device.id)
        asked = wanted.named or is_open(device)
        reason = refusal(features, device, weights, named=asked, one=wanted.one, estimate=known)
        if reason is not None:
            found[device.id] = reason
    return found


def _codes(features: Features, device: Device, estimate: Estimate | None, *, named: bool, able: int) -> tuple[str, ...]:
    """The reasons, for machines."""
    found = ["TARGET_NAMED" if named else "TARGET_OPEN", "QUBITS_FIT"]
    if features.dynamic or features.exact or features.expectation or features.noise_model is not None:
        found.append("FEATURES_FIT")
    if features.gradient and "gradient" in device.features:
        found.append("GRADIENT_EXACT")
    if estimate is not None and estimate.seconds is not None:
        found.append("TIME_PREDICTED")
    found.append("ONLY_DEVICE" if able == 1 else "LOWEST_SCORE")
    return tuple(found)


def _reasons(
    features: Features,
    device: Device,
    points: Score,
    estimate: Estimate | None,
    *,
    target: str,
    policy: str,
    able: int,
) -> tuple[str, ...]:
    reasons = _offers(features, device, target=target)
    if estimate is not None:
        reasons.append(estimate.in_words())
    if able == 1:
        reasons.append("no other admitted device can run the program")
    else:
        reasons.append(f"the lowest score of {able} devices under `{policy}`: {points.in_words()}")
    return tuple(reasons)


def _offers(features: Features, device: Device, *, target: str) -> list[str]:
    """What of a device the program needs."""
    reasons = [
        f"the target is `{target}`",
        f"{features.num_qubits} of its {device.num_qubits} {'modes' if features.modes else 'qubits'} are needed",
    ]
    needs = [
        word
        for needed, word in (
            (features.dynamic, "mid-circuit measurement"),
            (features.exact, "exact values"),
            (features.expectation, "expectation values"),
            (features.noise_model is not None, f"the noise model `{features.noise_model}`"),
        )
        if needed
    ]
    if needs:
        reasons.append(f"it offers {', '.join(needs)}")
    if features.gradient and "gradient" in device.features:
        reasons.append("it gives exact gradients")
    return reasons + facts(features, device)


def _no_device(features: Features, target: str, admitted: tuple[str, ...], rivals: dict[str, str]) -> EigenError:
    considered = [f"`{device_id}` {rivals[device_id]}" for device_id in admitted]
    message = f"no device of target `{target}` can run the program: {'; '.join(considered) or 'there is none'}"
    details = {"rivals": [{"device_id": name, "reason": reason} for name, reason in sorted(rivals.items())]}
    hint = "the target `auto` takes any device that has modes; `eigen devices` lists what is there"
    return EigenError(
        "EIGEN_ROUTER_NO_DEVICE", message, details=details, where="target", hint=hint if features.modes else ""
    )

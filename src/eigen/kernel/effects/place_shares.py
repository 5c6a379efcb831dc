"""Place a job on the devices that share its shots: each must be able to run it, and it is lowered to each.

One that takes no work now keeps its place: its shots go to the others when their part comes, and the job tells of it.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from eigen._core import canonical_json
from eigen.errors import EigenError
from eigen.jobspec.shares import split_text
from eigen.kernel import reservations
from eigen.kernel.effects.place import RESERVED, store, unbounded, until_free
from eigen.kernel.effects.region import is_shared
from eigen.kernel.events import Placed
from eigen.kernel.failpoints import hit
from eigen.types import DeviceStatus, Tariff

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.ir.program import Program
    from eigen.jobspec import JobSpec
    from eigen.jobspec.shares import Share
    from eigen.kernel.events import Withheld
    from eigen.kernel.lease import Lease
    from eigen.kernel.ports import LoweredCircuit, Ports
    from eigen.types import Device, Json, Placement

POLICY = "split"
ASKS = {
    "expectation": "expectation values",
    "probability": "probabilities",
    "evolve": "time evolutions",
    "modes": "photonic programs",
    "minimize": "minimisations",
}
"""What only one device can be asked for."""


def place_shares(
    ports: Ports, lease: Lease, program: Program, spec: JobSpec, shares: Sequence[Share]
) -> Placed | Withheld:
    """Route to each device and lower to it. Raises EIGEN_ROUTER_NO_DEVICE where one cannot run the program or none
    takes work now, EIGEN_JOBSPEC_INVALID for a program whose shots cannot be shared."""
    _check(program)
    devices = {share.device_id: _device(ports, share.device_id) for share in shares}
    _check_prices(list(devices.values()))
    reserved = reservations.against(ports, lease.job.tenant)
    away = {name: f"is {each.status.value.lower()}" for name, each in devices.items() if _is_away(each)}
    kept = unbounded(list(devices.values()), spec.budget.max_cost)
    held = {name: f"{RESERVED} until {entry.expires_at}" for name, entry in reserved.items()}
    placed: dict[str, Placement] = {}
    for name, device in devices.items():
        if name in away and len(away) < len(devices):
            continue
        if is_shared(ports, device, program):
            message = f"jobs have regions of `{name}`, and a part of a run takes the whole device"
            raise _invalid(message, "name it as the only target")
        try:
            placed[name] = ports.route(program, spec, [device], target=name, withheld=kept | held)
        except EigenError as error:
            if error.code != "EIGEN_ROUTER_NO_DEVICE" or name not in reserved:
                raise
            ports.route(program, spec, [device], target=name, withheld=kept)  # what no waiting can change
            return until_free(ports, reserved, error)
    level = spec.compiler.optimization_level
    level = program.options.optimization_level if level is None else level
    lowered: dict[str, tuple[LoweredCircuit, ...]] = {
        name: tuple(ports.lower(each, devices[name], level=level, options=spec.compiler) for each in program.circuits)
        for name in placed
    }
    hit("place.placed")
    for name, circuits in lowered.items():
        store(ports, lease, program, devices[name], circuits)
    workspace = lease.workspace
    workspace.region = None
    workspace.shared = tuple((device, lowered.get(name, ())) for name, device in devices.items())
    workspace.device, workspace.lowered = devices[next(iter(placed))], lowered[next(iter(placed))]
    return Placed(ports.clock.now(), _said(shares, devices, placed, away))


def _said(
    shares: Sequence[Share],
    devices: Mapping[str, Device],
    placed: Mapping[str, Placement],
    away: Mapping[str, str],
) -> dict[str, Json]:
    """The placement, in the form of that on one device, with `shares`."""
    first = placed[next(iter(placed))]
    told: list[dict[str, Any]] = []
    reasons = [f"its shots are shared by {len(shares)} devices"]
    for share in shares:
        name = share.device_id
        row: dict[str, Any] = {**share.to_json(), "device_digest": devices[name].digest}
        why = away.get(name, "")
        told.append(row | ({"away": why} if why else {"reasons": list(placed[name].reasons)}))
        part = f"{share.weight} of {sum(each.weight for each in shares)} parts"
        reasons.append(f"`{name}` {why}: its shots go to the others" if why else f"`{name}` has {part} of them")
    return {
        "device_id": split_text(shares),
        "device_digest": sha256(canonical_json([device.digest for device in devices.values()])).hexdigest(),
        "policy": POLICY,
        "policy_version": first.policy_version,
        "reasons": reasons,
        "codes": ["TARGET_NAMED", "SHOTS_SHARED"],
        "rivals": [],
        "shares": told,
    }


def _device(ports: Ports, device_id: str) -> Device:
    """A snapshot of it; EIGEN_DEVICE_UNKNOWN for what is no device, such as the name of several."""
    found = next((each for each in ports.devices.devices(device_id) if each.id == device_id), None)
    if found is None:
        hint = "`eigen devices` lists them; a split names each by its id"
        raise EigenError("EIGEN_DEVICE_UNKNOWN", f"there is no device `{device_id}`", where="target", hint=hint)
    return found


def _is_away(device: Device) -> bool:
    return device.status is not DeviceStatus.ONLINE


def _check(program: Program) -> None:
    for node in program.body.walk():
        if node.op in ASKS:
            message = f"the target shares shots, and the program asks for {ASKS[node.op]}: only runs can be shared"
            raise _invalid(message, "name one device, or `auto`")


def _check_prices(devices: Sequence[Device]) -> None:
    """What a budget bounds, and a result tells, is one sum."""
    found = {device.id: tariff for device in devices if (tariff := Tariff.of(device)) is not None and tariff.charges}
    currencies = sorted({tariff.currency for tariff in found.values()})
    if len(currencies) > 1:
        message = f"the devices of the target charge in different currencies: {', '.join(currencies)}"
        raise _invalid(message, "share shots among devices that charge in one")


def _invalid(message: str, hint: str) -> EigenError:
    return EigenError("EIGEN_JOBSPEC_INVALID", message, where="target", hint=hint)

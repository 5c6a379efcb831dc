"""Choose the device of a job and lower its circuits to it; lowered circuits that differ are stored."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.jobspec import JobSpec
from eigen.jobspec.shares import shares_of
from eigen.kernel import reservations
from eigen.kernel.effects.compile import load_program
from eigen.kernel.effects.delivery import given_up
from eigen.kernel.effects.failover import left_behind
from eigen.kernel.effects.region import is_shared, settle
from eigen.kernel.events import Crowded, Placed, Withheld
from eigen.kernel.failpoints import hit
from eigen.types import DeviceStatus, Tariff

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.ir.program import Program
    from eigen.kernel.events import Place
    from eigen.kernel.lease import Lease
    from eigen.kernel.ports import LoweredCircuit, Ports
    from eigen.types import Device, Placement, Reservation

RESERVED = "is reserved"
PASSING = frozenset({"EIGEN_SERVER_UNREACHABLE", "EIGEN_STORE_UNAVAILABLE"})


def place(ports: Ports, lease: Lease, effect: Place) -> Placed | Withheld | Crowded:
    """Route and lower. A run that has evaluations in its journal stays on its device while that is online.

    `Withheld` when only devices that others have reserved would do, `Crowded` when the device has no region free.
    """
    program, spec = load_program(ports, lease), JobSpec.from_json(lease.job.spec)
    target = spec.target or program.target_or(ports.default_target)
    lease.workspace.shared = ()
    try:
        if shares := shares_of(target):
            from eigen.kernel.effects.place_shares import place_shares

            return place_shares(ports, lease, program, spec, shares)
        return _place(ports, lease, effect, program, spec, target=target)
    except EigenError as error:
        if error.code in PASSING:
            raise
        spent = _spent(ports, lease, program, spec, target=target) if error.code == "EIGEN_ROUTER_NO_DEVICE" else None
        raise given_up(ports, lease.job) or spent or error from error


def _place(
    ports: Ports, lease: Lease, effect: Place, program: Program, spec: JobSpec, *, target: str
) -> Placed | Withheld | Crowded:
    devices = ports.devices.devices(target)
    placement = _elsewhere(ports, lease, program, spec, devices, target=target)
    if placement is None:
        target = _resumed_at(lease, devices, effect.prefer) or target
        reserved = reservations.against(ports, lease.job.tenant)
        try:
            placement = _choose(ports, lease, program, spec, devices, target=target, reserved=reserved)
        except EigenError as error:
            if error.code != "EIGEN_ROUTER_NO_DEVICE" or not reserved:
                raise
            # Without the reservations it would run somewhere, or this names what no waiting can change.
            _choose(ports, lease, program, spec, devices, target=target, reserved={})
            return until_free(ports, reserved, error)
    device = next((device for device in devices if device.id == placement.device_id), None)
    if device is None:
        raise EigenError("EIGEN_DEVICE_UNKNOWN", f"there is no device `{placement.device_id}`")
    level = spec.compiler.optimization_level
    level = program.options.optimization_level if level is None else level
    said = placement.to_json()
    if is_shared(ports, device, program):
        found = settle(ports, lease, program, spec, device, level=level)
        if isinstance(found, Crowded):
            return found
        lowered, lease.workspace.region = found.lowered, found.region
        said |= {"reasons": [*said["reasons"], found.reason], "region": found.to_json()}
    else:
        lowered = tuple(ports.lower(each, device, level=level, options=spec.compiler) for each in program.circuits)
        lease.workspace.region = None
    hit("place.placed")
    store(ports, lease, program, device, lowered)
    lease.workspace.device, lease.workspace.lowered = device, lowered
    return Placed(ports.clock.now(), said)


def _elsewhere(
    ports: Ports, lease: Lease, program: Program, spec: JobSpec, devices: Sequence[Device], *, target: str
) -> Placement | None:
    """A device in place of those that failed the job before; None where there is none, or none failed."""
    left = left_behind(ports, lease.job, devices) if lease.job.failures else {}
    if lease.job.device_id not in left:
        return None
    reserved = reservations.against(ports, lease.job.tenant)
    try:
        return _choose(ports, lease, program, spec, devices, target=target, reserved=reserved, left=left)
    except EigenError as error:
        if error.code != "EIGEN_ROUTER_NO_DEVICE":
            raise
        return None


def _resumed_at(lease: Lease, devices: Sequence[Device], prefer: str) -> str | None:
    """The device of an interrupted run, as its target."""
    before = next((device for device in devices if device.id == prefer), None)
    if before is not None and before.status is DeviceStatus.ONLINE and lease.job.evaluations:
        return before.id
    return None


def _choose(
    ports: Ports,
    lease: Lease,
    program: Program,
    spec: JobSpec,
    devices: Sequence[Device],
    *,
    target: str,
    reserved: Mapping[str, Reservation],
    left: Mapping[str, str] | None = None,
) -> Placement:
    withheld = unbounded(devices, spec.budget.max_cost) | dict(left or {})
    withheld |= {name: f"{RESERVED} until {entry.expires_at}" for name, entry in reserved.items()}
    own = lease.job.reservation_id
    wanted = ports.reservations.device_of(own) if own else ""
    if wanted:
        others = (device.id for device in devices if device.id != wanted)
        withheld |= dict.fromkeys(others, f"is not the device of the reservation `{own}`")
    return ports.route(program, spec, devices, target=target, withheld=withheld)


def _spent(ports: Ports, lease: Lease, program: Program, spec: JobSpec, *, target: str) -> EigenError | None:
    """Of a step that found no device: whether the steps before it left no money for one that would do."""
    part, whole = lease.job, ports.jobs.get(lease.job.workflow) if lease.job.workflow else None
    if whole is None or spec.budget.max_cost != 0:
        return None
    workflow = JobSpec.from_json(whole.spec)
    most = workflow.budget.max_cost
    own = workflow.workflow.step(part.step).job.budget.max_cost if workflow.workflow is not None else None
    if not most or own == 0:
        return None
    paid = replace(spec, budget=replace(spec.budget, max_cost=most))
    try:
        placement = _choose(ports, lease, program, paid, ports.devices.devices(target), target=target, reserved={})
    except EigenError:
        return None
    message = f"the steps before have used all of `budget.max_cost` of `{most:g}`, and `{placement.device_id}` charges"
    return EigenError("EIGEN_RUN_BUDGET", message, where="budget")


def unbounded(devices: Sequence[Device], max_cost: float | None) -> dict[str, str]:
    """Why devices may not run a job with a bound on its cost: what they charge cannot be told before it is spent, or
    is more than nothing."""
    found: dict[str, str] = {}
    for device in devices if max_cost is not None else ():
        tariff = Tariff.of(device)
        if max_cost == 0 and (tariff.charges if tariff is not None else "metered" in device.features):
            found[device.id] = "charges for its use, and `budget.max_cost` is 0"
        elif tariff is None and "metered" in device.features:
            found[device.id] = "charges for its use, and no price sheet says how much: `budget.max_cost` cannot be kept"
        elif tariff is not None and tariff.per_second:
            found[device.id] = "charges by the second, which `budget.max_cost` cannot bound"
    return found


def until_free(ports: Ports, reserved: Mapping[str, Reservation], error: EigenError) -> Withheld:
    """Wait for the first of the reservations that stand in the way."""
    refused = {rival["device_id"]: rival["reason"] for rival in error.details.get("rivals", ())}
    blocking = [entry for name, entry in reserved.items() if str(refused.get(name, "")).startswith(RESERVED)]
    return Withheld(
        ports.clock.now(),
        until=reservations.first_end(blocking),
        devices=tuple(entry.device_id for entry in blocking),
        reservations=tuple(entry.reservation_id for entry in blocking),
    )


def store(ports: Ports, lease: Lease, program: Program, device: Device, lowered: Sequence[LoweredCircuit]) -> None:
    """Keep the circuits of a program that became others on the device."""
    files = {
        f"compiled/lowered/{device.digest[:16]}/{index}.aqo.json": low.circuit.to_aqo()
        for index, (circuit, low) in enumerate(zip(program.circuits, lowered, strict=True))
        if low.circuit.digest != circuit.digest
    }
    if files:
        ports.artifacts.put_all(lease.job.job_id, files)

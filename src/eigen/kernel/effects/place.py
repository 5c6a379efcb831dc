"""Choose the device of a job and lower its circuits to it; lowered circuits that differ are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.jobspec import JobSpec
from eigen.kernel.effects.compile import load_program
from eigen.kernel.events import Placed
from eigen.kernel.failpoints import hit
from eigen.types import DeviceStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir.program import Program
    from eigen.kernel.events import Place
    from eigen.kernel.lease import Lease
    from eigen.kernel.ports import LoweredCircuit, Ports
    from eigen.types import Device, Placement


def place(ports: Ports, lease: Lease, effect: Place) -> Placed:
    """Route and lower. A run that has evaluations in its journal stays on its device while that is online."""
    program, spec = load_program(ports, lease), JobSpec.from_json(lease.job.spec)
    target = spec.target or program.options.target or ports.default_target
    devices = ports.devices.devices(target)
    placement = _choose(ports, lease, program, spec, devices, target=target, prefer=effect.prefer)
    device = next((device for device in devices if device.id == placement.device_id), None)
    if device is None:
        raise EigenError("EIGEN_DEVICE_UNKNOWN", f"there is no device `{placement.device_id}`")
    level = spec.compiler.optimization_level
    level = program.options.optimization_level if level is None else level
    lowered = tuple(ports.lower(circuit, device, level=level) for circuit in program.circuits)
    hit("place.placed")
    _store(ports, lease, program, device, lowered)
    lease.workspace.device, lease.workspace.lowered = device, lowered
    return Placed(ports.clock.now(), placement.to_json())


def _choose(
    ports: Ports, lease: Lease, program: Program, spec: JobSpec, devices: Sequence[Device], *, target: str, prefer: str
) -> Placement:
    before = next((device for device in devices if device.id == prefer), None)
    if before is not None and before.status is DeviceStatus.ONLINE and lease.job.evaluations:
        return ports.route(program, spec, devices, target=before.id)
    return ports.route(program, spec, devices, target=target)


def _store(ports: Ports, lease: Lease, program: Program, device: Device, lowered: Sequence[LoweredCircuit]) -> None:
    files = {
        f"compiled/lowered/{device.digest[:16]}/{index}.aqo.json": low.circuit.to_aqo()
        for index, (circuit, low) in enumerate(zip(program.circuits, lowered, strict=True))
        if low.circuit.digest != circuit.digest
    }
    if files:
        ports.artifacts.put_all(lease.job.job_id, files)

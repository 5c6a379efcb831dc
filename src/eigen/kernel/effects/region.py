"""Have qubits of a shared device for a job, lower its circuits to them, and give them back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.kernel.events import Crowded
from eigen.kernel.failpoints import hit
from eigen.kernel.regions import CANDIDATES, Chip, Demand, Settled, candidates, loss, part_of
from eigen.qfs.store import RegionLease, Taking

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from eigen.ir import Circuit
    from eigen.ir.program import Program
    from eigen.jobspec import JobSpec
    from eigen.jobspec.spec import CompilerOptions
    from eigen.kernel.lease import Lease
    from eigen.kernel.ports import Lower, LoweredCircuit, Ports, Sharing
    from eigen.types import Device, Json

PATIENCE = 16
"""So many jobs take qubits of a device before one that waits for some; then it comes first."""

RETRY_SECONDS = 2.0
"""When a job looks again that nobody woke."""

TRIES = 4
"""How often a job looks for a region within one placement, when others take theirs in between."""

UNSHARED = "devices are not shared here"
UNKNOWN = "the calibration does not say how likely its outcomes are right"
"""Why a job has the whole device."""

LARGE = 20_000
"""Operations of circuits that are compiled for one candidate only."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What a job has: `region` is where its circuits are, None for anywhere on the device. With a reason `why` it has
    the whole device.

    `success` and `best` are predictions for it and for the best region of the empty device, where there are any.
    """

    qubits: tuple[int, ...]
    region: tuple[int, ...] | None
    lowered: tuple[LoweredCircuit, ...]
    success: float | None
    best: float | None
    max_loss: float
    others: tuple[RegionLease, ...]
    distance: int | None
    tenant: str
    why: str = ""

    @property
    def loss(self) -> float | None:
        """The part of its success that the job loses here."""
        return None if self.success is None or self.best is None else loss(self.success, self.best)

    @property
    def reason(self) -> str:
        """In words, for the placement."""
        if self.why:
            return f"it has the whole device: {self.why}"
        names = ", ".join(map(str, self.qubits))
        beside = (
            "alone on it" if not self.others else f"beside {len(self.others)} other job" + "s" * (len(self.others) > 1)
        )
        return f"it has qubits {names}, {beside}: loses {100 * (self.loss or 0.0):.2g} % of its predicted success"

    def to_json(self) -> dict[str, Json]:
        """For the placement and the results. Of other tenants' jobs only their number is told."""
        return {
            "qubits": list(self.qubits),
            "whole_device": bool(self.why),
            "success": self.success,
            "best_success": self.best,
            "loss": self.loss,
            "max_loss": self.max_loss,
            "neighbours": len(self.others),
            "neighbour_jobs": [each.job_id for each in self.others if each.tenant == self.tenant],
            "distance": self.distance,
            **({"why": self.why} if self.why else {}),
        }


def is_shared(ports: Ports, device: Device, program: Program) -> bool:
    """Whether a job of this program has qubits of the device, and not just the device."""
    return ports.sharing is not None and "regions" in device.features and bool(program.circuits or program.evolutions)


def settle(
    ports: Ports, lease: Lease, program: Program, spec: JobSpec, device: Device, *, level: int
) -> Settlement | Crowded:
    """Have the best free region, unless it loses more than it may; `Crowded` when there is none such now."""
    assert ports.sharing is not None
    found = _Search(ports, ports.sharing, lease, program, spec, device, level).settled()
    hit("region.taken")
    return found


def give_back(ports: Ports, lease: Lease, device: Device) -> None:
    """Give back the qubits that the job has. Whatever goes wrong, they end with its lease."""
    if ports.sharing is not None and "regions" in device.features:
        with suppress(EigenError):
            ports.sharing.regions.release(lease.job.job_id, lease.job.fence)


def look_again(ports: Ports, device_id: str, seen: Collection[tuple[str, int]]) -> None:
    """Wake who waits if one of the regions that were seen is not had any more."""
    if ports.sharing is None:
        return
    held = {(each.job_id, each.fence) for each in ports.sharing.regions.leases(device_id)}
    if not held.issuperset(seen):
        ports.sharing.regions.wake(device_id)


def lowering(lower: Lower, region: Sequence[int] | None) -> Lower:
    """How circuits are lowered to a region of a device; without one, to the device."""
    if region is None:
        return lower

    def lower_there(
        circuit: Circuit, device: Device, *, level: int, options: CompilerOptions | None = None
    ) -> LoweredCircuit:
        low = lower(circuit, part_of(device, region), level=level, options=options)
        return Settled.of(low, region, device.num_qubits)

    return lower_there


class _Search:
    """One placement of one job on a shared device."""

    def __init__(
        self,
        ports: Ports,
        sharing: Sharing,
        lease: Lease,
        program: Program,
        spec: JobSpec,
        device: Device,
        level: int,
    ) -> None:
        self._ports = ports
        self._sharing = sharing
        self._lease = lease
        self._circuits = program.circuits
        self._spec = spec
        self._device = device
        self._level = level
        self._chip = Chip(device)
        widest = max((evolution.num_qubits for evolution in program.evolutions), default=0)
        self._demand = Demand.of(program.circuits, widest)
        large = sum(map(len, program.circuits)) > LARGE
        self._most = 1 if large else CANDIDATES
        self._max_loss = sharing.max_loss if spec.max_fidelity_loss is None else spec.max_fidelity_loss
        self._before = self._had_before()
        self._known: dict[tuple[int, ...], tuple[tuple[LoweredCircuit, ...], float | None]] = {}

    def settled(self) -> Settlement | Crowded:
        """See `settle`."""
        alone = self._needs_all()
        seen: tuple[RegionLease, ...] = ()
        why = "other jobs took theirs meanwhile"
        for _ in range(TRIES):
            seen = self._others()
            found = self._alone(alone, seen) if alone else self._best(seen)
            if isinstance(found, str):
                why = found
                break
            qubits = range(self._chip.size) if found.why else found.qubits
            taking = self._sharing.regions.take(
                self._lease_of(qubits), self._chip.around(qubits), across_tenants=self._across, patience=PATIENCE
            )
            if taking is Taking.TAKEN:
                return found
            if taking is Taking.BEHIND:
                why = "a job that waits longer comes first"
                break
        job = self._lease.job
        self._sharing.regions.wait(self._device.id, job.job_id)
        now = self._ports.clock.now()
        names = tuple((each.job_id, each.fence) for each in seen)
        return Crowded(now, now + RETRY_SECONDS, self._device.id, why, names)

    @property
    def _across(self) -> bool:
        return self._sharing.tenants == "all"

    def _lease_of(self, qubits: Sequence[int]) -> RegionLease:
        job = self._lease.job
        return RegionLease(self._device.id, job.job_id, job.fence, job.tenant, frozenset(qubits))

    def _others(self) -> tuple[RegionLease, ...]:
        leases = self._sharing.regions.leases(self._device.id)
        return tuple(each for each in leases if each.job_id != self._lease.job.job_id)

    def _needs_all(self) -> str:
        """Why the job needs the whole device; empty when a region will do."""
        if self._spec.compiler.layout is not None:
            return "the job names the places of its qubits"
        if not self._circuits:
            return "nothing is predicted of circuits that are made while it runs"
        return UNSHARED if self._sharing.tenants == "off" else ""

    def _alone(self, why: str, others: tuple[RegionLease, ...]) -> Settlement | str:
        """The whole device; circuits whose places nobody names lie in its best region."""
        if others:
            return f"{why}, and other jobs have qubits of it"
        found = self._best(()) if why == UNSHARED else self._whole(why)
        return replace(found, why=found.why or why) if isinstance(found, Settlement) else found

    def _whole(self, why: str) -> Settlement:
        device, spec = self._device, self._spec
        lowered = tuple(
            self._ports.lower(circuit, device, level=self._level, options=spec.compiler) for circuit in self._circuits
        )
        success = self._success(lowered)
        every = tuple(range(device.num_qubits))
        return Settlement(every, None, lowered, success, success, self._max_loss, (), None, self._lease.job.tenant, why)

    def _best(self, others: tuple[RegionLease, ...]) -> Settlement | str:
        """The best region beside the others, or why there is none."""
        if not self._across and any(each.tenant != self._lease.job.tenant for each in others):
            return "another tenant has qubits of it"
        taken = self._chip.around(qubit for each in others for qubit in each.qubits)
        free = frozenset(range(self._chip.size)) - taken
        if self._before is not None:
            return self._again(self._before, free, others)
        wanted = f"{self._demand.width} connected qubits"
        regions = candidates(self._chip, self._demand, free, self._most)
        if not regions:
            return f"no {wanted} are free beside those of {len(others)} other jobs"
        found = self._most_likely(regions)
        if found is None:
            return self._alone(UNKNOWN, others)
        region, success = found
        best = max(success, self._best_of_all()) if others else success
        if loss(success, best) > self._max_loss:
            lost, most = 100 * loss(success, best), 100 * self._max_loss
            return f"the best {wanted} that are free lose {lost:.2g} % of its predicted success, more than {most:g} %"
        return self._place(region, success, best, others)

    def _again(
        self, region: tuple[int, ...], free: frozenset[int], others: tuple[RegionLease, ...]
    ) -> Settlement | str:
        """The region that the run had before: what it measured there goes on there."""
        if not free.issuperset(region):
            return "the qubits that it had before are another job's"
        success = self._at(region)[1]
        best = None if success is None else max(success, self._best_of_all())
        return self._place(region, success, best, others)

    def _place(
        self, region: tuple[int, ...], success: float | None, best: float | None, others: tuple[RegionLease, ...]
    ) -> Settlement:
        ways = [self._chip.distance(region, each.qubits) for each in others]
        near = min((way for way in ways if way is not None), default=None)
        lowered = self._at(region)[0]
        return Settlement(region, region, lowered, success, best, self._max_loss, others, near, self._lease.job.tenant)

    def _had_before(self) -> tuple[int, ...] | None:
        """The region of this run before it was interrupted, or of the job that it repeats, on the same device."""
        row = self._lease.job
        if not row.evaluations and self._spec.replay_of is not None:
            original = self._ports.jobs.get(self._spec.replay_of)
            row = row if original is None else original
        elif not row.evaluations:
            return None
        placement: Mapping[str, Any] = row.placement or {}
        if placement.get("device_digest") != self._device.digest or "region" not in placement:
            return None
        qubits = tuple(placement["region"]["qubits"])
        return None if len(qubits) == self._chip.size else qubits

    def _best_of_all(self) -> float:
        """The success in the best region of the empty device."""
        found = self._most_likely(candidates(self._chip, self._demand, range(self._chip.size), self._most))
        return 0.0 if found is None else found[1]

    def _most_likely(self, regions: Sequence[tuple[int, ...]]) -> tuple[tuple[int, ...], float] | None:
        """Of some regions that where the circuits succeed most likely; None where that is not known."""
        best: tuple[tuple[int, ...], float] | None = None
        for region in regions:
            success = self._at(region)[1]
            if success is None:
                return None
            if best is None or success > best[1]:
                best = region, success
        return best

    def _at(self, region: tuple[int, ...]) -> tuple[tuple[LoweredCircuit, ...], float | None]:
        """The circuits lowered to a region, and their success."""
        if region not in self._known:
            self._lease.check()
            lower = lowering(self._ports.lower, region)
            lowered = tuple(
                lower(circuit, self._device, level=self._level, options=self._spec.compiler)
                for circuit in self._circuits
            )
            self._known[region] = lowered, self._success(lowered)
        return self._known[region]

    def _success(self, lowered: Sequence[LoweredCircuit]) -> float | None:
        """Of several circuits, that of the least likely one."""
        found = [self._sharing.success(low.circuit, self._chip.calibration) for low in lowered]
        known = [success for success in found if success is not None]
        return min(known) if known and len(known) == len(found) else None

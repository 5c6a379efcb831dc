"""Regions of devices in memory, under the contract of the real ones."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from eigen.qfs.store import WAITING_REGION, RegionLease, Taking

if TYPE_CHECKING:
    from collections.abc import Collection

    from doubles.memory_stores import Memory


class MemoryRegions:
    """See `eigen.qfs.store.RegionStore`."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory

    def leases(self, device_id: str) -> tuple[RegionLease, ...]:
        with self.memory.lock:
            held = (each for each in self.memory.regions.values() if each.device_id == device_id and self._holds(each))
            return tuple(sorted(held, key=lambda each: each.job_id))

    def take(self, wanted: RegionLease, blocked: Collection[int], *, across_tenants: bool, patience: int) -> Taking:
        memory = self.memory
        with memory.lock:
            waits = memory.region_waits.setdefault(wanted.device_id, {})
            for name in [name for name in waits if not self._waits(name)]:
                del waits[name]
            starved = sorted(name for name, passed in waits.items() if passed >= patience)
            if starved and starved[0] != wanted.job_id:
                return Taking.BEHIND
            others = [each for each in self.leases(wanted.device_id) if each.job_id != wanted.job_id]
            foreign = any(each.tenant != wanted.tenant for each in others)
            if (foreign and not across_tenants) or any(each.qubits & frozenset(blocked) for each in others):
                return Taking.CONFLICT
            memory.regions[wanted.job_id] = wanted
            waits.pop(wanted.job_id, None)
            for name in waits:
                waits[name] += 1
            return Taking.TAKEN

    def wait(self, device_id: str, job_id: str) -> None:
        with self.memory.lock:
            self.memory.region_waits.setdefault(device_id, {}).setdefault(job_id, 0)

    def release(self, job_id: str, fence: int) -> None:
        with self.memory.lock:
            held = self.memory.regions.get(job_id)
            if held is not None and held.fence == fence:
                del self.memory.regions[job_id]
                self.wake(held.device_id)

    def wake(self, device_id: str) -> None:
        jobs = self.memory.jobs
        with self.memory.lock:
            for name in sorted(self.memory.region_waits.get(device_id, {})):
                row = jobs.get(name)
                if row is not None and row.stage == WAITING_REGION and not row.sealed:
                    jobs[name] = replace(row, not_before=0.0)

    def _holds(self, lease: RegionLease) -> bool:
        row = self.memory.jobs.get(lease.job_id)
        alive = row is not None and row.owner and row.lease_until > self.memory.monotonic()
        return bool(alive) and row is not None and row.fence == lease.fence

    def _waits(self, job_id: str) -> bool:
        row = self.memory.jobs.get(job_id)
        return row is not None and (row.stage == WAITING_REGION or bool(row.owner))

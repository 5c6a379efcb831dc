"""`SqlRegions`: which qubits of shared devices jobs have, in SQL.

A region holds exactly as long as the job's lease under which it was taken: it needs no end of its own, and a worker
that dies takes its region with it. What holds no more is swept by whoever takes the next region of the device.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, exists, insert, select, update

from eigen.qfs import schema
from eigen.qfs.region_schema import region, region_wait
from eigen.qfs.store import WAITING_REGION, RegionLease, Taking

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Connection

    from eigen.qfs.db import Database

JOB = schema.job.c
WOKEN = 32
"""Of the jobs that wait for a device, so many look again when qubits come free; the others when their time comes."""


class SqlRegions:
    """The regions in the tables `region` and `region_wait`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        held = and_(
            JOB.job_id == region.c.job_id,
            JOB.fence == region.c.fence,
            JOB.owner != "",
            JOB.lease_until > database.lease_now,
        )
        self._holds: ColumnElement[bool] = exists(select(JOB.job_id).where(held))

    def leases(self, device_id: str) -> tuple[RegionLease, ...]:
        """See `RegionStore.leases`."""
        return self._database.read(lambda connection: self._leases(connection, device_id))

    def take(self, wanted: RegionLease, blocked: Collection[int], *, across_tenants: bool, patience: int) -> Taking:
        """See `RegionStore.take`."""

        def body(connection: Connection) -> Taking:
            self._database.alone(connection, f"regions of {wanted.device_id}")
            on_device = region.c.device_id == wanted.device_id
            connection.execute(delete(region).where(on_device, ~self._holds))
            _forget_ended(connection, wanted.device_id)
            others = [each for each in self._leases(connection, wanted.device_id) if each.job_id != wanted.job_id]
            if _is_behind(connection, wanted, patience):
                return Taking.BEHIND
            if not across_tenants and any(each.tenant != wanted.tenant for each in others):
                return Taking.CONFLICT
            if any(not each.qubits.isdisjoint(blocked) for each in others):
                return Taking.CONFLICT
            _keep(connection, wanted)
            return Taking.TAKEN

        return self._database.write(body, flush=False)

    def wait(self, device_id: str, job_id: str) -> None:
        """See `RegionStore.wait`."""

        def body(connection: Connection) -> None:
            self._database.alone(connection, f"regions of {device_id}")
            mine = and_(region_wait.c.device_id == device_id, region_wait.c.job_id == job_id)
            if connection.execute(select(region_wait.c.job_id).where(mine)).first() is None:
                connection.execute(insert(region_wait).values(device_id=device_id, job_id=job_id, passed_over=0))

        self._database.write(body, flush=False)

    def release(self, job_id: str, fence: int) -> None:
        """See `RegionStore.release`."""
        mine = and_(region.c.job_id == job_id, region.c.fence == fence)

        def body(connection: Connection) -> str | None:
            found = connection.execute(select(region.c.device_id).where(mine)).scalar()
            if found is not None:
                connection.execute(delete(region).where(mine))
            return found

        device_id = self._database.write(body, flush=False)
        if device_id is not None:
            self.wake(device_id)

    def wake(self, device_id: str) -> None:
        """See `RegionStore.wake`: in a transaction of its own, after the change. A job that begins to wait looks for
        the change once it is stored, so that one of the two sees the other."""
        first = (
            select(region_wait.c.job_id)
            .where(region_wait.c.device_id == device_id)
            .order_by(region_wait.c.job_id)
            .limit(WOKEN)
        )

        def body(connection: Connection) -> None:
            names = list(connection.execute(first).scalars())
            if names:
                waiting = and_(JOB.job_id.in_(names), JOB.sealed.is_(False), JOB.stage == WAITING_REGION)
                connection.execute(update(schema.job).where(waiting).values(not_before=0.0))

        self._database.write(body, flush=False)

    def _leases(self, connection: Connection, device_id: str) -> tuple[RegionLease, ...]:
        query = select(region).where(region.c.device_id == device_id, self._holds).order_by(region.c.job_id)
        return tuple(
            RegionLease(row.device_id, row.job_id, row.fence, row.tenant, frozenset(json.loads(row.qubits)))
            for row in connection.execute(query)
        )


def _forget_ended(connection: Connection, device_id: str) -> None:
    """Nobody waits for a job that has ended."""
    alive = exists(select(JOB.job_id).where(JOB.job_id == region_wait.c.job_id, JOB.stage == WAITING_REGION))
    there = exists(select(JOB.job_id).where(JOB.job_id == region_wait.c.job_id, JOB.owner != ""))
    connection.execute(delete(region_wait).where(region_wait.c.device_id == device_id, ~alive, ~there))


def _is_behind(connection: Connection, wanted: RegionLease, patience: int) -> bool:
    """Whether an older job was passed over too often."""
    starved = (
        select(region_wait.c.job_id)
        .where(region_wait.c.device_id == wanted.device_id, region_wait.c.passed_over >= patience)
        .order_by(region_wait.c.job_id)
        .limit(1)
    )
    first = connection.execute(starved).scalar()
    return first is not None and first != wanted.job_id


def _keep(connection: Connection, wanted: RegionLease) -> None:
    connection.execute(delete(region).where(region.c.job_id == wanted.job_id))
    connection.execute(
        insert(region).values(
            job_id=wanted.job_id,
            fence=wanted.fence,
            device_id=wanted.device_id,
            tenant=wanted.tenant,
            qubits=json.dumps(sorted(wanted.qubits)),
        )
    )
    here = region_wait.c.device_id == wanted.device_id
    connection.execute(delete(region_wait).where(here, region_wait.c.job_id == wanted.job_id))
    connection.execute(update(region_wait).where(here).values(passed_over=region_wait.c.passed_over + 1))

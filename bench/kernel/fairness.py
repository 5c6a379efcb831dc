"""Fifty tenants, or fifty projects of one, with queues of unequal length, and how alike they are served."""

from __future__ import annotations

import os
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from bench.kernel.houses import no_op
from eigen.kernel import jobs
from eigen.kernel.clock import job_id_from
from eigen.qfs import schema

if TYPE_CHECKING:
    from bench.kernel.houses import Home
    from eigen.kernel.ports import Ports
    from eigen.qfs.db import Database

SHARES = 50


def fairness(home: Home, count: int, *, of: str = "tenants") -> dict[str, Any]:
    """Jain's index of the first `count` claims (Jain, Chiu and Hawe, 1984): 1 when all are served alike, 1/50 when one
    is. The longest queue is five times the shortest, and the shortest has its share of them."""
    with home.open() as (database, ports):
        share = -(-count // SHARES)
        for number in range(SHARES):
            tenant, project = (f"tenant{number:02}", "") if of == "tenants" else ("tenant", f"project{number:02}")
            _queue(ports, tenant, project, share * (1 + number % 5))
        served = Counter(_serve(database, ports, number) for number in range(count))
    index = count**2 / (SHARES * sum(found**2 for found in served.values()))
    return {of: SHARES, "jobs": count, "index": index}


def _queue(ports: Ports, tenant: str, project: str, count: int) -> None:
    spec, _ = no_op()
    for _ in range(count):
        job_id = job_id_from(time.time(), int.from_bytes(os.urandom(10), "big"))
        ports.jobs.insert(*jobs.create(job_id, spec, at=time.time(), entropy=1, tenant=tenant, project=project))


def _serve(database: Database, ports: Ports, number: int) -> tuple[str, str]:
    """Claim the next job and end it; its tenant and project."""
    row = ports.jobs.claim(f"bench-{number}", time.time(), 3600.0)
    assert row is not None
    over = update(schema.job).where(schema.job.c.job_id == row.job_id).values(sealed=True, owner="")
    database.write(lambda connection: connection.execute(over), flush=False)
    return row.tenant, row.project

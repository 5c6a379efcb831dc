"""A kernel on a fresh directory with a fresh database, in this process; its no-op job; its queue, filled at once."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from bench.postgres_server import PostgresServer, programs
from eigen.app import close_files, make_registry, open_ports
from eigen.config import Settings
from eigen.jobspec import JobSpec, ProgramRef
from eigen.kernel import jobs
from eigen.kernel.clock import job_id_from
from eigen.qfs import rows, schema
from eigen.qfs.turns import urgency

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from eigen.kernel.ports import Ports
    from eigen.qfs.db import Database

TENANTS = 1_000
BATCH = 5_000
BEHIND = 1_000_000
"""The turn that the first of the jobs has which only wait."""


@dataclass(frozen=True)
class Home:
    """Where a kernel keeps everything."""

    settings: Settings

    @property
    def environment(self) -> dict[str, str]:
        """The variables that give a process these settings."""
        found = {"EIGEN_QFS_ROOT": self.settings.qfs_root, "EIGEN_DATABASE_URL": self.settings.database_url}
        return {name: value for name, value in found.items() if value}

    @contextmanager
    def open(self) -> Generator[tuple[Database, Ports]]:
        """Everything a kernel of this process needs, as a server has it."""
        database, ports = open_ports(self.settings, make_registry(self.settings), serving=True)
        try:
            yield database, ports
        finally:
            close_files(ports.artifacts)
            database.close()


@contextmanager
def homes() -> Iterator[dict[str, Any]]:
    """By database, a function that makes a new home. PostgreSQL flushes as one in life does; it is left out where no
    server is installed."""
    with ExitStack() as stack:

        def directory() -> str:
            return stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))

        found: dict[str, Any] = {"SQLite": lambda: Home(Settings(qfs_root=directory()))}
        installed = programs()
        if installed is None:
            print("PostgreSQL is left out: there is no server here")
        else:
            server = PostgresServer(installed, shared_buffers="256MB")
            stack.callback(server.stop)
            found["PostgreSQL"] = lambda: Home(Settings(qfs_root=directory(), database_url=server.url()))
        yield found


def no_op() -> tuple[JobSpec, dict[str, bytes]]:
    """A job of one bit that is set and read, one shot, on the device for classical bits."""
    from hashlib import sha256

    from eigen.ir import CircuitBuilder

    builder = CircuitBuilder(1, 1)
    builder.gate("X", [0])
    builder.measure([0], [0])
    source = builder.build().to_aqo()
    program = ProgramRef(sha256=sha256(source).hexdigest(), format="aqo", filename="no-op.aqo.json")
    return JobSpec(name="no-op", program=program, target="null:classical", shots=1, seed=1), {program.artifact: source}


def tenant(number: int) -> str:
    """The tenant of the job of that number: they come in turn."""
    return f"t{number % TENANTS:04}"


def fill(database: Database, count: int, *, now: float, not_before: float = 0.0) -> None:
    """Queue so many jobs of a thousand tenants behind all others, row by row but not commit by commit, and let the
    system write what that left in its memory."""
    spec, _ = no_op()
    for start in range(0, count, BATCH):
        made = [
            jobs.create(job_id_from(now + number * 1e-3, number), spec, at=now, entropy=1, tenant=tenant(number))
            for number in range(start, min(count, start + BATCH))
        ]

        def write(connection: Any, made: list[Any] = made, first: int = BEHIND + start) -> None:
            columns = [
                rows.job_columns(replace(row, not_before=not_before)) | {"turn": turn, "urgency": urgency(row)}
                for turn, (row, _) in enumerate(made, first)
            ]
            connection.execute(insert(schema.job), columns)
            connection.execute(insert(schema.event), [rows.event_columns(event) for _, event in made])

        database.write(write)
    os.sync()


def later() -> float:
    """A moment after every job that is submitted now."""
    return time.time() + 60.0

"""`open_ports`: a data directory opened, with everything that a kernel needs of the outside."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from eigen.app.compilation import keep_compiled, lower_circuit, make_compile, proposers
from eigen.app.database import open_cache, open_database
from eigen.app.files import open_files, open_snapshots, write_ahead
from eigen.app.routing import route_job
from eigen.app.sharing import open_sharing

if TYPE_CHECKING:
    from eigen.config import Settings
    from eigen.drivers.registry import Registry
    from eigen.executors.dispatch import Dispatcher
    from eigen.kernel.ports import Ports
    from eigen.qfs.db import Database


def open_ports(settings: Settings, registry: Registry, *, serving: bool = False) -> tuple[Database, Ports]:
    """The data directory opened, with everything a kernel needs; EIGEN_STORE_UNAVAILABLE. Who is `serving` stores files
    by way of a log, where all processes of the directory are of one host, and has to close it: `close_files`."""
    from eigen.kernel.ports import Ports
    from eigen.kernel.snapshot_policy import SnapshotPolicy
    from eigen.qfs.job_store import SqlJobStore
    from eigen.qfs.ledger import SqlLedger
    from eigen.qfs.quotas import quotas_of
    from eigen.qfs.reservations import SqlReservations
    from eigen.qfs.turns import weights_of

    weights = weights_of(settings.tenant_weights)
    quotas = replace(quotas_of(settings.tenant_quotas), all_queued=settings.max_queued_jobs)
    artifacts, keys = open_files(settings)
    database = open_database(settings)
    if serving and database.one_host:
        write_ahead(artifacts)
    ports = Ports(
        jobs=SqlJobStore(database, weights=weights, quotas=quotas),
        reservations=SqlReservations(database),
        artifacts=artifacts,
        ledger=SqlLedger(database),
        keys=keys,
        compile=make_compile(settings),
        lower=partial(lower_circuit, proposers=proposers(settings)),
        route=route_job,
        devices=registry,
        elsewhere=_elsewhere(settings),
        cache=open_cache(settings, database),
        sharing=open_sharing(settings, database),
        snapshots=open_snapshots(settings),
        snapshot_policy=SnapshotPolicy(settings.snapshot_seconds, settings.snapshot_bytes),
        default_target=settings.default_target,
        default_shots=settings.default_shots,
        default_delivery=settings.default_delivery,
        versions={"eigen": _version()},
    )
    return database, keep_compiled(settings, ports)


def _elsewhere(settings: Settings) -> Dispatcher | None:
    if settings.executor == "off":
        return None
    from eigen.executors.opening import open_dispatcher

    return open_dispatcher(settings)


def _version() -> str:
    from eigen import __version__

    return __version__

"""Every adapter of the Executor port with real workers of its own, for the contract suite."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from doubles import s3
from doubles.dask_cluster import DaskCluster
from doubles.kubernetes_api import CLAIM, NAMESPACE, KubernetesApi
from eigen.config import Settings
from eigen.executors.dask import DaskExecutor
from eigen.executors.kubernetes_client import Cluster
from eigen.executors.kubernetes_jobs import KubernetesExecutor
from eigen.executors.kubernetes_manifest import PodSettings
from eigen.executors.processes import ProcessExecutor
from eigen.executors.spool import Spool, open_spool

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from bench.s3_server import S3Server

    from eigen.executors.executor import Executor


class Rack:
    """An executor under test, and what a test does to it. `threads` are those of its workers' engines."""

    executor: Executor
    spool: Spool
    threads = 1

    @property
    def files(self) -> Path:
        """Where the documents of the spool lie as files."""
        return self.spool.root

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        raise NotImplementedError

    def kill_workers(self) -> None:
        """Kill them all, without warning."""
        for pid in self.workers():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    @contextmanager
    def another(self) -> Generator[Executor]:
        """An executor that knows nothing of this one but where it works."""
        raise NotImplementedError
        yield


class Processes(Rack):
    """Two processes of this host."""

    def __init__(self, folder: Path) -> None:
        self.spool = Spool(folder / "spool")
        self._own = ProcessExecutor(self.spool, workers=2, memory_bytes=2 << 30)
        self.executor = self._own

    def workers(self) -> list[int]:
        return self._own.processes()

    @contextmanager
    def another(self) -> Generator[Executor]:
        executor = ProcessExecutor(Spool(self.spool.root), workers=1)
        try:
            yield executor
        finally:
            executor.close()


@contextmanager
def processes(folder: Path) -> Generator[Rack]:
    """The pool of local processes."""
    rack = Processes(folder)
    try:
        yield rack
    finally:
        rack.executor.close()


class Dask(Rack):
    """A scheduler and two workers on loopback, with TLS on both sides, which find the spool by their settings."""

    def __init__(self, folder: Path, **spool: str) -> None:
        given = spool or {"executor_spool": str(folder / "spool")}
        self.spool = open_spool(Settings(**given))
        self.cluster = DaskCluster(folder, given)
        self.executor = self._client()

    def workers(self) -> list[int]:
        found = self.executor._connected().run(os.getpid)  # type: ignore[attr-defined]
        return list(found.values())

    @contextmanager
    def another(self) -> Generator[Executor]:
        executor = self._client()
        try:
            yield executor
        finally:
            executor.close()

    def _client(self) -> Executor:
        cluster = self.cluster
        return DaskExecutor(self.spool, cluster.address, ca=cluster.ca, cert=cluster.cert, key=cluster.key)


@contextmanager
def dask(folder: Path) -> Generator[Dask]:
    """A Dask cluster."""
    rack = Dask(folder)
    try:
        rack.cluster.start()
        yield rack
    finally:
        rack.executor.close()
        rack.cluster.stop()


class Apart(Dask):
    """The same where nobody shares a file system: the spool is in a bucket."""

    def __init__(self, folder: Path, server: S3Server) -> None:
        given = server.settings()
        self._files = server.buckets / given["artifacts_url"].removeprefix("s3://")
        super().__init__(folder, executor_spool=given.pop("artifacts_url"), **given)

    @property
    def files(self) -> Path:
        return self._files


@contextmanager
def apart(folder: Path) -> Generator[Dask]:
    """A Dask cluster and an object store."""
    server = s3.start()
    try:
        rack = Apart(folder, server)
        try:
            rack.cluster.start()
            yield rack
        finally:
            rack.executor.close()
            rack.cluster.stop()
    finally:
        server.stop()


class Kubernetes(Rack):
    """An API of the test run whose pods are processes, two at a time. Nothing of it is a cluster."""

    def __init__(self, folder: Path, **given: float) -> None:
        self.spool = Spool(folder / "spool")
        self.api = KubernetesApi(folder, self.spool.root)
        self._given = given
        self.executor = self._client()

    def workers(self) -> list[int]:
        return self.api.pids()

    @contextmanager
    def another(self) -> Generator[Executor]:
        executor = self._client()
        try:
            yield executor
        finally:
            executor.close()

    def _client(self) -> Executor:
        pods = PodSettings(NAMESPACE, "eigen-os:test", CLAIM, memory_bytes=2 << 30)
        return KubernetesExecutor(
            Spool(self.spool.root), Cluster(NAMESPACE, config=str(self.api.config)), pods, slots=2, **self._given
        )


@contextmanager
def kubernetes(folder: Path, **given: float) -> Generator[Kubernetes]:
    """A stand-in for a Kubernetes cluster, which must have understood all that it was asked."""
    rack = Kubernetes(folder, **given)
    rack.api.start()
    try:
        yield rack
        assert rack.api.faults == []
    finally:
        rack.executor.close()
        rack.api.stop()


ADAPTERS: dict[str, Callable[[Path], AbstractContextManager[Rack]]] = {
    "processes": processes,
    "dask": dask,
    "dask and s3": apart,
    "kubernetes": kubernetes,
}

"""The composition root: the only file that knows every concrete class. `connect` picks the transport.

Here that is the embedded one: the same kernel in the caller's process, on a data directory.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eigen.client import Client
from eigen.config import Settings, load_settings
from eigen.errors import EigenError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Generator, Mapping, Sequence
    from pathlib import Path

    from eigen.client import Compilation
    from eigen.compiler import Compiled
    from eigen.drivers.registry import Registry
    from eigen.ir.program import Program
    from eigen.jobspec import JobSpec, Submission
    from eigen.kernel.kernel import Kernel
    from eigen.kernel.ports import Ports
    from eigen.kernel.worker import Worker
    from eigen.qfs.db import Database
    from eigen.types import (
        ArtifactInfo,
        Device,
        JobEvent,
        JobResults,
        JobState,
        JobView,
        Json,
        Placement,
    )

DATABASE = "eigen.db"
WATCH_SECONDS = 0.05  # how often a watcher looks for new events


def connect(endpoint: str | None = None, *, data_dir: Path | str | None = None) -> Client:
    """A client: without an endpoint, of the kernel in this process on `data_dir` (default: the settings').

    Raises EIGEN_NOT_AVAILABLE for an endpoint, EIGEN_CONFIG_INVALID, EIGEN_STORE_UNAVAILABLE.
    """
    if endpoint is not None:
        message = f"`{endpoint[:80]}`: this installation has no network transport"
        raise EigenError("EIGEN_NOT_AVAILABLE", message, hint="leave the endpoint out: the kernel runs in this process")
    settings, _ = load_settings({"qfs_root": None if data_dir is None else str(data_dir)})
    return connect_with(settings)


def connect_with(settings: Settings) -> Client:
    """The embedded client of these settings."""
    return Client(EmbeddedTransport(settings))


class EmbeddedTransport:
    """The kernel in this process. Opens the data directory when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.registry = make_registry(settings)
        self._database: Database | None = None
        self._kernel: Kernel | None = None

    @property
    def kernel(self) -> Kernel:
        """The kernel of the data directory."""
        if self._kernel is None:
            from eigen.kernel.kernel import Kernel

            self._database, ports = open_ports(self.settings, self.registry)
            self._kernel = Kernel(ports)
        return self._kernel

    def worker(self) -> Worker:
        """A worker of the data directory."""
        from eigen.kernel.worker import Worker

        return Worker(self.kernel.ports, lease_seconds=self.settings.lease_seconds)

    def submit(self, job: Submission, *, idempotency_key: str | None = None) -> str:
        """See `Transport.submit`."""
        return self.kernel.submit(job.spec, job.files, idempotency_key=idempotency_key)

    def get(self, job_id: str) -> JobView:
        """See `Transport.get`."""
        return self.kernel.get(job_id)

    def results(self, job_id: str) -> JobResults:
        """See `Transport.results`."""
        return self.kernel.results(job_id)

    def wait(self, job_id: str) -> None:
        """Work the job in this thread until it has ended; one that a live worker has is waited for."""
        self.kernel.get(job_id)
        self.worker().run_until(job_id)

    def watch(self, job_id: str, after: int) -> Generator[JobEvent]:
        """See `Transport.watch`. The job is worked in a thread of its own while its events are handed out."""
        import threading

        failures: list[BaseException] = []
        stop, ended = threading.Event(), threading.Event()
        worker = self.worker()

        def work() -> None:
            try:
                worker.run_until(job_id, stop=stop)
            except BaseException as error:
                failures.append(error)
            finally:
                ended.set()

        if self.kernel.get(job_id).state.is_terminal:
            ended.set()
        else:
            threading.Thread(target=work, name=f"work-{job_id}", daemon=True).start()
        try:
            yield from self._events(job_id, after, ended)
        finally:
            stop.set()
            ended.wait()  # not `Thread.join`: one that Ctrl-C interrupts takes the thread for dead (gh-90882)
        if failures:
            raise failures[0]

    def _events(self, job_id: str, after: int, ended: threading.Event) -> Generator[JobEvent]:
        """Events as they appear, until the terminal one, or until nobody works on the job any more."""
        while True:
            working = not ended.is_set()
            for event in self.kernel.events(job_id, after):
                yield event
                after = event.seq
            if not working:
                return
            ended.wait(WATCH_SECONDS)

    def cancel(self, job_id: str) -> JobView:
        """See `Transport.cancel`."""
        self.kernel.cancel(job_id)
        return self.kernel.get(job_id)

    def list(self, *, states: Sequence[JobState], limit: int, before: str | None, name: str | None) -> list[JobView]:
        """See `Transport.list`."""
        return list(self.kernel.list(states=states, limit=limit, before=before, name=name))

    def logs(self, job_id: str) -> Sequence[Mapping[str, Json]]:
        """See `Transport.logs`."""
        return self.kernel.logs(job_id)

    def explain(self, job_id: str) -> Mapping[str, Json]:
        """See `Transport.explain`."""
        return self.kernel.explain(job_id)

    def artifacts(self, job_id: str) -> tuple[ArtifactInfo, ...]:
        """See `Transport.artifacts`."""
        return self.kernel.artifacts(job_id)

    def artifact(self, job_id: str, path: str) -> bytes:
        """See `Transport.artifact`."""
        return self.kernel.artifact(job_id, path)

    def devices(self) -> tuple[Device, ...]:
        """See `Transport.devices`."""
        return self.registry.devices()

    def calibrate(self, device_id: str) -> Mapping[str, Json]:
        """See `Transport.calibrate`."""
        return self.registry.driver_for(device_id).calibrate_device(device_id)

    def compile(self, job: Submission) -> Compilation:
        """See `Transport.compile`."""
        from eigen.jobspec import load_stored

        spec = job.spec
        return make_compile(self.settings)(
            decode_source(job.files[spec.program.artifact], spec.program.filename),
            filename=spec.program.filename,
            format=spec.program.format,
            entrypoint=spec.entrypoint,
            inputs=spec.inputs,
            datasets={ref.name: load_stored(ref.name, job.files[ref.artifact]) for ref in spec.input_refs},
            options=spec.options(),
        )

    def close(self) -> None:
        """Release the database."""
        if self._database is not None:
            self._database.close()
        self._database = self._kernel = None


def open_ports(settings: Settings, registry: Registry) -> tuple[Database, Ports]:
    """The data directory opened, with everything a kernel needs; EIGEN_STORE_UNAVAILABLE."""
    from eigen.kernel.ports import Ports
    from eigen.qfs.artifacts import LocalArtifacts
    from eigen.qfs.db import Database
    from eigen.qfs.job_store import SqlJobStore

    root = settings.data_dir
    database = Database(root / DATABASE)
    ports = Ports(
        jobs=SqlJobStore(database),
        artifacts=LocalArtifacts(root),
        compile=make_compile(settings),
        lower=_lower,
        route=_route,
        devices=registry,
        default_target=settings.default_target,
        default_shots=settings.default_shots,
        versions={"eigen": _version()},
    )
    return database, ports


def make_registry(settings: Settings) -> Registry:
    """The drivers of this installation, each loaded when it is first needed."""
    from eigen.drivers.registry import Registry

    return Registry({"native": {"threads": settings.threads}})


def check_database(settings: Settings) -> list[str]:
    """What the integrity check of the job database complains about; empty when all is well."""
    from eigen.qfs.db import Database

    database = Database(settings.data_dir / DATABASE)
    try:
        return database.check()
    finally:
        database.close()


def memory_limit_bytes() -> int:
    """The most memory this process may use."""
    from eigen.drivers.memory import memory_limit_bytes as measured

    return measured()


def decode_source(source: bytes, filename: str) -> str:
    """Program text from its bytes: strict UTF-8, or EIGEN_LANG_REJECTED."""
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"`{filename}` is not UTF-8 text: byte {error.start} is {error.reason}"
        raise EigenError("EIGEN_LANG_REJECTED", message, where=filename) from error


def make_compile(settings: Settings) -> Callable[..., Compiled]:
    """Compile with the parser in a process of its own, under the limits of the settings."""

    def compile_source(source: str, **request: Any) -> Compiled:
        from eigen.compiler import compile_program
        from eigen.lang.limits import Limits

        limits = Limits(
            source_bytes=settings.limit_source_bytes,
            nesting_depth=settings.limit_nesting_depth,
            syntax_nodes=settings.limit_syntax_nodes,
            steps=settings.limit_steps,
            operations=settings.limit_operations,
            call_depth=settings.limit_call_depth,
        )
        return compile_program(source, limits=limits, **request)

    return compile_source


def _lower(circuit: Any, device: Device, *, level: int) -> Any:
    from eigen.compiler.lower import lower

    return lower(circuit, device, level=level)


def _route(program: Program, spec: JobSpec, devices: Sequence[Device], *, target: str) -> Placement:
    from eigen.router import Features, route

    features = Features.of(program, spec.shots, seed=spec.seed, noise_model=spec.noise_model)
    if spec.min_qubits is not None and spec.min_qubits > features.num_qubits:
        features = replace(features, num_qubits=spec.min_qubits)
    return route(features, devices, target, spec.policy or "balanced")


def _version() -> str:
    from eigen import __version__

    return __version__

"""The composition root: the only file that knows every concrete class. `connect` picks the transport.

The embedded one is here: the same kernel in the caller's process, on a data directory.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from eigen.client.client import Client
from eigen.config import Settings, load_settings
from eigen.errors import EigenError
from eigen.types import OPERATOR

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Generator, Mapping, Sequence
    from pathlib import Path

    from eigen.client.aio import AsyncClient
    from eigen.client.endpoint import Server
    from eigen.client.transport import Compilation
    from eigen.compiler import Compiled
    from eigen.compiler.compiler_pool import CompilerPool
    from eigen.drivers.registry import Registry
    from eigen.estimate import Prices
    from eigen.executors.dispatch import Dispatcher
    from eigen.ir import Circuit
    from eigen.ir.program import Program
    from eigen.ir.targets import Proposer
    from eigen.jobspec import JobSpec, Submission
    from eigen.jobspec.batch import Entry
    from eigen.jobspec.spec import CompilerOptions
    from eigen.kernel.devices import Devices
    from eigen.kernel.kernel import Kernel
    from eigen.kernel.ports import Keys, Ports
    from eigen.kernel.sessions import Sessions
    from eigen.kernel.workbench import Workbench
    from eigen.kernel.worker import Worker
    from eigen.lang.limits import Limits
    from eigen.qfs.db import Database
    from eigen.qfs.s3_bucket import Bucket
    from eigen.qfs.signing_keys import SigningKeys
    from eigen.qfs.store import ArtifactStore, AuditLog, KeyStore, ResultCache
    from eigen.router import Features
    from eigen.types import (
        ArtifactInfo,
        CompiledDocument,
        Device,
        Evaluation,
        JobEvent,
        JobQuery,
        JobResults,
        JobView,
        Json,
        Placement,
        Reservation,
        ResumeLimits,
        Session,
        Verification,
    )

DATABASE = "eigen.db"
SPEEDS = "host_speeds.json"
WATCH_SECONDS = 0.05  # how often a watcher looks for new events


def connect(
    endpoint: str | None = None,
    *,
    data_dir: Path | str | None = None,
    token: str | None = None,
    tls_ca: Path | str | None = None,
    timeout: float | None = None,
) -> Client:
    """A client of the server at `endpoint`, or of the kernel in this process on `data_dir`.

    An endpoint is `grpcs://host:port` with TLS, `grpc://host:port` without, or `host:port`, which means TLS but on
    loopback. The authority is the one in the PEM file `tls_ca`, else the system's. What is not given is taken from the
    settings; an empty endpoint means this process in any case. `timeout` bounds each call to a server, its repetitions
    included, in seconds. Nothing is sent before the first call.

    Raises EIGEN_CONFIG_INVALID, and for the kernel in this process EIGEN_STORE_UNAVAILABLE.
    """
    return connect_with(_settings(endpoint, data_dir, token, tls_ca), timeout=timeout)


def connect_async(
    endpoint: str | None = None,
    *,
    data_dir: Path | str | None = None,
    token: str | None = None,
    tls_ca: Path | str | None = None,
    timeout: float | None = None,
) -> AsyncClient:
    """The same for asyncio; see `connect`. The kernel in this process is asked in threads."""
    from eigen.client.aio import AsyncClient

    settings = _settings(endpoint, data_dir, token, tls_ca)
    _trace(settings)
    if settings.endpoint:
        from eigen.client.grpc_aio import AsyncGrpcTransport

        return AsyncClient(AsyncGrpcTransport(_server(settings, timeout)), LocalJudge(settings))
    from eigen.client.threads import ThreadedTransport

    return AsyncClient(ThreadedTransport(EmbeddedTransport(settings)), LocalJudge(settings))


def connect_with(settings: Settings, *, timeout: float | None = None) -> Client:
    """The client of these settings: of their endpoint, or of the kernel in this process when they name none."""
    _trace(settings)
    if settings.endpoint:
        from eigen.client.grpc_sync import GrpcTransport

        return Client(GrpcTransport(_server(settings, timeout)), LocalJudge(settings))
    return Client(EmbeddedTransport(settings), LocalJudge(settings))


def _trace(settings: Settings) -> None:
    """Send the spans of this process away when the settings name a collector."""
    if settings.otlp_endpoint:
        from eigen.telemetry import start

        start("eigen-client", settings, metrics=False)


def _settings(
    endpoint: str | None, data_dir: Path | str | None, token: str | None, tls_ca: Path | str | None
) -> Settings:
    if endpoint and data_dir is not None:
        message = f"a data directory and the endpoint `{endpoint[:80]}` exclude each other"
        raise EigenError("EIGEN_CONFIG_INVALID", message, hint="the server has its own data directory")
    flags = {
        "endpoint": "" if data_dir is not None else endpoint,
        "token": token,
        "qfs_root": None if data_dir is None else str(data_dir),
        "tls_ca": None if tls_ca is None else str(tls_ca),
    }
    return load_settings(flags)[0]


def _server(settings: Settings, timeout: float | None) -> Server:
    from eigen.client.endpoint import Server

    return Server.of(settings, timeout=timeout)


class EmbeddedTransport:
    """The kernel in this process. Opens the data directory when it is first needed."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.registry = make_registry(settings)
        self._database: Database | None = None
        self._kernel: Kernel | None = None
        self._sessions: Sessions | None = None

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

    def submit(self, job: Submission, *, idempotency_key: str | None = None, reservation_id: str = "") -> str:
        """See `Transport.submit`."""
        return self.kernel.submit(job.spec, job.files, idempotency_key=idempotency_key, reservation_id=reservation_id)

    def submit_all(self, entries: Sequence[Entry], *, idempotency_key: str | None = None) -> tuple[str, ...]:
        """See `Transport.submit_all`."""
        return tuple(view.job_id for view in self.kernel.submit_all(entries, idempotency_key=idempotency_key))

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

    def decide(self, job_id: str, decision: str, *, key: str = "") -> JobView:
        """See `Transport.decide`."""
        self.kernel.decide(job_id, decision, key=key)
        return self.kernel.get(job_id)

    def list(self, query: JobQuery) -> tuple[JobView, ...]:
        """See `Transport.list`."""
        return self.kernel.list(**query.to_arguments())

    def logs(self, job_id: str) -> Sequence[Mapping[str, Json]]:
        """See `Transport.logs`."""
        return self.kernel.logs(job_id)

    def explain(self, job_id: str) -> Mapping[str, Json]:
        """See `Transport.explain`."""
        return self.kernel.explain(job_id)

    def replay(self, job_id: str, *, idempotency_key: str | None = None) -> JobView:
        """See `Transport.replay`."""
        return self.kernel.get(self.kernel.replay(job_id, idempotency_key=idempotency_key))

    def resume(self, job_id: str, limits: ResumeLimits, *, idempotency_key: str | None = None) -> JobView:
        """See `Transport.resume`."""
        return self.kernel.get(self.kernel.resume(job_id, limits, idempotency_key=idempotency_key))

    def verify(self, job_id: str) -> Verification:
        """See `Transport.verify`."""
        return self.kernel.verify(job_id)

    def artifacts(self, job_id: str) -> tuple[ArtifactInfo, ...]:
        """See `Transport.artifacts`."""
        return self.kernel.artifacts(job_id)

    def artifact(self, job_id: str, path: str) -> bytes:
        """See `Transport.artifact`."""
        return self.kernel.artifact(job_id, path)

    def devices(self) -> tuple[Device, ...]:
        """See `Transport.devices`."""
        return self._devices().list(OPERATOR)

    def device(self, device_id: str) -> Device:
        """See `Transport.device`."""
        return self._devices().get(OPERATOR, device_id)

    def calibrate(self, device_id: str) -> Mapping[str, Json]:
        """See `Transport.calibrate`."""
        return self._devices().calibrate(device_id)

    def reserve(self, device_id: str, ttl_seconds: int, purpose: str) -> Reservation:
        """See `Transport.reserve`."""
        return self._devices().reserve(OPERATOR, device_id, ttl_seconds, purpose)

    def release(self, reservation_id: str) -> None:
        """See `Transport.release`."""
        self._devices().release(OPERATOR, reservation_id)

    def compile(self, job: Submission) -> Compilation:
        """See `Transport.compile`."""
        return self._workbench().program(job)

    def optimize(self, circuit: bytes, level: int, target: str) -> CompiledDocument:
        """See `Transport.optimize`."""
        return self._workbench().optimize(circuit, level=level, target=target)

    def open_session(self, job: Submission, parameters: Mapping[str, int]) -> Session:
        """See `Transport.open_session`."""
        return self._held().open(OPERATOR, job, parameters)

    def evaluate(self, session_id: str, values: Mapping[str, Json], *, index: int, gradient: bool) -> Evaluation:
        """See `Transport.evaluate`."""
        return self._held().evaluate(OPERATOR, session_id, values, index=index, gradient=gradient)

    def close_session(self, session_id: str) -> None:
        """See `Transport.close_session`."""
        self._held().close(OPERATOR, session_id)

    def close(self) -> None:
        """Release the database."""
        if self._kernel is not None and self._kernel.ports.elsewhere is not None:
            self._kernel.ports.elsewhere.close()
        if self._database is not None:
            self._database.close()
        self._database = self._kernel = self._sessions = None

    def _devices(self) -> Devices:
        from eigen.kernel.devices import Devices

        return Devices(self.kernel.ports)

    def _held(self) -> Sessions:
        if self._sessions is None:
            from eigen.kernel.sessions import Sessions

            idle, most = self.settings.session_idle_seconds, self.settings.sessions_per_tenant
            self._sessions = Sessions(self.kernel.ports, idle_seconds=idle, per_tenant=most)
        return self._sessions

    def _workbench(self) -> Workbench:
        from eigen.kernel.workbench import Workbench

        return Workbench(self.kernel.ports)


def open_ports(settings: Settings, registry: Registry) -> tuple[Database, Ports]:
    """The data directory opened, with everything a kernel needs; EIGEN_STORE_UNAVAILABLE."""
    from eigen.kernel.ports import Ports
    from eigen.qfs.job_store import SqlJobStore
    from eigen.qfs.ledger import SqlLedger
    from eigen.qfs.quotas import quotas_of
    from eigen.qfs.reservations import SqlReservations
    from eigen.qfs.turns import weights_of

    weights = weights_of(settings.tenant_weights)
    quotas = replace(quotas_of(settings.tenant_quotas), all_queued=settings.max_queued_jobs)
    artifacts, keys = open_files(settings)
    database = open_database(settings)
    ports = Ports(
        jobs=SqlJobStore(database, weights=weights, quotas=quotas),
        reservations=SqlReservations(database),
        artifacts=artifacts,
        ledger=SqlLedger(database),
        keys=keys,
        compile=make_compile(settings),
        lower=partial(_lower, proposers=proposers(settings)),
        route=_route,
        devices=registry,
        elsewhere=_elsewhere(settings),
        cache=open_cache(settings, database),
        default_target=settings.default_target,
        default_shots=settings.default_shots,
        default_delivery=settings.default_delivery,
        versions={"eigen": _version()},
    )
    return database, ports


def open_cache(settings: Settings, database: Database) -> ResultCache | None:
    """The results that are found again; None where there is no room for any."""
    if not settings.result_cache_bytes:
        return None
    from eigen.qfs.result_cache import SqlResultCache

    return SqlResultCache(database, settings.result_cache_bytes)


@contextmanager
def look_into_cache(settings: Settings) -> Generator[ResultCache]:
    """The results in the job database, whether any are kept now or not; EIGEN_STORE_UNAVAILABLE."""
    from eigen.qfs.result_cache import SqlResultCache

    database = open_database(settings)
    try:
        yield SqlResultCache(database, settings.result_cache_bytes)
    finally:
        database.close()


def _elsewhere(settings: Settings) -> Dispatcher | None:
    if settings.executor == "off":
        return None
    from eigen.executors.opening import open_dispatcher

    return open_dispatcher(settings)


def open_files(settings: Settings) -> tuple[ArtifactStore, Keys]:
    """Where the files of jobs lie, in the data directory or in a bucket, and the keys that sign receipts.

    Raises EIGEN_CONFIG_INVALID and EIGEN_NOT_AVAILABLE; whether the bucket answers is seen when it is first used.
    """
    keys = open_signing_keys(settings)
    if not settings.artifacts_url:
        from eigen.qfs.artifacts import LocalArtifacts

        return LocalArtifacts(settings.data_dir), keys
    from eigen.qfs.s3_artifacts import S3Artifacts
    from eigen.qfs.s3_keys import SharedKeys
    from eigen.qfs.s3_log import S3Log

    bucket = open_bucket(settings)
    return S3Artifacts(bucket, S3Log(bucket, settings.data_dir)), SharedKeys(keys, bucket)


def open_bucket(settings: Settings) -> Bucket:
    """The bucket of `artifacts_url`; EIGEN_CONFIG_INVALID, EIGEN_NOT_AVAILABLE without the extra `s3`."""
    from eigen.qfs.s3_address import address_of
    from eigen.qfs.s3_bucket import Bucket

    return Bucket(address_of(settings))


def check_files(settings: Settings) -> str:
    """Where files lie that are kept in a bucket, in a line, after it was seen to be written and read, and to honour
    conditions; EIGEN_CONFIG_INVALID, EIGEN_NOT_AVAILABLE, EIGEN_STORE_UNAVAILABLE."""
    from time import perf_counter

    from eigen.qfs.s3_layout import check_layout, prove

    bucket = open_bucket(settings)
    bucket.retry_seconds = 0.0
    check_layout(bucket)
    prove(bucket)
    started = perf_counter()
    bucket.get("checks/none")
    return f"{bucket.address}: writable, conditions are honoured, answers in {(perf_counter() - started) * 1e3:.1f} ms"


def open_signing_keys(settings: Settings) -> SigningKeys:
    """The keys of the data directory; the one in use is made when it is first asked for."""
    from eigen.qfs.signing_keys import SigningKeys

    return SigningKeys(settings.data_dir)


def make_registry(settings: Settings) -> Registry:
    """The drivers of this installation, each loaded when it is first needed."""
    from eigen.drivers.registry import Registry

    speeds = str(settings.data_dir / SPEEDS)
    native = {"threads": settings.threads, "isa": settings.isa, "speeds": speeds}
    return Registry({"native": native, "qiskit": {"threads": settings.threads}}, described=_Priced(settings))


def open_database(settings: Settings) -> Database:
    """The job database of the settings, brought to the newest schema: a PostgreSQL when they name one, else the file
    in the data directory. Raises EIGEN_CONFIG_INVALID, EIGEN_NOT_AVAILABLE, EIGEN_STORE_UNAVAILABLE."""
    if settings.database_url:
        from eigen.qfs.postgres import PostgresDatabase

        return PostgresDatabase(settings.database_url)
    from eigen.qfs.sqlite import SqliteDatabase

    return SqliteDatabase(settings.data_dir / DATABASE)


def check_database(settings: Settings) -> tuple[str, list[str]]:
    """Which job database it is, in a line, and what its check complains about; nothing when all is well."""
    database = open_database(settings)
    try:
        return database.describe(), database.check()
    finally:
        database.close()


@contextmanager
def open_identity(settings: Settings) -> Generator[tuple[KeyStore, AuditLog]]:
    """The API keys and the audit log of the job database; EIGEN_STORE_UNAVAILABLE."""
    from eigen.qfs.audit import SqlAuditLog
    from eigen.qfs.keys import SqlKeyStore

    database = open_database(settings)
    try:
        yield SqlKeyStore(database), SqlAuditLog(database)
    finally:
        database.close()


def memory_limit_bytes() -> int:
    """The most memory this process may use."""
    from eigen.drivers.memory import memory_limit_bytes as measured

    return measured()


def make_compile(settings: Settings) -> Callable[..., Compiled]:
    """Compile in this process, under the limits of the settings, with the parser in a process of its own. A server
    uses `make_compiler_pool` instead."""

    def compile_source(source: str, *, check: Callable[[], object] | None = None, **request: Any) -> Compiled:
        from eigen.compiler import compile_program

        if check is not None:
            check()  # from here on it cannot be ended; the limits of the language bound it
        return compile_program(source, limits=_limits(settings), **request)

    return compile_source


def make_compiler_pool(settings: Settings, *, spare: int) -> CompilerPool:
    """Compile in processes of their own, under the limits of the settings; `spare` of them wait for work."""
    from eigen.compiler.compiler_pool import CompilerPool

    return CompilerPool(spare, limits=_limits(settings))


def _limits(settings: Settings) -> Limits:
    from eigen.lang.limits import Limits

    return Limits(
        source_bytes=settings.limit_source_bytes,
        nesting_depth=settings.limit_nesting_depth,
        syntax_nodes=settings.limit_syntax_nodes,
        steps=settings.limit_steps,
        operations=settings.limit_operations,
        call_depth=settings.limit_call_depth,
    )


def _lower(
    circuit: Any,
    device: Device,
    *,
    level: int,
    options: CompilerOptions | None = None,
    proposers: Sequence[Proposer] = (),
) -> Any:
    from eigen.compiler.lower import lower

    return lower(circuit, device, level=level, options=options, proposers=proposers)


def proposers(settings: Settings) -> tuple[Proposer, ...]:
    """What may offer compilations something: the knowledge base of the data directory, where it has room."""
    if not settings.knowledge_bytes:
        return ()
    from eigen.ir.targets.knowledge import KnowledgeBase
    from eigen.qfs.shelf import FileShelf

    return (KnowledgeBase(FileShelf(settings.data_dir / "knowledge", settings.knowledge_bytes)),)


def read_prices(settings: Settings) -> Prices:
    """The price sheets of the data directory, `prices/*.toml`; EIGEN_CONFIG_INVALID, EIGEN_FILE_UNREADABLE."""
    folder = settings.data_dir / "prices"
    if not folder.is_dir():
        return {}
    from eigen.estimate.sheet import MAX_SHEET_BYTES, joined, read_sheet
    from eigen.jobspec.files import read_limited

    paths = sorted(folder.glob("*.toml"))
    return joined((str(p), read_sheet(read_limited(p, MAX_SHEET_BYTES, "price sheet"), str(p))) for p in paths)


def verify_folder(folder: Path, public_keys: Sequence[str], settings: Settings) -> Verification:
    """Check a job that `Client.export` wrote, wherever it was made. `public_keys` (base64) are those that one trusts.

    EIGEN_FILE_UNREADABLE, EIGEN_LIMIT_EXCEEDED, EIGEN_QFS_NOT_FOUND and EIGEN_QFS_DATA_LOSS for what is no such folder;
    EIGEN_USAGE for what is no key.
    """
    from eigen.client.folder import read
    from eigen.kernel.verification import verify
    from eigen.kernel.verification.folder import evidence_in
    from eigen.qfs.signing_keys import NoKeys, key_id_of

    try:
        known = {key_id_of(key): key for key in public_keys}
    except ValueError as error:
        raise EigenError("EIGEN_USAGE", f"that is no public key in base64: {error}") from error
    return verify(evidence_in(read(folder), NoKeys(known), default_shots=settings.default_shots))


class _Priced:
    """Devices with what the sheets of the data directory say that they charge; read when a device is first seen."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._prices: Prices | None = None

    def __call__(self, device: Device) -> Device:
        if self._prices is None:
            self._prices = read_prices(self._settings)
        if not self._prices:
            return device
        from eigen.estimate.sheet import priced

        return priced(device, self._prices)


class LocalJudge:
    """The compiler and the router of this process, for estimates: `eigen.client.estimating.Judge`."""

    def __init__(self, settings: Settings) -> None:
        self.default_target = settings.default_target
        self.default_shots = settings.default_shots
        self._settings = settings

    def lower(self, circuit: Circuit, device: Device, spec: JobSpec, program: Program) -> Any:
        """The circuit in the device's terms, at the job's level and with its compiler options."""
        level = spec.compiler.optimization_level
        level = program.options.optimization_level if level is None else level
        return _lower(circuit, device, level=level, options=spec.compiler, proposers=proposers(self._settings))

    def refusals(self, program: Program, spec: JobSpec, devices: Sequence[Device], target: str) -> Mapping[str, str]:
        """Why devices that the target admits cannot run the program."""
        from eigen.router import refusals

        known = refusals(_features(program, spec), devices, target, spec.policy or "balanced")
        return {**self._unbounded(spec, devices), **known}

    def admitted(self, devices: Sequence[Device], target: str) -> tuple[str, ...]:
        """The devices that a target can mean."""
        from eigen.router import resolve

        return resolve(target, devices).device_ids

    def choose(self, program: Program, spec: JobSpec, devices: Sequence[Device], target: str) -> str:
        """The device that a job of this target gets."""
        return _route(program, spec, devices, target=target, withheld=self._unbounded(spec, devices)).device_id

    def _unbounded(self, spec: JobSpec, devices: Sequence[Device]) -> Mapping[str, str]:
        """The devices on which a limit of the cost could not be kept, which run no job that has one."""
        from eigen.kernel.effects.place import unbounded

        return unbounded(devices, spec.budget.max_cost)

    def prices(self) -> Prices:
        """The price sheets of the data directory."""
        return read_prices(self._settings)


def _route(
    program: Program, spec: JobSpec, devices: Sequence[Device], *, target: str, withheld: Mapping[str, str]
) -> Placement:
    from eigen.router import route

    return route(_features(program, spec), devices, target, spec.policy or "balanced", withheld=withheld)


def _features(program: Program, spec: JobSpec) -> Features:
    """What the job asks of a device."""
    from eigen.router import Features

    features = Features.of(
        program, spec.shots, seed=spec.seed, noise_model=spec.noise_model, device_options=spec.device_options
    )
    if spec.min_qubits is not None and spec.min_qubits > features.num_qubits:
        return replace(features, num_qubits=spec.min_qubits)
    return features


def _version() -> str:
    from eigen import __version__

    return __version__

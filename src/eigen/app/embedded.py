"""`EmbeddedTransport`: the same kernel in the caller's process, on a data directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.app.devices import make_registry
from eigen.app.ports import open_ports
from eigen.types import OPERATOR

if TYPE_CHECKING:
    import threading
    from collections.abc import Generator, Mapping, Sequence

    from eigen.client.transport import Compilation
    from eigen.config import Settings
    from eigen.estimate import Estimate
    from eigen.jobspec import Submission
    from eigen.jobspec.batch import Entry
    from eigen.kernel.devices import Devices
    from eigen.kernel.kernel import Kernel
    from eigen.kernel.sessions import Sessions
    from eigen.kernel.workbench import Workbench
    from eigen.kernel.worker import Worker
    from eigen.qfs.db import Database
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
        Reservation,
        ResumeLimits,
        Session,
        Verification,
    )

WATCH_SECONDS = 0.05  # how often a watcher looks for new events


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
        return self.kernel.replayed(job_id, idempotency_key=idempotency_key)

    def resume(self, job_id: str, limits: ResumeLimits, *, idempotency_key: str | None = None) -> JobView:
        """See `Transport.resume`."""
        return self.kernel.resumed(job_id, limits, idempotency_key=idempotency_key)

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

    def estimate(self, job: Submission, targets: Sequence[str]) -> Estimate:
        """See `Transport.estimate`."""
        from eigen.app.judge import LocalJudge
        from eigen.client.estimating import estimated

        return estimated(LocalJudge(self.settings), self.compile(job), job.spec, self.devices(), targets=targets)

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
        """Release the database, and end what was started."""
        if self._kernel is not None and self._kernel.ports.elsewhere is not None:
            self._kernel.ports.elsewhere.close()
        if self._database is not None:
            self._database.close()
        self.registry.close()
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

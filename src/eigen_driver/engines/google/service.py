"""Google's Quantum Engine through `cirq_google`: each processor that a project may use is a device `google:NAME`.

    project_id = "my-project"
    credentials_file = "/path/to/service-account.json"

The names of a program and its job are made of the key of the work, and the service has each name once: work that comes
again, from whichever process, is the job that there is. `endpoint` is another address of the service; with `plaintext`
one on this machine, spoken to without TLS and credentials.
"""

# Cirq is loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingImports=false, reportUnknownLambdaType=false

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from eigen_driver import AwayError, Counts, Fetched, RefusedError, RemoteEngine, Sample
from eigen_driver.engines.google.circuits import read, written
from eigen_driver.engines.google.processors import Processor, processor
from eigen_driver.remote import read_settings, token_of

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from eigen_driver import Device
    from eigen_driver.asks import Answer, Ask

SETTINGS: dict[str, type] = {"project_id": str, "credentials_file": str, "endpoint": str, "plaintext": bool}
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\]):\d{1,5}")
FRESH_SECONDS = 30.0
"""How long processors and their calibrations are believed."""
RETRY_SECONDS = 4
"""How long the client itself tries again when the service is overloaded."""
CONFLICT, NOT_FOUND = 409, 404
LASTING = {
    400: "EIGEN_SIM_UNSUPPORTED",
    401: "EIGEN_NOT_AVAILABLE",
    403: "EIGEN_NOT_AVAILABLE",
    404: "EIGEN_DEVICE_UNKNOWN",
}
"""Refusals that trying again does not change, by the status of HTTP that the client tells."""
PARTS, WIDTH = "eigen-parts", "eigen-bits"
"""Labels of a job: how many jobs were submitted under its key, and how many classical bits its circuit has."""
STATES = {
    "READY": "QUEUED",
    "RUNNING": "RUNNING",
    "CANCELLING": "RUNNING",
    "CANCELLED": "CANCELLED",
    "SUCCESS": "DONE",
    "FAILURE": "FAILED",
}
ORDER = ("UNKNOWN", "FAILED", "CANCELLED", "RUNNING", "QUEUED", "DONE")
"""What several jobs come to: the first of these that any of them is in."""
PRECISION = "hardware"
NAMES = ("run_name", "snapshot_id", "device_config_name")


class GoogleEngine(RemoteEngine):
    """See the module. Options: `priority`, 0 to 999; `device_config_name` with `run_name` or `snapshot_id`, which
    configuration of the machine is used instead of its default one; `rehearsal`."""

    name = "google"
    options = frozenset({"priority", "rehearsal", *NAMES})

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Make the client; nobody is asked yet."""
        found = read_settings(self, config, SETTINGS, needed=("project_id",))
        self.version = version("cirq-google")
        self._project = found["project_id"]
        self._client = _client(found)
        self._processors: dict[str, Processor] = {}
        self._looked = float("-inf")

    def devices(self) -> Sequence[Device]:
        """The processors that the project may use."""
        if time.monotonic() - self._looked > FRESH_SECONDS:
            with _asked():
                told = self._client.list_processors(self._project)
                found = [processor(each, self._calibration(each), self.version) for each in told]
            self._processors = {each.device.id: each for each in found if each is not None}
            self._looked = time.monotonic()
        return tuple(each.device for each in self._processors.values())

    def calibrate(self, device_id: str) -> Mapping[str, Any]:
        """The newest calibration that the service has."""
        self._looked = float("-inf")
        self.devices()
        properties = self._processors[device_id].device.properties
        return {name: properties[name] for name in ("calibration", "calibrated_at") if name in properties}

    def submit(self, device: Device, key: str, asks: Sequence[Ask]) -> dict[str, Any]:
        """A program and a job for each question that measures anything; of others the answer is known."""
        machine = self._processors[device.id]
        todo = [_prepared(machine, ask) for ask in asks]
        options = [_chosen(machine, ask) for ask in asks]
        jobs: list[Any] = []
        for part, ((ask, circuit), chosen) in enumerate(zip(todo, options, strict=True)):
            if not ask.circuit.measures:
                jobs.append({"zeros": ask.shots, "bits": ask.circuit.num_clbits})
                continue
            labels = {PARTS: str(len(asks)), WIDTH: str(ask.circuit.num_clbits)}
            jobs.append(_named(key, part))
            self._create(machine, jobs[-1], circuit, ask.shots, labels, chosen)
        return {"project": self._project, "jobs": jobs}

    def poll(self, handle: dict[str, Any]) -> str:
        """The state of all of its jobs."""
        states = {_state(job) for _, job in self._jobs(handle)} | {"DONE"}
        return next(state for state in ORDER if state in states)

    def fetch(self, handle: dict[str, Any]) -> Fetched:
        """The counts of each job."""
        from cirq_google.api import v2

        answers: list[Counts] = []
        seconds = 0.0
        jobs = iter(self._jobs(handle))
        for row in handle["jobs"]:
            if isinstance(row, dict):
                answers.append(Counts({0: row["zeros"]}, {"precision": PRECISION}, row["bits"]))
                continue
            name, job = next(jobs)
            if _state(job) != "DONE":
                raise RefusedError("EIGEN_DEVICE_FAILED", _words(job))
            with _asked():
                told = self._client.get_job_results(handle["project"], name, name)
            result = v2.result_pb2.Result.FromString(told.result.value)
            ((found,),) = v2.results_from_proto(result)
            on = job.execution_status.processor_name.rsplit("/", 1)[-1]
            metadata = {"job": name, "processor": on, "precision": PRECISION}
            answers.append(Counts(read(found.measurements), metadata, int(job.labels[WIDTH])))
            seconds += _seconds(job)
        return Fetched(answers, seconds)

    def cancel(self, handle: dict[str, Any]) -> bool:
        """Ask to stop the jobs that have not ended."""
        asked = False
        for name, job in self._jobs(handle):
            if _state(job) in {"QUEUED", "RUNNING"}:
                with _asked():
                    self._client.cancel_job(handle["project"], name, name)
                asked = True
        return asked

    def adopt(self, key: str) -> dict[str, Any] | None:
        """The jobs of a key, where all of them are there."""
        first = self._job(self._project, _named(key, 0))
        if first is None:
            return None
        handle = {"project": self._project, "jobs": [_named(key, part) for part in range(int(first.labels[PARTS]))]}
        return handle if all(job is not None for _, job in self._jobs(handle)) else None

    def rehearse(self, device: Device, asks: Sequence[Ask]) -> list[Answer]:
        """The same circuits on Cirq's simulator, and their results read in the same way."""
        import cirq
        import numpy as np

        answers: list[Answer] = []
        told = {"method": "rehearsal", "precision": "f64"}
        for ask, circuit in (_prepared(self._processors[device.id], each) for each in asks):
            if not ask.circuit.measures:
                answers.append(Counts({0: ask.shots}, told, ask.circuit.num_clbits))
                continue
            simulator = cirq.Simulator(dtype=np.complex128, seed=ask.seed % (1 << 32))
            found = simulator.run(circuit, repetitions=ask.shots)
            answers.append(Counts(read(found.measurements), told, ask.circuit.num_clbits))
        return answers

    def _create(
        self, machine: Processor, name: str, circuit: Any, shots: int, labels: dict[str, str], chosen: dict[str, Any]
    ) -> None:
        """A program and its job, unless they are there."""
        from cirq_google import CIRCUIT_SERIALIZER
        from cirq_google.api import v2
        from cirq_google.engine.util import pack_any

        code = pack_any(CIRCUIT_SERIALIZER.serialize(circuit))
        context = pack_any(v2.run_context_to_proto(None, shots))
        processor_id = machine.device.id.partition(":")[2]
        with _asked(there=True):
            self._client.create_program(self._project, name, code)
        with _asked(there=True):
            self._client.create_job(self._project, name, name, processor_id, context, labels=labels, **chosen)

    def _calibration(self, told: Any) -> Any:
        from cirq_google import Calibration
        from cirq_google.api import v2

        found = self._client.get_current_calibration(self._project, told.name.rsplit("/", 1)[-1])
        return None if found is None else Calibration(v2.metrics_pb2.MetricsSnapshot.FromString(found.data.value))

    def _jobs(self, handle: dict[str, Any]) -> list[tuple[str, Any]]:
        """The jobs that were submitted, by name."""
        names = [row for row in handle["jobs"] if isinstance(row, str)]
        return [(name, self._job(handle["project"], name)) for name in names]

    def _job(self, project: str, name: str) -> Any:
        """A job as the service tells it; None where there is none."""
        from cirq_google.engine.engine_client import EngineException

        with _asked():
            try:
                return self._client.get_job(project, name, name, False)
            except EngineException as error:
                if error.code != NOT_FOUND:
                    raise
                return None


@contextmanager
def _asked(*, there: bool = False) -> Generator[None]:
    """Around a call of the service: what it refuses for good, and what may work later. `there` means that a name that
    is taken was taken by an earlier try."""
    from cirq_google.engine.engine_client import EngineException
    from google.auth.exceptions import GoogleAuthError

    try:
        yield
    except EngineException as error:
        if there and error.code == CONFLICT:
            return
        message = f"the service says: {error}"[:1000]
        if error.code in LASTING:
            raise RefusedError(LASTING[error.code], message) from None
        raise AwayError(message) from None
    except GoogleAuthError as error:
        message = f"the service does not take these credentials: {type(error).__name__}"
        raise RefusedError("EIGEN_NOT_AVAILABLE", message, where="credentials_file") from None
    except (TimeoutError, ConnectionError) as error:
        raise AwayError(f"the service does not answer: {error}"[:1000]) from None


def _client(found: Mapping[str, Any]) -> Any:
    """The client of the service, with the credentials of the settings and no others."""
    from cirq_google.engine.engine_client import EngineClient

    endpoint = found.get("endpoint", "")
    if found.get("plaintext"):
        if not LOOPBACK.fullmatch(endpoint):
            message = "`plaintext` is for an `endpoint` on this machine, `127.0.0.1:PORT`"
            raise RefusedError("EIGEN_CONFIG_INVALID", message, where="endpoint")
        arguments: dict[str, Any] = {"transport": _plain(endpoint)}
    else:
        arguments = {"credentials": _credentials(found.get("credentials_file", ""))}
        if endpoint:
            arguments["client_options"] = {"api_endpoint": endpoint}
    return EngineClient(service_args=arguments, verbose=False, max_retry_delay_seconds=RETRY_SECONDS)


def _plain(endpoint: str) -> Any:
    """What makes a transport to an address without TLS; the channel belongs to the event loop that makes it."""

    def transport(**_: Any) -> Any:
        import grpc
        from cirq_google.cloud.quantum_v1alpha1.services.quantum_engine_service.transports.grpc_asyncio import (
            QuantumEngineServiceGrpcAsyncIOTransport,
        )

        return QuantumEngineServiceGrpcAsyncIOTransport(channel=grpc.aio.insecure_channel(endpoint))

    return transport


def _credentials(path: str) -> Any:
    """Those of a service account; what is wrong with the file is told without what is in it."""
    if not path:
        message = "driver `google` needs the setting `credentials_file`"
        raise RefusedError(
            "EIGEN_NOT_AVAILABLE", message, where="credentials_file", hint="the key of a service account"
        )
    from google.oauth2 import service_account

    try:
        return service_account.Credentials.from_service_account_file(path, scopes=[SCOPE])
    except (OSError, ValueError) as error:
        message = f"`credentials_file` is no key of a service account: {type(error).__name__}"
        raise RefusedError("EIGEN_CONFIG_INVALID", message, where="credentials_file") from None


def _prepared(machine: Processor, ask: Ask) -> tuple[Sample, Any]:
    """A question, which must be one for counts, and its circuit in the machine's gates."""
    if not isinstance(ask, Sample):
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", f"`{machine.device.id}` only samples")
    return ask, written(ask.circuit, ask.circuit.bound(ask.values), machine.qubits, machine.native)


def _chosen(machine: Processor, ask: Ask) -> dict[str, Any]:
    """The priority of a job, and the machine's configuration that it is run with."""
    priority = ask.options.get("priority", 0)
    if isinstance(priority, bool) or not isinstance(priority, int) or not 0 <= priority <= 999:
        raise RefusedError("EIGEN_DEVICE_OPTION", "option `priority` is 0 to 999", where="priority")
    given = {name: ask.options[name] for name in NAMES if name in ask.options}
    for name, value in given.items():
        if not isinstance(value, str) or not value:
            raise RefusedError("EIGEN_DEVICE_OPTION", f"option `{name}` is a name", where=name)
    if given and ("device_config_name" not in given or len(given) != 2):
        message = "option `device_config_name` goes with one of `run_name` and `snapshot_id`, and neither without it"
        raise RefusedError("EIGEN_DEVICE_OPTION", message, where=next(iter(given)))
    if not given and machine.run and machine.config:
        given = {"run_name": machine.run, "device_config_name": machine.config}
    return {**given, **({"priority": priority} if priority else {})}


def _named(key: str, part: int) -> str:
    """The name of a program and of its only job."""
    return f"eigen-{token_of(key, part)[:40]}"


def _state(job: Any) -> str:
    """The state of a job, as remote work has it."""
    return "UNKNOWN" if job is None else STATES.get(job.execution_status.state.name, "QUEUED")


def _words(job: Any) -> str:
    if job is None:
        return "the service has no such job (any more)"
    failure = job.execution_status.failure
    return f"the job ended as {job.execution_status.state.name}: {failure.error_code.name}: {failure.error_message}"[
        :1000
    ]


def _seconds(job: Any) -> float:
    """How long the machine was busy, where the service tells it."""
    timing = job.execution_status.timing
    if not timing or not timing.started_time or not timing.completed_time:
        return 0.0
    return max(0.0, (timing.completed_time - timing.started_time).total_seconds())

"""Google's QuantumEngineService on loopback, with the machines whose specifications and calibrations come with
`cirq_google`: programs are read by its own reader, held against the machine, and run by Cirq's simulator.

A name is taken once. Its ledger are the jobs: what each of them would cost. `held` jobs wait; of those that are in
`lost`, the answer to their creation never arrives.
"""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import grpc

if TYPE_CHECKING:
    from collections.abc import Generator

SERVICE = "google.cloud.quantum.v1alpha1.QuantumEngineService"
PROJECT = "a-project"
CHIPS = ("willow_pink", "weber")
RUN, CONFIG = "a-run", "a-config"
BUSY_SECONDS = 3.0
START = datetime(2026, 1, 2, tzinfo=UTC)


class SaidNoError(Exception):
    """A status, and words."""

    def __init__(self, status: Any, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass
class QuantumEngine:
    """The service's mind. `calls` counts its methods."""

    held: bool = False
    lost: int = 0
    down: bool = False
    programs: dict[str, Any] = field(default_factory=dict[str, Any])
    jobs: dict[str, Any] = field(default_factory=dict[str, Any])
    results: dict[str, Any] = field(default_factory=dict[str, Any])
    calls: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        from cirq_google.engine import virtual_engine_factory as factory

        self._specifications = {chip: factory.create_device_spec_from_processor_id(chip) for chip in CHIPS}
        self._calibrations = {chip: factory.load_median_device_calibration(chip) for chip in CHIPS}

    def list_quantum_processors(self, asked: Any) -> Any:
        from cirq_google.cloud import quantum

        self._mine(asked.parent)
        return quantum.ListQuantumProcessorsResponse(processors=[self._processor(chip) for chip in CHIPS])

    def get_quantum_calibration(self, asked: Any) -> Any:
        from cirq_google.cloud import quantum
        from cirq_google.engine.util import pack_any

        chip = asked.name.split("/")[3]
        if chip == CHIPS[1]:
            raise SaidNoError(grpc.StatusCode.NOT_FOUND, "no calibration")
        found = self._calibrations[chip].to_proto()
        found.timestamp_ms = self._calibrations[chip].timestamp
        return quantum.QuantumCalibration(name=asked.name, data=pack_any(found))

    def create_quantum_program(self, asked: Any) -> Any:
        self._mine(asked.parent)
        return self._new(self.programs, asked.quantum_program)

    def create_quantum_job(self, asked: Any) -> Any:
        job = asked.quantum_job
        if asked.parent not in self.programs:
            raise SaidNoError(grpc.StatusCode.NOT_FOUND, "no such program")
        self._new(self.jobs, job)
        self._run(asked.parent, job)
        if self.lost:
            self.lost -= 1
            raise SaidNoError(grpc.StatusCode.UNAVAILABLE, "the answer is lost")
        return job

    def get_quantum_job(self, asked: Any) -> Any:
        return self._known(self.jobs, asked.name)

    def get_quantum_result(self, asked: Any) -> Any:
        from cirq_google.cloud import quantum

        return quantum.QuantumResult(parent=asked.parent, result=self._known(self.results, asked.parent))

    def cancel_quantum_job(self, asked: Any) -> Any:
        from cirq_google.cloud import quantum
        from google.protobuf import empty_pb2

        job = self._known(self.jobs, asked.name)
        if job.execution_status.state == quantum.ExecutionStatus.State.READY:
            job.execution_status.state = quantum.ExecutionStatus.State.CANCELLED
        return empty_pb2.Empty()

    def _run(self, program: str, job: Any) -> None:
        from cirq_google.cloud import quantum

        states = quantum.ExecutionStatus.State
        processor = job.scheduling_config.processor_selector.processor
        job.execution_status = quantum.ExecutionStatus(state=states.READY, processor_name=processor)
        if self.held:
            return
        try:
            self.results[job.name] = self._simulated(processor.split("/")[3], self.programs[program].code, job)
        except ValueError as error:
            codes = quantum.ExecutionStatus.Failure.Code
            failure = quantum.ExecutionStatus.Failure(error_code=codes.INVALID_PROGRAM, error_message=str(error))
            job.execution_status.state, job.execution_status.failure = states.FAILURE, failure
            return
        end = START + timedelta(seconds=BUSY_SECONDS)
        job.execution_status.timing = quantum.ExecutionStatus.Timing(started_time=START, completed_time=end)
        job.execution_status.state = states.SUCCESS

    def _simulated(self, chip: str, code: Any, job: Any) -> Any:
        import cirq
        import cirq_google
        from cirq_google.api import v2
        from cirq_google.engine.util import pack_any, unpack_any

        context = unpack_any(job.run_context, v2.run_context_pb2.RunContext())
        circuit = cirq_google.CIRCUIT_SERIALIZER.deserialize(unpack_any(code, v2.program_pb2.Program()))
        cirq_google.GridDevice.from_proto(self._specifications[chip]).validate_circuit(circuit)
        shots = context.parameter_sweeps[0].repetitions
        found = cirq.Simulator(seed=len(self.jobs)).run(circuit, repetitions=shots)
        return pack_any(v2.results_to_proto([[found]], v2.find_measurements(circuit)))

    def _processor(self, chip: str) -> Any:
        from cirq_google.cloud import quantum
        from cirq_google.engine.util import pack_any

        return quantum.QuantumProcessor(
            name=f"projects/{PROJECT}/processors/{chip}",
            health=quantum.QuantumProcessor.Health.OK if chip == CHIPS[0] else quantum.QuantumProcessor.Health.DOWN,
            device_spec=pack_any(self._specifications[chip]),
            activity_stats=quantum.QuantumProcessor.ActivityStats(active_jobs_count=3),
            default_device_config_key=quantum.DeviceConfigKey(run=RUN, config_alias=CONFIG),
        )

    def _mine(self, parent: str) -> None:
        if parent != f"projects/{PROJECT}":
            raise SaidNoError(grpc.StatusCode.PERMISSION_DENIED, "this project is not yours")

    def _new(self, rows: dict[str, Any], row: Any) -> Any:
        if row.name in rows:
            raise SaidNoError(grpc.StatusCode.ALREADY_EXISTS, f"{row.name} is there")
        rows[row.name] = row
        return row

    def _known(self, rows: dict[str, Any], name: str) -> Any:
        if name not in rows:
            raise SaidNoError(grpc.StatusCode.NOT_FOUND, f"there is no {name}")
        return rows[name]


METHODS = {
    "ListQuantumProcessors": "list_quantum_processors",
    "GetQuantumCalibration": "get_quantum_calibration",
    "CreateQuantumProgram": "create_quantum_program",
    "CreateQuantumJob": "create_quantum_job",
    "GetQuantumJob": "get_quantum_job",
    "GetQuantumResult": "get_quantum_result",
    "CancelQuantumJob": "cancel_quantum_job",
}


@contextmanager
def google_engine() -> Generator[tuple[str, QuantumEngine]]:
    """The service: its address, and its mind."""
    from cirq_google.cloud import quantum

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mind = QuantumEngine()

    def handler(name: str, method: str) -> Any:
        def answer(asked: Any, context: Any) -> Any:
            mind.calls.append(name)
            if mind.down:
                context.abort(grpc.StatusCode.UNAVAILABLE, "the service is down")
            try:
                found = getattr(mind, method)(asked)
            except SaidNoError as error:
                return context.abort(error.status, str(error))
            return found.SerializeToString() if hasattr(found, "SerializeToString") else type(found).serialize(found)

        return grpc.unary_unary_rpc_method_handler(
            answer, request_deserializer=getattr(quantum, f"{name}Request").deserialize, response_serializer=bytes
        )

    server = grpc.server(ThreadPoolExecutor(4))
    handlers = {name: handler(name, method) for name, method in METHODS.items()}
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}", mind
    finally:
        server.stop(None).wait()

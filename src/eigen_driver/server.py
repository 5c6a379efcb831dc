"""The service `eigen.driver.v1.Driver` over an `Engine`."""

from __future__ import annotations

import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import grpc

from eigen_driver.asks import Counts, Estimate, Evolve, RunModes, Samples, Series
from eigen_driver.away import Away, is_away
from eigen_driver.failure import RefusedError
from eigen_driver.messages import METHODS, PROTOCOL, SERVICE, message, request_of
from eigen_driver.remote import AwayError, Fetched, RemoteEngine, is_rehearsal
from eigen_driver.shelf import MissingError, Shelf
from eigen_driver.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen_driver.asks import Answer, Ask
    from eigen_driver.engine import Device, Engine

MOST_BYTES = 256 << 20
"""The largest message that is taken."""
CALLS = 32
"""How many calls are answered side by side: those that wait for results are among them."""
FAILURE_KEY = "eigen-failure-bin"
WORDS = re.compile("(?<!^)(?=[A-Z])")


class Service:
    """One method for each of the contract's: `get_devices` for `GetDevices`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._shelf = Shelf()
        self._table = Table(engine.parallel)
        self._away = Away(engine) if isinstance(engine, RemoteEngine) else None
        self._folder: Path | None = None
        self._message_bytes = 1 << 20

    def handshake(self, asked: Any) -> Any:
        """Who this is."""
        if PROTOCOL not in asked.protocols:
            offered = ", ".join(map(str, asked.protocols))
            raise RefusedError("EIGEN_CONTRACT_VERSION", f"this driver speaks version {PROTOCOL}, not {offered}")
        self._folder = Path(asked.folder) if asked.folder else None
        self._message_bytes = asked.message_bytes or self._message_bytes
        self._start(json.loads(asked.config_json) if asked.config_json else {}, asked.threads)
        return message("HandshakeReply")(protocol=PROTOCOL, name=self._engine.name, version=self._engine.version)

    def get_devices(self, asked: Any) -> Any:
        """The devices."""
        found = [_device(device) for device in self._devices()]
        return message("GetDevicesReply")(devices=found, version=self._engine.version)

    def get_device_status(self, asked: Any) -> Any:
        """One device's load."""
        device = self._device(asked.device_id)
        return message("DeviceStatusReply")(
            status=device.status, queue_depth=device.queue_depth, estimated_wait_sec=device.estimated_wait_sec
        )

    def calibrate(self, asked: Any) -> Any:
        """Measure a device."""
        device_id = self._device(asked.device_id).id
        found = (self._engine if self._away is None else self._away).calibrate(device_id)
        return message("CalibrateReply")(calibration_json=json.dumps(dict(found)).encode() if found else b"")

    def submit(self, asked: Any) -> Any:
        """Take work."""
        reply = message("SubmitReply")()
        known = self._table.adopt(asked.key)  # what is away knows its keys itself
        if known is not None:
            reply.handle = known
            return reply
        device = self._device(asked.device_id)
        try:
            asks = self._shelf.read(asked.works)
        except MissingError as missing:
            reply.missing.sha256.extend(missing.digests)
            return reply
        for ask in asks:
            self._check(device, ask)
        if self._away is not None and not is_rehearsal(asks):
            reply.handle = self._away.submit(asked.key, device, asks)
            return reply
        reply.handle = self._table.submit(asked.key, lambda: self._answer(device, asks))
        return reply

    def poll(self, asked: Any) -> Any:
        """Where work stands."""
        return message("PollReply")(state=self._work(asked.handle).poll(asked.handle))

    def result(self, asked: Any) -> Any:
        """What came of it."""
        timeout = asked.timeout_sec if asked.HasField("timeout_sec") else None
        found = self._work(asked.handle).result(asked.handle, timeout)
        if isinstance(found, Fetched):
            found = self._results([None] * len(found.answers), found.answers, found.seconds)
        reply = message("ResultReply")()
        if self._folder is None or found.ByteSize() <= self._message_bytes:
            reply.results.CopyFrom(found)
            return reply
        data = found.SerializeToString()
        name = uuid4().hex
        descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
        reply.file.name = name
        reply.file.sha256 = sha256(data).digest()
        return reply

    def adopt(self, asked: Any) -> Any:
        """The handle of a key."""
        known = self._table.adopt(asked.key)
        if known is None and self._away is not None:
            known = self._away.adopt(asked.key)
        return message("AdoptReply")(handle=known)

    def cancel(self, asked: Any) -> Any:
        """Stop work."""
        return message("CancelReply")(cancelled=self._work(asked.handle).cancel(asked.handle))

    def health(self, asked: Any) -> Any:
        """That this process lives."""
        return message("HealthReply")(resident_bytes=_resident_bytes(), running=self._table.running())

    def _start(self, config: dict[str, Any], threads: int) -> None:
        """Start the engine; where its service cannot be asked, it is not there."""
        engine = self._engine
        try:
            engine.start(config, threads)
        except AwayError as error:
            told = engine.concealed(str(error))[:1000] if isinstance(engine, RemoteEngine) else str(error)
            message = f"the service of driver `{engine.name}` cannot be asked: {told}"
            raise RefusedError("EIGEN_NOT_AVAILABLE", message) from None
        except RefusedError as error:
            if isinstance(engine, RemoteEngine):
                error.message = engine.concealed(error.message)
            raise
        except Exception as error:
            if not isinstance(engine, RemoteEngine):
                raise
            told = engine.concealed(f"{type(error).__name__}: {error}")[:1000]
            raise RefusedError("EIGEN_DEVICE_FAILED", told) from None

    def _devices(self) -> Sequence[Device]:
        return (self._engine if self._away is None else self._away).devices()

    def _work(self, handle: str) -> Any:
        """Where the work of a handle is known."""
        return self._away if self._away is not None and is_away(handle) else self._table

    def _device(self, device_id: str) -> Device:
        for device in self._devices():
            if device.id == device_id:
                return device
        raise RefusedError("EIGEN_DEVICE_UNKNOWN", f"driver `{self._engine.name}` has no device `{device_id}`")

    def _check(self, device: Device, ask: Ask) -> None:
        options = self._engine.options & frozenset(device.properties.get("options", self._engine.options))
        if "noise" not in device.features:
            options -= {"noise_model"}
        for name in ask.options:
            if name not in options:
                known = ", ".join(f"`{option}`" for option in sorted(options)) or "none"
                message = f"`{device.id}` has no option `{name}`"
                raise RefusedError("EIGEN_DEVICE_OPTION", message, where=name, hint=f"there are: {known}")

    def _answer(self, device: Device, asks: Sequence[Ask]) -> Any:
        started = perf_counter()
        answers = self._engine.run(device, asks)
        if len(answers) != len(asks):
            raise RefusedError(
                "EIGEN_DEVICE_FAILED", f"`{device.id}` gave {len(answers)} answers to {len(asks)} questions"
            )
        return self._results(asks, answers, perf_counter() - started)

    def _results(self, asks: Sequence[Ask | None], answers: Sequence[Answer], seconds: float) -> Any:
        """The answers as a message; of work that is away the questions may be forgotten."""
        always = {"engine": self._engine.name, "version": self._engine.version}
        results = message("WorkResults")()
        for ask, answer in zip(asks, answers, strict=True):
            results.results.append(_result(ask, answer, seconds / len(asks), always))
        return results


def serve(engine: Engine, path: str) -> Any:
    """A server of the engine on a Unix socket, started; the caller keeps and stops it."""
    service = Service(engine)
    limits = [("grpc.max_receive_message_length", MOST_BYTES), ("grpc.max_send_message_length", MOST_BYTES)]
    server = grpc.server(ThreadPoolExecutor(CALLS, "call"), options=limits)
    handlers: dict[str, Any] = {
        method.name: grpc.unary_unary_rpc_method_handler(
            _told(getattr(service, WORDS.sub("_", method.name).lower())),
            request_deserializer=request_of(method).FromString,
            response_serializer=_bytes,
        )
        for method in METHODS
    }
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, handlers)])
    server.add_insecure_port(f"unix:{path}")
    server.start()
    return server


def _bytes(reply: Any) -> bytes:
    return reply.SerializeToString()


def _told(method: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """A method whose exceptions become a status and a `Failure`."""

    def answer(asked: Any, context: Any) -> Any:
        try:
            return method(asked)
        except TimeoutError:
            return context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "the work goes on")
        except RefusedError as error:
            failure = message("Failure")(code=error.code, message=error.message, where=error.where, hint=error.hint)
        except MemoryError:
            failure = message("Failure")(code="EIGEN_SIM_MEMORY", message="the engine ran out of memory")
        except Exception as error:  # whatever an engine raises: the caller is told, this process goes on
            failure = message("Failure")(code="EIGEN_DEVICE_FAILED", message=f"{type(error).__name__}: {error}"[:2000])
        context.set_trailing_metadata(((FAILURE_KEY, failure.SerializeToString()),))
        return context.abort(grpc.StatusCode.FAILED_PRECONDITION, failure.message[:500])

    return answer


def _device(device: Device) -> Any:
    return message("Device")(
        id=device.id,
        name=device.name,
        backend_type=device.backend_type,
        num_qubits=device.num_qubits,
        gates=device.gates,
        coupling=[qubit for pair in device.coupling for qubit in pair],
        features=sorted(device.features),
        max_shots=device.max_shots,
        status=device.status,
        queue_depth=device.queue_depth,
        estimated_wait_sec=device.estimated_wait_sec,
        properties_json=json.dumps(dict(device.properties)).encode(),
    )


def _result(ask: Ask | None, answer: Answer, seconds: float, always: dict[str, Any]) -> Any:
    found = message("WorkResult")(execution_time_sec=seconds)
    found.metadata_json = json.dumps({**always, **answer.metadata}).encode()
    if isinstance(answer, Estimate):
        found.value = answer.value
        if answer.error is not None:
            found.standard_error = answer.error
        if answer.gradient is not None:
            found.has_gradient = True
            found.gradient.extend(answer.gradient)
    elif isinstance(answer, Samples):
        found.samples.SetInParent()
        for row in answer.rows:
            found.samples.values.extend(row)
    elif isinstance(answer, Series):
        found.series.SetInParent()
        found.series.values.extend(answer.values)
        if answer.errors is not None:
            found.series.has_errors = True
            found.series.errors.extend(answer.errors)
        if answer.counts is not None:
            _write_counts(found.counts, answer.counts, _width(ask, answer.counts))
    else:
        _write_counts(found.counts, answer, _width(ask, answer))
    return found


def _width(ask: Ask | None, counts: Counts) -> int:
    """How many bits an outcome has."""
    if ask is None or counts.width is not None:
        return counts.width or 0
    if isinstance(ask, RunModes):
        raise RefusedError("EIGEN_DEVICE_FAILED", "photonic programs give samples, not counts of bits")
    return int(ask.document["qubits"]) if isinstance(ask, Evolve) else ask.circuit.num_clbits


def _write_counts(target: Any, counts: Counts, width: int) -> None:
    size = (width + 7) // 8
    rows = sorted((outcome, count) for outcome, count in counts.found.items() if count)
    target.num_clbits = width
    target.keys = b"".join(outcome.to_bytes(size, "little") for outcome, _ in rows)
    target.values.extend(count for _, count in rows)


def _resident_bytes() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0

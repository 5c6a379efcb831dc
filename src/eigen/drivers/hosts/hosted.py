"""`HostedDriver`: a driver in processes of its own, as a QDriver.

A host that ends in the middle of work is replaced, and work that may be repeated is given to the next one, once: what
took two hosts down fails. Work for a device that charges is not repeated: it is looked for under its key, where the
engine knows keys beyond its process, and fails otherwise. Work at a service, whose handle is a JSON object, outlives
hosts and this process: the next host is asked for it.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from eigen.drivers.driver import AWAY, WorkState
from eigen.drivers.hosts.host import CALL_SECONDS, Host, HostLostError
from eigen.drivers.hosts.questions import Question
from eigen.errors import EigenError
from eigen.telemetry import log
from eigen.types import Device, DeviceStatus, WorkResult
from eigen.wire.driver import pb
from eigen.wire.plain import from_json
from eigen.wire.work import Sent, result_of, works_messages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen.drivers.hosts.launch import Launch
    from eigen.types import Json, Work

TRIES = 2
"""Hosts that one piece of work may take down."""
SLICE_SECONDS = 20.0
"""For how long one call waits for work."""
BUSY_SECONDS = 10.0
"""What a host gets to answer before it is found to be busy, or hung."""
AWAY_SECONDS = 300.0
"""What a call may take besides that asks a service behind the host."""
KEPT = 10_000
"""Pieces of work that are remembered; the oldest ones that have ended go first."""


@dataclass(slots=True, eq=False)
class _Piece:
    """Work that was submitted: to which host, and under which handle there. Of what a driver found again there is
    neither a device nor a question."""

    device: Device | None
    key: str
    questions: tuple[Question, ...]
    host: _Place | None = None
    there: str = ""
    tries: int = 0
    cancelled: bool = False
    ended: bool = False

    @property
    def is_away(self) -> bool:
        """Whether it is at a service, so that any host can be asked for it."""
        return self.there.startswith(AWAY)

    @property
    def seconds(self) -> float:
        """What a call about it may take."""
        return AWAY_SECONDS if self.device is None or "metered" in self.device.features else CALL_SECONDS

    @property
    def works(self) -> list[Work]:
        """What travels: nothing, where only constants were asked for."""
        return [work for question in self.questions for work in question.works]

    def answered(self, found: Sequence[WorkResult]) -> tuple[WorkResult, ...]:
        """What the answers to `works` come to, question by question."""
        rest = iter(found)
        lost = max(self.tries - 1, 0)
        return tuple(question.answer([next(rest) for _ in question.works], lost) for question in self.questions)


@dataclass(slots=True, eq=False)
class _Place:
    """A host, and which documents it has."""

    host: Host
    sent: Sent = field(default_factory=Sent)
    busy: int = 0


class HostedDriver:
    """See `QDriver`. `launch` says how a host starts, and is asked before each start; `hosts` how many there may be,
    which are started as they are needed. `known` is what a host once told of its devices, and is believed until one
    runs; `keep` gets what one tells. What is older than `fresh_seconds` (None: nothing is) is asked again. Safe for
    threads."""

    def __init__(
        self,
        name: str,
        launch: Callable[[], Launch],
        *,
        hosts: int = 1,
        known: bytes = b"",
        keep: Callable[[bytes], object] = lambda told: None,
        fresh_seconds: float | None = None,
    ) -> None:
        self.name = name
        self._launch = launch
        self._most = hosts
        self._config: dict[str, Json] = {}
        self._keep = keep
        told = pb.GetDevicesReply.FromString(known)
        self._devices = _devices(told)
        self._fresh_seconds = fresh_seconds
        self._told_at = time.monotonic()
        self.version = told.version
        self._places: list[_Place] = []
        self._pieces: dict[str, _Piece] = {}
        self._keys: dict[str, str] = {}
        self._lock = threading.RLock()
        self._count = 0

    def initialize(self, config: Mapping[str, Json]) -> None:
        """Keep the settings for the hosts; they refuse what they do not know."""
        self._config = dict(config)

    def get_devices(self) -> tuple[Device, ...]:
        """The devices; `warm` while a process runs for them."""
        devices = self._told()
        if not any(place.host.over is None for place in self._places):
            return devices
        return tuple(replace(device, properties={**device.properties, "warm": True}) for device in devices)

    def _told(self) -> tuple[Device, ...]:
        """The devices as the driver told them, asked again where they change."""
        fresh = self._fresh_seconds is None or time.monotonic() - self._told_at < self._fresh_seconds
        if self._devices and fresh:
            return self._devices
        try:
            reply: pb.GetDevicesReply = self._ask("GetDevices", pb.GetDevicesRequest(), seconds=AWAY_SECONDS)
        except EigenError as error:
            if not self._devices:
                raise
            log("warning", f"driver `{self.name}` cannot tell its devices: {error.message}", driver=self.name)
        else:
            self._devices = _devices(reply)
            self._keep(reply.SerializeToString())
        self._told_at = time.monotonic()
        return self._devices

    def get_device_status(self, device_id: str) -> DeviceStatus:
        """Whether the device takes work now."""
        known, request = self._known(device_id).status, pb.DeviceRequest(device_id=device_id)
        try:
            reply: pb.DeviceStatusReply = self._place().host.call("GetDeviceStatus", request, seconds=BUSY_SECONDS)
        except TimeoutError:  # it works, and has no time to answer
            return known
        except HostLostError:
            reply = self._ask("GetDeviceStatus", request)
        return DeviceStatus(reply.status)

    def calibrate_device(self, device_id: str) -> Mapping[str, Json]:
        """Measure the device."""
        self._known(device_id)
        reply: pb.CalibrateReply = self._ask("Calibrate", pb.DeviceRequest(device_id=device_id), seconds=3600.0)
        return from_json(reply.calibration_json) if reply.calibration_json else {}

    def submit(self, device_id: str, key: str, work: Work) -> str:
        """Hand work to a host."""
        return self.submit_batch(device_id, key, (work,))

    def submit_batch(self, device_id: str, key: str, works: Sequence[Work]) -> str:
        """Hand several pieces of work to a host in one request, under one key. Under the handle of work that is away
        nothing is handed over: its answers are known to be those to these questions."""
        device = self._known(device_id)
        questions = tuple(Question.of(device, work) for work in works)
        if key.startswith(AWAY):
            piece = self._piece(key)
            assert piece is not None
            piece.device, piece.questions = device, questions
            return key
        with self._lock:
            known = self._keys.get(key)
            if known is not None:
                return known
            self._count += 1
            handle = f"{self.name}-{self._count}"
            piece = self._pieces[handle] = _Piece(device, key, questions)
            self._keys[key] = handle
            if len(self._pieces) > KEPT:
                self._forget(next((name for name, one in self._pieces.items() if one.ended), ""))
        if not piece.works:
            piece.ended = True
            return handle
        try:
            self._send(piece)
        except BaseException:
            self._forget(handle)
            raise
        return self._named(handle, piece)

    def poll(self, handle: str) -> WorkState:
        """Where the work stands; RUNNING while a host has to be replaced."""
        piece = self._piece(handle)
        if piece is None:
            return WorkState.UNKNOWN
        if piece.cancelled:
            return WorkState.CANCELLED
        if piece.host is None:
            return WorkState.DONE
        try:
            reply: pb.PollReply = piece.host.host.call("Poll", _named(piece), seconds=piece.seconds)
        except TimeoutError:  # nothing else runs in its process meanwhile
            return WorkState.RUNNING
        except HostLostError as lost:
            if not self._may_repeat(piece):
                return WorkState.FAILED
            if piece.is_away:
                self._replace(piece, lost)
            return WorkState.RUNNING
        return WorkState(reply.state)

    def result(self, handle: str, timeout_sec: float | None = None) -> WorkResult:
        """Wait for the result."""
        found = self.results(handle, timeout_sec)
        if len(found) != 1:
            raise EigenError("EIGEN_DEVICE_FAILED", f"driver `{self.name}` gave {len(found)} answers to one question")
        return found[0]

    def results(self, handle: str, timeout_sec: float | None = None) -> tuple[WorkResult, ...]:
        """Wait for the results of all work of a handle."""
        piece = self._piece(handle)
        if piece is None:
            raise EigenError("EIGEN_DEVICE_FAILED", f"driver `{self.name}` knows no work of handle `{handle}`")
        until = None if timeout_sec is None else time.monotonic() + timeout_sec
        while True:
            left = None if until is None else until - time.monotonic()
            if left is not None and left <= 0.0 and timeout_sec:
                raise EigenError("EIGEN_RUN_TIMEOUT", f"`{handle}` was not done after `{timeout_sec}` s")
            if piece.cancelled:
                raise EigenError("EIGEN_RUN_CANCELLED", f"`{handle}` was cancelled")
            seconds = SLICE_SECONDS if left is None else max(0.0, min(left, SLICE_SECONDS))
            place = piece.host
            try:
                return self._wait(piece, seconds)
            except TimeoutError:
                if piece.is_away:
                    piece.tries = 1  # it is not what took a host down
                if until is not None and not timeout_sec:
                    raise EigenError("EIGEN_RUN_TIMEOUT", f"`{handle}` is not done") from None
            except HostLostError as lost:
                with self._lock:
                    if piece.host is place:  # else another thread that waits for it was faster
                        self._replace(piece, lost)
            except EigenError:
                self._end(piece)
                raise

    def adopt(self, key: str) -> str | None:
        """The handle of a key: of this process, or of an engine that remembers keys beyond its own."""
        with self._lock:
            known = self._keys.get(key)
        if known is not None or not any(
            {"metered", "deduplicates"} <= device.features for device in self.get_devices()
        ):
            return known
        place = self._place()
        try:
            reply: pb.AdoptReply = place.host.call("Adopt", pb.AdoptRequest(key=key), seconds=AWAY_SECONDS)
        except TimeoutError:
            raise self._too_busy() from None
        except HostLostError as lost:
            raise EigenError("EIGEN_DEVICE_FAILED", f"the host of driver `{self.name}` is lost: {lost.why}") from None
        return None if not reply.HasField("handle") else self._adopted(place, key, reply.handle)

    def cancel(self, handle: str) -> bool:
        """Stop work. Where it runs its host is ended with it, unless other work is at that host."""
        piece = self._piece(handle)
        if piece is None or piece.cancelled or piece.ended or piece.host is None:
            return False
        place, named, is_here = piece.host, _named(piece), self._is_here(piece)
        seconds = BUSY_SECONDS if is_here else piece.seconds
        try:
            running = place.host.call("Poll", named, seconds=seconds).state == "RUNNING"
            stopped: bool = place.host.call("Cancel", named, seconds=seconds).cancelled
        except TimeoutError:  # it is busy and hears nothing: only its end stops it
            stopped = running = is_here and place.busy <= 1
        except HostLostError as lost:
            stopped, running = True, False
            if piece.is_away:
                self._replace(piece, lost)
                stopped = piece.host.host.call("Cancel", named, seconds=piece.seconds).cancelled
        piece.cancelled = stopped
        if stopped and running and is_here and place.busy <= 1:
            place.host.kill("its work was cancelled")
        if stopped:
            self._end(piece)
        return stopped

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        """Run work and wait for it."""
        handle = self.submit(device_id, uuid4().hex, work)
        try:
            return self.result(handle)
        finally:
            self._forget(handle)

    def warm(self) -> None:
        """Start a host before there is work for it."""
        self._place()

    def close(self) -> None:
        """End every host; another one starts when it is needed."""
        with self._lock:
            places, self._places = self._places, []
        for place in places:
            place.host.stop()

    def _wait(self, piece: _Piece, seconds: float) -> tuple[WorkResult, ...]:
        place = piece.host
        if place is None:
            return piece.answered(())
        request = pb.ResultRequest(handle=piece.there, timeout_sec=seconds)
        reply: pb.ResultReply = place.host.call("Result", request, seconds=seconds + max(SLICE_SECONDS, piece.seconds))
        found = tuple(map(result_of, place.host.results(reply).results))
        self._end(piece)
        if piece.device is None:
            return found
        asked = len(piece.works)
        if len(found) != asked:
            message = f"driver `{self.name}` gave {len(found)} answers to {asked} questions"
            raise EigenError("EIGEN_DEVICE_FAILED", message)
        return piece.answered(found)

    def _send(self, piece: _Piece) -> None:
        """Give work to the host that has least to do, which must take it."""
        assert piece.device is not None
        place = self._place()
        with self._lock:
            if piece.host is not None:
                piece.host.busy -= 1
            piece.host, piece.tries = place, piece.tries + 1
            place.busy += 1
        while True:
            messages, carried = works_messages(piece.works, place.sent)
            request = pb.SubmitRequest(device_id=piece.device.id, key=piece.key, works=messages)
            try:
                reply: pb.SubmitReply = place.host.call("Submit", request, seconds=piece.seconds)
            except TimeoutError:  # other work has it; whether this came there is told under its key
                continue
            except HostLostError as lost:
                self._replace(piece, lost)
                return
            if reply.WhichOneof("reply") != "missing":
                place.sent.add(carried)
                piece.there = reply.handle
                return
            place.sent.drop(reply.missing.sha256)
            if not set(reply.missing.sha256) - set(carried):
                message = f"driver `{self.name}` misses a circuit that it was sent"
                raise EigenError("EIGEN_DEVICE_FAILED", message)

    def _replace(self, piece: _Piece, lost: HostLostError) -> None:
        """Give work of a host that is no more to another one, or say that it failed."""
        log("warning", f"a host of driver `{self.name}` is lost: {lost.why}", driver=self.name)
        if piece.cancelled:
            raise EigenError("EIGEN_RUN_CANCELLED", "the work was cancelled")
        if not self._may_repeat(piece):
            self._end(piece)
            raise EigenError(lost.code, f"the host of driver `{self.name}` is lost: {lost.why}")
        if piece.is_away:
            self._move(piece)
        else:
            self._send(piece)

    def _move(self, piece: _Piece) -> None:
        """Ask another host for work that is away from now on."""
        place = self._place()
        with self._lock:
            if piece.host is not None and not piece.ended:
                piece.host.busy -= 1
                place.busy += 1
            piece.host, piece.tries = place, piece.tries + 1

    def _may_repeat(self, piece: _Piece) -> bool:
        """Whether another host may be given the work: what is away is not submitted again, nor is what a service
        recognises by its key."""
        if piece.tries >= TRIES:
            return False
        if piece.device is None or piece.is_away:
            return piece.is_away
        return "metered" not in piece.device.features or "deduplicates" in piece.device.features

    def _is_here(self, piece: _Piece) -> bool:
        """Whether the work runs in the host itself, and not at a service behind it."""
        return piece.device is not None and piece.device.backend_type in {"simulator", "virtual"}

    def _place(self) -> _Place:
        """A host that lives, the one with least to do; a new one where all have work and there may be more."""
        with self._lock:
            for place in [place for place in self._places if place.host.over is not None]:
                self._places.remove(place)
                place.host.stop()
            free = min(self._places, key=lambda place: place.busy, default=None)
            if free is None or (free.busy and len(self._places) < self._most):
                free = _Place(Host(self.name, self._launch(), self._config))
                self.version = free.host.greeting.version
                self._places.append(free)
            return free

    def _ask(self, method: str, request: Any, *, seconds: float = 60.0) -> Any:
        why = ""
        for _ in range(TRIES):
            try:
                return self._place().host.call(method, request, seconds=seconds)
            except TimeoutError:
                raise self._too_busy() from None
            except HostLostError as lost:
                why = lost.why
        raise EigenError("EIGEN_DEVICE_FAILED", f"the host of driver `{self.name}` is lost: {why}")

    def _too_busy(self) -> EigenError:
        return EigenError("EIGEN_DEVICE_FAILED", f"the host of driver `{self.name}` works and does not answer")

    def _piece(self, handle: str) -> _Piece | None:
        """The work of a handle; also of one that an earlier process was given, where it is away."""
        found = self._pieces.get(handle)
        if found is None and handle.startswith(AWAY):
            self._adopted(self._place(), handle, handle)
            found = self._pieces.get(handle)
        return found

    def _named(self, handle: str, piece: _Piece) -> str:
        """The handle by which work is known: the driver's own, where it means the same to the next process."""
        if not piece.is_away:
            return handle
        with self._lock:
            self._pieces[piece.there] = self._pieces.pop(handle)
            self._keys[piece.key] = piece.there
        return piece.there

    def _known(self, device_id: str) -> Device:
        for device in self.get_devices():
            if device.id == device_id:
                return device
        raise EigenError("EIGEN_DEVICE_UNKNOWN", f"driver `{self.name}` has no device `{device_id}`")

    def _adopted(self, place: _Place, key: str, there: str) -> str:
        """A handle for work that a driver found again; the questions it answers are not known any more."""
        with self._lock:
            self._count += 1
            handle = there if there.startswith(AWAY) else f"{self.name}-{self._count}"
            if handle not in self._pieces:
                tries = 1 if there.startswith(AWAY) else TRIES
                self._pieces[handle] = _Piece(None, key, (), host=place, there=there, tries=tries)
                place.busy += 1
            self._keys[key] = handle
        return handle

    def _end(self, piece: _Piece) -> None:
        with self._lock:
            if not piece.ended and piece.host is not None:
                piece.host.busy -= 1
            piece.ended = True

    def _forget(self, handle: str) -> None:
        with self._lock:
            piece = self._pieces.pop(handle, None)
            if piece is not None:
                self._keys.pop(piece.key, None)
                self._end(piece)


def _named(piece: _Piece) -> pb.HandleRequest:
    return pb.HandleRequest(handle=piece.there)


def _devices(told: pb.GetDevicesReply) -> tuple[Device, ...]:
    return tuple(map(_device, told.devices))


def _device(told: pb.Device) -> Device:
    """A device as its driver tells it. A key is run once while its host lives, and what a host takes with it is done
    again; where that costs money, only the driver can say that it finds keys again."""
    pairs = list(told.coupling)
    features = frozenset(told.features)
    return Device(
        id=told.id,
        name=told.name,
        backend_type=told.backend_type,
        num_qubits=told.num_qubits,
        gates=tuple(told.gates),
        coupling=tuple(zip(pairs[::2], pairs[1::2], strict=True)),
        features=features if "metered" in features else features | {"deduplicates"},
        max_shots=told.max_shots,
        status=DeviceStatus(told.status),
        queue_depth=told.queue_depth,
        estimated_wait_sec=told.estimated_wait_sec,
        properties={**from_json(told.properties_json or b"{}"), "on_request": True, "hosted": True},
    )

"""`Host`: one process of a driver: started, greeted, asked, watched and ended. What it says of its work is believed;
what becomes of it costs nobody else anything."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import weakref
from collections import deque
from contextlib import suppress
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eigen.drivers.hosts.launch import START_SECONDS
from eigen.errors import ERRORS, EigenError
from eigen.telemetry import log
from eigen.wire.driver import pb

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import IO

    from eigen.drivers.hosts.launch import Launch
    from eigen.types import Json

PROTOCOLS = (1,)
CALLER = "eigen-os"
MOST_BYTES = 256 << 20
"""The largest message, both ways."""
LARGE_BYTES = 1 << 20
"""Results that weigh more come in a file."""
CALL_SECONDS = 30.0
"""What a call may take that waits for no work: then the host counts as hung, unless it is busy."""
BUSY = 0.01
"""The part of that time for which a process that works used a processor, however many others there are."""
LOOK_SECONDS = 0.1
"""How often the memory of a host is looked at."""
STOP_SECONDS = 10.0
"""What a host gets to end by itself."""
MOST_CHARACTERS = 70
"""The longest folder for temporary files in which the path of a socket still fits."""
LINES_KEPT = 20
LINE_CHARACTERS = 2000
FAILURE_KEY = "eigen-failure-bin"
PREFIX = "eigen-host-"
_TURNS = count()
KEPT_VARIABLES = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR", "TZ", "XDG_CACHE_HOME", "XDG_DATA_HOME")
"""All that a driver learns of this process's environment, besides what its manifest gives it."""


class HostLostError(Exception):
    """The process ended, or does not answer: nobody knows what became of what it was doing. `why`, for people; `code`
    for who cannot go on without it."""

    def __init__(self, why: str, code: str = "EIGEN_DEVICE_FAILED") -> None:
        super().__init__(why)
        self.why = why
        self.code = code


class Host:
    """A running process. Making one starts it and greets it: EIGEN_DEVICE_FAILED where it does not come up, and the
    errors of the driver itself, such as EIGEN_CONFIG_INVALID. Safe for threads."""

    def __init__(self, name: str, launch: Launch, config: Mapping[str, Json]) -> None:
        self._driver = name
        self._launch = launch
        self._over: str | None = None
        self._too_much: list[str] = []
        self._ending = threading.Lock()
        self._lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_room()))
        try:
            self._process = self._start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self._end = weakref.finalize(self, _end, self._process, self._folder)
        try:
            self._channel, self._stub = self._connect()
            self.greeting: pb.HandshakeReply = self._greet(config)
        except BaseException:
            self.stop()
            raise

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    @property
    def over(self) -> str | None:
        """Why it is of no more use; None while it is."""
        if self._over is None and self._process.poll() is not None:
            self._over = self._too_much[0] if self._too_much else self._end_in_words()
        return self._over

    def call(self, method: str, request: Any, *, seconds: float = CALL_SECONDS) -> Any:
        """The reply; raises HostLostError, the error that the driver tells, and TimeoutError where its work goes on: it
        says so, or is silent and busy, as engines are that let nothing else in their process run meanwhile."""
        import grpc

        if self.over is not None:
            raise self._lost()
        before = _busy_seconds(self.pid)
        try:
            return getattr(self._stub, method)(request, timeout=seconds)
        except grpc.RpcError as error:
            raise self._read(method, error, _busy_seconds(self.pid) - before > BUSY * seconds) from None
        except ValueError:  # the channel was closed by who replaced this host
            if self.over is None:
                raise
            raise self._lost() from None

    def results(self, reply: pb.ResultReply) -> pb.WorkResults:
        """What a reply to `Result` holds, in itself or in a file."""
        if reply.WhichOneof("reply") == "results":
            return reply.results
        name = reply.file.name
        if not name.isalnum():
            raise EigenError("EIGEN_DEVICE_FAILED", f"driver `{self._driver}` names a file that is none of its folder")
        place = self._exchange / name
        try:
            data = place.read_bytes()
        except OSError as error:
            raise EigenError(
                "EIGEN_DEVICE_FAILED", f"driver `{self._driver}` names a file that is not there"
            ) from error
        finally:
            place.unlink(missing_ok=True)
        if sha256(data).digest() != reply.file.sha256:
            message = f"a file of driver `{self._driver}` does not have the sha256 that it names"
            raise EigenError("EIGEN_DEVICE_FAILED", message)
        return pb.WorkResults.FromString(data)

    def kill(self, why: str) -> None:
        """End it at once; whoever waits for it learns why."""
        if self._over is None:
            self._over = why
        with suppress(ProcessLookupError):
            self._process.kill()
        self.stop()

    def stop(self) -> None:
        """Let it end, or see to it, and remove its folder."""
        with self._ending:
            if self._over is None:
                self._over = "it was stopped"
            channel = getattr(self, "_channel", None)
            if channel is not None:
                channel.close()
            self._end()

    @property
    def _socket(self) -> Path:
        return self._folder / "socket"

    @property
    def _exchange(self) -> Path:
        return self._folder / "files"

    def _start(self) -> subprocess.Popen[bytes]:
        self._exchange.mkdir(mode=0o700)
        environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        held = _held(self._launch.holds)
        try:
            process = subprocess.Popen(
                [*self._launch.command, "--socket", str(self._socket)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self._launch.folder or self._folder,
                env=environment | dict(self._launch.environment),
                start_new_session=True,  # Ctrl-C is for whoever owns it
                pass_fds=held,
            )
        except OSError as error:
            message = f"driver `{self._driver}` cannot be started: {error.strerror}: {self._launch.command[0]}"
            raise EigenError("EIGEN_DEVICE_FAILED", message) from error
        finally:
            for descriptor in held:
                os.close(descriptor)
        _confine(process.pid, self._launch.cpus)
        assert process.stdout is not None
        listening = threading.Thread(target=_listen, args=(self._driver, process.stdout, self._lines), daemon=True)
        listening.start()
        if self._launch.memory_bytes is not None:
            watched = (process, self._launch.memory_bytes, self._too_much)
            threading.Thread(target=_watch, args=watched, name="host-watch", daemon=True).start()
        return process

    def _connect(self) -> tuple[Any, Any]:
        import grpc

        from eigen.wire.stubs import Stub

        limits = [("grpc.max_receive_message_length", MOST_BYTES), ("grpc.max_send_message_length", MOST_BYTES)]
        channel = grpc.insecure_channel(f"unix:{self._socket}", options=limits)
        return channel, Stub(channel, pb.DESCRIPTOR.services_by_name["Driver"])

    def _greet(self, config: Mapping[str, Json]) -> pb.HandshakeReply:
        from eigen.wire.plain import to_json

        until = time.monotonic() + self._launch.start_seconds
        while not _listens(self._socket):
            if self.over is not None or time.monotonic() > until:
                why = self._over or f"it did not listen within {self._launch.start_seconds:.0f} s"
                raise EigenError("EIGEN_DEVICE_FAILED", f"driver `{self._driver}` does not come up: {why}")
            time.sleep(0.005)
        request = pb.HandshakeRequest(
            protocols=PROTOCOLS,
            caller=CALLER,
            config_json=to_json(dict(config)),
            folder=str(self._exchange),
            message_bytes=LARGE_BYTES,
            threads=self._launch.threads,
        )
        try:
            reply: pb.HandshakeReply = self.call("Handshake", request, seconds=max(1.0, until - time.monotonic()))
        except HostLostError as lost:
            raise EigenError("EIGEN_DEVICE_FAILED", f"driver `{self._driver}` does not come up: {lost.why}") from None
        if reply.protocol not in PROTOCOLS:
            message = f"driver `{self._driver}` speaks version {reply.protocol} of the contract of drivers"
            raise EigenError("EIGEN_CONTRACT_VERSION", message)
        return reply

    def _read(self, method: str, error: Any, busy: bool) -> Exception:
        """What a failed call means; `busy` is whether the process used a processor meanwhile."""
        import grpc

        for key, value in error.trailing_metadata() or ():
            if key == FAILURE_KEY:
                told = pb.Failure.FromString(value)
                code = told.code if told.code in ERRORS else "EIGEN_DEVICE_FAILED"
                return EigenError(code, told.message, where=told.where, hint=told.hint)
        status = error.code()
        if status is grpc.StatusCode.DEADLINE_EXCEEDED and "work goes on" in (error.details() or ""):
            return TimeoutError()
        if status is grpc.StatusCode.UNIMPLEMENTED:
            return EigenError("EIGEN_DEVICE_FAILED", f"driver `{self._driver}` has no method `{method}`")
        if status is grpc.StatusCode.DEADLINE_EXCEEDED and busy and self.over is None:
            return TimeoutError()
        if status is grpc.StatusCode.DEADLINE_EXCEEDED:
            self.kill(f"it did not answer `{method}` in time")
            return self._lost()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)  # a connection breaks before its process has ended
        if self.over is None:
            self.kill(f"its connection broke: {error.details()}")
        return self._lost()

    def _lost(self) -> HostLostError:
        code = "EIGEN_SIM_MEMORY" if self._too_much else "EIGEN_DEVICE_FAILED"
        return HostLostError(self._over or "", code)

    def _end_in_words(self) -> str:
        status = self._process.returncode
        words = f"it was ended by signal {-status}" if status < 0 else f"it ended with status {status}"
        last = f"; its last line: {self._lines[-1][:300]}" if self._lines and status > 0 else ""
        return words + last


def _room() -> str:
    """Where folders for sockets are made: the name of a socket is short. Those of hosts whose owner was killed go."""
    usual = tempfile.gettempdir()
    room = usual if len(usual) <= MOST_CHARACTERS else "/tmp"
    for folder in Path(room).glob(f"{PREFIX}*"):
        with suppress(OSError):
            known = folder.stat()
            old = time.time() - known.st_mtime > START_SECONDS
            if old and known.st_uid == os.getuid() and not _listens(folder / "socket"):
                shutil.rmtree(folder, ignore_errors=True)
    return room


def _confine(pid: int, cpus: int) -> None:
    """Let a process that has just begun, and all that it starts, use so many processors, each host the next ones."""
    if not cpus or not hasattr(os, "sched_setaffinity"):
        return
    there = sorted(os.sched_getaffinity(0))
    first = next(_TURNS) * cpus
    with suppress(OSError):
        os.sched_setaffinity(pid, {there[(first + place) % len(there)] for place in range(cpus)})


def _busy_seconds(pid: int) -> float:
    """For how long a process has used processors, all its threads; 0 where that cannot be known."""
    with suppress(OSError, ValueError, IndexError):
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _held(path: Path | None) -> tuple[int, ...]:
    """A descriptor that holds the lock of a file with whoever else does; who inherits it holds it too."""
    import fcntl

    if path is None:
        return ()
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return (descriptor,)
    return ()


def _listens(path: Path) -> bool:
    """Whether somebody listens on a socket."""
    with socket.socket(socket.AF_UNIX) as trial:
        try:
            trial.connect(str(path))
        except OSError:
            return False
        return True


def _end(process: subprocess.Popen[bytes], folder: Path) -> None:
    """End a process and remove its folder; also at the end of this process."""
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _listen(driver: str, stream: IO[bytes], lines: deque[str]) -> None:
    """What a driver prints is logged, and its last lines are kept."""
    with stream:
        while line := stream.readline(LINE_CHARACTERS):
            text = line.decode("utf-8", "replace").rstrip()
            if text:
                lines.append(text)
                log("info", text, driver=driver)


def _watch(process: subprocess.Popen[bytes], limit: int, said: list[str]) -> None:
    """End a process that holds more than it may, and say so."""
    page = os.sysconf("SC_PAGE_SIZE")
    while process.poll() is None:
        with suppress(OSError, IndexError, ValueError):
            held = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * page
            if held > limit:
                said.append(f"it held {held >> 20} MiB and may hold {limit >> 20} MiB")
                process.kill()
        time.sleep(LOOK_SECONDS)

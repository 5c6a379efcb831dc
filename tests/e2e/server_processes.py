"""`eigen serve` as real processes, for tests: started, waited for, killed and started again at the same addresses."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Self

EIGEN = Path(sys.executable).with_name("eigen")
START_SECONDS = 120
STOP_SECONDS = 60
LOOPBACK = "127.0.0.1:0"
OWN_ADDRESS = {"kernel": "kernel_address", "drivers": "drivers_address", "compiler": "compiler_address"}


def free_port() -> int:
    """A port of loopback that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ServerProcess:
    """One `eigen serve`. `addresses` are those it was given or found, by setting; they survive its restarts."""

    def __init__(self, role: str, log: Path, *, env: dict[str, str] | None = None, **addresses: str) -> None:
        self.role = role
        self.addresses = dict(addresses)
        self._log = log
        self._env = env or {}
        self._metrics = free_port()
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> Self:
        """Start, and wait until it answers."""
        words = [str(EIGEN), "serve", "--json", *([] if self.role == "whole" else ["--role", self.role])]
        for name, address in self.addresses.items():
            words += [f"--{name.replace('_', '-')}", address]
        environment = {**os.environ, "EIGEN_METRICS_PORT": str(self._metrics), **self._env}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True, env=environment)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"`{' '.join(words)}` ended before it answered:\n{self._log.read_text()[-4000:]}"
        found: dict[str, str] = json.loads(line)["addresses"]
        self.metrics = found.pop("metrics", "")
        self.addresses |= found
        return self

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None
        return self._process.pid

    def send(self, how: signal.Signals) -> None:
        """Send it a signal."""
        os.kill(self.pid, how)

    def stop(self, how: signal.Signals | None = signal.SIGTERM) -> int:
        """End it with a signal (None: one was sent) and wait; returns its exit status."""
        process = self._process
        if process is None:
            return 0
        self._process = None
        if how is not None:
            process.send_signal(how)
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            assert process.stdout is not None
            process.stdout.close()

    def restart(self, how: signal.Signals) -> None:
        """End it with a signal and start it again where it was."""
        status = self.stop(how)
        assert status == (0 if how is signal.SIGTERM else -how), f"`{self.role}` ended with {status}:\n{self.tail()}"
        self.start()

    def tail(self) -> str:
        """The end of what it logged."""
        return self._log.read_text()[-4000:]

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()


class Whole(ServerProcess):
    """The whole system in one process."""

    def __init__(self, folder: Path, *, env: dict[str, str] | None = None) -> None:
        super().__init__("whole", folder / "whole.log", env=env, grpc_address=LOOPBACK, http_address=LOOPBACK)


class FourRoles:
    """The four roles, each in its process. `roles` holds them by name."""

    def __init__(self, folder: Path, *, env: dict[str, str] | None = None) -> None:
        self.roles: dict[str, ServerProcess] = {}
        self._folder = folder
        self._env = env

    def __enter__(self) -> Self:
        try:
            drivers = self._start("drivers", drivers_address=LOOPBACK)
            compiler = self._start("compiler", compiler_address=LOOPBACK)
            inner = drivers.addresses | compiler.addresses
            kernel = self._start("kernel", kernel_address=LOOPBACK, **inner)
            address = kernel.addresses["kernel_address"]
            self._start("api", grpc_address=LOOPBACK, http_address=LOOPBACK, kernel_address=address)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for role in reversed(self.roles.values()):
            role.__exit__()

    @property
    def addresses(self) -> dict[str, str]:
        """The public addresses."""
        return self.roles["api"].addresses

    def _start(self, name: str, **addresses: str) -> ServerProcess:
        self.roles[name] = ServerProcess(name, self._folder / f"{name}.log", env=self._env, **addresses)
        return self.roles[name].start()

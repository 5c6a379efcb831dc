"""`eigen serve`, again and again, by processes that have it loaded already: a thousand starts take minutes.

As a script, it imports what a server needs and then, for each line on stdin (a JSON list of words), waits for the child
before, forks, says `{"pid": …}` on stdout, and runs `eigen` with those words in the child. `PreparedServer` is the
other side. Nothing of a server is begun before the fork; the child is the process that `eigen serve` is.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import Self

MODULES = (
    "eigen.api.grpc.server",
    "eigen.api.rest.app",
    "eigen.cli.serve",
    "eigen.compiler.lower",
    "eigen.drivers.native",
    "eigen.kernel.effects.compile",
    "eigen.kernel.effects.dependencies",
    "eigen.kernel.effects.execute",
    "eigen.kernel.effects.place",
    "eigen.kernel.effects.seal",
    "eigen.qfs.job_store",
    "eigen.qfs.postgres",
    "eigen.qfs.sqlite",
    "eigen.router",
    "eigen.serving.outer",
    "eigen.serving.process",
)


class PreparedServer:
    """One server at fixed addresses, started, killed and started again."""

    def __init__(self, log: Path, *, env: dict[str, str]) -> None:
        self.addresses: dict[str, str] = {"grpc_address": "127.0.0.1:0", "http_address": "127.0.0.1:0"}
        self._log = log
        self._env = env
        self._pid = 0
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env={**os.environ, **self._env},
            )
        return self

    def __exit__(self, *_: object) -> None:
        process = self._process
        assert process is not None
        self.kill()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            pipe.close()
        process.wait(timeout=60)

    def begin(self) -> None:
        """Start the server, without waiting for its answer."""
        words = ["serve", "--json"]
        for name, address in self.addresses.items():
            words += [f"--{name.replace('_', '-')}", address]
        stdin, _ = self._pipes()
        stdin.write(json.dumps(words) + "\n")
        stdin.flush()
        self._pid = self._next("pid")["pid"]

    def wait(self) -> None:
        """Wait until it answers."""
        found = self._next("ready")["addresses"]
        self.addresses = {name: found[name] for name in self.addresses}

    def kill(self) -> None:
        """Kill -9; it is gone before the next one begins."""
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            self._pid = 0

    def tail(self) -> str:
        """The end of what it logged."""
        return self._log.read_text(errors="replace")[-4000:]

    def _next(self, name: str) -> Any:
        """The next line that has this entry; what a killed one still said is passed over."""
        _, stdout = self._pipes()
        for line in stdout:
            said = json.loads(line)
            if name in said:
                return said
            assert "pid" not in said, "a server was begun that nobody waited for"
        raise AssertionError(f"the server ended before it answered:\n{self.tail()}")

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        return self._process.stdin, self._process.stdout


def main() -> None:
    from importlib import import_module

    for name in MODULES:
        import_module(name)
    child = 0
    for line in sys.stdin:
        if child:
            os.waitpid(child, 0)
        child = os.fork()
        if child == 0:
            os.close(0)
            os.open(os.devnull, os.O_RDONLY)
            from eigen.cli import main as eigen

            os._exit(eigen(json.loads(line)))
        os.write(1, json.dumps({"pid": child}).encode() + b"\n")
    if child:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()

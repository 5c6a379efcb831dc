"""The command line: real processes of `eigen … --json`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError

if TYPE_CHECKING:
    from collections.abc import Generator

    from doubles.ten_programs import Case

EIGEN = str(Path(sys.executable).with_name("eigen"))
EXITS = {0, 1, 2, 3, 4}


class CommandLine:
    def __init__(self, folder: Path, *, endpoint: str = "", data_dir: Path | None = None) -> None:
        self._folder = folder
        where = ["--data-dir", str(data_dir)] if data_dir else ["--endpoint", endpoint]
        self._where = [*where, "--json"]

    def submit(self, case: Case, *, key: str | None = None) -> str:
        named = ["--idempotency-key", key] if key else []
        path = case.write(self._folder / case.name)
        return str(self._ask("submit", "--job", str(path), *named)["job_id"])

    def submit_all(self, cases: list[Case], *, key: str | None = None) -> list[str]:
        named = ["--idempotency-key", key] if key else []
        paths = [str(case.write(self._folder / f"{place}-{case.name}")) for place, case in enumerate(cases)]
        return [job["job_id"] for job in self._ask("submit", "--batch", *paths, *named)["jobs"]]

    def estimate(self, case: Case, *targets: str) -> dict[str, Any]:
        asked = [word for target in targets for word in ("--target", target)]
        return self._ask("estimate", str(case.write(self._folder / case.name)), *asked)

    def status(self, job_id: str) -> dict[str, Any]:
        return self._ask("status", job_id)

    def events(self, job_id: str, after: int = 0) -> Generator[dict[str, Any]]:
        words = [EIGEN, "watch", job_id, "--after", str(after), *self._where]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                for line in process.stdout:
                    if line.startswith("{\n"):  # an error is a document of several lines
                        raise EigenError.from_json(json.loads(line + process.stdout.read())["error"])
                    yield json.loads(line)
            finally:
                process.terminate()

    def results(self, job_id: str) -> dict[str, Any]:
        return self._ask("results", job_id)

    def decide(self, job_id: str, decision: str) -> str:
        return self._ask("decide", job_id, f"--{decision.replace('_', '-')}")["job_id"]

    def cancel(self, job_id: str) -> dict[str, Any]:
        answer = self._ask("cancel", job_id)
        assert answer.pop("accepted") is True
        return answer

    def explain(self, job_id: str) -> dict[str, Any]:
        return self._ask("explain", job_id)

    def replay(self, job_id: str) -> str:
        return self._ask("replay", job_id, "--no-wait")["job_id"]

    def resume(self, job_id: str, **limits: float) -> str:
        words = [word for name, value in limits.items() for word in (f"--{name.replace('_', '-')}", str(value))]
        return self._ask("resume", job_id, "--no-wait", *words)["job_id"]

    def verify(self, job_id: str) -> dict[str, Any]:
        return self._ask("verify", job_id)

    def logs(self, job_id: str) -> list[dict[str, Any]]:
        return self._ask("logs", job_id)["lines"]

    def artifacts(self, job_id: str) -> list[dict[str, Any]]:
        return self._ask("results", job_id, "--files")["artifacts"]

    def artifact(self, job_id: str, path: str) -> bytes:
        done = self._run("results", job_id, "--file", path)
        if done.returncode:
            raise EigenError.from_json(json.loads(done.stdout)["error"])
        return done.stdout

    def names(self, name: str) -> list[str]:
        return [job["job_id"] for job in self._ask("list", "--name", name)["jobs"]]

    def device(self, device_id: str) -> dict[str, Any]:
        return self._ask("devices", "show", device_id)

    def close(self) -> None:
        pass

    def _ask(self, *words: str) -> dict[str, Any]:
        done = self._run(*words)
        answer = json.loads(done.stdout)
        if set(answer) == {"error"}:
            error = EigenError.from_json(answer["error"])
            assert done.returncode == error.status.exit
            raise error
        return answer

    def _run(self, *words: str) -> subprocess.CompletedProcess[bytes]:
        done = subprocess.run([EIGEN, *words, *self._where], capture_output=True, check=False, env=dict(os.environ))
        assert done.returncode in EXITS, done.stderr.decode()
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        return done

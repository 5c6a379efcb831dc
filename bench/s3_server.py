"""An S3 endpoint of its own for a measurement or a test run: versitygw over a new directory, on a port of loopback.

`make s3-server` builds it, once. What it has stored survives that it is killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
NAME = "versitygw"
KEY_ID, SECRET = "measured", "not a secret"


class S3Server:
    """A running endpoint; with files of a certificate and its key, over TLS."""

    def __init__(self, program: Path, *, certificate: Path | None = None, key: Path | None = None) -> None:
        self._program = program
        self._tls = () if certificate is None or key is None else ("--cert", certificate, "--key", key)
        self._root = Path(tempfile.mkdtemp(prefix="s3-"))
        self._numbers = count(1)
        self.buckets = self._root / "buckets"
        self.buckets.mkdir()
        self.port = _free_port()
        self._process = self._start()

    @property
    def endpoint(self) -> str:
        """Where it answers."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def bucket(self) -> str:
        """The name of a new, empty bucket. Its objects are files under `buckets`."""
        name = f"bucket-{next(self._numbers)}"
        (self.buckets / name).mkdir()
        return name

    def settings(self, bucket: str = "", *, prefix: str = "eigen", **changes: Any) -> dict[str, Any]:
        """The settings that keep files in a bucket, a new one unless it is named."""
        return {
            "artifacts_url": f"s3://{bucket or self.bucket()}/{prefix}",
            "s3_endpoint": self.endpoint,
            "s3_access_key_id": KEY_ID,
            "s3_secret_access_key": SECRET,
            **changes,
        }

    def kill(self) -> None:
        """End it without a warning."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(timeout=30)

    def restart(self) -> None:
        """Start it again at the same address."""
        self._process = self._start()

    def stop(self) -> None:
        """End it and remove what it stored."""
        self.kill()
        shutil.rmtree(self._root, ignore_errors=True)

    def _start(self) -> subprocess.Popen[bytes]:
        apart = () if self._has_attributes() else ("--sidecar", self._directory("attributes"))
        listening = ("--port", f"127.0.0.1:{self.port}", "--quiet", "--keep-alive", *self._tls)
        with (self._root / "log").open("ab") as log:
            process = subprocess.Popen(
                [self._program, *listening, "posix", *apart, self.buckets],
                env={"ROOT_ACCESS_KEY": KEY_ID, "ROOT_SECRET_KEY": SECRET, "PATH": os.environ.get("PATH", "")},
                stdout=log,
                stderr=log,
                cwd=self._root,
            )
        until = time.monotonic() + 30
        while time.monotonic() < until and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return process
            time.sleep(0.02)
        raise AssertionError(f"the S3 endpoint does not start: {(self._root / 'log').read_text()[-2000:]}")

    def _directory(self, name: str) -> Path:
        (self._root / name).mkdir(exist_ok=True)
        return self._root / name

    def _has_attributes(self) -> bool:
        """Whether the file system keeps what the endpoint notes beside its files."""
        try:
            os.setxattr(self.buckets, "user.eigen", b"1")
        except OSError:
            return False
        return True


def program() -> Path | None:
    """The endpoint's program; None where it was not built."""
    named = shutil.which(NAME)
    found = [Path(named)] if named else sorted((ROOT / ".build").glob(f"{NAME}-*/{NAME}"))
    return found[-1] if found else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

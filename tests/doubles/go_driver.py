"""The driver in Go, built by the test run and started as any other."""

from __future__ import annotations

import os
import shutil
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest

from doubles.packages import REQUIRED
from eigen.drivers import hosts
from eigen.drivers.hosts.hosted import HostedDriver
from eigen.drivers.hosts.launch import Launch
from eigen.drivers.hosts.manifest import PLACE as ENVIRONMENT
from eigen.drivers.hosts.manifest import shipped

SOURCES = Path(hosts.__file__).parent / "go"
BUILT = Path(__file__).parent.parent.parent / ".build" / "go-driver"


def program() -> Path:
    """The program; without Go the test is skipped, or fails where REQUIRE_ENGINES is set."""
    parts = [path for path in sorted(SOURCES.rglob("*")) if path.suffix in {".go", ".mod", ".sum"}]
    digest = sha256(b"".join(path.read_bytes() for path in parts)).hexdigest()[:16]
    place = BUILT / digest
    if place.exists():
        return place
    if shutil.which("go") is None:
        if os.environ.get(REQUIRED):
            raise RuntimeError("go is not on the PATH")
        pytest.skip("go is not on the PATH")
    BUILT.mkdir(parents=True, exist_ok=True)
    manifest = next(row for row in shipped() if row.name == "go")
    folder = BUILT / f"{digest}.{os.getpid()}"
    words = [word.replace(ENVIRONMENT, str(folder)) for word in manifest.build]
    subprocess.run(words, cwd=manifest.place / manifest.path, check=True)
    Path(manifest.command[0].replace(ENVIRONMENT, str(folder))).replace(place)
    folder.rmdir()
    return place


def go_driver(threads: int = 1) -> HostedDriver:
    """A driver whose host starts when it is asked; the caller closes it."""
    built = str(program())
    return HostedDriver("go", lambda: Launch((built,), threads=threads))

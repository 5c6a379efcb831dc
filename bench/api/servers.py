"""`eigen serve` as the measured processes: whole, or its four roles, on free ports of loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

EIGEN = Path(sys.executable).parent / "eigen"
LOOPBACK = "127.0.0.1:0"
METRICS = {"kernel": "19465", "drivers": "19466", "compiler": "19467", "api": "19464"}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the public answers: `host:port` of gRPC and of HTTP."""

    grpc: str
    http: str
    pid: int = 0


@contextmanager
def one_process(home: Path) -> Iterator[Addresses]:
    """The whole system in one process, on the data directory `home`."""
    with _serving(home, "whole", grpc_address=LOOPBACK, http_address=LOOPBACK) as found:
        yield Addresses(found["grpc_address"], found["http_address"])


@contextmanager
def serving(home: Path, *, env: Mapping[str, str]) -> Iterator[Addresses]:
    """The whole system in one process with these settings besides."""
    with _serving(home, "whole", env, grpc_address=LOOPBACK, http_address=LOOPBACK) as found:
        yield Addresses(found["grpc_address"], found["http_address"], int(found["pid"]))


@contextmanager
def four_roles(home: Path) -> Iterator[Addresses]:
    """The four roles, each in a process of its own."""
    with ExitStack() as roles:
        found = roles.enter_context(_serving(home, "drivers", drivers_address=LOOPBACK))
        found |= roles.enter_context(_serving(home, "compiler", compiler_address=LOOPBACK))
        found |= roles.enter_context(_serving(home, "kernel", kernel_address=LOOPBACK, **_only(found, "kernel")))
        public = {"grpc_address": LOOPBACK, "http_address": LOOPBACK}
        found |= roles.enter_context(_serving(home, "api", **public, **_only(found, "api")))
        yield Addresses(found["grpc_address"], found["http_address"])


def _only(found: dict[str, str], role: str) -> dict[str, str]:
    """The addresses that a role asks."""
    asked = {"kernel": ("drivers_address", "compiler_address"), "api": ("kernel_address",)}[role]
    return {name: found[name] for name in asked}


@contextmanager
def _serving(home: Path, role: str, env: Mapping[str, str] | None = None, **addresses: str) -> Iterator[dict[str, str]]:
    """One server process: started, waited for, ended. What it logs goes nowhere, at the level of a server in life."""
    words = [str(EIGEN), "serve", "--json", *([] if role == "whole" else ["--role", role])]
    for name, address in addresses.items():
        words += [f"--{name.replace('_', '-')}", address]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EIGEN_")}
    environment |= {"EIGEN_QFS_ROOT": str(home), "XDG_CONFIG_HOME": str(home), **(env or {})}
    if role != "whole":
        environment["EIGEN_METRICS_PORT"] = METRICS[role]
    with (home / f"{role}.log").open("wb") as log:
        process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise SystemExit(f"error: `{' '.join(words)}` ended:\n{(home / f'{role}.log').read_text()[-2000:]}")
        yield {**json.loads(line)["addresses"], "pid": str(process.pid)}
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()

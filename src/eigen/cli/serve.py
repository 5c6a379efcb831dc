"""`eigen serve`: the system as a server, whole or one role of it, until SIGTERM or Ctrl-C.

`--until-idle` opens no port: it works the queue of the data directory and ends when nothing is left.
"""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eigen.cli.arguments import Parser, settings, whole
from eigen.cli.commands import COMMANDS
from eigen.cli.output import say
from eigen.errors import EigenError
from eigen.serving import ROLES, WHOLE, serve

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.config import Settings

ADDRESSES = {
    "grpc_address": "where gRPC is answered",
    "http_address": "where REST, GraphQL and /metrics are answered",
    "kernel_address": "where the role `kernel` is",
    "drivers_address": "where the role `drivers` is",
    "compiler_address": "where the role `compiler` is",
}
NAMES = {"grpc_address": "gRPC", "http_address": "HTTP"}


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("serve", COMMANDS["serve"].summary)
    command.add_argument("--role", choices=ROLES, help="one of the four roles; without it all of them, in this process")
    for name, text in ADDRESSES.items():
        command.add_argument(f"--{name.replace('_', '-')}", metavar="HOST:PORT", help=f"{text}; port 0: any free one")
    command.add_argument("--metrics-port", metavar="PORT", help="loopback port of a role's /metrics, /healthz, /readyz")
    command.add_argument("--workers", metavar="N", help="jobs worked on at the same time")
    command.add_argument(
        "--executor",
        metavar="NAME",
        nargs="?",
        const="processes",
        help="where simulations run: off, processes, dask, kubernetes; without a name: processes",
    )
    command.add_argument("--scheduler", metavar="ADDRESS", help="the scheduler of the executor dask, tls://HOST:PORT")
    command.add_argument("--until-idle", action="store_true", help="open no port; end when no job is left to work on")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    flags = {name: getattr(options, name) for name in ADDRESSES}
    flags |= {
        name: whole(getattr(options, name), f"--{name.replace('_', '-')}") for name in ("metrics_port", "workers")
    }
    spread = {"executor": options.executor, "dask_scheduler": options.scheduler}
    loaded = replace(settings(options, quiet=False, **flags, **spread), endpoint="")
    if options.until_idle:
        given = [name for name, value in {"role": options.role, **flags}.items() if value is not None]
        if given:
            message = f"`--until-idle` opens no port: `--{given[0].replace('_', '-')}` has no meaning with it"
            raise EigenError("EIGEN_USAGE", message)
        return _until_idle(loaded)
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its lines are no JSON, and our errors say the same
    role = options.role or WHOLE
    serve(loaded, role, announce=lambda addresses: _announce(loaded, role, addresses, as_json=options.json))
    if not options.json:
        say("stopped; unfinished jobs continue at the next start")
    return 0


def _announce(loaded: Settings, role: str, addresses: Mapping[str, str], *, as_json: bool) -> None:
    """Say where requests are answered: one line of JSON on stdout for programs, a sentence on stderr for people."""
    if as_json:
        import json
        import sys

        sys.stdout.write(json.dumps({"role": role, "ready": True, "addresses": dict(addresses)}) + "\n")
        sys.stdout.flush()
        return
    places = ", ".join(
        f"{NAMES.get(name, name.removesuffix('_address'))} {'at ' if name in NAMES else ''}{address}"
        for name, address in addresses.items()
    )
    data = f" on {loaded.data_dir}" if role in {WHOLE, "kernel"} else ""
    say(f"serving {'the whole system' if role == WHOLE else f'the role {role}'}{data}: {places}; Ctrl-C stops")


def _until_idle(loaded: Settings) -> int:
    from eigen.app import EmbeddedTransport

    stop = threading.Event()
    _stop_on_signals(stop)
    transport = EmbeddedTransport(loaded)
    try:
        transport.worker().run_until(stop=stop)
    finally:
        transport.close()
    return 0


def _stop_on_signals(stop: threading.Event) -> None:
    """SIGTERM and SIGINT ask for an orderly end: the job at hand goes back to the queue."""

    def ask(_number: int, _frame: Any) -> None:
        stop.set()

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, ask)

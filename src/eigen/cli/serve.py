"""`eigen serve`: work the queue of the data directory in the foreground, until SIGTERM or Ctrl-C.

Unfinished jobs of earlier processes are continued. There is no network door here: jobs come from `eigen submit`
on the same data directory.
"""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Any

from eigen.cli.arguments import Parser, settings
from eigen.cli.commands import COMMANDS
from eigen.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> Parser:
    """The arguments of the command."""
    command = Parser("serve", COMMANDS["serve"].summary)
    command.add_argument("--until-idle", action="store_true", help="end when no job is left to work on")
    return command


def run(words: Sequence[str]) -> int:
    """Run the command."""
    options = parser().read(words)
    loaded = settings(options, quiet=False)
    from eigen.app import EmbeddedTransport

    stop = threading.Event()
    _stop_on_signals(stop)
    transport = EmbeddedTransport(loaded)
    try:
        worker = transport.worker()
        if options.until_idle:
            worker.run_until(stop=stop)
        else:
            say(f"working the queue of {loaded.data_dir}; jobs come from `eigen submit`, there is no network door")
            worker.run_forever(stop)
            say("stopped; unfinished jobs continue at the next start")
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

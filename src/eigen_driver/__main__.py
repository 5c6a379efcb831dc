"""`python -m eigen_driver MODULE:CLASS --socket PATH`: serve an engine until standard input ends.

Who started it holds the other end of standard input, so that no driver outlives its owner, however that ends.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
from contextlib import suppress
from importlib import import_module

from eigen_driver.server import serve

DRAIN_SECONDS = 5.0
"""What work at hand gets once SIGTERM has come."""


def main() -> None:
    """Load the engine, serve it, and end with standard input."""
    parser = argparse.ArgumentParser(prog="eigen_driver", description=__doc__)
    parser.add_argument("engine", metavar="MODULE:CLASS")
    parser.add_argument("--socket", required=True, help="where to listen; nothing may be there")
    words = parser.parse_args()
    module, _, name = words.engine.partition(":")
    os.umask(0o077)
    server = serve(getattr(import_module(module), name)(), words.socket)
    end = threading.Event()
    threading.Thread(target=_until_end_of_input, args=(end,), daemon=True).start()
    with suppress(KeyboardInterrupt):  # who owns this process decides
        end.wait()
    server.stop(DRAIN_SECONDS).wait()
    os._exit(0)  # an engine's threads do not keep the process


def _until_end_of_input(end: threading.Event) -> None:
    while sys.stdin.buffer.read(4096):
        pass
    end.set()


if __name__ == "__main__":
    main()

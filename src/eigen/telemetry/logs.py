"""Log lines: `log` writes one, `stamped` says which ids the lines inside carry, `configure` turns them on.

`logging` is imported when the first line is written: a command that has nothing to say does not pay for it.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from contextvars import ContextVar
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import logging
    from collections.abc import Generator, Mapping

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
STAMPS = ("trace_id", "span_id", "job_id", "device_id", "stage")
"""What a line can be stamped with, besides `timestamp level service message error`."""

stamps: ContextVar[Mapping[str, str]] = ContextVar("eigen_stamps")
"""The ids of the lines written here; spans add to them."""

_threshold = sys.maxsize
_stream: IO[str] | None = None
_logger: logging.Logger | None = None
_service = "eigen"
_adopted: list[logging.Handler] = []


def configure(level: str = "warning", stream: IO[str] | None = None) -> None:
    """Write lines from `level` on to `stream` (stderr); `off` is no level. A second call replaces the first."""
    global _threshold, _stream, _logger
    _threshold, _stream, _logger = LEVELS[level], stream, None


def silence() -> None:
    """Write nothing any more."""
    global _threshold
    _threshold = sys.maxsize


def name_service(name: str) -> None:
    """What `service` says in the lines of this process: the role, for example `eigen-api`."""
    global _service, _logger
    _service, _logger = name, None


def writes(level: str) -> bool:
    """Whether a line of this level is written."""
    return LEVELS[level] >= _threshold


def log(level: str, message: str, **fields: Any) -> None:
    """Write one line, when `level` is grave enough; `fields` are added to it (`error=` holds an exception)."""
    if LEVELS[level] < _threshold:
        return
    _ready().log(LEVELS[level], message, extra={"eigen": fields})


@contextmanager
def stamped(**ids: str) -> Generator[None]:
    """Stamp every line written inside with these ids, which are among STAMPS."""
    unknown = ids.keys() - set(STAMPS)
    if unknown:
        raise ValueError(f"log lines cannot be stamped with {sorted(unknown)}")
    token = stamps.set({**stamps.get({}), **ids})
    try:
        yield
    finally:
        stamps.reset(token)


def adopt_libraries() -> None:
    """Send what libraries log (gRPC, uvicorn, asyncio) through the same handler: warnings, at level debug also news."""
    if _threshold == sys.maxsize:
        return
    import logging

    release_libraries()
    root = logging.getLogger()
    _adopted.extend(_ready().handlers)
    root.handlers[:0] = _adopted
    root.setLevel(logging.INFO if _threshold <= LEVELS["debug"] else max(_threshold, logging.WARNING))


def release_libraries() -> None:
    """Undo `adopt_libraries`."""
    if not _adopted:
        return
    import logging

    root = logging.getLogger()
    for handler in _adopted:
        root.removeHandler(handler)
    _adopted.clear()
    root.setLevel(logging.WARNING)


def _ready() -> logging.Logger:
    """The logger `eigen`, with the one handler."""
    global _logger
    if _logger is None:
        import logging

        from eigen.telemetry.json_lines import handler

        _logger = logging.getLogger("eigen")
        _logger.handlers[:] = [handler(_stream or sys.stderr, _service)]
        _logger.setLevel(logging.DEBUG)  # `log` has already decided
        _logger.propagate = False
    return _logger

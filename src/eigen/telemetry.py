"""Logs as one JSON object a line, stamped with job and trace ids from a context variable. Standard library only.

Nothing is written until `configure` is called. `logging` is imported when the first line is written: a command that
has nothing to say does not pay for it.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from contextvars import ContextVar
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import logging
    from collections.abc import Generator, Mapping

SERVICE = "eigen"
LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}
STAMPS = ("trace_id", "span_id", "job_id", "device_id", "stage")
"""What a line can be stamped with, besides `timestamp level service message error`."""

_context: ContextVar[Mapping[str, str] | None] = ContextVar("eigen_log_context", default=None)
_threshold = sys.maxsize
_stream: IO[str] | None = None
_logger: logging.Logger | None = None


def configure(level: str = "warning", stream: IO[str] | None = None) -> None:
    """Write lines from `level` on to `stream` (stderr); calling it again replaces what was said before."""
    global _threshold, _stream, _logger
    _threshold, _stream, _logger = LEVELS[level], stream, None


def silence() -> None:
    """Write nothing any more."""
    global _threshold
    _threshold = sys.maxsize


def log(level: str, message: str, **fields: Any) -> None:
    """Write one line, when `level` is grave enough; `fields` are added to it (`error=` holds an exception)."""
    if LEVELS[level] < _threshold:
        return
    logger = _ready()
    logger.log(LEVELS[level], message, extra={"eigen": fields})


@contextmanager
def stamped(**ids: str) -> Generator[None]:
    """Stamp every line written inside with these ids, which are among STAMPS."""
    unknown = ids.keys() - set(STAMPS)
    if unknown:
        raise ValueError(f"log lines cannot be stamped with {sorted(unknown)}")
    token = _context.set({**(_context.get() or {}), **ids})
    try:
        yield
    finally:
        _context.reset(token)


@contextmanager
def span(name: str, **ids: str) -> Generator[None]:
    """A named stretch of work: its lines are stamped with its stage and, at level debug, its duration is logged."""
    if _threshold > LEVELS["debug"]:
        yield
        return
    from time import perf_counter

    started = perf_counter()
    with stamped(stage=name, **ids):
        try:
            yield
        finally:
            log("debug", f"{name} took {(perf_counter() - started) * 1000:.3f} ms")


def _ready() -> logging.Logger:
    """The logger `eigen`, with the one handler, filter and formatter."""
    global _logger
    if _logger is None:
        import logging

        class Stamp(logging.Filter):
            """Copies the ids of the current context onto a record: the only place where that happens."""

            def filter(self, record: logging.LogRecord) -> bool:
                record.__dict__.update(_context.get() or {})
                return True

        class JsonLines(logging.Formatter):
            """A record as one line of JSON."""

            def format(self, record: logging.LogRecord) -> str:
                return _line(record)

        handler = logging.StreamHandler(_stream or sys.stderr)
        handler.setFormatter(JsonLines())
        handler.addFilter(Stamp())
        _logger = logging.getLogger("eigen")
        _logger.handlers[:] = [handler]
        _logger.setLevel(logging.DEBUG)  # `log` has already decided
        _logger.propagate = False
    return _logger


def _line(record: logging.LogRecord) -> str:
    import json
    from datetime import UTC, datetime

    moment = datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds")
    line: dict[str, Any] = {
        "timestamp": moment.replace("+00:00", "Z"),
        "level": record.levelname.lower(),
        "service": SERVICE,
    }
    line |= {name: value for name in STAMPS if (value := getattr(record, name, ""))}
    line["message"] = record.getMessage()
    line |= getattr(record, "eigen", {})
    return json.dumps(line, ensure_ascii=True, default=str)

"""Logs as one JSON object a line, stamped with job and trace ids from context variables. Standard library only.

Nothing is written until `configure` is called; a library never configures logging by itself.
"""

from __future__ import annotations

import json
import logging
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator

SERVICE = "eigen"
FIELDS = ("trace_id", "span_id", "job_id", "device_id", "stage")
"""What a line can be stamped with, besides `timestamp level service message error`."""

_context: ContextVar[dict[str, str] | None] = ContextVar("eigen_log_context", default=None)


@contextmanager
def stamped(**ids: str) -> Generator[None]:
    """Stamp every log line written inside with these ids (`job_id`, `trace_id`, `span_id`, `device_id`, `stage`)."""
    unknown = ids.keys() - set(FIELDS)
    if unknown:
        raise ValueError(f"log lines cannot be stamped with {sorted(unknown)}")
    token = _context.set({**(_context.get() or {}), **ids})
    try:
        yield
    finally:
        _context.reset(token)


class Stamp(logging.Filter):
    """Copies the ids of the current context onto a record; the only place where that happens."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Always true."""
        for name, value in (_context.get() or {}).items():
            setattr(record, name, value)
        return True


class JsonLines(logging.Formatter):
    """A record as one line of JSON, in the field order of FIELDS."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its newline."""
        from datetime import UTC, datetime

        moment = datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "timestamp": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "service": SERVICE,
        }
        line |= {name: value for name in FIELDS if (value := getattr(record, name, ""))}
        line["message"] = record.getMessage()
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True, default=str)


def configure(level: str = "warning", stream: IO[str] | None = None) -> logging.Logger:
    """Write log lines of `eigen.*` from `level` on to `stream` (stderr); calling it again replaces the handler."""
    logger = logging.getLogger("eigen")
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    handler.addFilter(Stamp())
    logger.handlers[:] = [handler]
    logger.setLevel(level.upper())
    logger.propagate = False
    return logger

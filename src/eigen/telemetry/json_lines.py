"""A log record as one line of JSON: the filter that stamps it, the formatter that writes it, without secrets."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import IO, Any

from eigen.errors import EigenError
from eigen.telemetry.logs import STAMPS, stamps
from eigen.telemetry.redaction import redacted

MAX_ERROR_CHARS = 8_000
_encode = json.JSONEncoder(ensure_ascii=True).encode


def handler(stream: IO[str], service: str) -> logging.Handler:
    """The one handler of a process."""
    writer = logging.StreamHandler(stream)
    writer.setFormatter(JsonLines(service))
    writer.addFilter(Stamp())
    return writer


class Stamp(logging.Filter):
    """Copies the ids of the current context onto a record: the only place where that happens."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, stamped."""
        record.__dict__.update(stamps.get({}))
        return True


class JsonLines(logging.Formatter):
    """A record as one line of JSON; `service` names the role of the process."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        moment = datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds")
        line: dict[str, Any] = {
            "timestamp": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "service": self.service,
        }
        line |= {name: value for name in STAMPS if (value := getattr(record, name, ""))}
        line["message"] = record.getMessage()
        if record.name != "eigen":
            line["library"] = record.name
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = record.exc_info[1]
        line |= getattr(record, "eigen", {})
        if isinstance(error := line.get("error"), BaseException):
            line["error"] = _told(error)
        return _encode(redacted(line))


def _told(error: BaseException) -> str:
    """An error of ours by its code and words; any other is a surprise, told with its stack."""
    if isinstance(error, EigenError):
        return f"{error.code}: {error}"
    return "".join(traceback.format_exception(error)).strip()[-MAX_ERROR_CHARS:]

"""What the system tells about itself: log lines, spans of one trace per job, and metrics. Silent until it is asked.

Importing this loads neither `logging` nor OpenTelemetry nor prometheus-client; `start` and `configure` do, where the
settings ask for them.
"""

from eigen.telemetry.logs import LEVELS, STAMPS, configure, log, silence, stamped
from eigen.telemetry.metrics import METRICS, count, exposition, gauge, observe
from eigen.telemetry.start import start, stop
from eigen.telemetry.trace import Span, span, trace_id, traceparent, untraced

__all__ = [
    "LEVELS",
    "METRICS",
    "STAMPS",
    "Span",
    "configure",
    "count",
    "exposition",
    "gauge",
    "log",
    "observe",
    "silence",
    "span",
    "stamped",
    "start",
    "stop",
    "trace_id",
    "traceparent",
    "untraced",
]

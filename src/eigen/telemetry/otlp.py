"""Spans as OpenTelemetry spans, sent in batches by OTLP over gRPC; the only file that knows OpenTelemetry.

The provider is our own and not set globally: a program that traces itself keeps its provider, and when one of its
spans is current ours stand under it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.telemetry.redaction import redacted, redacted_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from eigen.telemetry.recorder import Attribute, Recording

BATCH_MILLISECONDS = 500
"""How long a span waits to be sent: short, so that little is missing of a process that was killed."""
EXPORT_SECONDS = 3
"""How long a batch is tried to be sent; also how long a process whose collector is away lingers at its end."""
MAX_STATUS_CHARS = 500


class OtlpRecorder:
    """Records every span whose trace is sampled, and each that begins a trace."""

    def __init__(self, service: str, endpoint: str) -> None:
        _check(endpoint)
        try:
            from opentelemetry import trace
            from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
            from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased
        except ImportError as error:
            raise EigenError(
                "EIGEN_NOT_AVAILABLE",
                "`otlp_endpoint` needs OpenTelemetry, which is not installed",
                hint='pip install "eigen-os[telemetry]"',
            ) from error
        logging.getLogger("opentelemetry.exporter").setLevel(
            logging.ERROR
        )  # one line for a lost batch, none for each try
        self._api: Any = trace
        self._provider: Any = TracerProvider(
            sampler=ParentBased(ALWAYS_ON),
            resource=Resource.create({"service.name": service}),
            shutdown_on_exit=True,
        )
        exporter = OTLPSpanExporter(endpoint=endpoint, insecure=endpoint.startswith("http://"), timeout=EXPORT_SECONDS)
        self._provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=BATCH_MILLISECONDS))
        self._tracer: Any = self._provider.get_tracer("eigen")
        self._kinds: dict[str, Any] = {kind.name.lower(): kind for kind in trace.SpanKind}

    def begin(self, name: str, kind: str, parent: str, attributes: Mapping[str, Attribute]) -> Recording:
        """Begin a span under `parent`, else under the program's own current span, else a trace."""
        span: Any = self._tracer.start_span(
            name,
            context=self._context(parent) if parent else None,
            kind=self._kinds[kind],
            attributes={f"eigen.{key}": redacted(value, key) for key, value in attributes.items()},
        )
        return OtlpRecording(self._api, span)

    def close(self) -> None:
        """Send what is left, and end."""
        self._provider.shutdown()

    def _context(self, parent: str) -> Any:
        above = self._api.SpanContext(
            trace_id=int(parent[3:35], 16),
            span_id=int(parent[36:52], 16),
            is_remote=True,
            trace_flags=self._api.TraceFlags(int(parent[53:55], 16)),
        )
        return self._api.set_span_in_context(self._api.NonRecordingSpan(above))


class OtlpRecording:
    """One OpenTelemetry span."""

    __slots__ = ("_api", "_span")

    def __init__(self, api: Any, span: Any) -> None:
        self._api, self._span = api, span

    def trace_context(self) -> str:
        """Its `traceparent`."""
        ids = self._span.get_span_context()
        return f"00-{ids.trace_id:032x}-{ids.span_id:016x}-{ids.trace_flags & 1:02x}"

    def set(self, name: str, value: Attribute) -> None:
        """Add an attribute."""
        self._span.set_attribute(f"eigen.{name}", redacted(value, name))

    def end(self, error: BaseException | None) -> None:
        """End the span; of an error the code and the first words, no stack and no values."""
        if error is not None and not isinstance(error, GeneratorExit):
            code = error.code if isinstance(error, EigenError) else type(error).__name__
            self._span.set_attribute("error.type", code)
            status = self._api.StatusCode.ERROR
            self._span.set_status(self._api.Status(status, redacted_text(f"{code}: {error}")[:MAX_STATUS_CHARS]))
        self._span.end()


def _check(endpoint: str) -> None:
    scheme, mark, address = endpoint.partition("://")
    if not mark or scheme not in ("http", "https") or not address.strip("/"):
        raise EigenError(
            "EIGEN_CONFIG_INVALID",
            f"`otlp_endpoint` must be an address, not `{redacted_text(endpoint)[:60]}`",
            hint="for example `http://localhost:4317`",
        )

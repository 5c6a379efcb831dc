"""An OTLP collector in the test's process: takes spans over gRPC and shows them as a tree."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as messages
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service


@dataclass(frozen=True, slots=True)
class CollectedSpan:
    """One span as it arrived."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    error: str
    start_ns: int
    end_ns: int


class Collector(service.TraceServiceServicer):
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.endpoint = ""
        self._spans: list[CollectedSpan] = []
        self._arrived = threading.Condition()

    def Export(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802
        found = [
            _collected(resource, span)
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        with self._arrived:
            self._spans += found
            self._arrived.notify_all()
        return messages.ExportTraceServiceResponse()

    @property
    def spans(self) -> list[CollectedSpan]:
        """Everything that came so far, in the order of the beginnings."""
        with self._arrived:
            return sorted(self._spans, key=lambda span: span.start_ns)

    def wait(self, enough: Callable[[list[CollectedSpan]], bool], seconds: float = 30) -> list[CollectedSpan]:
        """The spans, once `enough` of them says so."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: enough(self._spans), seconds):
                raise AssertionError(f"not enough spans in {seconds} s:\n{tree(self._spans)}")
        return self.spans


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a free port of loopback."""
    collector = Collector()
    server = grpc.server(ThreadPoolExecutor(max_workers=2))
    service.add_TraceServiceServicer_to_server(collector, server)
    collector.endpoint = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    try:
        yield collector
    finally:
        server.stop(None).wait()


def tree(spans: list[CollectedSpan]) -> str:
    """The spans as an indented tree, for the message of a failing test; orphans stand at the left with their parent."""
    known = {span.span_id for span in spans}
    lines: list[str] = []

    def write(parent: str, depth: int) -> None:
        for span in sorted(spans, key=lambda span: span.start_ns):
            if span.parent_id == parent:
                lines.append(
                    f"{'  ' * depth}{span.service}: {span.name} [{span.kind}] {span.trace_id[:8]} {span.error}"
                )
                write(span.span_id, depth + 1)

    write("", 0)
    for span in spans:
        if span.parent_id and span.parent_id not in known:
            lines.append(f"? {span.parent_id}")
            write(span.parent_id, 1)
    return "\n".join(lines)


def _collected(resource: Any, span: Any) -> CollectedSpan:
    return CollectedSpan(
        service=_values(resource.resource.attributes).get("service.name", ""),
        name=span.name,
        kind={1: "internal", 2: "server", 3: "client"}[span.kind],
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        attributes=_values(span.attributes),
        error=span.status.message if span.status.code == 2 else "",
        start_ns=span.start_time_unix_nano,
        end_ns=span.end_time_unix_nano,
    )


def _values(attributes: Any) -> dict[str, Any]:
    return {entry.key: getattr(entry.value, entry.value.WhichOneof("value")) for entry in attributes}

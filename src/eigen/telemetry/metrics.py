"""The metrics: one table of names, and `count`, `observe` and `gauge`, which do nothing until `turn_on`.

Never a job id as a label: what a label can say is counted on the fingers or in a table of routes. A metric that got
more series than that counts the rest as `other`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from eigen.telemetry.prometheus import Registry

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MAX_SERIES = 1_000
"""How many combinations of labels one metric keeps; 3 surfaces of some 40 routes with a handful of codes fit."""
FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
LONG = (0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0, 300.0, 1800.0, 7200.0)


class Metric(NamedTuple):
    """What one metric means; `buckets` are the upper bounds of a histogram in seconds."""

    kind: str
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


METRICS = {
    "eigen_api_requests_total": Metric(
        "counter",
        "requests answered; method: the HTTP method or `GRPC`, endpoint: the route or RPC, status: the HTTP status or "
        "gRPC code",
        ("method", "endpoint", "status"),
    ),
    "eigen_api_request_duration_seconds": Metric(
        "histogram", "time from a request to the end of its answer", ("method", "endpoint"), FAST
    ),
    "eigen_kernel_job_state_transitions_total": Metric(
        "counter", "moves of jobs from one state to another; `from` is empty for a new job", ("from", "to")
    ),
    "eigen_kernel_stage_duration_seconds": Metric(
        "histogram", "time that a job spent in one stage of the kernel", ("stage",), LONG
    ),
    "eigen_kernel_queue_depth": Metric("gauge", "jobs that wait"),
    "eigen_kernel_active_jobs": Metric("gauge", "jobs that are being worked on"),
    "eigen_driver_requests_total": Metric(
        "counter", "calls of a driver; success: `true` or `false`", ("driver", "op", "success")
    ),
    "eigen_driver_request_duration_seconds": Metric(
        "histogram", "time of one call of a driver", ("driver", "op"), LONG
    ),
    "eigen_kernel_cache_total": Metric(
        "counter", "work that was looked for in the result cache; outcome: `hit`, `miss` or `damaged`", ("outcome",)
    ),
    "eigen_compiler_cache_total": Metric(
        "counter",
        "compilations that were looked for in memory; kind: `program`, or `circuit` in a device's terms; outcome: "
        "`hit` or `miss`",
        ("kind", "outcome"),
    ),
    "eigen_kernel_snapshots_total": Metric(
        "counter",
        "snapshots of simulators' states; outcome: `taken`, `restored`, `refused` or `failed`",
        ("outcome",),
    ),
    "eigen_outbox_lag_events": Metric(
        "gauge",
        "events of the log that a sink was not told yet, counted to a million; 0 where another server tells",
        ("sink",),
    ),
    "eigen_outbox_events_total": Metric("counter", "events that a sink took", ("sink", "topic")),
    "eigen_outbox_dead_letters_total": Metric("counter", "events that a sink refused for good", ("sink",)),
    "eigen_outbox_skipped_total": Metric(
        "counter", "events that were given up: refused with their dead letter, or of files that are gone", ("sink",)
    ),
}
"""Every metric by name, in the order of the exposition."""

_LABELS = {name: frozenset(metric.labels) for name, metric in METRICS.items()}
_registry: Registry | None = None


def count(metric: str, **labels: str) -> None:
    """Add one to a counter; an undeclared name or label is a KeyError or ValueError, also while metrics are off."""
    _check(metric, labels)
    if _registry is not None:
        _registry.count(metric, labels)


def observe(metric: str, seconds: float, **labels: str) -> None:
    """Add one duration to a histogram."""
    _check(metric, labels)
    if _registry is not None:
        _registry.observe(metric, seconds, labels)


def gauge(metric: str, value: float, **labels: str) -> None:
    """Say what a gauge reads now."""
    _check(metric, labels)
    if _registry is not None:
        _registry.gauge(metric, value, labels)


def exposition() -> bytes:
    """All metrics in the text format of Prometheus, CONTENT_TYPE; empty while metrics are off."""
    return b"" if _registry is None else _registry.exposition()


def turn_on() -> None:
    """Count from now on; EIGEN_NOT_AVAILABLE without prometheus-client."""
    global _registry
    if _registry is None:
        from eigen.telemetry.prometheus import Registry

        _registry = Registry()


def turn_off() -> None:
    """Count nothing any more and forget what was counted."""
    global _registry
    _registry = None


def _check(metric: str, labels: dict[str, str]) -> None:
    if labels.keys() != _LABELS[metric]:
        raise ValueError(f"`{metric}` has the labels {METRICS[metric].labels}, not {tuple(labels)}")

"""The metrics in prometheus-client; the only file that knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen.errors import EigenError
from eigen.telemetry.metrics import MAX_SERIES, METRICS

if TYPE_CHECKING:
    from collections.abc import Mapping

OTHER = "other"


class Registry:
    """One registry with exactly the metrics of the table."""

    def __init__(self) -> None:
        try:
            from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
        except ImportError as error:
            raise EigenError(
                "EIGEN_NOT_AVAILABLE",
                "metrics need prometheus-client, which is not installed",
                hint='pip install "eigen-os[telemetry]"',
            ) from error
        disable_created_metrics()
        self._registry: Any = CollectorRegistry(auto_describe=False)
        makers: dict[str, Any] = {"counter": Counter, "gauge": Gauge, "histogram": Histogram}
        self._metrics: dict[str, Any] = {}
        self._series: dict[str, dict[tuple[str, ...], Any]] = {name: {} for name in METRICS}
        for name, metric in METRICS.items():
            more: dict[str, Any] = {"buckets": metric.buckets} if metric.buckets else {}
            self._metrics[name] = makers[metric.kind](name, metric.help, metric.labels, registry=self._registry, **more)

    def count(self, name: str, labels: Mapping[str, str]) -> None:
        """Add one."""
        self._child(name, labels).inc()

    def observe(self, name: str, seconds: float, labels: Mapping[str, str]) -> None:
        """Add a duration."""
        self._child(name, labels).observe(seconds)

    def gauge(self, name: str, value: float, labels: Mapping[str, str]) -> None:
        """Set a gauge."""
        self._child(name, labels).set(value)

    def exposition(self) -> bytes:
        """The text format, version 0.0.4."""
        from prometheus_client import generate_latest

        return generate_latest(self._registry)

    def _child(self, name: str, labels: Mapping[str, str]) -> Any:
        """The series with these labels; `other` for each label when the metric has too many."""
        names = METRICS[name].labels
        if not names:
            return self._metrics[name]
        key = tuple(labels[label] for label in names)
        series = self._series[name]
        child = series.get(key)
        if child is None:
            if len(series) >= MAX_SERIES:
                key = (OTHER,) * len(names)
            child = series[key] = self._metrics[name].labels(*key)
        return child

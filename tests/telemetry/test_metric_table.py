"""The metrics: exactly the contract's names and labels, a bounded number of series, nothing while off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from eigen import telemetry
from eigen.config import Settings
from eigen.telemetry import metrics

CONTRACT = {
    "eigen_api_requests_total": ("method", "endpoint", "status"),
    "eigen_api_request_duration_seconds": ("method", "endpoint"),
    "eigen_kernel_job_state_transitions_total": ("from", "to"),
    "eigen_kernel_stage_duration_seconds": ("stage",),
    "eigen_kernel_queue_depth": (),
    "eigen_kernel_active_jobs": (),
    "eigen_driver_requests_total": ("driver", "op", "success"),
    "eigen_driver_request_duration_seconds": ("driver", "op"),
    "eigen_kernel_cache_total": ("outcome",),
    "eigen_compiler_cache_total": ("kind", "outcome"),
    "eigen_kernel_snapshots_total": ("outcome",),
    "eigen_outbox_lag_events": ("sink",),
    "eigen_outbox_events_total": ("sink", "topic"),
    "eigen_outbox_dead_letters_total": ("sink",),
    "eigen_outbox_skipped_total": ("sink",),
}


@pytest.fixture
def counting() -> Iterator[None]:
    telemetry.start("eigen-kernel", Settings())
    yield
    telemetry.stop()


def samples() -> dict[tuple[str, tuple[str, ...]], float]:
    families = text_string_to_metric_families(telemetry.exposition().decode())
    return {(s.name, tuple(sorted(s.labels.values()))): s.value for family in families for s in family.samples}


def test_the_table_is_the_contracts() -> None:
    assert {name: metric.labels for name, metric in telemetry.METRICS.items()} == CONTRACT
    for name, metric in telemetry.METRICS.items():
        kind = "counter" if name.endswith("_total") else "histogram" if name.endswith("_seconds") else "gauge"
        assert metric.kind == kind
        assert bool(metric.buckets) == (kind == "histogram")


@pytest.mark.usefixtures("counting")
def test_what_was_counted_is_exposed_under_the_declared_names_only() -> None:
    telemetry.count("eigen_kernel_job_state_transitions_total", **{"from": "PENDING", "to": "COMPILING"})
    telemetry.count("eigen_kernel_job_state_transitions_total", **{"from": "PENDING", "to": "COMPILING"})
    telemetry.observe("eigen_kernel_stage_duration_seconds", 0.02, stage="compile")
    telemetry.gauge("eigen_kernel_queue_depth", 7)
    found = samples()
    assert found["eigen_kernel_job_state_transitions_total", ("COMPILING", "PENDING")] == 2
    assert found["eigen_kernel_stage_duration_seconds_sum", ("compile",)] == 0.02
    assert found["eigen_kernel_queue_depth", ()] == 7
    typed = [line.split()[2] for line in telemetry.exposition().decode().splitlines() if line.startswith("# TYPE")]
    assert typed == list(CONTRACT)


def test_while_off_nothing_is_counted() -> None:
    telemetry.count("eigen_driver_requests_total", driver="d", op="execute", success="true")
    assert telemetry.exposition() == b""


@pytest.mark.parametrize("labels", [{}, {"stage": "x", "job_id": "job_1"}, {"job": "job_1"}])
def test_undeclared_labels_raise_also_while_off(labels: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="has the labels"):
        telemetry.observe("eigen_kernel_stage_duration_seconds", 1.0, **labels)


def test_an_undeclared_name_raises_also_while_off() -> None:
    with pytest.raises(KeyError):
        telemetry.count("eigen_jobs_total")


@pytest.mark.usefixtures("counting")
def test_the_number_of_series_is_bounded() -> None:
    for number in range(metrics.MAX_SERIES + 50):
        telemetry.observe("eigen_kernel_stage_duration_seconds", 1.0, stage=f"made up {number}")
    count = {name[1]: value for name, value in samples().items() if name[0].endswith("_count")}
    assert len(count) == metrics.MAX_SERIES + 1
    assert count["other",] == 50


def test_no_label_can_hold_an_id() -> None:
    labels = {label for metric in telemetry.METRICS.values() for label in metric.labels}
    assert not [label for label in labels if "job" in label or label.endswith("id") or "tenant" in label]

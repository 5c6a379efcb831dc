"""Turning telemetry on and off in one process, as its settings ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eigen.config import Settings


def start(service: str, settings: Settings, *, metrics: bool = True) -> None:
    """Name the process's role (`eigen-api`, `eigen-kernel`, `eigen-compiler`, `eigen-drivers`, `eigen-client`), send
    its spans where `otlp_endpoint` says, count its metrics, and let libraries log in our form.

    `metrics` is false for a process that answers no /metrics: it counts nothing and leaves the libraries' logs alone.
    Raises EIGEN_NOT_AVAILABLE without the extra, EIGEN_CONFIG_INVALID for an endpoint that is none. Starting what is
    started already changes nothing but the name.
    """
    from eigen.config import describe
    from eigen.telemetry import logs, trace
    from eigen.telemetry.redaction import hide

    for setting in describe(settings):
        if setting.secret and setting.value:
            hide(str(setting.value))
    logs.name_service(service)
    if settings.otlp_endpoint and not trace.recording():
        from eigen.telemetry.otlp import OtlpRecorder

        trace.record_with(OtlpRecorder(service, settings.otlp_endpoint))
    if metrics:
        from eigen.telemetry.metrics import turn_on

        turn_on()
        logs.adopt_libraries()


def stop() -> None:
    """Send the spans that are left, and end what `start` began. Log lines go on until `silence`."""
    from eigen.telemetry import logs, metrics, trace

    recorder = trace.record_with(None)
    if recorder is not None:
        recorder.close()
    metrics.turn_off()
    logs.release_libraries()

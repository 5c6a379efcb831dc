"""Calls of drivers, told to the telemetry: each is a span, counted by driver, operation and success, and timed."""

from __future__ import annotations

from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

from eigen.telemetry import count, observe, span

if TYPE_CHECKING:
    from collections.abc import Generator

    from eigen.drivers.driver import QDriver


@contextmanager
def calling(driver: QDriver, operation: str, device_id: str) -> Generator[None]:
    """One call of a driver; an exception counts as a failure and goes on."""
    started, success = perf_counter(), "false"
    try:
        with span(f"driver.{operation}", kind="client", device_id=device_id, driver=driver.name):
            yield
        success = "true"
    finally:
        seconds = perf_counter() - started
        count("eigen_driver_requests_total", driver=driver.name, op=operation, success=success)
        observe("eigen_driver_request_duration_seconds", seconds, driver=driver.name, op=operation)

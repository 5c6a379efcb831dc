"""Braket's local simulators as devices: what every engine keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doubles.engine_laws import Bench, EngineLaws, started
from doubles.packages import needed
from eigen_driver.engines.braket import BraketEngine

if TYPE_CHECKING:
    from eigen_driver import Engine

needed("amazon-braket-sdk")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return started(BraketEngine())


@pytest.fixture(params=["braket:local_sv", "braket:local_dm"])
def bench(engine: Engine, request: pytest.FixtureRequest) -> Bench:
    return Bench.of(engine, request.param)


class TestLaws(EngineLaws):
    """Of both devices."""

"""pyQuil's simulators as devices: what every engine keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doubles.engine_laws import Bench, EngineLaws, started
from doubles.packages import needed
from eigen_driver.engines.pyquil import PyquilEngine

if TYPE_CHECKING:
    from eigen_driver import Engine

needed("pyquil")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return started(PyquilEngine())


@pytest.fixture(params=["rigetti:wavefunction", "rigetti:density"])
def bench(engine: Engine, request: pytest.FixtureRequest) -> Bench:
    return Bench.of(engine, request.param)


class TestLaws(EngineLaws):
    """Of every device."""

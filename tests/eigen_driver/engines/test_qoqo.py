"""QuEST through qoqo as a device: what every engine keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doubles.engine_laws import Bench, EngineLaws, started
from doubles.packages import needed
from eigen_driver.engines.qoqo import QoqoEngine

if TYPE_CHECKING:
    from eigen_driver import Engine

needed("qoqo")
needed("qoqo-quest")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return started(QoqoEngine())


@pytest.fixture(params=["qoqo:quest"])
def bench(engine: Engine, request: pytest.FixtureRequest) -> Bench:
    return Bench.of(engine, request.param)


class TestLaws(EngineLaws):
    """Of every device."""

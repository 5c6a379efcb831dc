"""Dask: a scheduler that dies loses nothing, and none is spoken to without TLS beyond loopback."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from doubles import tasks
from doubles.executors import dask
from eigen.errors import EigenError
from eigen.executors.dask import DaskExecutor
from eigen.executors.dispatch import Dispatcher
from eigen.executors.spool import Spool
from eigen.executors.tasks import read_result
from eigen.types import Device

if TYPE_CHECKING:
    from pathlib import Path

LONG = 120.0
DEVICE = Device("sim:statevector", "state vector", "simulator", 30, properties={"engine": "statevector"})


def test_a_scheduler_that_is_killed_and_restarted_loses_nothing(tmp_path: Path) -> None:
    with dask(tmp_path) as rack:
        home = Dispatcher(rack.executor, rack.spool)
        work, here = tasks.slow(), pytest.fail
        errand = home.begin("job", DEVICE, work)
        rack.cluster.kill_scheduler()
        with pytest.raises(EigenError) as caught:
            errand.result(LONG, here)  # type: ignore[arg-type]
        assert caught.value.code == "EIGEN_SERVER_UNREACHABLE"
        rack.cluster.start_scheduler()
        found = home.begin("job", DEVICE, work).result(LONG, here)  # type: ignore[arg-type]
        assert found.value is not None
        key = next((rack.spool.root / "results").iterdir()).name
        kept = rack.spool.result(key)
        assert kept is not None
        assert read_result(kept).value == found.value


def test_tasks_go_to_workers_that_have_what_they_ask(tmp_path: Path) -> None:
    with dask(tmp_path) as rack:
        rack.cluster.add_worker("with-gpu", "GPU=1")
        deadline = time.monotonic() + LONG
        while rack.executor.capacity().resources != {"GPU": 1.0}:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        for seed in range(6):
            spec = rack.spool.put_spec(tasks.described(tasks.bell(seed)))
            rack.executor.result(rack.executor.submit(spec, spec, resources={"GPU": 1.0}), LONG)
        client = rack.executor._connected()  # type: ignore[attr-defined]
        names = {address: each["name"] for address, each in client.scheduler_info(n_workers=-1)["workers"].items()}
        ran = [names[address] for addresses in client.who_has().values() for address in addresses]
        assert ran == ["with-gpu"] * 6
        with pytest.raises(EigenError) as caught:
            rack.executor.submit(tasks.key_of("two"), spec, resources={"GPU": 2.0})
        assert caught.value.code == "EIGEN_EXECUTOR_RESOURCES"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", "dask_scheduler"),
        ("127.0.0.1:8786", "dask_scheduler"),
        ("http://127.0.0.1:8786", "dask_scheduler"),
        ("tls://host", "dask_scheduler"),
        ("tcp://10.0.0.1:8786", "beyond loopback"),
        ("tcp://scheduler.example:8786", "beyond loopback"),
        ("tls://10.0.0.1:8786", "dask_ca"),
    ],
)
def test_addresses_without_mutual_tls_are_refused(tmp_path: Path, address: str, said: str) -> None:
    with pytest.raises(EigenError) as caught:
        DaskExecutor(Spool(tmp_path), address)
    assert caught.value.code == "EIGEN_CONFIG_INVALID"
    assert said in caught.value.message


def test_a_scheduler_that_is_not_there_is_unreachable(tmp_path: Path) -> None:
    executor = DaskExecutor(Spool(tmp_path), "tcp://127.0.0.1:1")
    spec = executor._spool.put_spec(tasks.described(tasks.bell()))
    with pytest.raises(EigenError) as caught:
        executor.submit(tasks.key_of("none"), spec, resources={})
    assert caught.value.code == "EIGEN_SERVER_UNREACHABLE"

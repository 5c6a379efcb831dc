"""A failing store tells strangers that it fails, and nothing about the machine, on every surface."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from doubles.front_door import FrontDoor, at_the_door
from doubles.grpc_door import GrpcDoor, at_the_grpc_door
from eigen.errors import EigenError
from eigen.wire.messages import jobs

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "the job database `/srv/eigen/jobs.db` cannot be used: disk I/O error"


async def broken(*_: Any, **__: Any) -> NoReturn:
    raise EigenError("EIGEN_STORE_UNAVAILABLE", SECRET)


def test_over_http(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(door: FrontDoor) -> None:
        for name in ("ready", "list", "audit"):
            monkeypatch.setattr(door.kernel, name, broken)
        graph = {"query": "{ jobs { nodes { jobId } } }"}
        for answer in (
            await door.client.get("/readyz"),
            await door.client.get("/v1/jobs"),
            await door.client.post("/graphql", json=graph),
        ):
            assert "EIGEN_STORE_UNAVAILABLE" in answer.text
            assert "srv" not in answer.text

    at_the_door(tmp_path, scenario, workers=0)


def test_over_grpc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(door: GrpcDoor) -> None:
        monkeypatch.setattr(door.kernel, "list", broken)
        error = await door.refusal("JobService/ListJobs", jobs.ListJobsRequest())
        assert error.code == "EIGEN_STORE_UNAVAILABLE"
        assert "srv" not in str(error.to_json())

    at_the_grpc_door(tmp_path, scenario, workers=0)

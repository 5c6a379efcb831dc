"""The guide to gRPC: its example runs as printed, and its table names every method there is."""

from __future__ import annotations

import asyncio
import re
import runpy
from pathlib import Path
from typing import TYPE_CHECKING

from doubles.grpc_door import GrpcDoor, at_the_grpc_door
from eigen.config import Settings
from eigen.wire.errors import DOMAIN
from eigen.wire.limits import ACCEPT_ERROR_BYTES
from eigen.wire.messages import SERVICES

if TYPE_CHECKING:
    import pytest

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs/guides/grpc.md").read_text("utf-8")
PROGRAMS: dict[str, str] = runpy.run_path(str(ROOT / "docs/error_examples.py"))["PROGRAMS"]


def test_the_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", GUIDE, flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    Path("bell.eigen.py").write_text(PROGRAMS["bell.eigen.py"], "utf-8")
    address = Settings().grpc_address
    assert address in example

    async def scenario(door: GrpcDoor) -> None:
        here = example.replace(address, f"127.0.0.1:{door.server.port}")
        await asyncio.to_thread(exec, compile(here, "grpc.md", "exec"), {})

    at_the_grpc_door(tmp_path / "data", scenario)
    *events, counts = capsys.readouterr().out.splitlines()
    assert events[0] == "1 JOB_STATE_PENDING"
    assert events[-1].endswith(" JOB_STATE_DONE")
    assert set(eval(counts)) == {"00", "11"}


def test_the_table_names_every_method() -> None:
    for service in SERVICES:
        (row,) = [line for line in GUIDE.splitlines() if line.startswith(f"| `{service.name}` |")]
        assert re.findall(r"`(\w+)`", row) == [service.name, *(method.name for method in service.methods)]


def test_names_of_the_guide_are_those_of_the_code() -> None:
    assert f"`{DOMAIN}`" in GUIDE
    assert f"`{ACCEPT_ERROR_BYTES}`" in GUIDE

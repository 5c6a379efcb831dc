"""What a command loads: help next to nothing, a program run in this process no server and no client of one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BELL = Path(__file__).parents[2] / "examples/bell/program.eigen.py"
NETWORK = ("grpc", "google.protobuf", "fastapi", "strawberry", "uvicorn", "opentelemetry", "prometheus_client", "httpx")
HEAVY = (*NETWORK, "alembic", "numpy", "scipy")


def loaded_by(*words: str) -> set[str]:
    """The modules that a command has loaded when it ends."""
    script = f"import sys\nfrom eigen.cli import main\nassert main({list(words)!r}) == 0\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("words", [("run", str(BELL)), ("list",), ("config",), ("version",)], ids=lambda w: w[0])
def test_a_command_in_this_process_loads_no_network(words: tuple[str, ...]) -> None:
    loaded_by("list")  # the database exists from here on
    found = loaded_by(*words)
    assert found.isdisjoint(HEAVY)
    assert not [name for name in found if name.startswith(("eigen.wire", "eigen.api", "eigen.roles", "eigen.serving"))]


def test_help_loads_next_to_nothing() -> None:
    ours = {name for name in loaded_by("--help") if name.startswith("eigen")}
    assert ours <= {"eigen", "eigen.cli", "eigen.cli.commands"}

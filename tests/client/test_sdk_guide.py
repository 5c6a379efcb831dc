"""The guide to the client library, run as it stands: in this process, and against a server. So is Pattern A."""

from __future__ import annotations

import re
import runpy
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from doubles.served import Served
from doubles.ten_programs import BELL

if TYPE_CHECKING:
    from collections.abc import Generator

ROOT = Path(__file__).parents[2]
PATTERN_A = ROOT / "examples" / "pattern_a"
BLOCKS = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/guides/sdk.md").read_text(), flags=re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Generator[Served]:
    with Served(tmp_path_factory.mktemp("served")) as server:
        yield server


@pytest.fixture(params=["embedded", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where `connect()` leads, and a folder with the programs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bell.eigen.py").write_text(BELL.program)
    shutil.copy(PATTERN_A / "energy.eigen.py", tmp_path)
    if request.param == "server":
        monkeypatch.setenv("EIGEN_ENDPOINT", f"grpc://{request.getfixturevalue('served').grpc_address}")
    return request.param


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_the_examples_of_the_guide_run(place: str, number: int) -> None:
    exec(compile(BLOCKS[number], f"sdk.md, example {number}, {place}", "exec"), {"__name__": "example"})


def test_pattern_a_finds_the_ground_state_in_its_ansatz(place: str) -> None:
    rough, fine = runpy.run_path(str(PATTERN_A / "optimise.py"))["ground_state"]()
    z, x, one = np.diag([1.0, -1.0]), np.array([[0.0, 1.0], [1.0, 0.0]]), np.eye(2)

    def on(sites: dict[int, np.ndarray]) -> np.ndarray:
        matrix = np.eye(1)
        for site in range(3):
            matrix = np.kron(sites.get(site, one), matrix)
        return matrix

    ising = -sum(on({i: z, i + 1: z}) for i in range(2)) + 0.7 * sum(on({i: x}) for i in range(3))
    ground = float(np.linalg.eigvalsh(ising)[0])
    assert ground - 1e-9 <= fine.fun <= rough.fun + 1e-6
    assert rough.fun == pytest.approx(fine.fun, abs=1e-3)
    assert fine.nfev < rough.nfev
    assert np.abs(fine.jac).max() < 1e-3

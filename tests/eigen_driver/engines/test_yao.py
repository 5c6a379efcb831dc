"""Yao's side that is written in Python, over a double of Julia's; where Julia is, the conformance kit asks both."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doubles import julia_states
from doubles.engine_laws import Bench, EngineLaws, started
from eigen.cli import main
from eigen.drivers import hosts
from eigen.drivers.hosts.manifest import shipped
from eigen.ir import CircuitBuilder, Observable
from eigen_driver import Expectation, RefusedError, Sample
from eigen_driver import Observable as Theirs
from eigen_driver.engines import yao

if TYPE_CHECKING:
    from collections.abc import Generator

    from eigen_driver import Engine

MANIFEST = next(row for row in shipped() if row.name == "yao")
PROGRAM = Path(hosts.__file__).parent / "julia" / "states.jl"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Generator[Engine]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(julia_states.put_into(tmp_path_factory.mktemp("bin"))), prepend=":")
        made = yao.YaoEngine()
        yield started(made)
        made._julia.close()


@pytest.fixture
def bench(engine: Engine) -> Bench:
    return Bench.of(engine, "yao:statevector")


class TestLaws(EngineLaws):
    """Of the device."""


def entangled(width: int) -> CircuitBuilder:
    builder = CircuitBuilder(width, width)
    builder.gate("H", [0])
    for qubit in range(1, width):
        builder.gate("CX", [qubit - 1, qubit])
    return builder


def test_a_julia_that_ends_fails_one_piece_of_work(bench: Bench) -> None:
    """The double ends at a state of 13 qubits."""
    theirs = Theirs.from_json("z", Observable.from_terms(13, [("Z0", 1.0)]).to_json())
    with pytest.raises(RefusedError, match="Julia ended with status 3") as caught:
        bench.engine.expectation(bench.device, Expectation(bench.read(entangled(13).build()), (), theirs))
    assert caught.value.code == "EIGEN_DEVICE_FAILED"
    builder = entangled(3)
    builder.measure([0, 1, 2], [0, 1, 2])
    found = bench.engine.sample(bench.device, Sample(bench.read(builder.build()), (), 100, 5))
    assert set(found.found) == {0, 7}


def test_what_yao_says_went_wrong_is_told(bench: Bench) -> None:
    state = yao._State(bench.engine._julia, 2, {})  # type: ignore[attr-defined]  # of which Julia knows nothing
    with pytest.raises(RefusedError, match="Yao failed: KeyError"):
        state.one(0)


def test_states_are_let_go_of(bench: Bench) -> None:
    julia = bench.engine._julia  # type: ignore[attr-defined]
    state = yao._State(julia, 1, {})
    julia.tell("new", state.name, 1)
    name, _ = state.name, state.one(0)
    del state
    assert name in julia.freed
    with pytest.raises(RefusedError, match="KeyError"):
        julia.ask("one", name, 0)
    assert julia.freed == []


def test_both_sides_know_the_same_commands() -> None:
    said = PROGRAM.read_text()
    for name in ("new", "copy", "free", "apply", "project", "one", "draw", "mean", "probability"):
        assert f'name == "{name}"' in said
        assert f"#     {name} ID" in said


def test_it_is_installed_and_runs_in_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(julia_states.put_into(tmp_path / "bin")), prepend=":")
    monkeypatch.setenv("EIGEN_ENVIRONMENTS_ROOT", str(tmp_path / "environments"))
    monkeypatch.setenv("EIGEN_QFS_ROOT", str(tmp_path / "data"))
    assert main(["backends", "install", "yao", "--json"]) == 0
    (row,) = [row for row in json.loads(capfd.readouterr().out)["backends"] if row["name"] == "yao"]
    assert row["state"] == "installed"
    assert row["devices"] == ["yao:statevector"]
    source = Path(__file__).parents[3] / "examples" / "bell" / "program.eigen.py"
    assert main(["run", str(source), "--target", "yao:statevector", "--shots", "100", "--seed", "1", "--json"]) == 0
    counts = json.loads(capfd.readouterr().out)
    assert "00" in str(counts)
    assert main(["backends", "remove", "yao", "--json"]) == 0


def test_without_julia_it_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert MANIFEST.missing() == "julia"
    assert shutil.which("julia") is None

"""Work that was done before is answered with its result, to the bit; where that may not be, it is done again."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from doubles import house, kill_places
from eigen.compiler.compile import Compiled
from eigen.drivers.native import NativeDriver
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Observable
from eigen.ir.program import Node, Program, Region
from eigen.kernel.effects import recall
from eigen.kernel.failpoints import EXIT_STATUS
from eigen.kernel.kernel import Kernel
from eigen.kernel.worker import Worker
from eigen.qfs.result_cache import SqlResultCache
from eigen.qfs.sqlite import SqliteDatabase
from eigen.types import Caller, JobState

if TYPE_CHECKING:
    from eigen.kernel.ports import Ports
    from eigen.types import JobResults, LoopResult, LoopWork, Work, WorkResult

TESTS = Path(__file__).parent.parent
ROOM = 64 << 20
DEVICE = "sim:statevector"


class Counted(NativeDriver):
    """The native engines, and how often they were asked."""

    def __init__(self) -> None:
        super().__init__()
        self.initialize({})
        self.asked = 0

    def execute_circuit(self, device_id: str, work: Work) -> WorkResult:
        self.asked += 1
        return super().execute_circuit(device_id, work)

    def advance(self, device_id: str, work: LoopWork) -> LoopResult:
        self.asked += 1
        return super().advance(device_id, work)


class House:
    """A kernel with a result cache, and its driver."""

    def __init__(self, root: Path, room: int = ROOM) -> None:
        root.mkdir(exist_ok=True)
        (root / house.CACHE).write_text(str(room))
        self.driver = Counted()
        self.ports: Ports = house.ports(root, devices=house.Drivers(self.driver))
        self.root = root

    def run(self, program: str = "vqe-gradient", tenant: str = "default", **changes: Any) -> tuple[JobResults, int]:
        """The results of a job, and how often the driver was asked for them."""
        job, before = house.spec(program, **changes), self.driver.asked
        caller = Caller(tenant="" if tenant == "default" else tenant)
        job_id = Kernel(self.ports, caller).submit(job, house.files(job))
        return self.finish(job_id), self.driver.asked - before

    def finish(self, job_id: str) -> JobResults:
        assert Worker(self.ports).run_until(job_id)
        results = Kernel(self.ports).results(job_id)
        assert results.state is JobState.DONE, results.error
        return results


@pytest.fixture(autouse=True)
def _everything_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "LEAST_AMPLITUDES", 0)
    monkeypatch.setattr(recall, "LEAST_SECONDS", -1.0)
    monkeypatch.setattr(recall, "SECONDS_PER_BYTE", 0.0)


@pytest.fixture
def home(tmp_path: Path) -> House:
    return House(tmp_path)


def told(results: JobResults) -> Any:
    """All that a result says of what was computed."""
    metadata = dict(results.metadata)
    for name in ("cache", "execution_time_sec"):
        metadata.pop(name, None)
    return results.outputs, results.counts, results.circuits, metadata


PROGRAMS = ("bell", "vqe", "vqe-shots", "vqe-gradient", "turned")


@pytest.mark.parametrize("program", PROGRAMS)
def test_the_same_job_again_is_answered(home: House, program: str) -> None:
    first, done = home.run(program)
    again, more = home.run(program)
    assert (done > 0, more) == (True, 0)
    assert told(again) == told(first)
    assert "cache" not in first.metadata
    cache: Any = again.metadata["cache"]
    assert cache["hits"] == cache["of"] == done
    last = home.ports.jobs.journal_length(again.job_id) - 1
    assert cache["origins"] == [{"job_id": first.job_id, "evaluations": [0, last]}]
    journals = [home.ports.jobs.journal(job.job_id) for job in (first, again)]
    assert journals[0] == journals[1]
    assert Kernel(home.ports).verify(again.job_id).holds


def test_a_loop_in_pieces_is_answered_piece_by_piece(home: House) -> None:
    first, _ = home.run("vqe-wide")
    again, more = home.run("vqe-wide")
    assert more == 0
    assert told(again) == told(first)


def test_a_part_that_is_the_same_is_answered(home: House) -> None:
    home.run("vqe-shots")
    _, done = home.run("vqe-shots", max_iters=2)
    further, more = home.run("vqe-shots", max_iters=3)
    cache: Any = further.metadata["cache"]
    assert done < more + cache["hits"] == cache["of"]


@pytest.mark.parametrize(
    "change", [{"seed": 8}, {"noise_model": "depolarizing(0.01)"}, {"shots": 99}, {"target": "sim:density"}]
)
def test_another_question_is_asked(home: House, change: dict[str, Any]) -> None:
    home.run("bell")
    results, done = home.run("bell", **change)
    assert done == 1
    assert "cache" not in results.metadata


def test_another_version_or_instruction_set_is_another_question(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    home.run("bell")
    home.ports = replace(home.ports, versions={"eigen": "later"})
    assert home.run("bell")[1] == 1
    monkeypatch.setattr(recall._core, "instruction_set", lambda: "another")
    assert home.run("bell")[1] == 1
    assert home.run("bell")[1] == 0


def test_a_run_that_asks_for_chance_is_not_answered(home: House) -> None:
    assert [home.run("bell", seed=None)[1] for _ in range(2)] == [1, 1]
    assert home.ports.cache is not None
    assert home.ports.cache.use() == ()


def test_a_job_that_wants_no_cache_neither_looks_nor_keeps(home: House) -> None:
    assert home.run("bell", cache="off")[1] == 1
    assert home.run("bell", cache="on")[1] == 1
    assert home.run("bell", cache="off")[1] == 1
    assert home.run("bell")[1] == 0


def test_a_replay_does_it_all_again(home: House) -> None:
    first, done = home.run("vqe-shots")
    before = home.driver.asked
    again = home.finish(Kernel(home.ports).replay(first.job_id))
    assert home.driver.asked - before == done
    assert again.metadata["replay"]["verdict"] == "identical"  # type: ignore[index]
    assert "cache" not in again.metadata


def test_a_device_that_charges_is_always_asked(tmp_path: Path) -> None:
    (tmp_path / house.CACHE).write_text(str(ROOM))
    outside = house.ports(tmp_path)
    for _ in range(2):
        job = house.spec("bell", "double:metered")
        assert Worker(outside).run_until(Kernel(outside).submit(job, house.files(job)))
    assert outside.cache is not None
    assert outside.cache.use() == ()
    provider = outside.devices.driver_for("double:metered")
    assert len(provider.rows()) == 2  # type: ignore[attr-defined]


def test_no_tenant_is_answered_with_what_another_asked(home: House) -> None:
    assert [home.run("bell", tenant)[1] for tenant in ("acme", "umbrella", "acme", "umbrella")] == [1, 1, 0, 0]
    assert home.ports.cache is not None
    assert {use.tenant: use.entries for use in home.ports.cache.use()} == {"acme": 1, "umbrella": 1}


def test_what_a_budget_allows_is_the_same_with_a_cache(home: House) -> None:
    free, _ = home.run("vqe-shots")
    shots: Any = free.metadata["shots_used"]
    job = house.spec("vqe-shots", budget=replace(house.spec("bell").budget, max_shots=shots // 2))
    job_id = Kernel(home.ports).submit(job, house.files(job))
    assert Worker(home.ports).run_until(job_id)
    results = Kernel(home.ports).results(job_id)
    assert results.state is JobState.ERROR
    assert results.error is not None
    assert results.error["code"] == "EIGEN_RUN_BUDGET"
    assert results.metadata["cache"]["hits"] > 0  # type: ignore[index]


@pytest.mark.parametrize("column", ["data", "digest", "job_id"])
def test_a_flipped_byte_is_a_miss_that_is_told(home: House, column: str) -> None:
    first, _ = home.run("bell")
    database = SqliteDatabase(home.root / "eigen.db")
    kept = database.read(lambda c: c.execute(text(f"SELECT {column} FROM cached")).scalar())
    for place in range(0, len(kept), max(1, len(kept) // 8)):
        spoilt = bytearray(kept if column == "data" else kept.encode())
        spoilt[place] ^= 1
        value = bytes(spoilt) if column == "data" else spoilt.decode()
        change = text(f"UPDATE cached SET {column} = :value")
        database.write(lambda c, s=change, v=value: c.execute(s, {"value": v}))  # type: ignore[misc]
        again, done = home.run("bell")
        assert done == 1
        assert told(again) == told(first)
        log = [line["message"] for line in Kernel(home.ports).logs(again.job_id)]
        assert any("damaged" in str(line) for line in log)
        assert home.run("bell")[1] == 0
    database.close()


class Broken(SqlResultCache):
    """A cache whose database cannot be used."""

    def get(self, tenant: str, key: str) -> Any:
        raise EigenError("EIGEN_STORE_UNAVAILABLE", "no disk")

    def keep(self, *_: Any) -> None:
        raise EigenError("EIGEN_STORE_UNAVAILABLE", "no disk")


def test_a_cache_that_fails_fails_no_job(home: House, tmp_path: Path) -> None:
    database = SqliteDatabase(tmp_path / "other.db")
    home.ports = replace(home.ports, cache=Broken(database, ROOM))
    results, done = home.run("bell")
    assert done == 1
    log = [str(line["message"]) for line in Kernel(home.ports).logs(results.job_id) if line["level"] == "warning"]
    assert log == ["results of before cannot be looked up: no disk"]
    database.close()


def test_small_work_is_neither_looked_for_nor_kept(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for program in ("bell", "vqe", "vqe-shots"):
        assert "cache" not in home.run(program)[0].metadata
        assert "cache" not in home.run(program)[0].metadata
    assert home.ports.cache is not None
    assert home.ports.cache.use() == ()


@pytest.mark.parametrize("failpoint", kill_places.CACHE)
def test_who_dies_around_the_cache_loses_nothing(tmp_path: Path, failpoint: str) -> None:
    """The job runs in a process that dies there; whoever goes on, and the same job after it, has the same results."""
    home = House(tmp_path / "killed")
    whole = House(tmp_path / "whole").run("vqe-wide")[0]
    if failpoint == "cache.found":
        home.run("vqe-wide")
    environment = {**os.environ, "PYTHONPATH": str(TESTS), "EIGEN_FAILPOINT": failpoint}
    command = [sys.executable, "-m", "doubles.house", str(home.root), "vqe-wide", DEVICE]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False)
    assert done.returncode == EXIT_STATUS
    finished = home.finish(done.stdout.decode().strip())
    again, _ = home.run("vqe-wide")
    for results in (finished, again):
        assert results.outputs == whole.outputs
        assert results.metadata["minimizations"] == whole.metadata["minimizations"]
    assert "cache" in again.metadata or failpoint.startswith("cache.keeping")


GATES = st.sampled_from(["H", "X", "S", "T", "RX", "RY", "RZ", "CX", "CZ"])


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """A few stages over random circuits of up to four qubits."""
    width = draw(st.integers(2, 4))
    nodes: list[Node] = []
    circuits: list[Any] = []
    observable = Observable.from_terms(width, [("Z0 Z1", 0.7), ("X0", -0.5), ("Y1", 0.25)])
    for _ in range(draw(st.integers(1, 3))):
        op = draw(st.sampled_from(["run", "expectation", "probability"]))
        builder = CircuitBuilder(width, width if op == "run" else 0)
        for name in draw(st.lists(GATES, min_size=1, max_size=12)):
            qubit = draw(st.integers(0, width - 1))
            qubits = [qubit, (qubit + 1) % width] if name in {"CX", "CZ"} else [qubit]
            builder.gate(name, qubits, [draw(st.floats(-4, 4))] if name[0] == "R" else [])
        if op == "run":
            builder.measure(range(width), range(width))
        shots = draw(st.integers(8, 300)) if op == "run" or draw(st.booleans()) else None
        attrs: dict[str, Any] = {"circuit": len(circuits), "shots": shots}
        attrs |= {"observable": 0} if op == "expectation" else {}
        attrs |= {"bits": "0" * width} if op == "probability" else {}
        circuits.append(builder.build())
        nodes.append(Node(op, attrs=attrs, type="float" if op != "run" else "record:run"))
    nodes.append(Node("const", attrs={"value": 1}))
    floats = [index for index, node in enumerate(nodes) if node.type == "float"]
    return Program(
        tuple(circuits), (observable,), Region((), tuple(nodes), (floats[-1] if floats else len(nodes) - 1,))
    )


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> tuple[House, House]:
    folder = tmp_path_factory.mktemp("drawn")
    with_cache, without = House(folder / "with"), House(folder / "without")
    without.ports = replace(without.ports, cache=None)
    return with_cache, without


@given(program=programs(), seed=st.integers(0, 2**64 - 1), noise=st.sampled_from([None, "depolarizing(0.05)"]))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_results_are_those_without_a_cache(
    homes: tuple[House, House], program: Program, seed: int, noise: str | None
) -> None:
    with_cache, without = homes

    def compiled(*_: object, **__: object) -> Compiled:
        return Compiled(program, (), {"options": {}, "diagnostics": []}, None)

    def run(home: House) -> tuple[JobResults, int]:
        home.ports = replace(home.ports, compile=compiled)
        return home.run("bell", seed=seed, noise_model=noise)

    plain, done = run(without)
    first, _ = run(with_cache)
    again, more = run(with_cache)
    assert more == 0
    assert again.metadata["cache"]["hits"] == done  # type: ignore[index]
    assert told(plain) == told(first) == told(again)

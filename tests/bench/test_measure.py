"""One cell from its engines to its record; the store goes on where it stopped; a real worker answers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from bench.sim import command
from bench.sim.cells import Selection, cells
from bench.sim.measure import measure
from bench.sim.peers.protocol import Job
from bench.sim.workers import LateError, MissingError, Remote
from bench.store import Store

from bench import line

JOB = Job("hea", 4)


class Scripted:
    """A remote whose settings take the seconds that the test says, without a process."""

    def __init__(self, name: str, costs: dict[str, float], log: list[str], why: str = "") -> None:
        self.name, self.costs, self.log, self.why, self.setting = name, costs, log, why, ""

    def use(self, threads: int) -> None:
        if self.why == "missing":
            raise MissingError("no such package")

    def ask(self, do: str, timeout: float, **request: Any) -> dict[str, Any]:
        if do == "settings":
            return {"settings": [{"way": way} for way in self.costs]}
        if do == "prepare":
            if self.why == "late":
                raise LateError
            self.setting = request["setting"]["way"]
            return {"unsupported": "no such gate"} if self.why == "unsupported" else {"seconds": 0.5, "digest": "d"}
        if do == "run":
            self.log.append(self.name)
            return {"seconds": self.costs[self.setting]}
        if do == "check":
            Path(request["reference"]).touch()
            return {"agreement": {} if request["write"] else {"ok": True}}
        return {"facts": {"precision": "f64"}} if do == "facts" else {"version": "1"}


def ask(remotes: list[Scripted], foreseen: float | None = None, limit: float = 5.0) -> dict[str, Any]:
    return measure(JOB, remotes, limit, lambda name: foreseen, rounds=4)["engines"]  # type: ignore[arg-type]


def test_the_best_setting_is_found_and_turns_alternate() -> None:
    log: list[str] = []
    found = ask([Scripted("a", {"slow": 0.3, "fast": 0.1}, log), Scripted("b", {"only": 0.2}, log)])
    assert found["a"]["setting"] == {"way": "fast"}
    assert found["a"]["seconds"] == [0.1] * 4
    assert found["b"]["agreement"] == {"ok": True}
    assert log[-8:] == ["a", "b", "b", "a", "a", "b", "b", "a"]


@pytest.mark.parametrize(
    ("why", "told"),
    [("missing", "not installed"), ("late", "did not end"), ("unsupported", "no such gate")],
)
def test_an_engine_that_cannot_is_told_and_the_others_go_on(why: str, told: str) -> None:
    found = ask([Scripted("a", {"only": 0.1}, [], why), Scripted("b", {"only": 0.1}, [])])
    assert told in found["a"]["why"]
    assert "seconds" not in found["a"]
    assert len(found["b"]["seconds"]) == 4


def test_what_is_out_of_reach_is_left_out() -> None:
    assert "foreseen" in ask([Scripted("a", {"only": 0.1}, [])], foreseen=3.0)["a"]["why"]


def test_a_cell_ends_in_its_time() -> None:
    start = time.monotonic()
    found = ask([Scripted("a", {"only": 0.1}, [])], limit=0.0)
    assert time.monotonic() - start < 2
    assert "did not end" in found["a"]["why"]


def test_our_worker_prepares_runs_and_checks(tmp_path: Path) -> None:
    remote, reference = Remote("eigen"), str(tmp_path / "reference.npy")
    try:
        for job in (JOB, Job("qaoa", 4, "gradient"), Job("ghz", 4, "shots", shots=1000)):
            ready = remote.ask("prepare", 30, job=job.to_json(), setting={})
            assert ready["digest"] == job.circuit.digest
            assert remote.ask("run", 30, calls=3)["seconds"] > 0
            remote.ask("check", 30, reference=reference, write=True)
            assert remote.ask("check", 30, reference=reference, write=False)["agreement"]["ok"]
        assert "KeyError" in remote.ask("prepare", 30, job={"family": "none", "num_qubits": 4}, setting={})["failed"]
    finally:
        remote.end()


def test_an_engine_that_is_not_installed_is_missing() -> None:
    remote = Remote("eigen")
    remote.name = "qulacs"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line, "peers_python", lambda environment: None)
        with pytest.raises(MissingError, match="simulators"):
            remote.use(1)


def test_a_measurement_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, asked = Store(tmp_path), command.parse(["--family", "hea", "--qubits", "4", "8", "--output", "state"])
    seen: list[str] = []

    def noted(job: Job, *rest: object, **options: object) -> dict[str, Any]:
        seen.append(job.key)
        if len(seen) == 3:
            raise KeyboardInterrupt
        return {"engines": {"eigen": {"seconds": [1.0]}}, "load": []}

    monkeypatch.setattr(command, "measure", noted)
    wanted = list(cells(Selection(("hea",), (4, 8), (), ("state",))))
    with pytest.raises(KeyboardInterrupt):
        command._measure_all(wanted, store, asked)
    command._measure_all(wanted, store, asked)
    assert seen == ["hea-4-f64-state", "hea-8-f64-state", "hea-4-f32-state", "hea-4-f32-state", "hea-8-f32-state"]
    assert [cell["job"]["num_qubits"] for cell in store.all()] == [4, 4, 8, 8]


def test_the_quick_cells_are_few_and_no_cell_is_twice() -> None:
    everything, quick = list(cells(Selection())), list(cells(Selection(quick=True)))
    assert len({job.key for job in everything}) == len(everything)
    assert len(quick) * command.QUICK_CELL_SECONDS <= 20 * 60
    assert {job.num_qubits for job in everything} >= {4, 8, 12, 16, 20, 22, 24, 26}

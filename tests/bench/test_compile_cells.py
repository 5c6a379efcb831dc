"""The bench of compilers: its cells, its check of what was compiled, one cell from its compilers to its tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bench.compile import command, measure
from bench.compile.agreement import agreement
from bench.compile.cells import Selection, cells
from bench.compile.devices import HEAVY_HEX, device
from bench.compile.families import FAMILIES
from bench.compile.protocol import Job
from bench.compile.summary import Cell
from bench.compile.tables import tables
from bench.line import LateError
from bench.sim.circuit import Circuit, Gate
from bench.store import Store

if TYPE_CHECKING:
    from bench.compile.measure import Remote

JOB = Job("ghz", 4, "line")
BELL = Circuit(2, (Gate("H", (0,)), Gate("CX", (0, 1))))


def test_there_are_enough_circuits_of_enough_families_up_to_a_thousand_qubits() -> None:
    jobs = list(cells(Selection()))
    circuits = {(job.family, job.num_qubits) for job in jobs}
    assert len(circuits) >= 150
    assert len(FAMILIES) >= 10
    assert (min(n for _, n in circuits), max(n for _, n in circuits)) == (4, 1000)
    assert {job.topology for job in jobs} == {"all", "line", "grid", "heavy-hex"}
    assert len({job.key for job in jobs}) == len(jobs) == 4 * len(circuits)
    assert len(list(cells(Selection(quick=True)))) * command.QUICK_CELL_SECONDS <= 20 * 60


@pytest.mark.parametrize("topology", ["all", "line", "grid", "heavy-hex"])
@pytest.mark.parametrize("width", [4, 27, 28, 100, 1000])
def test_a_circuit_fits_on_the_smallest_device_of_each_shape(topology: str, width: int) -> None:
    chip = device(topology, width, "u+cx")
    assert chip.num_qubits >= width
    reached, edge = {0}, {0}
    while edge and chip.pairs:
        edge = {b if a in edge else a for a, b in chip.pairs if (a in edge) != (b in edge)} - reached
        reached |= edge
    assert len(reached) == (chip.num_qubits if chip.pairs else 1)


def test_the_lattices_have_the_couplings_of_the_processors_of_their_size() -> None:
    sizes = {size: len(device("heavy-hex", size, "u+cx").pairs) for size in HEAVY_HEX}
    assert sizes == {27: 28, 65: 72, 127: 144, 433: 504, 1121: 1320}


def test_every_small_circuit_is_built_and_is_always_the_same() -> None:
    for family in FAMILIES.values():
        first = family.build(family.widths[0])
        assert first.digest == family.build(family.widths[0]).digest
        assert first.num_qubits == family.widths[0]
        assert all(qubit < first.num_qubits for gate in first.gates for qubit in gate.qubits)


def written(folder: Path, gates: list[list[Any]], initial: list[int], final: list[int]) -> Path:
    path = folder / "compiled.json"
    path.write_text(json.dumps([5, gates, initial, final]))
    return path


H, CX = ["H", [3], []], ["CX", [3, 1], []]
SWAP = [["CX", [1, 2], []], ["CX", [2, 1], []], ["CX", [1, 2], []]]


def test_a_compiled_circuit_is_followed_from_where_it_starts_to_where_it_ends(tmp_path: Path) -> None:
    assert agreement(BELL, written(tmp_path, [H, CX], [3, 1], [3, 1]))["ok"]
    assert agreement(BELL, written(tmp_path, [H, CX, *SWAP], [3, 1], [3, 2]))["ok"]
    assert agreement(BELL, written(tmp_path, [H, CX, *SWAP], [3, 1], [3, 1]))["ok"] is False
    assert agreement(BELL, written(tmp_path, [H], [3, 1], [3, 1]))["ok"] is False
    assert agreement(BELL, written(tmp_path, [H, CX, ["X", [4], []]], [3, 1], [3, 1]))["ok"] is False


def test_wide_clifford_circuits_are_checked_and_other_wide_ones_are_not(tmp_path: Path) -> None:
    wide = FAMILIES["ghz"].build(40)
    gates = [[gate.name, gate.qubits, gate.params] for gate in wide.gates]
    everyone = list(range(40))
    assert agreement(wide, written(tmp_path, gates, everyone, everyone)) == {"ok": True, "method": "tableau"}
    assert agreement(wide, written(tmp_path, gates[:-1], everyone, everyone))["ok"] is False
    turned = [*gates, ["RX", [0], [0.3]]]
    assert agreement(wide, written(tmp_path, turned, everyone, everyone))["ok"] is None


class Scripted:
    """A compiler that takes the seconds that the test says, without a process."""

    def __init__(self, name: str, seconds: float, count: int, *, late: bool = False) -> None:
        self.name, self.seconds, self.count, self.late = name, seconds, count, late
        self.trials: list[int | None] = []

    def ask(self, job: Job, do: str, timeout: float, **request: Any) -> dict[str, Any]:
        if do == "run":
            if self.late:
                raise LateError
            self.trials.append(request["trials"])
            return {"seconds": self.seconds}
        if do == "read":
            return {"two_qubit_gates": self.count, "two_qubit_depth": 3, "gates": 9}
        return {"version": "1"}

    def end(self) -> None:
        """Nothing runs."""


def measured(*remotes: Scripted) -> Cell:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measure, "agreement", lambda *_: {"ok": True, "method": "state"})
        found = measure.measure(JOB, remotes, 5.0, lambda _: "", rounds=3)  # type: ignore[arg-type]
    return Cell.of({"job": JOB.to_json(), **found})


def test_trials_are_raised_until_the_times_are_equal() -> None:
    theirs = Scripted("qiskit", 0.1, 4)
    cell = measured(Scripted("eigen", 0.25, 5), theirs)
    assert 50 in theirs.trials
    assert cell.has("qiskit-raised")
    assert cell.best_peer() == "qiskit-1"
    assert cell.ratio("eigen-2", "qiskit-2") == 6 / 5
    shown = {table.title: table.rows for table in tables([cell])}
    assert [row[:4] for row in shown["Where qiskit-2 needs fewer gates on two qubits than eigen-2"]] == [
        ["GHZ, 4 qubits, line", "qiskit-2", "5", "4"]
    ]
    quick = measured(Scripted("eigen", 0.1, 5), Scripted("qiskit", 0.25, 4))
    assert not quick.has("qiskit-raised")


def test_a_compiler_that_is_late_is_told_and_left_out_at_wider_circuits(tmp_path: Path) -> None:
    cell = measured(Scripted("eigen", 0.1, 5), Scripted("pytket", 0.0, 0, late=True))
    assert cell.best_peer() is None
    store = Store(tmp_path)
    store.put(JOB, {"rivals": cell.rivals})
    why = command._left_out(store, Job("ghz", 8, "line"), 5.0)
    assert "too long at 4 qubits" in why("pytket-1")
    assert why("eigen-1") == ""


@pytest.mark.parametrize(
    "job", [JOB, Job("mcx", 4, "all"), Job("uccsd", 4, "heavy-hex", "rz+sx+cz")], ids=lambda j: j.key
)
def test_our_compiler_gives_what_was_asked_for(job: Job) -> None:
    remote: Remote = measure.Remote("eigen")
    try:
        found = measure.measure(job, [remote], 20.0, lambda _: "", rounds=1)["rivals"]
    finally:
        remote.end()
    assert [record["agreement"]["ok"] for record in found.values()] == [True] * 3

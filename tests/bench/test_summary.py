"""Ratios, means, losses and floors are what they say."""

from __future__ import annotations

from typing import Any

import pytest
from bench.sim.floors import WIDTHS, floor
from bench.sim.peers.protocol import Job
from bench.sim.summary import Cell, disagreements, geometric_mean, losses
from bench.sim.tables import tables

HOST = {"bytes_per_sec": 1e11, "f64_fma_per_sec": 1e11, "f32_fma_per_sec": 2e11}


def cell(job: Job, **seconds: float) -> Cell:
    return Cell(job, {name.replace("_", "-"): {"seconds": [2 * value, value]} for name, value in seconds.items()})


def test_the_ratio_is_to_the_best_dense_peer() -> None:
    found = cell(Job("hea", 20), eigen=2.0, qulacs=9.0, prism_q=5.0, ddsim=0.1)
    assert found.best_peer() == ("prism-q", 5.0)
    assert found.ratio() == 2.5
    assert found.middle("eigen") == 3.0
    assert [(name, ratio) for _, name, ratio in losses([found])] == [("ddsim", 0.05)]


def test_stim_is_the_peer_in_its_own_field() -> None:
    assert cell(Job("surface-code", 49, "frames", shots=10), eigen=1.0, stim=3.0).ratio() == 3.0
    assert cell(Job("ghz", 20, "shots", shots=10), eigen=1.0, stim=3.0).ratio() is None


def test_a_result_that_disagrees_has_no_time() -> None:
    found = cell(Job("hea", 20), eigen=2.0, qulacs=1.0)
    found.engines["qulacs"]["agreement"] = {"infidelity": 0.5, "ok": False}
    assert found.best_peer() is None
    assert found.ratio() is None
    assert [name for _, name, _ in disagreements([found])] == ["qulacs"]


def test_means() -> None:
    assert geometric_mean([2.0, 8.0]) == pytest.approx(4.0)
    assert geometric_mean([]) is None


def test_the_mean_takes_dense_families_from_20_qubits() -> None:
    cells = [
        cell(Job("hea", 20), eigen=1.0, qulacs=4.0),
        cell(Job("qft", 24), eigen=1.0, qulacs=9.0),
        cell(Job("hea", 16), eigen=1.0, qulacs=100.0),
        cell(Job("ghz", 20), eigen=1.0, qulacs=100.0),
    ]
    row = next(table for table in tables(cells, HOST) if table.title.startswith("Ratios")).rows[0]
    assert row[:4] == ["state, f64", "2", "6.00", "4.00"]


def test_rates_count_every_set_of_a_batch() -> None:
    found = cell(Job("hea", 8, "energies", batch=50), eigen=0.5, qulacs=1.0)
    table = next(table for table in tables([found], HOST) if "batches" in table.title)
    assert table.rows[0][1:] == ["100", "50", "2.00"]


def test_floors() -> None:
    least = floor("ry-hea", 24, "f64")
    assert least is not None
    assert least.num_bytes == 3 * 2**24 * 8
    assert least.multiply_adds == 2**24 * 240
    assert least.seconds(HOST, "f64") == pytest.approx(2**24 * 240 / 1e11)
    single = floor("ry-hea", 24, "f32")
    assert single is not None
    assert single.num_bytes * 2 == least.num_bytes
    assert floor("ghz", 24, "f64") is None
    assert floor("qft", 12, "f64") is None


@pytest.mark.parametrize("family", ["qft", "hea", "ry-hea", "qaoa", "tfim", "heisenberg", "grid", "quantum-volume"])
def test_every_floor_is_for_every_width(family: str) -> None:
    found = [floor(family, width, "f64") for width in WIDTHS]
    passes = [least.passes for least in found if least is not None]
    assert len(passes) == len(WIDTHS)
    assert passes == sorted(passes)


def test_what_was_not_measured_is_told() -> None:
    record: dict[str, Any] = {"why": "no gradients"}
    found = Cell(Job("hea", 20, "gradient"), {"eigen": {"seconds": [1.0]}, "aer": record})
    table = next(table for table in tables([found], HOST) if table.title == "Not measured")
    assert table.rows == [["aer", "1", "hea-20-f64-gradient", "no gradients"]]

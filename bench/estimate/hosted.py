"""Seconds that cost models of this host predict against measured ones, on the engines of other makers that
`eigen backends calibrate` measured, of circuits that nothing was fitted to: those of the conformance kit, and textbook
circuits of 8 to 16 qubits. Each is asked once, new to an engine whose process runs."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from bench.estimate.statistics import quantile
from bench.report import print_table
from bench.sim.families import algorithms, ansatz, dynamics, scrambling
from bench.sim.native import native
from eigen import _core
from eigen.app import make_registry
from eigen.compiler.lower import lower
from eigen.config import load_settings
from eigen.conformance import families
from eigen.errors import EigenError
from eigen.estimate.confidence import fitted_interval
from eigen.router import Features
from eigen.router.estimates import estimates
from eigen.router.features import Question
from eigen.types import ExpectationWork, SampleWork
from eigen.types.cost_model import CostModel

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from eigen.drivers.driver import QDriver
    from eigen.ir import Circuit
    from eigen.types import Device

SHOTS = 1000
WIDTHS = (8, 12, 16)
MADE = (algorithms.qft, algorithms.ghz, ansatz.hea, ansatz.qaoa, dynamics.tfim, scrambling.quantum_volume)
WIDTHS_OF_TABLEAUX = (20, 60, 200)
MOST_SECONDS = 5.0
"""What is predicted to take longer is not asked."""
Row = dict[str, Any]


def raced() -> list[Row]:
    """Predicted and measured seconds, on every device that has a cost model."""
    rows: list[Row] = []
    registry = make_registry(load_settings()[0])
    try:
        for device in registry.devices():
            if CostModel.of(device) is not None:
                rows += _of(registry.driver_for(device.id), device)
    finally:
        registry.close()
    return rows


def _of(driver: QDriver, device: Device) -> list[Row]:
    model = CostModel.of(device)
    assert model is not None
    rows: list[Row] = []
    warm = lower(families.ghz(0)[0], device).circuit
    driver.execute_circuit(device.id, SampleWork(warm, (), 1, 1))
    for name, circuit, values in _circuits(device):
        if circuit.num_qubits > model.widest:
            continue
        exact = not values and circuit.num_qubits in WIDTHS and {"expectation", "exact"} <= device.features
        for is_exact in (False, True) if exact else (False,):
            row = _row(driver, device, name, circuit, values, is_exact=is_exact)
            if row is not None:
                rows.append(row | {"off": model.off})
    return rows


def _row(
    driver: QDriver, device: Device, name: str, circuit: Circuit, values: tuple[float, ...], *, is_exact: bool
) -> Row | None:
    bare = circuit.without_measurements() if is_exact else circuit
    terms = [(f"Z{qubit}", 1.0) for qubit in range(bare.num_qubits)]
    observable = _core.Observable.from_terms(bare.num_qubits, terms)
    question = Question(bare, None if is_exact else SHOTS, (observable,) if is_exact else ())
    found = estimates(Features(bare.num_qubits, len(bare), questions=(question,)), [device]).get(device.id)
    if found is None or found.seconds is None or found.seconds > MOST_SECONDS:
        return None
    try:
        low = lower(bare, device).circuit
        work = ExpectationWork(low, values, observable, None, 3) if is_exact else SampleWork(low, values, SHOTS, 3)
        started = time.perf_counter()
        driver.execute_circuit(device.id, work)
        took = time.perf_counter() - started
    except EigenError:  # what a device cannot do, no model predicts
        return None
    what = f"{name}, {'exact' if is_exact else 'shots'}"
    return {"device": device.id, "circuit": what, "predicted": found.seconds, "measured": took}


def _circuits(device: Device) -> Iterator[tuple[str, Circuit, tuple[float, ...]]]:
    """Those of the conformance kit, and wider ones."""
    for name, circuit, values in families.circuits():
        if device.properties.get("clifford_only") is not True or _core.not_clifford(circuit) is None:
            yield name, circuit, values
    if device.properties.get("clifford_only") is True:
        for width in WIDTHS_OF_TABLEAUX:
            yield f"ghz {width}", native(algorithms.ghz(width)).measure_all(), ()
        return
    for width in WIDTHS:
        for made in MADE:
            yield f"{made.__name__} {width}", native(made(width)).measure_all(), ()


def judged(rows: Sequence[Row]) -> dict[str, float]:
    """Quantiles of measured over predicted, and the shares within the interval that estimates state, and within a
    factor of two and of five."""
    ratios = [row["measured"] / row["predicted"] for row in rows]
    return {
        "circuits": len(rows),
        "p10": quantile(ratios, 0.1),
        "p50": quantile(ratios, 0.5),
        "p90": quantile(ratios, 0.9),
        "within 2": sum(0.5 <= ratio <= 2.0 for ratio in ratios) / len(ratios),
        "within 5": sum(0.2 <= ratio <= 5.0 for ratio in ratios) / len(ratios),
        "coverage": sum(_lies_within(row) for row in rows) / len(rows),
    }


def _lies_within(row: Row) -> bool:
    low, high = fitted_interval(row["off"], row["predicted"])
    return low <= row["measured"] <= high


def show(rows: Sequence[Row]) -> None:
    """A table of the devices, and all of them together."""
    names = sorted({row["device"] for row in rows})
    table: list[list[str]] = []
    for name in [*names, "all"]:
        own = [row for row in rows if name in (row["device"], "all")]
        found = judged(own)
        shares = (f"{found[key]:.0%}" for key in ("within 2", "within 5", "coverage"))
        table.append([name, f"{len(own)}", *(f"{found[key]:.2f}" for key in ("p10", "p50", "p90")), *shares])
    heads = ["device", "circuits", "10th", "median", "90th", "within 2", "within 5", "in the interval"]
    print_table("Measured over predicted seconds of engines of other makers", heads, table)

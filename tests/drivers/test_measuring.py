"""Measuring: a device that behaves like a cost model is found out, what takes too long is stopped."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from eigen.drivers import measuring
from eigen.drivers.measuring import Sample, fit, is_clifford, measure
from eigen.errors import EigenError
from eigen.types import Device, ExpectationWork, SampleWork, WorkResult
from eigen.types.cost_model import GROWTHS, TERMS, CostModel

if TYPE_CHECKING:
    from eigen.ir import Circuit
    from eigen.types import Work

DEVICE = Device(
    "toy:one", "toy", "simulator", 14, features=frozenset({"dynamic", "exact", "expectation"}),
    properties={"version": "1"},
)  # fmt: skip


def model(growth: str, **weights: float) -> CostModel:
    return CostModel(growth, tuple(weights.get(name, 0.0) for name in TERMS), 1.0, 12)


MODELS = [
    model("qubits", call=2e-3, gate=1e-6, gate_state=3e-6, shot=1e-7, term=1e-5),
    model("amplitudes", call=1e-3, state=1e-8, gate=2e-6, gate_state=4e-8, shot_qubit=2e-7, term_state=1e-8),
    model("entries", call=5e-3, gate_state=1e-11, shot_gate=1e-8),
]


class Modelled:
    """A driver whose clock goes by a model; `most` is what it can do in one go."""

    def __init__(self, model: CostModel, monkeypatch: pytest.MonkeyPatch, *, start: float = 0.0) -> None:
        self.model = model
        self.now = 0.0
        self.start = start
        self.is_cold = True
        self.widths: list[int] = []
        self.cancelled: list[str] = []
        self.refuses = 1000
        self._work: Work | None = None
        monkeypatch.setattr(measuring, "perf_counter", lambda: self.now)

    def close(self) -> None:
        self.is_cold = True

    def warm(self) -> None:
        self.now += self.start if self.is_cold else 0.0
        self.is_cold = False

    def submit(self, device_id: str, key: str, work: Work) -> str:
        self._work = work
        return key

    def result(self, handle: str, timeout_sec: float | None = None) -> WorkResult:
        work = self._work
        assert isinstance(work, SampleWork | ExpectationWork)
        if work.circuit.num_qubits > self.refuses:
            raise EigenError("EIGEN_SIM_UNSUPPORTED", "it is too wide")
        gates = sum(count for name, count in work.circuit.count_ops().items() if name != "MEASURE")
        terms = work.observable.num_terms if isinstance(work, ExpectationWork) else 0
        took = self.model.seconds(work.circuit.num_qubits, gates, shots=work.shots or 0, terms=terms)
        self.widths.append(work.circuit.num_qubits)
        if timeout_sec is not None and took > timeout_sec:
            self.now += timeout_sec
            raise EigenError("EIGEN_RUN_TIMEOUT", "it is not done")
        self.now += took
        return WorkResult(None, None, None, None, 0.0, {})

    def cancel(self, handle: str) -> bool:
        self.cancelled.append(handle)
        return True


def as_it_is(circuit: Circuit, device: Device) -> Circuit:
    return circuit


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.growth)
def test_a_device_that_follows_a_model_is_found_out(model: CostModel, monkeypatch: pytest.MonkeyPatch) -> None:
    found = measure(Modelled(model, monkeypatch, start=3.0), DEVICE, as_it_is, seconds=1e6)  # type: ignore[arg-type]
    assert found.stopped == ""
    assert found.start == pytest.approx(3.0)
    made = fit(found.samples)
    assert (made.growth, made.widest) == (model.growth, 14)
    assert made.off == pytest.approx(1.0, abs=1e-6)
    for qubits, gates, shots, terms in ((3, 7, 0, 5), (10, 500, 1000, 0), (14, 20, 5, 0)):
        expected = model.seconds(qubits, gates, shots=shots, terms=terms)
        assert made.seconds(qubits, gates, shots=shots, terms=terms) == pytest.approx(expected, rel=1e-6)


def test_what_takes_long_is_not_asked_for_wider(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Modelled(model("amplitudes", gate_state=1e-4), monkeypatch)
    found = measure(slow, DEVICE, as_it_is, seconds=1e6)  # type: ignore[arg-type]
    assert max(slow.widths) == 8
    assert found.stopped.startswith("a circuit of 8 qubits took ")


def test_the_limit_of_time_stops_work_under_way_and_what_there_is_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Modelled(model("amplitudes", gate_state=1e-5), monkeypatch)
    told: list[str] = []
    found = measure(slow, DEVICE, as_it_is, seconds=30.0, tell=told.append)  # type: ignore[arg-type]
    assert found.stopped == "the time of 30 s was over"
    assert len(slow.cancelled) == 1
    assert slow.now <= 30.1
    made = fit(found.samples)
    assert made.widest < max(slow.widths), "the width that was cut short was not measured in full"
    assert len(told) == len(set(slow.widths))


def test_a_device_that_refuses_is_measured_as_far_as_it_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = Modelled(MODELS[0], monkeypatch)
    narrow.refuses = 4
    found = measure(narrow, DEVICE, as_it_is, seconds=60.0)  # type: ignore[arg-type]
    assert (found.stopped, fit(found.samples).widest) == ("it is too wide", 4)
    narrow.refuses = 1
    with pytest.raises(EigenError, match="it is too wide"):
        measure(narrow, DEVICE, as_it_is, seconds=60.0)  # type: ignore[arg-type]


def test_tableaux_are_asked_for_clifford_circuits_and_go_wide(monkeypatch: pytest.MonkeyPatch) -> None:
    told = replace(DEVICE, num_qubits=600, properties={"clifford_only": True})
    for device in (told, replace(DEVICE, num_qubits=600, gates=("H", "S", "CX"))):
        wide = Modelled(MODELS[0], monkeypatch)
        measure(wide, device, as_it_is, seconds=1e6)  # type: ignore[arg-type]
        assert set(wide.widths) == {2, 8, 32, 128, 512}
    assert not is_clifford(replace(DEVICE, gates=("RZ", "SX", "CX")))


def test_what_comes_with_a_new_circuit_is_told_apart() -> None:
    samples = [
        Sample(qubits, gates, shots, 0, 1e-3 * gates, 1e-3 * gates + 0.5)
        for qubits in (2, 4, 8)
        for gates in (5, 50)
        for shots in (100, 10_000)
    ]
    assert fit(samples).first == pytest.approx(0.5)


def test_too_few_measurements_make_no_model() -> None:
    with pytest.raises(EigenError) as caught:
        fit([Sample(2, 5, 100, 0, 1e-3, 1e-3)] * 3)
    assert caught.value.code == "EIGEN_DEVICE_FAILED"


def test_nothing_is_too_wide_to_reckon_with() -> None:
    assert all(growth(100_000) < float("inf") for growth in GROWTHS.values())

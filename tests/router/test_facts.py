"""What a choice may rest on is said: Clifford gates, errors by calibration, price and queue."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from eigen import _core
from eigen.router import Features, route
from eigen.router.facts import clifford_share, facts, gate_error
from eigen.router.features import Question
from eigen.types import Device

CHIP = Device("chip:a", "a chip", "virtual", 5)


def features(*gates: tuple[str, list[int], list[float]]) -> Features:
    builder = _core.CircuitBuilder(2, 2)
    for name, qubits, params in gates:
        builder.gate(name, qubits, params)
    circuit = builder.build().measure_all()
    return Features(2, len(gates), shots=100, questions=(Question(circuit, 100, ()),))


BELL = features(("H", [0], []), ("CX", [0, 1], []))


def calibrated(*errors: float) -> dict[str, Any]:
    return {"calibration": {"gates": [{"gate": "CX", "qubits": [0, 1], "error": error} for error in errors]}}


@pytest.mark.parametrize(
    ("asked", "share"),
    [
        (BELL, 1.0),
        (features(("H", [0], []), ("RZ", [0], [0.3])), 0.5),
        (features(("RZ", [0], [1.5707963267948966])), 1.0),
        (features(("T", [0], [])), 0.0),
        (Features(2), None),
    ],
)
def test_the_share_of_clifford_gates(asked: Features, share: float | None) -> None:
    assert clifford_share(asked) == share


def test_errors_are_what_a_device_says_or_its_calibration() -> None:
    assert gate_error(replace(CHIP, properties=calibrated(0.01, 0.03))) == pytest.approx(0.02)
    assert gate_error(replace(CHIP, properties={"gate_error": 0.5, **calibrated(0.01)})) == 0.5
    wrong: list[Any] = [None, 3, {}, {"gates": 3}, {"gates": [3, {"error": "x"}, {"error": float("nan")}]}]
    assert [gate_error(replace(CHIP, properties={"calibration": each})) for each in wrong] == [0.0] * len(wrong)


def test_the_better_calibrated_device_is_chosen_and_told() -> None:
    worse, better = (
        replace(CHIP, id=name, properties=calibrated(error)) for name, error in (("chip:a", 0.1), ("chip:b", 0.01))
    )
    found = route(BELL, [worse, better], "chip:auto")
    assert found.device_id == "chip:b"
    assert "a gate of the device fails with probability 0.01 on average: all go well with 0.98" in found.reasons
    assert "all its gates are Clifford" in found.reasons


def test_price_and_queue_are_told() -> None:
    busy = replace(CHIP, queue_depth=3, estimated_wait_sec=90.0, properties={"price_per_shot": 0.5})
    assert facts(replace(BELL, questions=()), busy) == [
        "its largest evaluation costs 50",
        "3 wait at the device, for about 90 s",
    ]
    assert facts(replace(BELL, questions=()), CHIP) == []

"""What bench/backends compares: the same circuit by the SDK and through the driver."""

from __future__ import annotations

import json

import pytest

from bench import backends, bare_sdks
from eigen.app import make_registry
from eigen.config import Settings


def test_the_bare_sdk_is_timed_as_often_as_asked(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("stim")
    bare_sdks.main("stim:tableau", 3)
    took = json.loads(capsys.readouterr().out)
    assert len(took) == 3
    assert min(took) > 0.0


def test_both_run_the_same_circuit() -> None:
    pytest.importorskip("stim")
    outcomes, counts = bare_sdks.stim("")(1)
    assert {tuple(map(int, row)) for row in outcomes} == {(0,) * bare_sdks.QUBITS, (1,) * bare_sdks.QUBITS}
    assert counts.sum() == bare_sdks.SHOTS
    assert backends.ghz().count_ops() == {"H": 1, "CX": bare_sdks.QUBITS - 1, "MEASURE": 1}


def test_the_engine_is_part_of_what_the_driver_took() -> None:
    registry = make_registry(Settings())
    took, inside = backends.through_host(registry, "sim:statevector", 5)
    assert len(took) == len(inside) == 5
    assert all(0.0 < engine <= whole for engine, whole in zip(inside, took, strict=True))


def test_quantiles() -> None:
    assert backends.quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert backends.quantile([3.0, 1.0, 2.0], 0.99) == 3.0

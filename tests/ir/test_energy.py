"""Energies of a compiled circuit: what they refuse, and what they tell about themselves."""

from __future__ import annotations

import math

import numpy as np
import pytest

import eigen
from eigen.errors import EigenError
from eigen.ir import CircuitBuilder, Observable


def turned(angles: int = 1) -> eigen.ir.energy.Energy:
    builder = CircuitBuilder(1)
    for k in range(angles):
        builder.gate("RY", [0], [f"t{k}"])
    return eigen.compile(builder.build(), Observable.from_terms(1, [("Z0", 1.0)]))


def test_one_turn_is_a_cosine() -> None:
    energy = turned()
    for angle in (-2.0, 0.0, 0.3, 1e7, 1e16):
        value, slopes = energy.energy_grad([angle])
        assert value == energy.energy(np.array([angle])) == pytest.approx(math.cos(angle), abs=1e-13)
        assert slopes.tolist() == pytest.approx([-math.sin(angle)], abs=1e-13)
    sets = np.linspace(-3, 3, 101).reshape(-1, 1)
    assert energy.energies(sets) == pytest.approx(np.cos(sets[:, 0]), abs=1e-14)
    assert energy.facts()["method"] == "lanes"
    assert energy.parameters == ("t0",)


@pytest.mark.parametrize("values", [[], [0.1, 0.2], [math.nan], [math.inf]])
def test_values_that_do_not_fit_are_refused(values: list[float]) -> None:
    energy = turned()
    for call in (energy, energy.energy_grad):
        with pytest.raises(EigenError) as caught:
            call(values)
        assert caught.value.code == "EIGEN_CIRCUIT_PARAMETERS"
    with pytest.raises(EigenError):
        energy.energies(np.array([[0.1], [math.nan]]))


def test_an_angle_that_overflows_is_refused_in_batches_too() -> None:
    builder = CircuitBuilder(1)
    builder.gate("RY", [0], [eigen.ir.Affine.symbol("a") * 1e300])
    energy = eigen.compile(builder.build(), Observable.from_terms(1, [("Z0", 1.0)]))
    with pytest.raises(EigenError, match="overflows"):
        energy([1e300])
    with pytest.raises(EigenError, match="overflows"):
        energy.energies(np.array([[0.0]] * 9 + [[1e300]]))


def test_an_observable_wider_than_the_circuit_is_refused() -> None:
    circuit = turned().circuit
    energy = eigen.compile(circuit, Observable.from_terms(3, [("Z2", 1.0)]))
    with pytest.raises(EigenError, match="acts beyond the 1 qubits"):
        energy([0.1])


def test_sets_in_any_memory_order_and_none_at_all() -> None:
    energy = turned(3)
    sets = np.random.default_rng(0).uniform(-1, 1, (3, 10)).T
    assert energy.energies(sets).tolist() == energy.energies(np.ascontiguousarray(sets)).tolist()
    assert energy.energies(np.zeros((0, 3))).shape == (0,)
    assert energy.gradients(np.zeros((0, 3)))[1].shape == (0, 3)


def test_sets_of_a_circuit_without_parameters_have_no_numbers() -> None:
    builder = CircuitBuilder(1)
    builder.gate("RY", [0], [0.4])
    energy = eigen.compile(builder.build(), Observable.from_terms(1, [("Z0", 1.0)]))
    assert energy.energies(np.zeros((3, 0))).tolist() == pytest.approx([np.cos(0.4)] * 3)
    values, slopes = energy.gradients(np.zeros((2, 0)))
    assert (values.shape, slopes.shape) == ((2,), (2, 0))
    assert energy.energies(np.zeros((0, 0))).shape == (0,)
    assert turned().energies(np.zeros((0, 1))).shape == (0,)

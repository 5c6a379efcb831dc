"""Evolutions as drivers read them: parameters, coefficients and initial states are those of the core."""

from __future__ import annotations

import json
from math import pi
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.ir import CircuitBuilder, Coefficient, Evolution, Observable, Propagation
from eigen_driver import Evolve, RefusedError
from eigen_driver.dynamics import Dynamics, mean


def read(evolution: Evolution, values: tuple[float, ...] = ()) -> Dynamics:
    return Dynamics.of(Evolve(json.loads(evolution.to_aqo()), values, None, 0))


NAMES = st.sampled_from(["a", "b", "rate", "w"])
NUMBERS = st.floats(-3, 3)
CONSTANT: st.SearchStrategy[Any] = NAMES | NUMBERS


def table(numbers: list[float], linear: bool) -> Coefficient:
    return Coefficient.table(list(np.linspace(0.1, 0.9, len(numbers))), numbers, linear=linear)


COEFFICIENTS: st.SearchStrategy[Any] = st.recursive(
    CONSTANT.map(Coefficient.constant)
    | st.builds(Coefficient.cos, CONSTANT, CONSTANT)
    | st.builds(Coefficient.sin, CONSTANT, CONSTANT)
    | st.builds(Coefficient.gaussian, CONSTANT, st.floats(0.5, 2.0))
    | st.lists(NUMBERS, min_size=1, max_size=3).map(Coefficient.polynomial)
    | st.builds(table, st.lists(NUMBERS, min_size=2, max_size=4), st.booleans()),
    lambda inner: st.builds(lambda a, b: a + b, inner, inner) | st.builds(lambda a, b: a * b, inner, inner),
    max_leaves=5,
)


@given(st.lists(COEFFICIENTS, min_size=1, max_size=3), st.floats(0, 1), st.data())
def test_coefficients_are_the_cores(found: list[Coefficient], t: float, data: st.DataObject) -> None:
    labels = ["X0", "Z0 Y1", "Z1"]
    evolution = Evolution(list(zip(labels, found, strict=False)), 1.0, num_qubits=2, collapse=[("S-0", "rate")])
    values = tuple(data.draw(st.floats(0.5, 2.0)) for _ in evolution.parameters)
    ours = evolution.bind(values).hamiltonian
    dynamics = read(evolution, values)
    for (_, theirs), (_, wanted) in zip(dynamics.hamiltonian, ours, strict=True):
        assert theirs(t) == pytest.approx(wanted.value(t) if isinstance(wanted, Coefficient) else wanted, abs=1e-9)
        if not isinstance(wanted, Coefficient):
            assert theirs.is_constant
    named = dict(zip(evolution.parameters, values, strict=True))
    assert dynamics.collapse[0].rate == named["rate"]


def prepared() -> Any:
    builder = CircuitBuilder(3)
    builder.gate("H", [0])
    builder.gate("RX", [1], ["q"])
    builder.gate("Y", [2, 0, 1], num_controls=2, ctrl_state="01")
    builder.gate("ISWAP", [1, 2], inverse=True)
    builder.gate("RY", [0], [0.8], power=0.5)
    builder.gate("SX", [2], power=0.5)
    return builder.build()


@pytest.mark.parametrize("initial", ["011", [(0.1, 0.2), (1.3, -0.4), (pi, 0.0)], "circuit", None])
def test_initial_states_are_the_cores(initial: Any) -> None:
    """Up to a phase."""
    start = prepared() if initial == "circuit" else initial
    evolution = Evolution([("X0", 0.0)], 1.0, num_qubits=3, initial=start)
    values = (0.7,) * len(evolution.parameters)
    wanted = Propagation(evolution).state(values)
    assert abs(np.vdot(wanted, read(evolution, values).initial())) == pytest.approx(1.0, abs=1e-9)


def test_pieces_end_where_something_happens() -> None:
    drive = Coefficient.table([0.25, 0.5, 3.0], [1.0, 2.0, 3.0], linear=False)
    evolution = Evolution([("X0", drive)], 1.0, times=[0.0, 0.4], num_qubits=1)
    assert read(evolution).pieces() == [(0.0, 0.25), (0.25, 0.4), (0.4, 0.5), (0.5, 1.0)]


def test_means_are_the_cores() -> None:
    observable = Observable.from_terms(3, [("X0 Y1", 0.5), ("Z2", -1.0), ("", 0.25), ("Y0 Z1 X2", 2.0)])
    evolution = Evolution([("X0", 0.0)], 1.0, num_qubits=3, initial=prepared(), observables=[observable])
    dynamics = read(evolution, (0.7,))
    values, _, _ = Propagation(evolution).run((0.7,))
    assert mean(dynamics.initial(), dynamics.observables[0]) == pytest.approx(float(values[0, 0]), abs=1e-9)


def test_values_are_counted() -> None:
    with pytest.raises(RefusedError, match="1 parameters, `2` values"):
        read(Evolution([("X0", "a")], 1.0, num_qubits=1), (1.0, 2.0))

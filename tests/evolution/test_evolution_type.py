"""The type `Evolution`: canonical form, arithmetic of coefficients, refusals."""

from __future__ import annotations

import hashlib
import json
import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen._core import CoreError
from eigen.ir import Affine, CircuitBuilder, Coefficient, Evolution, Observable

numbers = st.floats(-1e6, 1e6)
leaves = st.one_of(
    numbers.map(Coefficient.constant),
    st.sampled_from(["a", "b"]).map(Coefficient.constant),
    st.tuples(numbers, numbers).map(lambda pair: Coefficient.cos(*pair)),
    st.tuples(numbers, st.floats(0.1, 9)).map(lambda pair: Coefficient.gaussian(*pair)),
    st.lists(numbers, min_size=1, max_size=4).map(Coefficient.polynomial),
    st.booleans().map(lambda linear: Coefficient.table([0.0, 1.5], [1.0, -2.0], linear=linear)),
)
coefficients = st.recursive(
    leaves,
    lambda inner: st.tuples(inner, inner, st.booleans()).map(lambda c: c[0] + c[1] if c[2] else c[0] * c[1]),
    max_leaves=6,
)


@given(st.lists(st.tuples(st.sampled_from(["X0", "Z0 Y2", ""]), coefficients), max_size=4), st.floats(0, 1e3))
def test_canonical_bytes_round_trip(terms: list[tuple[str, Coefficient]], time: float) -> None:
    evolution = Evolution(
        terms, time, times=[0.0], observables=[Observable.pauli("ZZI")], collapse=[("S-2", "g")], num_qubits=3
    )
    data = evolution.to_aqo()
    again = Evolution.from_aqo(data)
    assert again == evolution
    assert again.to_aqo() == data
    assert pickle.loads(pickle.dumps(evolution)) == evolution
    assert data == json.dumps(json.loads(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert evolution.digest == hashlib.sha256(data).hexdigest()


def test_values_follow_python() -> None:
    coefficient = 2.0 * Coefficient.cos(3.0, 0.5) * Coefficient.gaussian(1.0, 0.5) - Coefficient.polynomial([1.0, 2.0])
    for t in (0.0, 0.3, 2.0):
        expected = 2 * math.cos(3 * t + 0.5) * math.exp(-2 * (t - 1) ** 2) - 1 - 2 * t
        assert coefficient.value(t) == pytest.approx(expected, abs=1e-14)
    assert (1.0 - Coefficient.sin(1.0)).value(0.25) == pytest.approx(1 - math.sin(0.25))


def test_parameters_come_in_order() -> None:
    builder = CircuitBuilder(2)
    builder.gate("RX", [0], [Affine.symbol("start")])
    evolution = Evolution(
        [("X0", Affine.symbol("b") * 2), ("Z1", "a")], 1.0, initial=builder.build(), collapse=[("Z0", "rate")]
    )
    assert evolution.parameters == ["start", "b", "a", "rate"]
    bound = evolution.bind([0.1, 0.2, 0.3, 0.4])
    assert bound.parameters == []
    assert bound.hamiltonian == [("X0", 0.4), ("Z1", 0.3)]
    assert bound.collapse == [("Z0", 0.4)]
    with pytest.raises(CoreError, match="negative"):
        evolution.bind([0.1, 0.2, 0.3, -0.4])


@pytest.mark.parametrize(
    "arguments",
    [
        {"time": -1.0},
        {"time": math.inf},
        {"times": [2.0]},
        {"times": [0.5, 0.5]},
        {"initial": "2"},
        {"collapse": [("S-1", 0.1)]},
        {"collapse": [("S-0", -0.1)]},
        {"collapse": [("Q0", 0.1)]},
        {"hamiltonian": [("X1", 1.0)]},
        {"hamiltonian": [("X0", math.nan)]},
        {"observables": [Observable.pauli("ZZ")]},
        {"num_qubits": 65},
        {"num_qubits": 0},
        {"initial": [(0.0, math.nan)]},
        {"times": [k / 10**7 for k in range(10**6 + 1)]},
    ],
)
def test_bad_parts_are_refused(arguments: dict[str, object]) -> None:
    good: dict[str, object] = {"hamiltonian": [("X0", 1.0)], "time": 1.0, "num_qubits": 1}
    Evolution(**good)  # type: ignore[arg-type]
    with pytest.raises(CoreError):
        Evolution(**{**good, **arguments})  # type: ignore[arg-type]


def test_initial_circuits_do_not_measure() -> None:
    builder = CircuitBuilder(1, 1)
    builder.measure([0], [0])
    with pytest.raises(CoreError, match="measures"):
        Evolution([("X0", 1.0)], 1.0, initial=builder.build())

"""Observables: labels, algebra, groups and JSON, against the oracle's dense matrices."""

from __future__ import annotations

import json
import pickle
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import oracle
from eigen._core import CoreError, Observable
from strategies import NUMBERS, observables


@given(observables(3), observables(3), NUMBERS)
def test_algebra_is_that_of_matrices(a: Observable, b: Observable, factor: float) -> None:
    x, y = oracle.observable_matrix(a), oracle.observable_matrix(b)
    assert np.abs(a.matrix() - x).max(initial=0) < 1e-12
    assert np.abs(oracle.observable_matrix(a + b) - (x + y)).max() < 1e-9
    assert np.abs(oracle.observable_matrix(a - factor * b) - (x - factor * y)).max() < 1e-9
    assert np.abs(oracle.observable_matrix(a * a) - x @ x).max() < 1e-9
    commutator = np.abs(x @ y - y @ x).max()
    if commutator > 1e-6:
        with pytest.raises(CoreError, match="not Hermitian"):
            _ = a * b
    else:
        assert np.abs(oracle.observable_matrix(a * b) - x @ y).max() < 1e-9


@given(observables(4, max_terms=8))
def test_groups_partition_and_are_measured_by_their_basis(observable: Observable) -> None:
    groups = observable.groups()
    terms = [term for group in groups for term in group.terms]
    assert sorted(terms) == sorted(observable.terms)
    for group in groups:
        basis = dict(group.basis)
        assert group.observable.terms == group.terms
        for label, _ in group.terms:
            assert all(basis[int(factor[1:])] == factor[0] for factor in label.split())


@given(observables(4))
def test_json_round_trips_and_is_canonical(observable: Observable) -> None:
    data = observable.to_json()
    again = Observable.from_json(data)
    assert again == observable
    assert hash(again) == hash(observable)
    assert pickle.loads(pickle.dumps(observable)) == observable
    assert observable.digest == sha256(data).hexdigest()
    assert json.dumps(json.loads(data), sort_keys=True, separators=(",", ":")).encode() == data


def test_labels_put_qubit_0_rightmost() -> None:
    dense = Observable.from_terms(4, [("IZXY", 1.0)])
    assert dense == Observable.from_terms(4, [("Y0 X1 Z2", 1.0)])
    assert dense == Observable.pauli("XYZ", qubits=[1, 0, 2], num_qubits=4)
    assert dense.terms == [("Y0 X1 Z2", 1.0)]


def test_terms_are_merged_and_zeros_dropped() -> None:
    observable = Observable.from_terms(2, [("Z0", 1.0), ("IZ", 0.5), ("X1", 1.0), ("XI", -1.0), ("", 2.0)])
    assert observable.terms == [("", 2.0), ("Z0", 1.5)]
    assert observable.is_diagonal
    assert observable.num_terms == 2


def test_wide_observables_stay_sparse() -> None:
    wide = Observable.from_terms(1000, [(f"Z{k} Z{k + 1}", 1.0) for k in range(999)])
    assert len(wide.groups()) == 1
    assert (wide * wide).num_terms == 999 * 998 // 2 + 1
    with pytest.raises(CoreError, match="12"):
        wide.matrix()


@pytest.mark.parametrize(
    "terms",
    [[("XX", 1.0)], [("Q0", 1.0)], [("X9", 1.0)], [("X0 Z0", 1.0)], [("X0", float("nan"))], [("X0", float("inf"))]],
)
def test_bad_terms_are_refused(terms: list[tuple[str, float]]) -> None:
    with pytest.raises(CoreError) as caught:
        Observable.from_terms(3, terms)
    assert caught.value.code == "EIGEN_OBSERVABLE_INVALID"


@given(st.binary(max_size=100))
def test_noise_is_refused(data: bytes) -> None:
    with pytest.raises(CoreError):
        Observable.from_json(data)

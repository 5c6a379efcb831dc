"""Photonic programs as documents: canonical, checked, and named where they are wrong."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doubles.photonic_programs import programs, teleportation
from eigen.errors import EigenError
from eigen.ir import Affine, ModeObservable, ModeOperation, Modes
from eigen.ir.modes import OPERATIONS

PLAIN = [name for name, row in OPERATIONS.items() if not row.columns and name not in {"FOCK", "CAT"}]


@given(programs(PLAIN, num_modes=3))
def test_documents_come_back_as_they_went(modes: Modes) -> None:
    data = modes.to_aqo()
    again = Modes.from_aqo(data)
    assert again == modes
    assert again.to_aqo() == data
    assert again.digest == modes.digest


def test_outcomes_and_parameters_keep_apart() -> None:
    modes = teleportation(1.0, 0.2, 1.0)
    assert modes.parameters == ()
    assert modes.columns == ("homodyne 0", "homodyne 1", "heterodyne 2 real", "heterodyne 2 imag")
    assert modes.is_dynamic
    assert not modes.is_counted
    assert Modes.from_aqo(modes.to_aqo()) == modes


def test_the_order_of_parameters_is_that_of_the_document() -> None:
    """However the operation was written."""
    words = {"phi": Affine.symbol("x"), "r": Affine.symbol("a") + Affine.symbol("m")}
    ways = [
        Modes(1, [ModeOperation("DISPLACE", (0,), dict(items))]) for items in (words.items(), reversed(words.items()))
    ]
    assert {modes.parameters for modes in (*ways, Modes.from_aqo(ways[0].to_aqo()))} == {("x", "a", "m")}
    assert ways[0].digest == ways[1].digest


OK = {"kind": "modes", "version": "1.1", "modes": 2, "operations": []}
SQUEEZED = {"op": "SQUEEZE", "m": [0], "params": {"r": 1}}
HOMODYNE = {"op": "HOMODYNE", "m": [0]}


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"kind": "circuit"}, ""),
        ({"version": "2.0"}, ""),
        ({"modes": True}, "modes"),
        ({"more": 1}, "the document"),
        ({"metadata": {"name": 3}}, "metadata"),
        ({"operations": {}}, "operations"),
        ({"operations": [3]}, "operations[0]"),
        ({"operations": [SQUEEZED | {"params": {"r": True}}]}, "operations[0]"),
        ({"operations": [SQUEEZED | {"params": {"r": 10**400}}]}, "operations[0]"),
        ({"operations": [SQUEEZED | {"params": {"r": ""}}]}, "operations[0]"),
        ({"operations": [SQUEEZED | {"params": {"r": {"terms": {"a": "b"}}}}]}, "operations[0]"),
        ({"observables": [{"kind": "quadrature", "m": [0], "phi": "a"}]}, "observables[0]"),
    ],
)
def test_what_is_no_document_of_modes_is_named(changed: dict[str, Any], where: str) -> None:
    assert refusal(changed) == ("EIGEN_AQO_INVALID", where)


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"modes": 0}, "modes"),
        ({"modes": 10**9}, "modes"),
        ({"operations": [SQUEEZED | {"op": "SQEEZE"}]}, "operations[0]"),
        ({"operations": [SQUEEZED | {"m": [2]}]}, "operations[0]"),
        ({"operations": [SQUEEZED | {"m": [-1]}]}, "operations[0]"),
        ({"operations": [SQUEEZED | {"params": {}}]}, "operations[0]"),
        ({"operations": [SQUEEZED | {"params": {"r": 1, "x": 1}}]}, "operations[0]"),
        ({"operations": [SQUEEZED | {"params": {"r": "#0"}}]}, "operations[0]"),
        ({"operations": [{"op": "BEAMSPLITTER", "m": [0, 0]}]}, "operations[0]"),
        ({"operations": [{"op": "PHOTONS", "m": []}]}, "operations[0]"),
        ({"operations": [{"op": "FOCK", "m": [0], "params": {"n": 1.5}}]}, "operations[0]"),
        ({"operations": [{"op": "FOCK", "m": [0], "params": {"n": "n"}}]}, "operations[0]"),
        ({"operations": [{"op": "THERMAL", "m": [0], "params": {"n": -1}}]}, "operations[0]"),
        ({"operations": [HOMODYNE, {"op": "VACUUM", "m": [0]}]}, "operations[1]"),
        ({"operations": [HOMODYNE, {"op": "ROTATE", "m": [1], "params": {"phi": "#1"}}]}, "operations[1]"),
        ({"observables": [{"kind": "parity", "m": [0]}]}, "observables[0]"),
        ({"observables": [{"kind": "photons", "m": [0, 1]}]}, "observables[0]"),
        ({"observables": [{"kind": "pattern", "counts": [1]}]}, "observables[0]"),
        ({"observables": [{"kind": "pattern", "counts": [1, -1]}]}, "observables[0]"),
        ({"operations": [HOMODYNE], "observables": [{"kind": "photons", "m": [1]}]}, "observables[0]"),
    ],
)
def test_what_makes_no_sense_is_named(changed: dict[str, Any], where: str) -> None:
    assert refusal(changed) == ("EIGEN_MODES_INVALID", where)


def test_there_are_so_many_operations_and_no_more() -> None:
    many = {"operations": [{"op": "VACUUM", "m": [0]}] * 100_001}
    assert refusal(many) == ("EIGEN_LIMIT_EXCEEDED", "operations")


def refusal(changed: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(EigenError) as caught:
        Modes.from_aqo(json.dumps(OK | changed).encode())
    return caught.value.code, caught.value.where


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"\xff", b'{"kind":"modes","kind":"modes"}', b"[" * 100_000, b'{"modes":NaN}', b'{"kind":"modes"}'],
)
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(EigenError) as caught:
        Modes.from_aqo(data)
    assert caught.value.code == "EIGEN_AQO_INVALID"


def test_a_document_has_a_bound() -> None:
    with pytest.raises(EigenError) as caught:
        Modes.from_aqo(b" " * (16 * 1024 * 1024 + 1))
    assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"


@given(st.binary(max_size=200) | st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists).map(
    lambda value: json.dumps(OK | {"operations": value, "observables": value}).encode()
))  # fmt: skip
def test_nothing_raises_anything_else(data: bytes) -> None:
    with suppress(EigenError):
        Modes.from_aqo(data)


def test_a_pattern_is_an_observable_of_all_modes() -> None:
    asked = Modes(2, [], [ModeObservable("pattern", pattern=(1, 0))])
    assert json.loads(asked.to_aqo())["observables"] == [{"kind": "pattern", "counts": [1, 0]}]

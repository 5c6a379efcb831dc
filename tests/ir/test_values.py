"""Run-time values: their types, and both JSON forms."""

from __future__ import annotations

import json
from math import inf, isnan, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen._core import Counts, canonical_json
from eigen.errors import EigenError
from eigen.ir.array import Array
from eigen.ir.values import Record, decode_value, encode_value, to_plain, type_of

floats = st.floats(allow_nan=False, allow_infinity=True)
scalars = st.none() | st.booleans() | st.integers() | floats | st.text(max_size=8)
arrays = st.lists(floats, max_size=6).map(Array.vector) | st.lists(
    st.lists(st.integers(-(2**63), 2**63 - 1), min_size=2, max_size=2), min_size=1, max_size=3
).map(Array.of)
counts = st.dictionaries(st.sampled_from(["00", "01", "10", "11"]), st.integers(1, 99), min_size=1).map(
    lambda given: Counts.from_dict(given, 2)
)
keys = st.text(max_size=4) | st.integers() | st.tuples(st.integers(), st.text(max_size=3))
values = st.recursive(
    scalars | arrays | counts | st.complex_numbers(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(keys, inner, max_size=3)
        | st.dictionaries(st.text(max_size=4), inner, max_size=3).map(lambda fields: Record("run", fields))
    ),
    max_leaves=12,
)


@given(values)
def test_encoding_is_lossless_through_canonical_json(value: object) -> None:
    read = decode_value(json.loads(canonical_json(encode_value(value))))
    assert read == value
    assert type_of(read) == type_of(value)


@given(values)
def test_plain_form_is_json(value: object) -> None:
    json.dumps(to_plain(value), allow_nan=False)


def test_nan_survives() -> None:
    assert isnan(decode_value(encode_value(nan)))
    assert to_plain([nan, inf, -inf]) == ["NaN", "Infinity", "-Infinity"]


def test_plain_form_of_each_type() -> None:
    record = Record("run", {"counts": Counts.from_dict({"01": 3}, 2), "shots": 3})
    assert to_plain(record) == {"counts": {"01": 3}, "shots": 3}
    assert to_plain(1 + 2j) == {"re": 1.0, "im": 2.0}
    assert to_plain(Array.of([[1, 2], [3, 4]])) == [[1, 2], [3, 4]]
    assert to_plain({(0, 1): (True, None)}) == {"0,1": [True, None]}
    assert to_plain(2**70) == str(2**70)


def test_plain_keys_that_read_the_same_stay_apart() -> None:
    assert to_plain({1: "a", "1": "b"}) == {"1": "b", "1 (int)": "a"}


def test_type_names() -> None:
    found = [type_of(x) for x in (None, True, 1, 1.0, 1j, "", Array.vector([]), [], (), {}, Record("x", {}), object())]
    expected = ["none", "bool", "int", "float", "complex", "str", "array", "list", "tuple", "dict", "record:x", "any"]
    assert found == expected


@pytest.mark.parametrize(
    "data",
    [
        {"int": "1e5"},
        {"int": "９"},
        {"int": "9" * 5000},
        {"int": 5},
        {"float": "infinity"},
        {"complex": [1]},
        {"complex": ["a", "b"]},
        {"tuple": 1},
        {"tuple": [], "extra": 1},
        {"dict": [[1, 2, 3]]},
        {"dict": [[[], 1]]},
        {"array": [1.0], "shape": [2], "kind": "f"},
        {"array": [1], "shape": [1], "kind": "f"},
        {"array": [1.0], "shape": [-1], "kind": "f"},
        {"array": [1.0], "shape": [1], "kind": "bi"},
        {"array": [], "shape": [0] * 99, "kind": "f"},
        {"counts": {"0": 1}, "clbits": 2},
        {"counts": {"0x": 1}, "clbits": 2},
        {"counts": {"00": -1}, "clbits": 2},
        {"counts": {"00": 1}, "clbits": True},
        {"record": 1, "fields": {}},
        {"nothing": 1},
        {},
        nan,
    ],
)
def test_foreign_values_are_refused(data: object) -> None:
    with pytest.raises(EigenError) as caught:
        decode_value(data)
    assert caught.value.code == "EIGEN_PROGRAM_INVALID"


def test_depth_is_counted() -> None:
    value: object = 1
    for _ in range(500):
        value = [value]
    for read in (encode_value, decode_value, to_plain):
        with pytest.raises(EigenError) as caught:
            read(value)
        assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"


def test_shared_values_cannot_explode() -> None:
    value: object = 1
    for _ in range(50):
        value = [value, value]
    for write in (encode_value, to_plain):
        with pytest.raises(EigenError) as caught:
            write(value)
        assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"


def test_array_is_row_major() -> None:
    array = Array.of([[1, 2, 3], [4, 5, 6.0]])
    assert (array.shape, array.kind, array.data) == ((2, 3), "f", (1.0, 2.0, 3.0, 4.0, 5.0, 6.0))
    assert array.row(-1) == Array.vector([4, 5, 6])
    assert array.tolist() == [[1, 2, 3], [4, 5, 6]]
    assert Array((2, 0, 3), ()).tolist() == [[], []]


@pytest.mark.parametrize("ragged", [[[1], [1, 2]], [1, [2]], [[[1]], [2]]])
def test_ragged_rows_are_refused(ragged: object) -> None:
    with pytest.raises(ValueError, match="one shape"):
        Array.of(ragged)

"""JSON from strangers: what is JSON is read as Python's json reads it, within counted limits."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.errors import EigenError
from eigen.jobspec.json_text import read_json

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=20,
)


@given(values, st.booleans())
def test_reads_what_json_writes(value: Any, ascii_only: bool) -> None:
    assert read_json(json.dumps(value, ensure_ascii=ascii_only).encode(), "body", max_depth=30) == value


@pytest.mark.parametrize("levels", [1, 19, 20])
def test_brackets_in_text_are_no_levels(levels: int) -> None:
    data = b"[" * levels + b'"[[[[[\\"[[[[[{{{{{{{{{{{{{{\\\\"' + b"]" * levels
    assert json.dumps(read_json(data, "body")).count("[") == levels + 10


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"[" * 21 + b"]" * 21, "EIGEN_LIMIT_EXCEEDED"),
        (b"[" * 10_000_000, "EIGEN_LIMIT_EXCEEDED"),
        (b"[" + b"[]," * 200_000 + b"1]", "EIGEN_LIMIT_EXCEEDED"),
        (b"[" + b"1," * 200_000 + b"1]", "EIGEN_LIMIT_EXCEEDED"),
        (b" " * (16 * 1024 * 1024 + 1), "EIGEN_LIMIT_EXCEEDED"),
        (b"9" * 2_000, "EIGEN_REQUEST_INVALID"),
        (b"", "EIGEN_REQUEST_INVALID"),
        (b"\xff", "EIGEN_REQUEST_INVALID"),
        (b"NaN", "EIGEN_REQUEST_INVALID"),
        (b"-Infinity", "EIGEN_REQUEST_INVALID"),
        (b"1e999", "EIGEN_REQUEST_INVALID"),
        (b'{"a":1,"a":2}', "EIGEN_REQUEST_INVALID"),
        (b'"\\ud800"', "EIGEN_REQUEST_INVALID"),
        (b'{"\\udfff":1}', "EIGEN_REQUEST_INVALID"),
        (b'"\\', "EIGEN_REQUEST_INVALID"),
        (b"]]]]", "EIGEN_REQUEST_INVALID"),
    ],
)
def test_refusals(data: bytes, code: str) -> None:
    with pytest.raises(EigenError) as caught:
        read_json(data, "body")
    assert caught.value.code == code
    assert caught.value.where == "body"

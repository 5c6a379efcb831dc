"""The class `Counts`: order, packing, marginals, merging, refusals."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen import _core

tables = st.integers(0, 70).flatmap(
    lambda width: st.tuples(
        st.just(width),
        st.dictionaries(st.text("01", min_size=width, max_size=width), st.integers(1, 10**6), max_size=20),
    )
)


@given(tables)
def test_dict_round_trip(table: tuple[int, dict[str, int]]) -> None:
    width, entries = table
    counts = _core.Counts.from_dict(entries, width)
    assert counts.to_dict() == entries
    assert list(counts.to_dict()) == sorted(entries)
    assert (counts.shots, len(counts), counts.num_clbits) == (sum(entries.values()), len(entries), width)
    assert pickle.loads(pickle.dumps(counts)) == counts


@given(tables)
def test_packed_columns(table: tuple[int, dict[str, int]]) -> None:
    width, entries = table
    counts = _core.Counts.from_dict(entries, width)
    size = (width + 7) // 8
    packed = counts.keys_packed
    numbers = [int.from_bytes(packed[k * size : (k + 1) * size], "little") for k in range(len(counts))]
    assert [f"{n:0{width}b}" if width else "" for n in numbers] == sorted(entries)
    assert counts.values == [entries[key] for key in sorted(entries)]


@given(tables, st.data())
def test_marginal(table: tuple[int, dict[str, int]], data: st.DataObject) -> None:
    width, entries = table
    chosen = data.draw(st.lists(st.integers(0, width - 1), unique=True) if width else st.just([]))
    expected: dict[str, int] = {}
    for key, value in entries.items():
        new = "".join(key[width - 1 - bit] for bit in reversed(chosen))
        expected[new] = expected.get(new, 0) + value
    assert _core.Counts.from_dict(entries, width).marginal(chosen).to_dict() == expected


def test_merge_adds() -> None:
    a, b = _core.Counts.from_dict({"00": 1, "11": 2}, 2), _core.Counts.from_dict({"11": 3, "01": 4}, 2)
    assert a.merge(b).to_dict() == {"00": 1, "01": 4, "11": 5}
    assert a.merge(b) == b.merge(a)


@pytest.mark.parametrize(
    "call",
    [
        lambda counts: _core.Counts.from_dict({"0": 1}, 2),
        lambda counts: _core.Counts.from_dict({"0a": 1}, 2),
        lambda counts: _core.Counts.from_dict({"0é": 1}, 2),
        lambda counts: _core.Counts.from_dict({"00": 2**64 - 1, "01": 1}, 2),
        lambda counts: counts.marginal([2]),
        lambda counts: counts.merge(_core.Counts.from_dict({"0": 1}, 1)),
    ],
)
def test_misfits_are_refused(call: object) -> None:
    with pytest.raises(_core.CoreError) as caught:
        call(_core.Counts.from_dict({"00": 1}, 2))  # type: ignore[operator]
    assert caught.value.code == "EIGEN_COUNTS_INVALID"

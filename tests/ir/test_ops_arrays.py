"""Array operations mean what NumPy means."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen._core import Counts
from eigen.errors import EigenError
from eigen.ir.array import Array
from eigen.ir.ops import OpError, Tank, apply
from eigen.ir.values import Record


def run(name: str, *args: Any, **attrs: Any) -> Any:
    return apply(name, args, attrs, Tank(10_000_000))


def ours(value: Any) -> Any:
    return Array.of(value.tolist()) if isinstance(value, np.ndarray) and value.size else value


def agrees(found: Any, expected: Any) -> bool:
    """The same shape and the same numbers to 1e-12."""
    if isinstance(found, Array):
        found = np.array(found.data).reshape(found.shape)
    found, expected = np.asarray(found), np.asarray(expected)
    return found.shape == expected.shape and bool(np.allclose(found, expected, rtol=1e-12, atol=1e-12, equal_nan=True))


shapes = st.sampled_from([(3,), (1,), (2, 3), (1, 3), (2, 1), (2, 2, 3), (4, 1, 3)])


@st.composite
def arrays(draw: st.DrawFn, shape: Any = shapes) -> np.ndarray:
    extents = draw(shape)
    size = int(np.prod(extents))
    return np.array(draw(st.lists(st.floats(-9, 9), min_size=size, max_size=size))).reshape(extents)


ELEMENTWISE = {"add": np.add, "sub": np.subtract, "mul": np.multiply, "minimum": np.minimum, "maximum": np.maximum,
               "lt": np.less, "ge": np.greater_equal, "atan2": np.arctan2, "hypot": np.hypot}  # fmt: skip
UNARY = {"sin": np.sin, "cos": np.cos, "tanh": np.tanh, "exp": np.exp, "arctan": np.arctan, "neg": np.negative,
         "abs": np.abs, "sign": np.sign, "square": np.square, "floor": np.floor, "ceil": np.ceil, "trunc": np.trunc,
         "round": np.round, "expm1": np.expm1, "cbrt": np.cbrt, "isnan": np.isnan}  # fmt: skip


@given(st.sampled_from(sorted(ELEMENTWISE)), arrays(), arrays())
def test_broadcasting(name: str, a: np.ndarray, b: np.ndarray) -> None:
    try:
        expected = ELEMENTWISE[name](a, b)
    except ValueError:
        with pytest.raises(OpError):
            run(name, ours(a), ours(b))
        return
    assert agrees(run(name, ours(a), ours(b)), expected)
    assert agrees(run(name, ours(a), 2.5), ELEMENTWISE[name](a, 2.5))


@given(st.sampled_from(sorted(UNARY)), arrays())
def test_elementwise_functions(name: str, a: np.ndarray) -> None:
    assert agrees(run(name, ours(a)), UNARY[name](a))


@given(arrays(), st.sampled_from([None, 0, -1]))
def test_reductions(a: np.ndarray, axis: int | None) -> None:
    table = {"array_sum": np.sum, "mean": np.mean, "var": np.var, "std": np.std, "array_min": np.min,
             "array_max": np.max, "argmin": np.argmin, "argmax": np.argmax, "prod": np.prod,
             "median": np.median}  # fmt: skip
    for name, function in table.items():
        assert agrees(run(name, ours(a), axis=axis), function(a, axis=axis)), name


@given(arrays())
def test_shapes(a: np.ndarray) -> None:
    b = ours(a)
    assert agrees(run("transpose", b), a.T)
    assert agrees(run("ravel", b), a.ravel())
    assert agrees(run("reshape", b, (-1, a.shape[-1])), a.reshape(-1, a.shape[-1]))
    assert agrees(run("flip", b), np.flip(a, 0))
    assert run("shape", b) == a.shape
    for axis in range(a.ndim):
        assert agrees(run("concatenate", [b, b], axis=axis), np.concatenate([a, a], axis=axis))
        assert agrees(run("stack", [b, b], axis=axis), np.stack([a, a], axis=axis))
        assert agrees(run("transpose", b, tuple(np.roll(range(a.ndim), axis).tolist())),
                      a.transpose(np.roll(range(a.ndim), axis)))  # fmt: skip


@given(arrays(st.just((2, 3))), st.integers(-3, 2), st.none() | st.integers(-4, 4), st.sampled_from([None, 1, 2, -1]))
def test_subscripts(a: np.ndarray, i: int, start: int | None, step: int | None) -> None:
    b = ours(a)
    assert agrees(run("subscript", b, start, None, step, i, axes="si"), a[start::step, i])
    assert agrees(run("subscript", b, -1, axes="ni"), a[None, -1])
    assert agrees(run("index", b, (1, i)), a[1, i])
    assert agrees(run("slice", b, start, None, step), a[start::step])
    assert agrees(run("index", b, [1, 0, 1]), a[[1, 0, 1]])
    assert agrees(run("index", b, run("gt", b, 0.0)), a[a > 0])
    changed = a.copy()
    changed[1, i] = 7.0
    assert agrees(run("set_index", b, (1, i), 7.0), changed)
    changed[0] = 3.0
    assert agrees(run("set_index", run("set_index", b, (1, i), 7.0), 0, 3.0), changed)


@given(arrays(st.just((2, 3))), arrays(st.just((3, 2))))
def test_products(a: np.ndarray, b: np.ndarray) -> None:
    x, y = ours(a), ours(b)
    assert agrees(run("matmul", x, y), a @ b)
    assert agrees(run("dot", x, ours(b[:, 0])), a @ b[:, 0])
    assert agrees(run("matmul", ours(a[0]), y), a[0] @ b)
    assert agrees(run("dot", ours(a[0]), ours(b[:, 0])), a[0] @ b[:, 0])
    assert agrees(run("outer", ours(a[0]), ours(b[0])), np.outer(a[0], b[0]))
    assert agrees(run("kron", x, y), np.kron(a, b))
    assert agrees(run("norm", x), np.linalg.norm(a))
    assert agrees(run("cumsum", ours(a[0])), np.cumsum(a[0]))
    assert agrees(run("diff", ours(a[0])), np.diff(a[0]))
    assert agrees(run("trace", x), np.trace(a))


def test_complex_arrays() -> None:
    a = np.array([1 + 2j, -3j, 0.5])
    b = Array.of(a.tolist())
    assert b.kind == "c"
    for name, function in {"abs": np.abs, "conj": np.conj, "real": np.real, "imag": np.imag, "angle": np.angle,
                           "exp": np.exp, "sqrt": np.sqrt, "sin": np.sin,
                           "cos": np.cos, "log": np.log}.items():  # fmt: skip
        assert agrees(run(name, b), function(a)), name
    assert agrees(run("vdot", b, b), np.vdot(a, a))
    assert agrees(run("mul", b, b), a * a)
    assert agrees(run("truediv", b, 1j), a / 1j)


def test_arrays_follow_ieee_where_scalars_raise() -> None:
    with np.errstate(all="ignore"):
        a = np.array([1.0, 0.0, -1.0])
        assert agrees(run("truediv", ours(a), 0.0), a / 0.0)
        assert agrees(run("log", ours(a)), np.log(a))
        assert agrees(run("sqrt", ours(a)), np.sqrt(a))
    with pytest.raises(OpError) as caught:
        run("truediv", 1.0, 0.0)
    assert caught.value.kind == "ZeroDivisionError"


def test_kinds() -> None:
    whole = Array.of([1, 2])
    assert run("add", whole, 1).kind == "i"
    assert run("add", whole, 1.0).kind == "f"
    assert run("truediv", whole, 2).kind == "f"
    assert run("lt", whole, 2).kind == "b"
    assert run("zeros", 2, kind="i") == Array.vector([0, 0], "i")
    with pytest.raises(OpError) as caught:
        run("mul", Array.of([2**62]), 4)
    assert caught.value.kind == "OverflowError"


def test_making() -> None:
    assert agrees(run("linspace", 0, 1, 5), np.linspace(0, 1, 5))
    assert agrees(run("linspace", 0, 1, 5, endpoint=False), np.linspace(0, 1, 5, endpoint=False))
    assert agrees(run("arange", 1, 2, 0.25), np.arange(1, 2, 0.25))
    assert agrees(run("arange", 5, 0, -2), np.arange(5, 0, -2))
    assert agrees(run("eye", 3), np.eye(3))
    assert agrees(run("diag", [1.0, 2.0]), np.diag([1.0, 2.0]))
    assert agrees(run("full", (2, 2), 7), np.full((2, 2), 7))
    assert agrees(run("tile", [1, 2], 2), np.tile([1, 2], 2))
    assert agrees(run("repeat", [1, 2], 2), np.repeat([1, 2], 2))
    for found, expected in zip(run("meshgrid", [1, 2, 3], [4, 5]), np.meshgrid([1, 2, 3], [4, 5]), strict=True):
        assert agrees(found, expected)


def test_order() -> None:
    a = [3.0, float("nan"), -1.0, 3.0]
    assert agrees(run("sort", a), np.sort(a))
    assert agrees(run("argsort", a), np.argsort(a, kind="stable"))
    assert agrees(run("unique", [3, 1, 3]), [1, 3])
    assert agrees(run("clip", [0.0, 5.0, 9.0], 1.0, 6.0), [1.0, 5.0, 6.0])
    assert agrees(run("where", [True, False], [1.0, 2.0], 0.0), [1.0, 0.0])


def test_solve_needs_a_regular_matrix() -> None:
    matrix = [[0.0, 2.0], [1.0, 1.0]]
    assert agrees(run("solve", matrix, [2.0, 3.0]), np.linalg.solve(matrix, [2.0, 3.0]))
    with pytest.raises(OpError, match="singular"):
        run("solve", [[1.0, 2.0], [2.0, 4.0]], [1.0, 1.0])


def test_broadcast_size_is_checked_before_it_is_made() -> None:
    tall, wide = run("zeros", (1_000_000, 1)), run("zeros", (1, 1_000_000))
    for name in ("add", "lt"):
        with pytest.raises(EigenError) as caught:
            run(name, tall, wide)
        assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"


def test_draws_depend_on_seed_and_stream_only() -> None:
    first = run("random_normal", seed=7, stream=3, shape=(2, 3))
    assert first == run("random_normal", seed=7, stream=3, shape=(2, 3))
    assert first != run("random_normal", seed=7, stream=4, shape=(2, 3))
    assert first.shape == (2, 3)
    assert sorted(run("random_permutation", 50, seed=1).data) == list(range(50))
    assert set(run("random_integers", 3, 6, seed=1, shape=200).data) == {3, 4, 5}
    assert sorted(run("random_choice", 5, seed=1, shape=5, replace=False).data) == [0, 1, 2, 3, 4]
    assert set(run("random_choice", [1.0, 2.0], [0.0, 1.0], seed=1, shape=20).data) == {2.0}
    assert isinstance(run("random_uniform", seed=1), float)


def test_uniform_draws_have_their_moments() -> None:
    """1e5 draws: the mean is within 6 standard errors (false alarm below 1e-8)."""
    data = np.array(run("random_uniform", -1.0, 3.0, seed=5, shape=100_000).data)
    assert abs(data.mean() - 1.0) < 6 * (4 / 12**0.5) / 100_000**0.5
    assert data.min() >= -1.0
    assert data.max() < 3.0


def test_counts() -> None:
    counts = Counts.from_dict({"01": 30, "11": 10}, 2)
    assert run("counts_get", counts, "01") == 30
    assert run("counts_get", counts, "00") == 0
    assert run("counts_total", counts) == 40
    assert run("probabilities", counts) == {"01": 0.75, "11": 0.25}
    assert run("most_common", counts) == "01"
    assert run("most_common", counts, 1) == [("01", 30)]
    assert run("counts_expectation", counts) == (-30 + 10) / 40
    assert run("counts_expectation", counts, [0]) == -1.0
    assert run("counts_expectation", counts, 1) == 0.5
    assert run("marginal", counts, [1]).to_dict() == {"0": 30, "1": 10}
    assert run("bit_probabilities", counts) == Array.vector([1.0, 0.25])
    assert run("index", counts, "11") == 10
    assert run("items", counts) == [("01", 30), ("11", 10)]
    record = Record("run", {"counts": counts})
    assert run("counts_total", record) == 40
    for bad in ("1", "2x", 5):
        with pytest.raises(OpError):
            run("counts_get", counts, bad)


def test_metrics() -> None:
    assert run("accuracy", [1, 0, 1, 1], [1, 1, 1, 0]) == 0.5
    assert run("mse", [1.0, 2.0], [0.0, 4.0]) == 2.5
    assert run("r2", [1.0, 2.0, 3.0], [1.0, 2.0, 3.0]) == 1.0
    with pytest.raises(OpError):
        run("accuracy", [], [])


def test_baseline_separates_what_a_line_separates() -> None:
    points = run("random_normal", seed=3, shape=(60, 2))
    labels = run("astype", run("gt", run("matmul", points, [1.0, -2.0]), 0.3), kind="i")
    train, test = run("slice", points, 0, 40, None), run("slice", points, 40, None, None)
    found = run(
        "logistic_baseline", train, run("slice", labels, 0, 40, None), test, run("slice", labels, 40, None, None)
    )
    assert found.fields["accuracy"] >= 0.9
    assert set(found.fields["predictions"].data) <= {0, 1}

"""Scalar operations mean what Python means, and stop before they grow too large."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.errors import EigenError
from eigen.ir.ops import OPS, OpError, Tank, apply
from eigen.ir.values import type_of

if TYPE_CHECKING:
    from collections.abc import Callable


def run(name: str, *args: Any, **attrs: Any) -> Any:
    return apply(name, args, attrs, Tank(10_000_000))


def outcome(function: Callable[[], Any]) -> Any:
    """A result, or the name of the Python error."""
    try:
        return function()
    except OpError as error:
        return error.kind
    except (TypeError, ValueError, ZeroDivisionError, OverflowError, IndexError, KeyError) as error:
        return type(error).__name__


def same(found: Any, expected: Any) -> bool:
    if isinstance(expected, float) and math.isnan(expected):
        return isinstance(found, float) and math.isnan(found)
    return type(found) is type(expected) and found == expected


numbers = st.booleans() | st.integers(-(2**80), 2**80) | st.floats() | st.integers(-9, 9)
things = numbers | st.text(max_size=5) | st.lists(st.integers(0, 5), max_size=4) | st.none()

BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
    "truediv": operator.truediv,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


@given(st.sampled_from(sorted(BINARY)), numbers, numbers)
def test_binary_operations_are_pythons(name: str, a: Any, b: Any) -> None:
    assert same(outcome(lambda: run(name, a, b)), outcome(lambda: BINARY[name](a, b)))


@given(st.sampled_from(["add", "mul", "eq", "lt", "sub"]), things, things)
def test_mixed_types_fail_or_work_as_in_python(name: str, a: Any, b: Any) -> None:
    if name == "mul" and any(isinstance(x, int) and abs(x) > 99 for x in (a, b)):
        return
    assert same(outcome(lambda: run(name, a, b)), outcome(lambda: BINARY[name](a, b)))


@given(st.integers(-(2**70), 2**70), st.integers(0, 60))
def test_integer_operations_are_exact(a: int, b: int) -> None:
    assert run("lshift", a, b) == a << b
    assert run("rshift", a, b) == a >> b
    assert run("bitand", a, b) == a & b
    assert run("bitor", a, b) == a | b
    assert run("bitxor", a, b) == a ^ b
    assert run("invert", a) == ~a
    assert run("pow", a, b % 5) == a ** (b % 5)


@given(st.floats(-1e3, 1e3), st.floats(-4, 4))
def test_power_of_floats(a: float, b: float) -> None:
    found, expected = outcome(lambda: run("pow", a, b)), outcome(lambda: a**b)
    if isinstance(expected, (float, complex)):
        assert type(found) is type(expected)
        assert abs(found - expected) <= 1e-11 * max(1.0, abs(expected))
    else:
        assert found == expected


@given(st.complex_numbers(max_magnitude=1e3), st.complex_numbers(max_magnitude=1e3, min_magnitude=1e-3))
def test_complex_arithmetic(a: complex, b: complex) -> None:
    for name in ("add", "sub", "mul", "truediv"):
        found, expected = run(name, a, b), BINARY[name](a, b)
        assert abs(found - expected) <= 1e-13 * max(1.0, abs(a) * max(abs(b), 1 / abs(b)) * 4)
    assert abs(run("abs", a) - abs(a)) <= 1e-12 * abs(a)
    assert abs(run("pow", b, 3) - b**3) <= 1e-12 * abs(b) ** 3
    assert abs(run("sqrt", a) ** 2 - a) <= 1e-12 * max(1.0, abs(a))


@given(st.sampled_from([n for n in sorted(OPS) if n.startswith("math.")]), numbers, numbers)
def test_math_module(name: str, a: Any, b: Any) -> None:
    if not hasattr(math, name[5:]):
        return
    least = OPS[name].arity[0]
    args = (a, b)[:least] if least else (a, b)
    if name in {"math.factorial", "math.comb", "math.perm"} and any(abs(x) > 500 for x in args):
        return
    found, expected = outcome(lambda: run(name, *args)), outcome(lambda: getattr(math, name[5:])(*args))
    if isinstance(expected, float) and math.isfinite(expected):
        assert isinstance(found, float)
        assert math.isclose(found, expected, rel_tol=1e-12, abs_tol=1e-300)
    else:
        assert same(found, expected), (found, expected)


@pytest.mark.parametrize("x", [-1e9, -21664.0, -1.0, 0.0, 0.999])
def test_acosh_outside_its_domain(x: float) -> None:
    assert math.isnan(run("acosh", x))
    assert outcome(lambda: run("math.acosh", x)) == "ValueError"


def test_sums_go_left_to_right_without_compensation() -> None:
    assert run("sum", [1e16, 1.0, 1.0, -1e16]) == ((1e16 + 1.0) + 1.0) + -1e16 == 0.0
    assert run("array_sum", [1e16, 1.0, 1.0, -1e16]) == 0.0
    assert run("math.fsum", [1e16, 1.0, 1.0, -1e16]) == 2.0


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("mul", (1 << 4000, 1 << 200)),
        ("pow", (3, 10**9)),
        ("pow", (2, 4097)),
        ("lshift", (1, 10**12)),
        ("add", ((1 << 4096) - 1, 1)),
        ("math.factorial", (10**9,)),
        ("math.comb", (10**9, 10**8)),
        ("math.perm", (10**9, 10**8)),
        ("mul", ("a", 10**12)),
        ("mul", ([1], 10**12)),
        ("add", ("a" * 4000, "b" * 4000)),
        ("join", ("", ["a" * 4000] * 1000)),
        ("replace", ("a" * 4000, "a", "b" * 4000)),
        ("ljust", ("a", 10**9)),
        ("format", (1, "9999999d")),
        ("format", (1.0, ".99999f")),
        ("int", ("9" * 4000,)),
        ("range", (10**15,)),
        ("zeros", (10**12,)),
        ("zeros", ([10**6, 10**6],)),
        ("linspace", (0, 1, 10**12)),
        ("arange", (0, 1, 1e-300)),
        ("eye", (10**6,)),
        ("random_permutation", (10**12,)),
    ],
)
def test_limits_hold_before_the_work_is_done(name: str, args: tuple[Any, ...]) -> None:
    with pytest.raises((EigenError, OpError)) as caught:
        run(name, *args, **({"seed": 1} if name.startswith("random") else {}))
    if isinstance(caught.value, EigenError):
        assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"
    else:
        assert (name, caught.value.kind) == ("arange", "OverflowError")


def test_integers_stay_within_their_bits() -> None:
    assert run("pow", 2, 4095).bit_length() == 4096
    assert run("mul", 1 << 2047, (1 << 2048) - 1).bit_length() <= 4096


def test_fuel_is_charged_before_the_work() -> None:
    tank = Tank(10)
    with pytest.raises(EigenError) as caught:
        apply("sum", [[1] * 100], {}, tank)
    assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"
    assert "10" in caught.value.message
    tank = Tank(10)
    apply("add", [1, 2], {}, tank)
    assert tank.left < 10


def test_shared_values_cannot_explode_when_walked() -> None:
    value: Any = [1]
    for _ in range(50):
        value = [value, value]
    for name, args in (("eq", (value, value)), ("str", (value,)), ("in", (1, value)), ("repr", (value,))):
        with pytest.raises(EigenError) as caught:
            run(name, *args)
        assert caught.value.code == "EIGEN_LIMIT_EXCEEDED"


def test_deep_values_are_refused_not_overflowed() -> None:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    for name, args in (("eq", (value, value)), ("str", (value,)), ("sorted", (value,)), ("min", (value,))):
        with pytest.raises(EigenError):
            run(name, *args)


@pytest.mark.parametrize("name", sorted(OPS))
def test_every_operation_survives_any_arguments(name: str) -> None:
    """Whatever comes in, the answer is a value, an `OpError` or a coded limit."""
    attrs = {"seed": 1, "value": 0, "name": "x", "names": (), "axes": "i", "spec": "", "axis": None}
    given = {key: attrs[key] for key in OPS[name].attrs if key in attrs}
    pool: list[Any] = [
        None,
        True,
        -3,
        2.5,
        1j,
        "ab",
        [],
        [1, 2.0],
        ["a"],
        (1,),
        {"a": 1},
        {},
        float("nan"),
        10**30,
        [[1], [2]],
    ]
    least, most = OPS[name].arity
    for count in range(least, min(3 if most is None else most, 3) + 1):
        for start in range(len(pool)):
            args = [pool[(start + step * 4) % len(pool)] for step in range(count)]
            try:
                apply(name, args, given, Tank(100_000))
            except (OpError, EigenError):
                continue


@pytest.mark.parametrize("name", sorted(OPS))
def test_every_operation_is_described(name: str) -> None:
    assert OPS[name].help


def test_result_types_are_those_of_the_results() -> None:
    wrong: list[Any] = []
    samples: list[Any] = [True, 3, 2.5, "ab", [1, 2], (1, 2), {"a": 1}, None]
    for name, operation in OPS.items():
        least, most = operation.arity
        if operation.attrs or (most is not None and most < 1):
            continue
        for count in {max(least, 1), least}:
            for first in samples:
                for other in samples:
                    args = ([first] + [other] * 5)[:count]
                    try:
                        found = apply(name, args, {}, Tank(100_000))
                    except (OpError, EigenError):
                        continue
                    rule = operation.types([type_of(value) for value in args])
                    if rule not in {"any", type_of(found)}:
                        wrong.append((name, args, rule, found))
    assert not wrong


def test_text_of_values() -> None:
    assert run("concat_str", "E = ", 0.5, " ", [1, "a"], (1,), {"k": 1j}) == "E = 0.5 [1, 'a'](1,){'k': 1j}"
    assert run("format", 3.14159, ".2f") == "3.14"
    assert outcome(lambda: run("format", 1.0, "n")) == "ValueError"
    assert outcome(lambda: run("format", [1], ".2f")) == "TypeError"
    assert run("round", 2.5) == 2
    assert run("round", 2.675, 2) == 2.67


def test_containers() -> None:
    table = {"b": 2, "a": 1}
    assert run("index", table, "a") == 1
    assert outcome(lambda: run("index", table, "z")) == "KeyError"
    assert outcome(lambda: run("index", [1], 4)) == "IndexError"
    assert outcome(lambda: run("dict", [], 1)) == "TypeError"
    assert run("slice", [1, 2, 3, 4], None, None, -2) == [4, 2]
    assert run("set_index", [1, 2], 0, 9) == [9, 2]
    assert run("set_index", table, "a", 5) == {"b": 2, "a": 5}
    assert table == {"b": 2, "a": 1}
    assert run("sorted_by", ["x", "y", "z"], [3, 1, 2], reverse=True) == ["x", "z", "y"]
    assert run("zip", [1, 2], "ab", [True, False, True]) == [(1, "a", True), (2, "b", False)]
    assert run("chain", [[1], (), [2, [3]]]) == [1, 2, [3]]
    assert run("dict_get", table, "q", 7) == 7
    assert run("select", False, 1, 2) == 2
    assert run("not_in", 3, [1, 2])


def test_the_complementary_error_function_is_accurate_in_its_tail() -> None:
    import math

    from eigen.ir.ops import OPS

    for x in (0.0, 0.5, 2.0, 6.0):
        assert math.isclose(OPS["math.erfc"].fn([x], {}), math.erfc(x), rel_tol=1e-13)

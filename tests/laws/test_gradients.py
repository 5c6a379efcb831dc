"""Law: the gradient of any composition of smooth operations equals its central differences."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigen.ir.array import Array
from eigen.ir.autodiff import is_differentiable, value_and_gradient
from eigen.ir.ops import Tank, apply
from eigen.ir.program import Node, Region

SMOOTH = {
    "sin": 1,
    "cos": 1,
    "tanh": 1,
    "atan": 1,
    "neg": 1,
    "asinh": 1,
    "erf": 1,
    "add": 2,
    "sub": 2,
    "mul": 2,
    "hypot": 2,
}
STEP = 6e-6


@st.composite
def regions(draw: st.DrawFn) -> Region:
    """A vector and its sum, mixed by smooth operations; the result is the sum of everything."""
    nodes = [Node("array_sum", (0,)), Node("const", (), {"value": draw(st.floats(0.5, 2.0))})]
    for _ in range(draw(st.integers(1, 8))):
        name = draw(st.sampled_from(sorted(SMOOTH)))
        args = [draw(st.integers(0, len(nodes))) for _ in range(SMOOTH[name])]
        if name == "hypot":
            args[1] = 2  # the constant keeps it away from its kink
        nodes.append(Node(name, tuple(args)))
    nodes += [Node("tanh", (len(nodes),)), Node("array_sum", (len(nodes) + 1,))]
    return Region(("array",), tuple(nodes), (len(nodes),))


def value_of(region: Region, point: list[float]) -> float:
    values: list[Any] = [Array.vector(point)]
    for node in region.nodes:
        values.append(apply(node.op, [values[index] for index in node.args], node.attrs, Tank(10_000)))
    return values[region.results[0]]


@given(regions(), st.lists(st.floats(-1.5, 1.5), min_size=3, max_size=3))
def test_gradients_are_the_slopes(region: Region, point: list[float]) -> None:
    assert is_differentiable(region) == (True, "")
    value, slope = value_and_gradient(
        region,
        (Array.vector(point),),
        (),
        evaluate=lambda node, args, path: apply(node.op, args, node.attrs, Tank(10_000)),
        expectation=lambda node, args, path: (0.0, []),
    )
    assert value == value_of(region, point)
    for place in range(3):
        ends = [value_of(region, [*point[:place], point[place] + h, *point[place + 1 :]]) for h in (STEP, -STEP)]
        assert slope[place] == pytest.approx((ends[0] - ends[1]) / (2 * STEP), rel=1e-4, abs=1e-6)

"""Gradients of regions against central differences, and what has no gradient."""

from __future__ import annotations

from math import cos, sin
from typing import TYPE_CHECKING, Any

import pytest

from eigen.ir.array import Array
from eigen.ir.autodiff import is_differentiable, value_and_gradient
from eigen.ir.derivatives import CONSTANT, PULLBACKS
from eigen.ir.ops import OPS, Tank, apply
from eigen.ir.ops.arithmetic import truth
from eigen.ir.ops.containers import items_of
from eigen.ir.program import EFFECT_STAGES, Node, Region

if TYPE_CHECKING:
    from collections.abc import Sequence

STEP = 6e-6


def const(value: Any) -> Node:
    return Node("const", (), {"value": value})


def expectation(node: Node, args: Sequence[Any], path: Any = ()) -> tuple[float, list[float]]:
    """A stand-in for a device: cos(a) sin(b)."""
    a, b = args[0].data if isinstance(args[0], Array) else args[0]
    return cos(a) * sin(b), [-sin(a) * sin(b), cos(a) * cos(b)]


def evaluate_region(region: Region, args: Sequence[Any]) -> tuple[Any, ...]:
    values = list(args)
    for node in region.nodes:
        values.append(evaluate(node, [values[index] for index in node.args]))
    return tuple(values[index] for index in region.results)


def evaluate(node: Node, args: Sequence[Any], path: Any = ()) -> Any:
    if node.op == "expectation":
        return expectation(node, args)[0]
    if node.op == "branch":
        return evaluate_region(node.regions[0 if truth(args[0]) else 1], args[1:])
    if node.op == "map":
        found = [evaluate_region(node.regions[0], (row, *args[1:]))[0] for row in items_of(args[0])]
        return Array.vector(found) if all(type(item) is float for item in found) else found
    if node.op == "loop":
        carried = node.attrs["carried"]
        state = tuple(args[:carried])
        while True:
            again, *rest = evaluate_region(node.regions[0], (*state, *args[carried:]))
            state = tuple(rest)
            if not again:
                return state
    return apply(node.op, args, node.attrs, Tank(1_000_000))


def gradient(region: Region, *args: Any) -> tuple[float, list[float]]:
    return value_and_gradient(region, args, (), evaluate=evaluate, expectation=expectation)


def check(region: Region, point: Sequence[float], *captures: Any, tolerance: float = 2e-8) -> None:
    """The gradient at a point equals central differences."""
    assert is_differentiable(region) == (True, "")
    value, slope = gradient(region, Array.vector(point), *captures)
    assert value == pytest.approx(evaluate_region(region, (Array.vector(point), *captures))[0])
    for place in range(len(point)):
        ends = [
            evaluate_region(region, (Array.vector([*point[:place], point[place] + h, *point[place + 1 :]]), *captures))[
                0
            ]
            for h in (STEP, -STEP)
        ]
        assert slope[place] == pytest.approx((ends[0] - ends[1]) / (2 * STEP), abs=tolerance * (1 + abs(slope[place])))


def chain(*nodes: Node, params: int = 1) -> Region:
    """Nodes in a row; the last is the result."""
    return Region(("array",) * params, tuple(nodes), (params + len(nodes) - 1,))


def test_every_rule_belongs_to_an_operation_that_claims_it() -> None:
    assert {name for name, operation in OPS.items() if operation.derivative} == set(PULLBACKS)
    assert set(OPS) | EFFECT_STAGES >= CONSTANT
    assert not CONSTANT & set(PULLBACKS)


POINT = [0.3, 0.7, 0.45]
INSIDE = {"acosh": 1.0, "arccosh": 1.0, "math.acosh": 1.0}

UNARY = sorted(
    name
    for name in PULLBACKS
    if OPS[name].arity == (1, 1) and not name.startswith("math.") and OPS[name].types(["array"]) == "array"
    and name not in {"asarray", "diff", "ravel", "flip", "copy", "norm", "concatenate", "stack"}
)  # fmt: skip


@pytest.mark.parametrize("name", UNARY)
def test_elementwise_functions(name: str) -> None:
    region = chain(Node("add", (0, 0)), Node(name, (1,)), const([0.2, -0.5, 1.1]), Node("dot", (2, 3)))
    shifted = [x / 2 + INSIDE.get(name, 0.0) / 1.0 for x in POINT]
    check(region, shifted)


@pytest.mark.parametrize("name", sorted(n for n in PULLBACKS if n.startswith("math.") and OPS[n].arity == (1, 1)))
def test_functions_of_scalars(name: str) -> None:
    region = chain(const(0), Node("index", (0, 1)), Node(name, (2,)), Node("mul", (3, 3)))
    check(region, [0.4 + INSIDE.get(name, 0.0), 1.0])


@pytest.mark.parametrize(
    "name", ["add", "sub", "mul", "truediv", "pow", "atan2", "arctan2", "hypot", "minimum", "maximum"]
)
@pytest.mark.parametrize("other", [1.3, [0.5, 1.5, 2.5], [[0.5], [0.25]]])
@pytest.mark.parametrize("swapped", [False, True])
def test_binary_functions_broadcast(name: str, other: Any, swapped: bool) -> None:
    right = const(Array.of(other) if isinstance(other, list) else other)
    region = chain(right, Node(name, (1, 0) if swapped else (0, 1)), Node("square", (2,)), Node("array_sum", (3,)))
    check(region, POINT)


@pytest.mark.parametrize("name", ["math.pow", "math.atan2", "math.hypot", "pow", "truediv"])
def test_binary_functions_of_two_parameters(name: str) -> None:
    region = chain(const(0), const(1), Node("index", (0, 1)), Node("index", (0, 2)), Node(name, (3, 4)))
    check(region, POINT)


def test_python_lists_and_tuples_carry_gradients() -> None:
    region = chain(
        const(0), const(-1), Node("index", (0, 1)), Node("index", (0, 2)),
        Node("list", (3, 4, 3)), Node("tuple", (4, 3)), Node("to_list", (6,)), Node("add", (5, 7)), const(2),
        Node("mul", (8, 9)), Node("reversed", (10,)), const(1), const(None), Node("slice", (11, 12, 13, 9)),
        Node("index", (14, 12)), Node("sum", (11,)), Node("mul", (15, 16)), Node("max", (3, 4, 17)),
    )  # fmt: skip
    check(region, POINT)


def test_chained_lists_carry_gradients() -> None:
    region = chain(
        Node("outer", (0, 0)), Node("list", (1, 0)), Node("chain", (2,)), const(-1), Node("index", (3, 4)),
        const(0), Node("index", (3, 6)), Node("dot", (7, 0)), Node("mul", (5, 8)),
    )  # fmt: skip
    check(region, POINT)


def test_array_rearrangements() -> None:
    nodes = [
        Node("array", (0, 0)), Node("transpose", (1,)), const((2, 3)), Node("reshape", (2, 3)),
        Node("flip", (4,)), const(1), const(None), Node("subscript", (5, 7, 7, 7, 6), {"axes": "si"}),
        Node("to_list", (0,)), Node("asarray", (9,)), Node("stack", (11,)) , Node("ravel", (12,)),
    ]  # fmt: skip
    nodes[10:] = [Node("list", (10, 0)), Node("stack", (11,), {"axis": 1}), Node("ravel", (12,)), Node("list", (13, 8)),
                  Node("concatenate", (14,)), Node("square", (15,)), Node("diff", (16,)),
                  Node("norm", (17,))]  # fmt: skip
    check(chain(*nodes), POINT)


@pytest.mark.parametrize("name", ["array_sum", "mean", "array_min", "array_max"])
@pytest.mark.parametrize("axis", [None, 0, 1, -1])
def test_reductions(name: str, axis: int | None) -> None:
    region = chain(Node("outer", (0, 0)), const([[1.0, 2.0, 3.0]]), Node("mul", (1, 2)),
                   Node(name, (3,), {"axis": axis}), Node("square", (4,)), Node("array_sum", (5,)))  # fmt: skip
    check(region, POINT)


@pytest.mark.parametrize("name", ["matmul", "dot"])
def test_products(name: str) -> None:
    matrix = const(Array.of([[0.5, -1.0, 2.0], [1.5, 0.25, 1.0], [2.0, 0.0, -1.0]]))
    quadratic = chain(matrix, Node(name, (1, 0)), Node(name, (0, 2)))
    check(quadratic, POINT)
    square = chain(Node("outer", (0, 0)), matrix, Node(name, (1, 2)), Node(name, (3, 1)), Node("array_sum", (4,)))
    check(square, POINT)


def test_select_where_clip_and_mse() -> None:
    region = chain(const(0.5), Node("gt", (0, 1)), Node("square", (0,)), Node("where", (2, 0, 3)),
                   const(0.1), const(0.5), Node("clip", (4, 5, 6)), const([1.0, 2.0, 3.0]), Node("mse", (7, 8)),
                   Node("mean", (0,)), Node("lt", (9, 10)), Node("select", (11, 9, 10)))  # fmt: skip
    check(region, POINT)


def expectation_node(argument: int) -> Node:
    return Node("expectation", (argument,), {"circuit": 0, "observable": 0}, "float")


def test_arithmetic_of_expectations() -> None:
    region = chain(
        const(0), const(2), const(None), Node("slice", (0, 1, 2, 3)), expectation_node(4),
        Node("slice", (0, 2, 1, 3)), Node("index", (0, 1)), Node("index", (0, 2)), Node("list", (8, 7)),
        expectation_node(9), Node("mul", (5, 10)), Node("sin", (7,)), Node("add", (11, 12)), Node("exp", (13,)),
        Node("truediv", (14, 8)),
    )  # fmt: skip
    check(region, POINT)


@pytest.mark.parametrize("start", [0.2, 0.9])
def test_branches_are_followed(start: float) -> None:
    then = Region(("array", "float"), (Node("dot", (0, 0)), Node("mul", (2, 1))), (3,))
    other = Region(("array", "float"), (Node("array_sum", (0,)), Node("exp", (2,))), (3,))
    region = chain(const(0), Node("index", (0, 1)), const(0.5), Node("lt", (2, 3)),
                   Node("branch", (4, 0, 2), regions=(then, other)), Node("index", (5, 1)))  # fmt: skip
    check(region, [start, 0.4])


def test_maps_are_differentiated_by_rows_and_captures() -> None:
    step = Region(
        ("array", "array"), (Node("add", (0, 1)), expectation_node(2), Node("dot", (0, 1)), Node("add", (3, 4))), (5,)
    )
    rows = const(Array.of([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]))
    by_capture = chain(rows, Node("map", (1, 0), regions=(step,)), Node("square", (2,)), Node("mean", (3,)))
    check(by_capture, [0.3, 0.7])
    by_row = chain(Node("outer", (0, 0)), Node("map", (1, 0), regions=(step,)), Node("array_sum", (2,)))
    check(by_row, [0.3, 0.7])


def test_loops_are_unrolled() -> None:
    body = Region(
        ("int", "array", "array"),
        (const(1), Node("add", (0, 3)), Node("sin", (1,)), Node("mul", (5, 2)), const(4), Node("lt", (4, 7))),
        (8, 4, 6),
    )
    region = chain(const(0), Node("loop", (1, 0, 0), {"carried": 2, "bound": 9}, regions=(body,)), const(1),
                   Node("index", (2, 3)), Node("array_sum", (4,)))  # fmt: skip
    check(region, POINT)


def test_matrix_parameters_give_a_flat_gradient() -> None:
    region = chain(Node("square", (0,)), Node("array_sum", (1,)))
    value, slope = gradient(region, Array.of([[1.0, 2.0], [3.0, 4.0]]))
    assert (value, slope) == (30.0, [2.0, 4.0, 6.0, 8.0])


def test_a_result_without_the_parameters_has_gradient_zero() -> None:
    region = chain(Node("shape", (0,)), const(0), Node("index", (1, 2)))
    assert gradient(region, Array.vector([1.0, 2.0])) == (2.0, [0.0, 0.0])


@pytest.mark.parametrize(
    ("nodes", "reason"),
    [
        ([Node("run", (0,), line=7)], "`run` in line 7 has no derivative"),
        ([Node("probability", (0,))], "`probability` has no derivative"),
        ([Node("expectation", (0,), {"shots": 100}, line=3)], "the expectation value in line 3 has no exact gradient"),
        ([Node("sort", (0,))], "`sort` has no derivative"),
        ([Node("minimize", (0,))], "a minimisation has no derivative"),
    ],
)
def test_what_has_no_derivative_says_so(nodes: list[Node], reason: str) -> None:
    assert is_differentiable(chain(*nodes)) == (False, reason)


def test_obstacles_inside_regions_are_found() -> None:
    inner = Region(("array",), (Node("cumsum", (0,)),), (1,))
    for node in (
        Node("map", (0,), regions=(inner,)),
        Node("loop", (0,), {"carried": 0, "bound": 3}, regions=(inner,)),
    ):
        assert is_differentiable(chain(node))[1] == "`cumsum` has no derivative"
    branch = chain(const(True), Node("branch", (1, 0), regions=(inner, inner)))
    assert is_differentiable(branch)[1] == "`cumsum` has no derivative"
    state = Region(("float", "array"), (Node("cumsum", (0,)), Node("array_sum", (1,)), const(False)), (4, 3))
    carried = chain(const(0.0), Node("loop", (1, 0), {"carried": 1, "bound": 3}, regions=(state,)))
    assert is_differentiable(carried)[1] == "`cumsum` has no derivative"


def test_constant_parts_may_hold_anything() -> None:
    region = chain(const(2.0), Node("run", (1,)), Node("array_sum", (0,)))
    assert is_differentiable(region) == (True, "")


def test_the_kink_of_a_square_root_is_not_a_number() -> None:
    region = chain(Node("sqrt", (0,)), Node("array_sum", (1,)))
    assert gradient(region, Array.vector([0.0]))[1][0] != gradient(region, Array.vector([0.0]))[1][0]

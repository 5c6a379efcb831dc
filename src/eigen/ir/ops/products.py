"""Products of vectors and matrices and linear systems, by NumPy's names, each sum taken left to right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.ir.array import Array, promote
from eigen.ir.ops.arithmetic import add_scalars, multiply_scalars
from eigen.ir.ops.arrays import ZERO
from eigen.ir.ops.broadcast import as_array, broadcast_shape, checked, scalar_or_array, stretch
from eigen.ir.ops.limits import check_items, check_shape
from eigen.ir.ops.table import Args, Attrs, linear, op

if TYPE_CHECKING:
    from collections.abc import Sequence


def _matmul_cost(args: Args, attrs: Attrs) -> int:
    a, b = as_array(args[0]), as_array(args[1])
    return 1 + a.size * (b.shape[-1] if b.ndim > 1 else 1)


def product(a: Array, b: Array) -> Any:
    """The matrix product of vectors and matrices, each sum taken left to right."""
    if not (1 <= a.ndim <= 2 and 1 <= b.ndim <= 2):
        raise ValueError("a matrix product takes vectors and matrices")
    rows, inner = (1, a.shape[0]) if a.ndim == 1 else a.shape
    other, columns = (b.shape[0], 1) if b.ndim == 1 else b.shape
    if inner != other:
        raise ValueError(f"shapes {a.shape} and {b.shape} do not fit in a matrix product")
    check_shape((rows, columns))
    kind = promote((a.kind, b.kind))
    across = [b.data[column::columns] for column in range(columns)]
    data = tuple(dot(a.data[row * inner : (row + 1) * inner], column, kind) for row in range(rows) for column in across)
    shape = (() if a.ndim == 1 else (rows,)) + (() if b.ndim == 1 else (columns,))
    return scalar_or_array(Array(shape, checked(data, kind), kind))


def dot(a: Sequence[Any], b: Sequence[Any], kind: str) -> Any:
    """The sum of products, left to right."""
    total = ZERO[kind]
    if kind == "c":
        for x, y in zip(a, b, strict=True):
            total = total + multiply_scalars(x, y)
    elif kind == "b":
        return any(x and y for x, y in zip(a, b, strict=True))
    else:
        for x, y in zip(a, b, strict=True):
            total += x * y
    return total


def _product_types(types: Sequence[str]) -> str:
    return "any"


@op("matmul", 2, types=_product_types, cost=_matmul_cost, derivative=True, help="`a @ b` of vectors and matrices")
def matmul(args: Args, attrs: Attrs) -> Any:
    return product(as_array(args[0]), as_array(args[1]))


@op("dot", 2, types=_product_types, cost=_matmul_cost, derivative=True, help="`np.dot(a, b)`")
def dot_(args: Args, attrs: Attrs) -> Any:
    a, b = as_array(args[0]), as_array(args[1])
    if a.ndim and b.ndim:
        return product(a, b)
    from eigen.ir.ops.arithmetic import mul

    return mul((scalar_or_array(a), scalar_or_array(b)), {})


@op("vdot", 2, types=_product_types, cost=linear, help="`np.vdot(a, b)`: the first argument conjugated")
def vdot(args: Args, attrs: Attrs) -> Any:
    a, b = as_array(args[0]), as_array(args[1])
    if a.size != b.size:
        raise ValueError("`vdot` takes arrays of one size")
    return dot([item.conjugate() for item in a.data], b.data, promote((a.kind, b.kind)))


@op(
    "outer",
    2,
    types="array",
    cost=lambda args, _: 1 + as_array(args[0]).size * as_array(args[1]).size,
    derivative=True,
    help="`np.outer(a, b)`",
)
def outer(args: Args, attrs: Attrs) -> Array:
    a, b = as_array(args[0]), as_array(args[1])
    check_shape((a.size, b.size))
    kind = promote((a.kind, b.kind))
    data = tuple(multiply_scalars(x, y) for x in a.data for y in b.data)
    return Array((a.size, b.size), checked(Array.vector(data, kind).data, kind), kind)


@op(
    "kron",
    2,
    types="array",
    cost=lambda args, _: 1 + as_array(args[0]).size * as_array(args[1]).size,
    help="the Kronecker product of two vectors or matrices",
)
def kron(args: Args, attrs: Attrs) -> Array:
    a, b = as_array(args[0]), as_array(args[1])
    if a.ndim != b.ndim or a.ndim not in {1, 2}:
        raise ValueError("`kron` takes two vectors or two matrices")
    (m, n), (p, q) = ((1, *a.shape), (1, *b.shape)) if a.ndim == 1 else (a.shape, b.shape)
    check_shape((m * p, n * q))
    data = [
        multiply_scalars(a.data[i * n + j], b.data[k * q + column])
        for i in range(m) for k in range(p) for j in range(n) for column in range(q)
    ]  # fmt: skip
    return Array(
        (n * q,) if a.ndim == 1 else (m * p, n * q),
        Array.vector(data, promote((a.kind, b.kind))).data,
        promote((a.kind, b.kind)),
    )


@op("cross", 2, types="array", help="the cross product of two vectors of three numbers")
def cross(args: Args, attrs: Attrs) -> Array:
    a, b = as_array(args[0]).data, as_array(args[1]).data
    if len(a) != 3 or len(b) != 3:
        raise ValueError("`cross` takes two vectors of three numbers")
    return Array.of([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


@op("norm", 1, types="float", cost=linear, derivative=True, help="the Euclidean (Frobenius) norm")
def norm(args: Args, attrs: Attrs) -> float:
    total: Any = 0.0
    for item in as_array(args[0]).data:
        total = add_scalars(total, item.real * item.real + item.imag * item.imag)
    return _core.math.sqrt(total)


@op("trace", 1, types="any", cost=linear, derivative=False, help="the sum of the diagonal")
def trace(args: Args, attrs: Attrs) -> Any:
    value = as_array(args[0])
    if value.ndim != 2:
        raise ValueError("`trace` takes a matrix")
    total: Any = ZERO[value.kind]
    for item in value.data[:: value.shape[1] + 1][: min(value.shape)]:
        total = total + item
    return total


@op(
    "solve",
    2,
    types="array",
    cost=lambda args, _: 1 + as_array(args[0]).size * as_array(args[0]).shape[-1],
    help="the solution x of a x = b for a square matrix, by elimination with partial pivoting",
)
def solve(args: Args, attrs: Attrs) -> Array:
    matrix, right = as_array(args[0], "f"), as_array(args[1], "f")
    n = matrix.shape[0]
    if matrix.shape != (n, n) or right.shape != (n,):
        raise ValueError("`solve` takes a square matrix and a vector")
    check_items(n)
    rows = [[*matrix.data[row * n : (row + 1) * n], right.data[row]] for row in range(n)]
    return Array.vector(eliminate(rows))


def eliminate(rows: list[list[float]]) -> list[float]:
    """Solve the system of augmented rows in place. Raises ValueError when the matrix is singular."""
    n = len(rows)
    for column in range(n):
        pivot = max(range(column, n), key=lambda row: (abs(rows[row][column]), -row))
        if rows[pivot][column] == 0:
            raise ValueError("the matrix is singular")
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(column + 1, n):
            factor = rows[row][column] / rows[column][column]
            if factor:
                for place in range(column, n + 1):
                    rows[row][place] -= factor * rows[column][place]
    solution = [0.0] * n
    for row in range(n - 1, -1, -1):
        total = rows[row][n]
        for place in range(row + 1, n):
            total -= rows[row][place] * solution[place]
        solution[row] = total / rows[row][row]
    return solution


@op("array_equal", 2, types="bool", cost=linear, help="whether shapes and all numbers are equal")
def array_equal(args: Args, attrs: Attrs) -> bool:
    a, b = as_array(args[0]), as_array(args[1])
    return a.shape == b.shape and all(x == y for x, y in zip(a.data, b.data, strict=True))


@op("allclose", 2, types="bool", cost=linear, attrs=("rtol", "atol"), help="|a - b| <= atol + rtol |b| everywhere")
def allclose(args: Args, attrs: Attrs) -> bool:
    a, b = as_array(args[0]), as_array(args[1])
    shape = broadcast_shape([a.shape, b.shape])
    rtol, atol = attrs.get("rtol", 1e-5), attrs.get("atol", 1e-8)
    pairs = zip(stretch(a, shape), stretch(b, shape), strict=True)
    return all(x == y or abs(x - y) <= atol + rtol * abs(y) for x, y in pairs)

"""The compute operations of programs: `OPS` is the one table, `apply` the one way to use it.

The same code folds constants at compile time and computes at run time. Results are the same on every host:
transcendental functions come from the core's own mathematics, sums run left to right, nothing calls BLAS.
"""

from eigen.ir.ops import arithmetic, arrays, containers, counting, mathematics, metrics, products, reductions, rng, text
from eigen.ir.ops.limits import (
    MAX_INT_BITS,
    MAX_ITEMS,
    MAX_NUMBERS,
    MAX_STR,
    Fuel,
    OpError,
    Tank,
)
from eigen.ir.ops.table import OPS, Op, apply, result_type

FAMILIES = (arithmetic, containers, text, mathematics, arrays, products, reductions, rng, counting, metrics)
"""The modules that fill the table, in the order of the reference."""

__all__ = [
    "FAMILIES",
    "MAX_INT_BITS",
    "MAX_ITEMS",
    "MAX_NUMBERS",
    "MAX_STR",
    "OPS",
    "Fuel",
    "Op",
    "OpError",
    "Tank",
    "apply",
    "result_type",
]

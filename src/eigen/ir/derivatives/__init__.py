"""Derivatives of compute operations: for each, how a cotangent of the result becomes cotangents of its arguments."""

from eigen.ir.derivatives import containers, elementary, reductions
from eigen.ir.derivatives.structure import PULLBACKS, Cotangent, accumulate, flatten, restore

FAMILIES = (elementary, containers, reductions)
"""The modules that fill the table of rules."""

__all__ = ["CONSTANT", "FAMILIES", "PULLBACKS", "Cotangent", "accumulate", "flatten", "restore"]

CONSTANT = frozenset(
    [
        "print",
        "len",
        "shape",
        "size",
        "ndim",
        "eq",
        "ne",
        "lt",
        "le",
        "gt",
        "ge",
        "is_none",
        "in",
        "not_in",
        "not",
        "round",
        "floor",
        "ceil",
        "trunc",
        "sign",
        "isnan",
        "isinf",
        "isfinite",
        "logical_not",
        "logical_and",
        "logical_or",
        "math.floor",
        "math.ceil",
        "math.trunc",
        "math.isnan",
        "math.isinf",
        "math.isfinite",
        "array_equal",
        "allclose",
        "argmin",
        "argmax",
        "argsort",
        "accuracy",
        "str",
        "repr",
        "format",
        "concat_str",
        "int",
        "bool",
        "zeros",
        "ones",
        "full",
    ]
)
"""Nodes whose result does not vary with small changes of a real argument."""

"""Coefficients of QuTiP's as ours: numbers, samples with their splines, texts, and sums and products of them."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import qutip

from eigen.ir.evolution import Coefficient
from eigen.ir.formats.objects import refused
from eigen.ir.formats.qutip import expressions

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "qutip"


def read(source: Any, args: Mapping[str, Any], times: Any) -> complex | Coefficient:
    """What QuTiP takes for a coefficient, with its time counted from the first of `times`.

    Samples are functions between the times as QuTiP joins them: splines, lines or steps. Refused are functions of
    Python's, which say nothing about themselves, and what is neither constant nor real.
    """
    import numpy as np

    start = float(times[0])
    if isinstance(source, str):
        return expressions.read(source, args, start)
    if isinstance(source, (int, float, complex, np.number)):
        return complex(source)
    if isinstance(source, (list, np.ndarray)):
        if np.shape(source) != (len(times),):
            raise refused(NAME, f"there are `{np.size(source)}` samples of a coefficient for {len(times)} times")
        source = qutip.coefficient(np.asarray(source), tlist=times)
    if type(source).__module__.startswith("scipy.interpolate"):
        source = qutip.coefficient(source)
    kind = type(source).__name__
    if kind == "ConstantCoefficient":
        return complex(source(start))
    if kind == "InterCoefficient":
        return _spline(source, start)
    if kind == "StrFunctionCoefficient":
        text, own = source.__reduce__()[1]
        return expressions.read(text, {**own, **args}, start)
    if kind in ("SumCoefficient", "MulCoefficient"):
        parts = [part for part in source.__reduce__()[2] if isinstance(part, qutip.core.cy.coefficient.Coefficient)]
        values = [read(part, args, times) for part in parts]
        return reduce(_add if kind == "SumCoefficient" else _multiply, values)
    what = "a Python function" if callable(source) else f"a `{kind}`"
    hint = "give its samples instead: `qutip.coefficient(values, tlist=times)`"
    raise refused(NAME, f"{what} as a coefficient cannot be carried, since nothing tells what it is", hint)


def _add(one: complex | Coefficient, two: complex | Coefficient) -> complex | Coefficient:
    if isinstance(one, complex) and isinstance(two, complex):
        return one + two
    return _function(one) + _function(two)


def _multiply(one: complex | Coefficient, two: complex | Coefficient) -> complex | Coefficient:
    if isinstance(one, complex) and isinstance(two, complex):
        return one * two
    return _function(one) * _function(two)


def _function(value: complex | Coefficient) -> Coefficient:
    if isinstance(value, Coefficient):
        return value
    if value.imag:
        raise refused(NAME, f"`{value}` beside a function of time is not real")
    return Coefficient.constant(value.real)


def _spline(source: Any, start: float) -> Coefficient:
    """Piecewise polynomials by Horner's rule; their coefficients are steps, and t - t_k is one beside a line.

    Outside of its times QuTiP goes on with the first and the last value.
    """
    import numpy as np

    times, pieces = source.__reduce__()[1][:2]
    if np.any(np.imag(pieces)):
        raise refused(NAME, "the samples of a coefficient are not real")
    begins = np.asarray(times, dtype=float) - start
    rows = np.array(np.real(pieces), dtype=float)
    if rows.shape[1] < len(begins):  # of SciPy's piecewise polynomials, which end where the last piece does
        rows = np.concatenate((rows, rows[:, -1:]), axis=1)
    rows[:-1, -1] = 0.0
    if begins[0] > 0.0:
        before = np.zeros((len(rows), 1))
        before[-1] = rows[-1, 0]
        begins, rows = np.concatenate(([0.0], begins)), np.concatenate((before, rows), axis=1)
    steps = [Coefficient.table(begins.tolist(), row.tolist(), linear=False) for row in rows]
    offset = Coefficient.table(begins.tolist(), (-begins).tolist(), linear=False) + Coefficient.polynomial([0.0, 1.0])
    return reduce(lambda value, step: value * offset + step, steps)

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
from eigen.ir.formats.qutip.waves import Wave

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "qutip"


def read(source: Any, args: Mapping[str, Any], times: Any) -> Wave:
    """What QuTiP takes for a coefficient, with its time counted from the first of `times`.

    Samples are functions between the times as QuTiP joins them: splines, lines or steps. Refused are functions of
    Python's, which say nothing about themselves.
    """
    import numpy as np

    start = float(times[0])
    if isinstance(source, str):
        return expressions.read(source, args, start)
    if isinstance(source, (int, float, complex, np.number)):
        return Wave.number(complex(source))
    if isinstance(source, (list, np.ndarray)):
        if np.shape(source) != (len(times),):
            raise refused(NAME, f"there are `{np.size(source)}` samples of a coefficient for {len(times)} times")
        source = qutip.coefficient(np.asarray(source), tlist=times)
    if type(source).__module__.startswith("scipy.interpolate"):
        source = qutip.coefficient(source)
    kind = type(source).__name__
    if kind == "ConstantCoefficient":
        return Wave.number(complex(source(start)))
    if kind == "InterCoefficient":
        return _spline(source, start)
    if kind == "StrFunctionCoefficient":
        text, own = source.__reduce__()[1]
        return expressions.read(text, {**own, **args}, start)
    if kind in ("SumCoefficient", "MulCoefficient"):
        parts = [part for part in source.__reduce__()[2] if isinstance(part, qutip.core.cy.coefficient.Coefficient)]
        values = [read(part, args, times) for part in parts]
        return values[0] + values[1] if kind == "SumCoefficient" else values[0] * values[1]
    what = "a Python function" if callable(source) else f"a `{kind}`"
    hint = "give its samples instead: `qutip.coefficient(values, tlist=times)`"
    raise refused(NAME, f"{what} as a coefficient cannot be carried, since nothing tells what it is", hint)


def _spline(source: Any, start: float) -> Wave:
    """The real and the imaginary part of piecewise polynomials; the latter begins above 0: conjugates are made alike.

    Outside of its times QuTiP goes on with the first and the last value.
    """
    import numpy as np

    times, pieces = source.__reduce__()[1][:2]
    begins = np.asarray(times, dtype=float) - start
    rows: Any = np.array(pieces, dtype=complex)
    if rows.shape[1] < len(begins):  # of SciPy's piecewise polynomials, which end where the last piece does
        rows = np.concatenate((rows, rows[:, -1:]), axis=1)
    rows[:-1, -1] = 0.0
    if begins[0] > 0.0:
        before = np.zeros((len(rows), 1), dtype=complex)
        before[-1] = rows[-1, 0]
        begins, rows = np.concatenate(([0.0], begins)), np.concatenate((before, rows), axis=1)
    made = Wave.of(_pieces(begins, rows.real)) if rows.real.any() else Wave.number(0)
    if rows.imag.any():
        sign = float(np.sign(rows.imag[rows.imag != 0][0]))
        made = made + Wave.of(_pieces(begins, sign * rows.imag)) * Wave.number(1j * sign)
    return made


def _pieces(begins: Any, rows: Any) -> Coefficient:
    """Horner's rule; the coefficients of the polynomials are steps, and t - t_k is one beside a line."""
    steps = [Coefficient.table(begins.tolist(), row.tolist(), linear=False) for row in rows + 0.0]
    offset = Coefficient.table(begins.tolist(), (-begins).tolist(), linear=False) + Coefficient.polynomial([0.0, 1.0])
    return reduce(lambda value, step: value * offset + step, steps)

"""Evolutions by product formulas: exp(-i H t) as rotations by each Pauli string, of Suzuki's orders (J. Math. Phys.
32, 400). Coefficients are taken in the middle of each step, and steps end where one of them jumps. The error is that
against half as many steps; there are twice as many until it is below the tolerance.
"""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from eigen_driver import Counts, RefusedError, Series
from eigen_driver.arrays import drawn
from eigen_driver.dynamics import Dynamics, String
from eigen_driver.engines.jax import kernels

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from eigen_driver import Evolve
    from eigen_driver.engines.jax.slices import Slices

SETTINGS = frozenset({"method", "tolerance", "order", "steps"})
METHODS = ("auto", "trotter")
ORDERS = (1, 2, 4, 6, 8)
TOLERANCE = {"f64": 1e-10, "f32": 1e-4}
MOST_ROTATIONS = 20_000_000
ROUNDING = 1e-4
"""Errors above this one come of too few steps."""
STALLS = 2
"""How often twice the steps may leave the error as large, before it is taken for one of rounding."""


def evolve(ask: Evolve, precision: str, slices: Callable[[int], Slices | None], told: Mapping[str, Any]) -> Series:
    """Values at the times, and counts of the final state where shots are asked for; `slices` are those of a state of so
    many qubits."""
    for name in ask.settings:
        if name not in SETTINGS:
            raise RefusedError("EIGEN_DEVICE_OPTION", f"an evolution on JAX has no setting `{name}`", where=name)
    method = ask.settings.get("method", "auto")
    if method not in METHODS:
        message = f"JAX evolves by `trotter`, not by `{method}`"
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", message, where="method")
    order = int(ask.settings.get("order", 4))
    if order not in ORDERS:
        raise RefusedError("EIGEN_DEVICE_OPTION", f"`order` is one of {ORDERS}, not `{order}`", where="order")
    dynamics = Dynamics.of(ask)
    if dynamics.collapse:
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", "`jax:statevector` has no collapse operators in its evolutions")
    over = slices(dynamics.num_qubits)
    formula = _Formula(dynamics, order, precision, over)
    tolerance = float(ask.settings.get("tolerance", TOLERANCE[precision]))
    steps = int(ask.settings.get("steps", 0))
    final, values, error, done = formula.to_tolerance(tolerance, steps)
    told = {**told, **({} if over is None else {"slices": len(over.devices)})}
    told = {**told, "method": "trotter", "order": order, "steps": done, "error_estimate": error, "seed": ask.seed}
    counts = None
    if ask.shots is not None:
        random = np.random.default_rng(ask.seed)
        counts = Counts(drawn(np.abs(final) ** 2, ask.shots, random), {})
    return Series(tuple(values), counts=counts, metadata=told)


class _Formula:
    """The rotations of an evolution."""

    def __init__(self, dynamics: Dynamics, order: int, precision: str, slices: Slices | None) -> None:
        self._dynamics = dynamics
        self._order = order
        self._precision = precision
        self._slices = slices
        self._start = dynamics.initial()
        self._strings = [string for string, _ in dynamics.hamiltonian]
        self._shares = _shares(order)

    def to_tolerance(self, tolerance: float, steps: int) -> tuple[Any, list[float], float, int]:
        """Final state, values, estimated error and steps; as many `steps` as are given, or as the tolerance takes."""
        if steps:
            states, values = self._run(steps)
            return states[-1], values, _distance(self._run(-(-steps // 2))[0], states, self._order), steps
        count = max(1, ceil(self._dynamics.time))
        before, _ = self._run(count)
        least, stalls = float("inf"), 0
        while True:
            count *= 2
            states, values = self._run(count)
            error = _distance(before, states, self._order)
            if error <= tolerance:
                return states[-1], values, error, count
            stalls = 0 if error < least else stalls + 1
            if stalls == STALLS and least < ROUNDING:
                message = f"rounding keeps this evolution at an error of {least:.1e}, above the tolerance"
                raise RefusedError("EIGEN_SIM_UNSUPPORTED", message, hint="ask for a larger tolerance")
            before, least = states, min(least, error)

    def _run(self, steps: int) -> tuple[list[Any], list[float]]:
        """States at the recorded times and at the end, and the values there."""
        dynamics, state = self._dynamics, self._start
        at = {0.0: state}
        each = len(self._strings) * len(self._shares) * (1 if self._order == 1 else 2)
        if steps * each > MOST_ROTATIONS:
            message = f"this evolution would take more than {MOST_ROTATIONS} rotations"
            hint = "ask for a larger tolerance, or give it to sim:statevector"
            raise RefusedError("EIGEN_SIM_UNSUPPORTED", message, hint=hint)
        for start, end in dynamics.pieces():
            count = max(1, ceil(steps * (end - start) / dynamics.time))
            angles = self._angles(start, end, count)
            state = kernels.rotations(
                dynamics.num_qubits, state, angles, self._strings, self._precision, self._order > 1, self._slices
            )
            at[end] = state
        states = [np.asarray(at[time]) for time in (*dynamics.times, dynamics.time)]
        return states, self._values(states[:-1])

    def _angles(self, start: float, end: float, count: int) -> Any:
        """Rows of angles, one for each stage of each step."""
        step = (end - start) / count
        shares = np.array(self._shares)
        begins = start + step * (np.arange(count)[:, None] + np.concatenate([[0.0], np.cumsum(shares)[:-1]])[None, :])
        middles, scales = (begins + shares * step / 2).ravel(), np.tile(shares * step, count)
        found = np.empty((len(middles), len(self._strings)))
        for at, (_, coefficient) in enumerate(self._dynamics.hamiltonian):
            found[:, at] = coefficient(0.0) if coefficient.is_constant else [coefficient(t) for t in middles.tolist()]
        return found * scales[:, None] / (1 if self._order == 1 else 2)

    def _values(self, states: Sequence[Any]) -> list[float]:
        found: list[float] = []
        for state in states:
            rows = np.asarray(state)[None, :]
            for observable in self._dynamics.observables:
                terms = [(String(factors), weight) for factors, weight in observable.terms]
                image = kernels.images(self._dynamics.num_qubits, rows, terms, self._precision, self._slices)
                found.append(float(kernels.overlaps(rows, image)[0]))
        return found


def _shares(order: int) -> list[float]:
    """The stages of a step of Suzuki's formula, as parts of it that second-order formulas take."""
    if order <= 2:
        return [1.0]
    part = 1.0 / (4.0 - 4.0 ** (1.0 / (order - 1)))
    return [factor * share for factor in (part, part, 1.0 - 4.0 * part, part, part) for share in _shares(order - 2)]


def _distance(before: Sequence[Any], after: Sequence[Any], order: int) -> float:
    """The estimated error of the states with twice as many steps."""
    worst = max(float(np.linalg.norm(left - right)) for left, right in zip(before, after, strict=True))
    return worst / (2**order - 1)

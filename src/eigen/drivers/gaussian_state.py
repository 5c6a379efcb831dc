"""Gaussian states of modes: their means and covariances, what operations do to them, and what measurements find.

The vector of quadratures is (x_0, p_0, x_1, p_1, ...), hbar = 2; the covariance of the vacuum is the identity. Formulas
are those of Weedbrook et al., Rev. Mod. Phys. 84, 621 (2012), sections II and V.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen._core import math

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Matrix = list[list[float]]


class GaussianState:
    """`mean` has 2 n numbers, `covariance` 2 n rows of 2 n. It begins as the vacuum."""

    def __init__(self, num_modes: int) -> None:
        size = 2 * num_modes
        self.mean = [0.0] * size
        self.covariance: Matrix = [[float(row == column) for column in range(size)] for row in range(size)]

    def copy(self) -> GaussianState:
        """Another state that is the same."""
        found = GaussianState(0)
        found.mean = self.mean.copy()
        found.covariance = [row.copy() for row in self.covariance]
        return found

    def operate(self, name: str, modes: Sequence[int], params: Mapping[str, float]) -> None:
        """Do an operation of the table that keeps Gaussian states Gaussian and measures nothing."""
        if name == "DISPLACE":
            self._displace(modes[0], params)
        elif name == "LOSS":
            self._lose(modes[0], params["transmissivity"])
        elif name in {"VACUUM", "COHERENT", "SQUEEZED", "THERMAL"}:
            self._prepare(name, modes[0], params)
        else:
            self._transform([2 * mode + part for mode in modes for part in (0, 1)], _symplectic(name, params))

    def photons(self, mode: int) -> float:
        """The mean of n = (x^2 + p^2) / 4 - 1/2."""
        x, p = 2 * mode, 2 * mode + 1
        spread = self.covariance[x][x] + self.covariance[p][p]
        return (spread + self.mean[x] * self.mean[x] + self.mean[p] * self.mean[p]) / 4.0 - 0.5

    def along(self, mode: int, phi: float) -> dict[int, float]:
        """The quadrature x cos(phi) + p sin(phi), by its places in the vector."""
        return {2 * mode: math.cos(phi), 2 * mode + 1: math.sin(phi)}

    def mean_of(self, part: Mapping[int, float]) -> float:
        """The mean of a combination of quadratures."""
        return sum(factor * self.mean[place] for place, factor in part.items())

    def covariance_of(self, left: Mapping[int, float], right: Mapping[int, float]) -> float:
        """The covariance of two combinations of quadratures."""
        return sum(a * b * self.covariance[i][j] for i, a in left.items() for j, b in right.items())

    def condition(self, part: Mapping[int, float], noise: float, found: float) -> None:
        """Take note that a combination of quadratures, plus noise of this variance, was found to have this value."""
        size = len(self.mean)
        with_all = [sum(factor * self.covariance[place][k] for place, factor in part.items()) for k in range(size)]
        spread = sum(factor * with_all[place] for place, factor in part.items()) + noise
        gain = [value / spread for value in with_all]
        surprise = found - self.mean_of(part)
        for row in range(size):
            self.mean[row] += gain[row] * surprise
            factor = gain[row]
            if factor:
                line = self.covariance[row]
                for column in range(size):
                    line[column] -= factor * with_all[column]

    def _displace(self, mode: int, params: Mapping[str, float]) -> None:
        self.mean[2 * mode] += 2.0 * params["r"] * math.cos(params["phi"])
        self.mean[2 * mode + 1] += 2.0 * params["r"] * math.sin(params["phi"])

    def _lose(self, mode: int, kept: float) -> None:
        root = math.sqrt(kept)
        self._transform([2 * mode, 2 * mode + 1], [[root, 0.0], [0.0, root]])
        for place in (2 * mode, 2 * mode + 1):
            self.covariance[place][place] += 1.0 - kept

    def _prepare(self, name: str, mode: int, params: Mapping[str, float]) -> None:
        spread = 2.0 * params["n"] + 1.0 if name == "THERMAL" else 1.0
        for place in (2 * mode, 2 * mode + 1):
            self.mean[place] = 0.0
            for other in range(len(self.mean)):
                self.covariance[place][other] = self.covariance[other][place] = 0.0
            self.covariance[place][place] = spread
        if name == "COHERENT":
            self._displace(mode, params)
        elif name == "SQUEEZED":
            self.operate("SQUEEZE", [mode], params)

    def _transform(self, places: Sequence[int], matrix: Matrix) -> None:
        """mean -> S mean, covariance -> S covariance S^T, where S acts on these places."""
        self.mean = _replaced(self.mean, places, matrix)
        rows = [self.covariance[place] for place in places]
        for place, factors in zip(places, matrix, strict=True):
            pairs = list(zip(factors, rows, strict=True))
            self.covariance[place] = [sum(a * row[k] for a, row in pairs) for k in range(len(self.mean))]
        for index, line in enumerate(self.covariance):
            self.covariance[index] = _replaced(line, places, matrix)


def _replaced(values: list[float], places: Sequence[int], matrix: Matrix) -> list[float]:
    chosen = [values[place] for place in places]
    found = values.copy()
    for place, factors in zip(places, matrix, strict=True):
        found[place] = sum(a * b for a, b in zip(factors, chosen, strict=True))
    return found


def _symplectic(name: str, params: Mapping[str, float]) -> Matrix:
    """How the quadratures of the modes change in the Heisenberg picture."""
    if name == "ROTATE":
        cosine, sine = math.cos(params["phi"]), math.sin(params["phi"])
        return [[cosine, -sine], [sine, cosine]]
    cosine, sine = math.cos(params["phi"]), math.sin(params["phi"])
    if name == "BEAMSPLITTER":
        stays, goes = math.cos(params["theta"]), math.sin(params["theta"])
        return [
            [stays, 0.0, -goes * cosine, -goes * sine],
            [0.0, stays, goes * sine, -goes * cosine],
            [goes * cosine, -goes * sine, stays, 0.0],
            [goes * sine, goes * cosine, 0.0, stays],
        ]
    grown, shrunk = math.exp(params["r"]), math.exp(-params["r"])
    stays, turns = (grown + shrunk) / 2.0, (grown - shrunk) / 2.0
    if name == "SQUEEZE":
        return [[stays - turns * cosine, -turns * sine], [-turns * sine, stays + turns * cosine]]
    return [
        [stays, 0.0, turns * cosine, turns * sine],
        [0.0, stays, turns * sine, -turns * cosine],
        [turns * cosine, turns * sine, stays, 0.0],
        [turns * sine, -turns * cosine, 0.0, stays],
    ]

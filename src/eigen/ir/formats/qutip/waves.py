"""Functions of time as sums of products: complex weights times powers of t and real functions of a closed family.

Equal parts cancel exactly, so that what is real in all is seen to be, such as exp(iwt) S + exp(-iwt) S†.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.ir.evolution import Coefficient

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_TERMS = 1_000


@dataclass(frozen=True, slots=True, order=True)
class Factor:
    """A real function of time; equal ones are written alike."""

    text: str
    function: Coefficient = field(compare=False)


Key = tuple[int, tuple[Factor, ...]]
"""A power of t, and the functions beside it."""
ONE: Key = (0, ())


@dataclass(frozen=True, slots=True)
class Wave:
    """A function of time, by its terms."""

    terms: Mapping[Key, complex]

    @staticmethod
    def number(value: complex) -> Wave:
        """The same at all times."""
        return Wave({ONE: complex(value)})

    @staticmethod
    def of(function: Coefficient) -> Wave:
        """A real function."""
        return Wave({(0, (Factor(str(function), function),)): 1 + 0j})

    @property
    def constant(self) -> complex | None:
        """The value, where it is the same at all times."""
        return self.terms.get(ONE, 0j) if self.terms.keys() <= {ONE} else None

    @property
    def polynomial(self) -> list[complex] | None:
        """The coefficients from the constant one up, where it is a polynomial."""
        if any(factors for _, factors in self.terms):
            return None
        degree = max((power for power, _ in self.terms), default=0)
        return [self.terms.get((power, ()), 0j) for power in range(degree + 1)]

    def mapped(self, change: Callable[[complex], complex]) -> Wave:
        """With other weights: what is real beside them stays."""
        return _bounded({key: change(weight) for key, weight in self.terms.items()})

    def __add__(self, other: Wave) -> Wave:
        terms = dict(self.terms)
        for key, weight in other.terms.items():
            terms[key] = terms.get(key, 0j) + weight
        return _bounded(terms)

    def __mul__(self, other: Wave) -> Wave:
        terms: dict[Key, complex] = {}
        for (power, factors), weight in self.terms.items():
            for (more, others), times in other.terms.items():
                key = (power + more, tuple(sorted(factors + others)))
                terms[key] = terms.get(key, 0j) + weight * times
        return _bounded(terms)

    def real(self, rounding: float) -> Wave | None:
        """With real weights; None where an imaginary one is more than rounding."""
        if any(abs(weight.imag) > rounding for weight in self.terms.values()):
            return None
        return Wave({key: complex(weight.real) for key, weight in self.terms.items() if weight.real})

    def coefficient(self) -> float | Coefficient:
        """The function, whose weights are real."""
        value = self.constant
        if value is not None:
            return value.real
        curves: dict[tuple[Factor, ...], dict[int, float]] = {}
        for (power, factors), weight in self.terms.items():
            curves.setdefault(factors, {})[power] = weight.real
        return reduce(lambda one, two: one + two, [_curve(factors, line) for factors, line in curves.items()])


def _curve(factors: tuple[Factor, ...], line: Mapping[int, float]) -> Coefficient:
    """A polynomial times some functions."""
    values = [line.get(power, 0.0) for power in range(max(line) + 1)]
    whole = Coefficient.constant(values[0]) if len(values) == 1 else Coefficient.polynomial(values)
    if factors and values == [1.0]:
        return reduce(lambda one, two: one * two, [factor.function for factor in factors])
    return reduce(lambda one, factor: one * factor.function, factors, whole)


def _bounded(terms: dict[Key, complex]) -> Wave:
    if len(terms) > MAX_TERMS:
        message = f"a coefficient becomes a sum of `{len(terms)}` terms, and at most {MAX_TERMS} are carried"
        raise EigenError("EIGEN_LIMIT_EXCEEDED", message)
    return Wave({key: weight for key, weight in terms.items() if weight})

"""An evolution on a device that has none of its own: which product formula stands for it, and how wrong it may be."""

from __future__ import annotations

from math import ceil, sqrt
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.ir import Evolution, core_errors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from eigen.ir import Circuit
    from eigen.types import Json

WANTED_ERROR = 1e-2
"""The error of the state that steps are chosen for when the program names none; hardware adds more than that."""
UNBOUNDED_STEPS = 50
MOST_STEPS = 2000


class FormulaPlan:
    """The product formula of an evolution without open parameters.

    Raises EIGEN_DEVICE_OPTION for a method that only simulators have, and the core's errors for collapse operators.
    """

    def __init__(self, evolution: Evolution, settings: Mapping[str, Json]) -> None:
        method = settings.get("method", "auto")
        if method not in {"auto", "trotter"}:
            raise EigenError(
                "EIGEN_DEVICE_OPTION",
                f"the device has no time evolution of its own, and `{method}` is no product formula",
                hint="take the method `trotter`, or a device with the feature `evolution`",
            )
        self.evolution = evolution
        self.order = int(settings.get("order", 2))
        self.steps = int(settings.get("steps", 0)) or self._steps()
        with core_errors():
            self._bound = evolution.formula_bound(order=self.order, steps=self.steps)

    @property
    def sentence(self) -> str:
        """What is done instead, for the record."""
        error = "its error is not bounded" if self._bound is None else f"its error is at most {self._bound:.2g}"
        return f"a product formula of order {self.order} in {self.steps} steps; {error}"

    def circuits(self) -> Iterator[Circuit]:
        """A circuit for each of the evolution's times; steps are as long as over the whole time."""
        for time in self.evolution.times:
            yield self._until(time)

    def final(self) -> Circuit:
        """The circuit over the whole time."""
        return self._until(self.evolution.time)

    def _until(self, time: float) -> Circuit:
        whole = self.evolution
        steps = max(1, ceil(self.steps * time / whole.time - 1e-9)) if whole.time else 1
        with core_errors():
            part = Evolution(whole.hamiltonian, time, initial=whole.preparation(), num_qubits=whole.num_qubits)
            return part.to_circuit(order=self.order, steps=steps)

    def _steps(self) -> int:
        with core_errors():
            bound = self.evolution.formula_bound(order=min(self.order, 2), steps=1)
        if bound is None:
            return UNBOUNDED_STEPS
        needed = bound / WANTED_ERROR if self.order == 1 else sqrt(bound / WANTED_ERROR)
        return min(MOST_STEPS, max(1, ceil(needed)))

"""An expectation value as a function of a circuit's parameters, in this process: one at a time, or many at once.

>>> import eigen
>>> from eigen.ir import CircuitBuilder, Observable
>>> builder = CircuitBuilder(1)
>>> builder.gate("RY", [0], ["angle"])
>>> energy = eigen.compile(builder.build(), Observable.from_terms(1, [("Z0", 1.0)]))
>>> energy([0.0]), energy.parameters
(1.0, ('angle',))
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen import _core
from eigen.errors import EigenError
from eigen.ir.circuit import core_errors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from eigen.ir.circuit import Circuit
    from eigen.ir.observable import Observable

    Values = Sequence[float] | NDArray[np.float64]


class Energy:
    """`<observable>` of a circuit that neither measures nor resets, prepared once. Safe to use from several threads.

    `values[k]` belongs to `parameters[k]`, in radians where they are angles. The same call gives the same bits for any
    number of threads; with `statevector`, `energy` and `energies` give the same bits for the same values, alone and in
    any batch, and so do `gradients` in any batch. `energy_grad` may differ from both in the last digits.

    Raises EigenError: EIGEN_CIRCUIT_PARAMETERS for values that do not fit, EIGEN_SIM_UNSUPPORTED for an observable that
    does not and for gradients of an engine that has none, EIGEN_SIM_MEMORY before anything is allocated.
    """

    def __init__(
        self,
        circuit: Circuit,
        observable: Observable,
        *,
        engine: str = "statevector",
        threads: int = 0,
        options: Mapping[str, str | float | int | bool] | None = None,
    ) -> None:
        self.circuit = circuit
        self.observable = observable
        self.parameters: tuple[str, ...] = tuple(circuit.parameters)
        with core_errors():
            self.plan = _core.Plan(
                circuit,
                engine=engine,  # pyright: ignore[reportArgumentType]
                threads=threads,
                options=None if options is None else dict(options),
            )

    def energy(self, values: Values) -> float:
        """The expectation value at one set of values."""
        try:
            return self.plan.energy(values, self.observable)
        except _core.CoreError as refusal:  # cheaper than `core_errors` where nothing is wrong
            raise EigenError.from_core(refusal) from None

    __call__ = energy

    def energy_grad(self, values: Values) -> tuple[float, NDArray[np.float64]]:
        """The expectation value and its derivatives, shape (parameters,). For `jac=True` of SciPy."""
        try:
            return self.plan.energy_grad(values, self.observable)
        except _core.CoreError as refusal:
            raise EigenError.from_core(refusal) from None

    def energies(self, sets: ArrayLike) -> NDArray[np.float64]:
        """The expectation value at each row of `sets`, shape (sets,)."""
        rows = self._rows(sets)
        with core_errors():
            if rows.size == 0:
                return self._constants(len(rows))
            return self.plan.expectations(rows, self.observable)

    def gradients(self, sets: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Expectation values, shape (sets,), and their derivatives, shape (sets, parameters)."""
        rows = self._rows(sets)
        with core_errors():
            if rows.size == 0:
                return self._constants(len(rows)), rows.copy()
            return self.plan.gradients(rows, self.observable)

    def _constants(self, count: int) -> NDArray[np.float64]:
        """The values at sets without numbers: none, or those of a circuit that has no parameters."""
        import numpy as np

        return np.full(count, self.plan.energy([], self.observable) if count else 0.0)

    def _rows(self, sets: ArrayLike) -> NDArray[np.float64]:
        import numpy as np

        rows = np.asarray(sets, dtype=np.float64)
        if rows.ndim != 2 or rows.shape[1] != len(self.parameters):
            message = f"sets of values have the shape (sets, {len(self.parameters)}), not `{rows.shape}`"
            raise EigenError("EIGEN_CIRCUIT_PARAMETERS", message)
        return rows

    def facts(self) -> dict[str, str | float | int]:
        """What the last call did: method, precision, instruction set."""
        with core_errors():
            return self.plan.facts()

    def __repr__(self) -> str:
        return f"Energy({self.circuit.num_qubits} qubits, {len(self.parameters)} parameters)"


def compile(
    circuit: Circuit,
    observable: Observable,
    *,
    engine: str = "statevector",
    threads: int = 0,
    options: Mapping[str, str | float | int | bool] | None = None,
) -> Energy:
    """A circuit and an observable as a function of the circuit's parameters.

    `engine` and its `options` are those of `eigen._core.Plan`; `threads` 0 means one for each core.
    """
    return Energy(circuit, observable, engine=engine, threads=threads, options=options)

"""QuTiP as `qutip:solver`: Schroedinger and Lindblad equations, integrated with tolerances of each step or followed as
quantum jumps; and circuits, gate by gate. An integration ends where a coefficient jumps, and begins anew there. Its
`processors` are devices too.
"""

# QuTiP is loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

from importlib.metadata import version
from math import sqrt
from typing import TYPE_CHECKING, Any

from eigen_driver import Counts, Device, Estimate, RefusedError, Series, StateEngine
from eigen_driver.dynamics import Dynamics, String, mean
from eigen_driver.engines.qutip import processors
from eigen_driver.matrices import GATES, matrix_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver import Evolve, Expectation, Operation
    from eigen_driver.dynamics import Collapse
    from eigen_driver.state_engine import Question

SOLVER = "solver"
FEATURES = frozenset({"dynamic", "expectation", "exact", "evolution", "seed"})
MOST_QUBITS = 14
MOST_OPEN = 7
"""Qubits of a density matrix: its generator is a sparse matrix of 4^n rows."""
METHODS = {"auto": "vern9", "krylov": "krylov", "density": "vern9", "trajectories": "vern9"}
INTEGRATORS = ("adams", "bdf", "dop853", "lsoda", "tsit5", "vern7", "vern9")
SETTINGS = frozenset({"method", "tolerance", "trajectories"})
TOLERANCE = 1e-10
FINEST = 1e-14
KRYLOV = 30
"""States of a Krylov basis, at most."""
MOST_STEPS = 10_000_000
MOST_TRAJECTORIES = 100_000
TRAJECTORIES = 1000


class QutipEngine(StateEngine):
    """See the module."""

    name = "qutip"
    options = processors.OPTIONS

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load QuTiP."""
        super().start(config, threads)
        global np, qutip, sparse, expand_operator
        import numpy as np
        import qutip
        from qutip_qip.operations import expand_operator
        from scipy import sparse

        self.version = version("qutip")
        processors.load()
        properties = {"engine": "qutip", "method": SOLVER, "precision": "f64", "version": self.version, "options": []}
        solver = Device("qutip:solver", "QuTiP, solvers", MOST_QUBITS, GATES, FEATURES, properties=properties)
        self._devices = (solver, *processors.devices(version("qutip-qip")))

    def devices(self) -> Sequence[Device]:
        """The solvers, and the processors."""
        return self._devices

    def fresh(self, device: Device, ask: Question) -> Any:
        """A ket, or a processor."""
        if device.properties["method"] != SOLVER:
            return processors.fresh(device, ask)
        return _state(ask.circuit.num_qubits, ask.circuit.bound(ask.values))

    def told(self, device: Device, ask: Question, state: Any) -> dict[str, Any]:
        """Besides, how long the longest sequence of a processor's pulses was."""
        return {**super().told(device, ask, state), **getattr(state, "facts", {})}

    def expectation(self, device: Device, ask: Expectation) -> Estimate:
        """Exact, from the final state."""
        if device.properties["method"] != SOLVER:
            return super().expectation(device, ask)
        state = self.final(device, ask)
        value = mean(state.array.reshape(-1), ask.observable)
        return Estimate(value, metadata=self.told(device, ask, state))

    def evolve(self, device: Device, ask: Evolve) -> Series:
        """By `sesolve`, `mesolve` or `mcsolve`."""
        return _Evolution(ask).run()


class _Evolution:
    """One evolution and how it is to be solved."""

    def __init__(self, ask: Evolve) -> None:
        for name in ask.settings:
            if name not in SETTINGS:
                raise RefusedError("EIGEN_DEVICE_OPTION", f"an evolution on QuTiP has no setting `{name}`", where=name)
        self._ask = ask
        self._dynamics = Dynamics.of(ask)
        self._method = str(ask.settings.get("method", "auto"))
        if self._method not in {*METHODS, *INTEGRATORS}:
            known = ", ".join(f"`{name}`" for name in (*METHODS, *INTEGRATORS))
            message = f"QuTiP has no method `{self._method}`"
            raise RefusedError("EIGEN_SIM_UNSUPPORTED", message, where="method", hint=f"there are: {known}")
        self._check()
        self._tolerance = max(FINEST, float(ask.settings.get("tolerance", TOLERANCE)))
        self._integrator = METHODS.get(self._method, self._method)
        self._krylov = min(KRYLOV, 1 << self._dynamics.num_qubits)
        operators = [(_sparse(string, self._dynamics.num_qubits), rate) for string, rate in self._dynamics.hamiltonian]
        self._hamiltonian = qutip.QobjEvo(
            [
                qutip.Qobj(coefficient(0.0) * operator)
                if coefficient.is_constant
                else [qutip.Qobj(operator), coefficient.__call__]
                for operator, coefficient in operators
            ]
        )
        self._observables = [self._observable(found.terms) for found in self._dynamics.observables]
        self._collapse = [self._operator(each) for each in self._dynamics.collapse]

    def run(self) -> Series:
        """Values, and counts of the final state where shots are asked for."""
        if self._method == "trajectories":
            return self._trajectories()
        state, found = qutip.Qobj(self._dynamics.initial().reshape(-1, 1)), dict[float, list[float]]()
        solve: Any = qutip.sesolve
        if self._collapse:
            state, solve = qutip.ket2dm(state), qutip.mesolve
        steps = 0
        found[0.0] = self._values(state)
        for start, end in self._dynamics.pieces():
            extra = {"c_ops": self._collapse} if self._collapse else {}
            solved = solve(self._hamiltonian, state, [start, end], options=self._options(), **extra)
            state, steps = solved.states[-1], steps + 1
            found[end] = self._values(state)
        values = tuple(value for time in self._dynamics.times for value in found[time])
        name = "mesolve" if self._collapse else "sesolve"
        return Series(values, counts=self._counts(state), metadata=self._told(name, {"pieces": steps}))

    def _trajectories(self) -> Series:
        count = int(self._ask.settings.get("trajectories", TRAJECTORIES))
        if not 2 <= count <= MOST_TRAJECTORIES:
            message = f"`trajectories` is 2 to {MOST_TRAJECTORIES}, not `{count}`"
            raise RefusedError("EIGEN_DEVICE_OPTION", message, where="trajectories")
        pieces = self._dynamics.pieces()
        times = [0.0, *(end for _, end in pieces)]
        solved = qutip.mcsolve(
            self._hamiltonian,
            qutip.Qobj(self._dynamics.initial().reshape(-1, 1)),
            times,
            c_ops=self._collapse,
            e_ops=self._observables,
            ntraj=count,
            seeds=self._ask.seed % (1 << 64),
            options={
                **self._options(),
                "map": "serial",
                "max_step": min(end - start for start, end in pieces),
                "keep_runs_results": False,
            },
        )
        rows = [times.index(time) for time in self._dynamics.times]
        values = tuple(float(found[row].real) for row in rows for found in solved.average_expect)
        errors = tuple(float(abs(found[row])) / sqrt(count - 1) for row in rows for found in solved.std_expect)
        told = self._told("mcsolve", {"trajectories": count})
        return Series(values, errors, self._counts(solved.average_final_state), told)

    def _check(self) -> None:
        open_, width = bool(self._dynamics.collapse), self._dynamics.num_qubits
        if self._method == "krylov" and (open_ or self._dynamics.is_driven):
            raise RefusedError(
                "EIGEN_SIM_UNSUPPORTED", "`krylov` takes a constant Hamiltonian and no collapse operators"
            )
        if self._method in {"density", "trajectories"} and not open_:
            raise RefusedError("EIGEN_SIM_UNSUPPORTED", f"`{self._method}` is for evolutions with collapse operators")
        if open_ and self._method != "trajectories" and width > MOST_OPEN:
            message = f"QuTiP's density matrices go to {MOST_OPEN} qubits here, the evolution has `{width}`"
            raise RefusedError("EIGEN_SIM_MEMORY", message, hint="take the method `trajectories`")
        if width > MOST_QUBITS:
            message = f"`qutip:solver` holds {MOST_QUBITS} qubits, the evolution has `{width}`"
            raise RefusedError("EIGEN_SIM_MEMORY", message)

    def _options(self) -> dict[str, Any]:
        shared = {"method": self._integrator, "progress_bar": "", "store_final_state": True, "store_states": True}
        if self._integrator == "krylov":
            return {**shared, "sub_system_tol": self._tolerance / 10, "krylov_dim": self._krylov}
        return {**shared, "atol": self._tolerance / 100, "rtol": self._tolerance / 100, "nsteps": MOST_STEPS}

    def _told(self, solver: str, more: Mapping[str, Any]) -> dict[str, Any]:
        told = {"precision": "f64", "method": self._integrator, "solver": solver, "seed": self._ask.seed}
        return {**told, "tolerance_of_a_step": self._tolerance / 100, **more}

    def _values(self, state: Any) -> list[float]:
        return [float(qutip.expect(observable, state).real) for observable in self._observables]

    def _counts(self, state: Any) -> Counts | None:
        if self._ask.shots is None:
            return None
        from eigen_driver.arrays import drawn

        odds = state.diag().real if state.isoper else np.abs(state.full().ravel()) ** 2
        return Counts(drawn(np.clip(odds, 0.0, None), self._ask.shots, np.random.default_rng(self._ask.seed)))

    def _observable(self, terms: Sequence[tuple[tuple[tuple[str, int], ...], float]]) -> Any:
        size = 1 << self._dynamics.num_qubits
        total = sparse.csr_matrix((size, size), dtype=complex)
        for factors, weight in terms:
            total = total + weight * _sparse(String(factors), self._dynamics.num_qubits)
        return qutip.Qobj(total)

    def _operator(self, collapse: Collapse) -> Any:
        width, qubit = self._dynamics.num_qubits, collapse.qubit
        if collapse.kind == "pauli":
            return qutip.Qobj(sqrt(collapse.rate) * _sparse(collapse.string, width))
        inner = {"lower": [[0, 1], [0, 0]], "raise": [[0, 0], [1, 0]], "number": [[0, 0], [0, 1]]}[collapse.kind]
        whole = sparse.kron(sparse.eye(1 << (width - 1 - qubit)), sparse.kron(inner, sparse.eye(1 << qubit)))
        return qutip.Qobj(sqrt(collapse.rate) * whole.tocsr().astype(complex))


def _sparse(string: String, width: int) -> Any:
    """A Pauli string as a sparse matrix, qubit 0 the least significant bit of its index."""
    index = np.arange(1 << width)
    signs = 1.0 - 2.0 * (np.bitwise_count(index & string.z) & 1)
    return sparse.csr_matrix((string.phase * signs, (index ^ string.x, index)), shape=(len(index), len(index)))


def _state(width: int, bound: Mapping[str, float]) -> Any:
    """A state of `eigen_driver.walk`, whose gates are operators of QuTiP."""
    from eigen_driver.arrays import ArrayState

    class Ket(ArrayState):
        def apply(self, gate: Operation) -> None:
            size = len(gate.qubits)
            operator = qutip.Qobj(matrix_of(gate, bound), dims=[[2] * size] * 2)
            targets = [width - 1 - qubit for qubit in reversed(gate.qubits)]
            ket = qutip.Qobj(self.array.reshape(-1, 1), dims=[[2] * width, [1] * width])
            whole = expand_operator(operator, dims=[2] * width, targets=targets)
            self.array = (whole @ ket).full().reshape((2,) * width)

    zero = np.zeros((2,) * width, complex)
    zero[(0,) * width] = 1.0
    return Ket(zero, little=True)

"""JAX as `jax:statevector`: state vectors of one circuit at many values at a time, on the processor or a GPU.

Circuits are data to a few compiled functions, which scan over the gates: nothing is compiled anew for another circuit
as wide and about as long. Several questions about one circuit are one call over a batch. Gradients walk the circuit
back once, with its state and the observable's (Jones and Gacon, arXiv:2009.02823). Evolutions are product formulas.
States lie on one device of JAX, or in slices on several.
"""

# JAX is loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

import os
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import groupby
from typing import TYPE_CHECKING, Any

from eigen_driver import Counts, Device, Engine, Estimate, Expectation, Gradient, Probability, RefusedError, Sample
from eigen_driver.circuit import Affine
from eigen_driver.dynamics import String
from eigen_driver.matrices import GATES, PARAMETERS, matrix
from eigen_driver.walk import gates, sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver import Circuit, Evolve, Observable, Operation, Series
    from eigen_driver.asks import Answer, Ask
    from eigen_driver.engines.jax.slices import Slices

WIDE = frozenset({"CCX", "CCZ", "CSWAP", "UNITARY"})
"""Gates that are lowered to those on one and two qubits."""
CLAIMED = tuple(name for name in GATES if name not in WIDE)
FEATURES = frozenset({"dynamic", "expectation", "exact", "gradient", "evolution", "seed"})
MOST_QUBITS = 26
PRECISIONS = ("f32", "f64")
SETTINGS = ("platform", "cpu_devices")
PLATFORMS = ("cpu", "gpu", "cuda", "rocm", "tpu")
MOST_DEVICES = 64
PLANS_KEPT = 64
BATCH_BYTES = 1 << 30
"""What the states of one batch may take."""
STATES_USED = 4
"""States that a question of a batch may need at a time."""


class JaxEngine(Engine):
    """See the module. Settings: `platform` (`cpu`, `gpu`), JAX's own choice unless it is given; `cpu_devices`, how many
    devices the processor is for JAX."""

    name = "jax"
    options = frozenset({"precision", "slices"})

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load JAX."""
        super().start({name: value for name, value in config.items() if name not in SETTINGS}, threads)
        cpu_devices = _cpu_devices(config)
        global jax, np, kernels
        import jax
        import numpy as np

        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # a GPU is not for one process alone
        if threads:
            os.environ.setdefault("NPROC", str(threads))  # what XLA takes for its pool of threads
        if "platform" in config:
            jax.config.update("jax_platforms", _platform(config))
        if cpu_devices:
            jax.config.update("jax_num_cpu_devices", cpu_devices)
        jax.config.update("jax_enable_x64", True)
        from eigen_driver.engines.jax import kernels

        self.version = version("jax")
        self._platform = jax.default_backend()
        if cpu_devices and self._platform != "cpu":
            message = f"`cpu_devices` is for the platform `cpu`, and JAX runs on `{self._platform}`"
            raise RefusedError("EIGEN_CONFIG_INVALID", message, where="cpu_devices", hint="say `jax.platform=cpu` too")
        self._places = tuple(jax.local_devices()[: _power_of_two(jax.local_device_count())])
        self._plans: OrderedDict[str, _Plan] = OrderedDict()
        properties = {"engine": "jax", "method": "statevector", "precision": "f64", "version": self.version}
        properties |= {"platform": self._platform, "options": sorted(self.options), "slices": len(self._places)}
        properties["closed_only"] = True
        title, apart = "JAX, state vector", self._platform != "cpu"  # a memory of its own for each
        width = MOST_QUBITS + (len(self._places).bit_length() - 1 if apart else 0)
        self._devices = (Device("jax:statevector", title, width, CLAIMED, FEATURES, properties=properties),)

    def devices(self) -> Sequence[Device]:
        """The one."""
        return self._devices

    def run(self, device: Device, asks: Sequence[Ask]) -> list[Answer]:
        """Neighbours that differ in values and seeds only are one batch."""
        found: list[Answer] = []
        for _, group in groupby(asks, key=_kind):
            found += self._batch(device, list(group))
        return found

    def sample(self, device: Device, ask: Sample) -> Counts:
        """Counts; of a circuit that measures nothing, zeros."""
        return self.run(device, [ask])[0]  # type: ignore[return-value]

    def expectation(self, device: Device, ask: Expectation) -> Estimate:
        """Exact, from the final state."""
        return self.run(device, [ask])[0]  # type: ignore[return-value]

    def gradient(self, device: Device, ask: Gradient) -> Estimate:
        """Exact, by the adjoint method."""
        return self.run(device, [ask])[0]  # type: ignore[return-value]

    def probability(self, device: Device, ask: Probability) -> Estimate:
        """Exact, from the final state."""
        return self.run(device, [ask])[0]  # type: ignore[return-value]

    def evolve(self, device: Device, ask: Evolve) -> Series:
        """By a product formula."""
        from eigen_driver.engines.jax.evolution import evolve

        precision = _precision(ask.options)
        told = {"precision": precision, "platform": self._platform}
        return evolve(ask, precision, lambda width: self._slices(ask.options, width), told)

    def _batch(self, device: Device, asks: list[Any]) -> list[Answer]:
        first = asks[0]
        if not isinstance(first, Sample | Expectation | Gradient | Probability):
            return [self.evolve(device, ask) for ask in asks]
        precision = _precision(first.options)
        slices = self._slices(first.options, first.circuit.num_qubits)
        told = {"precision": precision, "platform": self._platform}
        told |= {"slices": len(slices.devices)} if slices else {}
        for ask in asks:
            ask.circuit.bound(ask.values)  # counts them
        if isinstance(first, Sample) and (first.circuit.is_dynamic or not first.circuit.measures):
            return [self._walked(ask, precision, slices, told) for ask in asks]
        plan = self._plan(first.circuit)
        size = max(1, BATCH_BYTES // (STATES_USED * kernels.AMPLITUDE_BYTES[precision] << first.circuit.num_qubits))
        found: list[Answer] = []
        for start in range(0, len(asks), size):
            part = asks[start : start + size]
            values = np.array([ask.values for ask in part], float).reshape(len(part), len(first.circuit.parameters))
            found += self._answers(plan, part, values, precision, slices, told)
        return found

    def _answers(
        self,
        plan: _Plan,
        asks: list[Any],
        values: Any,
        precision: str,
        slices: Slices | None,
        told: dict[str, Any],
    ) -> list[Answer]:
        """Answers to questions about one circuit, `values` of shape (questions, parameters)."""
        mats, slopes = plan.matrices(values, slopes=isinstance(asks[0], Gradient))
        states = kernels.states(plan.width, plan.gates, mats, precision, slices=slices)
        told = told | ({"batch": len(asks)} if len(asks) > 1 else {})
        if slices:
            told["slice_bytes"] = max(part.data.nbytes for part in states.addressable_shards) // len(states)
        if isinstance(asks[0], Sample):
            return [self._read(ask, state, told) for ask, state in zip(asks, np.asarray(states), strict=False)]
        if isinstance(asks[0], Probability):
            places = [int(ask.bits, 2) if ask.bits else 0 for ask in asks]
            return [Estimate(float(abs(states[row, place]) ** 2), metadata=told) for row, place in enumerate(places)]
        images = kernels.images(plan.width, states, _terms(asks[0].observable), precision, slices)
        found = kernels.overlaps(states, images)
        if isinstance(asks[0], Expectation):
            return [Estimate(float(found[row]), metadata=told) for row in range(len(asks))]
        sums = kernels.walked_back(plan.width, plan.gates, mats, states, images, slices)
        gradients = plan.chained(slopes, np.asarray(sums))
        return [
            Estimate(float(found[row]), gradient=tuple(map(float, gradients[row])), metadata=told)
            for row in range(len(asks))
        ]

    def _read(self, ask: Sample, state: Any, told: dict[str, Any]) -> Counts:
        """Counts of a circuit that measures at its end only, from its final state."""
        operations = tuple(item for item in ask.circuit.operations if item.name == "MEASURE")
        start = _state(state, {}, told["precision"], None)  # only turned and drawn from
        random = np.random.default_rng(ask.seed)
        counts = sample(replace(ask.circuit, operations=operations), start, ask.shots, random)
        return Counts(counts, told | {"seed": ask.seed})

    def _walked(self, ask: Sample, precision: str, slices: Slices | None, told: dict[str, Any]) -> Counts:
        zero = np.zeros(1 << ask.circuit.num_qubits, kernels.DTYPES[precision])
        zero[0] = 1.0
        start = _state(zero, ask.circuit.bound(ask.values), precision, slices)
        counts = sample(ask.circuit, start, ask.shots, np.random.default_rng(ask.seed))
        return Counts(counts, told | {"seed": ask.seed})

    def _slices(self, options: Mapping[str, Any], width: int) -> Slices | None:
        """Those of a state of so many qubits: as many as are asked for, else no more than it takes; never more than the
        state has amplitudes."""
        from eigen_driver.engines.jax.slices import Slices

        asked, most = options.get("slices"), len(self._places)
        powers = [1 << power for power in range(most.bit_length())]
        if asked is not None and (isinstance(asked, bool) or asked not in powers):
            listed = ", ".join(map(str, powers))
            message = f"`slices` of `jax:statevector` is one of {listed}, not `{asked!s:.40}`"
            hint = "as many as JAX has devices; `driver_settings` `jax.cpu_devices=4` makes four of the processor"
            raise RefusedError("EIGEN_DEVICE_OPTION", message, where="slices", hint=hint)
        count = min(int(asked or 1 << max(0, width - MOST_QUBITS)), 1 << width)
        return Slices(self._places[:count]) if count > 1 else None

    def _plan(self, circuit: Circuit) -> _Plan:
        found = self._plans.get(circuit.digest)
        if found is None:
            found = self._plans[circuit.digest] = _Plan.of(
                circuit.num_qubits, list(gates(circuit.operations)), circuit.parameters
            )
            if len(self._plans) > PLANS_KEPT:
                self._plans.popitem(last=False)
        self._plans.move_to_end(circuit.digest)
        return found


@dataclass(eq=False)
class _Plan:
    """Gates as data: angle j of all is `constants[j]` + the sum of `factors` times values, and belongs to the gate
    `owners[j]`, whose angle number `numbers[j]` it is."""

    width: int
    parameters: int
    names: list[str]
    gates: Any
    places: dict[str, Any]  # name -> the gates of that name
    angles: dict[str, Any]  # name -> shape (gates of that name, angles of one)
    constants: Any
    factors: tuple[Any, Any, Any]  # angle, parameter, factor
    owners: Any
    numbers: Any

    @classmethod
    def of(cls, width: int, items: Sequence[Operation], parameters: Sequence[str]) -> _Plan:
        column = {name: number for number, name in enumerate(parameters)}
        constants: list[float] = []
        factors: list[tuple[int, int, float]] = []
        owners: list[int] = []
        numbers: list[int] = []
        places: dict[str, list[int]] = defaultdict(list)
        angles: dict[str, list[list[int]]] = defaultdict(list)
        for at, item in enumerate(items):
            places[item.name].append(at)
            mine: list[int] = []
            for number, name in enumerate(PARAMETERS.get(item.name, ())):
                angle = item.params[name]
                mine.append(len(constants))
                owners.append(at)
                numbers.append(number)
                if isinstance(angle, Affine):
                    factors += [(len(constants), column[term], factor) for term, factor in angle.terms]
                    constants.append(angle.constant)
                else:
                    constants.append(float(angle))
            angles[item.name].append(mine)
        rows = (
            np.array([row for row, _, _ in factors], int),
            np.array([name for _, name, _ in factors], int),
            np.array([factor for _, _, factor in factors], float),
        )
        return cls(
            width,
            len(parameters),
            [item.name for item in items],
            kernels.Gates.of(width, [item.name for item in items], [item.qubits for item in items]),
            {name: np.array(found) for name, found in places.items()},
            {name: np.array(found, int).reshape(len(found), -1) for name, found in angles.items()},
            np.array(constants, float),
            rows,
            np.array(owners, int),
            np.array(numbers, int),
        )

    def matrices(self, values: Any, *, slopes: bool) -> tuple[Any, Any]:
        """The gates' matrices, shape (questions, gates, 4, 4), those on one qubit in the corner; and, where asked for,
        their derivatives by each angle, shape (questions, angles, 4, 4)."""
        count = len(values)
        angles = np.tile(self.constants, (count, 1))
        rows, columns, factors = self.factors
        np.add.at(angles.T, rows, (values[:, columns] * factors).T)
        found = np.zeros((count, self.gates.padded, 4, 4), complex)
        found[:, len(self.names) :] = np.eye(4)
        turned = np.zeros((count, len(self.constants) if slopes else 0, 4, 4), complex)
        for name, at in self.places.items():
            mine = self.angles[name]
            if not mine.shape[1]:
                one = matrix(name)
                found[:, at, : len(one), : len(one)] = one
                continue
            chosen = angles[:, mine].reshape(-1, mine.shape[1])
            made = kernels.matrices(name, chosen)
            size = made.shape[-1]
            found[:, at, :size, :size] = made.reshape(count, len(at), size, size)
            if slopes:
                steps = kernels.slopes(name, chosen).reshape(count, len(at), size, size, -1)
                turned[:, mine, :size, :size] = np.moveaxis(steps, -1, 2)
        return found, turned

    def chained(self, slopes: Any, sums: Any) -> Any:
        """Derivatives by the parameters, shape (questions, parameters), of the sums that the walk back left at each
        gate."""
        by_angle = 2.0 * np.einsum("qaij,qaij->qa", slopes, sums[:, self.owners]).real
        rows, columns, factors = self.factors
        found = np.zeros((len(slopes), self.parameters))
        np.add.at(found.T, columns, (by_angle[:, rows] * factors).T)
        return found


def _state(vector: Any, bound: Mapping[str, float], precision: str, slices: Slices | None) -> Any:
    """A state of `eigen_driver.walk`; gates wait until somebody looks."""
    from eigen_driver.arrays import ArrayState

    class Walked(ArrayState):
        def __init__(self, array: Any) -> None:
            super().__init__(array, little=True)
            self.waiting: tuple[Operation, ...] = ()

        def apply(self, gate: Operation) -> None:
            self.waiting = (*self.waiting, gate)

        def probabilities(self) -> Any:
            self._catch_up()
            return super().probabilities()

        def project(self, qubit: int, outcome: int) -> None:
            self._catch_up()
            super().project(qubit, outcome)

        def copy(self) -> Any:
            self._catch_up()
            return super().copy()

        def _catch_up(self) -> None:
            if self.waiting:
                bare = [replace(item, condition=None) for item in self.waiting]
                plan = _Plan.of(self.num_qubits, bare, tuple(bound))
                mats, _ = plan.matrices(np.array([list(bound.values())], float).reshape(1, len(bound)), slopes=False)
                start = self.array.reshape(1, -1)
                found = kernels.states(plan.width, plan.gates, mats, precision, start, slices)
                self.array, self.waiting = np.array(found[0]).reshape(self.array.shape), ()

    return Walked(np.array(vector).reshape((2,) * (len(vector).bit_length() - 1)))


def _terms(observable: Observable) -> list[tuple[String, float]]:
    return [(String(factors), weight) for factors, weight in observable.terms]


def _kind(ask: Any) -> Any:
    """What questions of one batch share."""
    if not hasattr(ask, "circuit"):
        return id(ask)
    options = tuple(sorted(ask.options.items(), key=str))
    observable = ask.observable.digest if isinstance(ask, Expectation | Gradient) else ""
    return type(ask).__name__, ask.circuit.digest, observable, str(options)


def _platform(config: Mapping[str, Any]) -> str:
    found = config["platform"]
    if found not in PLATFORMS:
        listed = ", ".join(f"`{name}`" for name in PLATFORMS)
        message = f"`platform` of the driver `jax` is one of {listed}, not `{found!s:.40}`"
        raise RefusedError("EIGEN_CONFIG_INVALID", message, where="platform")
    return str(found)


def _cpu_devices(config: Mapping[str, Any]) -> int:
    """0 where it is not said."""
    found = config.get("cpu_devices", 0)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= MOST_DEVICES:
        message = f"`cpu_devices` of the driver `jax` is a whole number up to {MOST_DEVICES}, not `{found!s:.40}`"
        raise RefusedError("EIGEN_CONFIG_INVALID", message, where="cpu_devices")
    return found


def _power_of_two(count: int) -> int:
    """The largest one up to a number."""
    return 1 << (count.bit_length() - 1)


def _precision(options: Mapping[str, Any]) -> str:
    found = options.get("precision", "f64")
    if found not in PRECISIONS:
        message = f"`precision` of `jax:statevector` is `f32` or `f64`, not `{found}`"
        raise RefusedError("EIGEN_DEVICE_OPTION", message, where="precision")
    return found

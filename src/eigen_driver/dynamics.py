"""`Dynamics`: the evolution that an `Evolve` asks for, with numbers in place of its parameters.

hbar is 1. Pauli strings are masks: bit k of `x` and `z` says that qubit k has a factor X, Z, or both, which is Y.
"""

# NumPy belongs to the environment of the engine that asks, and is loaded when it does.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from math import cos, exp, sin
from typing import TYPE_CHECKING, Any

from eigen_driver.circuit import Circuit, Operation
from eigen_driver.failure import RefusedError
from eigen_driver.matrices import controlled, matrix_of, pauli
from eigen_driver.observable import Observable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from eigen_driver.asks import Evolve

NO_PARAMETERS = frozenset({"table", "polynomial"})


@dataclass(frozen=True)
class String:
    """A product of Pauli factors, (letter, qubit) each."""

    factors: tuple[tuple[str, int], ...]

    @property
    def x(self) -> int:
        """Where it flips."""
        return sum(1 << qubit for letter, qubit in self.factors if letter in "XY")

    @property
    def z(self) -> int:
        """Where it signs."""
        return sum(1 << qubit for letter, qubit in self.factors if letter in "ZY")

    @property
    def phase(self) -> complex:
        """`P|j> = phase (-1)^popcount(j & z) |j ^ x>`."""
        return 1j ** sum(letter == "Y" for letter, _ in self.factors)


@dataclass(frozen=True)
class Coefficient:
    """A real function of time, as its document says, at these values of its parameters."""

    document: Any
    values: Mapping[str, float]

    def __call__(self, t: float) -> float:
        """The value at a time."""
        return _value(self.document, self.values, t)

    @property
    def is_constant(self) -> bool:
        """Whether it is the same at all times."""
        return not any(_drives(self.document))

    @property
    def edges(self) -> tuple[float, ...]:
        """Times at which it or its slope jumps."""
        return tuple(time for table in _tables(self.document) for time in table["times"])


@dataclass(frozen=True)
class Collapse:
    """`sqrt(rate) L`, where `kind` is `pauli` (`string`), `lower` (|0><1|), `raise` or `number` of `qubit`."""

    kind: str
    rate: float
    qubit: int = 0
    string: String = String(())


@dataclass(frozen=True)
class Dynamics:
    """Sums of Pauli strings with coefficients act for `time` on `num_qubits`; `observables` are recorded at `times`."""

    num_qubits: int
    time: float
    times: tuple[float, ...]
    hamiltonian: tuple[tuple[String, Coefficient], ...]
    collapse: tuple[Collapse, ...]
    observables: tuple[Observable, ...]
    preparation: tuple[Operation, ...]
    values: Mapping[str, float]

    @classmethod
    def of(cls, ask: Evolve) -> Dynamics:
        """What is asked; EIGEN_CIRCUIT_PARAMETERS for another number of values."""
        document = ask.document
        names = _names(document)
        if len(names) != len(ask.values):
            message = f"the evolution has {len(names)} parameters, `{len(ask.values)}` values came"
            raise RefusedError("EIGEN_CIRCUIT_PARAMETERS", message)
        values = dict(zip(names, ask.values, strict=True))
        width, time = int(document["qubits"]), float(document["time"])
        observables = tuple(
            Observable.from_json("", json.dumps(found).encode()) for found in document.get("observables", ())
        )
        return cls(
            width,
            time,
            tuple(document.get("times", ())) or (time,),
            tuple((_string(label), Coefficient(found, values)) for label, found in document["hamiltonian"]),
            tuple(_collapse(label, _value(rate, values, 0.0)) for label, rate in document.get("collapse", ())),
            observables,
            _preparation(document.get("initial", {}), width),
            values,
        )

    @property
    def is_driven(self) -> bool:
        """Whether its Hamiltonian changes with time."""
        return not all(coefficient.is_constant for _, coefficient in self.hamiltonian)

    def initial(self) -> Any:
        """The state it starts from, an array of 2^n amplitudes."""
        import numpy as np

        state = np.zeros(1 << self.num_qubits, complex)
        state[0] = 1.0
        for item in self.preparation:
            if item.name not in {"BARRIER", "DELAY", "GPHASE"}:
                state = applied(state, _modified(item, self.values), item.qubits)
        return state

    def pieces(self) -> list[tuple[float, float]]:
        """The time in pieces between which something is recorded or a coefficient jumps, as (from, to)."""
        edges = {edge for _, coefficient in self.hamiltonian for edge in coefficient.edges if 0.0 < edge < self.time}
        points = sorted({0.0, *self.times, self.time, *edges})
        return list(pairwise(points))


def applied(state: Any, operator: Any, qubits: Sequence[int]) -> Any:
    """A matrix, shape (2^k, 2^k), on the qubits of a state of 2^n amplitudes, the first the least significant bit of
    the matrix's index."""
    import numpy as np

    width = len(state).bit_length() - 1
    axes = [width - 1 - qubit for qubit in reversed(qubits)]
    count = len(axes)
    tensor = np.tensordot(
        operator.reshape((2,) * (2 * count)), state.reshape((2,) * width), (range(count, 2 * count), axes)
    )
    return np.moveaxis(tensor, range(count), axes).reshape(-1)


def product(state: Any, string: String) -> Any:
    """A Pauli string on a state of 2^n amplitudes."""
    import numpy as np

    index = np.arange(len(state), dtype=np.int64)
    signs = 1.0 - 2.0 * (np.bitwise_count((index ^ string.x) & string.z) & 1)
    return string.phase * signs * state[index ^ string.x]


def mean(state: Any, observable: Observable) -> float:
    """An observable's expectation value in a state of 2^n amplitudes."""
    import numpy as np

    return sum(float((weight * np.vdot(state, product(state, String(term)))).real) for term, weight in observable.terms)


def _modified(item: Operation, values: Mapping[str, float]) -> Any:
    """The matrix of an operation with its modifiers: controls are its first qubits, control k fulfilled by character k
    from the right of `control_state`."""
    import numpy as np

    inner = item
    if item.controls:
        inner = Operation(item.name, item.qubits[item.controls :], item.params, matrix=item.matrix, pauli=item.pauli)
    found = matrix_of(inner, values)
    if item.power != 1.0:
        phases, vectors = np.linalg.eig(found)
        found = vectors @ np.diag(np.exp(1j * item.power * np.angle(phases))) @ np.linalg.inv(vectors)
    if item.inverse:
        found = found.conj().T
    if not item.controls:
        return found
    whole = controlled(found, item.controls)
    state = item.control_state or "1" * item.controls
    flips = np.eye(1)
    for character in reversed(state):
        flips = np.kron(np.eye(2) if character == "1" else pauli("X"), flips)
    flips = np.kron(np.eye(len(found)), flips)
    return flips @ whole @ flips


def _string(label: str) -> String:
    return String(tuple((factor[0], int(factor[1:])) for factor in label.split()))


def _collapse(label: str, rate: float) -> Collapse:
    if rate < 0.0:
        raise RefusedError("EIGEN_EVOLUTION_INVALID", f"the rate of the collapse operator `{label}` is `{rate}`")
    for mark, kind in (("S-", "lower"), ("S+", "raise"), ("N", "number")):
        if label.startswith(mark):
            return Collapse(kind, rate, int(label.removeprefix(mark)))
    return Collapse("pauli", rate, string=_string(label))


def _preparation(document: Mapping[str, Any], width: int) -> tuple[Operation, ...]:
    if "circuit" in document:
        return Circuit.from_aqo("", json.dumps(document["circuit"]).encode()).operations
    if "product" in document:
        angles = [{"theta": polar, "phi": azimuth, "lambda": 0.0} for polar, azimuth in document["product"]]
        return tuple(Operation("U", (qubit,), params) for qubit, params in enumerate(angles))
    bits = document.get("bits", "0" * width)
    return tuple(Operation("X", (qubit,)) for qubit, bit in enumerate(reversed(bits)) if bit == "1")


def _names(document: Mapping[str, Any]) -> list[str]:
    """The parameters in order of first appearance: initial state, Hamiltonian, collapse operators."""
    found = list(document.get("initial", {}).get("circuit", {}).get("parameters", ()))
    for _, coefficient in document["hamiltonian"]:
        found += _named(coefficient)
    for _, rate in document.get("collapse", ()):
        found += _named(rate)
    return list(dict.fromkeys(found))


def _named(document: Any) -> Iterable[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, list):
        for part in document:
            yield from _named(part)
    elif isinstance(document, dict):
        if "terms" in document or "const" in document:
            yield from sorted(document.get("terms", {}))
            return
        for name, part in document.items():
            if name not in NO_PARAMETERS:
                yield from (_named(part) if isinstance(part, dict | list) and name in _PARTS else _drive(name, part))


_PARTS = {"sum", "product"}


def _drive(name: str, part: Any) -> Iterable[str]:
    """The parameters of a drive, in the order of its definition."""
    for key in {"cos": ("omega", "phase"), "sin": ("omega", "phase"), "gaussian": ("center", "width")}[name]:
        yield from _named(part.get(key, 0.0))


def _drives(document: Any) -> Iterable[bool]:
    """A true value for each function of time in a coefficient."""
    if isinstance(document, dict):
        for name, part in document.items():
            if name in _PARTS:
                for inner in part:
                    yield from _drives(inner)
            elif name not in {"terms", "const"}:
                yield True


def _tables(document: Any) -> Iterable[Mapping[str, Any]]:
    if isinstance(document, dict):
        for name, part in document.items():
            if name in _PARTS:
                for inner in part:
                    yield from _tables(inner)
            elif name == "table":
                yield part


def _value(document: Any, values: Mapping[str, float], t: float) -> float:
    if isinstance(document, str):
        return values[document]
    if not isinstance(document, dict):
        return float(document)
    if "terms" in document or "const" in document:
        terms: dict[str, float] = document.get("terms", {})
        return float(document.get("const", 0.0)) + sum(factor * values[name] for name, factor in sorted(terms.items()))
    ((kind, part),) = document.items()
    return _FUNCTIONS[kind](part, values, t)


def _sum(parts: Any, values: Mapping[str, float], t: float) -> float:
    return sum(_value(part, values, t) for part in parts)


def _product(parts: Any, values: Mapping[str, float], t: float) -> float:
    found = 1.0
    for part in parts:
        found *= _value(part, values, t)
    return found


def _wave(function: Callable[[float], float]) -> Callable[[Any, Mapping[str, float], float], float]:
    def at(part: Any, values: Mapping[str, float], t: float) -> float:
        return function(_value(part["omega"], values, t) * t + _value(part.get("phase", 0.0), values, t))

    return at


def _gaussian(part: Any, values: Mapping[str, float], t: float) -> float:
    center, width = _value(part["center"], values, t), _value(part["width"], values, t)
    return exp(-((t - center) ** 2) / (2 * width * width))


def _polynomial(part: Any, values: Mapping[str, float], t: float) -> float:
    found = 0.0
    for coefficient in reversed(part):
        found = found * t + coefficient
    return found


def _table(part: Any, values: Mapping[str, float], t: float) -> float:
    times, found = part["times"], part["values"]
    after = bisect_right(times, t)
    if after in {0, len(times)}:
        return found[max(0, after - 1)]
    if part.get("between", "linear") == "step":
        return found[after - 1]
    share = (t - times[after - 1]) / (times[after] - times[after - 1])
    return found[after - 1] + share * (found[after] - found[after - 1])


_FUNCTIONS: dict[str, Callable[[Any, Mapping[str, float], float], float]] = {
    "sum": _sum,
    "product": _product,
    "cos": _wave(cos),
    "sin": _wave(sin),
    "gaussian": _gaussian,
    "polynomial": _polynomial,
    "table": _table,
}

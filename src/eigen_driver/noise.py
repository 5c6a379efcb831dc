"""Noise models: which channels act before and after each operation of a circuit, and how outcomes are recorded wrongly.

Eigen OS reads what its user wrote, checks it, and hands it over as the canonical JSON of the option `noise_model`. A
walk through a circuit tells the channels in the order in which they act.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from math import exp, sqrt
from typing import TYPE_CHECKING, Any

from eigen_driver.failure import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eigen_driver.circuit import Operation

Matrix = tuple[tuple[complex, ...], ...]
Site = tuple["Channel", tuple[int, ...]]
"""A channel and the qubits it acts on, its first first."""

LETTERS = "IXYZ"
PAULIS: dict[str, Matrix] = {
    "I": ((1, 0), (0, 1)),
    "X": ((0, 1), (1, 0)),
    "Y": ((0, -1j), (1j, 0)),
    "Z": ((1, 0), (0, -1)),
}
NEGLIGIBLE = 1e-12
"""The largest entry that counts as zero where a channel is recognised as a mixture of Pauli strings."""
UNITS = {"": 1.0, "ns": 1.0, "us": 1e3, "ms": 1e6, "s": 1e9}
NO_TIME = frozenset({"BARRIER", "IF", "WHILE", "FOR"})
KINDS = {"MEASURE": "measure", "RESET": "reset"}
NO_GATE = frozenset({"MEASURE", "RESET", "DELAY"}) | NO_TIME


@dataclass(frozen=True)
class Channel:
    """A completely positive, trace-preserving map on one or two qubits, as its `document` says."""

    document: Mapping[str, Any]

    @property
    def num_qubits(self) -> int:
        """One or two."""
        kind = self.document["kind"]
        if kind == "kraus":
            return 2 if len(self.document["operators"][0]) == 4 else 1
        if kind == "pauli":
            return 2 if len(self.document["probabilities"]) == 16 else 1
        return int(self.document["qubits"]) if kind == "depolarizing" else 1

    @cached_property
    def paulis(self) -> Mapping[str, float] | None:
        """The probabilities of Pauli strings, letter k on the channel's qubit k, where it is a mixture of them."""
        document, kind = self.document, self.document["kind"]
        if kind == "pauli":
            odds = [float(odd) for odd in document["probabilities"]]
        elif kind == "depolarizing":
            share = document["probability"] / (4**self.num_qubits - 1)
            odds = [1.0 - document["probability"], *[share] * (4**self.num_qubits - 1)]
        elif kind == "phase_damping":
            flips = (1.0 - sqrt(1.0 - document["lambda"])) / 2.0
            odds = [1.0 - flips, 0.0, 0.0, flips]
        else:
            found = _mixture(self.operators)
            if found is None:
                return None
            odds = found
        return {_string(index, self.num_qubits): odd for index, odd in enumerate(odds) if odd > 0.0}

    @property
    def is_identity(self) -> bool:
        """Whether it changes nothing."""
        return self.paulis is not None and all(set(letters) == {"I"} for letters in self.paulis)

    @cached_property
    def operators(self) -> tuple[Matrix, ...]:
        """Its Kraus operators K: `rho -> sum K rho K†`, those that vanish left out. Of two qubits the first is the
        least significant bit of an index."""
        document = self.document
        match document["kind"]:
            case "kraus":
                found = [
                    tuple(tuple(complex(*entry) for entry in row) for row in rows) for rows in document["operators"]
                ]
            case "amplitude_damping":
                kept = 1.0 - document["gamma"]
                found = _relaxation(kept, sqrt(kept), document.get("excited", 0.0))
            case "thermal_relaxation":
                ns = document["duration_ns"]
                kept, coherence = exp(-ns / document["t1_ns"]), exp(-ns / document["t2_ns"])
                found = _relaxation(kept, coherence, document.get("excited", 0.0))
            case "reset":
                found = _reset(document["zero"], document["one"])
            case _:
                found = [_scaled(_pauli(letters), sqrt(odd)) for letters, odd in (self.paulis or {}).items()]
        return tuple(matrix for matrix in found if any(entry != 0 for row in matrix for entry in row))


class Places:
    """Rows that mean operations, found by the qubits that they name."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.rows = rows
        self._general = [number for number, row in enumerate(rows) if "qubits" not in row]
        self._named: dict[tuple[int, ...], list[int]] = {}
        for number, row in enumerate(rows):
            for qubits in row.get("qubits", ()):
                self._named.setdefault(tuple(qubits), []).append(number)

    def candidates(self, qubits: tuple[int, ...]) -> list[int]:
        """Numbers of the rows that may mean an operation on these qubits, ascending."""
        if not self._named:
            return self._general
        found = {*self._general, *self._named.get(qubits, ())}
        for qubit in qubits:
            found.update(self._named.get((qubit,), ()))
        return sorted(found)


@dataclass(frozen=True)
class NoiseModel:
    """A model as its canonical document says; see the guide on noise."""

    document: Mapping[str, Any]
    channels: tuple[Channel, ...] = field(repr=False)
    rules: Places = field(repr=False)
    durations: Places = field(repr=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> NoiseModel:
        """The model of a canonical document; EIGEN_NOISE_INVALID for another text."""
        try:
            document: Any = json.loads(text)
            if document["kind"] != "noise":
                raise RefusedError("EIGEN_NOISE_INVALID", f"a document of kind `{document['kind']}` is no noise model")
            rules = Places(document.get("rules", ()))
            channels = tuple(Channel(rule["channel"]) for rule in rules.rows)
            return cls(document, channels, rules, Places(document.get("durations", ())))
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise RefusedError("EIGEN_NOISE_INVALID", f"the document is no noise model: {error!r}") from error

    def readout(self, qubit: int) -> tuple[float, float] | None:
        """How often 1 is recorded for 0, and 0 for 1, where the record of a qubit errs."""
        found = _last(self.document.get("readout", ()), qubit)
        return None if found is None else (found["one_given_zero"], found["zero_given_one"])

    def walk(self, num_qubits: int) -> Walk:
        """A walk through a circuit of so many qubits."""
        return Walk(self, num_qubits)


class Walk:
    """Tells the channels of operations in their order. Who walks calls `before` and `after` of each operation, and
    `edge` where a block begins and where it ends: how long a block takes is not known, so that waiting across its edges
    does not count. What a conditional operation brings with it happens when the operation does."""

    def __init__(self, model: NoiseModel, num_qubits: int) -> None:
        self._model = model
        self._width = num_qubits
        self._timed = bool(model.document.get("relaxation"))
        self._free: dict[int, float] = {}  # when each qubit is free again, in ns, from its first operation on
        self._known: dict[tuple[int, float], Channel] = {}

    def copy(self) -> Walk:
        """Another one, which goes on from here."""
        other = Walk(self._model, self._width)
        other._free, other._known = dict(self._free), self._known
        return other

    def before(self, operation: Operation) -> list[Site]:
        """What acts before it."""
        found = self._wait(operation)
        if operation.name == "MEASURE":
            found += self._rules(operation)
        return found

    def after(self, operation: Operation) -> list[Site]:
        """What acts after it."""
        found = [] if operation.name == "MEASURE" or operation.name in NO_TIME else self._rules(operation)
        if not self._timed or operation.name in NO_TIME:
            return found
        duration = self._duration(operation)
        start = next((self._free[qubit] for qubit in operation.qubits if qubit in self._free), 0.0)
        for qubit in operation.qubits:
            self._free[qubit] = start + duration
            found += self._relaxed(qubit, duration)
        return found

    def edge(self) -> None:
        """A block begins or ends."""
        self._free.clear()

    def _wait(self, operation: Operation) -> list[Site]:
        """Qubits of an operation wait for the last of them."""
        if not self._timed:
            return []
        full = operation.name == "BARRIER" and not operation.qubits
        qubits = [qubit for qubit in (range(self._width) if full else operation.qubits) if qubit in self._free]
        start = max((self._free[qubit] for qubit in qubits), default=0.0)
        found: list[Site] = []
        for qubit in qubits:
            found += self._relaxed(qubit, start - self._free[qubit])
            self._free[qubit] = start
        return found

    def _rules(self, operation: Operation) -> list[Site]:
        found: list[Site] = []
        for number in self._model.rules.candidates(operation.qubits):
            rule, channel = self._model.rules.rows[number], self._model.channels[number]
            if not _is_meant(rule, operation) or channel.is_identity:
                continue
            if channel.num_qubits == 1:
                found += [(channel, (qubit,)) for qubit in operation.qubits if _is_named(rule, operation, qubit)]
            elif len(operation.qubits) == 2:
                if "qubits" not in rule or list(operation.qubits) in rule["qubits"]:
                    found.append((channel, operation.qubits))
            elif len(operation.qubits) > 2 and "qubits" not in rule:
                width = len(operation.qubits)
                message = f"the noise model has no channel for `{operation.name}` on {width} qubits"
                hint = "compile the circuit to gates on one and two qubits, or name the gates in the model"
                raise RefusedError("EIGEN_SIM_UNSUPPORTED", message, hint=hint)
        return found

    def _duration(self, operation: Operation) -> float:
        if operation.name == "DELAY":
            return self._delay(operation)
        for number in reversed(self._model.durations.candidates(operation.qubits)):
            place = self._model.durations.rows[number]
            if _is_meant(place, operation) and any(_is_named(place, operation, qubit) for qubit in operation.qubits):
                return float(place["ns"])
        return 0.0

    def _delay(self, operation: Operation) -> float:
        length = operation.params.get("duration", 0.0)
        if not isinstance(length, int | float):
            raise RefusedError("EIGEN_NOISE_INVALID", "relaxation needs a delay that is a number")
        unit = self._model.document.get("dt_ns") if operation.unit == "dt" else UNITS[operation.unit]
        if unit is None:
            raise RefusedError("EIGEN_NOISE_INVALID", "the noise model does not say how long `dt` is")
        return max(0.0, length * unit)

    def _relaxed(self, qubit: int, duration_ns: float) -> Iterable[Site]:
        if duration_ns <= 0.0:
            return
        channel = self._known.get((qubit, duration_ns))
        if channel is None:
            times = _last(self._model.document["relaxation"], qubit)
            if times is None:
                return
            document = {name: value for name, value in times.items() if name != "qubits"}
            document |= {"kind": "thermal_relaxation", "duration_ns": duration_ns}
            channel = self._known[qubit, duration_ns] = Channel(document)
        yield channel, (qubit,)


def _last(rows: Sequence[Mapping[str, Any]], qubit: int) -> Mapping[str, Any] | None:
    """The last row that means a qubit."""
    return next((row for row in reversed(rows) if "qubits" not in row or qubit in row["qubits"]), None)


def _is_meant(place: Mapping[str, Any], operation: Operation) -> bool:
    """Whether a place means an operation by its kind, gate and width."""
    kind = KINDS.get(operation.name, "" if operation.name in NO_GATE else "gate")
    return (
        kind == place.get("on", "gate")
        and ("gates" not in place or operation.name in place["gates"])
        and place.get("width", len(operation.qubits)) == len(operation.qubits)
    )


def _is_named(place: Mapping[str, Any], operation: Operation, qubit: int) -> bool:
    """Whether a place names a qubit of an operation, alone or with all its qubits."""
    named = place.get("qubits")
    return named is None or list(operation.qubits) in named or [qubit] in named


def _string(index: int, qubits: int) -> str:
    return "".join(LETTERS[index >> 2 * place & 3] for place in range(qubits))


def _pauli(letters: str) -> Matrix:
    first = PAULIS[letters[0]]
    return first if len(letters) == 1 else _above(first, PAULIS[letters[1]])


def _above(low: Matrix, high: Matrix) -> Matrix:
    """The product of two one-qubit matrices, the first on the less significant qubit."""
    return tuple(
        tuple(high[row >> 1][column >> 1] * low[row & 1][column & 1] for column in range(4)) for row in range(4)
    )


def _scaled(matrix: Matrix, factor: float) -> Matrix:
    return tuple(tuple(factor * entry for entry in row) for row in matrix)


def _relaxation(kept: float, coherence: float, excited: float) -> list[Matrix]:
    """Populations that are kept with probability `kept`, coherences multiplied by `coherence` <= sqrt(kept), and decay
    to the thermal state with the population `excited` of |1>."""
    dephased, decayed = sqrt(max(0.0, kept - coherence * coherence)), sqrt(max(0.0, 1.0 - kept))
    cold: list[Matrix] = [((1, 0), (0, coherence)), ((0, 0), (0, dephased)), ((0, decayed), (0, 0))]
    hot: list[Matrix] = [((coherence, 0), (0, 1)), ((dephased, 0), (0, 0)), ((0, 0), (decayed, 0))]
    down, up = sqrt(1.0 - excited), sqrt(excited)
    return [_scaled(matrix, down) for matrix in cold] + [_scaled(matrix, up) for matrix in hot]


def _reset(zero: float, one: float) -> list[Matrix]:
    nothing, down, up = sqrt(max(0.0, 1.0 - zero - one)), sqrt(zero), sqrt(one)
    return [
        ((nothing, 0), (0, nothing)),
        ((down, 0), (0, 0)),
        ((0, down), (0, 0)),
        ((0, 0), (up, 0)),
        ((0, 0), (0, up)),
    ]


def _mixture(operators: Sequence[Matrix]) -> list[float] | None:
    """The probabilities of Pauli strings, when the process matrix in their basis is diagonal."""
    size = len(operators[0])
    strings = [_pauli(_string(index, size // 2)) for index in range(size * size)]
    parts = [
        [sum(string[r][c] * operator[c][r] for r in range(size) for c in range(size)) / size for string in strings]
        for operator in operators
    ]
    for a in range(len(strings)):
        for b in range(a):
            if abs(sum(part[a] * part[b].conjugate() for part in parts)) > NEGLIGIBLE:
                return None
    weights = [sum(abs(part[a]) ** 2 for part in parts) for a in range(len(strings))]
    total = sum(weights)
    return [weight / total if weight > NEGLIGIBLE else 0.0 for weight in weights]

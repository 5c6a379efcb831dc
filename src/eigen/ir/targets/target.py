"""`Target`: what a circuit is compiled for: qubits, coupled pairs, gates, and what is known of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from eigen._core import gate_table
from eigen.errors import EigenError
from eigen.ir.targets import topologies
from eigen.ir.targets.calibration import Calibration
from eigen.ir.values import is_dict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.types import Device

Pair = tuple[int, int]
MAX_QUBITS = 10_000
"""Of a device that is described by its shape."""
SNAPSHOT = frozenset(
    {
        "calibration",
        "features",
        "max_shots",
        "shot_overhead_sec",
        "task_overhead_sec",
        "region_buffer",
        "real_time",
    }
)
"""What a description may say besides, for estimates and virtual devices; of it compilation takes error rates and
durations."""
SHAPES = ("all:N", "line:N", "ring:N", "grid:RxC", "heavy-hex:N")


@dataclass(frozen=True, slots=True)
class Target:
    """A device as compilation sees it.

    `coupling` lists the directed pairs on which a two-qubit gate may act (empty: all to all), `basis` names of the gate
    table (empty: every gate). `errors` are the error rates of two-qubit gates by pair, `durations` seconds by name of
    gate, with `MEASURE` and `RESET`; `readout_errors` how often a qubit is recorded wrongly, `qubit_errors` the error
    rates of its own gates. Raises EIGEN_USAGE for what makes no sense.
    """

    num_qubits: int
    coupling: tuple[Pair, ...] = ()
    basis: tuple[str, ...] = ()
    errors: Mapping[Pair, float] = field(default_factory=dict[Pair, float])
    durations: Mapping[str, float] = field(default_factory=dict[str, float])
    name: str = "target"
    readout_errors: Mapping[int, float] = field(default_factory=dict[int, float])
    qubit_errors: Mapping[int, float] = field(default_factory=dict[int, float])

    def __post_init__(self) -> None:
        """Refuse what is no device."""
        if self.num_qubits < 1:
            raise _usage(f"a device has at least one qubit, not `{self.num_qubits}`")
        for first, second in (*self.coupling, *self.errors):
            if first == second or not (0 <= first < self.num_qubits and 0 <= second < self.num_qubits):
                raise _usage(f"`({first}, {second})` is no pair of {self.num_qubits} qubits")
        known = {row.name for row in gate_table()}
        for name in self.basis:
            if name not in known:
                raise _usage(f"there is no gate `{name[:40]}`", hint="gates are named as in the gate table: CX, RZ, …")
        for pair, rate in self.errors.items():
            if not 0.0 <= rate <= 1.0:
                raise _usage(f"the error rate of `{pair}` lies between 0 and 1, not at `{rate}`")
        for rates in (self.readout_errors, self.qubit_errors):
            for qubit, rate in rates.items():
                if not 0 <= qubit < self.num_qubits or not 0.0 <= rate <= 1.0:
                    raise _usage(f"`{rate}` is no error rate of qubit `{qubit}`")
        for name, seconds in self.durations.items():
            if name not in known | {"MEASURE", "RESET"} or not 0.0 <= seconds < 1.0:
                raise _usage(f"`{name[:40]}` of `{seconds}` seconds is no duration of a gate")

    @staticmethod
    def of(device: str | Target, basis: Sequence[str] | None = None) -> Target:
        """A target as it stands, or `all:N`, `line:N`, `ring:N`, `grid:RxC`, `heavy-hex:N`; with another basis, if one
        is given. Raises EIGEN_USAGE for another text."""
        target = _shape(device) if isinstance(device, str) else device
        return target if basis is None else replace(target, basis=gates_named(basis))

    @staticmethod
    def of_device(device: Device, basis: Sequence[str] | None = None) -> Target:
        """A device as its driver describes it, in its own gates or those of them that are named.

        Of its properties `pair_errors` ([qubit, qubit, rate] each), `durations` (seconds by gate) and, where it has
        couplings, the `calibration` count. Raises
        EIGEN_COMPILER_UNSUPPORTED naming a gate that the device does not have.
        """
        chosen = device.gates if basis is None else gates_named(basis)
        missing = [name for name in chosen if device.gates and name not in device.gates]
        if missing:
            message = f"`{device.id}` has no gate `{missing[0]}` for the basis"
            raise EigenError("EIGEN_COMPILER_UNSUPPORTED", message, hint=f"its gates: {', '.join(device.gates)}")
        errors = {(int(a), int(b)): float(rate) for a, b, rate in device.properties.get("pair_errors", ())}
        durations = dict(device.properties.get("durations", {}))
        known = snapshot_calibration(device.properties) if device.coupling else None
        return Target(
            device.num_qubits,
            device.coupling,
            tuple(chosen),
            errors,
            durations,
            device.id,
            *_single_errors(known, device.num_qubits),
        )

    @staticmethod
    def from_json(text: str | bytes, name: str = "target") -> Target:
        """A JSON object: `num_qubits`, `coupling` (pairs), and perhaps `basis`, `directed` (true: pairs count in their
        order alone), `errors` ([qubit, qubit, rate] each), `durations` (seconds by gate), both from a `calibration` (as
        in the guide on noise) where they are not given. A list of pairs alone will do too. Raises EIGEN_USAGE."""
        try:
            value: Any = json.loads(text)
            given: dict[str, Any] = {"coupling": value} if isinstance(value, list) else dict(value)
            known = SNAPSHOT | {"num_qubits", "coupling", "basis", "directed", "errors", "durations", "name"}
            unknown = given.keys() - known
            if unknown:
                raise _usage(f"`{name}`: there is no `{min(unknown)[:40]}` in the description of a device")
            pairs = [_pair(pair) for pair in given.get("coupling", [])]
            calibration = snapshot_calibration(given)
            if calibration is not None:
                rates = [[*pair, rate] for pair, rate in calibration.pair_errors().items()]
                given = {"errors": rates, "durations": calibration.durations(), **given}
            size = _size(given.get("num_qubits", 1 + max((max(pair) for pair in pairs), default=0)))
            return Target(
                size,
                tuple(pairs) if given.get("directed") else both_ways(pairs),
                gates_named([str(gate) for gate in given.get("basis", ())]),
                {_pair(row[:2]): float(row[2]) for row in given.get("errors", ())},
                {str(gate): float(seconds) for gate, seconds in _object(given.get("durations", {})).items()},
                str(given.get("name", name)),
                *_single_errors(calibration, size),
            )
        except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
            raise _usage(f"`{name}` does not describe a device: {error}") from None

    def with_errors(self, errors: Mapping[Pair, float]) -> Target:
        """The same with other error rates of its pairs."""
        return replace(self, errors=errors)

    def with_coupling(self, coupling: Sequence[Pair]) -> Target:
        """The same with other couplings."""
        return replace(self, coupling=tuple(coupling))

    @property
    def is_free(self) -> bool:
        """Whether every gate may act on any qubits."""
        return not self.coupling and not self.basis


def snapshot_calibration(given: Mapping[str, Any]) -> Calibration | None:
    """The calibration in a description of a device, if there is one. Raises EIGEN_USAGE and EIGEN_NOISE_INVALID."""
    found: Any = given.get("calibration")
    if found is None:
        return None
    if not is_dict(found) or found.get("kind") != "calibration":
        raise _usage("the `calibration` of a device is an object of the kind `calibration`")
    return Calibration.from_json(found)


def _single_errors(known: Calibration | None, size: int) -> tuple[dict[int, float], dict[int, float]]:
    """Error rates of records, and of gates on one qubit, by qubit."""
    if known is None:
        return {}, {}
    records = {qubit: known.qubit(qubit).readout_error for qubit in range(min(size, len(known.qubits)))}
    return records, {qubit: rate for qubit, rate in known.qubit_errors().items() if qubit < size}


def gates_named(names: Sequence[str]) -> tuple[str, ...]:
    """Gates by their names in the gate table, or other names of theirs in any case. Raises EIGEN_USAGE."""
    known = {alias.lower(): row.name for row in gate_table() for alias in (row.name, *row.aliases)}
    for name in names:
        if name.lower() not in known:
            raise _usage(f"there is no gate `{name[:40]}`", hint="gates are named as in the gate table: CX, RZ, …")
    return tuple(dict.fromkeys(known[name.lower()] for name in names))


def both_ways(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    """Every pair in both orders, once."""
    return tuple(dict.fromkeys(pair for first, second in pairs for pair in ((first, second), (second, first))))


def is_shape(text: str) -> bool:
    """Whether a text begins as those of `SHAPES` do, so that no device has it for a name."""
    return text.partition(":")[0] in {shape.partition(":")[0] for shape in SHAPES}


def _shape(text: str) -> Target:
    shape, _, size = text.partition(":")
    try:
        numbers = [int(part) for part in size.split("x")]
    except ValueError:
        numbers = []
    wanted = {"all": 1, "line": 1, "ring": 1, "heavy-hex": 1, "grid": 2}.get(shape)
    if wanted is None or len(numbers) != wanted or min(numbers) < 1 or _product(numbers) > MAX_QUBITS:
        raise _usage(f"`{text[:80]}` is no device", hint=f"one of {', '.join(SHAPES)}, or a description in JSON")
    if shape == "all":
        return Target(numbers[0], name=text)
    make = {"line": topologies.line, "ring": topologies.ring, "heavy-hex": topologies.heavy_hex}
    pairs = topologies.grid(*numbers) if shape == "grid" else make[shape](numbers[0])
    return Target(_product(numbers), both_ways(pairs), name=text)


def _product(numbers: Sequence[int]) -> int:
    total = 1
    for number in numbers:
        total *= number
    return total


def _size(value: Any) -> int:
    number = int(value)
    if not 1 <= number <= MAX_QUBITS:
        raise _usage(f"a device has 1 to {MAX_QUBITS} qubits, not `{number}`")
    return number


def _object(value: Any) -> dict[str, Any]:
    return dict(value)


def _pair(value: Sequence[Any]) -> Pair:
    first, second = value
    return int(first), int(second)


def _usage(message: str, *, hint: str = "") -> EigenError:
    return EigenError("EIGEN_USAGE", message, hint=hint)

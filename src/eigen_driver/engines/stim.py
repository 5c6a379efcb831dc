"""Stim as `stim:tableau`: Clifford circuits of any width, and millions of their shots at a time.

A circuit becomes one of Stim's, whose shots are Pauli frames on top of a single reference shot. That holds as long as
what outcomes decide are Pauli gates, by questions that are sums of bits modulo two: then a condition is a Pauli
controlled by records. Any other circuit is walked, tableau by tableau (`eigen_driver.walk`). Noise is that of Pauli
channels and of records that flip as often either way, in circuits of the first kind.
"""

# Stim is loaded when the engine starts.
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUndefinedVariable=false, reportMissingTypeStubs=false, reportMissingImports=false

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from eigen_driver import Counts, Device, Engine, Estimate, RefusedError
from eigen_driver.matrices import GATES, PARAMETERS, matrix, matrix_of
from eigen_driver.noise import NoiseModel
from eigen_driver.walk import gates, sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen_driver import Circuit, Condition, Expectation, Operation, Probability, Sample
    from eigen_driver.noise import Channel

FEATURES = frozenset({"dynamic", "expectation", "exact", "seed", "noise"})
MOST_QUBITS = 10_000
NAMES = {
    **{name: name for name in ("I", "X", "Y", "Z", "H", "S", "CX", "CY", "CZ", "SWAP", "ISWAP")},
    "Sdg": "S_DAG",
    "SX": "SQRT_X",
    "SXdg": "SQRT_X_DAG",
}
"""Gates that Stim has under a name."""
TOLERANCE = 1e-9
"""How far an entry of a gate's matrix may be from that of a Clifford gate, as in the native engine."""
MOST_OPERATIONS = 1_000_000
"""What loops may be written out to."""
MOST_RECORDS = 10_000_000
"""Outcomes of one shot: Stim keeps those of 256 shots at least."""
MOST_VARIABLES = 10
"""Records that one condition may ask for, before it is taken for no sum of bits."""
ELSEWHERE = "run it on an engine for all gates, such as sim:statevector"
CHUNK_BYTES = 64 << 20
"""Of the records that are sampled at a time."""


class StimEngine(Engine):
    """See the module."""

    name = "stim"
    options = frozenset({"noise_model"})

    def start(self, config: Mapping[str, Any], threads: int) -> None:
        """Load Stim."""
        super().start(config, threads)
        global stim, np
        import numpy as np
        import stim

        self.version = version("stim")
        self._known: dict[tuple[str, tuple[float, ...]], Any] = {}
        self._devices = (_device(self.version),)

    def devices(self) -> Sequence[Device]:
        """The one."""
        return self._devices

    def sample(self, device: Device, ask: Sample) -> Counts:
        """Counts; of a circuit that measures nothing, zeros."""
        bound = ask.circuit.bound(ask.values)
        noise = _noise(ask.options)
        told = {"seed": ask.seed, "precision": "exact"}
        if not ask.circuit.measures:
            return Counts({0: ask.shots}, told)
        try:
            program = _Program(self, ask.circuit, bound, noise)
        except _NoFramesError:
            if noise is not None:
                message = "with noise, outcomes decide Pauli gates only, by sums of bits modulo two"
                raise RefusedError("EIGEN_SIM_UNSUPPORTED", message, hint=ELSEWHERE) from None
            state = _Tableau(self, bound, ask.circuit.num_qubits, ask.seed)
            found = sample(ask.circuit, state, ask.shots, np.random.default_rng(ask.seed))
            return Counts(found, told | {"method": "tableau"})
        return Counts(program.sampled(ask.shots, ask.seed), told | {"method": "frames"})

    def expectation(self, device: Device, ask: Expectation) -> Estimate:
        """Exact: each Pauli product is 1, -1 or 0."""
        _refuse_noise(ask.options)
        state = self._final(ask.circuit, ask.values)
        total = 0.0
        for factors, weight in ask.observable.terms:
            product = stim.PauliString(ask.circuit.num_qubits)
            for letter, qubit in factors:
                product[qubit] = letter
            total += weight * state.peek_observable_expectation(product)
        return Estimate(total, metadata={"precision": "exact"})

    def probability(self, device: Device, ask: Probability) -> Estimate:
        """Exact: a half for each qubit that is not decided by those before it."""
        _refuse_noise(ask.options)
        state, halves = self._final(ask.circuit, ask.values), 0
        for qubit, bit in enumerate(reversed(ask.bits)):
            seen = state.peek_z(qubit)
            if seen == 0:
                halves += 1
                state.postselect_z(qubit, desired_value=bit == "1")
            elif (seen < 0) != (bit == "1"):
                return Estimate(0.0, metadata={"precision": "exact"})
        return Estimate(0.5**halves, metadata={"precision": "exact"})

    def tableau(self, item: Operation, bound: Mapping[str, float]) -> Any:
        """What a gate does to Paulis; EIGEN_SIM_UNSUPPORTED for one that is not Clifford."""
        angles = item.angles(bound, *PARAMETERS.get(item.name, ()))
        key = (item.name, angles)
        if key in self._known:
            return self._known[key]
        wanted = matrix_of(item, bound) if item.name == "UNITARY" else matrix(item.name, angles)
        found = _clifford(wanted)
        if found is None:
            shown = f"({', '.join(map(repr, angles))})" if angles else ""
            message = f"`{item.name}{shown}` is not a Clifford gate, and `stim:tableau` runs no other"
            raise RefusedError("EIGEN_SIM_UNSUPPORTED", message, hint=ELSEWHERE)
        if item.name != "UNITARY":
            if len(self._known) > MOST_OPERATIONS:
                self._known.clear()
            self._known[key] = found
        return found

    def _final(self, circuit: Circuit, values: Sequence[float]) -> Any:
        """The final state of a circuit, leaving out what it measures."""
        state = _Tableau(self, circuit.bound(values), circuit.num_qubits, 0)
        for item in gates(circuit.operations):
            state.apply(item)
        return state.simulator


class _NoFramesError(Exception):
    """What outcomes decide is no Pauli gate, or asks for no sum of bits."""


class _Tableau:
    """A state of `eigen_driver.walk`."""

    def __init__(self, engine: StimEngine, bound: Mapping[str, float], num_qubits: int, seed: int) -> None:
        self._engine = engine
        self._bound = bound
        self.simulator = stim.TableauSimulator(seed=seed)
        self.simulator.set_num_qubits(num_qubits)
        self.nbytes = num_qubits * num_qubits // 2 + 1

    def apply(self, gate: Operation) -> None:
        self.simulator.do_tableau(self._engine.tableau(gate, self._bound), list(gate.qubits))

    def one(self, qubit: int) -> float:
        return (1 - self.simulator.peek_z(qubit)) / 2

    def project(self, qubit: int, outcome: int) -> None:
        self.simulator.postselect_z(qubit, desired_value=bool(outcome))

    def draw(self, qubits: Sequence[int], shots: int, random: Any) -> Mapping[int, int]:
        circuit = self.simulator.current_inverse_tableau().inverse().to_circuit()
        circuit.append("M", qubits)
        seed = int(random.integers(1 << 63))
        return _sampled(circuit, list(enumerate(range(len(qubits)))), shots, seed)

    def copy(self) -> _Tableau:
        made = object.__new__(_Tableau)
        made._engine, made._bound, made.nbytes = self._engine, self._bound, self.nbytes
        made.simulator = self.simulator.copy()
        return made


@dataclass(frozen=True, slots=True)
class _Sum:
    """A sum modulo two of records and a constant."""

    constant: bool
    records: tuple[int, ...]


class _Program:
    """A circuit as one of Stim's; `_NoFramesError` where it cannot be."""

    def __init__(
        self, engine: StimEngine, circuit: Circuit, bound: Mapping[str, float], noise: NoiseModel | None
    ) -> None:
        self._engine = engine
        self._noise = noise
        self._walk = None if noise is None else noise.walk(circuit.num_qubits)
        self._bound = bound
        self._num_clbits = circuit.num_clbits
        self._records = 0
        self._written = 0
        self._last: dict[int, int] = {}  # classical bit -> the record that it holds
        self._circuit = self._compiled(circuit.operations)

    def sampled(self, shots: int, seed: int) -> dict[int, int]:
        return _sampled(self._circuit, sorted(self._last.items()), shots, seed)

    def _compiled(self, operations: Sequence[Operation]) -> Any:
        into = stim.Circuit()
        for item in operations:
            self._add(into, item)
        return into

    def _add(self, into: Any, item: Operation) -> None:
        self._written += 1
        if self._written > MOST_OPERATIONS:
            raise _NoFramesError
        if item.name == "FOR":
            self._repeat(into, item)
        elif item.name == "IF" and item.condition is not None:
            taken = self._sum(item.condition)
            for block, wanted in zip(item.blocks, (taken, _Sum(not taken.constant, taken.records)), strict=False):
                self._edge()
                for inner in block:
                    self._decided(into, inner, wanted)
                self._edge()
        elif item.name == "WHILE":
            raise _NoFramesError
        elif item.condition is not None:
            self._decided(into, replace(item, condition=None), self._sum(item.condition))
        else:
            self._act(into, item)

    def _edge(self) -> None:
        if self._walk is not None:
            self._walk.edge()

    def _act(self, into: Any, item: Operation) -> None:
        if self._walk is None:
            self._do(into, item)
            return
        for channel, qubits in self._walk.before(item):
            _err(into, channel, qubits)
        self._do(into, item)
        for channel, qubits in self._walk.after(item):
            _err(into, channel, qubits)

    def _do(self, into: Any, item: Operation) -> None:
        if item.name == "MEASURE":
            for qubit, bit in zip(item.qubits, item.clbits, strict=True):
                into.append({"X": "MX", "Y": "MY", "Z": "M"}[item.basis], [qubit], self._flips(qubit))
                self._last[bit] = self._records
                self._records += 1
            if self._records > MOST_RECORDS:
                message = f"a shot of this circuit has more than {MOST_RECORDS} outcomes"
                raise RefusedError("EIGEN_SIM_MEMORY", message)
        elif item.name == "RESET":
            into.append("R", item.qubits)
        elif item.name in NAMES:
            into.append(NAMES[item.name], item.qubits)
        elif item.name not in {"BARRIER", "DELAY", "GPHASE"}:
            for step in self._engine.tableau(item, self._bound).to_circuit():
                into.append(step.name, [item.qubits[target.value] for target in step.targets_copy()])

    def _decided(self, into: Any, item: Operation, wanted: _Sum) -> None:
        """What happens where a sum of records is one."""
        if not wanted.records:
            if wanted.constant:
                self._add(into, item)
            return
        if item.blocks or item.name in {"MEASURE", "RESET"} or item.condition is not None:
            raise _NoFramesError
        if self._walk is not None and (self._walk.before(item) or self._walk.after(item)):
            message = f"`stim:tableau` has no noise on `{item.name}` where an outcome decides whether it happens"
            raise RefusedError("EIGEN_SIM_UNSUPPORTED", message, hint=ELSEWHERE)
        if item.name in {"BARRIER", "DELAY", "GPHASE"}:
            return
        for letter, qubit in self._pauli(item):
            if wanted.constant:
                into.append(letter, [qubit])
            for record in wanted.records:
                into.append(f"C{letter}", [stim.target_rec(record - self._records), qubit])

    def _flips(self, qubit: int) -> float:
        """How often the record of a qubit is wrong."""
        found = None if self._noise is None else self._noise.readout(qubit)
        if found is None:
            return 0.0
        if found[0] != found[1]:
            message = "`stim:tableau` records 0 and 1 wrongly equally often, not `readout` with two probabilities"
            raise RefusedError("EIGEN_SIM_UNSUPPORTED", message, hint=ELSEWHERE)
        return found[0]

    def _pauli(self, item: Operation) -> list[tuple[str, int]]:
        """The factors of a gate that is a product of Paulis."""
        try:
            product = self._engine.tableau(item, self._bound).to_pauli_string()
        except ValueError:
            raise _NoFramesError from None
        return [("IXYZ"[letter], qubit) for letter, qubit in zip(product, item.qubits, strict=True) if letter]

    def _repeat(self, into: Any, item: Operation) -> None:
        """A loop as a block that Stim repeats; written out where anything in it is decided by outcomes."""
        body = item.blocks[0]
        self._edge()
        if _decides(body):
            for _ in range(item.bound):
                for inner in body:
                    self._add(into, inner)
                self._edge()
            return
        if not item.bound:
            return
        before, first = dict(self._last), self._records
        made = self._compiled(body)
        self._edge()
        rounds = self._records - first
        if first + rounds * item.bound > MOST_RECORDS:
            raise RefusedError("EIGEN_SIM_MEMORY", f"a shot of this circuit has more than {MOST_RECORDS} outcomes")
        if len(made):
            into.append(stim.CircuitRepeatBlock(item.bound, made))
        self._records = first + rounds * item.bound
        for bit, record in self._last.items():
            if before.get(bit) != record:
                self._last[bit] = record + rounds * (item.bound - 1)

    def _sum(self, condition: Condition) -> _Sum:
        """A condition as a sum of records, found by asking it for all their values."""
        bits = sorted(_asked(condition) & set(self._last))
        records = sorted({self._last[bit] for bit in bits})
        if len(records) > MOST_VARIABLES:
            raise _NoFramesError
        values = [0] * self._num_clbits

        def holds(chosen: int) -> bool:
            for bit in bits:
                values[bit] = chosen >> records.index(self._last[bit]) & 1
            return condition.holds(values)

        constant = holds(0)
        used = [place for place in range(len(records)) if holds(1 << place) != constant]
        for chosen in range(1 << len(records)):
            if holds(chosen) != constant ^ (sum(chosen >> place & 1 for place in used) % 2 == 1):
                raise _NoFramesError
        return _Sum(constant, tuple(records[place] for place in used))


def _noise(options: Mapping[str, Any]) -> NoiseModel | None:
    text = options.get("noise_model")
    return None if text is None else NoiseModel.from_json(text)


def _refuse_noise(options: Mapping[str, Any]) -> None:
    if options:
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", "`stim:tableau` has noise in counts, not in exact values")


def _err(into: Any, channel: Channel, qubits: Sequence[int]) -> None:
    """A channel, as errors that happen."""
    odds = channel.paulis
    if odds is None:
        message = f"`stim:tableau` has noise of Pauli channels only, not `{channel.document['kind']}`"
        raise RefusedError("EIGEN_SIM_UNSUPPORTED", message, hint=ELSEWHERE)
    if len(qubits) == 1:
        into.append("PAULI_CHANNEL_1", qubits, [odds.get(letter, 0.0) for letter in "XYZ"])
    else:
        pairs = [first + second for first in "IXYZ" for second in "IXYZ"][1:]
        into.append("PAULI_CHANNEL_2", qubits, [odds.get(pair, 0.0) for pair in pairs])


def _decides(operations: Sequence[Operation]) -> bool:
    return any(item.condition is not None or any(map(_decides, item.blocks)) for item in operations)


def _asked(condition: Condition) -> set[int]:
    """The classical bits that a condition asks for."""
    return set(condition.bits).union(*map(_asked, condition.parts))


def _sampled(circuit: Any, read: Sequence[tuple[int, int]], shots: int, seed: int) -> dict[int, int]:
    """Counts of classical bits, each read from a record: `read` has pairs of them, bits ascending."""
    records = circuit.num_measurements
    row_bytes = (records + 7) // 8
    places = np.array([record for _, record in read])
    bits = [bit for bit, _ in read]
    is_plain = bits == list(range(records)) == places.tolist()
    sampler = circuit.compile_sampler(seed=seed)
    found: dict[int, int] = {}
    size = max(1, CHUNK_BYTES // max(row_bytes, len(bits)))
    for start in range(0, shots, size):
        rows = sampler.sample(min(size, shots - start), bit_packed=True)
        if not is_plain:
            rows = np.packbits((rows[:, places >> 3] >> (places & 7)) & 1, axis=1, bitorder="little")
        for number, count in _kinds(rows):
            outcome = number if is_plain else sum((number >> at & 1) << bit for at, bit in enumerate(bits))
            found[outcome] = found.get(outcome, 0) + count
    return found


def _kinds(rows: Any) -> list[tuple[int, int]]:
    """The different rows of packed bits, as numbers, and how often each is there."""
    if rows.shape[1] <= 8:
        wide = np.zeros((len(rows), 8), np.uint8)
        wide[:, : rows.shape[1]] = rows
        kinds, counts = np.unique(wide.view("<u8").ravel(), return_counts=True)
        return list(zip(kinds.tolist(), counts.tolist(), strict=True))
    whole = np.ascontiguousarray(rows).view(np.dtype((np.void, rows.shape[1]))).ravel()
    kinds, counts = np.unique(whole, return_counts=True)
    return [(int.from_bytes(kind.tobytes(), "little"), int(count)) for kind, count in zip(kinds, counts, strict=True)]


def _clifford(wanted: Any) -> Any:
    """The tableau of a matrix; None where it has none."""
    try:
        found = stim.Tableau.from_unitary_matrix(wanted, endian="little")
    except ValueError:
        return None
    # `from_unitary_matrix` does not look at every entry, and Stim's own matrices are in single precision. The entries
    # of a Clifford gate are as large as each other, or zero, and quarter turns apart.
    near = found.to_unitary_matrix(endian="little").astype(complex)
    present = np.abs(near) > 1e-3
    exact = np.round(np.where(present, near / near[present][0], 0.0)) / np.sqrt(present[:, 0].sum())
    overlap = np.vdot(exact, wanted)
    if not abs(overlap) or np.abs(exact * (overlap / abs(overlap)) - wanted).max() > TOLERANCE:
        return None
    return found


def _device(version: str) -> Device:
    properties = {"engine": "stim", "method": "tableau", "precision": "exact", "clifford_only": True}
    properties["version"] = version
    return Device("stim:tableau", "Stim, tableau", MOST_QUBITS, GATES, FEATURES, properties=properties)

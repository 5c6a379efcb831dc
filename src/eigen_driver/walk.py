"""`sample`: counts of a circuit, whatever it measures, resets and decides on its way, from a state that an engine has.

Shots that have seen the same outcomes share one state: where a measurement divides them, a binomial draw says how many
go each way, and the smaller part goes first, so that no more states are kept than the logarithm of the shots. What
follows the last decision is drawn at once. Where a density matrix follows a noise model, channels act on the way, and
records that err divide shots as measurements do.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, cast

from eigen_driver.circuit import Operation
from eigen_driver.failure import RefusedError
from eigen_driver.noise import NoiseModel

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from eigen_driver.circuit import Circuit
    from eigen_driver.noise import Matrix, Site, Walk

KEPT_BYTES = 1 << 30
"""What the states of shots that wait may take, beside two that always may."""
NO_GATE = frozenset({"MEASURE", "RESET", "BARRIER", "DELAY", "GPHASE"})
BEFORE = {"X": ("H",), "Y": ("Sdg", "H"), "Z": ()}
"""Gates that turn a basis into Z."""
AFTER = {"X": ("H",), "Y": ("H", "S"), "Z": ()}
"""Gates that turn it back."""


class State(Protocol):
    """A normalised state of all qubits, which these methods change in place."""

    @property
    def nbytes(self) -> int:
        """How much a copy takes."""
        ...

    def apply(self, gate: Operation) -> None:
        """A gate; X, H, S and Sdg come besides those that the device declared."""
        ...

    def one(self, qubit: int) -> float:
        """The probability of finding a qubit in 1."""
        ...

    def project(self, qubit: int, outcome: int) -> None:
        """What the state is once a qubit, with a probability above zero, was found so."""
        ...

    def draw(self, qubits: Sequence[int], shots: int, random: Any) -> Mapping[int, int]:
        """Counts of measuring these qubits, without changing anything: bit k of an outcome is that of `qubits[k]`."""
        ...

    def copy(self) -> State:
        """Another one, which changes apart from this one."""
        ...


class NoisyState(State, Protocol):
    """A density matrix."""

    def channel(self, operators: Sequence[Matrix], qubits: Sequence[int]) -> None:
        """Act with a channel's Kraus operators on these qubits, of which the first is the least significant bit."""
        ...


def sample(circuit: Circuit, start: State, shots: int, random: Any, noise: NoiseModel | None = None) -> dict[int, int]:
    """Counts of the classical bits. `start` has every qubit in 0 and is used up, and is a NoisyState where there is
    `noise`; `random` is a Generator of NumPy.

    RefusedError when a WHILE wants to go on beyond its bound."""
    if not circuit.measures:
        return {0: shots}
    walk = _Walk(circuit, random, noise, 1 << min(24, KEPT_BYTES // max(1, start.nbytes)))
    return dict(walk.follow(start, shots))


def run(circuit: Circuit, state: State, noise: NoiseModel | None = None) -> None:
    """All that a circuit does which neither measures, resets nor decides."""
    told = None if noise is None else noise.walk(circuit.num_qubits)
    for item in circuit.operations:
        _act(state, item, told)


def noise_of(options: Mapping[str, Any]) -> NoiseModel | None:
    """The noise model that work asks for."""
    text = options.get("noise_model")
    return None if text is None else NoiseModel.from_json(text)


def gates(operations: Sequence[Operation]) -> Iterator[Operation]:
    """Those of a circuit's operations that are gates: what is measured, and barriers, are left out."""
    return (item for item in operations if item.name not in NO_GATE)


@dataclass(frozen=True, slots=True)
class _Place:
    """Before the operation `at`, of which `done` rounds (of a loop) or qubits (of MEASURE, RESET) are done; `after` is
    where the operations around these go on."""

    operations: Sequence[Operation]
    at: int = 0
    done: int = 0
    after: _Place | None = None

    def following(self) -> _Place:
        return _Place(self.operations, self.at + 1, 0, self.after)

    def again(self) -> _Place:
        return _Place(self.operations, self.at, self.done + 1, self.after)


@dataclass(slots=True)
class _Group:
    """Shots in the same state with the same classical bits."""

    shots: int
    state: State
    bits: list[int]
    place: _Place
    noise: Walk | None = None

    def part(self, shots: int) -> _Group:
        """So many of the shots, taken out of these."""
        self.shots -= shots
        noise = None if self.noise is None else self.noise.copy()
        return _Group(shots, self.state.copy(), list(self.bits), self.place, noise)


class _Walk:
    def __init__(self, circuit: Circuit, random: Any, noise: NoiseModel | None, most: int) -> None:
        self._circuit = circuit
        self._random = random
        self._noise = noise
        self._most = most
        self._tail = _tail(circuit.operations)
        self._found: Counter[int] = Counter()

    def follow(self, start: State, shots: int) -> Counter[int]:
        noise = None if self._noise is None else self._noise.walk(self._circuit.num_qubits)
        waiting = [_Group(shots, start, [0] * self._circuit.num_clbits, _Place(self._circuit.operations), noise)]
        while waiting:
            waiting += self._go(waiting.pop())
        return self._found

    def _go(self, group: _Group) -> list[_Group]:
        """Until the shots have ended, or divide into groups, of which the last is the smallest one."""
        while True:
            place = group.place
            if place.after is None and place.at >= self._tail:
                self._end(group)
                return []
            if place.at == len(place.operations):
                assert place.after is not None
                group.place = place.after
                _edge(group)
                continue
            item = place.operations[place.at]
            if item.blocks:
                _edge(group)
                group.place = _next(item, place, group.bits)
            elif place.done == 0 and not _holds(item, group.bits):
                group.place = place.following()
            elif item.name in {"MEASURE", "RESET"}:
                parts = self._look(group, item)
                if len(parts) > 1:
                    return parts
            else:
                _act(group.state, item, group.noise)
                group.place = place.following()

    def _look(self, group: _Group, item: Operation) -> list[_Group]:
        """Measure or reset the next qubit of an operation: the groups that there are then, the smallest one last."""
        place, state = group.place, group.state
        if place.done == len(item.qubits):
            _channels(state, group.noise.after(item) if group.noise else ())
            group.place = place.following()
            return [group]
        if group.shots > self._most:
            return [group, group.part(self._most)]
        if place.done == 0:
            _channels(state, group.noise.before(item) if group.noise else ())
        qubit = item.qubits[place.done]
        turn(state, qubit, BEFORE[item.basis])
        ones = int(self._random.binomial(group.shots, min(1.0, max(0.0, state.one(qubit)))))
        if 0 < ones < group.shots:
            few = 1 if 2 * ones <= group.shots else 0
            other = group.part(ones if few else group.shots - ones)
            found = [*self._seen(group, item, 1 - few), *self._seen(other, item, few)]
        else:
            found = self._seen(group, item, 1 if ones else 0)
        return sorted(found, key=lambda part: -part.shots)

    def _seen(self, group: _Group, item: Operation, outcome: int) -> list[_Group]:
        """The group once the next qubit of a MEASURE or RESET was found so, and its shots whose record errs."""
        place, qubit = group.place, item.qubits[group.place.done]
        group.state.project(qubit, outcome)
        group.place = place.again()
        if item.name == "RESET":
            turn(group.state, qubit, ("X",) if outcome else ())
            return [group]
        turn(group.state, qubit, AFTER[item.basis])
        bit = item.clbits[place.done]
        group.bits[bit] = outcome
        errors = None if self._noise is None else self._noise.readout(qubit)
        wrong = 0 if errors is None else int(self._random.binomial(group.shots, errors[outcome]))
        if wrong == 0:
            return [group]
        other = group if wrong == group.shots else group.part(wrong)
        other.bits[bit] = 1 - outcome
        return [group] if other is group else [group, other]

    def _end(self, group: _Group) -> None:
        pairs: dict[int, int] = {}  # classical bit -> qubit
        done: set[int] = set()  # what happens to a qubit after its measurement does not count
        for item in self._circuit.operations[max(self._tail, group.place.at) :]:
            _channels(group.state, group.noise.before(item) if group.noise else (), done)
            if item.name == "MEASURE":
                pairs |= dict(zip(item.clbits, item.qubits, strict=True))
                for qubit in item.qubits:
                    turn(group.state, qubit, BEFORE[item.basis])
            elif item.name not in NO_GATE:
                group.state.apply(item)
            done.update(item.qubits if item.name == "MEASURE" else ())
            _channels(group.state, group.noise.after(item) if group.noise else (), done)
        bits = sorted(pairs)
        kept = sum(value << bit for bit, value in enumerate(group.bits) if bit not in pairs)
        if not bits:
            self._found[kept] += group.shots
            return
        in_a_row = bits[-1] - bits[0] + 1 == len(bits)
        qubits = [pairs[bit] for bit in bits]
        found = group.state.draw(qubits, group.shots, self._random)
        for outcome, count in self._recorded(found, qubits).items():
            spread = outcome << bits[0] if in_a_row else _spread(outcome, bits)
            self._found[kept | spread] += count

    def _recorded(self, found: Mapping[int, int], qubits: Sequence[int]) -> Mapping[int, int]:
        """Counts as they are recorded: bit k of an outcome is that of `qubits[k]`."""
        errors = [] if self._noise is None else [self._noise.readout(qubit) for qubit in qubits]
        if not any(errors):
            return found
        import numpy as np

        outcomes = np.repeat(np.array(list(found), dtype=np.int64), list(found.values()))
        kept = outcomes.copy()
        for place, wrong in enumerate(errors):
            if wrong is not None:
                odds = np.where(kept >> place & 1, wrong[1], wrong[0])
                outcomes ^= (self._random.random(len(kept)) < odds).astype(np.int64) << place
        seen, counts = np.unique(outcomes, return_counts=True)
        return dict(zip(seen.tolist(), counts.tolist(), strict=True))


def _act(state: State, item: Operation, noise: Walk | None) -> None:
    """A gate, and what acts before and after it."""
    if noise is not None:
        _channels(state, noise.before(item))
    if item.name not in NO_GATE:
        state.apply(item)
    if noise is not None:
        _channels(state, noise.after(item))


def _channels(state: State, sites: Iterable[Site], done: Collection[int] = ()) -> None:
    """Act with channels, but for those on qubits that are done with."""
    for channel, qubits in sites:
        if not any(qubit in done for qubit in qubits):
            cast("NoisyState", state).channel(channel.operators, qubits)


def _edge(group: _Group) -> None:
    """A block begins or ends, or is left out."""
    if group.noise is not None:
        group.noise.edge()


def turn(state: State, qubit: int, names: Sequence[str]) -> None:
    """Gates of one qubit, one after the other."""
    for name in names:
        state.apply(Operation(name, (qubit,)))


def _spread(outcome: int, bits: Sequence[int]) -> int:
    """Bit k of an outcome at the place `bits[k]`."""
    return sum((outcome >> at & 1) << bit for at, bit in enumerate(bits))


def _next(item: Operation, place: _Place, bits: Sequence[int]) -> _Place:
    """Where IF, FOR and WHILE lead to."""
    if item.name == "IF":
        taken = 0 if _holds(item, bits) else 1
        return _Place(item.blocks[taken], after=place.following()) if taken < len(item.blocks) else place.following()
    if item.name == "FOR":
        goes_on = place.done < item.bound
    else:
        goes_on = _holds(item, bits)
        if goes_on and place.done == item.bound:
            raise RefusedError("EIGEN_SIM_LOOP_BOUND", "a WHILE wants to go on beyond its bound")
    return _Place(item.blocks[0], after=place.again()) if goes_on else place.following()


def _holds(item: Operation, bits: Sequence[int]) -> bool:
    return item.condition is None or item.condition.holds(bits)


def _tail(operations: Sequence[Operation]) -> int:
    """From where on nothing is reset, decided, or measured and used again."""
    used: set[int] = set()
    for at in range(len(operations) - 1, -1, -1):
        item = operations[at]
        if item.blocks or item.condition is not None or item.name == "RESET":
            return at + 1
        if item.name == "MEASURE" and used & set(item.qubits):
            return at + 1
        if item.name not in {"BARRIER", "DELAY"}:
            used |= set(item.qubits)
    return 0

"""`sample`: counts of a circuit, whatever it measures, resets and decides on its way, from a state that an engine has.

Shots that have seen the same outcomes share one state: where a measurement divides them, a binomial draw says how many
go each way, and the smaller part goes first, so that no more states are kept than the logarithm of the shots. What
follows the last decision is drawn at once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from eigen_driver.circuit import Operation
from eigen_driver.failure import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from eigen_driver.circuit import Circuit

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


def sample(circuit: Circuit, start: State, shots: int, random: Any) -> dict[int, int]:
    """Counts of the classical bits. `start` has every qubit in 0 and is used up; `random` is a Generator of NumPy.

    RefusedError when a WHILE wants to go on beyond its bound."""
    if not circuit.measures:
        return {0: shots}
    walk = _Walk(circuit, random, 1 << min(24, KEPT_BYTES // max(1, start.nbytes)))
    return dict(walk.follow(start, shots))


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


class _Walk:
    def __init__(self, circuit: Circuit, random: Any, most: int) -> None:
        self._circuit = circuit
        self._random = random
        self._most = most
        self._tail = _tail(circuit.operations)
        self._found: Counter[int] = Counter()

    def follow(self, start: State, shots: int) -> Counter[int]:
        waiting = [_Group(shots, start, [0] * self._circuit.num_clbits, _Place(self._circuit.operations))]
        while waiting:
            waiting += self._go(waiting.pop())
        return self._found

    def _go(self, group: _Group) -> list[_Group]:
        """Until the shots have ended, or divide into two groups, of which the second is the smaller one."""
        while True:
            place = group.place
            if place.after is None and place.at >= self._tail:
                self._end(group)
                return []
            if place.at == len(place.operations):
                assert place.after is not None
                group.place = place.after
                continue
            item = place.operations[place.at]
            if item.blocks:
                group.place = _next(item, place, group.bits)
            elif place.done == 0 and not _holds(item, group.bits):
                group.place = place.following()
            elif item.name in {"MEASURE", "RESET"}:
                parts = self._look(group, item)
                if len(parts) > 1:
                    return parts
            else:
                if item.name not in NO_GATE:
                    group.state.apply(item)
                group.place = place.following()

    def _look(self, group: _Group, item: Operation) -> list[_Group]:
        """Measure or reset the next qubit of an operation: the groups that there are then."""
        place, state = group.place, group.state
        if place.done == len(item.qubits):
            group.place = place.following()
            return [group]
        if group.shots > self._most:
            part = _Group(self._most, state.copy(), list(group.bits), place)
            group.shots -= self._most
            return [group, part]
        qubit = item.qubits[place.done]
        turn(state, qubit, BEFORE[item.basis])
        ones = int(self._random.binomial(group.shots, min(1.0, max(0.0, state.one(qubit)))))
        if 0 < ones < group.shots:
            few = 1 if 2 * ones <= group.shots else 0
            other = _Group(ones if few else group.shots - ones, state.copy(), list(group.bits), place)
            group.shots -= other.shots
            return [_seen(group, item, 1 - few), _seen(other, item, few)]
        return [_seen(group, item, 1 if ones else 0)]

    def _end(self, group: _Group) -> None:
        pairs: dict[int, int] = {}  # classical bit -> qubit
        for item in self._circuit.operations[max(self._tail, group.place.at) :]:
            if item.name == "MEASURE":
                pairs |= dict(zip(item.clbits, item.qubits, strict=True))
                for qubit in item.qubits:
                    turn(group.state, qubit, BEFORE[item.basis])
            elif item.name not in NO_GATE:
                group.state.apply(item)
        bits = sorted(pairs)
        kept = sum(value << bit for bit, value in enumerate(group.bits) if bit not in pairs)
        if not bits:
            self._found[kept] += group.shots
            return
        in_a_row = bits[-1] - bits[0] + 1 == len(bits)
        for outcome, count in group.state.draw([pairs[bit] for bit in bits], group.shots, self._random).items():
            spread = outcome << bits[0] if in_a_row else _spread(outcome, bits)
            self._found[kept | spread] += count


def turn(state: State, qubit: int, names: Sequence[str]) -> None:
    """Gates of one qubit, one after the other."""
    for name in names:
        state.apply(Operation(name, (qubit,)))


def _spread(outcome: int, bits: Sequence[int]) -> int:
    """Bit k of an outcome at the place `bits[k]`."""
    return sum((outcome >> at & 1) << bit for at, bit in enumerate(bits))


def _seen(group: _Group, item: Operation, outcome: int) -> _Group:
    """The group once the next qubit of a MEASURE or RESET was found so."""
    place, qubit = group.place, item.qubits[group.place.done]
    group.state.project(qubit, outcome)
    if item.name == "MEASURE":
        group.bits[item.clbits[place.done]] = outcome
        turn(group.state, qubit, AFTER[item.basis])
    elif outcome:
        turn(group.state, qubit, ("X",))
    group.place = place.again()
    return group


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

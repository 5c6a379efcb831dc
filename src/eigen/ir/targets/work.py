"""A circuit on its way to a device: the steps, in order, and what each left."""

from __future__ import annotations

from copy import copy
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.ir.targets.directions import fix_directions
from eigen.ir.targets.measure_basis import measure_in_z
from eigen.ir.targets.placing import Placed, is_uneven, placed, rate_of
from eigen.ir.targets.proposals import Candidate, Question

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen._core import Mapped
    from eigen.ir.circuit import Circuit, Instruction, PassStep
    from eigen.ir.targets.proposals import Proposer
    from eigen.ir.targets.target import Target


@dataclass(frozen=True, slots=True)
class Stage:
    """What one pass left. `seconds` are those since the last stage that has any; None within a step of the core and
    where there is no clock."""

    name: str
    gates: int
    two_qubit_gates: int
    depth: int
    seconds: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Without the seconds: what does not depend on the host."""
        return {
            "pass": self.name,
            "gates": self.gates,
            "two_qubit_gates": self.two_qubit_gates,
            "depth": self.depth,
        }


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a scheduled circuit takes and how long its qubits idle in sum, in seconds; how many of its DELAYs were
    filled with which pulses."""

    schedule: str
    duration: float
    idle: float
    decouple: str | None = None
    filled: int = 0

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rotations too small to matter that were left out, and a bound on the distance, in the operator norm, of what the
    circuit did with them and without."""

    rotations: int
    error_bound: float

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Waypoint:
    """A circuit on the way: how it differs from the one before it, whose qubits were `placed` first, if anywhere.

    `change` is `rotations` or `runs`; `borrows` whether gates under many controls were taken apart with other qubits.
    """

    change: str
    circuit: Circuit
    placed: tuple[int, ...] | None
    borrows: bool


ARITY = {row.name: row.num_qubits for row in _core.gate_table()}
"""Qubits of each gate; None for a gate of any width."""
PAIRS = frozenset(name for name, arity in ARITY.items() if arity == 2)
NARROW = tuple(name for name, arity in ARITY.items() if (arity or 3) <= 2 or name == "GPHASE")
"""Every gate on at most two qubits: rotations stay what they are, and commute where they may."""
ONE_CX = frozenset({"CX", "CZ", "CY", "ECR"})
"""Gates that are a CX but for gates on one qubit: written in other ones of these, nothing about them changes."""
WORTHWHILE = {2: 0.5, 3: 0.8}
"""What a circuit woven anew may take of the entangling gates that it had, by level: new pairs need more SWAPs."""


class Work:
    """A circuit on its way to a device."""

    def __init__(
        self,
        circuit: Circuit,
        target: Target,
        level: int,
        clock: Callable[[], float | None],
        tolerance: float = 0.0,
        *,
        keep: bool = False,
    ) -> None:
        self.given, self.target, self.level = circuit, target, level
        self.tolerance = tolerance
        self.left_out: LeftOut | None = None
        if level and (found := _core.without_negligible(circuit, tolerance)):
            self.given, rotations, bound = found
            self.left_out = LeftOut(rotations, bound)
        self.basis, self.clock, self.keep = _basis(target), clock, keep
        self.stages: list[Stage] = []
        self.timing: Timing | None = None
        self._begin()

    def _begin(self) -> None:
        """The circuit as it was given."""
        self.circuit, self.swaps = self.given, 0
        self.initial = self.final = tuple(range(self.given.num_qubits))
        self._mapped: Mapped | Placed | None = None
        self.trail: list[Waypoint] = []

    def answer(self, question: Question, threads: int | None, proposers: Sequence[Proposer]) -> None:
        """What a proposer remembers, else the compiler's own answer or, where it is cheaper, one from a layout that
        was proposed."""
        if self._recalled(question, proposers):
            return
        self.run(question.seed, question.layout, question.trials, threads)
        layouts = [] if question.layout is not None or not self.target.coupling else _layouts(question, proposers)
        for layout in layouts:
            other = Work(question.circuit, self.target, self.level, self.clock, self.tolerance, keep=self.keep)
            other.run(question.seed, layout, None, threads)
            if other.cost() < self.cost() and other.is_verified(question.seed):
                self._adopt(other)
        if proposers and self.is_verified(question.seed, alone=True):
            for proposer in proposers:
                proposer.learn(question, Candidate(self.circuit, self.initial, self.final, self.swaps))

    def _recalled(self, question: Question, proposers: Sequence[Proposer]) -> bool:
        """Whether some proposer has a whole circuit that is legal on the device and verified."""
        start = self.clock()
        for proposer in proposers:
            for found in proposer.circuits(question):
                if self._take(found) and self.is_verified(question.seed):
                    self._record("recall", start)
                    return True
        self._begin()
        return False

    def _take(self, found: Candidate) -> bool:
        """Whether a candidate is of the right size, in the device's gates and on its pairs."""
        count, width = self.given.num_qubits, found.circuit.num_qubits
        for places in (found.initial, found.final):
            if len(places) != count or len(set(places)) != count or not within(places, width):
                return False
        if width > self.target.num_qubits or found.circuit.parameters != self.given.parameters:
            return False
        if not is_legal(found.circuit, self.target):
            return False
        self.circuit, self.swaps = found.circuit, found.swaps
        self.initial, self.final = found.initial, found.final
        return True

    @property
    def moves(self) -> tuple[int, ...] | None:
        """Where what starts on each device qubit ends; None where that is not known."""
        return None if self._mapped is None else _moves(self._mapped)

    def cost(self) -> tuple[int, int]:
        """Gates on several qubits, and operations in all."""
        return _stage("", self.circuit).two_qubit_gates, len(self.circuit)

    def is_verified(self, seed: int, *, alone: bool = False) -> bool:
        """Whether the circuit was found to be the given one, cheaply; `alone`: without what it was made from."""
        from eigen.ir.targets.verification import verified

        given = measure_in_z(self.given) if self.basis else self.given
        found = verified(
            given, self.circuit, self.initial, self.final,
            moves=self.moves, trail=() if alone else self.trail, seed=seed, thorough=False,
        )  # fmt: skip
        return bool(found.is_equivalent)

    def run(self, seed: int, layout: Sequence[int] | None, trials: int | None, threads: int | None) -> None:
        """All steps, in order."""
        if self.target.is_free:
            self._place(layout)
            self._optimise(None)
            return
        self.given = self.circuit = measure_in_z(self.given)
        if not self.target.coupling:
            self._place(layout)
            self._optimise_coupled(None if layout is None else self.initial)
            return
        if self.level >= 2:
            self.circuit, places = _core.elide_swaps(self.circuit)
            self.final = tuple(places)
        chosen = self._chosen(self._forms(), seed, layout)
        self.circuit, self.stages, self.final, self.trail = chosen.circuit, chosen.stages, chosen.final, chosen.trail
        self._map(seed, layout, trials, threads)
        self._optimise(self.basis)
        self._direct()

    def _forms(self) -> list[Work]:
        """The circuit in the forms from which a mapping may begin."""
        if not self.level:
            return [self]
        narrow = self._copy()
        narrow._optimise(NARROW)
        if self.level == 1:
            return [narrow]
        own = _own(self.basis)
        woven = self._copy()
        is_shorter = woven._weave(narrow.circuit, own)
        if self.level == 2:
            return [woven if is_shorter else narrow]
        forms = [narrow]
        if not {name for name in narrow.circuit.count_ops() if name in PAIRS} <= ONE_CX:
            plain = self._copy()
            plain._optimise(own)
            forms.append(plain)
        return [*forms, woven] if is_shorter else forms

    def _copy(self) -> Work:
        other = copy(self)
        other.stages, other.trail = list(self.stages), list(self.trail)
        return other

    def _weave(self, other: Circuit, basis: Sequence[str]) -> bool:
        """Whether rotations and Clifford gates written anew take far fewer entangling gates than the other form."""

        def woven() -> tuple[Circuit, list[PassStep]]:
            found = _core.woven(self.circuit, other, self.level, basis, WORTHWHILE[self.level], keep=self.keep)
            if found is None:
                return self.circuit, []
            circuit, steps, places, trail = found
            self.final = tuple(places[qubit] for qubit in self.final)
            self._follow(trail, circuit)
            return circuit, steps

        before = len(self.stages)
        self._timed(woven)
        return len(self.stages) > before

    def _chosen(self, forms: list[Work], seed: int, layout: Sequence[int] | None) -> Work:
        """The form that takes the fewest entangling gates after a quick look at how it maps."""
        if len(forms) == 1:
            return forms[0]
        return min(forms, key=lambda form: form._mapping(1, seed, layout, None, None).cost)

    def _adopt(self, other: Work) -> None:
        self.circuit, self.swaps, self.stages = other.circuit, other.swaps, other.stages
        self.initial, self.final, self._mapped, self.trail = other.initial, other.final, other._mapped, other.trail

    def _place(self, layout: Sequence[int] | None) -> None:
        """Where all qubits are coupled, only a layout that is asked for moves any."""
        places = range(self.circuit.num_qubits) if layout is None else layout
        self.circuit = self.circuit.remap(list(places), self.target.num_qubits if layout is not None else None)
        self.initial, self.final = tuple(places), tuple(places[qubit] for qubit in self.final)

    def _optimise(self, basis: Sequence[str] | None) -> None:
        def optimised() -> tuple[Circuit, list[PassStep]]:
            circuit, steps, _, trail = _core.optimise_traced(self.circuit, self.level, basis, "pairs", self.keep)
            self._follow(trail, circuit)
            return circuit, steps

        self._timed(optimised)

    def _optimise_coupled(self, placed: Sequence[int] | None) -> None:
        """Where all qubits are coupled, gates may go on any pair, and from level 2 qubits may end elsewhere."""

        def optimised() -> tuple[Circuit, list[PassStep]]:
            freedom = "coupled" if self.level < 2 else "renamed"
            circuit, steps, places, trail = _core.optimise_traced(
                self.circuit, self.level, self.basis, freedom, self.keep
            )
            if places:
                self.final = tuple(places[qubit] for qubit in self.final)
            self._follow(trail, circuit, placed)
            return circuit, steps

        self._timed(optimised)

    def _follow(self, trail: Sequence[tuple[str, Circuit]], last: Circuit, placed: Sequence[int] | None = None) -> None:
        """Adds circuits to the trail, the last one as it is; before the first of them qubits were `placed`."""
        borrows = bool(self.level) and not self.target.coupling
        for number, (change, circuit) in enumerate(trail, 1):
            at = last if number == len(trail) else circuit
            self.trail.append(Waypoint(change, at, None if placed is None else tuple(placed), borrows))
            placed = None

    def _map(self, seed: int, layout: Sequence[int] | None, trials: int | None, threads: int | None) -> None:
        def mapped() -> tuple[Circuit, list[PassStep]]:
            found = self._placing(seed, layout, trials, threads)
            self.initial, self.swaps = tuple(found.initial), found.swaps
            self.final = tuple(found.last[qubit] for qubit in self.final)
            self._mapped = found
            if self.keep:
                self._follow([("rotations", found.circuit)], found.circuit, self.initial)
            return found.circuit, found.steps[1:]

        self._timed(mapped)

    def _placing(
        self, seed: int, layout: Sequence[int] | None, trials: int | None, threads: int | None
    ) -> Mapped | Placed:
        """Where more is known of the device than its pairs, the best of several placements."""
        if not self.level or layout is not None or not is_uneven(self.target):
            return self._mapping(self.level, seed, layout, trials, threads)
        return placed(
            self.circuit, self.target, lambda target: self._mapping(self.level, seed, None, trials, threads, target)
        )

    def _mapping(
        self,
        level: int,
        seed: int,
        layout: Sequence[int] | None,
        trials: int | None,
        threads: int | None,
        target: Target | None = None,
    ) -> Mapped:
        errors, target = None, target or self.target
        if target.errors:
            usual = max(target.errors.values())
            errors = [rate_of(target.errors, pair, usual) for pair in target.coupling]
        return _core.map_to_device(
            self.circuit, target.num_qubits, target.coupling,
            level=level, seed=seed, trials=trials, threads=threads,
            initial=layout, basis=self.basis, errors=errors,
        )  # fmt: skip

    def _direct(self) -> None:
        """Gates that lie against their coupling are turned, and what that adds on one qubit is merged."""
        pairs = frozenset(self.target.coupling)
        if all((second, first) in pairs for first, second in pairs):
            return

        def directed() -> tuple[Circuit, list[PassStep]]:
            turned = _core.decompose(fix_directions(self.circuit, pairs), self.basis)
            if not self.level:
                return turned, []
            merged = _core.apply_pass(turned, "merge-one-qubit", self.basis)
            return _core.decompose(merged, self.basis), []  # its global phase may not be in the basis

        self._timed(directed, "direct")
        if self.keep:
            self._follow([("runs", self.circuit)], self.circuit)

    def _timed(self, step: Callable[[], tuple[Circuit, list[PassStep]]], name: str = "") -> None:
        start = self.clock()
        self.circuit, steps = step()
        end = self.clock()
        found = [Stage(one.name, one.gates, one.two_qubit_gates, one.depth) for one in steps]
        if name:
            found = [_stage(name, self.circuit)]
        if self.stages and found and found[0].name == "input":
            del found[0]
        if found:
            last = found[-1]
            seconds = None if start is None or end is None else end - start
            found[-1] = Stage(last.name, last.gates, last.two_qubit_gates, last.depth, seconds)
        self.stages += found

    def _record(self, name: str, start: float | None) -> None:
        """A stage of its own."""
        end, now = self.clock(), _stage(name, self.circuit)
        seconds = None if start is None or end is None else end - start
        self.stages.append(Stage(now.name, now.gates, now.two_qubit_gates, now.depth, seconds))

    def schedule(self, mode: str, sequence: str | None) -> None:
        """Idle time written down, and pulses in it."""
        from eigen.ir.targets.decoupling import decoupled
        from eigen.ir.targets.schedule import scheduled

        found = scheduled(self.circuit, self.target.durations, mode)
        self.circuit, filled = found.circuit, 0
        if sequence is not None:
            self.circuit, filled = decoupled(self.circuit, self.target.durations, sequence, basis=self.basis)
        if self.keep:
            self._follow([("rotations", self.circuit)], self.circuit)
        self.timing = Timing(mode, found.duration, found.idle, sequence, filled)


def _layouts(question: Question, proposers: Sequence[Proposer]) -> list[Sequence[int]]:
    """Those that are offered and place every qubit somewhere else."""
    count, size = question.circuit.num_qubits, question.target.num_qubits
    offered = [list(layout) for proposer in proposers for layout in proposer.layouts(question)]
    return [each for each in offered if len(each) == len(set(each)) == count and within(each, size)]


def is_legal(circuit: Circuit, target: Target) -> bool:
    """Whether every operation is in the target's gates and on its pairs."""
    gates, pairs = set(target.basis), set(target.coupling)
    free = {"MEASURE", "RESET", "BARRIER", "DELAY", "IF", "WHILE", "FOR"}

    def holds(items: Sequence[Instruction]) -> bool:
        return all(
            (item.name in free or not gates or item.name in gates)
            and (item.name in free or len(item.qubits) < 2 or not pairs or item.qubits in pairs)
            and (item.name != "MEASURE" or not gates or item.basis == "Z")
            and all(holds(block) for block in item.blocks)
            for item in items
        )

    return holds(circuit.instructions())


def _stage(name: str, circuit: Circuit) -> Stage:
    several = sum(len(item.qubits) > 1 for item in circuit.instructions())
    return Stage(name, len(circuit), several, circuit.depth)


def _basis(target: Target) -> list[str]:
    """The gates to write with; a coupled device takes none on more than two qubits."""
    if not target.coupling:
        return list(target.basis)
    # A gate of any width (MCX, UNITARY, PAULI_ROT) is never needed: pairs and single qubits suffice.
    return [name for name in target.basis or ARITY if (ARITY[name] or 3) <= 2 or name == "GPHASE"]


def _moves(mapped: Mapped | Placed) -> tuple[int, ...] | None:
    """Where what starts on each device qubit ends: by the SWAPs, if those of the mapping are all that there are."""
    holds = list(range(mapped.circuit.num_qubits))
    for item in mapped.circuit.instructions():
        if item.name == "SWAP":
            first, second = item.qubits
            holds[first], holds[second] = holds[second], holds[first]
    ends = [0] * len(holds)
    for end, start in enumerate(holds):
        ends[start] = end
    agrees = all(ends[start] == end for start, end in zip(mapped.initial, mapped.last, strict=True))
    return tuple(ends) if agrees else None


def _own(basis: Sequence[str]) -> list[str]:
    """U, and the gates on pairs that the device has."""
    return ["U", "GPHASE", *(name for name in basis if name in PAIRS)]


def within(places: Sequence[int], size: int) -> bool:
    """Whether all are qubits of a device of this size."""
    return all(0 <= place < size for place in places)


def is_wide(circuit: Circuit) -> bool:
    """Whether a circuit may be too wide for states to be run through it, so that it is compared pass by pass."""
    return len(circuit) << min(circuit.num_qubits, 64) > 1 << 24

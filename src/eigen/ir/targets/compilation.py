"""`compile_for`: a circuit in a device's terms: placed, routed, in its gates and directions, verified, on record."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.errors import EigenError
from eigen.ir.circuit import CoreError
from eigen.ir.targets.directions import fix_directions
from eigen.ir.targets.measure_basis import measure_in_z
from eigen.ir.targets.target import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.ir.circuit import Circuit, PassStep
    from eigen.ir.equivalence.certificate import Certificate
    from eigen.ir.observable import Observable

LEVELS = (0, 1, 2, 3)
VERIFY = ("no", "cheap", "thorough")


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
class Compilation:
    """A circuit that its device can run as it stands.

    Logical qubit k starts on device qubit `initial[k]` and ends on `final[k]`: observables and outcomes after the
    circuit must be looked for there. `certificate` says what shows that it is still the same circuit; None where that
    was not wanted. Parameters and classical bits are those of the logical circuit.
    """

    circuit: Circuit
    initial: tuple[int, ...]
    final: tuple[int, ...]
    swaps: int
    stages: tuple[Stage, ...]
    certificate: Certificate | None
    timing: Timing | None = None

    def observable(self, observable: Observable) -> Observable:
        """An observable of the logical qubits, on the device qubits where they end."""
        moved = [
            (" ".join(f"{factor[0]}{self.final[int(factor[1:])]}" for factor in label.split()), weight)
            for label, weight in observable.terms
        ]
        return _core.Observable.from_terms(self.circuit.num_qubits, moved)

    def to_json(self) -> dict[str, Any]:
        """The report."""
        return {
            "initial_layout": list(self.initial),
            "final_layout": list(self.final),
            "swaps_inserted": self.swaps,
            "passes": [stage.to_json() for stage in self.stages],
            "verification": None if self.certificate is None else self.certificate.to_json(),
            **({} if self.timing is None else {"timing": self.timing.to_json()}),
        }


def compile_for(
    circuit: Circuit,
    device: str | Target,
    *,
    basis: Sequence[str] | None = None,
    level: int = 2,
    seed: int = 0,
    layout: Sequence[int] | None = None,
    trials: int | None = None,
    threads: int | None = None,
    verify: str = "cheap",
    schedule: str | None = None,
    decouple: str | None = None,
    clock: Callable[[], float] | None = None,
) -> Compilation:
    """Compile a circuit for a device: a `Target`, or `all:N`, `line:N`, `ring:N`, `grid:RxC`, `heavy-hex:N`.

    Levels: 0 changes nothing that the device does not force, 1 looks at neighbours and tries few placements, 2 runs
    every pass, 3 tries much. `layout[k]` is the device qubit on which qubit k must start; otherwise it is chosen, with
    `trials` of placements if that is given. The result depends on the seed, not on `threads` (all cores by default).
    `verify` is `no`, `cheap` (what takes a fraction of a second; the rest is told to be not checked), or `thorough`.
    `schedule`, `asap` or `alap`, writes idle time as DELAYs, from the durations of the target's gates, and `decouple`,
    `XX` or `XY4`, fills them with pulses (and schedules `alap` unless told otherwise). With a `clock`, such as
    `time.perf_counter`, the stages have seconds.

    Raises EIGEN_COMPILER_UNSUPPORTED naming what the device cannot do, EIGEN_USAGE for arguments that make no sense and
    EIGEN_INTERNAL when the result turns out to be another circuit: it is a defect of this program.

    >>> from eigen.ir import CircuitBuilder, compile_for
    >>> builder = CircuitBuilder(3)
    >>> for target in (1, 2):
    ...     builder.gate("CX", [0, target])
    >>> done = compile_for(builder.build(), "line:3", basis=["U", "CX"])
    >>> done.circuit.count_ops()["CX"], done.swaps, done.certificate.verdict
    (2, 0, 'equal')
    """
    target = Target.of(device, basis)
    _check(circuit, target, level, layout, verify)
    try:
        work = _Work(circuit, target, level, clock or (lambda: None))
        work.run(seed, layout, trials, threads)
        if schedule is not None or decouple is not None:
            work.schedule(schedule or "alap", decouple)
        return work.done(seed, verify)
    except CoreError as error:
        message = f"the circuit cannot be expressed on `{target.name}`: {error.message}"
        raise EigenError("EIGEN_COMPILER_UNSUPPORTED", message, hint=error.hint or "") from None


def _check(circuit: Circuit, target: Target, level: int, layout: Sequence[int] | None, verify: str) -> None:
    if level not in LEVELS:
        raise EigenError("EIGEN_USAGE", f"the optimisation level is 0, 1, 2 or 3, not `{level}`")
    if verify not in VERIFY:
        raise EigenError("EIGEN_USAGE", f"`{str(verify)[:40]}` is no way to verify", hint=f"one of {', '.join(VERIFY)}")
    if circuit.num_qubits > target.num_qubits:
        message = f"`{target.name}` has {target.num_qubits} qubits, the circuit needs `{circuit.num_qubits}`"
        raise EigenError("EIGEN_COMPILER_UNSUPPORTED", message)
    if layout is None:
        return
    given = list(layout)
    if len(given) != circuit.num_qubits or len(set(given)) != len(given) or not _within(given, target.num_qubits):
        message = f"the layout `{given[:20]}` does not place {circuit.num_qubits} qubits on {target.num_qubits}"
        raise EigenError("EIGEN_USAGE", message, hint="layout[k] is the device qubit on which qubit k starts")


def _within(places: Sequence[int], size: int) -> bool:
    return all(0 <= place < size for place in places)


class _Work:
    """A circuit on its way to a device."""

    def __init__(self, circuit: Circuit, target: Target, level: int, clock: Callable[[], float | None]) -> None:
        self.given, self.circuit, self.target, self.level = circuit, circuit, target, level
        self.basis, self.clock = _basis(target), clock
        self.initial = self.final = tuple(range(circuit.num_qubits))
        self.swaps = 0
        self.stages: list[Stage] = []
        self.timing: Timing | None = None

    def run(self, seed: int, layout: Sequence[int] | None, trials: int | None, threads: int | None) -> None:
        """All steps, in order."""
        if self.target.is_free:
            self._place(layout)
            self._optimise(None)
            return
        self.given = self.circuit = measure_in_z(self.given)
        if self.level >= 2:
            self.circuit, places = _core.elide_swaps(self.circuit)
            self.final = tuple(places)
        if not self.target.coupling:
            self._place(layout)
            self._optimise(self.basis)
            return
        if self.level:
            self._optimise(_narrow())
        self._map(seed, layout, trials, threads)
        self._optimise(self.basis)
        self._direct()

    def _place(self, layout: Sequence[int] | None) -> None:
        """Where all qubits are coupled, only a layout that is asked for moves any."""
        places = range(self.circuit.num_qubits) if layout is None else layout
        self.circuit = self.circuit.remap(list(places), self.target.num_qubits if layout is not None else None)
        self.initial, self.final = tuple(places), tuple(places[qubit] for qubit in self.final)

    def _optimise(self, basis: Sequence[str] | None) -> None:
        self._timed(lambda: _core.optimise(self.circuit, self.level, basis))

    def _map(self, seed: int, layout: Sequence[int] | None, trials: int | None, threads: int | None) -> None:
        errors = None
        if self.target.errors:
            usual = max(self.target.errors.values())
            errors = [_rate(self.target, pair, usual) for pair in self.target.coupling]

        def mapped() -> tuple[Circuit, list[PassStep]]:
            found = _core.map_to_device(
                self.circuit, self.target.num_qubits, self.target.coupling,
                level=self.level, seed=seed, trials=trials, threads=threads,
                initial=layout, basis=self.basis, errors=errors,
            )  # fmt: skip
            self.initial, self.swaps = tuple(found.initial), found.swaps
            self.final = tuple(found.last[qubit] for qubit in self.final)
            return found.circuit, found.steps[1:]

        self._timed(mapped)

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

    def schedule(self, mode: str, sequence: str | None) -> None:
        """Idle time written down, and pulses in it."""
        from eigen.ir.targets.decoupling import decoupled
        from eigen.ir.targets.schedule import scheduled

        found = scheduled(self.circuit, self.target.durations, mode)
        self.circuit, filled = found.circuit, 0
        if sequence is not None:
            self.circuit, filled = decoupled(self.circuit, self.target.durations, sequence, basis=self.basis)
        self.timing = Timing(mode, found.duration, found.idle, sequence, filled)

    def done(self, seed: int, verify: str) -> Compilation:
        """The result, compared with what was given."""
        certificate = None
        if verify != "no":
            from eigen.ir.targets.verification import verified

            thorough = verify == "thorough"
            certificate = verified(self.given, self.circuit, self.initial, self.final, seed=seed, thorough=thorough)
            if certificate.is_equivalent is False:
                message = f"the circuit compiled for `{self.target.name}` is another circuit ({certificate.method})"
                raise EigenError("EIGEN_INTERNAL", message, details={"certificate": certificate.to_json()})
        return Compilation(
            self.circuit, self.initial, self.final, self.swaps, tuple(self.stages), certificate, self.timing
        )


def _stage(name: str, circuit: Circuit) -> Stage:
    several = sum(len(item.qubits) > 1 for item in circuit.instructions())
    return Stage(name, len(circuit), several, circuit.depth)


def _rate(target: Target, pair: tuple[int, int], usual: float) -> float:
    """The error rate of a pair, in either direction; a pair of which nothing is known is as bad as the worst."""
    return target.errors.get(pair, target.errors.get((pair[1], pair[0]), usual))


def _basis(target: Target) -> list[str]:
    """The gates to write with; a coupled device takes none on more than two qubits."""
    if not target.coupling:
        return list(target.basis)
    arity = {row.name: row.num_qubits for row in _core.gate_table()}
    # A gate of any width (MCX, UNITARY, PAULI_ROT) is never needed: pairs and single qubits suffice.
    return [name for name in target.basis or arity if (arity[name] or 3) <= 2 or name == "GPHASE"]


def _narrow() -> list[str]:
    """Every gate on at most two qubits."""
    return [row.name for row in _core.gate_table() if (row.num_qubits or 3) <= 2 or row.name == "GPHASE"]

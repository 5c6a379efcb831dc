"""Whether a compiled circuit does what it was compiled from, qubits followed from where they start to where they end.

Cheap and always on: Clifford circuits answer by their tableau at any width, narrow ones by random product states, wider
ones by the circuits between the passes, each compared with the next, or, up to a few thousand operations, in windows of
few qubits; what none can decide within the budget is said to be not checked.
`thorough` asks all that `eigen.ir.equivalence` has, which proves more and may take long.
"""

from __future__ import annotations

from dataclasses import replace
from math import pi
from typing import TYPE_CHECKING

from eigen import _core
from eigen.ir.equivalence.certificate import Certificate
from eigen.ir.equivalence.tableau import is_clifford
from eigen.ir.observable import Observable
from eigen.ir.rewriting import copy_operation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from eigen.ir.circuit import Circuit
    from eigen.ir.targets.work import Waypoint

MOST_WORK = 1 << 27
"""Amplitudes times operations that the cheap check may take: a fraction of a second."""
MOST_TABLEAU = 1 << 31
"""Operations times busy qubits squared, for tableaux."""
MOST_WINDOWED = 6_000
"""Operations that windows follow in a fraction of a second."""
THOROUGH_WORK = 1 << 36
"""Amplitudes times operations of the probes that are asked for."""
STATES = 2
TOLERANCE = 1e-7
"""Of the distance between states."""
TINY = 1e-300
ROUNDING = 1e-12
"""Of a norm."""


def verified(
    before: Circuit,
    after: Circuit,
    initial: Sequence[int],
    final: Sequence[int],
    *,
    moves: Sequence[int] | None = None,
    trail: Sequence[Waypoint] = (),
    seed: int = 0,
    thorough: bool,
) -> Certificate:
    """What shows that `after` is `before`, logical qubit k starting on `initial[k]` and ending on `final[k]`.

    Qubits of `after` that hold no logical one begin and must end in |0>. What starts on device qubit p ends on
    `moves[p]`, where that is known for all of them: windows compare all qubits, and prove nothing without it. `trail`
    are the circuits between the passes, where they were kept.
    """
    cheap = _cheap(before, after, initial, final, seed)
    if cheap.is_equivalent is not None and (cheap.is_proof or not thorough):
        return cheap
    chain = _followed(before, after, initial, final, trail) if trail else None
    if chain is not None and chain.is_equivalent:
        return chain
    if chain is not None and cheap.is_equivalent is None:
        cheap = replace(cheap, details=(*cheap.details, *chain.details))
    if not thorough and (before.is_dynamic or not before.is_flat or len(before) + len(after) > MOST_WINDOWED):
        return cheap
    from eigen.ir.equivalence import equivalence

    width = after.num_qubits
    layout = _guessed(initial, final, width) if moves is None else list(moves)
    most_work = THOROUGH_WORK if thorough else 1
    found = equivalence(before.remap(initial, width), after, layout=layout, seed=seed, most_work=most_work)
    is_wrong = found.is_equivalent is False and (moves is not None or width == len(initial))
    return found if found.is_equivalent or is_wrong else cheap


def _followed(
    before: Circuit, after: Circuit, initial: Sequence[int], final: Sequence[int], trail: Sequence[Waypoint]
) -> Certificate:
    """Each circuit between the passes compared with the next: equal all the way, the last one is the first."""
    width, places = before.num_qubits, list(range(before.num_qubits))
    at, error, apart = before, 0.0, dict[str, None]()
    for number, point in enumerate(trail):
        if point.placed is not None:
            at = at.remap(list(point.placed), point.circuit.num_qubits)
            places = [point.placed[qubit] for qubit in places]
        ends, more, wide, why = _core.compare_change(at, point.circuit, point.change, point.borrows)
        if ends is None:
            told = f"between the passes, {point.change} compared, circuit {number + 1} of {len(trail)}: {why}"
            return _undecided(width, told)
        places, at, error = [ends[qubit] for qubit in places], point.circuit, error + more
        apart |= dict.fromkeys(wide)
    if (at is not after and at != after) or places != list(final):
        return _undecided(width, "what the passes led through ends elsewhere")
    if error > TOLERANCE:
        return _undecided(width, f"the passes leave errors of {error:.1e} in sum")
    counts = [sum(point.change == kind for point in trail) for kind in ("rotations", "runs")]
    told = [f"pass by pass: rotations compared {counts[0]} times, runs on pairs {counts[1]} times"]
    if apart:
        told.append(f"taken apart by the same rules on both sides, and not compared: {', '.join(sorted(apart))}")
    return Certificate("chain", width, error, True, not apart, tuple(told))


def _guessed(initial: Sequence[int], final: Sequence[int], width: int) -> list[int]:
    """Where each device qubit goes, if the ones without a logical qubit keep their order."""
    starts, ends = _completed(initial, width), _completed(final, width)
    return [ends[starts.index(wire)] for wire in range(width)]


def _completed(places: Sequence[int], width: int) -> list[int]:
    """A permutation that begins with some places."""
    taken = set(places)
    return [*places, *(wire for wire in range(width) if wire not in taken)]


def _cheap(before: Circuit, after: Circuit, initial: Sequence[int], final: Sequence[int], seed: int) -> Certificate:
    if before == after and list(initial) == list(final) == list(range(before.num_qubits)):
        return Certificate("structure", before.num_qubits, 0.0, True, True, ("nothing was changed",))
    width = before.num_qubits
    if not (before.is_flat and after.is_flat) or before.is_dynamic:
        return _undecided(width, "it measures on the way, resets or branches")
    if _measured(before, final) != _measured(after, range(after.num_qubits)):
        return Certificate("interface", width, None, False, True, ("other qubits are measured",))
    first, second = before.without_measurements(), after.without_measurements()
    busy = sorted({*initial, *final, *(qubit for item in second.instructions() for qubit in item.qubits)})
    place = {qubit: k for k, qubit in enumerate(busy)}
    work = len(first) + len(second)
    narrow = len(busy) <= 40 and work << len(busy) <= MOST_WORK
    clifford = work * len(busy) ** 2 <= MOST_TABLEAU and not before.parameters and is_clifford(first)
    if not narrow and not clifford:
        return _undecided(width, f"{len(busy)} qubits and {work} operations, not all of them Clifford gates")
    packed = _packed(second, place)
    starts, ends = [place[qubit] for qubit in initial], [place[qubit] for qubit in final]
    if clifford and is_clifford(packed):
        found = _by_tableau(first, packed, starts, ends)
        if found.is_equivalent or not before.has_measurements:
            return found  # otherwise what differs may be a phase that no outcome shows
    if narrow:
        measured = [qubit for qubit, _, _ in _measured(before, range(width))]
        return _by_states(first, packed, starts, ends, measured, seed)
    return _undecided(width, f"{len(busy)} qubits and {work} operations, angles rounded away from Clifford gates")


def _undecided(width: int, why: str) -> Certificate:
    return Certificate("none", width, None, None, False, (f"not checked: {why}",))


def _measured(circuit: Circuit, places: Sequence[int]) -> list[tuple[int, int, str]]:
    """Qubit (moved to its place), classical bit and basis of each measurement."""
    if not circuit.has_measurements:
        return []
    return sorted(
        (places[qubit], clbit, item.basis)
        for item in circuit.instructions()
        if item.name == "MEASURE"
        for qubit, clbit in zip(item.qubits, item.clbits, strict=True)
    )


def _packed(circuit: Circuit, place: Mapping[int, int]) -> Circuit:
    """The circuit on its busy qubits alone."""
    builder = _core.CircuitBuilder(len(place), parameters=circuit.parameters)
    for item in circuit.instructions():
        if item.name not in {"BARRIER", "DELAY"}:
            copy_operation(builder, item, [place[qubit] for qubit in item.qubits])
    return builder.build()


def _by_tableau(before: Circuit, after: Circuit, starts: list[int], ends: list[int]) -> Certificate:
    """Halves of Bell pairs go in; `before` undone, all pairs must be as they were and the other qubits in |0>."""
    busy, count = after.num_qubits, before.num_qubits
    builder = _core.CircuitBuilder(busy + count)
    for k, qubit in enumerate(starts):
        builder.gate("H", [busy + k])
        builder.gate("CX", [busy + k, qubit])
    builder.append(after, range(busy))
    builder.append(before.inverse(), ends)
    held = set(ends)
    wanted = [Observable.pauli(two, [q, busy + k], busy + count) for k, q in enumerate(ends) for two in ("XX", "ZZ")]
    wanted += [Observable.pauli("Z", [qubit], busy + count) for qubit in range(busy) if qubit not in held]
    values = _core.Plan(builder.build(), engine="stabilizer").expectation([], wanted)
    changed = sum(value < 0.5 for value in values)
    told = (f"{changed} of {len(values)} stabilisers of Bell pairs are others",) if changed else ()
    return Certificate("tableau", count, None if changed else 0.0, not changed, True, told)


def _by_states(
    before: Circuit, after: Circuit, starts: list[int], ends: list[int], measured: list[int], seed: int
) -> Certificate:
    """Random product states through both, at random values of the parameters."""
    draws = _core.Philox(_core.derive_seed(seed, "verify"))
    worst = 0.0
    for _ in range(STATES):
        values = [2 * pi * (2 * value - 1) for value in draws.uniform(len(before.parameters))]
        turns = [
            (pi * theta, 2 * pi * phi) for theta, phi in zip(*[iter(draws.uniform(2 * len(starts)))] * 2, strict=True)
        ]
        wanted = _state(before, range(before.num_qubits), turns, values)
        found = _state(after, starts, turns, values)
        worst = max(worst, _distance(wanted, found, ends, measured))
    told = f"{STATES} random product states" + (", at random values of the parameters" if before.parameters else "")
    return Certificate("probes", before.num_qubits, worst, worst <= TOLERANCE, worst > TOLERANCE, (told,))


def _state(
    circuit: Circuit, qubits: Sequence[int], turns: Sequence[tuple[float, float]], values: list[float]
) -> NDArray[np.complex128]:
    builder = _core.CircuitBuilder(circuit.num_qubits, parameters=circuit.parameters)
    for qubit, (theta, phi) in zip(qubits, turns, strict=True):
        builder.gate("RY", [qubit], [theta])
        builder.gate("RZ", [qubit], [phi])
    builder.append(circuit, range(circuit.num_qubits))
    return _core.Plan(builder.build()).state(values)


def _distance(
    wanted: NDArray[np.complex128], found: NDArray[np.complex128], ends: Sequence[int], measured: Sequence[int]
) -> float:
    """Between two states, the second of which has logical qubit k at `ends[k]`, up to a phase for each outcome."""
    import numpy as np

    count = len(ends)
    index = np.zeros(1 << count, dtype=np.int64)
    outcome = np.zeros(1 << count, dtype=np.int64)
    logical = np.arange(1 << count)
    for qubit, end in enumerate(ends):
        index |= (logical >> qubit & 1) << end
    for bit, qubit in enumerate(measured):
        outcome |= (logical >> qubit & 1) << bit
    products = found[index].conj() * wanted
    sums = np.bincount(outcome, weights=products.real) + 1j * np.bincount(outcome, weights=products.imag)
    sizes = np.abs(sums)
    phases = np.where(sizes > TINY, sums / np.maximum(sizes, TINY), 1.0)
    elsewhere = max(0.0, 1.0 - float(np.linalg.norm(found[index])) ** 2)
    return float(np.linalg.norm(wanted - phases[outcome] * found[index])) + (elsewhere if elsewhere > ROUNDING else 0.0)

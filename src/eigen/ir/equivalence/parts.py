"""Two circuits, part by part: what corresponds is taken off, the rest goes to the first method that can answer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import pi
from typing import TYPE_CHECKING

from eigen import _core
from eigen.ir.circuit import CircuitBuilder, CoreError
from eigen.ir.equivalence import channel, dense, tableau, windows
from eigen.ir.equivalence.certificate import Finding
from eigen.ir.equivalence.matrices import matrix_of
from eigen.ir.equivalence.operations import PHASE_WIRE, build, place, written_out
from eigen.ir.equivalence.structure import components, strip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from eigen.ir.circuit import Circuit
    from eigen.ir.equivalence.operations import Operation, Reading
    from eigen.ir.equivalence.structure import Pair

PARAMETER_SETS = 3
"""How many values of the parameters are tried."""
MOST_WEIGHT = 2_000_000
"""Operations, loops written out, that are followed."""
_TURNS = {"X": ["H"], "Y": ["Sdg", "H"], "Z": []}
"""What turns the basis of a measurement into the computational one."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a check may do and how exactly it looks."""

    with_phase: bool
    tolerance: float
    seed: int
    probes: int
    most_work: int
    memory_limit_bytes: int | None


def compare(a: Reading, b: Reading, settings: Settings) -> Finding:
    """Two circuits whose wires end at the same places."""
    if not (a.is_unitary and b.is_unitary):
        return _dynamic(a.with_measurements(), b.with_measurements(), replace(settings, with_phase=False))
    if a.measured != b.measured:
        return Finding("interface", False, None, True, details=(_measured_otherwise(a, b),))
    if a.measured:
        settings = replace(settings, with_phase=False)
    left = _strip(a, b, settings)
    if not any(left):
        return Finding("structure", True, 0.0, True)
    front = strip(a.operations, b.operations, unitary_only=True, ends=False) if a.measured else None
    names = _names(*left, *(front or ()))
    if names and not _names(*left) and (finding := _parts(left, {}, settings)).is_equivalent:
        return finding
    bases = dict(a.measured.values())
    findings = [
        _terminal(_bound(left, values), front and _bound(front, values), bases, settings)
        for values in _value_sets(names, settings)
    ]
    return _over_values(findings, names)


def _terminal(left: Pair, front: Pair | None, bases: Mapping[int, str], settings: Settings) -> Finding:
    """Two circuits of gates; `front` is more of them, where qubits are measured at the end, the same ones."""
    finding = _parts(left, {}, settings)
    if finding.is_equivalent or front is None:
        return finding
    # Different unitaries: but phases of outcomes, at the measurements, do not count.
    return _parts(_without_phases(front), bases, settings)


def _dynamic(a: Reading, b: Reading, settings: Settings) -> Finding:
    """Two circuits that measure on the way, reset or branch."""
    left = _strip(a, b, settings, unitary_only=False)
    if not any(left):
        return Finding("structure", True, 0.0, True)
    more = _strip(a, b, settings)
    names = _names(*left, *more)
    if names and not _names(*left) and (finding := _parts(left, {}, settings, any_bits=True)).is_equivalent:
        return finding
    findings: list[Finding] = []
    for values in _value_sets(names, settings):
        # Behind what was taken off, classical bits may have any value.
        finding = _parts(_bound(left, values), {}, settings, any_bits=True)
        if not finding.is_equivalent:
            finding = _parts(_bound(more, values), {}, settings)
        findings.append(finding)
    return _over_values(findings, names)


def _strip(a: Reading, b: Reading, settings: Settings, *, unitary_only: bool = True) -> Pair:
    pair = a.operations, b.operations
    if not settings.with_phase:
        pair = _without_phases(pair)
    return strip(*pair, unitary_only=unitary_only)


def _without_phases(pair: Pair) -> Pair:
    """Both without their gates on no qubits."""
    first, second = ([operation for operation in side if operation.wires != (PHASE_WIRE,)] for side in pair)
    return first, second


def _measured_otherwise(a: Reading, b: Reading) -> str:
    clbit = next(bit for bit in sorted(a.measured | b.measured) if a.measured.get(bit) != b.measured.get(bit))
    words = [
        f"qubit {found[0]} in basis {found[1]}" if (found := side.measured.get(clbit)) else "nothing" for side in (a, b)
    ]
    return f"classical bit {clbit} takes {words[0]} of the first and {words[1]} of the second"


def _names(*sides: Sequence[Operation]) -> list[str]:
    """The parameters of operations, sorted."""
    return sorted({name for side in sides for operation in side for name in operation.parameters()})


def _value_sets(names: Sequence[str], settings: Settings) -> list[dict[str, float]]:
    """Seeded values for parameters, within two turns to either side."""
    if not names:
        return [{}]
    draws = _core.Philox(_core.derive_seed(settings.seed, "parameters"))
    sets = [draws.uniform(len(names)) for _ in range(PARAMETER_SETS)]
    return [{name: 4 * pi * (2 * value - 1) for name, value in zip(names, drawn, strict=True)} for drawn in sets]


def _bound(pair: Pair, values: Mapping[str, float]) -> Pair:
    """Both with numbers for their parameters."""
    if not values:
        return pair
    first, second = ([_bound_operation(operation, values) for operation in side] for side in pair)
    return first, second


def _bound_operation(operation: Operation, values: Mapping[str, float]) -> Operation:
    names = operation.parameters()
    if not names:
        return operation
    wires = sorted(operation.placing.values())
    clbits = operation.clbits
    bound = build([operation], wires, range(max(clbits, default=-1) + 1)).bind({name: values[name] for name in names})
    return place(bound.instructions()[0], wires)


def _over_values(findings: Sequence[Finding], names: Sequence[str]) -> Finding:
    """One answer from those at several values of the parameters: only one that says `different` proves anything."""
    if len(findings) == 1:
        return findings[0]
    for finding in findings:
        if finding.is_equivalent is False:
            return finding
    for finding in findings:
        if finding.is_equivalent is None:
            return finding
    told = f"{len(names)} open parameters: compared at {len(findings)} seeded sets of values, which is no proof"
    error = max((finding.error for finding in findings if finding.error is not None), default=None)
    return replace(findings[0], error=error, is_proof=False, details=(*findings[0].details, told))


def _parts(pair: Pair, bases: Mapping[int, str], settings: Settings, *, any_bits: bool = False) -> Finding:
    """All parts; `bases` are those of the wires that are measured at the end."""
    findings = [
        _part(wires, part, bases, settings, any_bits=any_bits)
        for wires, part in components(*pair)
        if wires != [PHASE_WIRE]
    ]
    for wanted in (False, None):
        for finding in findings:
            if finding.is_equivalent is wanted:
                return finding
    return _whole(findings, _phase_of(pair), settings)


def _whole(findings: Sequence[Finding], phase: complex | None, settings: Settings) -> Finding:
    """The answer when all parts agree, the phase of the whole perhaps not yet."""
    methods = list(dict.fromkeys(finding.method for finding in findings)) or ["structure"]
    details = tuple(dict.fromkeys(detail for finding in findings for detail in finding.details))
    error = float(sum(finding.error or 0.0 for finding in findings))
    is_proof = all(finding.is_proof for finding in findings)
    found = Finding(" + ".join(methods), True, error, is_proof, phase, details)
    if not settings.with_phase:
        return found
    for finding in findings:
        phase = None if phase is None or finding.phase is None else phase * finding.phase
    if phase is None:
        return replace(found, is_equivalent=None, is_proof=False, details=(*details, "the phase could not be compared"))
    if abs(phase - 1.0) <= settings.tolerance:
        return replace(found, error=error + abs(phase - 1.0))
    from cmath import phase as angle

    told = f"equal but for a global phase of {angle(phase):.6g}"
    return replace(found, is_equivalent=False, error=abs(phase - 1.0), is_proof=is_proof, details=(*details, told))


def _phase_of(pair: Pair) -> complex:
    """The phase of the gates on no qubits of the first, relative to those of the second."""
    total = 1.0 + 0.0j
    for number, side in enumerate(pair):
        for operation in side:
            if operation.wires == (PHASE_WIRE,):
                for plain in written_out([operation]):
                    factor = complex(matrix_of(plain.instruction)[0, 0])
                    total *= factor.conjugate() if number else factor
    return total


def _part(wires: Sequence[int], pair: Pair, bases: Mapping[int, str], settings: Settings, *, any_bits: bool) -> Finding:
    weight = sum(operation.weight for side in pair for operation in side)
    if weight > MOST_WEIGHT:
        return _undecided(f"{weight} operations with loops written out are more than {MOST_WEIGHT}")
    qubits = [wire for wire in wires if wire >= 0]
    clbits = [-2 - wire for wire in wires if wire < PHASE_WIRE]
    if not all(operation.is_unitary for side in pair for operation in side):
        return _channel(qubits, clbits, pair, settings, any_bits=any_bits)
    first, second = (_turned(build(side, qubits), qubits, bases) for side in pair)
    measured = [place for place, wire in enumerate(qubits) if wire in bases]
    if len(qubits) <= dense.MOST_UNITARY_QUBITS:
        return dense.compare_unitaries(first, second, measured, settings.tolerance)
    return _wide(first, second, pair, measured, settings)


def _wide(first: Circuit, second: Circuit, pair: Pair, measured: Sequence[int], settings: Settings) -> Finding:
    """More qubits than a unitary is written out for."""
    are_clifford = tableau.is_clifford(first) and tableau.is_clifford(second)
    if not settings.with_phase and are_clifford:
        finding = _tableaux(first, second, settings)
        if finding.is_equivalent or (finding.is_equivalent is False and not measured):
            return finding
    why = ""
    try:
        finding = windows.compare_windows(written_out(pair[0]), written_out(pair[1]), settings.tolerance)
        if finding.is_equivalent or (finding.is_equivalent is False and not measured):
            return finding
    except windows.TooWideError:
        why = f"they do not cancel in windows of {windows.MOST_WIRES} qubits, and "
    finding = _probed(first, second, measured, settings, why, sum(op.weight for side in pair for op in side))
    if finding.is_equivalent is None and settings.with_phase and are_clifford:
        return _tableaux(first, second, settings)
    return finding


def _tableaux(first: Circuit, second: Circuit, settings: Settings) -> Finding:
    try:
        return tableau.compare_tableaux(first, second, settings.memory_limit_bytes)
    except CoreError as error:
        if error.code != "EIGEN_SIM_MEMORY":
            raise
        return _undecided(error.message)


def _probed(
    first: Circuit, second: Circuit, measured: Sequence[int], settings: Settings, why: str, weight: int
) -> Finding:
    count = first.num_qubits
    one = (weight + 2 * count) << count
    if one > settings.most_work:
        told = (
            f"{why}a product state through {count} qubits takes {weight} operations on 2^{count} amplitudes, "
            f"more than the {settings.most_work:.3g} amplitudes that may be touched"
        )
        return _undecided(told)
    probes = min(settings.probes, settings.most_work // one)
    try:
        return dense.compare_probes(
            first, second, measured, settings.tolerance, probes, settings.seed, settings.memory_limit_bytes
        )
    except CoreError as error:
        if error.code != "EIGEN_SIM_MEMORY":
            raise
        return _undecided(f"{why}{error.message}")


def _channel(
    qubits: Sequence[int], clbits: Sequence[int], pair: Pair, settings: Settings, *, any_bits: bool
) -> Finding:
    """A part that measures, resets or branches: first where its gates cancel between these, then as a channel."""
    try:
        finding = windows.compare_windows(written_out(pair[0]), written_out(pair[1]), settings.tolerance)
        if finding.is_equivalent:
            return finding
    except (windows.TooWideError, windows.UnmatchedError):
        pass
    if len(qubits) > channel.MOST_QUBITS or (any_bits and len(clbits) > channel.MOST_CLBITS):
        return _undecided(
            f"operations on {len(qubits)} qubits and {len(clbits)} classical bits measure, reset or branch and do not "
            f"correspond: as channels only {channel.MOST_QUBITS} qubits are compared"
        )
    first, second = (build(side, qubits, clbits) for side in pair)
    try:
        return channel.compare_channels(first, second, settings.tolerance, any_bits=any_bits)
    except channel.TooManyHistoriesError:
        entries = channel.MOST_ENTRIES >> (2 * len(qubits))
        return _undecided(f"more than {entries} histories of outcomes on {len(qubits)} qubits")


def _turned(circuit: Circuit, qubits: Sequence[int], bases: Mapping[int, str]) -> Circuit:
    """The circuit with the bases of its measurements turned into the computational one."""
    turns = [(name, place) for place, wire in enumerate(qubits) for name in _TURNS[bases.get(wire, "Z")]]
    if not turns:
        return circuit
    builder = CircuitBuilder(len(qubits))
    builder.append(circuit, range(len(qubits)))
    for name, place_ in turns:
        builder.gate(name, [place_])
    return builder.build()


def _undecided(told: str) -> Finding:
    return Finding("none", None, None, False, details=(told,))

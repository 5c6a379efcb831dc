"""The question of equivalence: what is asked, whether it makes sense, and the certificate of what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.ir.circuit import CircuitBuilder, core_errors
from eigen.ir.equivalence.certificate import Certificate, Finding
from eigen.ir.equivalence.operations import Reading, read, swap
from eigen.ir.equivalence.parts import Settings, compare

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.ir.circuit import Circuit
    from eigen.ir.equivalence.operations import Operation


def equivalence(
    a: Circuit,
    b: Circuit,
    *,
    up_to_phase: bool = True,
    layout: Sequence[int] | None = None,
    allow_idle: bool = False,
    tolerance: float = 1e-8,
    seed: int = 0,
    probes: int = 16,
    most_work: int = 1 << 36,
    memory_limit_bytes: int | None = None,
) -> Certificate:
    """Whether two circuits do the same to every input, and what shows it.

    Names, registers, barriers and delays do not count. Measurements at the end must be the same: which qubit, in which
    basis, to which classical bit; what is only a phase of an outcome does not count then. Circuits that measure on the
    way, reset or branch are compared operation by operation and, where small, as channels. Parameters go by their
    names; unless the operations correspond, they are compared at three seeded sets of values, and an agreement is then
    no proof.

    `layout[k]` is the qubit of `b` on which qubit k of `a` ends. `allow_idle`: the narrower circuit gets idle qubits
    and classical bits at its end. `tolerance` is the largest distance that counts as rounding. `probes` product states
    are run through circuits too wide for anything else, fewer where 2^n amplitudes times gates exceed `most_work`.

    Raises EigenError EIGEN_USAGE for arguments that make no sense.
    """
    width = max(a.num_qubits, b.num_qubits)
    _check(width, layout, tolerance, probes)
    settings = Settings(not up_to_phase, tolerance, seed, probes, most_work, memory_limit_bytes)
    refused = _interface(a, b, allow_idle=allow_idle)
    if refused:
        return Certificate("interface", width, None, False, True, (refused,))
    with core_errors():
        finding = _found(a, b, width, layout, settings)
    details = (*finding.details, *_untold(a, b))
    return Certificate(finding.method, width, finding.error, finding.is_equivalent, finding.is_proof, details)


def _found(a: Circuit, b: Circuit, width: int, layout: Sequence[int] | None, settings: Settings) -> Finding:
    if layout is None and _bare(a, width) == _bare(b, width):
        return Finding("structure", True, 0.0, True)
    if a.computes or b.computes:
        why = "values that are computed while a circuit runs (`COMPUTE`) are compared operation by operation only"
        return Finding("none", None, None, False, None, (why,))
    return compare(read(a, width), _relabelled(read(b, width), layout), settings)


def _bare(circuit: Circuit, width: int) -> Circuit:
    """The operations of a circuit without any names but those of its parameters."""
    builder = CircuitBuilder(width, circuit.num_clbits)
    builder.append(circuit, range(circuit.num_qubits), range(circuit.num_clbits))
    return builder.build()


def _check(width: int, layout: Sequence[int] | None, tolerance: float, probes: int) -> None:
    if layout is not None and sorted(layout) != list(range(width)):
        message = f"the layout `{list(layout)[:20]}` is no permutation of {width} qubits"
        raise EigenError("EIGEN_USAGE", message, hint="layout[k] is the qubit of the second on which qubit k ends")
    if not 0.0 < tolerance < 0.1:
        raise EigenError("EIGEN_USAGE", f"the tolerance `{tolerance}` must lie between 0 and 0.1")
    if not 1 <= probes <= 10_000:
        raise EigenError("EIGEN_USAGE", f"`{probes}` probes: 1 to 10000 can be asked for")


def _interface(a: Circuit, b: Circuit, *, allow_idle: bool) -> str:
    """Why two circuits cannot be compared at all, or nothing."""
    if allow_idle:
        return ""
    if a.num_qubits != b.num_qubits:
        return f"{a.num_qubits} and {b.num_qubits} qubits: idle ones count unless they are allowed"
    if a.num_clbits != b.num_clbits:
        return f"{a.num_clbits} and {b.num_clbits} classical bits: idle ones count unless they are allowed"
    return ""


def _untold(a: Circuit, b: Circuit) -> list[str]:
    """What was not compared although it differs."""
    counts = [circuit.count_ops() for circuit in (a, b)]
    names = [name for name in ("BARRIER", "DELAY") if counts[0].get(name, 0) != counts[1].get(name, 0)]
    return [f"not compared: {counts[0].get(name, 0)} and {counts[1].get(name, 0)} times {name}" for name in names]


def _relabelled(b: Reading, layout: Sequence[int] | None) -> Reading:
    """`b` with SWAPs at its end that bring each qubit back from where the layout has it."""
    if layout is None:
        return b
    target = {end: qubit for qubit, end in enumerate(layout)}
    measured = {clbit: (target[wire], basis) for clbit, (wire, basis) in b.measured.items()}
    swaps: list[Operation] = []
    for wire in sorted(target):
        while target[wire] != wire:
            goal = target[wire]
            swaps.append(swap(wire, goal))
            target[wire], target[goal] = target[goal], goal
    return Reading([*b.operations, *swaps], measured)

"""Whole unitaries and probing states, from the state-vector engine: two sets of amplitudes and how far apart they are.

Measurements at the end leave one phase open for each outcome, so that amplitudes are aligned outcome by outcome.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eigen import _core
from eigen.ir.circuit import Affine, CircuitBuilder
from eigen.ir.equivalence.certificate import Finding
from eigen.ir.equivalence.matrices import distance_from_phase

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    import numpy as np
    from numpy.typing import NDArray

    from eigen.ir.circuit import Circuit

    Amplitudes = NDArray[np.complex128]

MOST_UNITARY_QUBITS = 8
"""Their unitaries have 2^16 entries, which a state vector of 16 qubits holds."""


def compare_unitaries(a: Circuit, b: Circuit, measured: Sequence[int], tolerance: float) -> Finding:
    """Both unitaries, entry by entry; the error is the spectral norm of the difference."""
    import numpy as np

    first, second = unitary(a), unitary(b)
    phases, phase = _alignment(first, second, measured)
    difference = first - phases[:, None] * second
    error = float(np.linalg.norm(difference, 2))
    if error > 1e-9 and not measured:  # the phase of the trace is not quite the best
        error = distance_from_phase(second.conj().T @ first)
    return Finding("unitary", error <= tolerance, error, True, phase)


def unitary(circuit: Circuit) -> Amplitudes:
    """The unitary of a circuit: row and column are state indices.

    Each qubit is half of a Bell pair, whose other half keeps the input.
    """
    count = circuit.num_qubits
    builder = CircuitBuilder(2 * count)
    for qubit in range(count):
        builder.gate("H", [count + qubit])
        builder.gate("CX", [count + qubit, qubit])
    builder.append(circuit, range(count))
    state = _core.Plan(builder.build()).state()
    return state.reshape(1 << count, 1 << count).T * 2 ** (count / 2)


def compare_probes(
    a: Circuit, b: Circuit, measured: Sequence[int], tolerance: float, probes: int, seed: int, limit: int | None
) -> Finding:
    """Random product states through both. All agree or one does not; raises CoreError EIGEN_SIM_MEMORY.

    Each qubit is drawn from the sphere evenly. Circuits whose process fidelity is F then differ, on average over the
    probes, by an infidelity of at least 2/3 (1 - F) (Burgholzer, Kueng and Wille, ASP-DAC 2021, section 4).
    """
    import numpy as np

    count = a.num_qubits
    plans = [_core.Plan(_prepared(circuit), memory_limit_bytes=limit) for circuit in (a, b)]
    draws = _core.Philox(_core.derive_seed(seed, "probes"))
    largest, phase = 0.0, None
    for number in range(probes):
        values = _sphere(draws, count)
        first, second = (plan.state(values) for plan in plans)
        phases, own = _alignment(first, second, measured)
        if phase is None:
            phase = own
        if not measured:  # one phase for all probes: W|x> = f(x)|x> is no identity
            phases = np.full(1, phase, dtype=complex)
        largest = max(largest, float(np.linalg.norm(first - phases * second)))
        if largest > tolerance:
            told = f"probe {number + 1} of {probes} tells them apart"
            return Finding("probes", False, largest, True, phase, (told,))
    least = 1.0 - (2.0 / 3.0) ** probes
    told = (
        f"{probes} random product states agree, which is no proof: two circuits of a process fidelity below 1/2 would "
        f"pass with a probability of at most {1.0 - least:.1g}, closer ones more easily, and what differs on a share "
        "p of all inputs changes a probe by about the square root of p"
    )
    return Finding("probes", True, largest, False, phase, (told,))


def _prepared(circuit: Circuit) -> Circuit:
    """The circuit behind one gate for each qubit that turns it anywhere, by theta and phi of the qubit."""
    names = [f"{name}[{qubit}]" for qubit in range(circuit.num_qubits) for name in ("theta", "phi")]
    builder = CircuitBuilder(circuit.num_qubits, parameters=names)
    for qubit in range(circuit.num_qubits):
        theta, phi = (Affine.symbol(f"{name}[{qubit}]") for name in ("theta", "phi"))
        builder.gate("U", [qubit], [theta, phi, 0.0])
    builder.append(circuit, range(circuit.num_qubits))
    return builder.build()


def _sphere(draws: Any, count: int) -> list[float]:
    """Polar angle and azimuth of an even point for each qubit."""
    numbers = draws.uniform(2 * count)
    values: list[float] = []
    for heights, turns in zip(numbers[::2], numbers[1::2], strict=True):
        values += [_core.math.acos(1.0 - 2.0 * heights), 6.283185307179586 * turns]
    return values


def _alignment(first: Amplitudes, second: Amplitudes, measured: Sequence[int]) -> tuple[Amplitudes, complex]:
    """The phase of each row of `first` relative to `second`, equal within an outcome; and that of the whole."""
    import numpy as np

    rows = (first * second.conj()).reshape(len(first), -1).sum(axis=1)
    whole = complex(rows.sum())
    phase = whole / abs(whole) if abs(whole) > 1e-12 * len(first) else 1.0 + 0.0j
    if not measured:
        return np.full(len(first), phase, dtype=complex), phase
    index = np.arange(len(first))
    outcomes = np.zeros(len(first), dtype=np.int64)
    for place, qubit in enumerate(measured):
        outcomes |= ((index >> qubit) & 1) << place
    sums = np.bincount(outcomes, rows.real) + 1j * np.bincount(outcomes, rows.imag)
    sizes = np.abs(sums)
    phases = np.where(sizes > 1e-14, sums / np.where(sizes > 1e-14, sizes, 1.0), 1.0)
    return phases[outcomes], phase

"""`compile_for`: a circuit in a device's terms: placed, routed, in its gates and directions, verified, on record."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.errors import EigenError
from eigen.ir.circuit import CoreError
from eigen.ir.targets.proposals import Question
from eigen.ir.targets.target import Target
from eigen.ir.targets.work import LeftOut, Stage, Timing, Work, is_wide, within

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eigen.ir.circuit import Circuit
    from eigen.ir.equivalence.certificate import Certificate
    from eigen.ir.observable import Observable
    from eigen.ir.targets.proposals import Proposer

LEVELS = (0, 1, 2, 3)
VERIFY = ("no", "cheap", "thorough")
TOLERANCE = 1e-8
"""What rotations that are left out may do to a state, all together: far below what any device or count can show."""
MOST_TOLERANCE = 0.1


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
    left_out: LeftOut | None = None

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
            **({} if self.left_out is None else {"left_out": self.left_out.to_json()}),
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
    tolerance: float = TOLERANCE,
    proposers: Sequence[Proposer] = (),
    clock: Callable[[], float] | None = None,
) -> Compilation:
    """Compile a circuit for a device: a `Target`, or `all:N`, `line:N`, `ring:N`, `grid:RxC`, `heavy-hex:N`.

    Levels: 0 changes nothing that the device does not force, 1 looks at neighbours and tries few placements, 2 runs
    every pass, 3 tries much. `layout[k]` is the device qubit on which qubit k must start; otherwise it is chosen, with
    `trials` of placements if that is given. The result depends on the seed, not on `threads` (all cores by default).
    `verify` is `no`, `cheap` (what takes a fraction of a second; the rest is told to be not checked), or `thorough`.
    `schedule`, `asap` or `alap`, writes idle time as DELAYs, from the durations of the target's gates, and `decouple`,
    `XX` or `XY4`, fills them with pulses (and schedules `alap` unless told otherwise). With a `clock`, such as
    `time.perf_counter`, the stages have seconds. `proposers` may offer layouts and whole circuits, such as a
    `KnowledgeBase` of what was compiled before; what they offer counts only when it is verified.

    From level 1 on the smallest rotations are left out, as many as change no state by more than `tolerance` (1e-8, the
    2-norm) all together; 0 keeps every one. `left_out` of the result and its certificate tell how many and the bound.

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
    if not 0.0 <= tolerance <= MOST_TOLERANCE:
        message = f"the tolerance lies between 0 and {MOST_TOLERANCE}, not at `{tolerance}`"
        raise EigenError("EIGEN_USAGE", message)
    try:
        keep = verify == "thorough" or (verify == "cheap" and is_wide(circuit))
        work = Work(circuit, target, level, clock or (lambda: None), tolerance, keep=keep)
        work.answer(
            Question(circuit, target, level, seed, None if layout is None else tuple(layout), trials, tolerance),
            threads,
            proposers,
        )
        if schedule is not None or decouple is not None:
            work.schedule(schedule or "alap", decouple)
        return _compared(work, seed, verify)
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
    if len(given) != circuit.num_qubits or len(set(given)) != len(given) or not within(given, target.num_qubits):
        message = f"the layout `{given[:20]}` does not place {circuit.num_qubits} qubits on {target.num_qubits}"
        raise EigenError("EIGEN_USAGE", message, hint="layout[k] is the device qubit on which qubit k starts")


def _compared(work: Work, seed: int, verify: str) -> Compilation:
    """The result, compared with what was given."""
    certificate = None
    if verify != "no":
        from eigen.ir.targets.verification import verified

        certificate = verified(
            work.given,
            work.circuit,
            work.initial,
            work.final,
            moves=work.moves,
            trail=work.trail,
            seed=seed,
            thorough=verify == "thorough",
        )
        if certificate.is_equivalent is False:
            message = f"the circuit compiled for `{work.target.name}` is another circuit ({certificate.method})"
            raise EigenError("EIGEN_INTERNAL", message, details={"certificate": certificate.to_json()})
        certificate = _with_what_was_left_out(certificate, work.left_out)
    return Compilation(
        work.circuit,
        work.initial,
        work.final,
        work.swaps,
        tuple(work.stages),
        certificate,
        work.timing,
        work.left_out,
    )


def _with_what_was_left_out(certificate: Certificate, left_out: LeftOut | None) -> Certificate:
    """The certificate of the circuit as it was given, from that of what was left of it."""
    if left_out is None:
        return certificate
    told = f"{left_out.rotations} rotations left out, which change no state by more than {left_out.error_bound:.1e}"
    error = certificate.max_error
    return replace(
        certificate,
        max_error=None if error is None else error + left_out.error_bound,
        details=(*certificate.details, told),
    )

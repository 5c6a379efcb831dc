"""What a device of modes must refuse, by name, and how far it must go."""

from __future__ import annotations

from cmath import rect
from math import exp, factorial
from typing import TYPE_CHECKING, Any

from eigen.conformance.check import BrokenError, Check, InapplicableError
from eigen.conformance.modes.asking import can, do, exact, field, has_cutoff, pattern, photons, run, sampled, some
from eigen.conformance.modes.values import NEEDS, NOUN, PHI, R, coherent
from eigen.conformance.subject import OPTION, UNSUPPORTED, builder
from eigen.ir import Affine
from eigen.ir.modes import OBSERVABLES, OPERATIONS, ModeObservable, Modes
from eigen.types import ModesWork, SampleWork

if TYPE_CHECKING:
    from eigen.conformance.subject import Subject
    from eigen.ir.modes import ModeOperation
    from eigen.types import Json

UNKNOWN = "no_such_option"
SIZES = {"r": 0.1, "phi": 0.2, "n": 1, "theta": 0.3, "transmissivity": 0.5, "kappa": 0.1, "gamma": 0.1, "parity": 0}
MOST_WIDE = 128
CUTOFFS: tuple[Json, ...] = (0, 1, -3, True, "8", 4.5, 1 << 40)


def _simple(subject: Subject) -> ModesWork:
    """The simplest work that the device has; `InapplicableError` where there is none."""
    for modes in (
        Modes(1, [], [photons(0)]),
        Modes(1, [], [field(0)]),
        Modes(1, [], [pattern(0)]),
        Modes(1, [do("PHOTONS", 0)]),
        Modes(1, [do("HOMODYNE", 0)]),
    ):
        if can(subject, modes) and (modes.columns or subject.is_exact):
            return ModesWork(modes, (), 2 if modes.columns else None, 3)
    raise InapplicableError("it has none of the simplest programs")


def _alone(name: str) -> list[ModeOperation]:
    row = OPERATIONS[name]
    return [do(name, *range(row.num_modes or 1), **{word: SIZES[word] for word in row.params})]


def refusals(subject: Subject) -> str:
    simple, device = _simple(subject), subject.device
    for name, row in OPERATIONS.items():
        if name in device.gates:
            continue
        end = () if row.columns else simple.modes.operations
        shown = () if row.columns else simple.modes.observables
        work = ModesWork(Modes(2, [*_alone(name), *end], _padded(shown)), (), 2 if row.columns else simple.shots, 3)
        if device.num_qubits >= 2:
            subject.refusal(work, *UNSUPPORTED, naming=f"`{name}`", what=f"the operation `{name}`, which it lacks,")
    known: Any = device.properties.get("observables")
    for kind in OBSERVABLES if isinstance(known, list | tuple) else ():
        if kind not in known:
            asked = pattern(0) if kind == "pattern" else ModeObservable(kind, (0,))
            work = ModesWork(Modes(1, [], [asked]), (), None, 3)
            subject.refusal(work, *UNSUPPORTED, naming=f"`{kind}`", what=f"the observable `{kind}`, which it lacks,")
    if not subject.has("dynamic"):
        _static(subject)
    circuit = builder(1, 1).build()
    subject.refusal(SampleWork(circuit, (), 2, 3), *UNSUPPORTED, what="a circuit of qubits")
    measured = bool(simple.modes.columns)
    wrong = ModesWork(simple.modes, (), None if measured else 5, 3)
    subject.refusal(wrong, *OPTION, what="shots of nothing" if not measured else "a measurement without shots")
    return ""


def _padded(shown: Any) -> list[ModeObservable]:
    """Observables of one mode, for two of them."""
    return [pattern(0, 0) if one.kind == "pattern" else one for one in shown]


def _static(subject: Subject) -> None:
    """An operation that waits for an outcome, of those that it has."""
    measure = next((name for name in ("HOMODYNE", "PHOTONS", "THRESHOLD") if name in subject.device.gates), "")
    turn = next((name for name in ("ROTATE", "BEAMSPLITTER") if name in subject.device.gates), "")
    if measure and turn and subject.device.num_qubits >= 3:
        word = "phi" if turn == "ROTATE" else "theta"
        places = (1,) if turn == "ROTATE" else (1, 2)
        waits = do(turn, *places, **{word: Affine.symbol("#0")})
        work = ModesWork(Modes(3, [do(measure, 0), waits, do(measure, 1)]), (), 2, 3)
        subject.refusal(work, *UNSUPPORTED, what="an operation that waits for an outcome")


def settings(subject: Subject) -> str:
    simple = _simple(subject)
    given = ModesWork(simple.modes, (), simple.shots, 3, {UNKNOWN: True})
    subject.refusal(given, *OPTION, naming=UNKNOWN, what="an option that nobody knows")
    if not has_cutoff(subject):
        given = ModesWork(simple.modes, (), simple.shots, 3, {"cutoff": 8})
        subject.refusal(given, *OPTION, naming="cutoff", what="the option `cutoff`, which it lacks,")
        return ""
    for cutoff in CUTOFFS:
        given = ModesWork(simple.modes, (), simple.shots, 3, {"cutoff": cutoff})
        subject.refusal(given, *OPTION, naming="cutoff", what=f"a cutoff of {cutoff!r}")
    return "cutoff"


def cutoff(subject: Subject) -> str:
    """What a cutoff takes away is told: of a coherent state of alpha = 1.2 it is a tail of a Poisson distribution."""
    if not has_cutoff(subject):
        raise InapplicableError("it has no option `cutoff`")
    light, mean = Modes(1, [do("DISPLACE", 0, r=1.2)], [photons(0)]), 1.44
    for most in (3, 6, 20):
        told = run(subject, light, cutoff=most).metadata
        kept = exp(-mean) * sum(mean**n / factorial(n) for n in range(most))
        norm = told.get("norm")
        if told.get("cutoff") != most or not isinstance(norm, float) or not abs(norm - kept) <= 1e-6:
            raise BrokenError(
                f"of a coherent state {kept:.6f} lies below {most} photons; `cutoff` and `norm` in the metadata are "
                f"`{told.get('cutoff')}` and `{norm}`"
            )
    beyond: list[tuple[Modes, str]] = [(Modes(1, [do("FOCK", 0, n=5)], [photons(0)]), "5 photons below a cutoff of 4")]
    beyond.append((Modes(1, [], [pattern(4)]), "a pattern of 4 photons below a cutoff of 4"))
    for modes, what in beyond:
        if can(subject, modes):
            subject.refusal(ModesWork(modes, (), None, 1, {"cutoff": 4}), *UNSUPPORTED, what=what)
    return ""


def width(subject: Subject) -> str:
    device = subject.device
    most = min(device.num_qubits, MOST_WIDE)
    light = [do("DISPLACE", most - 1, r=R, phi=PHI)]
    wanted = [*coherent(most - 1, rect(R, PHI)), (photons(0), 0.0)]
    single = pattern(*(int(mode == most - 1) for mode in range(most)))
    counts = Modes(most, [do("FOCK", most - 1, n=1), do("PHOTONS", 0, most - 1)])
    asked = [
        exact(subject, most, light, wanted, what=f"{most} modes", cutoff=4 if most > 4 else 10, within=1e-3),
        exact(subject, most, [do("FOCK", most - 1, n=1)], [(single, 1.0)], what=f"{most} modes", cutoff=2),
    ]
    if not any(asked) and can(subject, counts):
        if sampled(subject, counts, shots=5, cutoff=2) != [(0.0, 1.0)] * 5:
            raise BrokenError(f"a photon in the last of {most} modes is not counted there")
        asked.append(True)
    told = some(asked)
    simple = _simple(subject)
    wide = Modes(device.num_qubits + 1, simple.modes.operations, _widened(simple.modes, device.num_qubits + 1))
    work = ModesWork(wide, (), simple.shots, 3)
    subject.refusal(work, "EIGEN_SIM_MEMORY", naming=f"`{device.num_qubits + 1}`", what="a mode too many")
    return f"{most} of {device.num_qubits} modes" if told else ""


def _widened(modes: Modes, number: int) -> list[ModeObservable]:
    return [pattern(*[0] * number) if one.kind == "pattern" else one for one in modes.observables]


CHECKS = tuple(
    Check(f"modes_{name}", NOUN, holds, run_, NEEDS, circuits=False, modes=True)
    for name, holds, run_ in (
        ("refusals", "operations, observables, circuits and outcomes that it does not take are refused by name",
         refusals),
        ("options", "options of photonic programs that it does not have, or that make no sense, are refused by name",
         settings),
        ("cutoff", "what lies beyond a cutoff of photons is told, or refused", cutoff),
        ("width", "it holds as many modes as it says, and refuses one more", width),
    )
)  # fmt: skip

"""Asking a device of modes: of a program as much as it can express, and what comes of it against closed forms.

Conventions are those of the table of operations (hbar = 2). Bounds on false alarms hold for every number of shots: a
mean of n normal numbers is normal, and of their mean square x, in units of its expectation, P(x is that far off) is at
most 2 exp(-n (x - 1 - ln x) / 2) by Chernoff's bound.
"""

from __future__ import annotations

from math import inf, log, sqrt
from statistics import NormalDist
from time import perf_counter
from typing import TYPE_CHECKING, Any

from eigen.conformance.check import BrokenError, InapplicableError
from eigen.conformance.statistics import FALSE_ALARM, SIGMAS
from eigen.ir.modes import MAX_SAMPLED, ModeObservable, ModeOperation, Modes
from eigen.ir.modes.asked import modes_refusal
from eigen.types import ModesWork

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from eigen.conformance.subject import Subject
    from eigen.ir import Affine
    from eigen.types import Json, WorkResult

    Asked = Sequence[tuple[ModeObservable, float]]

CUT_TOLERANCE = 1e-5
"""Of devices with a cutoff, which they are given with room."""
APPROXIMATE = 0.05
"""Of operations that a device says it approximates."""
PHOTONS = 16
SHOTS = 4000
FEW = 4
LONGEST = 8.0
"""Seconds that the shots of one question may take: of slow devices fewer are asked for."""
BINS = 16


def do(name: str, *modes: int, **params: float | Affine) -> ModeOperation:
    """An operation of the table."""
    return ModeOperation(name, modes, params)


def photons(mode: int) -> ModeObservable:
    """The mean number of photons."""
    return ModeObservable("photons", (mode,))


def field(mode: int, phi: float = 0.0) -> ModeObservable:
    """The mean of x cos(phi) + p sin(phi)."""
    return ModeObservable("quadrature", (mode,), phi)


def spread(mode: int, phi: float = 0.0) -> ModeObservable:
    """The variance of x cos(phi) + p sin(phi)."""
    return ModeObservable("variance", (mode,), phi)


def pattern(*counts: int) -> ModeObservable:
    """The probability of these numbers of photons."""
    return ModeObservable("pattern", pattern=counts)


def can(subject: Subject, modes: Modes) -> bool:
    """Whether a device can be asked, by what it says."""
    return modes.num_modes <= subject.device.num_qubits and modes_refusal(subject.device, modes) is None


def some(asked: Iterable[bool]) -> str:
    """How many of several questions were asked; `InapplicableError` where none could be."""
    count = sum(asked)
    if not count:
        raise InapplicableError("it has not the operations, observables or modes for it")
    return f"{count} programs"


def has_cutoff(subject: Subject) -> bool:
    """Whether it holds states up to a number of photons that it is told."""
    return "cutoff" in listed(subject, "options")


def listed(subject: Subject, name: str) -> list[Any]:
    """A property that is a list; empty where it is none."""
    found: Any = subject.device.properties.get(name)
    return list(found) if isinstance(found, list | tuple) else []  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def options(subject: Subject, cutoff: int) -> Mapping[str, Json]:
    """What it must be told to hold that many photons."""
    return {"cutoff": cutoff} if has_cutoff(subject) else {}


def tolerance(subject: Subject, modes: Modes) -> float:
    """How far off an exact value of a program may be."""
    if set(modes.count_ops()) & set(listed(subject, "approximate")):
        return APPROXIMATE
    return max(subject.tolerance, CUT_TOLERANCE if has_cutoff(subject) else 0.0)


def run(
    subject: Subject,
    modes: Modes,
    values: Sequence[float] = (),
    *,
    shots: int | None = None,
    seed: int = 7,
    cutoff: int = PHOTONS,
) -> WorkResult:
    """The result of a program, with nothing in it that was not asked for."""
    found = subject.ask(ModesWork(modes, tuple(values), shots, seed, options(subject, cutoff)))
    others = (found.counts, found.value, found.gradient, found.samples if shots is None else found.series)
    if others != (None, None, None, None):
        raise BrokenError("a photonic program is answered with more than its values or its samples")
    return found


def exact(
    subject: Subject,
    num_modes: int,
    operations: Sequence[ModeOperation],
    asked: Asked,
    values: Sequence[float] = (),
    *,
    what: str = "",
    cutoff: int = PHOTONS,
    within: float = 0.0,
) -> bool:
    """Values after a program are the expected ones, of those observables that the device knows; whether any was
    asked. Of a device with a cutoff they may be off by `within`."""
    known = listed(subject, "observables") if "observables" in subject.device.properties else None
    pairs = [(one, wanted) for one, wanted in asked if known is None or one.kind in known]
    modes = Modes(num_modes, operations, [one for one, _ in pairs])
    if not pairs or not subject.is_exact or not can(subject, modes):
        return False
    found = run(subject, modes, values, cutoff=cutoff).series
    if found is None or len(found) != len(pairs):
        raise BrokenError(f"{what}: {len(pairs)} values were asked for, {found and len(found)} came")
    for (one, wanted), value in zip(pairs, found, strict=True):
        bound = max(tolerance(subject, modes), within if has_cutoff(subject) else 0.0)
        if not abs(value - wanted) <= bound * max(1.0, abs(wanted)):
            which = f"{one.kind} of {one.pattern or one.modes}" + (f" at {one.phi:g}" if one.phi else "")
            raise BrokenError(f"{what}: {which} is {wanted:.9g}, got {value:.9g}")
    return True


def sampled(
    subject: Subject,
    modes: Modes,
    values: Sequence[float] = (),
    *,
    shots: int,
    seed: int = 11,
    cutoff: int = PHOTONS,
) -> list[tuple[float, ...]]:
    """Rows of what is measured, as many as asked for, each as wide as its columns."""
    found = run(subject, modes, values, shots=shots, seed=seed, cutoff=cutoff).samples
    width = len(modes.columns)
    if found is None or len(found) != shots * width:
        raise BrokenError(f"{shots} shots of {width} numbers gave {None if found is None else len(found)} numbers")
    return [tuple(found[start : start + width]) for start in range(0, len(found), width)]


def many(subject: Subject, modes: Modes, *, wanted: int = SHOTS, cutoff: int = PHOTONS) -> list[tuple[float, ...]]:
    """As many rows as are wanted, or fewer of a device that is slow."""
    least = min(FEW, subject.device.max_shots)
    sampled(subject, modes, shots=1, cutoff=cutoff)  # what it compiles at first
    started = perf_counter()
    rows = sampled(subject, modes, shots=least, seed=12, cutoff=cutoff)
    pace = (perf_counter() - started) / least
    most = min(wanted, subject.device.max_shots, MAX_SAMPLED // max(1, len(modes.columns)))
    shots = min(most, int(LONGEST / pace) if pace > 0.0 else most)
    return rows if shots <= least else sampled(subject, modes, shots=shots, cutoff=cutoff)


def normal(subject: Subject, found: Sequence[float], mean: float, variance: float, *, what: str) -> None:
    """Numbers are normally distributed, with this mean and variance."""
    subject.comparisons += 2
    count, deviation = len(found), sqrt(variance)
    off = sum(found) / count - mean
    if not abs(off) <= SIGMAS * deviation / sqrt(count):
        raise BrokenError(f"{what}: the mean is {mean:.4g}, of {count} shots it was {mean + off:.4g}")
    square = sum((value - mean) ** 2 for value in found) / count / variance
    surprise = count * (square - 1.0 - log(square)) / 2 if square > 0.0 else inf
    if not surprise <= log(2 / FALSE_ALARM):
        raise BrokenError(f"{what}: the variance is {variance:.4g}, of {count} shots it was {square * variance:.4g}")
    shape = NormalDist(mean, deviation)
    bins: dict[str, int] = {}
    for value in found:
        name = str(min(BINS - 1, int(BINS * shape.cdf(value))))
        bins[name] = bins.get(name, 0) + 1
    subject.compare(bins, {str(place): 1 / BINS for place in range(BINS)}, what=f"{what}, in {BINS} equal parts")


def counted(
    subject: Subject, rows: Sequence[tuple[float, ...]], expected: Mapping[tuple[int, ...], float], *, what: str
) -> None:
    """Rows of numbers of photons come from a distribution; what it leaves out is one outcome."""
    left = max(0.0, 1.0 - sum(expected.values()))
    ideal = {",".join(map(str, row)): share for row, share in expected.items() if share > 0.0}
    if left > FALSE_ALARM / max(1, len(rows)):
        ideal["others"] = left
    counts: dict[str, int] = {}
    for row in rows:
        name = ",".join(f"{value:g}" for value in row)
        name = name if name in ideal else "others" if "others" in ideal and tuple(row) not in expected else name
        counts[name] = counts.get(name, 0) + 1
    subject.compare(counts, ideal, what=what)

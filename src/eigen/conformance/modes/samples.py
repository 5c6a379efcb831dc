"""What is measured of modes of light: quadratures, photons, clicks, and what follows from outcomes."""

from __future__ import annotations

from math import comb, cos, cosh, exp, factorial, pi, sin, sqrt, tanh
from typing import TYPE_CHECKING

from eigen.conformance.check import BrokenError, Check, InapplicableError
from eigen.conformance.modes.asking import (
    can,
    counted,
    do,
    has_cutoff,
    many,
    normal,
    options,
    sampled,
    some,
)
from eigen.conformance.modes.values import HONG_OU_MANDEL, NEEDS, NOUN, PHI, WEEDBROOK, R
from eigen.conformance.subject import OPTION
from eigen.ir import Affine
from eigen.ir.modes import MAX_SAMPLED, Modes
from eigen.types import ModesWork

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.conformance.subject import Subject
    from eigen.ir.modes import ModeOperation

BRAUNSTEIN_KIMBLE = "Braunstein and Kimble, Phys. Rev. Lett. 80, 869 (1998)"
SHOTS = (1, 2, 999, 10_000)
SEEDS = (0, 11, (1 << 63) + 11, (1 << 64) - 1)
PATTERNS = 12
"""Photons up to which a distribution is written out."""


def homodyne(subject: Subject) -> str:
    asked: list[bool] = []
    for angle in (0.0, 0.6, pi / 2):
        state = [do("SQUEEZE", 0, r=R, phi=PHI), do("DISPLACE", 0, r=R, phi=-0.5)]
        modes = Modes(1, [*state, do("HOMODYNE", 0, phi=angle)])
        if can(subject, modes):
            turn = angle - PHI / 2
            variance = exp(-2 * R) * cos(turn) ** 2 + exp(2 * R) * sin(turn) ** 2
            found = [row[0] for row in many(subject, modes)]
            normal(subject, found, 2 * R * cos(-0.5 - angle), variance, what=f"HOMODYNE at {angle:g}")
            asked.append(True)
    return some([*asked, _correlated(subject)])


def _correlated(subject: Subject) -> bool:
    """Both halves of a pair: their sum and difference have variances of their own, and columns are in order."""
    pair = [do("TWO_MODE_SQUEEZE", 0, 1, r=R), do("DISPLACE", 1, r=0.4)]
    modes = Modes(2, [*pair, do("HOMODYNE", 1), do("HOMODYNE", 0)])
    if not can(subject, modes):
        return False
    rows = many(subject, modes)
    normal(subject, [row[0] - row[1] for row in rows], 0.8, 2 * exp(-2 * R), what="x_1 - x_0 of a pair")
    normal(subject, [row[0] + row[1] for row in rows], 0.8, 2 * exp(2 * R), what="x_1 + x_0 of a pair")
    normal(subject, [row[0] for row in rows], 0.8, cosh(2 * R), what="x_1, which is measured first")
    return True


def heterodyne(subject: Subject) -> str:
    state = [do("SQUEEZE", 0, r=R), do("DISPLACE", 0, r=0.5, phi=PHI)]
    modes = Modes(1, [*state, do("HETERODYNE", 0)])
    if not can(subject, modes):
        return some([])
    rows = many(subject, modes)
    for part, mean, variance in ((0, cos(PHI), exp(-2 * R)), (1, sin(PHI), exp(2 * R))):
        what = f"the {('real', 'imaginary')[part]} part of alpha"
        normal(subject, [row[part] for row in rows], 0.5 * mean, (variance + 1) / 4, what=what)
    both = [row[0] + row[1] for row in rows]
    normal(subject, both, 0.5 * (cos(PHI) + sin(PHI)), (cosh(2 * R) + 1) / 2, what="the sum of both parts of alpha")
    return ""


def photon_counts(subject: Subject) -> str:
    mean, hot = 0.25, 0.06
    c, s = cos(0.7), sin(0.7)
    meeting: Sequence[ModeOperation] = [do("FOCK", 0, n=1), do("FOCK", 2, n=1)]
    questions: Sequence[tuple[str, int, Sequence[ModeOperation], dict[tuple[int, ...], float], int]] = (
        ("a coherent state", 1, [do("DISPLACE", 0, r=0.5, phi=PHI)],
         {(n,): exp(-mean) * mean**n / factorial(n) for n in range(PATTERNS)}, 16),
        ("a thermal state", 1, [do("THERMAL", 0, n=hot)],
         {(n,): hot**n / (1 + hot) ** (n + 1) for n in range(PATTERNS)}, 16),
        ("a squeezed pair", 2, [do("TWO_MODE_SQUEEZE", 0, 1, r=0.4)],
         {(n, n): tanh(0.4) ** (2 * n) / cosh(0.4) ** 2 for n in range(PATTERNS)}, 16),
        ("photons that are there", 3, [do("FOCK", 1, n=2), do("FOCK", 2, n=1)], {(1, 2, 0): 1.0}, 4),
        ("two photons that meet", 3, [*meeting, do("BEAMSPLITTER", 0, 2, theta=pi / 4, phi=0.3)],
         {(2, 0, 0): 0.5, (0, 0, 2): 0.5}, 4),
        ("two photons at an uneven beamsplitter", 3, [*meeting, do("BEAMSPLITTER", 0, 2, theta=0.7)],
         {(1, 0, 1): (c * c - s * s) ** 2, (2, 0, 0): 2 * (c * s) ** 2, (0, 0, 2): 2 * (c * s) ** 2}, 4),
        ("four photons, some of which are lost", 1, [do("FOCK", 0, n=4), do("LOSS", 0, transmissivity=0.6)],
         {(n,): comb(4, n) * 0.6**n * 0.4 ** (4 - n) for n in range(5)}, 6),
    )  # fmt: skip
    asked: list[bool] = []
    for what, number, state, expected, cutoff in questions:
        places = tuple(reversed(range(number)))
        modes = Modes(number, [*state, do("PHOTONS", *places)])
        if can(subject, modes):
            counted(subject, many(subject, modes, cutoff=cutoff), expected, what=f"photons of {what}")
            asked.append(True)
    return some(asked)


def one_by_one(subject: Subject) -> str:
    """Halves of pairs that are counted by measurements of their own agree as those of one measurement do."""
    share = tanh(0.4) ** 2
    both = {(n, n): share**n * (1 - share) for n in range(PATTERNS)}
    pair = do("TWO_MODE_SQUEEZE", 0, 1, r=0.4)
    photons = [do("FOCK", 0, n=1), do("BEAMSPLITTER", 0, 1, theta=pi / 4)]
    asked: list[bool] = []
    for state, expected, cutoff in (([pair], both, 16), (photons, {(1, 0): 0.5, (0, 1): 0.5}, 3)):
        modes = Modes(2, [*state, do("PHOTONS", 1), do("PHOTONS", 0)])
        if can(subject, modes):
            counted(subject, many(subject, modes, cutoff=cutoff), expected, what="photons counted one after the other")
            asked.append(True)
    return some(asked)


def thresholds(subject: Subject) -> str:
    click, pair = 1 - exp(-0.25), tanh(0.6) ** 2
    questions: Sequence[tuple[str, int, Sequence[ModeOperation], dict[tuple[int, ...], float]]] = (
        ("a coherent state", 2, [do("DISPLACE", 0, r=0.5)], {(0, 1): click, (0, 0): 1 - click}),
        ("a squeezed pair", 2, [do("TWO_MODE_SQUEEZE", 0, 1, r=0.6)], {(1, 1): pair, (0, 0): 1 - pair}),
        ("two photons", 2, [do("FOCK", 0, n=2)], {(0, 1): 1.0}),
        ("lost photons", 2, [do("FOCK", 0, n=2), do("LOSS", 0, transmissivity=0.5)], {(0, 1): 0.75, (0, 0): 0.25}),
    )
    asked: list[bool] = []
    for what, number, state, expected in questions:
        modes = Modes(number, [*state, do("THRESHOLD", 1, 0)])
        if can(subject, modes):
            counted(subject, many(subject, modes, wanted=1000), expected, what=f"clicks of {what}")
            asked.append(True)
    return some(asked)


def feed_forward(subject: Subject) -> str:
    """Half of a pair is measured, and the other half follows: with the best factor, tanh(2r), 1/cosh(2r) is left of its
    variance. The factor is that of x; half of it is that of alpha."""
    if not subject.has("dynamic"):
        raise InapplicableError("it does not declare `dynamic`; `modes_refusals` asks whether it refuses")
    follows = Affine.symbol("#1") * (-tanh(0.8) / 2) + 0.3
    pair = [do("TWO_MODE_SQUEEZE", 1, 2, r=0.4), do("HOMODYNE", 0), do("HOMODYNE", 1)]
    chain = [*pair, do("DISPLACE", 2, r=follows), do("HOMODYNE", 2)]
    modes = Modes(3, chain)
    asked = [can(subject, modes)]
    if asked[0]:
        rows = many(subject, modes, cutoff=10)
        left = [row[2] for row in rows]
        normal(subject, left, 0.6, 1 / cosh(0.8), what="x of a mode that follows the outcome of another")
        normal(subject, [row[1] for row in rows], 0.0, cosh(0.8), what="x of the mode that is followed")
    return some([*asked, _teleported(subject)])


def _teleported(subject: Subject) -> bool:
    half, squeezing = 1 / sqrt(2), 0.8
    modes = Modes(
        3,
        [
            do("DISPLACE", 0, r=0.5, phi=PHI),
            do("TWO_MODE_SQUEEZE", 1, 2, r=squeezing),
            do("BEAMSPLITTER", 0, 1, theta=pi / 4),
            do("HOMODYNE", 0),
            do("HOMODYNE", 1, phi=pi / 2),
            do("DISPLACE", 2, r=Affine.symbol("#0") * half),
            do("DISPLACE", 2, r=Affine.symbol("#1") * half, phi=pi / 2),
            do("HETERODYNE", 2),
        ],
    )
    if has_cutoff(subject) or not can(subject, modes):
        return False
    rows = many(subject, modes, wanted=2000)
    noise = 0.5 + exp(-2 * squeezing) / 2
    for part, mean in ((2, 0.5 * cos(PHI)), (3, 0.5 * sin(PHI))):
        normal(subject, [row[part] for row in rows], mean, noise, what="a teleported coherent state")
    return True


def _random(subject: Subject) -> Modes:
    """A program that measures something random; `InapplicableError` where it has none."""
    spread = [do("FOCK", 0, n=3), do("BEAMSPLITTER", 0, 1, theta=pi / 4)]
    for modes in (
        Modes(2, [*spread, do("PHOTONS", 0, 1)]),
        Modes(1, [do("DISPLACE", 0, r=1.0), do("PHOTONS", 0)]),
        Modes(1, [do("SQUEEZE", 0, r=R), do("HOMODYNE", 0)]),
    ):
        if can(subject, modes):
            return modes
    raise InapplicableError("it measures nothing that this kit knows to be random")


def seeds(subject: Subject) -> str:
    """Of 60 outcomes two seeds have the same with a probability below 1e-15."""
    if not subject.has("seed"):
        raise InapplicableError("it does not declare `seed`")
    modes, seen = _random(subject), list[list[tuple[float, ...]]]()
    for seed in SEEDS:
        first, again = (sampled(subject, modes, shots=60, seed=seed, cutoff=6) for _ in range(2))
        if first != again:
            raise BrokenError(f"the seed {seed} gave other samples the second time")
        if first in seen:
            raise BrokenError(f"the seed {seed} gives the samples of another seed")
        seen.append(first)
    return ""


def shots(subject: Subject) -> str:
    """More of them as far as time allows."""
    modes = _random(subject)
    most = len(many(subject, modes, wanted=SHOTS[-1], cutoff=6))
    for count in SHOTS[:-1]:
        if count <= min(subject.device.max_shots, max(2, most)):
            sampled(subject, modes, shots=count, cutoff=6)
    limit = min(subject.device.max_shots, MAX_SAMPLED // len(modes.columns))
    for count in (0, -1, subject.device.max_shots + 1):
        work = ModesWork(modes, (), count, 1, options(subject, 6))
        subject.refusal(work, *OPTION, "EIGEN_LIMIT_EXCEEDED", what=f"{count} shots")
    if can(subject, wide := Modes(1, [do("HETERODYNE", 0)])) and 2 * subject.device.max_shots > MAX_SAMPLED:
        work = ModesWork(wide, (), MAX_SAMPLED // 2 + 1, 1, options(subject, 6))
        subject.refusal(work, "EIGEN_LIMIT_EXCEEDED", what=f"more than {MAX_SAMPLED:,} numbers")
    return f"up to {most:,} of {limit:,}"


CHECKS = tuple(
    Check(f"modes_{name}", NOUN, holds, run, NEEDS, source=source, circuits=False, modes=True)
    for name, holds, run, source in (
        ("homodyne", "quadratures at any angle are normally distributed, those of a pair correlated", homodyne,
         WEEDBROOK),
        ("heterodyne", "both parts of alpha come with the noise of a vacuum", heterodyne, WEEDBROOK),
        ("photon_counts", "photons of light, of pairs, of photons that meet and of lost ones", photon_counts,
         HONG_OU_MANDEL),
        ("one_by_one", "modes that are counted one after the other are as correlated as those counted at once",
         one_by_one, ""),
        ("thresholds", "clicks tell whether there are photons, and those of a pair agree", thresholds, ""),
        ("feed_forward", "what depends on an outcome follows it in every shot: teleportation", feed_forward,
         BRAUNSTEIN_KIMBLE),
        ("seeds", "the same seed gives the same samples, another one others, whatever its 64 bits", seeds, ""),
        ("shots", "exactly as many rows as shots, and no impossible number of them", shots, ""),
    )
)  # fmt: skip

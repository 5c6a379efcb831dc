"""Exact values of modes of light: each operation with its conventions, by quadratures, photons and patterns."""

from __future__ import annotations

from cmath import exp as cexp
from cmath import rect
from math import cos, cosh, exp, factorial, pi, sin, sinh, sqrt, tanh
from typing import TYPE_CHECKING

from eigen.conformance.check import BrokenError, Check
from eigen.conformance.modes.asking import can, do, exact, field, options, pattern, photons, some, spread
from eigen.ir import Affine
from eigen.ir.modes import Modes
from eigen.types import ModesWork

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.conformance.subject import Subject
    from eigen.ir.modes import ModeObservable, ModeOperation

NOUN = "modes"
WEEDBROOK = "Weedbrook et al., Rev. Mod. Phys. 84, 621 (2012)"
HONG_OU_MANDEL = "Hong, Ou and Mandel, Phys. Rev. Lett. 59, 2044 (1987)"
ANGLES = (0.0, 0.6, pi / 2, -2.1)
R, PHI = 0.25, 0.7
NEEDS = frozenset({"modes"})
ROUGH = 1e-3
"""Of a cubic phase in a space that is cut off."""


def coherent(mode: int, alpha: complex) -> list[tuple[ModeObservable, float]]:
    """What a mode in a coherent state must give."""
    fields = [(field(mode, phi), 2 * (alpha * rect(1.0, -phi)).real) for phi in ANGLES]
    return [*fields, (photons(mode), abs(alpha) ** 2), *((spread(mode, phi), 1.0) for phi in ANGLES[:2])]


def squeezed(mode: int, r: float, phi: float, kept: float = 1.0) -> list[tuple[ModeObservable, float]]:
    """What SQUEEZE(r, phi) of the vacuum must give, of which a part is kept."""
    found: list[tuple[ModeObservable, float]] = [(photons(mode), kept * sinh(r) ** 2)]
    for angle in ANGLES:
        turn = angle - phi / 2
        variance = exp(-2 * r) * cos(turn) ** 2 + exp(2 * r) * sin(turn) ** 2
        found += [(spread(mode, angle), kept * variance + 1.0 - kept), (field(mode, angle), 0.0)]
    return found


def order(subject: Subject) -> str:
    light = [do("DISPLACE", mode, r=0.1 + 0.1 * mode, phi=0.3 * mode) for mode in (2, 0, 1)]
    wanted = [row for mode in (1, 2, 0) for row in coherent(mode, rect(0.1 + 0.1 * mode, 0.3 * mode))]
    single = [do("FOCK", 2, n=1), do("FOCK", 0, n=2)]
    shown = [(pattern(2, 0, 1), 1.0), (pattern(1, 0, 2), 0.0), (photons(2), 1.0), (photons(0), 2.0), (photons(1), 0.0)]
    return some(
        [
            exact(subject, 3, light, wanted, what="three coherent states", cutoff=8),
            exact(subject, 3, single, shown, what="photons in modes 0 and 2", cutoff=4),
        ]
    )


def vacuum(subject: Subject) -> str:
    dark = [(photons(0), 0.0), *((spread(0, phi), 1.0) for phi in ANGLES), *((field(0, phi), 0.0) for phi in ANGLES)]
    full, both = pattern(0, 0), [do("DISPLACE", 0, r=R, phi=PHI), do("DISPLACE", 1, r=R)]
    again = [*both, do("BEAMSPLITTER", 0, 1, theta=0.4), do("VACUUM", 0)]
    pair = [do("FOCK", 0, n=1), do("BEAMSPLITTER", 0, 1, theta=pi / 4), do("VACUUM", 0)]
    rest = rect(R, 0.0) * cos(0.4) + rect(R, PHI) * sin(0.4)
    return some(
        [
            exact(subject, 2, [], [*dark, (full, 1.0)], what="what a program begins with"),
            exact(subject, 2, again, [*dark, *coherent(1, rest)], what="a mode that is prepared again"),
            exact(
                subject,
                2,
                pair,
                [(photons(0), 0.0), (pattern(0, 1), 0.5), (pattern(0, 0), 0.5)],
                what="the partner of a mode that is prepared again",
                cutoff=4,
            ),
        ]
    )


def displacement(subject: Subject) -> str:
    alpha, moved = rect(R, PHI), [do("DISPLACE", 0, r=0.2, phi=2.0), do("DISPLACE", 0, r=-0.1, phi=0.4)]
    return some(
        [
            exact(subject, 2, [do("DISPLACE", 1, r=R, phi=PHI)], coherent(1, alpha), what="DISPLACE"),
            exact(subject, 1, moved, coherent(0, rect(0.2, 2.0) - rect(0.1, 0.4)), what="DISPLACE twice"),
            exact(subject, 2, [do("COHERENT", 1, r=R, phi=PHI)], coherent(1, alpha), what="COHERENT"),
        ]
    )


def squeezing(subject: Subject) -> str:
    asked = [
        exact(subject, 1, [do(name, 0, r=r, phi=phi)], squeezed(0, r, phi), what=name)
        for name in ("SQUEEZE", "SQUEEZED")
        for r, phi in ((R, 0.0), (R, PHI), (-R, PHI))
    ]
    return some(asked)


def rotation(subject: Subject) -> str:
    turned = [do("DISPLACE", 0, r=R, phi=PHI), do("ROTATE", 0, phi=0.9)]
    stretched = [do("SQUEEZE", 0, r=R, phi=PHI), do("ROTATE", 0, phi=0.4)]
    ring = [do("FOCK", 0, n=1), do("BEAMSPLITTER", 0, 1), do("ROTATE", 1, phi=0.8), do("BEAMSPLITTER", 0, 1)]
    dark = abs((1 - cexp(0.8j)) / 2) ** 2
    return some(
        [
            exact(subject, 1, turned, coherent(0, rect(R, PHI + 0.9)), what="ROTATE of a coherent state"),
            exact(subject, 1, stretched, squeezed(0, R, PHI + 0.8), what="ROTATE of a squeezed vacuum"),
            exact(
                subject,
                2,
                ring,
                [(photons(0), dark), (pattern(1, 0), dark), (pattern(0, 1), 1 - dark)],
                what="a photon in an interferometer",
                cutoff=3,
            ),
        ]
    )


def beamsplitter(subject: Subject) -> str:
    asked: list[bool] = []
    for theta, phi in ((0.5, 0.3), (pi / 4, 0.0), (-0.8, 2.2), (pi / 2, 0.0)):
        a, b = rect(R, PHI), rect(0.3, -0.4)
        light = [do("DISPLACE", 2, r=R, phi=PHI), do("DISPLACE", 0, r=0.3, phi=-0.4)]
        mixed = [*light, do("BEAMSPLITTER", 2, 0, theta=theta, phi=phi)]
        first = a * cos(theta) - b * cexp(-1j * phi) * sin(theta)
        second = b * cos(theta) + a * cexp(1j * phi) * sin(theta)
        wanted = [*coherent(2, first), *coherent(0, second), (photons(1), 0.0)]
        asked.append(exact(subject, 3, mixed, wanted, what=f"BEAMSPLITTER({theta:g}, {phi:g})", cutoff=10))
        for mode in (0, 1):
            alone = [do("FOCK", mode, n=1), do("BEAMSPLITTER", 0, 1, theta=theta, phi=phi)]
            shown = [
                (pattern(*(int(k == mode) for k in (0, 1))), cos(theta) ** 2),
                (photons(1 - mode), sin(theta) ** 2),
            ]
            asked.append(exact(subject, 2, alone, shown, what=f"BEAMSPLITTER({theta:g}) of a photon", cutoff=3))
    return some([*asked, _two_in_a_row(subject)])


def _two_in_a_row(subject: Subject) -> bool:
    """A photon through two beamsplitters whose angles phi differ: the phase between its two ways counts."""
    ways = [
        do("FOCK", 0, n=1),
        do("BEAMSPLITTER", 0, 1, theta=0.6, phi=0.5),
        do("BEAMSPLITTER", 1, 0, theta=0.9, phi=0.4),
    ]
    first, second = cos(0.6), cexp(0.5j) * sin(0.6)
    left = first * cos(0.9) + second * cexp(0.4j) * sin(0.9)
    wanted = [(pattern(1, 0), abs(left) ** 2), (photons(1), 1 - abs(left) ** 2)]
    return exact(subject, 2, ways, wanted, what="two beamsplitters in a row", cutoff=3)


def two_mode_squeezing(subject: Subject) -> str:
    pair = [do("TWO_MODE_SQUEEZE", 0, 1, r=R, phi=PHI)]
    alone = [row for mode in (0, 1) for row in [(photons(mode), sinh(R) ** 2), (spread(mode, 0.4), cosh(2 * R))]]
    split = [*pair, do("BEAMSPLITTER", 0, 1, theta=pi / 4)]
    apart = [row for mode, sign in ((0, 1.0), (1, -1.0)) for row in squeezed(mode, sign * R, PHI)]
    shown = [(pattern(n, n), tanh(R) ** (2 * n) / cosh(R) ** 2) for n in range(4)] + [(pattern(1, 0), 0.0)]
    return some(
        [
            exact(subject, 2, pair, alone, what="each half of a pair"),
            exact(subject, 2, split, apart, what="a pair behind a beamsplitter"),
            exact(subject, 2, pair, shown, what="the photons of a pair"),
        ]
    )


def loss(subject: Subject) -> str:
    asked: list[bool] = []
    for kept in (0.0, 0.7, 1.0):
        lost = do("LOSS", 0, transmissivity=kept)
        light, narrow = [do("DISPLACE", 0, r=R, phi=PHI), lost], [do("SQUEEZE", 0, r=R, phi=PHI), lost]
        asked.append(exact(subject, 1, light, coherent(0, sqrt(kept) * rect(R, PHI)), what=f"LOSS({kept:g})"))
        asked.append(exact(subject, 1, narrow, squeezed(0, R, PHI, kept), what=f"LOSS({kept:g}) of squeezed light"))
        two = [(pattern(2), kept**2), (pattern(1), 2 * kept * (1 - kept)), (pattern(0), (1 - kept) ** 2)]
        asked.append(
            exact(
                subject, 1, [do("FOCK", 0, n=2), lost], [*two, (photons(0), 2 * kept)], what="of two photons", cutoff=4
            )
        )
    return some(asked)


def thermal(subject: Subject) -> str:
    """With n = 0.06, so that few photons suffice."""
    hot, mean = [do("DISPLACE", 0, r=R), do("THERMAL", 0, n=0.06)], 0.06
    shown = [(pattern(n), mean**n / (1 + mean) ** (n + 1)) for n in range(3)]
    wanted = [(photons(0), mean), *((spread(0, phi), 2 * mean + 1) for phi in ANGLES), (field(0), 0.0), *shown]
    return some([exact(subject, 1, hot, wanted, what="THERMAL")])


def patterns(subject: Subject) -> str:
    poisson = [(pattern(n), exp(-(0.5**2)) * 0.25**n / factorial(n)) for n in range(5)]
    pairs = [
        (pattern(n), 0.0 if n % 2 else factorial(n) / factorial(n // 2) ** 2 * (tanh(R) / 2) ** n / cosh(R))
        for n in range(6)
    ]
    meeting = [do("FOCK", 0, n=1), do("FOCK", 1, n=1), do("BEAMSPLITTER", 0, 1, theta=pi / 4, phi=0.3)]
    shown = [(pattern(1, 1), 0.0), (pattern(2, 0), 0.5), (pattern(0, 2), 0.5)]
    three = [do("FOCK", 0, n=2), do("FOCK", 1, n=1), do("BEAMSPLITTER", 0, 1, theta=0.7)]
    c, s = cos(0.7), sin(0.7)
    stays = (c * (c * c - 2 * s * s)) ** 2
    return some(
        [
            exact(subject, 1, [do("DISPLACE", 0, r=0.5, phi=PHI)], poisson, what="photons of a coherent state"),
            exact(subject, 1, [do("SQUEEZE", 0, r=R, phi=PHI)], pairs, what="photons of a squeezed vacuum"),
            exact(subject, 2, meeting, shown, what="two photons that meet", cutoff=4),
            exact(subject, 2, three, [(pattern(2, 1), stays)], what="three photons that meet", cutoff=5),
        ]
    )


def nonlinear(subject: Subject) -> str:
    alpha, kappa, gamma = 0.5, 0.4, 0.05
    light = do("DISPLACE", 0, r=alpha)
    bent = alpha * cexp(1j * kappa) * cexp(alpha**2 * (cexp(2j * kappa) - 1))
    crossed = alpha * cexp(0.09 * (cexp(1j * kappa) - 1))
    kerr = [(field(0, phi), 2 * (bent * rect(1.0, -phi)).real) for phi in ANGLES]
    cross = [(field(0, phi), 2 * (crossed * rect(1.0, -phi)).real) for phi in ANGLES]
    cubic = [(field(0, pi / 2), gamma), (spread(0, pi / 2), 1 + 2 * gamma**2), (spread(0), 1.0)]
    cats = [
        exact(
            subject,
            2,
            [do("CAT", 1, r=alpha, phi=PHI, parity=parity)],
            [(photons(1), alpha**2 * (tanh(alpha**2) if parity == 0 else 1 / tanh(alpha**2)))],
            what=f"CAT of parity {parity}",
        )
        for parity in (0, 1)
    ]
    return some(
        [
            exact(subject, 1, [light, do("KERR", 0, kappa=kappa)], kerr, what="KERR"),
            exact(
                subject,
                2,
                [light, do("DISPLACE", 1, r=0.3), do("CROSS_KERR", 0, 1, kappa=kappa)],
                cross,
                what="CROSS_KERR",
                cutoff=10,
            ),
            exact(subject, 1, [do("CUBIC_PHASE", 0, gamma=gamma)], cubic, what="CUBIC_PHASE", within=ROUGH),
            *cats,
        ]
    )


def idle(subject: Subject) -> str:
    """Light in the last of four modes, and nowhere else."""
    dark = [row for mode in range(3) for row in ((photons(mode), 0.0), (spread(mode, 0.3), 1.0))]
    light = [do("DISPLACE", 3, r=R, phi=PHI)]
    return some(
        [
            exact(subject, 4, light, [*dark, *coherent(3, rect(R, PHI))], what="one mode of four", cutoff=6),
            exact(subject, 4, [do("FOCK", 3, n=1)], [*dark, (pattern(0, 0, 0, 1), 1.0)], what="a photon", cutoff=3),
        ]
    )


def parameters(subject: Subject) -> str:
    """The same program at several values, the names of which come in another order than that of the alphabet."""
    a, b, c = (Affine.symbol(name) for name in "abc")
    light: Sequence[ModeOperation] = [do("DISPLACE", 0, r=a * 0.5 + 0.1, phi=b), do("ROTATE", 0, phi=b * 2.0)]
    split = [
        do("FOCK", 0, n=1),
        do("BEAMSPLITTER", 0, 1, theta=c + 0.1),
        do("ROTATE", 0, phi=b * 2.0),
        do("BEAMSPLITTER", 0, 1, theta=0.6),
    ]
    asked: list[bool] = []
    for size, turn in ((0.3, 0.8), (0.5, -0.2), (0.3, 0.8)):
        given = {"a": size, "b": turn, "c": size}
        alpha = rect(0.5 * size + 0.1, 3 * turn)
        names = Modes(1, light).parameters
        asked.append(exact(subject, 1, light, coherent(0, alpha), [given[name] for name in names], what="parameters"))
        left = cexp(2j * turn) * cos(size + 0.1) * cos(0.6) - sin(size + 0.1) * sin(0.6)
        names = Modes(2, split).parameters
        shown = [(pattern(1, 0), abs(left) ** 2), (photons(0), abs(left) ** 2)]
        asked.append(exact(subject, 2, split, shown, [given[name] for name in names], what="parameters", cutoff=3))
    told = some(asked)
    for modes in (Modes(1, light, [photons(0)]), Modes(2, split, [pattern(1, 0)])):
        if can(subject, modes):
            for values in ((0.1,), (0.1, 0.2, 0.3)):
                work = ModesWork(modes, values, None, 1, options(subject, 4))
                subject.refusal(work, "EIGEN_CIRCUIT_PARAMETERS", what=f"{len(values)} values for 2 parameters")
    return told


def nonsense(subject: Subject) -> str:
    """Values that come with the work, and make no sense."""
    asked: list[bool] = []
    for name, word, value in (
        ("LOSS", "transmissivity", 1.5),
        ("LOSS", "transmissivity", -0.1),
        ("THERMAL", "n", -1.0),
    ):
        for observable in (photons(0), pattern(0)):
            modes = Modes(1, [do(name, 0, **{word: Affine.symbol("t")})], [observable])
            if can(subject, modes):
                work = ModesWork(modes, (value,), None, 1)
                subject.refusal(work, "EIGEN_MODES_INVALID", naming=word, what=f"`{word}` of {value:g}")
                asked.append(True)
    return some(asked)


def metadata(subject: Subject) -> str:
    for modes in (Modes(1, [], [photons(0)]), Modes(1, [], [pattern(0)]), Modes(1, [do("PHOTONS", 0)])):
        if can(subject, modes):
            shots = 3 if modes.columns else None
            told = subject.ask(ModesWork(modes, (), shots, 5)).metadata
            missing = [name for name in ("engine", "version", "precision") if not told.get(name)]
            if subject.has("seed") and told.get("seed") != 5:
                missing.append("seed")
            if missing:
                raise BrokenError(f"the metadata do not tell {', '.join(f'`{name}`' for name in missing)}")
            return ", ".join(f"{name} {told[name]}" for name in ("engine", "version", "precision"))
    return some([])


CHECKS = tuple(
    Check(f"modes_{name}", NOUN, holds, run, NEEDS, source=source, circuits=False, modes=True)
    for name, holds, run, source in (
        ("metadata", "results of photonic programs tell engine, version, precision and seed", metadata, ""),
        ("order", "mode k is mode k, whatever the order in which modes are named", order, ""),
        ("idle", "modes that nothing acts on stay in the vacuum, and in their places", idle, ""),
        ("vacuum", "the vacuum has variance 1 (hbar = 2); a mode that is prepared again loses what it held", vacuum,
         WEEDBROOK),
        ("displacement", "alpha is the mean of a: x has the mean 2 Re alpha, its variance stays", displacement,
         WEEDBROOK),
        ("squeezing", "variances of all quadratures of squeezed light, at any angle and sign", squeezing, WEEDBROOK),
        ("rotation", "a becomes a exp(i phi), for light and for single photons", rotation, WEEDBROOK),
        ("beamsplitter", "amplitudes behind a beamsplitter, with the sign of each and its phase", beamsplitter,
         WEEDBROOK),
        ("two_mode_squeezing", "variances, correlations and photons of a squeezed pair", two_mode_squeezing,
         WEEDBROOK),
        ("loss", "of the energy a part stays, and the rest is vacuum", loss, WEEDBROOK),
        ("thermal", "the photons of a thermal state are geometrically distributed, its variance is 2n + 1", thermal,
         WEEDBROOK),
        ("patterns", "photons of coherent and squeezed light, and of photons that meet", patterns, HONG_OU_MANDEL),
        ("nonlinear", "Kerr, cross-Kerr and cubic phases, and cat states, by their closed forms", nonlinear, ""),
        ("parameters", "parameters are bound in their order, again and again, and counted", parameters, ""),
        ("nonsense", "values that make no sense are refused when they come", nonsense, ""),
    )
)  # fmt: skip

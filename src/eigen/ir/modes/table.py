"""The table of operations on modes: names, numbers of modes, parameters, and what each of them does.

Conventions are those of Strawberry Fields ("Conventions and formulas" of its documentation), in the terms of Weedbrook
et al., Rev. Mod. Phys. 84, 621 (2012), with hbar = 2: x = a + a^, p = -i (a - a^), [x, p] = 2i, and the vacuum has
variance 1 in every quadrature. `a^` is the creation operator, n = a^ a, alpha = r exp(i phi).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HBAR = 2.0
"""[x, p] = i HBAR."""


@dataclass(frozen=True, slots=True)
class ModeGate:
    """One operation. `num_modes` is None where it takes any number of them; `params` pairs the names of its parameters
    with what they are when left out (None: they cannot be); `fixed` are those that no parameter and no outcome may
    stand for. `columns` are the numbers that it measures of each mode."""

    name: str
    num_modes: int | None
    params: Mapping[str, float | None]
    help: str
    fixed: frozenset[str] = field(default_factory=frozenset[str])
    prepares: bool = False
    columns: int = 0


def _rows() -> tuple[ModeGate, ...]:
    turned: Mapping[str, float | None] = {"r": None, "phi": 0.0}
    return (
        ModeGate("VACUUM", 1, {}, "Prepares the vacuum.", prepares=True),
        ModeGate("COHERENT", 1, turned, "Prepares the coherent state of alpha = r exp(i phi).", prepares=True),
        ModeGate("SQUEEZED", 1, turned, "Prepares SQUEEZE(r, phi) of the vacuum.", prepares=True),
        ModeGate("THERMAL", 1, {"n": None}, "Prepares the thermal state of n photons on average.", prepares=True),
        ModeGate("FOCK", 1, {"n": None}, "Prepares n photons.", fixed=frozenset({"n"}), prepares=True),
        ModeGate(
            "CAT",
            1,
            {"r": None, "phi": 0.0, "parity": 0.0},
            "Prepares |alpha> + |-alpha> (parity 0) or |alpha> - |-alpha> (parity 1), normalised.",
            fixed=frozenset({"r", "phi", "parity"}),
            prepares=True,
        ),
        ModeGate("ROTATE", 1, {"phi": None}, "exp(i phi n): a becomes a exp(i phi)."),
        ModeGate("DISPLACE", 1, turned, "exp(alpha a^ - alpha* a): a becomes a + alpha."),
        ModeGate(
            "SQUEEZE",
            1,
            turned,
            "exp((z* a a - z a^ a^) / 2) of z = r exp(i phi): with phi = 0 the variance of x becomes exp(-2r) times as "
            "large, that of p exp(2r) times.",
        ),
        ModeGate(
            "TWO_MODE_SQUEEZE",
            2,
            turned,
            "exp(z a^ b^ - z* a b) of z = r exp(i phi): with phi = 0 the variances of x_a - x_b and p_a + p_b become "
            "exp(-2r) times as large.",
        ),
        ModeGate(
            "BEAMSPLITTER",
            2,
            {"theta": 0.7853981633974483, "phi": 0.0},
            "exp(theta (exp(i phi) a b^ - exp(-i phi) a^ b)): a becomes a cos(theta) - b exp(-i phi) sin(theta), b "
            "becomes b cos(theta) + a exp(i phi) sin(theta). Its transmissivity is cos(theta)^2.",
        ),
        ModeGate("KERR", 1, {"kappa": None}, "exp(i kappa n^2)."),
        ModeGate("CROSS_KERR", 2, {"kappa": None}, "exp(i kappa n_a n_b)."),
        ModeGate("CUBIC_PHASE", 1, {"gamma": None}, "exp(i gamma x^3 / 6): with hbar = 2, gamma x^3 / (3 hbar)."),
        ModeGate(
            "LOSS",
            1,
            {"transmissivity": None},
            "A beamsplitter with a vacuum that is lost: of the energy, `transmissivity` stays.",
        ),
        ModeGate(
            "HOMODYNE",
            1,
            {"phi": 0.0},
            "Measures x cos(phi) + p sin(phi), one number.",
            columns=1,
        ),
        ModeGate(
            "HETERODYNE",
            1,
            {},
            "Measures alpha, its real part and its imaginary part: its density is <alpha|rho|alpha> / pi.",
            columns=2,
        ),
        ModeGate("PHOTONS", None, {}, "Counts the photons of each mode.", columns=1),
        ModeGate("THRESHOLD", None, {}, "Tells of each mode whether it holds photons (1) or none (0).", columns=1),
    )


OPERATIONS: Mapping[str, ModeGate] = {row.name: row for row in _rows()}
"""Every operation by its name."""

COUNTING = frozenset({"PHOTONS", "THRESHOLD"})
"""Measurements whose outcomes are whole numbers."""

OBSERVABLES: Mapping[str, str] = {
    "photons": "the mean of n",
    "quadrature": "the mean of x cos(phi) + p sin(phi)",
    "variance": "the variance of x cos(phi) + p sin(phi)",
    "pattern": "the probability of one number of photons in each mode",
}
"""What may be asked of the final state, exactly."""

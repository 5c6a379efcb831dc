"""Reference rows of time evolution."""

from __future__ import annotations

from eigen.lang.library import drives, evolution
from eigen.lang.library.catalogue.entry import Entry

DYNAMICS_ENTRIES: tuple[Entry, ...] = (
    Entry(
        "evolve",
        "dynamics",
        evolution.SIGNATURE.replace("'", '"'),
        "The dynamics of a state under a Hamiltonian, hbar = 1: an observable, or a list of pairs (observable, "
        "coefficient) with numbers, `Param`s or drives as coefficients. The result has `values` (one row for each of "
        "`times`, one column for each of `observables`), `errors`, `final` (the last row), `times`, and `counts` of "
        "the final state when `shots` are given. `initial` is a bit string or a circuit. `collapse` is a list of "
        "(operator, rate) with `S-0` (decay), `S+0`, `N0` or a Pauli string: then the Lindblad equation holds, by its "
        "density matrix or as the mean of `trajectories` with standard errors. Methods: auto, krylov, chebyshev, "
        "magnus, trotter (of an `order` with so many `steps`), density, trajectories; `tolerance` bounds the error of "
        "the state.",
        "r = evolve(0.5 * pauli('X0'), 3.14159265, times=[0.0, 1.5, 3.14159265], observables=[pauli('Z0')])\n"
        "return r.final, r.values",
        evolution.evolve,
        "EvolutionResult",
    ),
    Entry(
        "cosine_drive",
        "dynamics",
        "omega, phase=0.0",
        "The function cos(omega t + phase) of time, as a coefficient in `evolve`. Drives add, subtract and multiply, "
        "with each other, with numbers and `Param`s.",
        "drive = 0.4 * cosine_drive(2.0)\nh = [(pauli('Z0'), 1.0), (pauli('X0'), drive)]\n"
        "return evolve(h, 4.0, observables=[pauli('Z0')]).final[0]",
        drives.cosine,
        "Drive",
    ),
    Entry(
        "sine_drive",
        "dynamics",
        "omega, phase=0.0",
        "The function sin(omega t + phase) of time.",
        "return evolve([(pauli('X0'), sine_drive(1.0))], 1.0, observables=[pauli('Z0')]).final[0]",
        drives.sine,
        "Drive",
    ),
    Entry(
        "gaussian_drive",
        "dynamics",
        "center, width",
        "The function exp(-(t - center)^2 / (2 width^2)) of time: a pulse.",
        "pulse = 2.0 * gaussian_drive(1.0, 0.2) * cosine_drive(3.0)\n"
        "return evolve([(pauli('X0'), pulse)], 2.0, observables=[pauli('Z0')]).final[0]",
        drives.gaussian,
        "Drive",
    ),
    Entry(
        "polynomial_drive",
        "dynamics",
        "coefficients",
        "The function c[0] + c[1] t + c[2] t^2 + ... of time: a ramp.",
        "ramp = polynomial_drive([-1.0, 0.5])\nh = [(pauli('Z0'), ramp), (pauli('X0'), 0.3)]\n"
        "return evolve(h, 4.0, observables=[pauli('Z0')]).final[0]",
        drives.polynomial,
        "Drive",
    ),
    Entry(
        "table_drive",
        "dynamics",
        "times, values, linear=True",
        "Values at ascending times, joined by straight lines, or each held until the next time. The outer values hold "
        "beyond them.",
        "steps = table_drive([0.0, 1.0], [0.5, -0.5], linear=False)\n"
        "return evolve([(pauli('X0'), steps)], 2.0, observables=[pauli('Z0')]).final[0]",
        drives.table,
        "Drive",
    ),
)

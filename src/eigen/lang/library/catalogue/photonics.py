"""Reference rows of modes of light."""

from __future__ import annotations

from eigen.ir.modes import OPERATIONS
from eigen.lang.library import photonics
from eigen.lang.library.catalogue.entry import Entry

WRITTEN = (
    ("prepare_vacuum", "VACUUM", "mode", ""),
    ("prepare_coherent", "COHERENT", "r, mode, phi=0.0", "0.5, "),
    ("prepare_squeezed", "SQUEEZED", "r, mode, phi=0.0", "0.5, "),
    ("prepare_thermal", "THERMAL", "n, mode", "0.5, "),
    ("prepare_fock", "FOCK", "n, mode", "1, "),
    ("prepare_cat", "CAT", "r, mode, phi=0.0, parity=0", "1.0, "),
    ("rotate", "ROTATE", "phi, mode", "0.5, "),
    ("displace", "DISPLACE", "r, mode, phi=0.0", "0.5, "),
    ("squeeze", "SQUEEZE", "r, mode, phi=0.0", "0.5, "),
    ("two_mode_squeeze", "TWO_MODE_SQUEEZE", "r, first, second, phi=0.0", "0.5, "),
    ("beamsplitter", "BEAMSPLITTER", "theta, first, second, phi=0.0", "0.5, "),
    ("kerr", "KERR", "kappa, mode", "0.1, "),
    ("cross_kerr", "CROSS_KERR", "kappa, first, second", "0.1, "),
    ("cubic_phase", "CUBIC_PHASE", "gamma, mode", "0.1, "),
    ("loss", "LOSS", "transmissivity, mode", "0.9, "),
)
"""Name in the language, operation, signature, and the arguments before the modes in an example."""
SQUEEZED = "m = modes(2)\nsqueeze(0.5, m[0])\nbeamsplitter(0.7853981633974483, m[0], m[1])\n"


def _written(name: str, operation: str, signature: str, before: str) -> Entry:
    row = OPERATIONS[operation]
    targets = "m[0], m[1]" if row.num_modes == 2 else "m[0]"
    example = f"m = modes(2)\n{name}({before}{targets})\nreturn run_modes(m, observables=[photon_number(m[0])]).values"
    doc = row.help if row.num_modes == 2 else f"{row.help} Of a register, each mode."
    return Entry(name, "photonics", signature, doc, example, photonics.operation(operation, signature), "None")


PHOTONIC_ENTRIES: tuple[Entry, ...] = (
    Entry(
        "modes",
        "photonics",
        "n",
        "A register of n modes of light in the vacuum, with hbar = 2: x = a + a^, p = -i (a - a^), where a^ is the "
        "creation operator, and the vacuum has variance 1. Operations are written into it and `run_modes` runs it. "
        "Their parameters may be `Param`s, run-time values, and outcomes that were measured before. A mode that was "
        "measured is gone.",
        f"{SQUEEZED}return run_modes(m, observables=[photon_number(m[0]), photon_number(m[1])]).values",
        photonics.modes,
        "ModeRegister",
    ),
    *(_written(*row) for row in WRITTEN),
    Entry(
        "measure_homodyne",
        "photonics",
        "mode, phi=0.0",
        "Measures the quadrature x cos(phi) + p sin(phi). The outcome is a number of the shot: a later operation on "
        "the same register may depend on it, affinely.",
        "m = modes(2)\ntwo_mode_squeeze(1.0, m[0], m[1])\nx = measure_homodyne(m[0])\n"
        "displace(-0.4 * x, m[1])\nmeasure_homodyne(m[1])\nreturn run_modes(m, shots=10).samples",
        photonics.measure_homodyne,
        "Outcome",
    ),
    Entry(
        "measure_heterodyne",
        "photonics",
        "mode",
        "Measures alpha: a pair of outcomes, its real and its imaginary part, each with the noise of a vacuum besides.",
        f"{SQUEEZED}re, im = measure_heterodyne(m[0])\nreturn run_modes(m, shots=10).samples",
        photonics.measure_heterodyne,
        "tuple",
    ),
    Entry(
        "measure_photons",
        "photonics",
        "*modes",
        "Counts the photons of modes, at once. Where nothing but photons is measured, the result has `counts`: how "
        "often each pattern came, such as `'2,0'`, in the order in which modes were measured.",
        f"{SQUEEZED}measure_photons(m)\nreturn run_modes(m, shots=10).counts",
        photonics.counting("PHOTONS"),
        "list",
    ),
    Entry(
        "measure_threshold",
        "photonics",
        "*modes",
        "Tells of modes, at once, whether each holds photons (1) or none (0).",
        f"{SQUEEZED}measure_threshold(m)\nreturn run_modes(m, shots=10).counts",
        photonics.counting("THRESHOLD"),
        "list",
    ),
    Entry(
        "photon_number",
        "photonics",
        "mode",
        "The mean number of photons, as an observable of `run_modes`. Of a register, one for each mode.",
        f"{SQUEEZED}return run_modes(m, observables=photon_number(m)).values",
        photonics.observable("photons"),
        "ModeObservable",
    ),
    Entry(
        "quadrature",
        "photonics",
        "mode, phi=0.0",
        "The mean of x cos(phi) + p sin(phi), as an observable of `run_modes`.",
        "m = modes(1)\ndisplace(0.5, m[0])\nreturn run_modes(m, observables=[quadrature(m[0])]).values[0]",
        photonics.observable("quadrature"),
        "ModeObservable",
    ),
    Entry(
        "quadrature_variance",
        "photonics",
        "mode, phi=0.0",
        "The variance of x cos(phi) + p sin(phi), as an observable of `run_modes`; that of the vacuum is 1.",
        f"{SQUEEZED}return run_modes(m, observables=[quadrature_variance(m[0])]).values[0]",
        photonics.observable("variance"),
        "ModeObservable",
    ),
    Entry(
        "photon_pattern",
        "photonics",
        "counts",
        "The probability of one number of photons in each mode, as an observable of `run_modes`.",
        "m = modes(2)\nprepare_fock(1, m)\nbeamsplitter(0.7853981633974483, m[0], m[1])\n"
        "return run_modes(m, observables=[photon_pattern([1, 1])]).values[0]",
        photonics.photon_pattern,
        "ModeObservable",
    ),
    Entry(
        "run_modes",
        "photonics",
        "modes, observables=None, params=None, shots=None",
        "Runs what was written into a register of modes so far, on a device that has modes. Where something is "
        "measured, the result has `samples`, a row for each of the `shots` and a column for each number that was "
        "measured, and `counts`; otherwise `values`, one for each of `observables`, exactly. `params` are the values "
        "of its `Param`s.",
        "m = modes(1)\nsqueeze(1.0, m[0])\nmeasure_homodyne(m[0])\nreturn run_modes(m, shots=20).samples",
        photonics.run_modes,
        "ModesResult",
    ),
)

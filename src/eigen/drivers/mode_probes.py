"""Probes of devices that have modes: small, asymmetric photonic programs whose answers are known. They catch swapped
modes, the sign of an angle, another hbar, and swapped halves of a beamsplitter."""

from __future__ import annotations

from math import cos, exp, pi, sin
from typing import TYPE_CHECKING

from eigen.errors import EigenError
from eigen.ir.modes import ModeObservable, ModeOperation, Modes
from eigen.ir.modes.asked import modes_refusal
from eigen.types import ModesWork

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eigen.drivers.driver import QDriver
    from eigen.types import Device

TOLERANCE = 1e-3
"""What a cutoff of the photons may cost."""
NO_SUCH_OPTION = "no_such_option"
R, PHI, THETA, TURN = 0.25, 0.7, 0.5, 0.3
SHOTS = 5


def probe_modes(driver: QDriver, device: Device) -> tuple[str, str] | None:
    """The first probe that fails, by name, with what is wrong; None when all that the device can express pass, and at
    least one does."""
    asked = 0
    for name, modes, expected in _questions():
        if modes.num_modes > device.num_qubits or modes_refusal(device, modes) is not None:
            continue
        try:
            complaint = _compare(driver, device, modes, expected)
        except EigenError as error:
            complaint = f"raised {error.code}: {error.message}"
        except Exception as error:  # a driver may raise anything; a probe turns it into a verdict
            complaint = f"raised {type(error).__name__}: {error}"
        if complaint:
            return name, complaint
        asked += 1
    if not asked:
        return "mode_order", "it can express none of the probes of modes, so that the order of its modes is unproved"
    return _option_refusal(driver, device)


def _questions() -> Sequence[tuple[str, Modes, tuple[float, ...]]]:
    """A beamsplitter sends R exp(i PHI) of mode 0 to cos(THETA) times that, and to
    exp(i TURN) sin(THETA) times that in mode 2; a single photon likewise. One that lets nothing through exchanges two
    modes, so that counts of photons are certain."""
    both = [ModeObservable("photons", (mode,)) for mode in range(3)]
    split = ModeOperation("BEAMSPLITTER", (0, 2), {"theta": THETA, "phi": TURN})
    light = ModeOperation("DISPLACE", (0,), {"r": R, "phi": PHI})
    fields = [ModeObservable("quadrature", (0,)), ModeObservable("quadrature", (2,), 0.2)]
    kept, sent = R * R * cos(THETA) ** 2, R * R * sin(THETA) ** 2
    expected = (kept, 0.0, sent, 2 * R * cos(THETA) * cos(PHI), 2 * R * sin(THETA) * cos(PHI + TURN - 0.2))
    narrow = [ModeObservable("variance", (1,), angle) for angle in (0.0, 0.6)]
    turned = exp(-2 * R) * cos(0.6 - PHI / 2) ** 2 + exp(2 * R) * sin(0.6 - PHI / 2) ** 2
    plain = exp(-2 * R) * cos(PHI / 2) ** 2 + exp(2 * R) * sin(PHI / 2) ** 2
    photon = ModeOperation("FOCK", (0,), {"n": 1})
    patterns = [ModeObservable("pattern", pattern=pattern) for pattern in ((1, 0, 0), (0, 0, 1))]
    two = ModeOperation("FOCK", (1,), {"n": 2})
    exchanged = ModeOperation("BEAMSPLITTER", (0, 2), {"theta": pi / 2, "phi": TURN})
    counted = ModeOperation("PHOTONS", (2, 0, 1))
    return (
        ("mode_order", Modes(3, [light, split], [*both, *fields]), expected),
        (
            "squeezing",
            Modes(2, [ModeOperation("SQUEEZE", (1,), {"r": R, "phi": PHI})], narrow),
            (plain, turned),
        ),
        ("single_photon", Modes(3, [photon, split], patterns), (cos(THETA) ** 2, sin(THETA) ** 2)),
        ("photon_order", Modes(3, [photon, two, exchanged, counted]), (1.0, 0.0, 2.0)),
    )


def _compare(driver: QDriver, device: Device, modes: Modes, expected: Sequence[float]) -> str:
    if modes.columns:
        samples = driver.execute_circuit(device.id, ModesWork(modes, (), SHOTS, 7)).samples
        if samples != tuple(expected) * SHOTS:
            return f"every shot counts {expected} photons, got `{samples}`"
        return ""
    found = driver.execute_circuit(device.id, ModesWork(modes, (), None, 7)).series
    if found is None or len(found) != len(expected):
        return f"expected {len(expected)} values"
    for observable, value, wanted in zip(modes.observables, found, expected, strict=True):
        if not abs(value - wanted) < TOLERANCE:
            return f"`{observable.kind}` of {observable.modes or observable.pattern} is {wanted:.6g}, got `{value:.6g}`"
    return ""


def _option_refusal(driver: QDriver, device: Device) -> tuple[str, str] | None:
    modes = next(modes for _, modes, _ in _questions() if modes_refusal(device, modes) is None)
    shots = SHOTS if modes.columns else None
    try:
        driver.execute_circuit(device.id, ModesWork(modes, (), shots, 7, {NO_SUCH_OPTION: True}))
    except EigenError as error:
        if error.code == "EIGEN_DEVICE_OPTION" and NO_SUCH_OPTION in error.message:
            return None
        return "option_refusal", f"raised {error.code}: {error.message}"
    return "option_refusal", f"the option `{NO_SUCH_OPTION}` was ignored"

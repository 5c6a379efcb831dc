"""Strawberry Fields as devices: values are those of the definitions, and of the native Gaussian device; samples are
distributed as physics says."""

from __future__ import annotations

from collections.abc import Generator
from math import comb, cosh, exp, factorial, pi, sin, sqrt, tanh

import numpy as np
import pytest

from doubles.fock_space import FockSpace
from doubles.hosts import shipped
from doubles.photonic_programs import asked, teleportation
from eigen.drivers.gaussian import GaussianDriver
from eigen.drivers.hosts.hosted import HostedDriver
from eigen.drivers.probes import probe
from eigen.errors import EigenError
from eigen.ir import Affine, CircuitBuilder, ModeObservable, ModeOperation, Modes
from eigen.ir.modes import OPERATIONS
from eigen.types import Json, ModesWork, SampleWork

METHODS = ("gaussian", "fock", "bosonic")
SIZES: dict[str, float] = {
    "r": 0.2,
    "phi": 0.9,
    "n": 0.1,
    "theta": 0.6,
    "transmissivity": 0.7,
    "kappa": 0.4,
    "gamma": 0.1,
}


@pytest.fixture(scope="module")
def driver() -> Generator[HostedDriver]:
    made = shipped("photonic")
    yield made
    made.close()


def series(driver: HostedDriver, method: str, modes: Modes, **options: Json) -> tuple[float, ...]:
    found = driver.execute_circuit(f"photonic:{method}", ModesWork(modes, (), None, 1, options))
    assert found.series is not None
    return found.series


def rows(driver: HostedDriver, method: str, modes: Modes, shots: int, seed: int = 5, **options: Json) -> np.ndarray:
    found = driver.execute_circuit(f"photonic:{method}", ModesWork(modes, (), shots, seed, options))
    assert found.samples is not None
    return np.array(found.samples).reshape(shots, len(modes.columns))


@pytest.mark.parametrize("method", METHODS)
def test_its_probes_pass(driver: HostedDriver, method: str) -> None:
    device = next(device for device in driver.get_devices() if device.id == f"photonic:{method}")
    probe(driver, device)


@pytest.mark.parametrize("method", METHODS)
def test_each_operation_is_its_definition(driver: HostedDriver, method: str) -> None:
    """On a state that is no eigenstate of any of them."""
    device = next(device for device in driver.get_devices() if device.id == f"photonic:{method}")
    start = [ModeOperation("DISPLACE", (mode,), {"r": 0.2 + 0.1 * mode, "phi": 0.5}) for mode in (0, 1)]
    start.append(ModeOperation("SQUEEZE", (1,), {"r": 0.15, "phi": -0.4}))
    for name in device.gates:
        row = OPERATIONS[name]
        if row.columns or name in {"FOCK", "CAT"}:
            continue
        params = {word: SIZES[word] for word in row.params}
        targets = (0, 1) if row.num_modes == 2 else (1,)
        modes = Modes(2, [*start, ModeOperation(name, targets, params)], asked(2))
        found = series(driver, method, modes, **({"cutoff": 12} if method == "fock" else {}))
        assert found == pytest.approx(FockSpace.of(modes, 12), abs=1e-3), name


@pytest.mark.parametrize("method", ["fock", "bosonic"])
@pytest.mark.parametrize(
    "operation",
    [
        ModeOperation("FOCK", (0,), {"n": 2}),
        ModeOperation("CAT", (0,), {"r": 0.8, "phi": 0.4}),
        ModeOperation("CAT", (0,), {"r": 0.8, "phi": 0.4, "parity": 1}),
    ],
)
def test_states_that_are_not_gaussian(driver: HostedDriver, method: str, operation: ModeOperation) -> None:
    modes = Modes(2, [operation, ModeOperation("BEAMSPLITTER", (0, 1), {"theta": 0.6, "phi": 0.3})], asked(2))
    found = series(driver, method, modes, **({"cutoff": 12} if method == "fock" else {}))
    # The bosonic simulator makes photons of a few Gaussians, which is not exact.
    assert found == pytest.approx(FockSpace.of(modes, 12), abs=1e-3 if method == "fock" else 5e-2)


def test_two_photons_that_meet_leave_together(driver: HostedDriver) -> None:
    """Hong, Ou and Mandel, PRL 59, 2044 (1987)."""
    meeting = [ModeOperation("FOCK", (mode,), {"n": 1}) for mode in (0, 1)] + [ModeOperation("BEAMSPLITTER", (0, 1))]
    patterns = [ModeObservable("pattern", pattern=pattern) for pattern in ((1, 1), (2, 0), (0, 2))]
    found = series(driver, "fock", Modes(2, meeting, patterns), cutoff=4)
    assert found == pytest.approx([0.0, 0.5, 0.5], abs=1e-9)
    counted = rows(driver, "fock", Modes(2, [*meeting, ModeOperation("PHOTONS", (0, 1))]), 60, cutoff=4)
    assert {tuple(row) for row in counted} == {(2.0, 0.0), (0.0, 2.0)}


@pytest.mark.parametrize("method", ["gaussian", "fock"])
def test_a_squeezed_vacuum_holds_pairs_of_photons(driver: HostedDriver, method: str) -> None:
    r, most = 0.4, 6
    asking = [ModeObservable("pattern", pattern=(count,)) for count in range(most)]
    modes = Modes(1, [ModeOperation("SQUEEZE", (0,), {"r": r})], asking)
    wanted = [0.0 if count % 2 else comb(count, count // 2) * (tanh(r) / 2) ** count / cosh(r) for count in range(most)]
    assert series(driver, method, modes, **({"cutoff": 16} if method == "fock" else {})) == pytest.approx(
        wanted, abs=1e-6
    )


@pytest.mark.parametrize("method", ["gaussian", "fock"])
def test_photons_of_a_coherent_state_are_poissonian(driver: HostedDriver, method: str) -> None:
    shots, mean = 200, 0.49
    light = [ModeOperation("COHERENT", (1,), {"r": 0.7, "phi": 0.2}), ModeOperation("PHOTONS", (0, 1))]
    found = rows(driver, method, Modes(2, light), shots)
    assert not found[:, 0].any()
    for count in range(3):
        share = exp(-mean) * mean**count / factorial(count)
        assert np.mean(found[:, 1] == count) == pytest.approx(share, abs=5.5 * sqrt(share * (1 - share) / shots))


def test_many_photons_are_counted_and_none_is_dropped(driver: HostedDriver) -> None:
    """The Walrus leaves out shots of five photons and more in a mode unless it is told to count them."""
    shots, mean = 400, 4.0
    light = Modes(1, [ModeOperation("DISPLACE", (0,), {"r": 2.0}), ModeOperation("PHOTONS", (0,))])
    found = driver.execute_circuit("photonic:gaussian", ModesWork(light, (), shots, 5))
    assert found.samples is not None
    assert np.mean(found.samples) == pytest.approx(mean, abs=6 * sqrt(mean / shots))
    assert max(found.samples) > 5
    below = found.metadata["photons_below"]
    assert isinstance(below, int)
    assert exp(-mean) * mean**below / factorial(below) < 1e-9
    with pytest.raises(EigenError, match="photonic:gaussian` counts less than"):
        rows(driver, "gaussian", Modes(1, [ModeOperation("DISPLACE", (0,), {"r": 9.0}), *light.operations[1:]]), 1)


def test_what_is_counted_last_keeps_its_column(driver: HostedDriver) -> None:
    """Photons are counted after everything else, whatever the order in which they are asked for."""
    pair = ModeOperation("TWO_MODE_SQUEEZE", (0, 2), {"r": 0.6})
    ends = [ModeOperation("PHOTONS", (2,)), ModeOperation("HOMODYNE", (1,)), ModeOperation("THRESHOLD", (0,))]
    light = ModeOperation("DISPLACE", (1,), {"r": 20.0})
    found = rows(driver, "gaussian", Modes(3, [pair, light, *ends]), 40)
    assert ((found[:, 0] > 0) == (found[:, 2] == 1.0)).all()
    assert 0 < found[:, 2].sum() < 40
    assert (abs(found[:, 1] - 40.0) < 7.0).all()
    waits = ModeOperation("DISPLACE", (1,), {"r": Affine.symbol("#0")})
    with pytest.raises(EigenError, match="wait for a number of photons"):
        rows(driver, "gaussian", Modes(3, [pair, ends[0], waits, ends[1]]), 2)


@pytest.mark.parametrize("method", METHODS)
def test_a_beamsplitter_takes_its_modes_in_any_order(driver: HostedDriver, method: str) -> None:
    """The Fock backend of Strawberry Fields 0.23 takes them in ascending order only, where a mode lies between."""
    light = [ModeOperation("DISPLACE", (mode,), {"r": 0.2 + 0.1 * mode, "phi": 0.5}) for mode in (0, 2)]
    mixed = [*light, ModeOperation("BEAMSPLITTER", (2, 0), {"theta": 0.5, "phi": 0.3})]
    work = ModesWork(Modes(3, mixed, asked(3)), (), None, 1)
    native = GaussianDriver().execute_circuit("modes:gaussian", work).series
    assert driver.execute_circuit(f"photonic:{method}", work).series == pytest.approx(native, abs=1e-5)


def test_thresholds_of_a_squeezed_pair_agree(driver: HostedDriver) -> None:
    pair = [ModeOperation("TWO_MODE_SQUEEZE", (0, 1), {"r": 0.8}), ModeOperation("THRESHOLD", (0, 1))]
    found = rows(driver, "gaussian", Modes(2, pair), 60)
    assert (found[:, 0] == found[:, 1]).all()
    click = tanh(0.8) ** 2
    assert found[:, 0].mean() == pytest.approx(click, abs=5.5 * sqrt(click * (1 - click) / 60))


@pytest.mark.parametrize("method", ["gaussian", "bosonic"])
def test_a_coherent_state_is_teleported(driver: HostedDriver, method: str) -> None:
    """Braunstein and Kimble, PRL 80, 869 (1998); as the native device does it."""
    shots, squeezing = 400, 0.8
    found = rows(driver, method, teleportation(1.0, 0.5, squeezing), shots)
    noise = 0.5 + exp(-2 * squeezing) / 2
    assert found[:, 2:].mean(0) == pytest.approx([np.cos(0.5), sin(0.5)], abs=5.5 * sqrt(noise / shots))
    assert found[:, 2:].var(0) == pytest.approx([noise, noise], abs=5.5 * noise * sqrt(2 / shots))


@pytest.mark.parametrize("method", ["gaussian", "bosonic"])
def test_homodyne_of_a_pair_and_what_follows_from_it(driver: HostedDriver, method: str) -> None:
    shots = 300
    operations = [
        ModeOperation("TWO_MODE_SQUEEZE", (0, 1), {"r": 0.5}),
        ModeOperation("HOMODYNE", (0,), {"phi": pi / 2}),
        ModeOperation("DISPLACE", (1,), {"r": Affine.symbol("#0") * 0.5, "phi": pi / 2}),
        ModeOperation("HOMODYNE", (1,), {"phi": pi / 2}),
    ]
    found = rows(driver, method, Modes(2, operations), shots)
    assert found[:, 0].var() == pytest.approx(cosh(1.0), abs=5.5 * cosh(1.0) * sqrt(2 / shots))
    left = 2 * exp(-1.0)  # of p_0 + p_1, where two vacuums have 2
    assert found[:, 1].var() == pytest.approx(left, abs=5.5 * left * sqrt(2 / shots))


@pytest.mark.parametrize("method", METHODS)
def test_a_seed_fixes_the_samples(driver: HostedDriver, method: str) -> None:
    modes = Modes(1, [ModeOperation("SQUEEZE", (0,), {"r": 0.3}), ModeOperation("HOMODYNE", (0,))])
    first = rows(driver, method, modes, 5, seed=2**63 + 3)
    assert (rows(driver, method, modes, 5, seed=2**63 + 3) == first).all()
    assert (rows(driver, method, modes, 5, seed=4) != first).any()


def test_values_are_those_of_the_native_device(driver: HostedDriver) -> None:
    operations = [ModeOperation("SQUEEZE", (mode,), {"r": 1.1, "phi": 0.3 * mode}) for mode in range(6)]
    operations += [ModeOperation("BEAMSPLITTER", (k, k + 1), {"theta": 0.4 + k, "phi": 1.0}) for k in range(5)]
    operations += [ModeOperation("LOSS", (3,), {"transmissivity": 0.6}), ModeOperation("DISPLACE", (2,), {"r": 2.0})]
    work = ModesWork(Modes(6, operations, asked(6)), (), None, 1)
    native = GaussianDriver().execute_circuit("modes:gaussian", work).series
    assert driver.execute_circuit("photonic:gaussian", work).series == pytest.approx(native, abs=1e-9)


def test_a_cutoff_is_told_with_what_it_leaves(driver: HostedDriver) -> None:
    light = Modes(1, [ModeOperation("DISPLACE", (0,), {"r": 1.5})], asked(1))
    norms = []
    for cutoff in (4, 8, 20):
        work = ModesWork(light, (), None, 1, {"cutoff": cutoff})
        told = driver.execute_circuit("photonic:fock", work).metadata
        assert told["cutoff"] == cutoff
        norms.append(told["norm"])
    assert norms == pytest.approx(
        [sum(exp(-2.25) * 2.25**k / factorial(k) for k in range(n)) for n in (4, 8, 20)], abs=1e-6
    )


def alone(name: str, **params: float | Affine) -> Modes:
    return Modes(1, [ModeOperation(name, (0,), params)], asked(1))


@pytest.mark.parametrize(
    ("method", "modes", "options", "code"),
    [
        ("gaussian", alone("KERR", kappa=0.1), {}, "EIGEN_SIM_UNSUPPORTED"),
        ("gaussian", alone("ROTATE", phi=0.1), {"cutoff": 5}, "EIGEN_DEVICE_OPTION"),
        ("gaussian", alone("ROTATE", phi=0.1), {"cutof": 5}, "EIGEN_DEVICE_OPTION"),
        ("fock", alone("ROTATE", phi=0.1), {"cutoff": 1}, "EIGEN_DEVICE_OPTION"),
        ("fock", alone("ROTATE", phi=0.1), {"cutoff": True}, "EIGEN_DEVICE_OPTION"),
        ("fock", alone("FOCK", n=9), {}, "EIGEN_SIM_UNSUPPORTED"),
        ("fock", Modes(6, [], asked(1)), {"cutoff": 60}, "EIGEN_SIM_MEMORY"),
        ("fock", Modes(1, [], [ModeObservable("pattern", pattern=(8,))]), {}, "EIGEN_SIM_UNSUPPORTED"),
        ("bosonic", Modes(1, [], [ModeObservable("pattern", pattern=(0,))]), {}, "EIGEN_SIM_UNSUPPORTED"),
        (
            "bosonic",
            Modes(1, [ModeOperation("ROTATE", (0,), {"phi": 1.0}), ModeOperation("FOCK", (0,), {"n": 1})], asked(1)),
            {},
            "EIGEN_SIM_UNSUPPORTED",
        ),
    ],
)
def test_what_it_cannot_do_is_refused(
    driver: HostedDriver, method: str, modes: Modes, options: dict[str, Json], code: str
) -> None:
    with pytest.raises(EigenError) as caught:
        driver.execute_circuit(f"photonic:{method}", ModesWork(modes, (), None, 1, options))
    assert caught.value.code == code


def test_values_that_make_no_sense_and_circuits_of_qubits_are_refused(driver: HostedDriver) -> None:
    lost = alone("LOSS", transmissivity=Affine.symbol("t"))
    with pytest.raises(EigenError) as caught:
        driver.execute_circuit("photonic:gaussian", ModesWork(lost, (1.5,), None, 1))
    assert caught.value.code == "EIGEN_MODES_INVALID"
    with pytest.raises(EigenError) as caught:
        driver.execute_circuit("photonic:gaussian", SampleWork(CircuitBuilder(1, 1).build(), (), 5, 1))
    assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"

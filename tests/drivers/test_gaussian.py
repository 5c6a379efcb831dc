"""Gaussian states: their values are those of the definitions, their samples are distributed as they must be."""

from __future__ import annotations

from math import atan2, cos, exp, pi, sin, sinh

import numpy as np
import pytest
from hypothesis import given, settings

from doubles.fock_space import FockSpace
from doubles.photonic_programs import GAUSSIAN, asked, programs, teleportation
from eigen.drivers.gaussian import GAUSSIAN as DEVICE
from eigen.drivers.gaussian import GaussianDriver
from eigen.errors import EigenError
from eigen.ir import Affine, ModeObservable, ModeOperation, Modes
from eigen.ir.modes import OPERATIONS
from eigen.types import ModesWork, WorkResult

CUTOFF = 10


def run(modes: Modes, shots: int | None = None, seed: int = 5, values: tuple[float, ...] = ()) -> WorkResult:
    return GaussianDriver().execute_circuit(DEVICE.id, ModesWork(modes, values, shots, seed))


def rows(modes: Modes, shots: int, seed: int = 5) -> np.ndarray:
    samples = run(modes, shots, seed).samples
    assert samples is not None
    return np.array(samples).reshape(shots, len(modes.columns))


@settings(max_examples=15, deadline=None)
@given(programs(GAUSSIAN, most=4))
def test_values_are_those_of_the_definitions(modes: Modes) -> None:
    assert run(modes).series == pytest.approx(FockSpace.of(modes, CUTOFF), abs=5e-3)


@pytest.mark.parametrize("name", DEVICE.gates[:-2])
def test_each_operation_is_its_definition(name: str) -> None:
    """On a state that is no eigenstate of any of them, closely."""
    params = {"r": 0.2, "phi": 0.9, "n": 0.1, "theta": 0.6, "transmissivity": 0.7}
    row = {"TWO_MODE_SQUEEZE": (0, 1), "BEAMSPLITTER": (0, 1)}.get(name, (1,))
    start = [ModeOperation("DISPLACE", (mode,), {"r": 0.2 + 0.1 * mode, "phi": 0.5}) for mode in (0, 1)]
    start.append(ModeOperation("SQUEEZE", (1,), {"r": 0.15, "phi": -0.4}))
    operation = ModeOperation(name, row, {word: params[word] for word in OPERATIONS[name].params})
    modes = Modes(2, [*start, operation], asked(2))
    assert run(modes).series == pytest.approx(FockSpace.of(modes, 12), abs=1e-4)


def test_a_two_mode_squeezed_vacuum() -> None:
    r = 1.3
    pair = Modes(
        2,
        [ModeOperation("TWO_MODE_SQUEEZE", (0, 1), {"r": r}), ModeOperation("BEAMSPLITTER", (0, 1))],
        [ModeObservable("photons", (0,)), ModeObservable("variance", (0,)), ModeObservable("variance", (0,), pi / 2)],
    )
    assert run(pair).series == pytest.approx((sinh(r) ** 2, exp(-2 * r), exp(2 * r)))


def test_homodyne_samples_of_correlated_modes() -> None:
    r, shots = 1.0, 40_000
    pair = [
        ModeOperation("TWO_MODE_SQUEEZE", (0, 1), {"r": r}),
        ModeOperation("DISPLACE", (1,), {"r": 0.5, "phi": 0.7}),
    ]
    found = rows(Modes(2, [*pair, ModeOperation("HOMODYNE", (0,)), ModeOperation("HOMODYNE", (1,))]), shots)
    spread = np.cosh(2 * r)
    wanted = np.array([[spread, np.sinh(2 * r)], [np.sinh(2 * r), spread]])
    error = 6 * spread * np.sqrt(2 / shots)
    assert found.mean(0) == pytest.approx([0.0, cos(0.7)], abs=6 * np.sqrt(spread / shots))
    assert np.cov(found.T) == pytest.approx(wanted, abs=error)


def test_heterodyne_has_the_noise_of_a_vacuum_besides() -> None:
    shots = 40_000
    found = rows(
        Modes(1, [ModeOperation("COHERENT", (0,), {"r": 1.5, "phi": 0.3}), ModeOperation("HETERODYNE", (0,))]), shots
    )
    assert found.mean(0) == pytest.approx([1.5 * cos(0.3), 1.5 * sin(0.3)], abs=6 * np.sqrt(0.5 / shots))
    assert np.cov(found.T) == pytest.approx(np.eye(2) / 2, abs=6 * 0.5 * np.sqrt(2 / shots))


def test_waiting_for_outcomes_changes_nothing_but_the_order() -> None:
    """Measuring all at the end, and measuring first and then going on, have the same distribution."""
    shots = 2_000
    early = teleportation(1.0, 0.5, 0.8)
    found = rows(early, shots)
    noise = 0.5 + exp(-2 * 0.8) / 2  # of each part of alpha: the vacuum's twice 1/4, and what the pair lacks
    assert atan2(*found[:, 2:].mean(0)[::-1]) == pytest.approx(0.5, abs=0.1)
    assert found[:, 2:].mean(0) == pytest.approx([cos(0.5), sin(0.5)], abs=6 * np.sqrt(noise / shots))
    assert np.cov(found[:, 2:].T) == pytest.approx(noise * np.eye(2), abs=6 * noise * np.sqrt(2 / shots))


def test_the_same_seed_gives_the_same_samples() -> None:
    modes = teleportation(0.3, 0.1, 0.5)
    assert run(modes, 20, 1).samples == run(modes, 20, 1).samples != run(modes, 20, 2).samples


def test_parameters_are_bound_in_their_order() -> None:
    operations = [
        ModeOperation("DISPLACE", (0,), {"r": Affine.symbol("b"), "phi": Affine.symbol("z") * 2.0}),
        ModeOperation("ROTATE", (0,), {"phi": Affine.symbol("a")}),
    ]
    modes = Modes(1, operations, [ModeObservable("quadrature", (0,))])
    assert modes.parameters == ("z", "b", "a")
    assert run(modes, values=(0.1, 2.0, 0.3)).series == pytest.approx((4.0 * cos(0.5),))


def alone(name: str, **params: float | Affine) -> Modes:
    """One operation on one mode, and what is asked of it."""
    return Modes(1, [ModeOperation(name, (0,), params)], asked(1))


OPEN = Affine.symbol("t")
HOMODYNE = Modes(1, [ModeOperation("HOMODYNE", (0,))])
BOTH = Modes(2, [ModeOperation("HOMODYNE", (0,)), ModeOperation("HOMODYNE", (1,))])


@pytest.mark.parametrize(
    ("modes", "shots", "values", "code"),
    [
        (alone("FOCK", n=1), None, (), "EIGEN_SIM_UNSUPPORTED"),
        (Modes(1, [], [ModeObservable("pattern", pattern=(0,))]), None, (), "EIGEN_SIM_UNSUPPORTED"),
        (Modes(200, [], asked(1)), None, (), "EIGEN_SIM_MEMORY"),
        (alone("SQUEEZE", r=9.0), None, (), "EIGEN_SIM_UNSUPPORTED"),
        (alone("LOSS", transmissivity=OPEN), None, (1.5,), "EIGEN_MODES_INVALID"),
        (alone("DISPLACE", r=OPEN), None, (1e200,), "EIGEN_SIM_UNSUPPORTED"),
        (HOMODYNE, None, (), "EIGEN_DEVICE_OPTION"),
        (Modes(1, [], asked(1)), 5, (), "EIGEN_DEVICE_OPTION"),
        (HOMODYNE, 2_000_000, (), "EIGEN_DEVICE_OPTION"),
        (BOTH, 600_000, (), "EIGEN_LIMIT_EXCEEDED"),
        (Modes(1, [], asked(1)), None, (1.0,), "EIGEN_CIRCUIT_PARAMETERS"),
    ],
)
def test_what_it_cannot_do_is_refused(modes: Modes, shots: int | None, values: tuple[float, ...], code: str) -> None:
    with pytest.raises(EigenError) as caught:
        run(modes, shots, values=values)
    assert caught.value.code == code


def test_shots_that_wait_for_outcomes_are_bounded() -> None:
    feed = ModeOperation("DISPLACE", (1,), {"r": Affine.symbol("#0")})
    modes = Modes(100, [ModeOperation("HOMODYNE", (0,)), *[feed] * 50])
    with pytest.raises(EigenError, match="more than `modes:gaussian` follows"):
        run(modes, 100_000)

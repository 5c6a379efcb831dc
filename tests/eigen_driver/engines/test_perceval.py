"""Perceval as devices: values are those of the definitions, samples are distributed as physics says, and what is no
linear optics is refused by name."""

from __future__ import annotations

from collections.abc import Generator
from math import comb, cos, pi, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doubles.fock_space import FockSpace
from doubles.hosts import shipped
from eigen.drivers.hosts.hosted import HostedDriver
from eigen.drivers.probes import probe
from eigen.errors import EigenError
from eigen.ir import Affine, CircuitBuilder, ModeObservable, ModeOperation, Modes
from eigen.types import Json, ModesWork, SampleWork

METHODS = ("slos", "naive", "clicl")
EXACT = ("slos", "naive")
SAMPLED = ("slos", "clicl")
MOST = 3
"""Photons of a program that is drawn, so that a cutoff above loses none."""


@pytest.fixture(scope="module")
def driver() -> Generator[HostedDriver]:
    made = shipped("perceval")
    yield made
    made.close()


def series(driver: HostedDriver, method: str, modes: Modes, *values: float) -> tuple[float, ...]:
    found = driver.execute_circuit(f"perceval:{method}", ModesWork(modes, values, None, 1))
    assert found.series is not None
    return found.series


def rows(driver: HostedDriver, method: str, modes: Modes, shots: int, seed: int = 5) -> np.ndarray:
    found = driver.execute_circuit(f"perceval:{method}", ModesWork(modes, (), shots, seed))
    assert found.samples is not None
    return np.array(found.samples).reshape(shots, len(modes.columns))


def patterns(num_modes: int, most: int) -> list[ModeObservable]:
    """Every number of photons in each mode, up to so many together."""
    found: list[tuple[int, ...]] = [()]
    for _ in range(num_modes):
        found = [(*row, count) for row in found for count in range(most + 1) if sum(row) + count <= most]
    return [ModeObservable("pattern", pattern=row) for row in found]


@st.composite
def optics(draw: st.DrawFn) -> list[ModeOperation]:
    """Linear optics of two modes: photons at the beginning, and now and then anew."""
    left, found = MOST, list[ModeOperation]()
    for mode in (0, 1):
        count = draw(st.integers(0, left))
        left -= count
        found.append(ModeOperation("FOCK", (mode,), {"n": count}))
    for name in draw(st.lists(st.sampled_from(["ROTATE", "BEAMSPLITTER", "LOSS", "VACUUM", "FOCK"]), max_size=5)):
        mode = draw(st.integers(0, 1))
        if name == "ROTATE":
            found.append(ModeOperation(name, (mode,), {"phi": draw(st.floats(-pi, pi))}))
        elif name == "BEAMSPLITTER":
            angles = {"theta": draw(st.floats(-pi, pi)), "phi": draw(st.floats(-pi, pi))}
            found.append(ModeOperation(name, (mode, 1 - mode), angles))
        elif name == "LOSS":
            found.append(ModeOperation(name, (mode,), {"transmissivity": draw(st.floats(0.0, 1.0))}))
        elif name == "VACUUM":
            found.append(ModeOperation(name, (mode,)))
        elif left:
            left -= 1
            found.append(ModeOperation(name, (mode,), {"n": 1}))
    return found


@pytest.mark.parametrize("method", METHODS)
def test_its_probes_pass(driver: HostedDriver, method: str) -> None:
    probe(driver, next(device for device in driver.get_devices() if device.id == f"perceval:{method}"))


@settings(max_examples=40, deadline=None)
@given(optics())
def test_values_are_those_of_the_definitions(driver: HostedDriver, operations: list[ModeOperation]) -> None:
    asking = patterns(2, MOST)
    photons = [ModeObservable("photons", (mode,)) for mode in (0, 1)]
    wanted = FockSpace.of(Modes(2, operations, [*asking, *photons]), MOST + 1)
    assert series(driver, "slos", Modes(2, operations, [*asking, *photons])) == pytest.approx(wanted, abs=1e-9)
    assert series(driver, "naive", Modes(2, operations, asking)) == pytest.approx(wanted[:-2], abs=1e-9)


@pytest.mark.parametrize("method", SAMPLED)
def test_two_photons_that_meet_leave_together(driver: HostedDriver, method: str) -> None:
    """Hong, Ou and Mandel, PRL 59, 2044 (1987)."""
    meeting = [ModeOperation("FOCK", (mode,), {"n": 1}) for mode in (0, 2)] + [ModeOperation("BEAMSPLITTER", (0, 2))]
    counted = rows(driver, method, Modes(3, [*meeting, ModeOperation("PHOTONS", (2, 1, 0))]), 400)
    assert {tuple(row) for row in counted} == {(2.0, 0.0, 0.0), (0.0, 0.0, 2.0)}
    assert (counted[:, 0] == 2.0).mean() == pytest.approx(0.5, abs=5.5 * 0.5 / sqrt(400))


@pytest.mark.parametrize("method", SAMPLED)
def test_of_many_photons_loss_leaves_a_binomial_number(driver: HostedDriver, method: str) -> None:
    shots, kept = 2000, 0.6
    lossy = [ModeOperation("FOCK", (1,), {"n": 4}), ModeOperation("LOSS", (1,), {"transmissivity": kept})]
    found = rows(driver, method, Modes(2, [*lossy, ModeOperation("PHOTONS", (1,))]), shots)[:, 0]
    for count in range(5):
        share = comb(4, count) * kept**count * (1 - kept) ** (4 - count)
        assert np.mean(found == count) == pytest.approx(share, abs=6 * sqrt(share * (1 - share) / shots))
    clicked = rows(driver, method, Modes(2, [*lossy, ModeOperation("THRESHOLD", (0, 1))]), shots)
    assert not clicked[:, 0].any()
    share = 1 - (1 - kept) ** 4
    assert clicked[:, 1].mean() == pytest.approx(share, abs=6 * sqrt(share * (1 - share) / shots))


def interferometer(num_modes: int) -> list[ModeOperation]:
    """Layers of beamsplitters, all of them different."""
    found: list[ModeOperation] = []
    for layer in range(num_modes):
        for mode in range(layer % 2, num_modes - 1, 2):
            angles: dict[str, Any] = {"theta": 0.3 + 0.2 * layer + 0.1 * mode, "phi": 0.7 * mode - 0.4 * layer}
            found.append(ModeOperation("BEAMSPLITTER", (mode, mode + 1), angles))
    return found


def test_three_ways_through_an_interferometer_agree(driver: HostedDriver) -> None:
    light = [ModeOperation("FOCK", (mode,), {"n": 1}) for mode in (0, 2, 3)]
    asking = patterns(5, 3)
    mixed = [*light, *interferometer(5)]
    odds = series(driver, "slos", Modes(5, mixed, asking))
    assert series(driver, "naive", Modes(5, mixed, asking)) == pytest.approx(odds, abs=1e-12)
    assert sum(odds) == pytest.approx(1.0)
    shots = 5000
    for method in SAMPLED:
        found = rows(driver, method, Modes(5, [*mixed, ModeOperation("PHOTONS", tuple(range(5)))]), shots)
        for row, share in zip(asking, odds, strict=True):
            seen = np.mean((found == row.pattern).all(1))
            assert seen == pytest.approx(share, abs=6 * sqrt(share * (1 - share) / shots) + 10 / shots), row


def test_parameters_are_bound_by_name(driver: HostedDriver) -> None:
    turn = {"theta": Affine.symbol("t") * 2.0, "phi": Affine.symbol("f")}
    made = [ModeOperation("FOCK", (0,), {"n": 1}), ModeOperation("BEAMSPLITTER", (0, 1), turn)]
    modes = Modes(2, made, [ModeObservable("photons", (0,))])
    assert modes.parameters == ("f", "t")
    assert series(driver, "slos", modes, 0.7, 0.2) == pytest.approx([cos(0.4) ** 2])


def test_idle_modes_cost_nothing(driver: HostedDriver) -> None:
    wide = Modes(32, [ModeOperation("FOCK", (31,), {"n": 9}), ModeOperation("PHOTONS", (31, 0))])
    assert rows(driver, "slos", wide, 3).tolist() == [[9.0, 0.0]] * 3
    dark = Modes(3, [ModeOperation("BEAMSPLITTER", (0, 1))], [ModeObservable("photons", (2,))])
    assert series(driver, "slos", dark) == (0.0,)
    assert rows(driver, "clicl", Modes(2, [ModeOperation("THRESHOLD", (1, 0))]), 2).tolist() == [[0.0, 0.0]] * 2


@pytest.mark.parametrize("method", SAMPLED)
def test_a_seed_fixes_the_samples(driver: HostedDriver, method: str) -> None:
    mixed = [ModeOperation("FOCK", (0,), {"n": 4}), *interferometer(4), ModeOperation("PHOTONS", (0, 1, 2, 3))]
    modes = Modes(4, mixed)
    for seed in (0, 2**63 + 3, 2**64 - 1):
        assert (rows(driver, method, modes, 300, seed) == rows(driver, method, modes, 300, seed)).all()
    assert (rows(driver, method, modes, 300, 3) != rows(driver, method, modes, 300, 2**63 + 3)).any()


PHOTON = ModeOperation("FOCK", (0,), {"n": 1})
COUNTED = ModeOperation("PHOTONS", (0,))


@pytest.mark.parametrize(
    ("method", "modes", "shots", "options", "code", "named"),
    [
        ("slos", Modes(1, [ModeOperation("SQUEEZE", (0,), {"r": 0.1}), COUNTED]), 5, {}, "SIM_UNSUPPORTED", "SQUEEZE"),
        ("clicl", Modes(1, [ModeOperation("THERMAL", (0,), {"n": 1}), COUNTED]), 5, {}, "SIM_UNSUPPORTED", "THERMAL"),
        ("slos", Modes(1, [ModeOperation("HOMODYNE", (0,))]), 5, {}, "SIM_UNSUPPORTED", "HOMODYNE"),
        ("naive", Modes(1, [PHOTON, COUNTED]), 5, {}, "SIM_UNSUPPORTED", "PHOTONS"),
        ("slos", Modes(1, [], [ModeObservable("variance", (0,))]), None, {}, "SIM_UNSUPPORTED", "variance"),
        ("clicl", Modes(1, [], [ModeObservable("photons", (0,))]), None, {}, "SIM_UNSUPPORTED", "photons"),
        (
            "slos",
            Modes(
                2,
                [COUNTED, ModeOperation("ROTATE", (1,), {"phi": Affine.symbol("#0")}), ModeOperation("PHOTONS", (1,))],
            ),
            5,
            {},
            "SIM_UNSUPPORTED",
            "depend on an outcome",
        ),
        ("slos", Modes(1, [PHOTON, COUNTED]), 5, {"cutoff": 5}, "DEVICE_OPTION", "cutoff"),
        ("clicl", Modes(1, [ModeOperation("FOCK", (0,), {"n": 21}), COUNTED]), 5, {}, "SIM_MEMORY", "21"),
        (
            "slos",
            Modes(20, [ModeOperation("FOCK", (0,), {"n": 12}), *interferometer(20), COUNTED]),
            5,
            {},
            "SIM_MEMORY",
            "141120525",
        ),
        (
            "naive",
            Modes(1, [PHOTON, *[ModeOperation("LOSS", (0,), {"transmissivity": 0.5})] * 300], patterns(1, 1)),
            None,
            {},
            "SIM_MEMORY",
            "256",
        ),
        (
            "naive",
            Modes(
                1,
                [ModeOperation("FOCK", (0,), {"n": 12}), *[ModeOperation("LOSS", (0,), {"transmissivity": 0.5})] * 12],
                patterns(1, 0),
            ),
            None,
            {},
            "SIM_UNSUPPORTED",
            "12",
        ),
    ],
)
def test_what_it_cannot_do_is_refused(
    driver: HostedDriver, method: str, modes: Modes, shots: int | None, options: dict[str, Json], code: str, named: str
) -> None:
    with pytest.raises(EigenError, match=named) as caught:
        driver.execute_circuit(f"perceval:{method}", ModesWork(modes, (), shots, 1, options))
    assert caught.value.code == f"EIGEN_{code}"


def test_values_that_make_no_sense_and_circuits_of_qubits_are_refused(driver: HostedDriver) -> None:
    lost = ModeOperation("LOSS", (0,), {"transmissivity": Affine.symbol("t")})
    with pytest.raises(EigenError) as caught:
        series(driver, "slos", Modes(1, [lost], patterns(1, 0)), 1.5)
    assert caught.value.code == "EIGEN_MODES_INVALID"
    with pytest.raises(EigenError) as caught:
        driver.execute_circuit("perceval:slos", SampleWork(CircuitBuilder(1, 1).build(), (), 5, 1))
    assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"

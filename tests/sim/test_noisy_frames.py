"""Noisy Clifford circuits against Stim and against closed forms; packed bits; Pauli gates that depend on outcomes."""

from __future__ import annotations

import random

import numpy as np
import pytest
import stim
from numpy.typing import NDArray
from scipy.stats import chi2
from stim_circuits import from_stim, unpacked, with_noise

from eigen import _core

FALSE_POSITIVE_RATE = 1e-9  # of one comparison; there are fewer than 100 in this file
NOISE = "depolarizing(0.02, 0.03) + measure(0.01) + reset(0.015)"


def assert_same_distribution(ours: NDArray[np.bool_], theirs: NDArray[np.bool_]) -> None:
    """Two-sample chi-square over whole keys; keys that came fewer than 20 times in all are pooled."""
    assert ours.shape == theirs.shape
    keys = np.concatenate([np.packbits(ours, axis=1), np.packbits(theirs, axis=1)])
    _, index = np.unique(keys, axis=0, return_inverse=True)
    index = index.ravel()
    half = len(ours)
    a = np.bincount(index[:half], minlength=index.max() + 1)
    b = np.bincount(index[half:], minlength=index.max() + 1)
    often = a + b >= 20
    a = np.append(a[often], a[~often].sum())
    b = np.append(b[often], b[~often].sum())
    filled = a + b >= 20
    a, b = a[filled], b[filled]
    if len(a) > 1:
        statistic = float((((a - b) ** 2) / (a + b)).sum())
        assert statistic < chi2.isf(FALSE_POSITIVE_RATE, len(a) - 1), (statistic, len(a))


def random_circuit(seed: int, feeds_forward: bool) -> stim.Circuit:
    """Four qubits, ten or so measurements on the way, in any basis."""
    choice = random.Random(seed)
    out = stim.Circuit()
    measured = 0
    for _ in range(40):
        a, b = choice.sample(range(4), 2)
        kind = choice.choice(["one", "one", "two", "two", "measure", "reset", "feed"])
        if kind == "one":
            out.append(choice.choice(["H", "S", "S_DAG", "SQRT_X", "X", "Y", "Z"]), [a])
        elif kind == "two":
            out.append(choice.choice(["CX", "CY", "CZ", "SWAP", "ISWAP"]), [a, b])
        elif kind == "measure" and measured < 10:
            out.append(choice.choice(["M", "MR", "MX" if not feeds_forward else "M"]), [a])
            measured += 1
        elif kind == "reset" and choice.random() < 0.5:
            out.append("R", [a])
        elif kind == "feed" and feeds_forward and measured:
            back = -choice.randint(1, min(3, measured))
            out.append(choice.choice(["CX", "CZ", "CY"]), [stim.target_rec(back), a])
    out.append("M", range(4))
    return out


@pytest.mark.parametrize("feeds_forward", [False, True], ids=["plain", "feed-forward"])
@pytest.mark.parametrize("seed", range(12))
def test_records_are_distributed_as_those_of_stim(seed: int, feeds_forward: bool) -> None:
    bare = random_circuit(seed, feeds_forward)
    # Stim has no noise that depends on outcomes, as that of a conditional gate does.
    p1, p2 = (0.0, 0.0) if feeds_forward else (0.02, 0.03)
    noisy = with_noise(bare, p1, p2, 0.01, 0.015)
    noise = "measure(0.01) + reset(0.015)" if feeds_forward else NOISE
    plan = _core.Plan(from_stim(bare), engine="stabilizer", options={"noise": noise})
    shots = 40_000
    ours = unpacked(plan.sample_bits(shots=shots, seed=seed), bare.num_measurements)
    theirs = noisy.compile_sampler(seed=seed).sample(shots)
    assert_same_distribution(ours, theirs)


def surface_code(distance: int, rounds: int, rate: float) -> stim.Circuit:
    return stim.Circuit.generated(
        "surface_code:rotated_memory_z",
        distance=distance,
        rounds=rounds,
        after_clifford_depolarization=rate,
        before_measure_flip_probability=rate,
        after_reset_flip_probability=rate,
    )


def detectors(circuit: stim.Circuit, bits: NDArray[np.bool_]) -> NDArray[np.bool_]:
    found = circuit.compile_m2d_converter().convert(measurements=bits, append_observables=True)
    return np.asarray(found, dtype=bool)


def test_detectors_of_a_surface_code_fire_together_as_in_stim() -> None:
    circuit = surface_code(3, 2, 0.01)
    noise = "depolarizing(0.01, 0.01) + measure(0.01) + reset(0.01)"
    plan = _core.Plan(from_stim(circuit), engine="stabilizer", options={"noise": noise})
    ours = unpacked(plan.sample_bits(shots=200_000, seed=5), circuit.num_measurements)
    theirs = circuit.compile_sampler(seed=5).sample(200_000)
    assert_same_distribution(detectors(circuit, ours), detectors(circuit, theirs))


@pytest.mark.parametrize("distance", [3, 15])
def test_without_noise_no_detector_fires(distance: int) -> None:
    circuit = surface_code(distance, distance, 0.0)
    plan = _core.Plan(from_stim(circuit), engine="stabilizer")
    bits = unpacked(plan.sample_bits(shots=1100, seed=1), circuit.num_measurements)
    assert not detectors(circuit, bits).any()
    assert bits.mean() > 0.1  # outcomes themselves are open


def test_bits_do_not_depend_on_threads_and_agree_with_counts() -> None:
    circuit = from_stim(surface_code(3, 3, 0.01))
    plans = [_core.Plan(circuit, engine="stabilizer", threads=t, options={"noise": NOISE}) for t in (1, 2)]
    bits = [plan.sample_bits(shots=5000, seed=7) for plan in plans]
    np.testing.assert_array_equal(bits[0], bits[1])
    keys, counts = np.unique(bits[0][:, ::-1], axis=0, return_counts=True)
    counted = plans[1].sample(shots=5000, seed=7)
    assert counted.values == counts.tolist()
    assert counted.keys_packed == keys[:, ::-1].tobytes()


def test_other_engines_give_bits_too() -> None:
    builder = _core.CircuitBuilder(3, 9)
    builder.gate("H", [0])
    builder.gate("CX", [0, 2])
    builder.measure([0, 1, 2], [0, 4, 8])
    plan = _core.Plan(builder.build())
    bits = plan.sample_bits(shots=1000, seed=3)
    assert bits.shape == (1000, 2)
    assert {tuple(row) for row in bits.tolist()} == {(0, 0), (1, 1)}
    ones = int((bits[:, 0] == 1).sum())
    assert plan.sample(shots=1000, seed=3).values == [1000 - ones, ones]
    # In random order: the first half holds about as many ones as the second, within seven standard deviations.
    assert abs(int((bits[:500, 0] == 1).sum()) - ones / 2) < 7 * 8


def test_two_thousand_noisy_qubits() -> None:
    width, shots = 2000, 20_000
    builder = _core.CircuitBuilder(width, width)
    builder.gate("H", [0])
    for qubit in range(width - 1):
        builder.gate("CX", [qubit, qubit + 1])
    builder.measure(list(range(width)), list(range(width)))
    rate = 0.01
    plan = _core.Plan(builder.build(), engine="stabilizer", options={"noise": f"readout({rate})"})
    bits = unpacked(plan.sample_bits(shots=shots, seed=2), width)
    # Neighbours differ when exactly one of them is misread.
    differs = (bits[:, 1:] ^ bits[:, :-1]).mean()
    expected = 2 * rate * (1 - rate)
    # Neighbouring parities share a qubit, so their covariance at most triples the variance; seven standard deviations.
    assert abs(differs - expected) < 7 * (3 * expected / (shots * (width - 1))) ** 0.5
    majority = bits.mean(axis=1) > 0.5
    assert abs(majority.mean() - 0.5) < 7 * 0.5 / shots**0.5


def test_asymmetric_readout_depends_on_the_outcome() -> None:
    builder = _core.CircuitBuilder(2, 2)
    builder.gate("X", [1])
    builder.measure([0, 1], [0, 1])
    plan = _core.Plan(builder.build(), engine="stabilizer", options={"noise": "readout(0.1, 0.3)"})
    share = unpacked(plan.sample_bits(shots=100_000, seed=1), 2).mean(axis=0)
    np.testing.assert_allclose(share, [0.1, 0.7], atol=7 * (0.21 / 1e5) ** 0.5)


def decided(noise: str) -> _core.Plan:
    """A circuit whose outcome decides about a gate that is no Pauli gate: each shot is a history of its own."""
    builder = _core.CircuitBuilder(2, 2)
    builder.gate("H", [0])
    builder.measure([0], [0])
    builder.gate("H", [1], condition=_core.Condition.bit(0))
    builder.gate("X", [1])
    builder.measure([1], [1])
    return _core.Plan(builder.build(), engine="stabilizer", options={"noise": noise})


def test_noise_where_outcomes_decide() -> None:
    counts = decided("pauli(x=0.2) + readout(0.1)").sample(shots=100_000, seed=4).to_dict()
    share = {key: count / 100_000 for key, count in counts.items()}
    # A true 0 in bit 0 is recorded as 1 in a tenth of the shots, and the record decides. Without H: X errors after X
    # (0.2), then misread: 1 is recorded with 0.8 * 0.9 + 0.2 * 0.1; after H either with one half.
    expected = {"00": 0.5 * 0.26, "10": 0.5 * 0.74, "01": 0.25, "11": 0.25}
    for key, value in expected.items():
        assert abs(share[key] - value) < 7 * (0.25 / 1e5) ** 0.5, key


def test_channels_that_are_no_pauli_mixtures_are_refused_by_name() -> None:
    circuit = _core.CircuitBuilder(1).build()
    with pytest.raises(_core.CoreError, match="amplitude damping of the noise model is no mixture") as caught:
        _core.Plan(circuit, engine="stabilizer", options={"noise": "amplitude_damping(0.1)"})
    assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"
    with pytest.raises(_core.CoreError, match="has no option `noises`"):
        _core.Plan(circuit, engine="stabilizer", options={"noises": "readout(0.1)"})

"""Parts of a run: their counts add up to those of the run, shot for shot, whatever happens on the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigen._core import Condition, CoreError, Counts, Plan
from eigen.ir import CircuitBuilder

if TYPE_CHECKING:
    from eigen.ir import Circuit

WIDTH = 4
NOISE = {"noise": "depolarizing(0.04) + readout(0.03)"}
ENGINES: dict[str, tuple[str, dict[str, Any], bool]] = {
    "statevector": ("statevector", {}, False),
    "trajectories": ("statevector", NOISE | {"noise_method": "trajectories"}, False),
    "damped trajectories": (
        "statevector",
        {"noise": "amplitude_damping(0.1)", "noise_method": "trajectories"},
        False,
    ),
    "noise": ("statevector", NOISE, False),
    "density": ("density", NOISE, False),
    "stabilizer": ("stabilizer", {}, True),
    "noisy stabilizer": ("stabilizer", NOISE, True),
    "sparse": ("sparse", {}, False),
    "mps": ("mps", {}, False),
}
QUBITS = st.integers(0, WIDTH - 1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("turn"), QUBITS, st.sampled_from(["H", "S", "X", "SX"])),
        st.tuples(st.just("join"), QUBITS, QUBITS),
        st.tuples(st.just("measure"), QUBITS, QUBITS),
        st.tuples(st.just("reset"), QUBITS, st.none()),
        st.tuples(st.just("when"), QUBITS, QUBITS),
    ),
    min_size=1,
    max_size=12,
)


def built(steps: list[Any], *, clifford: bool, reads: bool) -> Circuit:
    builder = CircuitBuilder(WIDTH, 2 * WIDTH)
    for number, (kind, qubit, other) in enumerate(steps):
        if kind == "turn":
            builder.gate(other, [qubit])
            if not clifford:
                builder.gate("RY", [qubit], [0.3 + 0.2 * number])
        elif kind == "join" and other != qubit:
            builder.gate("CX", [qubit, other])
        elif kind == "measure":
            builder.measure([qubit], [other])
        elif kind == "reset":
            builder.reset([qubit])
        elif kind == "when":
            builder.gate("H", [qubit], condition=Condition.bit(other))
    if reads:
        builder.measure(range(WIDTH), range(WIDTH, 2 * WIDTH))
    return builder.build()


def merged(parts: list[Counts]) -> Counts:
    found = parts[0]
    for other in parts[1:]:
        found = found.merge(other)
    return found


@pytest.mark.parametrize("engine", ENGINES)
@given(
    steps=STEPS,
    reads=st.booleans(),
    shots=st.sampled_from([1, 2, 63, 1500, 20_000]),
    count=st.integers(1, 7),
    seed=st.integers(0, 2**64 - 1),
    threads=st.integers(1, 2),
)
@settings(max_examples=40)
def test_parts_add_up_to_the_run(
    engine: str, steps: list[Any], reads: bool, shots: int, count: int, seed: int, threads: int
) -> None:
    name, options, clifford = ENGINES[engine]
    circuit = built(steps, clifford=clifford, reads=reads)
    plan = Plan(circuit, engine=name, options=options)  # type: ignore[arg-type]
    other = Plan(circuit, engine=name, threads=threads, options=options)  # type: ignore[arg-type]
    whole = plan.sample(shots=shots, seed=seed)
    parts = [other.sample(shots=shots, seed=seed, part=(index, count)) for index in range(count)]
    assert merged(parts) == whole
    assert sum(part.shots for part in parts) == shots


@pytest.mark.parametrize("threads", [1, 2])
def test_parts_of_many_histories_are_of_about_one_size(threads: int) -> None:
    """Thousands of trajectories in eight parts: each does between a half and twice its share of them."""
    builder = CircuitBuilder(8, 8)
    for layer in range(6):
        for qubit in range(8):
            builder.gate("RY", [qubit], [0.4 + 0.1 * layer + 0.07 * qubit])
        for qubit in range(layer % 2, 7, 2):
            builder.gate("CX", [qubit, qubit + 1])
    builder.measure(range(8), range(8))
    options = {"noise": "depolarizing(0.01)", "noise_method": "trajectories"}
    plan = Plan(builder.build(), threads=threads, options=options)
    whole = plan.sample(shots=20_000, seed=3)
    trajectories = plan.facts()["trajectories"]
    assert trajectories > 4_000
    parts: list[Counts] = []
    shares: list[int] = []
    for index in range(8):
        parts.append(plan.sample(shots=20_000, seed=3, part=(index, 8)))
        shares.append(plan.facts()["trajectories"])
    assert merged(parts) == whole
    assert sum(shares) == trajectories
    assert trajectories / 16 < min(shares) <= max(shares) < trajectories / 4, shares


@pytest.mark.parametrize("part", [(2, 2), (0, 0), (0, 5000)])
def test_what_is_no_part_is_refused(part: tuple[int, int]) -> None:
    plan = Plan(built([("measure", 0, 0)], clifford=True, reads=True))
    with pytest.raises(CoreError) as caught:
        plan.sample(shots=10, seed=1, part=part)
    assert caught.value.code == "EIGEN_SIM_ARGUMENTS"


def test_an_engine_that_draws_from_one_answer_has_no_parts() -> None:
    builder = CircuitBuilder(1, 1)
    builder.measure([0], [0])
    plan = Plan(builder.build(), engine="tn")
    with pytest.raises(CoreError) as caught:
        plan.sample(shots=10, seed=1, part=(0, 2))
    assert caught.value.code == "EIGEN_SIM_UNSUPPORTED"


def test_a_part_needs_the_memory_of_the_whole_run() -> None:
    """With little memory the run is done in several walks, and a part of those would be another run's."""
    builder = CircuitBuilder(10, 10)
    for qubit in range(10):
        builder.gate("H", [qubit])
    builder.measure(range(10), range(10))
    options = {"noise": "depolarizing(0.05)", "noise_method": "trajectories"}
    plan = Plan(builder.build(), threads=1, memory_limit_bytes=10 * (16 << 10), options=options)
    assert plan.sample(shots=5000, seed=1).shots == 5000
    with pytest.raises(CoreError) as caught:
        plan.sample(shots=5000, seed=1, part=(0, 2))
    assert caught.value.code == "EIGEN_SIM_MEMORY"

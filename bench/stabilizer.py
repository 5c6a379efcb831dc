"""Noisy surface-code memory, distance 15 and 15 rounds: shots a second of our frames beside Stim's compiled samplers.

Every round runs every rival once; the fastest of them counts. Stim draws on one thread.
"""

from __future__ import annotations

import importlib
import time
from typing import TYPE_CHECKING, Any

from bench.report import print_table, save
from eigen import _core

if TYPE_CHECKING:
    from collections.abc import Callable

DISTANCE, ROUNDS, RATE = 15, 15, 1e-3
NOISE = f"depolarizing({RATE}, {RATE}) + measure({RATE}) + reset({RATE})"
REPETITIONS = 7
OURS_SHOTS, STIMS_SHOTS = 65_536, 8_192


def memory(stim: Any) -> Any:
    """Stim's circuit with every kind of noise that its generator knows."""
    return stim.Circuit.generated(
        "surface_code:rotated_memory_z",
        distance=DISTANCE,
        rounds=ROUNDS,
        after_clifford_depolarization=RATE,
        before_round_data_depolarization=RATE,
        before_measure_flip_probability=RATE,
        after_reset_flip_probability=RATE,
    )


def ours(circuit: Any) -> _core.Circuit:
    """The same without noise, which the model adds; idle data qubits get identity gates, so that it finds them."""
    builder = _core.CircuitBuilder(circuit.num_qubits, circuit.num_measurements)
    measured, follows_gate = 0, False
    for step in circuit.flattened():
        qubits = [target.value for target in step.targets_copy()]
        if step.name == "H" or (step.name == "DEPOLARIZE1" and not follows_gate):
            for qubit in qubits:
                builder.gate("H" if step.name == "H" else "I", [qubit])
        elif step.name == "CX":
            for first, second in zip(qubits[::2], qubits[1::2], strict=True):
                builder.gate("CX", [first, second])
        elif step.name in {"M", "MR"}:
            builder.measure(qubits, list(range(measured, measured + len(qubits))))
            measured += len(qubits)
        if step.name in {"R", "MR"}:
            builder.reset(qubits)
        follows_gate = step.name == "H"
    return builder.build()


def main() -> None:
    """Measure and print."""
    stim = importlib.import_module("stim")
    circuit = memory(stim)
    mine = ours(circuit)
    rivals: dict[str, tuple[Callable[[int], object], int]] = {}
    for threads in (1, 2):
        plan = _core.Plan(mine, engine="stabilizer", threads=threads, options={"noise": NOISE})
        plan.sample_bits(shots=1, seed=0)
        rivals[f"eigen, {threads} thread{'s' * (threads > 1)}, records"] = (
            lambda shots, plan=plan: plan.sample_bits(shots=shots, seed=1),
            OURS_SHOTS,
        )
    records, detectors = circuit.compile_sampler(seed=1), circuit.compile_detector_sampler(seed=1)
    rivals[f"stim {stim.__version__}, records"] = (lambda n: records.sample(n, bit_packed=True), STIMS_SHOTS)
    rivals[f"stim {stim.__version__}, detectors"] = (lambda n: detectors.sample(n, bit_packed=True), STIMS_SHOTS)
    seconds: dict[str, list[float]] = {name: [] for name in rivals}
    for _ in range(REPETITIONS):
        for name, (sample, shots) in rivals.items():
            begun = time.perf_counter()
            sample(shots)
            seconds[name].append((time.perf_counter() - begun) / shots)
    rates = {name: 1 / min(times) for name, times in seconds.items()}
    title = f"Surface code, distance {DISTANCE}, {ROUNDS} rounds, errors {RATE}: shots a second"
    print_table(title, ("sampler", "shots"), [(name, f"{rate:,.0f}") for name, rate in rates.items()])
    save("stabilizer", {"seconds_a_shot": seconds})


if __name__ == "__main__":
    main()

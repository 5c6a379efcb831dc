"""Predicted seconds of noisy runs against measured ones, on each native engine that has noise."""

from __future__ import annotations

import math
import time
from random import Random
from typing import TYPE_CHECKING, Any

from eigen import _core
from eigen.ir import CircuitBuilder, NoiseModel

if TYPE_CHECKING:
    from eigen.ir import Circuit

SEEDS = {"noisy, fitted": 21, "noisy, held out": 22}
MOST_SEC = 5.0
THREADS = 0
Row = dict[str, Any]


def raced(which: str, count: int) -> list[Row]:
    """Predicted and measured seconds of drawn noisy runs that are predicted to take at most a few seconds."""
    dice = Random(SEEDS[which])
    rows: list[Row] = []
    while len(rows) < count:
        engine = dice.choice(("statevector", "statevector", "density", "stabilizer"))
        width = (
            dice.randint(30, 300) if engine == "stabilizer" else dice.randint(3, 20 if engine == "statevector" else 10)
        )
        circuit = _drawn(dice, width, clifford=engine == "stabilizer")
        rate = 10 ** dice.uniform(-4, -1.5)
        text = dice.choice((f"depolarizing({rate:.2g})", f"bit_flip({rate:.2g}) + readout({rate:.2g})"))
        if engine != "stabilizer" and dice.random() < 0.4:
            text = f"amplitude_damping({rate:.2g})"
        shots = int(10 ** dice.uniform(2, 4.5))
        noise = NoiseModel.parse(text)
        verdicts = {row[0]: row for row in _core.engine_verdicts_with_noise(circuit, noise, shots=shots)}
        _, predicted, _, why = verdicts[engine]
        if predicted is None or predicted > MOST_SEC:
            continue
        began = time.perf_counter()
        plan = _core.Plan(circuit, engine=engine, threads=THREADS, options={"noise": text})
        plan.sample([], shots=shots, seed=1)
        seconds = time.perf_counter() - began
        name = f"{width} qubits, {len(circuit)} gates, {text}, {shots} shots: {why}"
        rows.append({"circuit": name, "device": f"sim:{engine}", "predicted": predicted, "measured": seconds})
    return rows


def _drawn(dice: Random, width: int, *, clifford: bool) -> Circuit:
    builder = CircuitBuilder(width)
    for layer in range(dice.randint(1, 12)):
        for qubit in range(width):
            if clifford:
                builder.gate(dice.choice(("H", "S", "X")), [qubit])
            else:
                builder.gate("U", [qubit], [dice.uniform(0, math.pi), dice.uniform(0, 6), dice.uniform(0, 6)])
        for qubit in range(layer % 2, width - 1, 2):
            builder.gate("CX", [qubit, qubit + 1])
    return builder.build().measure_all()
